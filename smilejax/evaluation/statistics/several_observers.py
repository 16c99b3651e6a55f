"""Balanced accuracy of the mean prediction of several participants (observers) of one stimulus."""

import math
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax.evaluation.statistics.crossed_bootstrap import crossed_interval

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
INTERVAL_DRAWS = 2000
COLUMNS = ["k", "balanced_accuracy", "low", "high", "stimuli", "stimuli_0", "stimuli_1", "dropped", "exact"]


class _Shown(NamedTuple):
    """Stimuli, each with the probabilities of its observers."""

    y: npt.NDArray[np.int64]
    observers: list[Floats]


def voting_curve(
    p: Float[np.ndarray, " N"],
    y: Int[np.ndarray, " N"],
    stimulus: Int[np.ndarray, " N"],
    participant: Int[np.ndarray, " N"],
    *,
    draws: int = 2000,
    seed: int | np.random.Generator,
) -> "pd.DataFrame":
    """Average the probabilities of k observers of the same stimulus, for k from 1 to all.

    For each stimulus, the proportion of groups of k of its observers whose mean is correct: all groups where there are at
    most `draws` of them, else so many random ones.

    A stimulus with fewer than k observers drops out at k, so that rows are of different
    stimuli where the count falls. Several viewings by one participant are averaged first. A stimulus that is seen with both
    classes counts once for each.

    Arguments:
        p: `f[N]`, probability of class 1 (mean over runs, `PerTrial.p`); NaN where not scored.
        y: `i[N]`, class 0 or 1.
        stimulus, participant: `i[N]`, codes; trials with a negative one are left out.
        seed: of the groups and of the interval.

    Returns:
        One row per k: k; balanced_accuracy (mean over the two classes of the mean over their stimuli; NaN with one class left);
        low, high, its 95% interval over stimuli (`crossed_interval`; takes the observers as they are); stimuli, how many
        have k observers, and of these stimuli_0 and stimuli_1 of either class; dropped, how many have fewer; exact, whether
        all groups were gone through. No row without a trial.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    shown = _gather(p, y, stimulus, participant)
    sizes = np.array([len(own) for own in shown.observers], int)
    rows = []
    most = int(sizes.max()) if sizes.size else 0
    shares = np.full((most, len(sizes)), np.nan)
    for place, own in enumerate(shown.observers):
        shares[: len(own), place] = _correct_shares(own, int(shown.y[place]), draws, rng)
    alone = np.full(len(sizes), -1)
    for k in range(1, most + 1):
        there = np.isfinite(shares[k - 1])
        found = crossed_interval(shares[k - 1], shown.y, alone, np.arange(len(sizes)), draws=INTERVAL_DRAWS, seed=rng)
        exact = all(math.comb(int(n), k) <= draws for n in sizes[there])
        of_class = (int((there & (shown.y == label)).sum()) for label in (0, 1))
        counts = (int(there.sum()), *of_class, int((~there).sum()))
        rows.append((k, found.estimate, found.low, found.high, *counts, exact))
    return pd.DataFrame(rows, columns=COLUMNS)


def _gather(
    p: Floats, y: npt.NDArray[np.integer], stimulus: npt.NDArray[np.integer], participant: npt.NDArray[np.integer]
) -> _Shown:
    """Means by stimulus, class and participant, one list for each stimulus and class."""
    kept = np.isfinite(p) & (stimulus >= 0) & (participant >= 0) & ((y == 0) | (y == 1))
    cells, of = np.unique(np.stack([stimulus[kept], y[kept], participant[kept]], 1), axis=0, return_inverse=True)
    means = np.bincount(of, p[kept]) / np.bincount(of)
    names, place = np.unique(cells[:, :2], axis=0, return_inverse=True)
    return _Shown(names[:, 1].astype(np.int64), [means[place == i] for i in range(len(names))])


def _correct_shares(p: Floats, y: int, draws: int, rng: np.random.Generator) -> Floats:
    """`f64[n]`: for groups of k = 1..n of n observers, the share whose mean is correct; at .5 class 0 is predicted."""
    n = len(p)
    drawn = None
    shares = np.empty(n)
    for k in range(1, n + 1):
        if math.comb(n, k) <= draws:
            sums = p[np.array(list(combinations(range(n), k)))].sum(1)
        else:
            if drawn is None:  # the first k of a random order are a random group of k
                drawn = rng.permuted(np.broadcast_to(p, (draws, n)), axis=1).cumsum(1)
            sums = drawn[:, k - 1]
        # Sums that are equal but for rounding are to be ties: hence the 1e-12 (probabilities are of order 1).
        shares[k - 1] = np.mean((sums > k / 2 + 1e-12 * k) == (y == 1))
    return shares
