"""The finding itself: by how much the second class differs from the first, over time and over stretches of it.

NumPy on the host: arrays are small, and what a reader would check by hand is written as one would.
"""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
By = Literal["participants", "trials"]

LEVEL = 0.95
MIN_UNITS = 3
"""Fewest participants (or trials of either class) that a mean and its interval are given for: with two, the 95 % interval is
nine times as wide as the difference between them."""


class Curve(NamedTuple):
    """Means over time, with intervals that hold at each time step on its own (pointwise)."""

    mean: Floats
    """`f64[2, T]`, of either class, in the unit of the trace; NaN at steps with too few."""
    mean_low: Floats
    mean_high: Floats
    difference: Floats
    """`f64[T]`, second class minus first."""
    low: Floats
    high: Floats


class Stretch(NamedTuple):
    """Mean difference over a stretch of time: second class minus first. Scalars; NaN with too few."""

    difference: Any
    low: Any
    high: Any
    p: Any
    """Two-sided, of a mean difference of 0 (t test)."""


class Contrast(NamedTuple):
    """What one recipe's cleaned_traces say about the classes."""

    curve: Curve
    window: Stretch
    whole: Stretch
    peak: Stretch
    """At the time step where the difference is largest: picked for it, so p is NaN and the interval is too kind."""
    peak_ms: Any
    """The time of that step, in ms from the start of the trial."""
    units: Any
    """Participants with both classes, or, by trials, the trials: those the window's difference rests on."""


def unit_of(participant: npt.NDArray[np.int32], label: npt.NDArray[np.int32]) -> By:
    """What differences are taken over: participants if at least 3 have trials of both classes, else trials."""
    both = set(participant[label == 0].tolist()) & set(participant[label == 1].tolist())
    return "participants" if len(both) >= MIN_UNITS else "trials"


def contrast(
    x: Floats,
    valid: npt.NDArray[np.bool_],
    label: npt.NDArray[np.int32],
    participant: npt.NDArray[np.int32],
    time_ms: Floats,
    window_ms: tuple[float, float],
    by: By,
) -> Contrast:
    """The difference between the classes, second minus first.

    By participants: for each participant with both classes the mean trace per class (over trials, at steps where valid), and
    the difference between the two; then mean and t interval over participants. By trials: over all trials of a class, with
    Welch's interval; it takes trials as independent, which those of one person are not.

    A stretch's difference is each unit's own, averaged over the stretch's steps, then over units.

    Arguments:
        x: `f64[N, T]`, the trace; valid: `bool[N, T]`; only trials that were kept and are labelled.
        label: `i32[N]`, 0 or 1; participant: `i32[N]`, codes from 0.
        time_ms: `f64[T]`, of each step; window_ms: from and to, the end excluded.
        by: see `unit_of`; settled once for a recording, so that recipes compare.
    """
    inside = (time_ms >= window_ms[0] - 1e-6) & (time_ms < window_ms[1] - 1e-6)
    everywhere = np.ones(len(time_ms), bool)
    if by == "participants":
        pairs = _participant_means(x, valid, label, participant)
        apart = pairs[1] - pairs[0]
        curve = _curve([_mean(p) for p in pairs], _mean(apart))
        window, whole = (Stretch(*_mean(_over(apart, steps))) for steps in (inside, everywhere))
        units = np.isfinite(_over(apart, inside)).sum()
    else:
        classes = [np.where(valid, x, np.nan)[label == k] for k in (0, 1)]
        curve = _curve([_mean(c) for c in classes], _welch(*classes))
        window, whole = (Stretch(*_welch(*(_over(c, s) for c in classes))) for s in (inside, everywhere))
        units = sum(np.isfinite(_over(c, inside)).sum() for c in classes)
    peak, peak_ms = _peak(curve, time_ms)
    return Contrast(curve, window, whole, peak, peak_ms, units)


def _curve(classes: list[tuple[Floats, ...]], apart: tuple[Floats, ...]) -> Curve:
    """From mean, low, high and p of either class, and of their difference."""
    mean, mean_low, mean_high = (np.stack([part[i] for part in classes]) for i in range(3))
    difference, low, high, _ = apart
    return Curve(mean, mean_low, mean_high, difference, low, high)


def _participant_means(
    x: Floats, valid: npt.NDArray[np.bool_], label: npt.NDArray[np.int32], participant: npt.NDArray[np.int32]
) -> Floats:
    """`f64[2, P, T]`: mean trace per class of each participant who has both classes; NaN where none is valid."""
    people = np.intersect1d(participant[label == 0], participant[label == 1])
    own = people[:, None] == participant
    means = np.full((2, len(people), x.shape[1]), np.nan)
    for k in (0, 1):
        rows = (own & (label == k)).astype(np.float64)
        count = rows @ valid
        np.divide(rows @ np.where(valid, x, 0.0), count, out=means[k], where=count > 0)
    return means


def _over(x: Floats, steps: npt.NDArray[np.bool_]) -> Floats:
    """`f64[U]`: mean of each unit over the steps at which it has a value."""
    x = x[:, steps]
    there = np.isfinite(x)
    count = there.sum(1)
    mean = np.full(len(x), np.nan)
    np.divide(np.where(there, x, 0.0).sum(1), count, out=mean, where=count > 0)
    return mean


def _moments(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean, and squared standard error over the first axis, passing over NaN; NaN where fewer than `MIN_UNITS`."""
    there = np.isfinite(x)
    n = there.sum(0).astype(np.float64)
    enough = n >= MIN_UNITS
    safe = np.maximum(n, 2)
    mean = np.where(there, x, 0.0).sum(0) / safe
    squares = (np.where(there, x - mean, 0.0) ** 2).sum(0) / (safe - 1) / safe
    return n, np.where(enough, mean, np.nan), np.where(enough, squares, np.nan)


def _mean(x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean over the first axis, its interval, and p."""
    n, mean, squares = _moments(x)
    return _with_interval(mean, np.sqrt(squares), n - 1)


def _welch(a: Floats, b: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean of b minus mean of a, Welch's interval, and p."""
    (n_a, mean_a, sq_a), (n_b, mean_b, sq_b) = _moments(a), _moments(b)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = (sq_a + sq_b) ** 2 / (sq_a**2 / (n_a - 1) + sq_b**2 / (n_b - 1))
    return _with_interval(mean_b - mean_a, np.sqrt(sq_a + sq_b), df)


def _with_interval(mean: Floats, error: Floats, df: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    from scipy import stats  # half a second

    df = np.where(np.isfinite(error) & (df > 0), df, np.nan)
    half = stats.t.ppf((1 + LEVEL) / 2, df) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stats.t.sf(np.abs(mean / error), df)
    return mean, mean - half, mean + half, p


def _peak(curve: Curve, time_ms: Floats) -> tuple[Stretch, float]:
    if not np.isfinite(curve.difference).any():
        return Stretch(np.nan, np.nan, np.nan, np.nan), np.nan
    at = int(np.nanargmax(np.abs(curve.difference)))
    return Stretch(curve.difference[at], curve.low[at], curve.high[at], np.nan), float(time_ms[at])
