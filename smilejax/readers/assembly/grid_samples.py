"""Samples of a trial at the places of a regular grid, and the blinks among them. Pure NumPy.

A place is in a blink if any recorded sample is that stands there or anywhere between the places before and after, or that
its value is computed from. A blink shorter than a step of the grid is so kept, and a longer one grows by less than two steps
at either end. Where no row stands, none was reported.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from smilejax.readers.assembly.sampling_clock import F64, I64, TrialClock, tolerance

Way = Literal["as measured", "interpolated", "averaged"]

AVERAGED_FROM = 1.5
"""A trial recorded at this many times the common rate or more is averaged; one nearer to it is interpolated at its times."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A trial on its grid: pupil `f64[T, 2]`, blinks `bool[T, 2]` where reported, and how the values came there."""

    pupil: F64
    blink: npt.NDArray[np.bool_] | None
    way: Way = "as measured"


def place(clock: TrialClock, pupil: F64, blink: npt.NDArray[np.bool_] | None, target_hz: float, tick: float) -> Placed:
    """Put the R rows of a trial on the grid of `target_hz`.

    Arguments:
        clock: where the rows stand in time.
        pupil: `f64[R, 2]`, NaN where missing.
        blink: `bool[R, 2]`, or None.
        target_hz: samples per second of all trials; that of the clock, or lower.
        tick: last digit of the clock in seconds.
    """
    way: Way
    ratio = clock.rate_hz / target_hz
    if abs(ratio - 1) > tolerance(clock, tick):
        at = clock.seconds * target_hz
        way = "averaged" if ratio >= AVERAGED_FROM else "interpolated"
        piece = _averaged(at, pupil) if way == "averaged" else _interpolated(at, pupil)
    elif clock.off <= clock.slack:
        at, way = clock.index.astype(np.float64), "as measured"
        piece = _scattered(clock.index, pupil)
    else:
        at, way = clock.seconds * clock.rate_hz, "interpolated"
        piece = _interpolated(at, pupil)
    if blink is None:
        return Placed(piece, None, way)
    marks = _around(at, blink, len(piece))
    return Placed(piece, marks | _computed_from(at, pupil, blink, len(piece)) if way == "interpolated" else marks, way)


def _around(at: F64, blink: npt.NDArray[np.bool_], samples: int) -> npt.NDArray[np.bool_]:
    """`bool[T, 2]`: the places less than a step away from a sample in a blink. `at` is in samples from the first."""
    marks = np.zeros((samples, 2), np.bool_)
    first, last = np.floor(at + 1e-6).astype(np.int64), np.ceil(at - 1e-6).astype(np.int64)
    for eye in range(2):
        for places in (first, last):
            marks[np.minimum(places[blink[:, eye]], samples - 1), eye] = True
    return marks


def _computed_from(at: F64, pupil: F64, blink: npt.NDArray[np.bool_], samples: int) -> npt.NDArray[np.bool_]:
    """`bool[T, 2]`: the places whose value is interpolated from a sample in a blink."""
    grid = np.arange(samples, dtype=np.float64)
    marks = np.zeros((samples, 2), np.bool_)
    for eye in range(2):
        there = np.isfinite(pupil[:, eye])
        if there.any():
            left, right, within = _neighbours(at[there], grid)
            shut = blink[there, eye]
            marks[:, eye] = within & (shut[left] | shut[right])
    return marks


def _scattered(index: I64, pupil: F64) -> F64:
    """Samples at their places, NaN at the others."""
    piece = np.full((index[-1] + 1, pupil.shape[1]), np.nan)
    piece[index] = pupil
    return piece


def _interpolated(at: F64, pupil: F64) -> F64:
    """Linear between measured neighbours no further than 2 samples apart. `at` is in samples from the first."""
    grid = np.arange(int(at[-1] + 1e-6) + 1, dtype=np.float64)
    piece = np.full((len(grid), pupil.shape[1]), np.nan)
    for eye in range(pupil.shape[1]):
        there = np.isfinite(pupil[:, eye])
        if not there.any():
            continue
        x, y = at[there], pupil[there, eye]
        _, _, within = _neighbours(x, grid)
        piece[within, eye] = np.interp(grid[within], x, y)
    return piece


def _neighbours(x: F64, grid: F64) -> tuple[I64, I64, npt.NDArray[np.bool_]]:
    """`i64[T]`, which of the measured samples at `x` stand before and after each place of the grid, or on it, and
    `bool[T]`, whether they are near enough to compute a value from."""
    right = np.clip(np.searchsorted(x, grid), 0, len(x) - 1)
    left = np.where(x[right] <= grid, right, np.maximum(right - 1, 0))
    return left, right, (x[left] <= grid) & (grid <= x[right]) & (x[right] - x[left] <= 2 + 1e-6)


def _averaged(at: F64, pupil: F64) -> F64:
    """Mean of the samples within half a sample of each place, which also keeps faster changes from folding over.

    A sample just between two places counts half for either, so that nothing is shifted. `at` is in samples of the
    lower rate from the first.
    """
    samples = int(np.floor(at[-1] + 0.5 - 1e-6)) + 1
    first = np.maximum(np.ceil(at - 0.5 - 1e-6), 0).astype(np.int64)
    last = np.minimum(np.floor(at + 0.5 + 1e-6), samples - 1).astype(np.int64)
    piece = np.full((samples, pupil.shape[1]), np.nan)
    for eye in range(pupil.shape[1]):
        there = np.isfinite(pupil[:, eye])
        weight = np.where(last > first, 0.5, 1.0)[there]
        places = np.concatenate((first[there], last[there]))
        weights = np.concatenate((weight, np.where(last > first, 0.5, 0.0)[there]))
        total = np.bincount(places, weights * np.tile(pupil[there, eye], 2), samples)
        count = np.bincount(places, weights, samples)
        piece[count > 0, eye] = total[count > 0] / count[count > 0]
    return piece
