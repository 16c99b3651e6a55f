"""Seeds and folds kept apart: on known variances, on a table by hand, with holes."""

import math

import numpy as np
import pytest

from smilejax.evaluation.statistics import score_spread


def test_by_hand() -> None:
    """Folds .4 and .8, seeds +-.1 about them, and nothing else."""
    found = score_spread(np.array([[0.3, 0.5], [0.7, 0.9]]))
    assert found.mean == pytest.approx(0.6)
    assert (found.low, found.high) == pytest.approx((0.5, 0.7))
    assert found.sd_seeds == pytest.approx(0.2 / math.sqrt(2))
    assert found.sd_folds == pytest.approx(0.4 / math.sqrt(2))
    assert (found.var_seeds, found.var_folds, found.var_residual) == pytest.approx((0.02, 0.08, 0), abs=1e-12)
    assert (found.folds, found.seeds, found.diverged) == (2, 2, 0)


def test_components_are_found_again(rng: np.random.Generator) -> None:
    """Mean over 3000 studies of 6 folds and 9 seeds, their variances .01, .04 and .09."""
    found = []
    for _ in range(3000):
        seeds, folds = 0.1 * rng.normal(size=(1, 9)), 0.2 * rng.normal(size=(6, 1))
        s = score_spread(0.6 + seeds + folds + 0.3 * rng.normal(size=(6, 9)))
        found.append((s.var_seeds, s.var_folds, s.var_residual, s.sd_seeds**2, s.sd_folds**2))
    mean = np.mean(found, 0)
    # Cutting at 0 lifts the seeds' a little.
    np.testing.assert_allclose(mean[:3], (0.011, 0.04, 0.09), rtol=0.05)
    np.testing.assert_allclose(mean[3:], (0.01 + 0.09 / 6, 0.04 + 0.09 / 9), rtol=0.05)


def test_folds_and_seeds_are_not_exchanged(rng: np.random.Generator) -> None:
    scores = rng.random((3, 5))
    one, other = score_spread(scores), score_spread(scores.T)
    assert (one.sd_seeds, one.var_folds, one.folds) == pytest.approx((other.sd_folds, other.var_seeds, other.seeds))


def test_what_diverged_is_left_out_and_counted(rng: np.random.Generator) -> None:
    whole = rng.random((4, 6))
    broken = whole.copy()
    broken[1, 2] = np.nan  # a seed without one fold
    found, expected = score_spread(broken), score_spread(np.delete(whole, 2, axis=1))
    assert (found.mean, found.sd_seeds, found.var_folds) == (expected.mean, expected.sd_seeds, expected.var_folds)
    assert (found.seeds, found.folds, found.diverged) == (5, 4, 1)
    broken = whole.copy()
    broken[3] = np.nan  # a fold that no seed could train
    found, expected = score_spread(broken), score_spread(whole[:3])
    assert (found.mean, found.sd_seeds) == (expected.mean, expected.sd_seeds)
    assert (found.seeds, found.folds, found.diverged) == (6, 3, 6)


def test_too_few() -> None:
    one_seed = score_spread(np.array([[0.4], [0.6]]))
    assert math.isnan(one_seed.sd_seeds)
    assert one_seed.sd_folds == pytest.approx(0.2 / math.sqrt(2))
    assert math.isnan(one_seed.var_residual)
    nothing = score_spread(np.full((2, 3), np.nan))
    assert math.isnan(nothing.mean)
    assert (nothing.seeds, nothing.diverged) == (0, 6)
    assert score_spread(np.zeros((0, 0))).diverged == 0
