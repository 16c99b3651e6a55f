"""When a permutation test may stop: after so many permutations that scored as high (Besag & Clifford 1991).

Permutations are trained one after another in their random order. Once h of the first l have scored as high as the study
itself, or higher, the test stops and p = h / l; otherwise all K are used, and p = (b + 1) / (K + 1), with b < h that scored as
high. A study that shows nothing so stops early, and one with an effect uses all K.

p is exact. Under the null hypothesis the study's score and those of the first l - 1 permutations are in random order. p is up
to h / l where the test did not stop before permutation l, that is where fewer than h of l - 1 permutations scored as high: the
study is then among the highest h of l, which has the probability h / l. Where scores tie it is lower. The same holds for
(b + 1) / (K + 1), as it does without stopping (Phipson & Smyth 2010).

Where h / K is above the level alpha at which p is judged, no test that stops has p up to alpha, nor would it have with all K
permutations: what is significant is then the same as without stopping.

References:
    Besag, J., & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika, 78(2), 301-304.
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and
    Molecular Biology, 9(1), article 39.
"""

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float

TOLERANCE = 1e-9
"""Scores are means of proportions, and equal ones, added up in another order, differ in their last bits (1e-16): they must
count as ties. The smallest true difference is one hit in all trials, seeds and folds, 1e-7 with ten millions of them."""


def scored_as_high(observed: float, null: Float[np.ndarray, " K"]) -> Bool[np.ndarray, " K"]:
    """Which permutations count as having scored as high as the study: ties do, and whatever has no score.

    Arguments:
        observed: the study's score, higher is better; NaN where it diverged: all permutations then count.
        null: `f[K]`, score of each permutation; NaN where it diverged.
    """
    as_high: npt.NDArray[np.bool_] = ~(null < observed - TOLERANCE)
    return as_high


def stops_at(observed: float, null: Float[np.ndarray, " K"], stop_after: int) -> int | None:
    """The number of permutations after which a test stops; None where it does not with these.

    Arguments:
        observed, null: as in `scored_as_high`, permutations in their order.
        stop_after: h, the number of permutations scoring as high at which the test stops; 0 never stops it.

    Example:
        >>> stops_at(0.7, np.array([0.5, 0.8, 0.4, 0.7, 0.9]), 2), stops_at(0.7, np.array([0.5, 0.8]), 2)
        (4, None)
    """
    if not stop_after:
        return None
    at = np.flatnonzero(scored_as_high(observed, null))
    return int(at[stop_after - 1]) + 1 if len(at) >= stop_after else None


def least_needed(observed: float, null: Float[np.ndarray, " K"], *, planned: int, stop_after: int) -> int:
    """How many further permutations a test needs at least; 0 where it has ended.

    However these turn out, none of them is in vain: the test cannot stop before the last of them.

    Arguments:
        observed, null, stop_after: as in `stops_at`; of the permutations that were trained so far.
        planned: K, the most permutations.

    Example:
        >>> least_needed(0.7, np.array([0.5, 0.8, 0.9]), planned=99, stop_after=10)
        8
    """
    left = max(0, planned - len(null))
    if not stop_after:
        return left
    return min(left, max(0, stop_after - int(scored_as_high(observed, null).sum())))


def expected_permutations(planned: int, stop_after: int) -> float:
    """Mean number of permutations of a test where there is nothing to find and no scores tie.

    The test goes on after permutation l where fewer than h of l have scored as high, which has the probability h / (l + 1);
    the mean is the sum of these probabilities, h + h (1 / (h + 1) + ... + 1 / K). Ties make it smaller.

    Arguments:
        planned: K, the most permutations. stop_after: h, 0 for a test that never stops early.

    Example:
        >>> round(expected_permutations(99, 10), 1), expected_permutations(99, 0), expected_permutations(5, 10)
        (32.5, 99.0, 5.0)
    """
    if not stop_after or stop_after >= planned:
        return float(planned)
    return stop_after + stop_after * float((1 / np.arange(stop_after + 1, planned + 1)).sum())
