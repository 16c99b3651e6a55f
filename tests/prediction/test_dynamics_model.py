"""A model of smile dynamics: trained, saved, loaded and asked, as those of pupils are in `test_every_classifier`."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.small_study import WHOLE

import smilejax
from smilejax import FaceRecipe, Faces, FaceSimulationSettings, TrainingSettings
from smilejax.evaluation.study import prepare_study
from smilejax.evaluation.study.comparisons import classifiers, mask_alone
from smilejax.evaluation.study.trainers import trainer_of

SMALL = FaceSimulationSettings(smilers=10, videos_per_class=2, effect=3.0, losses_per_minute=0.0)


@pytest.fixture(scope="module")
def faces() -> Faces:
    return smilejax.simulate_faces(SMALL, key=jax.random.key(0)).faces


@pytest.mark.slow
def test_a_model_finds_a_large_effect_in_new_smilers_and_is_the_same_when_loaded(faces: Faces, tmp_path: Path) -> None:
    known = np.array([name <= "007" for name in faces.participant])
    model = smilejax.train_model(faces, FaceRecipe(), classifier="dynamics", train_mask=known)
    assert "dynamics" in repr(model)
    new = faces.take(~known)
    found = model.predict(new)["p_genuine"].to_numpy()
    assert np.mean((found > 0.5) == (new.label == 1)) > 0.8
    loaded = smilejax.load_model(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict(new)["p_genuine"].to_numpy(), found)


@pytest.mark.slow
def test_a_study_judges_it_and_its_control_sees_the_mask_alone(faces: Faces) -> None:
    settings = replace(WHOLE, classifier="dynamics")
    prepared = prepare_study(faces, FaceRecipe(), TrainingSettings.faces(), settings)
    trainer = trainer_of(prepared, folder=None, progress=lambda ended: None, options={})
    found = mask_alone(trainer, prepared, prepared.variants[0])
    assert found.name == "mask"
    scored = found.probability[..., prepared.chosen.folds.test.any(0)]
    assert np.isfinite(scored).all()
    assert "dynamics" not in [one.name for one in classifiers(prepared)]
