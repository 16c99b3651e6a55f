"""Means and differences of means against SciPy's t tests."""

import numpy as np
import pytest
from scipy import stats

from smilejax.evaluation.statistics import mean_interval, welch_interval


def _course(rng: np.random.Generator, units: int) -> np.ndarray:
    values = rng.normal(0.2, 1 + rng.random(), (units, 5))
    values[0, 1] = values[1, 1] = np.nan
    return values


def test_each_step_of_a_course_is_a_t_test(rng: np.random.Generator) -> None:
    values = _course(rng, 6)
    found = mean_interval(values, level=0.9)
    for step in range(5):
        own = values[np.isfinite(values[:, step]), step]
        test = stats.ttest_1samp(own, 0)
        interval = test.confidence_interval(0.9)
        assert (found.mean[step], found.p[step]) == pytest.approx((own.mean(), test.pvalue))
        assert (found.low[step], found.high[step]) == pytest.approx((interval.low, interval.high))


def test_the_difference_of_two_is_welchs_test(rng: np.random.Generator) -> None:
    one, other = _course(rng, 6), 3 * _course(rng, 9)
    found = welch_interval(one, other)
    for step in range(5):
        a, b = (values[np.isfinite(values[:, step]), step] for values in (one, other))
        test = stats.ttest_ind(a, b, equal_var=False)
        interval = test.confidence_interval(0.95)
        assert (found.mean[step], found.p[step]) == pytest.approx((a.mean() - b.mean(), test.pvalue))
        assert (found.low[step], found.high[step]) == pytest.approx((interval.low, interval.high))


def test_too_few_units_have_no_interval() -> None:
    values = np.array([[1.0, 2.0, np.nan], [2.0, np.nan, np.nan], [4.0, 3.0, np.nan]])
    found = mean_interval(values, min_units=3)
    assert found.mean[:2].tolist() == pytest.approx([7 / 3, 2.5])
    assert np.isnan(found.mean[2])
    assert np.isfinite(found.low[0])
    assert np.isnan([found.low[1], found.high[1], found.p[1], found.low[2]]).all()
    two = welch_interval(values[:, 0], values[:1, 0])
    assert two.mean == pytest.approx(4 / 3)
    assert np.isnan([two.low, two.high, two.p]).all()
