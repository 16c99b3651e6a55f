"""Faces go the whole way: a table becomes a model and predictions, a study its verdict and its page, in the words of faces."""

import re
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.drawn_faces import drawn_faces
from helpers.face_tables import face_frame
from helpers.small_study import SMALL

from smilejax import (
    FaceRecipe,
    Faces,
    Recipe,
    StudySettings,
    by_participant,
    load_model,
    prepare,
    run_reference_classifiers,
    simulate_study,
    train_model,
)
from smilejax._util.errors import DataError, SettingsError
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.registry import REFERENCE_CLASSIFIERS
from smilejax.cli import main
from smilejax.evaluation.study import compute_results, evaluate, prepare_study, saved_study
from smilejax.evaluation.study.study_record import Provenance
from smilejax.recordings.video_covariates import video_covariates
from smilejax.recordings.wording import WORDS, Wording
from smilejax.report.page import page
from smilejax.report.page_parts import Code, Fold, Table, Words
from smilejax.settings import SimulationSettings, TrainingSettings

FEW = StudySettings(
    seeds=1, permutations=19, test_seeds=1, blocks=2, participant_folds=2, shuffled_folds=2, inner_draws=1,
    inner_proportion=0.5, inner_seeds=1, attribution_seeds=1, draws=100,
)  # fmt: skip


AS_TRACKED = FaceRecipe(align="start", neutral_ms=None, lowpass_hz=None, resample_hz=None, max_gap_ms=0.0)
"""As in the tests of the recipe, whose compiled program these share."""


@pytest.fixture(scope="module")
def faces() -> Faces:
    return drawn_faces(8, 4)


def photos(faces: Faces) -> Faces:
    """One frame of each video, with a class that it shows."""
    values = np.array(faces.values[:, 40:41])
    values[:, 0, 2] += 0.3 * faces.label
    return replace(faces, values=values, confidence=None, length=np.ones(len(faces)), rate_hz=1.0)


def test_pupil_features_are_not_for_faces_and_say_so(faces: Faces) -> None:
    dataset = prepare(faces, AS_TRACKED)
    info = TrialInfo(dataset, None, np.full(32, 4000.0, np.float32), video=video_covariates(faces))
    run = {one.name: one for one in REFERENCE_CLASSIFIERS if one.given(info) and not one.why_not_for(dataset)}
    assert set(run) == {
        "majority",
        "dynamics",
        "rocket",
        "video length",
        "brightness",
        "confidence",
    }  # of the resolution, the width alone
    same = "it is the same in all videos"
    assert run["video length"].reason_against(info) == run["confidence"].reason_against(info) == same
    features = next(one for one in REFERENCE_CLASSIFIERS if one.name == "features")
    assert features.reason_against(info) == "it reads pupils, and these are recordings of faces"


def test_a_control_finds_what_gives_the_class_away(faces: Faces) -> None:
    dataset = prepare(faces, AS_TRACKED)
    folds = by_participant(dataset, folds=2, key=jax.random.key(0))
    telling = {"mean_brightness": 100 + 20.0 * faces.label, "duration_ms": np.full(32, 4000.0)}
    (found,) = run_reference_classifiers(
        dataset, folds, np.asarray(dataset.y)[None], baseline=None, length_ms=np.full(32, 4000.0),
        key=jax.random.key(0), video=telling, only=["brightness"],
    )  # fmt: skip
    assert ((found.probability[0] > 0.5) == (faces.label == 1)).all()


@pytest.mark.slow
def test_a_model_of_photos_is_saved_answers_photos_and_refuses_videos(faces: Faces, tmp_path: Path) -> None:
    stills = photos(faces)
    training = replace(TrainingSettings.faces(), epochs=60, learning_rate=0.02)
    train_model(stills, training=training, seeds=1).save(tmp_path / "model")
    model = load_model(tmp_path / "model")
    assert isinstance(model.recipe, FaceRecipe)
    assert model.stills
    table = model.predict(stills)
    assert (table["predicted"] == table["label"]).mean() > 0.9
    with pytest.raises(DataError, match="the model was trained on single frames; these are videos"):
        model.predict(faces)
    with pytest.raises(DataError, match="the model needs the measures eyelids_left"):
        model.predict(replace(stills, values=stills.values[:, :, :2], channels=stills.channels[:2]))
    pupils = simulate_study(SimulationSettings(participants=2, smilers=2), key=jax.random.key(0)).trials
    with pytest.raises(DataError, match="the model was trained on faces; these are recordings of pupils"):
        model.predict(pupils)
    with pytest.raises(SettingsError, match="recipe must be a FaceRecipe"):
        train_model(stills, Recipe())


def test_every_kind_has_words_and_names_are_kept() -> None:
    assert set(WORDS) == {"pupil", "face"}
    worded = Wording("face", ["pupil trial"])
    assert worded("Trials of participants: pupil trial, and the pupil's response") == (
        "Videos of smilers: pupil trial, and the smile"
    )
    assert worded.everywhere({"a": ("2 trials",), "b": [1, '{"x": "trials", "bdata": "trials"}']}) == {
        "a": ("2 videos",),
        "b": [1, '{"x": "videos", "bdata": "trials"}'],
    }


def test_commands_and_settings_are_shown_as_they_are() -> None:
    worded = Wording("face")
    command = Code("smilejax evaluate trials/faces.csv --participant who --participant-folds 4 --trial clip")
    read = Fold(
        "As it was read", (Table("", ("what", "value"), (("smiler", "column 'participant'"),)),), as_written=True
    )
    assert worded.everywhere((command, read, Words("Name it with --trial: 4 trials."))) == (
        command,
        read,
        Words("Name it with --trial: 4 videos."),
    )
    assert worded.everywhere(replace(read, as_written=False)) != read


def test_commands_say_which_options_are_of_pupils(
    faces: Faces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "faces.csv"
    face_frame(faces).to_csv(path, index=False)
    assert main(["check", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "faces" in printed
    assert "pupil" not in printed
    assert main(["clean", str(path), "--pad-ms", "30"]) == 2
    assert "--pad-ms has no meaning for recordings of faces" in " ".join(capsys.readouterr().err.split())
    assert main(["clean", str(path), "--recipe", "kret2019"]) == 2
    assert "--recipe must be default for recordings of faces" in " ".join(capsys.readouterr().err.split())
    assert main(["convert", str(path), "--to", "tidy", "--out", str(tmp_path / "x.csv")]) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "seed", "found"), [(1.0, 0, True), (0.0, 3, False)])
def test_a_difference_is_found_and_none_is_not(effect: float, seed: int, found: bool, tmp_path: Path) -> None:
    given = drawn_faces(12, 4, effect=effect, seed=seed)
    training = replace(TrainingSettings.faces(), epochs=60)
    prepared = prepare_study(given, FaceRecipe(), training, FEW)
    raw, _ = evaluate(prepared)
    results = compute_results(raw, FEW)
    assert (results.verdict.conclusion not in ("not above chance", "not judged")) == found
    study = saved_study.write_study(tmp_path / "study", raw, results, Provenance("by hand", {}, None))
    text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", page(study.record), flags=re.S)
    assert not re.search(r"\b(pupils?|observers?|luminance|eye tracker|participants?)\b", text, re.IGNORECASE)
    assert "smilers" in text


@pytest.mark.slow
def test_photos_are_evaluated(faces: Faces) -> None:
    prepared = prepare_study(photos(faces), FaceRecipe(), replace(SMALL, epochs=20), FEW)
    raw, final = evaluate(prepared)
    assert raw.x.shape == (32, 1, 3)
    assert final is not None
    assert compute_results(raw, FEW).verdict.headline
