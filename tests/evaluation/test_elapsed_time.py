"""Scores by elapsed time: from the first part of each trial alone, out of fold."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from helpers.exported_study import made_study, recordings_of
from helpers.made_model import gappy_input, made_model

import smilejax
from smilejax import ModelSettings, Recipe, SimulationSettings, TrainingSettings
from smilejax._util.errors import SettingsError
from smilejax.evaluation.elapsed_time import elapsed_scores, elapsed_steps, of_model, scores_by_elapsed_time
from smilejax.prediction.ensemble import mean_probability, members_of

SMALL = ModelSettings(hidden=3, dense=(6, 4))


def test_times_are_equal_parts_and_end_with_the_trial() -> None:
    assert elapsed_steps(100).tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert elapsed_steps(3).tolist() == [1, 2, 3]
    assert elapsed_steps(7, 2).tolist() == [4, 7]


def test_what_comes_later_is_not_looked_at() -> None:
    model = made_model(SMALL, steps=13, members=2)
    x, valid = gappy_input(13, 1)
    x = np.where(valid[:, :, None], x, 0)
    p, steps = of_model(model.variables, 2, x, valid, model=SMALL)
    assert steps.tolist() == [1, 3, 4, 5, 6, 8, 9, 10, 12, 13]
    for at, given in zip(p, steps, strict=True):
        later = np.random.default_rng(1).normal(size=x.shape).astype(np.float32)
        later[:, :given] = x[:, :given]
        known = valid.copy()
        known[:, given:] = False
        wanted = mean_probability(members_of(model.variables, 2), later, known, model=SMALL, chunk=9)
        np.testing.assert_allclose(at, wanted[:, 1], atol=1e-6)
    assert np.ptp(p, axis=0).max() > 1e-3


def test_scores_are_those_of_the_probabilities() -> None:
    y = np.array([0, 0, 1, 1, 1])
    p = np.array([[0.4, 0.6, 0.6, 0.4, 0.9], [0.1, 0.2, 0.9, 0.8, 0.1]])
    scored = np.array([True, True, True, True, False])
    first, second = elapsed_scores(p, y, scored, np.array([100.0, 200.0]))
    assert (first.trials, first.accuracy, first.balanced_accuracy) == (4, 0.5, 0.5)
    assert (second.accuracy, second.elapsed_ms) == (1.0, 200.0)
    assert second.log_loss == pytest.approx(-np.log([0.9, 0.8, 0.9, 0.8]).mean())
    assert second.calibration_error == pytest.approx(0.15)
    assert 0 < second.calibration_high < 1


def test_a_recipe_that_is_not_causal_is_refused() -> None:
    trials = recordings_of(made_study())
    with pytest.raises(SettingsError, match="lowpass_phase causal"):
        scores_by_elapsed_time(trials, Recipe(), TrainingSettings(), None)  # type: ignore[arg-type]


@pytest.mark.slow  # compiles the cleaning and trains
def test_a_late_effect_is_found_late_and_out_of_fold() -> None:
    """Classes that differ in the second half of a trial alone: chance before, and nearly all right at the end."""
    settings = SimulationSettings(participants=4, smilers=6, duration_ms=3000.0, effect_mm=0.0)
    trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
    pupil = trials.pupil.copy()
    late = np.linspace(0, 3.0, 90, dtype=np.float32)[None, :, None]
    pupil[trials.label == 1, 90:] += late
    trials = replace(trials, pupil=pupil)
    training = TrainingSettings(
        model=replace(SMALL, velocity_steps=3, pool_steps=5), epochs=60, learning_rate=0.02, truncate_from=0.1
    )
    recipe = Recipe.causal()
    folds = smilejax.by_participant(smilejax.prepare(trials, recipe))
    scores = scores_by_elapsed_time(trials, recipe, training, folds, seeds=(0, 1), parts=6)
    assert [one.elapsed_ms for one in scores] == [500.0, 1000.0, 1500.0, 2000.0, 2500.0, 3000.0]
    assert all(one.balanced_accuracy < 0.75 for one in scores[:3])
    assert all(one.balanced_accuracy > 0.9 for one in scores[4:])
    assert scores[-1].log_loss < 0.55 < 0.6 < scores[0].log_loss
