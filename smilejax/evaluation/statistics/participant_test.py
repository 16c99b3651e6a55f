"""Do participants, on average, score above chance? One number each, so that trials need not be independent."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.sign_flip import sign_flip, smallest_sign_flip_p
from smilejax.evaluation.statistics.interval_limits import bounded, check_level


@dataclass(frozen=True)
class ParticipantTest:
    """Participants' scores against chance, one-sided: the other side would be a classifier that is wrong on purpose.

    Whatever needs two participants is NaN with fewer; whatever needs variation, also where all score the same.

    Arguments:
        n: participants with a score; left_out: those without (one class only, or nothing scored).
        mean, sd: of their scores.
        low, high: t interval of the mean, at `level`, cut to 0..1 where all scores lie there.
        t, df, p: t test of mean score minus chance.
        p_flip: share of sign patterns of (score - chance) whose sum is as high or higher. Holds without normality, if
            scores lie symmetrically about chance under the null hypothesis.
        smallest_p_flip: the smallest attainable p_flip with so many participants, 2**-n; above .05 below five.
    """

    n: int
    left_out: int
    mean: float
    sd: float
    low: float
    high: float
    level: float
    t: float
    df: int
    p: float
    p_flip: float
    smallest_p_flip: float


def participant_scores(
    values: Float[np.ndarray, " N"],
    y: Int[np.ndarray, " N"],
    participant: Int[np.ndarray, " N"],
    *,
    score: Literal["balanced accuracy", "accuracy"] = "balanced accuracy",
) -> npt.NDArray[np.float64]:
    """Score of each participant who has a trial, in order of their codes: `f64[P]`.

    Arguments:
        values: `f[N]`, share of hits per trial; NaN where not scored.
        y: `i[N]`, class 0 or 1.
        participant: `i[N]`, codes; trials with a negative one are left out.
        score: "balanced accuracy", mean over the two classes of the mean of values, NaN with one class only; "accuracy",
            mean of values. NaN where nothing is scored.
    """
    known = participant >= 0
    names, of = np.unique(participant[known], return_inverse=True)
    values, y = values[known], y[known]
    seen = np.isfinite(values) & ((y == 0) | (y == 1))
    cells = 2 * of[seen] + y[seen]
    count, total = (
        np.bincount(cells, v, 2 * len(names)).reshape(-1, 2) for v in (np.ones(int(seen.sum())), values[seen])
    )
    if score == "accuracy":
        count, total = count.sum(1, keepdims=True), total.sum(1, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0).mean(1)


def participant_test(
    scores: Float[np.ndarray, " P"],
    *,
    chance: float = 0.5,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int | np.random.Generator,
) -> ParticipantTest:
    """Test participants' scores against chance: a t test and a sign-flip test.

    Arguments:
        scores: `f[P]`, one per participant; NaN is left out and counted.
        chance: the score under the null hypothesis.
        level: of the interval, two-sided.
        draws: sign patterns that are drawn where there are more than 2**16, the observed one added to them.
        seed: of these draws; up to 16 participants need none, since all patterns are gone through.

    Example:
        >>> test = participant_test(np.array([0.6, 0.7, 0.5, 0.8, 0.6]), seed=0)
        >>> round(test.mean, 2), round(test.p, 4), test.p_flip
        (0.64, 0.0258, 0.0625)
    """
    check_level(level)
    kept = scores[np.isfinite(scores)].astype(np.float64)
    n = len(kept)
    mean = float(kept.mean()) if n else math.nan
    sd = float(kept.std(ddof=1)) if n > 1 else math.nan
    t, p, half = _t_test(mean - chance, sd, n, level)
    limits = (0.0, 1.0) if ((kept >= 0) & (kept <= 1)).all() else (-math.inf, math.inf)
    low, high = bounded(mean - half, mean + half, limits)
    p_flip = math.nan if n < 2 else sign_flip(kept - chance, alternative="greater", draws=draws, seed=seed)
    smallest = math.nan if n < 2 else smallest_sign_flip_p(n, alternative="greater", draws=draws)
    return ParticipantTest(
        n, len(scores) - n, mean, sd, float(low), float(high), level, t, max(n - 1, 0), p, p_flip, smallest
    )


def _t_test(difference: float, sd: float, n: int, level: float) -> tuple[float, float, float]:
    """t, one-sided p, and half the interval; NaN without spread (1e-12: scores are of order 1, and rounding is 1e-16)."""
    from scipy import stats  # half a second

    if n < 2 or not sd > 1e-12:
        return math.nan, math.nan, math.nan
    error = sd / math.sqrt(n)
    t = difference / error
    return t, float(stats.t.sf(t, n - 1)), float(stats.t.ppf((1 + level) / 2, n - 1)) * error
