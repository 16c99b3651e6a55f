"""The corrected t test, against the formula by hand and against its limits."""

import math

import numpy as np
import pytest
from scipy import stats

from smilejax.evaluation.statistics import corrected_t


def test_by_hand() -> None:
    """Differences 1, 2, 3: variance 1; 1/3 + 25/75 = 2/3."""
    found = corrected_t(np.array([1.0, 2.0, 3.0]), 75, 25)
    assert found.mean == 2
    assert found.se == pytest.approx(math.sqrt(2 / 3))
    assert found.t == pytest.approx(2 / math.sqrt(2 / 3))
    assert found.p == pytest.approx(2 * stats.t.sf(found.t, 2))
    assert (found.low, found.high) == pytest.approx((2 - 4.302653 * found.se, 2 + 4.302653 * found.se))
    assert found.df == 2


def test_a_tiny_test_set_gives_the_plain_t_test(rng: np.random.Generator) -> None:
    d = rng.normal(0.3, 1, 12)
    plain = stats.ttest_1samp(d, 0)
    found = corrected_t(d, 1e12, 1)
    assert (found.t, found.p) == pytest.approx((plain.statistic, plain.pvalue))
    assert corrected_t(d, 80, 20).p > plain.pvalue
    assert corrected_t(-d, 80, 20).p == pytest.approx(corrected_t(d, 80, 20).p)


def test_gaps_edges_and_sizes() -> None:
    full = corrected_t(np.array([0.1, 0.2, 0.4]), 80, 20)
    assert corrected_t(np.array([0.1, np.nan, 0.2, 0.4]), 80, 20) == full
    lone = corrected_t(np.array([0.1, np.nan]), 80, 20)
    assert lone.mean == 0.1
    assert math.isnan(lone.p)
    assert math.isnan(corrected_t(np.zeros(0), 80, 20).mean)
    assert math.isnan(corrected_t(np.full(5, 0.1), 80, 20).p)
    with pytest.raises(ValueError, match="must be above 0; they are 0 and 20"):
        corrected_t(np.zeros(3), 0, 20)
