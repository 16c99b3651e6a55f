"""The permutation test: how often a study with permuted labels scores as high.

`smilejax.splits.permutations` permutes the labels; whole trainings on each give the null scores.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from smilejax.evaluation.statistics.sequential_test import least_needed, scored_as_high, stops_at

ALPHA = 0.05
"""The p by which a test is customarily judged."""


@dataclass(frozen=True)
class PermutationTest:
    """An observed score among those of permutations.

    Arguments:
        p: (1 + at_least) / (1 + count), or at_least / count where the test stopped early; one-sided, valid, and never 0
            (Phipson & Smyth 2010; Besag & Clifford 1991, see `sequential_test`).
        observed: the score on the true labels.
        planned: the most permutations that the test could use.
        count: permutations that it used, diverged ones included: `planned`, or fewer where it stopped early.
        at_least: of these, how many scored as high as the true labels or higher; a diverged one counts.
        stop_after: the number of permutations scoring as high at which the test stops; 0 never stops it.
        stopped: whether it stopped so; it may then have used all `planned`, where the last of them was decisive.
        smallest_p: the smallest attainable p, 1 / (1 + planned).
        design_smallest_p: the smallest attainable p of the design, with all its labellings tried; see
            `smilejax.splits.permutations.PermutedLabels`.
        null_mean, null_low, null_high: mean and middle 95% of the scores of permutations that were used and did not diverge;
            NaN where all did.
        diverged: permutations without a score.
        reachable: whether smallest_p is .05 or less.
    """

    p: float
    observed: float
    planned: int
    count: int
    at_least: int
    stop_after: int
    stopped: bool
    smallest_p: float
    design_smallest_p: float
    null_mean: float
    null_low: float
    null_high: float
    diverged: int
    reachable: bool


def permutation_test(
    observed: float,
    null: Float[np.ndarray, " K"],
    *,
    design_smallest_p: float,
    planned: int | None = None,
    stop_after: int = 0,
) -> PermutationTest:
    """Test a score against those of K permutations, or of as many of them, in their order, as it takes.

    A missing score counts against the finding: a permutation that diverged as one that scored high, and all of them where
    the true labels have no score (p is then 1).

    Arguments:
        observed: score on the true labels, higher is better; NaN where it diverged.
        null: `f[K]`, score of each permutation in the order in which they were drawn; NaN where it diverged. What stands
            behind the permutation at which the test stops is not looked at.
        design_smallest_p: of the permutations, as `smilejax.splits.permutations.PermutedLabels` has it.
        planned: the most permutations that the test could use; None for those of `null`.
        stop_after: the number of permutations scoring as high at which the test stops; 0 never stops it.

    Raises:
        ValueError: fewer scores than `planned`, though the test does not stop with them.

    Example:
        >>> test = permutation_test(0.7, np.array([0.5, 0.7, 0.4]), design_smallest_p=0.001)
        >>> test.p, test.at_least, test.reachable
        (0.5, 1, False)
        >>> test = permutation_test(0.7, np.array([0.5, 0.7, 0.4, 0.9]), design_smallest_p=0.001, planned=99, stop_after=2)
        >>> test.p, test.count, test.stopped, test.smallest_p
        (0.5, 4, True, 0.01)
    """
    planned = len(null) if planned is None else planned
    null = null[:planned]
    if missing := least_needed(observed, null, planned=planned, stop_after=stop_after):
        raise ValueError(f"the test needs at least {missing} more permutations; there are {len(null)} of {planned}.")
    end = stops_at(observed, null, stop_after)
    used = null[: planned if end is None else end]
    at_least = int(scored_as_high(observed, used).sum())
    finite = used[np.isfinite(used)]
    smallest_p = 1 / (1 + planned)
    low, high = np.quantile(finite, (0.025, 0.975)) if finite.size else (math.nan, math.nan)
    return PermutationTest(
        p=(1 + at_least) / (1 + len(used)) if end is None else at_least / len(used),
        observed=float(observed),
        planned=planned,
        count=len(used),
        at_least=at_least,
        stop_after=stop_after,
        stopped=end is not None,
        smallest_p=smallest_p,
        design_smallest_p=design_smallest_p,
        null_mean=float(finite.mean()) if finite.size else math.nan,
        null_low=float(low),
        null_high=float(high),
        diverged=len(used) - finite.size,
        reachable=smallest_p <= ALPHA,
    )
