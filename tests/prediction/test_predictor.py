"""A saved model classifies new recordings as the training did, and says what it does to make them fit."""

import math
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

import smilejax
from smilejax import (
    ModelSettings,
    Predictor,
    Reason,
    Recipe,
    SimulationSettings,
    TrainingSettings,
    Trials,
    clean,
)
from smilejax._util.errors import CheckpointError, DataError, SettingsError
from smilejax.models import network
from smilejax.preprocess import pipeline

STUDY = SimulationSettings(participants=4, smilers=3, duration_ms=1500.0)
SETTINGS = TrainingSettings(epochs=3, model=ModelSettings(hidden=4, dense=(12, 6)))


@pytest.fixture(scope="module")
def trials() -> Trials:
    simulated = smilejax.simulate_study(STUDY, key=jax.random.key(3)).trials
    pupil = simulated.pupil.copy()
    pupil[4, 60:110] = np.nan  # a hole longer than is filled: its steps are not valid
    return replace(simulated, pupil=pupil)


def fitted(trials: Trials, recipe: Recipe) -> tuple[Predictor, smilejax.RunResult]:
    result = smilejax.train(smilejax.prepare(trials, recipe), SETTINGS, key=jax.random.key(0))
    return Predictor.of(result, trials, record={"seed": 0}), result


@pytest.fixture(scope="module")
def both(trials: Trials) -> tuple[Predictor, smilejax.RunResult]:
    return fitted(trials, Recipe())


@pytest.fixture(scope="module")
def two_eyes(trials: Trials) -> Predictor:
    """Of a recipe with settings that JSON has no number for."""
    recipe = Recipe(max_gap_ms=math.inf, lowpass_hz=None, baseline_ms=None, range_mm=None, channels=("left", "right"))
    return fitted(trials, recipe)[0]


def test_saved_and_loaded_it_classifies_as_the_training_did(both, trials: Trials, tmp_path: Path) -> None:
    predictor, result = both
    loaded = smilejax.load_model(predictor.save(tmp_path / "model"))
    table = loaded.predict(trials)
    assert list(table.columns) == [
        "trial",
        "participant",
        "label",
        "p_posed",
        "p_genuine",
        "predicted",
        "proportion_valid",
        "status",
    ]
    assert table["trial"].tolist() == list(trials.trial)
    logits = np.asarray(result.logits, np.float64)
    expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    np.testing.assert_allclose(table[["p_posed", "p_genuine"]], expected, atol=1e-5)
    assert table["predicted"].tolist() == [("posed", "genuine")[k] for k in logits.argmax(-1)]
    kept = np.asarray(clean(trials, predictor.recipe).marked) == Reason.MEASURED
    proportion = kept.any(-1).sum(1) / trials.length
    np.testing.assert_allclose(table["proportion_valid"], proportion, atol=1e-6)
    assert loaded.recipe == predictor.recipe
    assert loaded.settings == SETTINGS
    assert loaded.record["seed"] == 0
    assert loaded.record["versions"]["jax"] == jax.__version__
    assert loaded.notes(trials) == []


def test_any_number_of_trials_without_compiling_again(both, trials: Trials) -> None:
    predictor, _ = both
    whole = predictor.predict(trials)
    compiled = pipeline._run_blocks._cache_size(), network.logits_program._cache_size()
    for rows in (np.arange(1), np.arange(7), np.r_[5, 2, 9]):
        part = predictor.predict(trials.take(rows))
        np.testing.assert_allclose(part["p_genuine"], whole["p_genuine"].to_numpy()[rows], atol=1e-6)
    n = len(trials)
    names = tuple(f"{i}" for i in range(5 * n))
    many = replace(
        trials,
        pupil=np.tile(trials.pupil, (5, 1, 1)),
        length=np.tile(trials.length, 5),
        label=np.tile(trials.label, 5),
        trial=names,
        participant=trials.participant * 5,
        stimulus=None,
        smiler=None,
    )
    np.testing.assert_allclose(predictor.predict(many)["p_genuine"], np.tile(whole["p_genuine"], 5), atol=1e-6)
    assert (pipeline._run_blocks._cache_size(), network.logits_program._cache_size()) == compiled


def test_a_predictor_has_the_settings_of_its_training_and_no_others(both, trials: Trials) -> None:
    predictor, result = both
    assert predictor.settings == SETTINGS
    assert Predictor.of(result, trials, recipe=Recipe(), settings=SETTINGS).recipe == predictor.recipe
    with pytest.raises(SettingsError, match=r"settings must be those of the training \(hidden is 32 instead of 4\)"):
        Predictor.of(result, trials, settings=replace(SETTINGS, model=replace(SETTINGS.model, hidden=32)))
    with pytest.raises(SettingsError, match=r"recipe must be those of the training \(max_gap_ms is 90.0 instead of"):
        Predictor.of(result, trials, recipe=Recipe(max_gap_ms=90.0))
    unknown = replace(result, settings=None, recipe=None)
    with pytest.raises(SettingsError, match=r"the result does not know its recipe\. Give recipe="):
        Predictor.of(unknown, trials)
    assert Predictor.of(unknown, trials, recipe=Recipe(), settings=SETTINGS).recipe == predictor.recipe
    with pytest.raises(DataError, match="trials must be those of the training, 24; they are 3"):
        Predictor.of(result, trials.take([0, 1, 2]))
    with pytest.raises(DataError, match=r"made of one run with its parameters; this result has no parameters"):
        Predictor.of(replace(result, variables=None), trials)
    with pytest.raises(DataError, match=r"this result has 2 runs"):
        Predictor.of(jax.tree.map(lambda leaf: np.stack([leaf, leaf]), result), trials)


def test_it_prints_itself_in_a_line_and_in_a_table(both) -> None:
    predictor, _ = both
    assert repr(predictor) == (
        "<Predictor: classes posed and genuine, network lstm of 4, channels fused, trials of 1500 ms at 10 Hz, in mm>"
    )
    ensemble = replace(predictor, members=3, class_names=("<b>", "Hard"))
    assert "ensemble of 3" in repr(ensemble)
    assert "&lt;b&gt; and Hard" in ensemble._repr_html_()


def test_no_more_digits_than_were_computed(both, trials: Trials) -> None:
    predictor, _ = both
    table = predictor.predict(trials)
    for name in ("p_posed", "p_genuine", "proportion_valid"):
        assert all(len(f"{value!r}") <= 9 for value in table[name].tolist()), name
    np.testing.assert_allclose(table["p_posed"] + table["p_genuine"], 1, atol=1e-6)


def test_labels_are_not_looked_at(both, trials: Trials) -> None:
    predictor, _ = both
    blind = replace(trials, label=np.full(len(trials), -1))
    answers = predictor.predict(trials)
    assert answers["label"].tolist() == [trials.class_names[k] for k in trials.label]
    unseen = predictor.predict(blind)
    assert unseen["label"].isna().all()
    assert unseen.drop(columns="label").equals(answers.drop(columns="label"))


def test_trials_the_recipe_rejects_are_marked(both, trials: Trials) -> None:
    predictor, _ = both
    pupil = trials.pupil.copy()
    pupil[1] = np.nan
    pupil[2, : pupil.shape[1] * 2 // 3] = np.nan
    table = predictor.predict(replace(trials, pupil=pupil))
    assert table["status"].tolist()[:3] == ["kept", "nothing measured", "too much missing"]
    assert table.loc[1, ["p_posed", "p_genuine", "predicted"]].isna().all()
    assert table.loc[[0, 2], ["p_posed", "p_genuine", "predicted"]].notna().all(axis=None)
    assert table["proportion_valid"][1] == 0


@pytest.mark.slow
def test_other_rates_and_lengths_are_noted_and_handled(both, trials: Trials) -> None:
    """The same physical study at 250 Hz is classified almost alike; slower and shorter ones are classified at all."""
    predictor, _ = both
    here = predictor.predict(trials)
    fast = smilejax.simulate_study(replace(STUDY, rate_hz=250.0), key=jax.random.key(3)).trials
    assert predictor.notes(fast) == [
        "recorded at 250 Hz, where the model's recordings had 60; resampled to the 10 Hz that the model sees"
    ]
    whole = np.arange(len(trials)) != 4
    np.testing.assert_allclose(predictor.predict(fast)["p_genuine"][whole], here["p_genuine"][whole], atol=0.02)
    slow = replace(trials, pupil=trials.pupil[:, ::10], length=trials.length // 10, rate_hz=6.0)
    assert predictor.notes(slow)[1] == "no low-pass: a recording at 6 Hz holds nothing above 3 Hz"
    assert predictor.predict(slow)["p_genuine"].notna().all()
    short = replace(trials, length=np.r_[np.full(5, 60), trials.length[5:]])
    assert predictor.notes(short) == ["5 of 24 trials are shorter than the model's 1500 ms; padded"]
    longer = replace(trials, pupil=np.concatenate([trials.pupil, trials.pupil], axis=1), length=trials.length * 2)
    assert predictor.notes(longer) == ["24 of 24 trials are longer than the model's 1500 ms; cropped"]
    np.testing.assert_allclose(predictor.predict(longer)["p_genuine"], here["p_genuine"], atol=1e-6)


def test_an_eye_that_is_not_there(both, two_eyes: Predictor, trials: Trials) -> None:
    predictor, _ = both
    pupil = trials.pupil.copy()
    pupil[:, :, 0] = np.nan
    right_only = replace(trials, pupil=pupil)
    assert predictor.notes(right_only) == ["only the right eye was recorded; it stands for the fused pupil"]
    assert predictor.predict(right_only)["predicted"].notna().all()
    with pytest.raises(DataError, match="the model needs the left eye, and no sample of it was measured"):
        two_eyes.predict(right_only)


def test_another_unit_is_refused(both, trials: Trials) -> None:
    with pytest.raises(DataError, match="trained on pupils in mm; these are in au"):
        both[0].predict(replace(trials, unit="au"))


def test_a_diverged_training_makes_no_model(both, trials: Trials) -> None:
    _, result = both
    with pytest.raises(DataError, match="the training diverged"):
        Predictor.of(replace(result, status=jax.numpy.int32(1)), trials)


def test_every_recipe_survives_the_disk(two_eyes: Predictor, tmp_path: Path) -> None:
    assert smilejax.load_model(two_eyes.save(tmp_path / "m")).recipe == two_eyes.recipe


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    from smilejax.prediction import checkpoint

    place = checkpoint.save_checkpoint(tmp_path / "m", {"x": np.float32(1)}, {"class_names": ["a", "b"]})
    with pytest.raises(CheckpointError, match="holds no model that this version of smilejax understands"):
        smilejax.load_model(place)


def test_loading_runs_no_pickle(both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    place = both[0].save(tmp_path / "m")

    def refuse(*args: object, **more: object) -> None:
        raise AssertionError("pickle was used")

    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    smilejax.load_model(place)


def test_an_ensembles_probabilities_are_its_members_mean_at_its_temperature(
    both, trials: Trials, tmp_path: Path
) -> None:
    one, first = both
    other = smilejax.train(smilejax.prepare(trials, Recipe()), SETTINGS, key=jax.random.key(7))
    variables = jax.tree.map(lambda *leaves: np.stack(leaves), one.variables, jax.tree.map(np.asarray, other.variables))
    ensemble = smilejax.load_model(
        replace(one, variables=variables, members=2, temperature=2.5).save(tmp_path / "model")
    )
    assert (ensemble.members, ensemble.temperature) == (2, 2.5)
    each = [np.asarray(result.logits, np.float64) / 2.5 for result in (first, other)]
    expected = np.mean([np.exp(z) / np.exp(z).sum(-1, keepdims=True) for z in each], axis=0)
    np.testing.assert_allclose(ensemble.predict(trials)[["p_posed", "p_genuine"]], expected, atol=1e-5)


@pytest.mark.parametrize("changes", [{"members": 0}, {"members": 3}, {"temperature": 0.0}, {"members": True}])
def test_an_ensemble_that_is_none_is_refused(both, tmp_path: Path, changes) -> None:
    one, _ = both
    variables = jax.tree.map(lambda leaf: np.stack([leaf, leaf]), one.variables)
    path = replace(one, variables=variables, **({"members": 2} | changes)).save(tmp_path / "model")
    with pytest.raises(CheckpointError, match="holds no model that this version of smilejax understands"):
        smilejax.load_model(path)


def test_trials_that_begin_before_the_models_are_cropped(both, trials: Trials) -> None:
    predictor, _ = both
    lead = 30  # samples, half a second
    pupil = np.concatenate([np.full((len(trials), lead, 2), np.float32(3)), trials.pupil], axis=1)
    early = replace(trials, pupil=pupil, length=trials.length + lead, start_ms=-lead * 1000 / trials.rate_hz)
    notes = predictor.notes(early)
    assert notes == [
        "recorded from -500 ms relative to onset, where the model's trials begin at 0 ms; the first 500 ms of each are left out"
    ]
    assert predictor.predict(early).equals(predictor.predict(trials))
    off = replace(trials, start_ms=8.0)  # less than half a sample
    assert predictor.notes(off) == []
    assert predictor.predict(off).equals(predictor.predict(trials))


def test_trials_that_begin_after_the_models_are_refused(both, trials: Trials) -> None:
    with pytest.raises(DataError) as caught:
        both[0].predict(replace(trials, start_ms=100.0))
    said = str(caught.value)
    assert said.startswith("the model's trials begin at 0 ms relative to onset; these begin at 100 ms.")
    assert "window_ms" in said


def test_a_model_keeps_where_its_trials_begin(both, trials: Trials, tmp_path: Path) -> None:
    one = replace(both[0], start_ms=-400.0, recipe=replace(both[0].recipe, baseline_ms=(-200.0, 0.0)))
    loaded = smilejax.load_model(one.save(tmp_path / "model"))
    assert (loaded.start_ms, loaded.recipe.baseline_ms) == (-400.0, (-200.0, 0.0))
    assert "from -400 ms" in repr(loaded)
    assert loaded.predict(replace(trials, start_ms=-395.0)).equals(one.predict(replace(trials, start_ms=-400.0)))
