"""Means and differences with t intervals against scipy, column by column, with missing values."""

import numpy as np
import pytest
from scipy import stats

from smilejax.evaluation.statistics import mean_interval, welch_interval


@pytest.fixture
def x(rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(0.4, 1.0, (9, 5))
    values[:3, 1], values[:8, 2], values[:, 3] = np.nan, np.nan, np.nan
    return values


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_one_sample_is_students_t(x: np.ndarray, level: float) -> None:
    found = mean_interval(x, level=level)
    for column in (0, 1, 4):
        known = x[np.isfinite(x[:, column]), column]
        test = stats.ttest_1samp(known, 0)
        interval = test.confidence_interval(level)
        got = [part[column] for part in found]
        np.testing.assert_allclose(got, (known.mean(), interval.low, interval.high, test.pvalue))


def test_two_samples_are_welchs_t(x: np.ndarray, rng: np.random.Generator) -> None:
    other = 3 * rng.normal(size=(4, 5))
    found = welch_interval(x, other)
    for column in (0, 1, 4):
        known = x[np.isfinite(x[:, column]), column]
        test = stats.ttest_ind(known, other[:, column], equal_var=False)
        interval = test.confidence_interval()
        got = [part[column] for part in found]
        expected = (known.mean() - other[:, column].mean(), interval.low, interval.high, test.pvalue)
        np.testing.assert_allclose(got, expected)


def test_too_few_values_have_no_interval(x: np.ndarray) -> None:
    assert np.isnan(mean_interval(x).low).tolist() == [False, False, True, True, False]
    assert np.isnan(mean_interval(x, min_units=7).low).tolist() == [False, True, True, True, False]
    assert np.isnan(welch_interval(x, x[:1]).p).all()


def test_one_number_of_each_unit_is_enough() -> None:
    one, other = np.array([1.0, 2.0, 4.0]), np.array([1.0])
    assert mean_interval(one).mean == pytest.approx(7 / 3)
    found = welch_interval(one, other)
    assert found.mean == pytest.approx(4 / 3)
    assert np.isnan([found.low, found.high, found.p]).all()
