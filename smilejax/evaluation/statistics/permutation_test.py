"""The permutation test: how often a study with permuted labels scores as high.

`smilejax.splits.permutations` permutes the labels; whole trainings on each give the null scores.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

ALPHA = 0.05
"""The p by which a test is customarily judged."""
TOLERANCE = 1e-9
"""Scores are means of proportions, and equal ones, added up in another order, differ in their last bits (1e-16): they must
count as ties. The smallest true difference is one hit in all trials, seeds and folds, 1e-7 with ten millions of them."""


@dataclass(frozen=True)
class PermutationTest:
    """An observed score among those of permutations.

    Arguments:
        p: (1 + at_least) / (1 + count), one-sided; valid, and never 0 (Phipson & Smyth 2010).
        observed: the score on the true labels.
        count: permutations, diverged ones included.
        at_least: of these, how many scored as high as the true labels or higher; a diverged one counts.
        smallest_p: the smallest attainable p, 1 / (1 + count).
        design_smallest_p: the smallest attainable p of the design, with all its labellings tried; see
            `smilejax.splits.permutations.PermutedLabels`.
        null_mean, null_low, null_high: mean and middle 95% of the scores of permutations that did not diverge; NaN where
            all did.
        diverged: permutations without a score.
        reachable: whether smallest_p is .05 or less.
    """

    p: float
    observed: float
    count: int
    at_least: int
    smallest_p: float
    design_smallest_p: float
    null_mean: float
    null_low: float
    null_high: float
    diverged: int
    reachable: bool


def permutation_test(observed: float, null: Float[np.ndarray, " K"], *, design_smallest_p: float) -> PermutationTest:
    """Test a score against those of K permutations.

    A missing score counts against the finding: a permutation that diverged as one that scored high, and all of them where
    the true labels have no score (p is then 1).

    Arguments:
        observed: score on the true labels, higher is better; NaN where it diverged.
        null: `f[K]`, score of each permutation; NaN where it diverged.
        design_smallest_p: of the permutations, as `smilejax.splits.permutations.PermutedLabels` has it.

    Example:
        >>> test = permutation_test(0.7, np.array([0.5, 0.7, 0.4]), design_smallest_p=0.001)
        >>> test.p, test.at_least, test.reachable
        (0.5, 1, False)
    """
    finite = null[np.isfinite(null)]
    at_least = int((~(null < observed - TOLERANCE)).sum())
    smallest_p = 1 / (1 + len(null))
    low, high = np.quantile(finite, (0.025, 0.975)) if finite.size else (math.nan, math.nan)
    return PermutationTest(
        p=(1 + at_least) / (1 + len(null)),
        observed=float(observed),
        count=len(null),
        at_least=at_least,
        smallest_p=smallest_p,
        design_smallest_p=design_smallest_p,
        null_mean=float(finite.mean()) if finite.size else math.nan,
        null_low=float(low),
        null_high=float(high),
        diverged=len(null) - finite.size,
        reachable=smallest_p <= ALPHA,
    )
