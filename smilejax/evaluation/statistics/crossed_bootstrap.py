"""Intervals for other participants and other stimuli: a bootstrap of both, which are crossed.

Every participant watches many stimuli, and every stimulus is watched by many participants, so no trial is independent of
another. With variance a between participants, b between stimuli and e within (means over P x S trials), a mean has the variance
a/P + b/S + e/(P S). Drawing participants alone gives a/P + e/(P S), stimuli alone b/S + e/(P S), cells of both e/(P S); so

    variance = participants' + stimuli's - cells'

(Cameron, Gelbach & Miller 2011), each by a bootstrap of its own. Drawing participants and stimuli at once, and multiplying how
often each was drawn, counts e three times (Owen 2007); with eight participants alone its percentiles are too narrow instead.
Intervals of nominally 95% then cover 89 to 100%, depending on the design, and this one 94 to 98%: docs/statistics.md.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.errors import DataError
from smilejax.evaluation.statistics.interval_limits import bounded, check_level
from smilejax.evaluation.statistics.weighted_trials import Floats, Statistic, balanced_accuracy_of
from smilejax.settings.checks import require

Codes = npt.NDArray[np.integer]
BLOCK = 2**22
"""Weights made at once: 32 MiB."""


@dataclass(frozen=True)
class SampleSizes:
    """What an interval rests on: numbers of participants and stimuli (0: not recorded), and of trials."""

    participants: int
    stimuli: int
    trials: int

    def __str__(self) -> str:
        """Text for a report: "8 participants and 6 stimuli"."""
        named = ((self.participants, "participant", "participants"), (self.stimuli, "stimulus", "stimuli"))
        words = [f"{n} {one if n == 1 else many}" for n, one, many in named if n]
        return " and ".join(words) or f"{self.trials} trials"


@dataclass(frozen=True, eq=False)
class Interval:
    """A score and its interval for other participants and stimuli.

    Arguments:
        estimate: of the trials themselves; a float, or `f64[M]` of M classifiers.
        low, high: as estimate. NaN where they cannot be estimated: a class on one unit only, or no variation between units.
        level: share of studies whose interval holds the true score.
        draws: bootstrap draws of each kind.
        units: what was drawn.
    """

    estimate: float | Floats
    low: float | Floats
    high: float | Floats
    level: float
    draws: int
    units: SampleSizes


def crossed_interval(
    values: Float[np.ndarray, " N"] | Float[np.ndarray, "M N"],
    y: Int[np.ndarray, " N"],
    participant: Int[np.ndarray, " N"],
    stimulus: Int[np.ndarray, " N"],
    *,
    difference: bool = False,
    level: float = 0.95,
    draws: int = 2000,
    seed: int | np.random.Generator,
) -> Interval:
    """Interval of the balanced accuracy: the mean over the two classes of the mean of values.

    Arguments:
        values: `f[N]`, proportion correct per trial (`PerTrial.hit`), NaN where not scored; `f[M, N]` for M classifiers on the
            same draws. For the difference between two classifiers, the difference of theirs, and `difference`.
        y: `i[N]`, class 0 or 1.
        participant, stimulus: `i[N]`, codes; all -1 where not recorded.
        level, draws, seed: see `crossed_interval_of`.

    Returns:
        Cut to 0..1, of a difference to -1..1.

    Raises:
        DataError: a participant or stimulus is recorded for some scored trials and not for others.
    """
    seen = np.isfinite(values)
    scored = (seen if values.ndim == 1 else seen.any(0)) & ((y == 0) | (y == 1))
    return crossed_interval_of(
        balanced_accuracy_of(values[..., scored], y[scored]),
        y[scored],
        participant[scored],
        stimulus[scored],
        level=level,
        draws=draws,
        seed=seed,
        limits=(-1.0 if difference else 0.0, 1.0),
    )


def crossed_interval_of(
    statistic: Statistic,
    y: Int[np.ndarray, " N"],
    participant: Int[np.ndarray, " N"],
    stimulus: Int[np.ndarray, " N"],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int | np.random.Generator,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """Interval of any statistic of weighted trials: estimate +- t * sqrt(participants' + stimuli's - cells' variance).

    Of n units n - 1 are drawn, each then weighing n / (n - 1): the variance of a mean is then neither too small in small
    samples nor in large ones (Rao & Wu 1988). Where each unit has one class (stimuli that are genuine or posed), units are
    drawn within their class. The variance is at least participants' and at least stimuli's; where it is just the larger of them
    its degrees of freedom are that one's, else Satterthwaite's (1946).

    An axis with one unit is not drawn: the interval then says nothing about others. With neither recorded, trials are drawn as
    if independent.

    Arguments:
        statistic: from weights `f64[D, N]` to `f64[D]`, or `f64[D, M]`; see `weighted_trials`. For the difference between
            two, `lambda w: a(w) - b(w)`.
        y: `i[N]`, class 0 or 1, of the scored trials only.
        participant, stimulus: `i[N]`, codes; all -1 where not recorded.
        level: of the interval, above 0 and below 1.
        draws: of each of the three kinds, from 2 up; 2000 settle the half width to 2%.
        seed: of the draws.
        limits: the interval is cut to these.

    Raises:
        DataError: a participant or stimulus is recorded for some trials and not for others.
    """
    check_level(level)
    require(draws >= 2, "draws", "a whole number from 2 up", draws)
    rng = np.random.default_rng(seed)
    n = len(y)
    estimate = np.asarray(statistic(np.ones((1, n)))[0])
    units = SampleSizes(_recorded(participant, "participant"), _recorded(stimulus, "stimulus"), n)
    variance, df = _variance(_axes(y, participant, stimulus, units), statistic, draws, rng)
    low, high = _t_interval(estimate, variance, df, level)
    low, high = bounded(low, high, limits)
    if estimate.ndim == 0:
        return Interval(float(estimate), float(low), float(high), level, draws, units)
    return Interval(estimate, low, high, level, draws, units)


class _Axis(NamedTuple):
    """SampleSizes that can be drawn: the unit of each trial, the units that are drawn among themselves, degrees of freedom."""

    of: npt.NDArray[np.int64]
    strata: list[npt.NDArray[np.intp]]
    df: float


def _recorded(codes: Codes, name: str) -> int:
    """How many units there are; 0 where they were not recorded."""
    missing = int((codes < 0).sum())
    if 0 < missing < len(codes):
        raise DataError(
            f"an interval over {name} codes needs the {name} of every scored trial or of none; {missing} of {len(codes)} "
            "have none.",
            hint=f"Give the {name} of each, or set all of them to -1.",
        )
    return 0 if missing else len(np.unique(codes))


def _axes(y: Codes, participant: Codes, stimulus: Codes, units: SampleSizes) -> list[_Axis]:
    """What is drawn: participants, stimuli, and cells of both, as far as there are several."""
    several = [c for c, n in ((participant, units.participants), (stimulus, units.stimuli)) if n > 1]
    if len(several) == 2:
        cells = participant.astype(np.int64) * (int(stimulus.max()) + 1) + stimulus
        return [_axis(codes, y) for codes in (*several, cells)]
    if several or units.participants or units.stimuli:
        return [_axis(codes, y) for codes in several]
    return [_axis(np.arange(len(y)), y)]


def _axis(codes: Codes, y: Codes) -> _Axis:
    """Degrees of freedom are Satterthwaite's for strata that vary alike within, (sum 1/n)^2 / sum 1/(n^2 (n - 1))."""
    names, of = np.unique(codes, return_inverse=True)
    has = np.stack([np.bincount(of[y == k], minlength=len(names)) > 0 for k in (0, 1)])
    both = bool(has.all(0).any())
    strata = [np.arange(len(names))] if both else [np.flatnonzero(own) for own in has]
    sizes = np.array([len(rows) for rows in strata], np.float64)
    if (sizes < 2).any():
        return _Axis(of, strata, math.nan)
    return _Axis(of, strata, float((1 / sizes).sum() ** 2 / (1 / (sizes**2 * (sizes - 1))).sum()))


def _variance(
    axes: list[_Axis], statistic: Statistic, draws: int, rng: np.random.Generator
) -> tuple[float | Floats, float | Floats]:
    """Variance of the statistic and its degrees of freedom; NaN where a class rests on one unit."""
    if not axes or any(math.isnan(axis.df) for axis in axes):
        return math.nan, math.nan
    parts = [_drawn_variance(axis, statistic, draws, rng) for axis in axes]
    if len(axes) == 1:
        return parts[0], np.full(np.shape(parts[0]), axes[0].df)
    participants, stimuli, cells = parts
    larger = np.maximum(participants, stimuli)
    total = np.maximum(participants + stimuli - cells, larger)
    own_df = np.where(participants >= stimuli, axes[0].df, axes[1].df)
    spread = sum(part**2 / axis.df for part, axis in zip(parts, axes, strict=True))
    df = np.divide(total**2, spread, out=np.ones(np.shape(total)), where=np.asarray(spread > 0))
    # The formula is of sums; with a part subtracted it can fall below the smaller of the two, which no sum does.
    return total, np.where(total > larger, np.maximum(df, min(axes[0].df, axes[1].df)), own_df)


def _drawn_variance(axis: _Axis, statistic: Statistic, draws: int, rng: np.random.Generator) -> Floats:
    """Variance over draws of the axis's units; draws that miss a class are left out."""
    units = sum(len(rows) for rows in axis.strata)
    size = max(1, BLOCK // max(1, len(axis.of)))
    found = []
    for start in range(0, draws, size):
        weights = np.zeros((min(size, draws - start), units))
        for rows in axis.strata:
            n = len(rows)
            weights[:, rows] = rng.multinomial(n - 1, np.full(n, 1 / n), len(weights)) * (n / (n - 1))
        found.append(statistic(weights[:, axis.of]))
    values = np.concatenate(found)
    ok = np.isfinite(values)
    count = np.maximum(ok.sum(0), 2)
    mean = np.where(ok, values, 0.0).sum(0) / count
    variance = np.where(ok, (values - mean) ** 2, 0.0).sum(0) / (count - 1)
    return np.asarray(np.where(ok.sum(0) > 1, variance, math.nan))


def _t_interval(estimate: Floats, variance: float | Floats, df: float | Floats, level: float) -> tuple[Floats, Floats]:
    from scipy import stats  # half a second

    # Without any variation there is no interval. The bound is for rounding: scores are of order 1, their squares 1e-32.
    variance = np.where(variance > 1e-20, variance, math.nan)
    half = stats.t.ppf((1 + level) / 2, df) * np.sqrt(variance)
    return np.asarray(estimate - half), np.asarray(estimate + half)
