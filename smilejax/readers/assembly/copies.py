"""Trials that hold the same pupils: a file copied under another name, or a person's data saved or pasted twice. One is then
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
    """Trials with the same samples, by pair of files, or in one.

    Arguments:
        rows: S rows of N trials.
        raw: `f64[S, 2]` as the file writes them, NaN where missing.
    """
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
        first, other = ("" if rows.files is None else rows.files.at(int(rows.start[trial])) for trial in pair)
        found.setdefault((first, other), []).append(pair)
    if not found:
        return ()
    shown = [f"{_place(*files)} the same pupils in {_pairs(rows, those)}" for files, those in found.items()]
    out = "one file" if all(first != other for first, other in found) else "one of each"
    said = f"{listed(shown, NAMED)}. A model would be trained and tested on the same trials: leave {out} out"
    return (Finding("copies of recordings", said, "warning"),)


def _place(first: str, other: str) -> str:
    if first != other:
        return f"{first!r} and {other!r} hold"
    return f"{first!r} holds" if first else "the file holds"


def _pairs(rows: Rows, those: list[tuple[int, int]]) -> str:
    first, other = those[0]
    return f"{several(len(those), 'trial')}, as in {rows.name[first]} and {rows.name[other]}"
