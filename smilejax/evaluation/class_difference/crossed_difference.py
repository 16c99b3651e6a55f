"""The difference between the classes over a window of time, with an interval for other participants and other stimuli.

The difference is defined as in `contrast`: within each participant who has trials of both classes the mean trace of either
class, their difference at each step, its mean over the steps of the window; then the mean over participants. Where fewer than
three participants have both classes and each class has three of its own, it is that between the classes' mean traces, each
participant counted once. Else trials are averaged, and there is no interval.

A t interval of participants' differences is about other participants who watch the same stimuli. Where each stimulus has one
class, the stimuli's own effects do not cancel, and such an interval is too narrow for other stimuli (Clark 1973). So
participants and stimuli are drawn both: `statistics.crossed_bootstrap`, as for scores. Measured: docs/statistics.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax._util.errors import DataError
from smilejax.evaluation.class_difference.contrast import MIN_COUNT
from smilejax.evaluation.statistics.crossed_bootstrap import Interval, SampleSizes, crossed_interval_of

Floats = npt.NDArray[np.float64]
Over = Literal["within participants", "between participants", "trials"]
BLOCK = 2**20
"""Steps of weighted traces made at once: 8 MiB an array."""


@dataclass(frozen=True, eq=False)
class CrossedDifference:
    """The difference between the classes over a window, second class minus first.

    Arguments:
        interval: estimate, low and high in the unit of the trace; NaN where there is none. Its units are the participants and
            stimuli (0: not recorded) that were drawn, and the trials.
        over: how it was averaged: "within participants" who have both classes, "between participants" of one class each, or
            "trials".
        why_no_interval: empty where there is one.
    """

    interval: Interval
    over: Over
    why_no_interval: str


def crossed_difference(
    x: Float[np.ndarray, "N T"],
    valid: Bool[np.ndarray, "N T"],
    label: Int[np.ndarray, " N"],
    participant: Int[np.ndarray, " N"],
    stimulus: Int[np.ndarray, " N"],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int | np.random.Generator,
) -> CrossedDifference:
    """The difference between the classes over all steps given, with an interval for other participants and stimuli.

    The interval varies participants and stimuli, or participants alone where stimuli are not known.

    Arguments:
        x: `f[N, T]`, traces cut to the window, of trials that were kept and are labelled; valid: `bool[N, T]`. Trials that
            are valid at no step are left out.
        label: `i[N]`, 0 or 1. participant, stimulus: `i[N]`, codes from 0; stimulus all -1 where not known.
        level, draws, seed: of the interval; see `statistics.crossed_interval_of`.

    Raises:
        DataError: no trials of a class, a participant is not known, or a stimulus is known for some trials only.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> participant, stimulus = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
        >>> x = rng.normal(size=(48, 1)) + np.zeros((48, 5)) + 2.0 * (stimulus % 2)[:, None]
        >>> found = crossed_difference(x, np.isfinite(x), stimulus % 2, participant, stimulus, seed=0)
        >>> found.over, str(found.interval.units)
        ('within participants', '8 participants and 6 stimuli')
    """
    seen = np.asarray(valid).any(1)
    x, valid, label, participant, stimulus = (part[seen] for part in (x, valid, label, participant, stimulus))
    _check(label, participant)
    over = averaged_over(participant, label)
    if over == "within participants":
        both = np.isin(participant, np.intersect1d(participant[label == 0], participant[label == 1]))
        x, valid, label, participant, stimulus = (part[both] for part in (x, valid, label, participant, stimulus))
    units = np.arange(len(label)) if over == "trials" else participant
    statistic = _difference_of(x, valid, label, units, within=over == "within participants")
    sizes = SampleSizes(_count(participant), _count(stimulus), len(label))
    why_not = _why_no_interval(over, label, stimulus, sizes)
    if why_not:
        estimate = float(statistic(np.ones((1, len(label))))[0])
        return CrossedDifference(Interval(estimate, math.nan, math.nan, level, draws, sizes), over, why_not)
    interval = crossed_interval_of(statistic, label, participant, stimulus, level=level, draws=draws, seed=seed)
    unvaried = math.isnan(float(interval.low))
    return CrossedDifference(interval, over, "neither participants nor stimuli vary." if unvaried else "")


def _count(codes: Int[np.ndarray, " N"]) -> int:
    return len(np.unique(codes[codes >= 0]))


def averaged_over(participant: Int[np.ndarray, " N"], label: Int[np.ndarray, " N"]) -> Over:
    """How the difference is averaged: as the module's docstring says."""
    first, second = (set(participant[label == k].tolist()) for k in (0, 1))
    if len(first & second) >= MIN_COUNT:
        return "within participants"
    return "between participants" if min(len(first), len(second)) >= MIN_COUNT else "trials"


def _check(label: Int[np.ndarray, " N"], participant: Int[np.ndarray, " N"]) -> None:
    counts = [int((label == k).sum()) for k in (0, 1)]
    if 0 in counts or sum(counts) != len(label):
        raise DataError(
            f"a class difference needs trials of both classes, labelled 0 or 1; there are {counts[0]} and {counts[1]} of "
            f"{len(label)} trials.",
            hint="Leave out trials without a label, or give trials of the other class.",
        )
    if (participant < 0).any():
        raise DataError(
            f"a class difference needs the participant of every trial; {int((participant < 0).sum())} of {len(label)} have "
            "none.",
            hint="Give codes from 0.",
        )


def _why_no_interval(
    over: Over, label: Int[np.ndarray, " N"], stimulus: Int[np.ndarray, " N"], sizes: SampleSizes
) -> str:
    if over == "trials":
        return (
            f"fewer than {MIN_COUNT} participants have trials of both classes, and a class has fewer than {MIN_COUNT} "
            "participants of its own; variation between participants cannot be estimated from so few."
        )
    if not sizes.stimuli:
        return ""
    of_class = [set(stimulus[label == k].tolist()) for k in (0, 1)]
    fewest = min(map(len, of_class)) if not of_class[0] & of_class[1] else sizes.stimuli
    if fewest >= MIN_COUNT:
        return ""
    which = "there are" if of_class[0] & of_class[1] else "a class has"
    return f"{which} fewer than {MIN_COUNT} stimuli; variation between stimuli cannot be estimated from so few."


def _difference_of(
    x: Float[np.ndarray, "N T"],
    valid: Bool[np.ndarray, "N T"],
    label: Int[np.ndarray, " N"],
    units: Int[np.ndarray, " N"],
    *,
    within: bool,
) -> Callable[[Floats], Floats]:
    """The difference as a statistic of weighted trials, from `f64[D, N]` to `f64[D]`; NaN of a draw that misses a class."""
    known = np.asarray(valid, np.float64)
    filled = np.where(valid, x, 0.0).astype(np.float64)
    own = [[np.flatnonzero((units == unit) & (label == k)) for k in (0, 1)] for unit in np.unique(units)]
    average = _within if within else _between
    size = max(1, BLOCK // max(x.shape[1], 1))

    def statistic(weights: Floats) -> Floats:
        parts = [average(weights[start : start + size], filled, known, own) for start in range(0, len(weights), size)]
        return np.concatenate(parts)

    return statistic


Rows = list[list[npt.NDArray[np.intp]]]
"""Rows of the trials of each unit, by class."""


def _within(weights: Floats, x: Floats, known: Floats, own: Rows) -> Floats:
    """Mean over participants of their own differences.

    A participant weighs as much as the mean of the trials' weights, both classes alike, and is left out of draws that hold no
    trial of one class.
    """
    total, weight = np.zeros(len(weights)), np.zeros(len(weights))
    for first, second in own:
        difference = _mean_trace(weights, x, known, second) - _mean_trace(weights, x, known, first)
        steps = np.isfinite(difference)
        count = steps.sum(1)
        mean = np.where(steps, difference, 0.0).sum(1) / np.maximum(count, 1)
        weighs = np.where(count > 0, (weights[:, first].mean(1) + weights[:, second].mean(1)) / 2, 0.0)
        total, weight = total + weighs * mean, weight + weighs
    return _quotient(total, weight)


def _between(weights: Floats, x: Floats, known: Floats, own: Rows) -> Floats:
    """Difference between the classes' mean traces over participants (or trials), then its mean over steps."""
    classes = []
    for k in (0, 1):
        total, weight = (np.zeros((len(weights), x.shape[1])) for _ in range(2))
        for rows in (pair[k] for pair in own if len(pair[k])):
            trace = _mean_trace(weights, x, known, rows)
            there = np.isfinite(trace)
            weighs = np.where(there, weights[:, rows].mean(1, keepdims=True), 0.0)
            total, weight = total + weighs * np.where(there, trace, 0.0), weight + weighs
        classes.append(_quotient(total, weight))
    difference = classes[1] - classes[0]
    steps = np.isfinite(difference)
    return _quotient(np.where(steps, difference, 0.0).sum(1), steps.sum(1).astype(np.float64))


def _mean_trace(weights: Floats, x: Floats, known: Floats, rows: npt.NDArray[np.intp]) -> Floats:
    """`f64[D, T]`, weighted mean of some trials at each step; NaN where none of them is valid."""
    return _quotient(weights[:, rows] @ x[rows], weights[:, rows] @ known[rows])


def _quotient(total: Floats, weight: Floats) -> Floats:
    return np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
