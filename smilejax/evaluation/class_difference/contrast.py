"""The difference between the classes over time, and as the mean over a window. A multiverse follows it.

Definition of the difference, second class minus first:

By participants, where at least three have trials of both classes. For each of these participants
1. the mean trace of either class: at each time step the mean over the participant's kept trials that are valid there;
2. the difference between the two traces at each step at which both exist;
3. its mean over those steps of the window: one number for the participant, every step counted equally.
The difference is the mean of these numbers, every participant counted equally; interval and p are those of a t test of them
against 0. They are about other participants who watch the same stimuli; for other stimuli too, see `crossed_difference`.

By trials, where fewer participants have both classes. Each kept trial gives its mean over its valid steps in the window; the
difference is the mean over the trials of the second class minus that over the first, with Welch's interval and p. Trials of
one participant are not independent, so that this interval is too narrow.

Averages in another order give other numbers where values are missing or participants have unequally many trials: the mean
of all samples of a class, for instance, weighs participants by how much of them is valid.

NumPy on the host: arrays are small, and the code follows the definition line by line.
"""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax.evaluation.statistics.mean_interval import Floats, MeanInterval, mean_interval, welch_interval

By = Literal["participants", "trials"]

MIN_COUNT = 3
"""Fewest participants (or trials of either class) that a mean and its interval are given for: with two, the 95% interval is
nine times as wide as the difference between them."""

DEFINITIONS: dict[By, str] = {
    "participants": "The difference is taken within each participant who has trials of both classes (mean trace of either "
    "class, difference at each time step, mean over the window), and then averaged over participants.",
    "trials": "The difference is that between the means over trials of either class, each trial averaged over its valid "
    "samples in the window; the interval takes trials as independent, which those of one participant are not.",
}
"""The definition above in a sentence, for tables and figures."""


class Curve(NamedTuple):
    """Means over time, with intervals that hold at each time step on its own (pointwise). `...` is R recipes, or nothing."""

    mean: Floats
    """`f64[..., 2, T]`, of either class, in the unit of the trace; NaN at steps with too few values."""
    mean_low: Floats
    mean_high: Floats
    difference: Floats
    """`f64[..., T]`, second class minus first."""
    low: Floats
    high: Floats


class MeanDifference(NamedTuple):
    """The difference over a window of time, second class minus first; `f64[...]` each, NaN with too few."""

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    """Two-sided, for a difference of 0 (t test)."""


class Contrast(NamedTuple):
    """The difference between the classes in the traces of one recipe; of R recipes, every array has a leading axis R."""

    curve: Curve
    window: MeanDifference
    whole: MeanDifference
    """Over the whole trial."""
    peak: MeanDifference
    """At the time step where the difference is largest. Since it was chosen for that, p is NaN and the interval too narrow."""
    peak_ms: Floats
    """`f64[...]`, the time of that step, in ms from the start of the trial."""
    n_compared: npt.NDArray[np.int64]
    """`i64[...]`, participants with both classes, or trials, that the window's difference is averaged over."""


def compared_over(participant: npt.NDArray[np.int32], label: npt.NDArray[np.int32]) -> By:
    """What differences are averaged over: participants if at least three have trials of both classes, else trials."""
    both = set(participant[label == 0].tolist()) & set(participant[label == 1].tolist())
    return "participants" if len(both) >= MIN_COUNT else "trials"


def contrast(
    x: Floats,
    valid: npt.NDArray[np.bool_],
    label: npt.NDArray[np.int32],
    participant: npt.NDArray[np.int32],
    time_ms: Floats,
    window_ms: tuple[float, float],
    by: By,
) -> Contrast:
    """The difference between the classes, as the module's docstring defines it.

    Arguments:
        x: `f64[N, T]`, the trace; valid: `bool[N, T]`; only trials that were kept and are labelled.
        label: `i32[N]`, 0 or 1; participant: `i32[N]`, codes from 0.
        time_ms: `f64[T]`, of each step; window_ms: from and to, the end excluded.
        by: see `compared_over`; decided once for a recording, so that recipes can be compared.
    """
    inside = (time_ms >= window_ms[0] - 1e-6) & (time_ms < window_ms[1] - 1e-6)
    everywhere = np.ones(len(time_ms), bool)
    if by == "participants":
        classes = list(participant_means(x, valid, label, participant))
        within = classes[1] - classes[0]
        curve = _curve([_mean(one) for one in classes], _mean(within))
        window, whole = (MeanDifference(*_mean(_over(within, steps))) for steps in (inside, everywhere))
        count = np.isfinite(_over(within, inside)).sum()
    else:
        classes = [np.where(valid, x, np.nan)[label == k] for k in (0, 1)]
        curve = _curve([_mean(one) for one in classes], _mean(classes[1], classes[0]))
        window, whole = (
            MeanDifference(*_mean(_over(classes[1], steps), _over(classes[0], steps))) for steps in (inside, everywhere)
        )
        count = sum(np.isfinite(_over(one, inside)).sum() for one in classes)
    return Contrast(curve, window, whole, *_peak(curve, time_ms), np.asarray(count, np.int64))


def _mean(x: Floats, minus: Floats | None = None) -> MeanInterval:
    """A mean, or a difference between two, with its interval; no mean either where there are fewer than `MIN_COUNT` values."""
    few = MIN_COUNT
    found = mean_interval(x, min_units=few) if minus is None else welch_interval(x, minus, min_units=few)
    return MeanInterval(*(np.asarray(np.where(np.isnan(found.low), np.nan, part)) for part in found))


def _curve(classes: list[MeanInterval], difference: MeanInterval) -> Curve:
    mean, mean_low, mean_high = (np.stack([one[i] for one in classes]) for i in range(3))
    return Curve(mean, mean_low, mean_high, difference.mean, difference.low, difference.high)


def participant_means(
    x: Floats, valid: npt.NDArray[np.bool_], label: npt.NDArray[np.int32], participant: npt.NDArray[np.int32]
) -> Floats:
    """`f64[2, P, T]`: mean trace per class of each participant who has both classes; NaN where no trial is valid."""
    participants = np.intersect1d(participant[label == 0], participant[label == 1])
    own = participants[:, None] == participant
    means = np.full((2, len(participants), x.shape[1]), np.nan)
    for k in (0, 1):
        rows = (own & (label == k)).astype(np.float64)
        count = rows @ valid
        np.divide(rows @ np.where(valid, x, 0.0), count, out=means[k], where=count > 0)
    return means


def _over(x: Floats, steps: npt.NDArray[np.bool_]) -> Floats:
    """`f64[U]`: mean of each row over those of the steps at which it has a value."""
    x = x[:, steps]
    known = np.isfinite(x)
    count = known.sum(1)
    mean = np.full(len(x), np.nan)
    np.divide(np.where(known, x, 0.0).sum(1), count, out=mean, where=count > 0)
    return mean


def _peak(curve: Curve, time_ms: Floats) -> tuple[MeanDifference, Floats]:
    nan = np.array(np.nan)
    if not np.isfinite(curve.difference).any():
        return MeanDifference(nan, nan, nan, nan), nan
    at = int(np.nanargmax(np.abs(curve.difference)))
    difference, low, high = (np.asarray(values[at]) for values in (curve.difference, curve.low, curve.high))
    return MeanDifference(difference, low, high, nan), np.asarray(time_ms[at])
