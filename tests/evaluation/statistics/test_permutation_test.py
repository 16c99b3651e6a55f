"""The permutation test's count, its ties, and what diverged."""

import math

import numpy as np
import pytest

from smilejax.evaluation.statistics import permutation_test


def test_p_counts_what_is_as_high(rng: np.random.Generator) -> None:
    null = rng.random(199)
    found = permutation_test(0.9, null, design_smallest_p=1e-6)
    assert found.at_least == sum(value >= 0.9 for value in null)
    assert found.p == pytest.approx((1 + found.at_least) / 200)
    assert (found.count, found.diverged, found.observed) == (199, 0, 0.9)
    np.testing.assert_allclose((found.null_low, found.null_high), np.quantile(null, (0.025, 0.975)))
    assert found.null_mean == pytest.approx(null.mean())


def test_p_is_never_0_and_never_above_1() -> None:
    assert permutation_test(2.0, np.zeros(9), design_smallest_p=0.01).p == pytest.approx(0.1)
    assert permutation_test(-1.0, np.zeros(9), design_smallest_p=0.01).p == 1
    none = permutation_test(0.7, np.zeros(0), design_smallest_p=1.0)
    assert none.p == 1
    assert math.isnan(none.null_mean)


def test_ties_count_though_they_differ_in_the_last_bit() -> None:
    tie = 0.1 + 0.2
    assert tie > 0.3
    assert permutation_test(tie, np.array([0.3, 0.2]), design_smallest_p=0.1).at_least == 1
    # One hit less in a million is no tie.
    assert permutation_test(0.3, np.array([0.3 - 1e-6]), design_smallest_p=0.1).at_least == 0


def test_what_diverged_counts_against_the_finding() -> None:
    null = np.array([0.4, np.nan, 0.5, np.nan])
    found = permutation_test(0.9, null, design_smallest_p=0.01)
    assert (found.p, found.at_least, found.diverged, found.count) == (0.6, 2, 2, 4)
    assert found.null_mean == pytest.approx(0.45)
    assert permutation_test(math.nan, null, design_smallest_p=0.01).p == 1
    assert math.isnan(permutation_test(0.9, np.full(3, np.nan), design_smallest_p=0.01).null_high)


@pytest.mark.parametrize(("count", "reachable"), [(19, True), (18, False), (99, True)])
def test_whether_05_can_be_reached(count: int, reachable: bool) -> None:
    found = permutation_test(0.9, np.zeros(count), design_smallest_p=1e-9)
    assert found.reachable is reachable
    assert found.p == found.smallest_p == 1 / (1 + count)


def test_p_is_uniform_where_there_is_nothing(rng: np.random.Generator) -> None:
    """Share of p <= alpha is alpha, with many ties and without."""
    for digits, slack in ((9, 0.02), (1, 0.02)):
        scores = rng.random((3000, 20)).round(digits)
        p = np.array([permutation_test(s[0], s[1:], design_smallest_p=0.01).p for s in scores])
        for alpha in (0.05, 0.2, 0.5):
            share = np.mean(p <= alpha + 1e-12)
            assert share < alpha + slack
            assert digits == 1 or share > alpha - slack
