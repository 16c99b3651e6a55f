"""A whole study, trained: small, but through everything."""

import dataclasses

import jax
import numpy as np
import pytest
from helpers.small_study import WHOLE

import smilejax
from smilejax import Covariate, ModelSettings, Recipe, SimulationSettings, StimulusTable, TrainingSettings
from smilejax._util.errors import DataError, SettingsError
from smilejax.classifiers import run_reference_classifiers
from smilejax.cli import study_folder
from smilejax.evaluation.study import compute_results, evaluate, prepare_study
from smilejax.evaluation.study.comparisons import classifiers, pupil_baseline
from smilejax.evaluation.study.compute_scores import probability_of_seeds
from smilejax.evaluation.study.hyperparameters import inner_folds
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.preparation import inner_key
from smilejax.evaluation.study.protocols import protocols
from smilejax.recordings.recording import length_ms
from smilejax.splits import design_of
from smilejax.splits.permutations import permute_labels_for_folds
from smilejax.training.plans import train_plan

SETTINGS = WHOLE
TRAINING = TrainingSettings(epochs=2, minibatch_size=8, model=ModelSettings(hidden=4, dense=(6, 4)))
RECIPE = Recipe(resample_hz=10)
TRIALS = SimulationSettings(participants=4, smilers=4, duration_ms=2000, effect_mm=0.6)


@pytest.fixture(scope="module")
def trials():
    return smilejax.simulate_study(TRIALS, key=jax.random.key(0)).trials


def _table(trials) -> StimulusTable:
    """A luminance for each stimulus, and one of two sources that are not the classes."""
    stimuli = tuple(dict.fromkeys(trials.stimulus))
    numbers, words = tuple(float(k * k) for k in range(len(stimuli))), tuple("aabb"[k % 4] for k in range(len(stimuli)))
    return StimulusTable("mine", stimuli, (Covariate("luminance", numbers=numbers), Covariate("source", words=words)))


@pytest.fixture(scope="module")
def prepared(trials):
    return prepare_study(trials, RECIPE, TRAINING, SETTINGS)


@pytest.fixture(scope="module")
def whole(prepared):
    heard: list[int] = []
    raw, final = evaluate(prepared, progress=heard.append)
    return raw, final, heard


def test_every_run_is_accounted_for(prepared, whole) -> None:
    raw, final, heard = whole
    assert sum(heard) == prepared.runs
    assert [one.name for one in raw.protocols] == ["participant-and-stimulus", "participant", "stimulus", "shuffled"]
    assert raw.permutations.predictions.ok.shape == (4, 4, 1)
    assert [one.name for one in raw.classifiers] == ["majority", "baseline", "features", "rocket", "mask"]
    assert final.diverged == 0
    assert len(jax.tree.leaves(final.variables)[0]) == SETTINGS.seeds


def test_a_scheme_that_the_design_does_not_allow_is_refused_before_any_training(trials) -> None:
    with pytest.raises(DataError, match="scheme 'trial' does not fit"):
        prepare_study(trials, RECIPE, TRAINING, dataclasses.replace(SETTINGS, scheme="trial"))


def test_validation_trials_that_cannot_be_are_not_counted(prepared) -> None:
    """Two participants leave none inside a fold: nothing is announced that will not be trained."""
    two = smilejax.simulate_study(dataclasses.replace(TRIALS, participants=2), key=jax.random.key(0)).trials
    found = prepare_study(two, RECIPE, TRAINING, dataclasses.replace(SETTINGS, inner_draws=7, inner_seeds=2))
    assert prepared.room_inside
    assert not found.room_inside
    assert found.runs == prepare_study(two, RECIPE, TRAINING, SETTINGS).runs


def test_a_trial_is_scored_by_models_that_never_saw_its_people_or_stimulus(prepared, whole) -> None:
    """The test's own truth row and the study's first seed are one training: the same answers, bit for bit."""
    raw, _, _ = whole
    both = raw.protocols[0]
    design = design_of(prepared.dataset)
    for train, test in zip(both.folds.train, both.folds.test, strict=True):
        assert not set(design.participant[train]) & set(design.participant[test])
        assert not set(design.smiler[train]) & set(design.smiler[test])
    np.testing.assert_array_equal(both.predictions.logits[0, :, :1], raw.permutations.predictions.logits[0])
    p = mean_over_folds(raw.permutations.predictions.probability(), both.folds.test, 1)
    np.testing.assert_array_equal(p[0, 0], probability_of_seeds(both)[0])


def test_a_score_is_that_of_trainings_one_by_one(prepared, whole) -> None:
    from smilejax.training.plans.plan import key_of

    raw, _, _ = whole
    folds = raw.protocols[0].folds
    for fold in (0, 3):
        alone = smilejax.train(prepared.dataset, TRAINING, key=key_of(1, fold), train_mask=folds.train[fold])
        np.testing.assert_array_equal(np.asarray(alone.logits), raw.protocols[0].predictions.logits[0, fold, 1])


def test_results_of_a_trained_study(whole) -> None:
    raw, _, _ = whole
    results = compute_results(raw, SETTINGS)
    assert results.verdict_protocol == "participant-and-stimulus"
    assert results.verdict.conclusion == "not judged"  # three permutations cannot be significant
    assert results.cleaning.steps
    assert results.attribution.seeds == 1
    assert len(results.several_observers) == 4
    assert results.hyperparameters is None


def test_no_validation_trial_is_one_that_its_fold_scores(prepared) -> None:
    folds = prepared.chosen.folds
    inside = inner_folds(folds, prepared.dataset, dataclasses.replace(SETTINGS, inner_draws=2), key=jax.random.key(5))
    assert len(inside) == 2 * len(folds)
    for number in range(len(inside)):
        own = number // 2
        assert not (inside.test[number] & ~folds.train[own]).any()
        assert not (inside.train[number] & ~folds.train[own]).any()
        assert not (inside.train[number] & inside.test[number]).any()


def test_a_stimulus_table_leaves_all_else_as_it_is(trials, prepared, whole) -> None:
    """Its negative control joins the others, whose numbers stay; what decides whether a study may be resumed stays too."""
    given = prepare_study(trials, RECIPE, TRAINING, SETTINGS, stimulus_table=_table(trials))
    found, before = classifiers(given), whole[0].classifiers
    assert [one.name for one in found] == ["majority", "baseline", "features", "rocket", "covariates"]
    for one, other in zip(found[:4], before[:4], strict=True):
        np.testing.assert_array_equal(one.probability, other.probability)
    assert found[4].why_not == ""
    for name in set(trials.stimulus):  # a stimulus is all that it knows
        rows = np.array([stimulus == name for stimulus in trials.stimulus])
        np.testing.assert_allclose(np.ptp(found[4].probability[:, 0, rows], axis=1), 0.0, atol=1e-6)
    identity = study_folder._identity(given)
    assert identity == study_folder._identity(prepared)
    assert list(identity) == [
        *("data", "folds", "settings", "seeds", "permutations", "kept", "software", "flags"),
        *("variables", "processor", "recipe", "study"),
    ]


@pytest.mark.slow
def test_settings_are_chosen_inside_each_fold(trials, tmp_path, monkeypatch) -> None:
    """A rate that learns nothing stands beside one that does; every run that a kill left is used again, also where a stimulus
    table is given only then."""
    vary = {"learning_rate": (1e-8, 0.05)}
    settings = dataclasses.replace(SETTINGS, permutations=1, attribution_seeds=0, shuffled_folds=2)
    training = dataclasses.replace(TRAINING, epochs=12)
    prepared = prepare_study(trials, RECIPE, training, settings, vary=vary)
    given_later = prepare_study(trials, RECIPE, training, settings, vary=vary, stimulus_table=_table(trials))
    raw, final = evaluate(prepared, folder=tmp_path)
    chosen = raw.protocols[0].predictions.chosen[0]
    assert chosen.mean() > 0.5
    assert final.settings.learning_rate == 0.05
    results = compute_results(raw, settings)
    assert [row.settings["learning_rate"] for row in results.hyperparameters.settings] == [1e-8, 0.05]
    assert sum(row.chosen for row in results.hyperparameters.settings) == 4
    monkeypatch.setattr(train_plan, "Programs", None)  # nothing is trained again
    heard: list[int] = []
    again, _ = evaluate(given_later, folder=tmp_path, progress=heard.append)
    assert sum(heard) == prepared.runs
    for one, other in zip(raw.protocols, again.protocols, strict=True):
        np.testing.assert_array_equal(one.predictions.logits, other.predictions.logits)
    np.testing.assert_array_equal(raw.permutations.predictions.logits, again.permutations.predictions.logits)
    assert again.about.stimulus_table == given_later.covariates.table


def test_what_cannot_be_judged_is_refused_before_any_training(trials) -> None:
    one_class = trials.take(trials.label == 0)
    with pytest.raises(DataError, match="a study needs trials of both classes; there are 16 posed and 0 genuine"):
        prepare_study(one_class, RECIPE, TRAINING, SETTINGS)
    with pytest.raises(DataError, match="the recipe kept 0 posed and 0 genuine"):
        prepare_study(trials, dataclasses.replace(RECIPE, range_mm=(8.0, 9.0), min_baseline_mm=0.0), TRAINING, SETTINGS)
    few = trials.take([row for row in range(len(trials)) if trials.participant[row] in trials.participant[:1]][:4])
    with pytest.raises((DataError, SettingsError), match=r"no room|no trial can be scored|choose|chosen"):
        prepare_study(few, RECIPE, TRAINING, SETTINGS, vary={"learning_rate": (0.1, 0.2)})


def test_what_is_drawn_from_one_seed_keeps_its_key(prepared) -> None:
    """Reordering the constants that are folded into the key would give other folds and labels to the same study, silently."""
    key = jax.random.key(SETTINGS.seed)
    found = protocols(prepared.dataset, SETTINGS, key=jax.random.fold_in(key, 0))
    for one, own in zip(found, prepared.protocols, strict=True):
        np.testing.assert_array_equal(one.folds.test, own.folds.test)
    permuted = permute_labels_for_folds(
        prepared.chosen.folds,
        prepared.dataset,
        SETTINGS.permutations,
        balanced=prepared.chosen.balanced,
        key=jax.random.fold_in(key, 1),
    )
    np.testing.assert_array_equal(permuted.labels, prepared.permuted.labels)
    assert np.array_equal(
        jax.random.key_data(inner_key(SETTINGS)),
        jax.random.key_data(jax.random.fold_in(jax.random.key(SETTINGS.seed), 2)),
    )
    results = run_reference_classifiers(
        prepared.dataset,
        prepared.chosen.folds,
        np.concatenate([np.asarray(prepared.dataset.y)[None], prepared.permuted.labels]),
        baseline=pupil_baseline(prepared),
        length_ms=length_ms(prepared.trials),
        key=jax.random.fold_in(key, 3),
        only=("rocket",),
    )
    ours = next(one for one in classifiers(prepared) if one.name == "rocket")
    expected = mean_over_folds(results[0].probability[:, :, None], prepared.chosen.folds.test, 1)
    np.testing.assert_array_equal(ours.probability, expected)
