"""Temperature scaling against a plain search, and what it must not do."""

import math

import numpy as np
import pytest
from scipy.special import softmax

from smilejax.evaluation.study.temperature import USUAL_LOG_SD, calibrated, ensemble_loss, fit_temperature


def _answers(seed: int, members: int, trials: int, factor: float):
    """OutOfFold that are `factor` times too sure."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(scale=1.5, size=trials)
    y = (rng.random(trials) < 1 / (1 + np.exp(-odds))).astype(np.int32)
    logits = np.stack([-odds / 2, odds / 2], -1) * factor
    return np.repeat(logits[None], members, 0), y


def test_loss_is_that_of_the_members_mean() -> None:
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(3, 11, 2)), rng.integers(0, 2, 11)
    expected = []
    for trial in range(11):
        mean = np.mean([softmax(logits[member, trial] / 1.7) for member in range(3)], axis=0)
        expected.append(-math.log(mean[y[trial]]))
    assert ensemble_loss(1.7, logits, y) == pytest.approx(np.mean(expected), rel=1e-12)


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_factor_is_found_on_many_trials(factor: float) -> None:
    logits, y = _answers(1, 2, 4000, factor)
    assert fit_temperature(logits, y) == pytest.approx(factor, rel=0.15)


def test_equals_a_plain_search() -> None:
    logits, y = _answers(2, 3, 40, 2.0)
    logits = logits + np.random.default_rng(3).normal(size=logits.shape)
    grid = np.exp(np.linspace(math.log(0.05), math.log(20), 40_001))
    costs = [40 * ensemble_loss(t, logits, y) + math.log(t) ** 2 / (2 * USUAL_LOG_SD**2) for t in grid[::40]]
    assert fit_temperature(logits, y) == pytest.approx(grid[::40][int(np.argmin(costs))], rel=0.01)


def test_a_few_trials_all_right_make_nothing_certain() -> None:
    logits = np.array([[[2.0, -2.0], [-2.0, 2.0], [1.5, -1.5]]])
    y = np.array([0, 1, 0])
    assert 0.5 < fit_temperature(logits, y) < 1.0


def test_answers_to_one_trial_again_are_no_new_evidence() -> None:
    logits, y = _answers(4, 2, 12, 3.0)
    once = fit_temperature(logits, y)
    again = fit_temperature(np.concatenate([logits] * 5, 1), np.concatenate([y] * 5), trials=12)
    assert again == pytest.approx(once, rel=1e-3)
    assert abs(math.log(fit_temperature(np.concatenate([logits] * 5, 1), np.concatenate([y] * 5)))) > abs(
        math.log(once)
    )


def test_members_that_diverged_do_not_count() -> None:
    logits, y = _answers(5, 2, 50, 2.0)
    with_nan = np.concatenate([logits, np.full((1, 50, 2), np.nan)])
    assert fit_temperature(with_nan, y) == pytest.approx(fit_temperature(logits, y), rel=1e-6)


def test_without_answers_nothing_is_changed() -> None:
    assert fit_temperature(np.zeros((2, 0, 2)), np.zeros(0, np.int32)) == 1.0
    assert fit_temperature(np.full((2, 3, 2), np.nan), np.zeros(3, np.int32)) == 1.0


def test_a_temperature_moves_no_answer_over_a_half() -> None:
    logits = np.random.default_rng(6).normal(size=(4, 9, 2))
    hot, cold = calibrated(logits, np.full((4, 9), 7.0)), calibrated(logits, np.full((4, 9), 0.2))
    np.testing.assert_array_equal(hot > 0.5, cold > 0.5)
    assert (np.abs(hot - 0.5) < np.abs(cold - 0.5)).all()
