"""Pupils that a tracker measures more rarely than gaze: their table has rows without a pupil that are no blinks."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from smilejax.recordings.source import Finding

FEWEST = 20
"""Rows with a pupil that a recording must have to tell its rhythm."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Which rows are samples of the pupil, `bool[S]`, and what is to be said of it."""

    rows: npt.NDArray[np.bool_]
    findings: tuple[Finding, ...]


def pupil_rows(has_pupil: npt.NDArray[np.bool_], recording: npt.NDArray[np.int64]) -> Kept:
    """Rows at which the pupil is measured, where it is measured more rarely than the table has rows.

    It is where, in a recording, most rows with a pupil have none in the row behind them. Then every so many rows are a sample
    of the pupil, and the others are left out; a sample that is due and has no pupil, as in a blink, stays and is missing.

    Arguments:
        has_pupil: `bool[S]`, whether a row holds a pupil of either eye.
        recording: `i64[S]`, to which recording each row belongs.
    """
    keep = np.ones(len(has_pupil), np.bool_)
    every: list[float] = []
    order = np.argsort(recording, kind="stable")
    begins = np.flatnonzero(np.diff(recording[order], prepend=-1))
    for first, end in pairwise([*begins.tolist(), len(order)]):
        rows = order[first:end]
        step = _step(has_pupil[rows])
        if step is not None:
            keep[rows] = _due(has_pupil[rows], step)
            every.append(step)
    if not every:
        return Kept(keep, ())
    shown = " to ".join(dict.fromkeys(f"{step:.3g}" for step in (min(every), max(every))))
    left = int(np.count_nonzero(~keep))
    value = (
        f"slower than gaze: one for {shown} rows; {left} rows without a pupil between are left out, and are no blinks"
    )
    return Kept(keep, (Finding("pupil", value, "inferred"),))


def _step(has: npt.NDArray[np.bool_]) -> float | None:
    """Rows from one pupil to the next, or None where the pupil is measured with every row."""
    gaps = np.diff(np.flatnonzero(has))
    if len(gaps) + 1 < FEWEST or 2 * np.count_nonzero(gaps < 2) > len(gaps) or np.median(gaps) < 2:
        return None
    usual = gaps[gaps <= 1.5 * np.median(gaps)]
    return float(usual.mean())


def _due(has: npt.NDArray[np.bool_], step: float) -> npt.NDArray[np.bool_]:
    """Rows that hold a pupil, and those at which one was due: evenly between two that are further apart than usual."""
    at = np.flatnonzero(has)
    due = has.copy()
    for first, last in pairwise(at.tolist()):
        between = round((last - first) / step)
        if between > 1:
            due[np.round(np.linspace(first, last, between + 1)).astype(np.int64)] = True
    before = np.round(at[0] - step * np.arange(1, at[0] / step + 1)).astype(np.int64)
    after = np.round(at[-1] + step * np.arange(1, (len(has) - at[-1]) / step + 1)).astype(np.int64)
    due[before[before >= 0]] = True
    due[after[after < len(has)]] = True
    return due
