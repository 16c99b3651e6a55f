"""Trials of two files that hold the same pupils: a file copied under another name, or a person's data saved twice. One is then
trained on and the other tested, which is leakage."""

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import listed
from smilejax._util.number_text import several
from smilejax.readers.rows import Rows
from smilejax.recordings.source import Finding

FEWEST_SAMPLES = 10
"""Measured samples, not all of one value, by which trials are recognised as copies."""

NAMED = 3
"""So many pairs of files are named."""


def copies(rows: Rows, raw: npt.NDArray[np.float64]) -> tuple[Finding, ...]:
    """Trials of two files with the same samples, by pair of files.

    Arguments:
        rows: S rows of N trials.
        raw: `f64[S, 2]` as the file writes them, NaN where missing.
    """
    if rows.files is None:
        return ()
    alike: dict[tuple[float, ...], list[int]] = {}
    start = rows.start[:-1]
    measured = np.add.reduceat(np.isfinite(raw), start, dtype=np.int64)
    low, high = np.fmin.reduceat(raw, start), np.fmax.reduceat(raw, start)
    total = np.add.reduceat(np.nan_to_num(raw), start)
    judged = ((measured >= FEWEST_SAMPLES) & (low < high)).any(axis=1)
    pairs: list[tuple[int, int]] = []
    slices = rows.slices()
    for trial in np.flatnonzero(judged).tolist():
        key = (float(len(raw[slices[trial]])), *measured[trial].tolist(), *total[trial].tolist())
        before = alike.setdefault(key, [])
        same = next((i for i in before if np.array_equal(raw[slices[i]], raw[slices[trial]], equal_nan=True)), None)
        if same is None:
            before.append(trial)
        else:
            pairs.append((same, trial))
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for pair in pairs:
        first, other = (rows.files.at(int(rows.start[trial])) for trial in pair)
        if first != other:
            found.setdefault((first, other), []).append(pair)
    if not found:
        return ()
    shown = [
        f"{first!r} and {other!r} hold the same pupils in {several(len(those), 'trial')}, as in {rows.name[those[0][0]]} and "
        f"{rows.name[those[0][1]]}"
        for (first, other), those in found.items()
    ]
    said = f"{listed(shown, NAMED)}. A model would be trained and tested on the same trials: leave one file out"
    return (Finding("copies of recordings", said, "warning"),)
