"""What every classifier that can be judged, trained and saved keeps to. A new one is tested by being among the names."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import get_args

import jax
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax

import smilejax
from smilejax import ModelSettings, Predictor, Recipe, SimulationSettings, TrainingSettings, Trials
from smilejax._util.errors import CheckpointError, DataError, SettingsError
from smilejax.classifiers import keep_fitted
from smilejax.classifiers.registry import OFFERED
from smilejax.classifiers.run_classifiers import run_log_odds
from smilejax.prediction.predictor import trial_info
from smilejax.prediction.train_members import MembersToTrain, train_members
from smilejax.prediction.train_model import key_of_training
from smilejax.preprocess.pipeline import settle
from smilejax.settings import Classifier
from smilejax.settings.classifier_names import FITTED, has_network, has_seeds

pytestmark = pytest.mark.slow  # trains every classifier

NAMES = tuple(name for name in get_args(Classifier) if name != "dynamics")  # of faces: test_dynamics_model.py
every = pytest.mark.parametrize("name", NAMES)
fitted = pytest.mark.parametrize("name", [name for name in NAMES if name in OFFERED])
TRAINING = TrainingSettings(epochs=2, minibatch_size=8, model=ModelSettings(hidden=4, dense=(6, 4)))
RECIPE = Recipe(resample_hz=10)
SMALL = SimulationSettings(participants=4, smilers=4, duration_ms=2000, effect_mm=0.6)


@pytest.fixture(scope="module")
def trials() -> Trials:
    return smilejax.simulate_study(SMALL, key=jax.random.key(0)).trials


@pytest.fixture(scope="module")
def mask(trials: Trials) -> np.ndarray:
    """The first three participants train."""
    return np.array([participant != "p04" for participant in trials.participant])


@pytest.fixture(scope="module")
def models(trials: Trials, mask: np.ndarray) -> dict[str, Predictor]:
    return {name: _model(trials, name, mask) for name in NAMES}


def _model(trials: Trials, name: str, mask: np.ndarray, seeds: int = 2) -> Predictor:
    return smilejax.train_model(trials, RECIPE, TRAINING, classifier=name, seeds=seeds, train_mask=mask)


def _p(table: pd.DataFrame) -> np.ndarray:
    return table["p_genuine"].to_numpy()


def _members(trials: Trials, name: str, mask: np.ndarray):
    info = trial_info(trials, settle(RECIPE, trials))
    seeds = (0, 1) if has_seeds(name) else (0,)
    return train_members(MembersToTrain(info, name, TRAINING, seeds, key_of_training, mask), {})


@every
def test_a_model_has_its_members_and_says_what_it_is(name: str, models: dict[str, Predictor]) -> None:
    model = models[name]
    assert model.classifier == name
    assert model.members == (2 if has_seeds(name) else None)
    assert {"network": "lstm of 4", "combined": "MiniRocket", "rocket": "MiniRocket", "features": "features"}[
        name
    ] in repr(model)


@every
def test_saved_and_loaded_it_predicts_the_same_bits(
    name: str, models: dict[str, Predictor], trials: Trials, tmp_path: Path
) -> None:
    loaded = smilejax.load_model(models[name].save(tmp_path / "model"))
    assert loaded.classifier == name
    pd.testing.assert_frame_equal(loaded.predict(trials), models[name].predict(trials), check_exact=True)


@every
def test_predictions_of_the_model_are_those_of_its_training(
    name: str, models: dict[str, Predictor], trials: Trials, mask: np.ndarray
) -> None:
    logits = _members(trials, name, mask).logits.astype(np.float64)
    expected = softmax(logits, axis=-1)[..., 1].mean(0)
    np.testing.assert_allclose(_p(models[name].predict(trials)), expected, atol=2e-6)


@fitted
def test_what_is_kept_predicts_as_the_folds_of_a_study_do(name: str, trials: Trials, mask: np.ndarray) -> None:
    info = trial_info(trials, settle(RECIPE, trials))
    y, key = np.asarray(info.dataset.y), jax.random.key(3)
    train = mask & info.dataset.kept
    expected = run_log_odds(name, info, train[None], y[None], key=key)[0, 0]
    kept = keep_fitted.fit_kept(name, info, train, y, key=key)
    np.testing.assert_allclose(keep_fitted.kept_log_odds(name, kept, info, chunk=7), expected, atol=2e-3, rtol=1e-3)
    assert np.ptp(expected) > 0.5


def test_combined_is_the_mean_of_log_odds(trials: Trials, mask: np.ndarray) -> None:
    """By plain NumPy, from the parts trained alone."""
    network, rocket, both = (_members(trials, name, mask).logits for name in ("network", "rocket", "combined"))
    of_network, of_rocket, of_both = (one[..., 1].astype(np.float64) - one[..., 0] for one in (network, rocket, both))
    np.testing.assert_allclose(of_both, (of_network + of_rocket) / 2, atol=1e-5)
    assert np.abs(of_both - of_network).max() > 0.05
    np.testing.assert_allclose(expit(of_both).mean(0), _p(_model(trials, "combined", mask).predict(trials)), atol=2e-6)


@every
def test_labels_of_other_trials_do_not_matter_and_those_trained_on_do(
    name: str, models: dict[str, Predictor], trials: Trials, mask: np.ndarray
) -> None:
    once = _p(models[name].predict(trials))
    elsewhere = dataclasses.replace(trials, label=np.where(mask, trials.label, 1 - trials.label))
    np.testing.assert_array_equal(_p(_model(elsewhere, name, mask).predict(trials)), once)
    permuted = dataclasses.replace(trials, label=np.where(mask, np.roll(trials.label, 3), trials.label))
    assert np.abs(_p(_model(permuted, name, mask).predict(trials)) - once).max() > 1e-4


@every
def test_a_prediction_does_not_depend_on_the_other_trials_nor_on_their_order(
    name: str, models: dict[str, Predictor], trials: Trials
) -> None:
    once = _p(models[name].predict(trials))
    order = np.random.default_rng(0).permutation(len(trials))
    np.testing.assert_array_equal(_p(models[name].predict(trials[order])), once[order])
    np.testing.assert_allclose(_p(models[name].predict(trials[order[:5]])), once[order[:5]], atol=1e-6)


@every
def test_any_number_of_trials_is_one_program(name: str, models: dict[str, Predictor], trials: Trials) -> None:
    models[name].predict(trials)
    before = keep_fitted._apply._cache_size()
    models[name].predict(trials[np.arange(9)])
    assert keep_fitted._apply._cache_size() == before


def test_unknown_classifiers_are_refused_with_a_list(trials: Trials) -> None:
    words = "classifier must be one of network, combined, rocket, features, dynamics"
    with pytest.raises(SettingsError, match=words):
        smilejax.train_model(trials, RECIPE, TRAINING, classifier="forest")
    with pytest.raises(SettingsError, match=words):
        smilejax.StudySettings(classifier="forest")
    with pytest.raises(SettingsError, match="seeds must be a whole number from 1 up"):
        smilejax.train_model(trials, RECIPE, TRAINING, seeds=0)


def test_trials_too_short_for_a_kernel_are_refused(trials: Trials) -> None:
    short = Recipe(resample_hz=10, duration_ms=500)
    with pytest.raises(DataError, match="'rocket' cannot be trained: trials have 5 steps, and a kernel needs 9"):
        smilejax.train_model(trials, short, TRAINING, classifier="rocket", seeds=1)


@every
def test_another_unit_is_refused(name: str, models: dict[str, Predictor], trials: Trials) -> None:
    with pytest.raises(DataError, match="trained on pupils in mm; these are in au"):
        models[name].predict(dataclasses.replace(trials, unit="au"))


@pytest.mark.parametrize("claimed", ["forest", "network", "combined", None])
def test_a_record_that_names_another_classifier_is_refused(
    claimed: str | None, models: dict[str, Predictor], tmp_path: Path
) -> None:
    """Where the arrays are not those of the classifier named; the record is signed anew, as a foreign program might."""
    from smilejax.prediction import checkpoint

    path = models["rocket"].save(tmp_path / "model")
    arrays, record = checkpoint.load_checkpoint(path)
    shutil.rmtree(path)
    checkpoint.save_checkpoint(path, arrays, {**record, "classifier": claimed})
    with pytest.raises(CheckpointError, match="holds no model that this version of smilejax understands"):
        smilejax.load_model(path)


def test_a_flipped_byte_is_found(models: dict[str, Predictor], tmp_path: Path) -> None:
    path = models["features"].save(tmp_path / "model")
    file = next(f for f in sorted(path.rglob("*")) if f.is_file() and f.name != "model.json")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(CheckpointError, match="was altered after it was saved"):
        smilejax.load_model(path)
    assert json.loads((path / "model.json").read_text())["record"]["classifier"] == "features"


def test_names_are_divided_among_the_parts() -> None:
    assert [name for name in NAMES if has_network(name)] == ["network", "combined"]
    assert set(FITTED.values()) == set(OFFERED)
    assert [name for name in NAMES if has_seeds(name)] == ["network", "combined"]
