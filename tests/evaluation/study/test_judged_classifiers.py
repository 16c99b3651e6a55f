"""Studies that judge another classifier than the network: how each is trained on a plan, and what a study then holds."""

import dataclasses

import jax
import numpy as np
import pytest
from helpers.small_study import WHOLE
from scipy.special import expit

import smilejax
from smilejax import ModelSettings, Plan, Recipe, SimulationSettings, StudySettings, TrainingSettings
from smilejax._util.errors import DataError, SettingsError
from smilejax.classifiers import run_classifiers, run_reference_classifiers
from smilejax.evaluation.names import JUDGED
from smilejax.evaluation.study import compute_results, evaluate, prepare_study
from smilejax.evaluation.study.comparisons import classifiers, pupil_baseline
from smilejax.evaluation.study.out_of_fold import out_of_fold_predictions
from smilejax.evaluation.study.preparation import PreparedStudy
from smilejax.evaluation.study.saved_study import save_model
from smilejax.evaluation.study.trainers import trainer_of
from smilejax.recordings.recording import length_ms
from smilejax.splits.permutations import permute_labels

pytestmark = pytest.mark.slow  # whole studies

SETTINGS = WHOLE
TRAINING = TrainingSettings(epochs=2, minibatch_size=8, model=ModelSettings(hidden=4, dense=(6, 4)))
RECIPE = Recipe(resample_hz=10)
SMALL = SimulationSettings(participants=4, smilers=4, duration_ms=2000, effect_mm=0.6)
NAMES = tuple(name for name in JUDGED if name != "dynamics")  # of faces: tests/prediction/test_dynamics_model.py
every = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def trials():
    return smilejax.simulate_study(SMALL, key=jax.random.key(0)).trials


@pytest.fixture(scope="module")
def prepared(trials) -> dict[str, PreparedStudy]:
    return {name: prepare_study(trials, RECIPE, TRAINING, _judging(name)) for name in NAMES}


def _judging(name: str) -> StudySettings:
    return dataclasses.replace(SETTINGS, classifier=name)


def _trainer(prepared: PreparedStudy):
    return trainer_of(prepared, folder=None, progress=lambda ended: None, options={})


def _log_odds(prepared: PreparedStudy, plan: Plan) -> np.ndarray:
    """`f64[L, F, S, N]`."""
    trainer = _trainer(prepared)
    logits = out_of_fold_predictions(trainer.dataset, plan, trainer.train(plan, "plan")).logits
    return logits[..., 1].astype(np.float64) - logits[..., 0]


def _plan(prepared: PreparedStudy, *, permuted: bool = False) -> Plan:
    folds = smilejax.by_participant(prepared.dataset, folds=2, key=jax.random.key(0))
    key = jax.random.key(1)
    labels = permute_labels(prepared.dataset, 2, scheme="within smiler pairs", key=key) if permuted else None
    return Plan(folds, TRAINING, seeds=prepared.seeds, permuted=labels)


@every
def test_labels_that_a_fold_scores_do_not_matter_and_permuted_ones_do(name: str, prepared) -> None:
    own = prepared[name]
    plan = _plan(own, permuted=True)
    found = _log_odds(own, plan)
    assert found.shape == (3, 2, len(own.seeds), 32)
    assert np.abs(found[1] - found[0]).max() > 1e-3
    once = _log_odds(own, _plan(own))
    # The same folds with the labels of those that the first fold scores turned.
    scored = plan.folds.test[0]
    y = np.asarray(own.dataset.y)
    turned = dataclasses.replace(own.dataset, y=jax.numpy.asarray(np.where(scored, 1 - y, y)))
    trainer = dataclasses.replace(_trainer(own), dataset=turned)
    free = dataclasses.replace(plan, folds=dataclasses.replace(plan.folds, leaky=True), permuted=None)
    logits = out_of_fold_predictions(turned, free, trainer.train(free, "plan")).logits.astype(np.float64)
    np.testing.assert_array_equal(logits[0, 0, ..., 1] - logits[0, 0, ..., 0], once[0, 0])


def test_fitted_ones_predict_what_reference_classifiers_do(prepared) -> None:
    """On the same folds, from the key of the seed."""
    for name in ("rocket", "features"):
        own = prepared[name]
        plan = _plan(own)
        expected = run_reference_classifiers(
            own.dataset,
            plan.folds,
            np.asarray(own.dataset.y)[None],
            baseline=pupil_baseline(own),
            length_ms=length_ms(own.trials),
            key=jax.random.key(own.seeds[-1]),
            only=[name],
        )[0].probability
        np.testing.assert_allclose(expit(_log_odds(own, plan))[:, :, -1], expected, atol=1e-6)


def test_combined_is_the_mean_of_log_odds_of_its_parts(prepared) -> None:
    plan = _plan(prepared["network"], permuted=True)
    network, rocket, both = (_log_odds(prepared[name], plan) for name in ("network", "rocket", "combined"))
    np.testing.assert_allclose(both, (network + rocket) / 2, atol=1e-5)
    alone, together = _trainer(prepared["combined"]).train_parts(plan, "plan")
    np.testing.assert_array_equal(alone.status, together.status)
    logits = np.asarray(alone.logits, np.float64).reshape(*network.shape, 2)
    np.testing.assert_array_equal(logits[..., 1] - logits[..., 0], network)


def test_what_is_kept_for_further_plans_changes_nothing(prepared) -> None:
    for name in ("rocket", "combined"):
        own, plan = prepared[name], _plan(prepared[name], permuted=True)
        keeping = _trainer(own).for_many_plans()
        once, again = (np.asarray(keeping.train(plan, "plan").logits) for _ in range(2))
        assert len(keeping.learned) == len(plan.folds)
        np.testing.assert_array_equal(once, np.asarray(_trainer(own).train(plan, "plan").logits))
        np.testing.assert_array_equal(again, once)
        assert keeping.given_mask(own.masked, TRAINING).learned is None


def test_further_folds_and_labellings_compile_nothing(prepared) -> None:
    own = prepared["rocket"]
    _log_odds(own, _plan(own))
    before = [program._cache_size() for program in (run_classifiers._learn, run_classifiers._log_odds)]
    _log_odds(own, _plan(own, permuted=True))
    assert [program._cache_size() for program in (run_classifiers._learn, run_classifiers._log_odds)] == before


@every
def test_the_one_that_is_judged_is_not_compared_with(name: str, prepared) -> None:
    names = [one.name for one in classifiers(prepared[name])]
    assert names == [one for one in ("majority", "baseline", "features", "rocket") if one != name]


def test_what_has_no_network_needs_fewer_settings() -> None:
    given = StudySettings()
    assert given.in_effect() == given
    for name in ("rocket", "features"):
        own = StudySettings(classifier=name).in_effect()
        assert (own.seeds, own.test_seeds, own.inner_seeds) == (1, 1, 1)
        assert (own.attribution_seeds, own.stop_after, own.permutations) == (0, 0, given.permutations)


def test_what_a_classifier_cannot_do_is_refused(trials) -> None:
    with pytest.raises(
        SettingsError, match="learning_rate is chosen among values, and the classifier 'rocket' has no such"
    ):
        prepare_study(trials, RECIPE, TRAINING, _judging("rocket"), vary={"learning_rate": (0.001, 0.003)})
    with pytest.raises(DataError, match="'combined' cannot be trained: trials have 5 steps, and a kernel needs 9"):
        prepare_study(trials, Recipe(resample_hz=10, duration_ms=500), TRAINING, _judging("combined"))


@pytest.mark.parametrize("name", ["features", "rocket", "combined"])
def test_a_whole_study(name: str, trials, prepared, tmp_path) -> None:
    own = prepared[name]
    heard: list[int] = []
    raw, final = evaluate(own, progress=heard.append, spared=heard.append)
    assert sum(heard) == own.runs
    results = compute_results(raw, own.settings)
    assert results.judged == name
    assert (results.training_curves is None, results.attribution is None) == ((name != "combined"),) * 2
    assert ("network" in [one.name for one in results.classifiers]) == (name == "combined")
    assert name not in [one.name for one in results.classifiers]
    assert results.calibration.why_not == ""
    words = " ".join((results.verdict.headline, *results.verdict.findings, *results.verdict.limits))
    assert JUDGED[name] in words
    assert "network" not in words
    model = smilejax.load_model(save_model(tmp_path, final, raw, trials, own.recipe, "a command"))
    assert (model.classifier, model.members) == (name, 2 if name == "combined" else None)
    assert set(model.predict(trials)["predicted"]) <= {"posed", "genuine"}
    early = dataclasses.replace(trials, start_ms=-100.0)
    kept = smilejax.load_model(save_model(tmp_path / "early", final, raw, early, own.recipe, "a command"))
    assert kept.start_ms == -100.0
