"""`TrialClassifier` keeps scikit-learn's contract, and classifies recordings and arrays alike."""

import dataclasses
import io
import pickle
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
import pytest
from helpers.compilations import compilations
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

from smilejax import (
    ModelSettings,
    Recipe,
    SimulationSettings,
    TrainingSettings,
    TrialClassifier,
    Trials,
    simulate_study,
)
from smilejax._util.errors import CheckpointError, SettingsError
from smilejax.recordings.recording import UNLABELLED
from smilejax.sklearn import InputError

EXPECTED_FAILURES: dict[str, str] = {}
"""Checks of scikit-learn that need not pass, with the reason. There is none."""
QUICK_CHECKS = {
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_mixin_order",
    "check_do_not_raise_errors_in_init_or_set_param",
    "check_estimators_unfitted",
    "check_classifiers_regression_target",
    "check_classifier_not_supporting_multiclass",
    "check_estimator_sparse_array",
    "check_estimators_empty_data_messages",
    "check_requires_y_none",
}


RECIPE = replace(Recipe.named("minimal"), resample_hz=5.0)
"""Few steps: what the recipe does is not what is tested here."""


def classifier(**changes: Any) -> TrialClassifier:
    """A small one; all tests of arrays share its program."""
    small = {"epochs": 12, "hidden": 4, "dense": (8, 8), "dropout": 0.0, "learning_rate": 0.03, "random_state": 0}
    return TrialClassifier(**(small | changes))


def arrays(n: int = 24, seed: int = 0) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.str_]]:
    """`[N, 6, 2]`, the class in the order of the steps alone, with samples missing; and labels."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    rise = np.linspace(-1, 1, 6) * np.where(label == 1, 1, -1)[:, None]
    x = np.stack([rise, -2 * rise], axis=2) + 0.3 * rng.normal(size=(n, 6, 2))
    x[rng.random(x.shape) < 0.1] = np.nan
    return x.astype(np.float32), np.array(["falls", "rises"])[label]


@pytest.fixture(scope="module")
def fitted() -> TrialClassifier:
    return classifier().fit(*arrays())


@pytest.fixture(scope="module")
def trials() -> Trials:
    settings = SimulationSettings(
        participants=3, smilers=4, duration_ms=4000, effect_mm=1.0, hippus_mm=0.01, drift_mm=0.01
    )
    return simulate_study(settings, key=jax.random.key(0)).trials


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=check.func.__name__)
        for estimator, check in estimator_checks_generator(classifier())
        if check.func.__name__ in QUICK_CHECKS
    ],
)
def test_scikit_learns_checks_that_train_nothing(estimator: TrialClassifier, check: Any) -> None:
    check(estimator)


@pytest.mark.weekly
@pytest.mark.filterwarnings("default")  # SkipTestWarning: SCIPY_ARRAY_API is not set
def test_all_checks_of_scikit_learn() -> None:
    results = check_estimator(
        classifier(epochs=10, hidden=2, learning_rate=0.05, minibatch_size=32),
        on_fail=None,
        expected_failed_checks=EXPECTED_FAILURES,
    )
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert not failed
    assert {r["check_name"] for r in results if r["status"] == "skipped"} <= {"check_array_api_input"}
    made = QUICK_CHECKS - {"check_do_not_raise_errors_in_init_or_set_param"}  # check_estimator leaves it out
    assert {r["check_name"] for r in results} >= made, "a check that is not among scikit-learn's any more"


def test_parameters_are_those_of_the_settings_with_the_same_defaults() -> None:
    assert TrialClassifier().settings() == TrainingSettings()
    own = set(TrialClassifier().get_params()) - {"recipe", "n_seeds", "random_state", "layout"}
    names = {f.name for c in (TrainingSettings, ModelSettings) for f in dataclasses.fields(c)}
    assert own == names - {"model", "network", "mirror"}  # mirror is of crops, which are no arrays of signals
    assert classifier().settings().model.dense == (8, 8)


def test_order_of_steps_is_learned_and_new_trials_are_classified(fitted: TrialClassifier) -> None:
    x, y = arrays(seed=1)
    assert fitted.score(x, y) > 0.9
    assert fitted.score(x[:, ::-1], y) < 0.1
    p = fitted.predict_proba(x)
    np.testing.assert_allclose(p.sum(1), 1)
    np.testing.assert_array_equal(fitted.predict(x), np.array(["falls", "rises"])[p.argmax(1)])
    assert fitted.classes_.tolist() == ["falls", "rises"]
    assert (fitted.n_features_in_, fitted.members_, fitted.recipe_) == (6, 1, None)


def test_trials_do_not_depend_on_those_beside_them(fitted: TrialClassifier) -> None:
    x, _ = arrays(n=70, seed=2)
    every = fitted.predict_proba(x)
    np.testing.assert_array_equal(fitted.predict_proba(x[::-1]), every[::-1])
    np.testing.assert_array_equal(fitted.predict_proba(x[40:43]), every[40:43])


def test_the_same_random_state_gives_the_same_and_another_another(fitted: TrialClassifier) -> None:
    x, y = arrays()
    np.testing.assert_array_equal(classifier().fit(x, y).predict_proba(x), fitted.predict_proba(x))
    assert np.abs(classifier(random_state=1).fit(x, y).predict_proba(x) - fitted.predict_proba(x)).max() > 1e-4
    as_words = classifier().fit(x, np.where(y == "falls", "z", "a"))  # the order of the classes turns round
    assert as_words.classes_.tolist() == ["a", "z"]
    assert (as_words.predict(x) == np.where(fitted.predict(x) == "falls", "z", "a")).mean() > 0.9


def test_probabilities_of_several_seeds_are_averaged() -> None:
    x, y = arrays()
    both = classifier(n_seeds=2, epochs=2).fit(x, y)
    seeds = np.random.RandomState(0).randint(2**31 - 1, size=2)

    class Fixed(np.random.RandomState):
        def __init__(self, seed: int) -> None:
            super().__init__(0)
            self.seed_ = seed

        def randint(self, *args: Any, **kwargs: Any) -> Any:
            return np.array([self.seed_])

    each = [classifier(epochs=2, random_state=Fixed(int(seed))).fit(x, y).predict_proba(x) for seed in seeds]
    assert both.members_ == 2
    assert np.abs(each[0] - each[1]).max() > 1e-4
    np.testing.assert_allclose(both.predict_proba(x), np.mean(each, axis=0), rtol=1e-6)


def test_two_axes_are_one_channel_and_channels_may_come_first(fitted: TrialClassifier) -> None:
    x, y = arrays()
    one = classifier(epochs=2).fit(x[:, :, 0], y)
    np.testing.assert_array_equal(one.predict_proba(x[:, :, 0]), one.predict_proba(x[:, :, :1]))
    swapped = classifier(layout="NCT").fit(np.moveaxis(x, 2, 1), y)
    np.testing.assert_array_equal(swapped.predict_proba(np.moveaxis(x, 2, 1)), fitted.predict_proba(x))


def test_a_trial_of_nothing_gets_the_frequencies_of_the_classes() -> None:
    x, y = arrays(n=24)
    x[4] = np.nan
    found = classifier(epochs=2).fit(x[2:], y[2:])
    assert y[4] == "falls"
    np.testing.assert_allclose(found.predict_proba(np.full((1, 6, 2), np.nan)), [[10 / 21, 11 / 21]])


def test_what_stands_behind_the_last_sample_does_not_matter(fitted: TrialClassifier) -> None:
    """A trial that ends early is padded, by however much; and a gap at the end is not taken for a signal of zeros."""
    x, _ = arrays(n=4, seed=3)
    x[:, 4:] = np.nan
    shorter = x.copy()
    shorter[:, 3, 1] = np.nan  # one channel goes on to step 3
    assert not np.array_equal(fitted.predict_proba(shorter), fitted.predict_proba(x))
    zeros = np.where(np.isnan(x), 0, x)
    assert not np.array_equal(fitted.predict_proba(zeros), fitted.predict_proba(x))


def test_pickle_goes_through_a_checkpoint(fitted: TrialClassifier) -> None:
    x, _ = arrays(seed=1)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(x), fitted.predict_proba(x))
    assert again.get_params() == fitted.get_params()
    assert again.classes_.tolist() == fitted.classes_.tolist()
    state = fitted.__getstate__()
    assert not any(isinstance(value, jax.Array) for value in state.values())
    with zipfile.ZipFile(io.BytesIO(state["_checkpoint"])) as archive:  # type: ignore[arg-type]
        assert "model.json" in archive.namelist()
    assert not hasattr(pickle.loads(pickle.dumps(classifier())), "classes_")


def test_a_damaged_or_hostile_pickle_is_refused(fitted: TrialClassifier) -> None:
    state = fitted.__getstate__()
    with pytest.raises(CheckpointError, match="the pickled model is damaged"):
        TrialClassifier().__setstate__(state | {"_checkpoint": b"no zip"})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(CheckpointError, match=r"names a file outside its folder: '../outside.txt'"):
        TrialClassifier().__setstate__(state | {"_checkpoint": content.getvalue()})
    with zipfile.ZipFile(io.BytesIO(state["_checkpoint"])) as archive:  # type: ignore[arg-type]
        files = {name: archive.read(name) for name in archive.namelist()}
    largest = max(files, key=lambda name: len(files[name]) * (name != "model.json"))
    files[largest] = bytes([files[largest][0] ^ 1]) + files[largest][1:]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with pytest.raises(CheckpointError, match="was altered after it was saved"):
        TrialClassifier().__setstate__(state | {"_checkpoint": content.getvalue()})


def test_clone_pipeline_and_search(fitted: TrialClassifier) -> None:
    assert not hasattr(clone(fitted), "classes_")
    x, y = arrays()
    pipeline = make_pipeline(FunctionTransformer(lambda a: a[:, :, 0]), classifier(velocity_steps=0, pool_steps=1))
    search = GridSearchCV(pipeline, {"trialclassifier__learning_rate": [1e-7, 0.03]}, cv=2).fit(x, y)
    assert search.best_params_ == {"trialclassifier__learning_rate": 0.03}


@pytest.mark.weekly
def test_cross_validation_over_the_participants_of_trials(trials: Trials) -> None:
    y = np.array(trials.class_names)[trials.label]
    model = classifier(recipe=RECIPE, epochs=30)
    cv = LeaveOneGroupOut()
    scores = cross_val_score(model, trials, y, groups=trials.participant, cv=cv, scoring="balanced_accuracy")
    assert scores.shape == (3,)
    assert scores.mean() > 0.85
    p = cross_val_predict(model, trials, y, groups=trials.participant, cv=cv, method="predict_proba")
    assert p.shape == (24, 2)
    held = np.array(trials.participant) == trials.participant[0]
    by_hand = model.fit(trials[~held], y[~held]).predict_proba(trials[held])
    np.testing.assert_array_equal(p[held], by_hand)


@pytest.mark.slow
def test_folds_share_their_program(trials: Trials) -> None:
    y = np.array(trials.class_names)[trials.label]
    model = classifier(recipe=RECIPE, epochs=2)
    model.fit(trials[:16], y[:16]).predict(trials[16:])
    with ExitStack() as stack:
        counted = [stack.enter_context(compilations(name)) for name in ("_begin", "_epoch", "_status", "_logits")]
        model.fit(trials[8:], y[8:]).predict(trials[:8])
        model.fit(trials[3:], y[3:]).predict(trials[:3])
    assert not any(counted)


def test_a_recording_has_labels_of_its_own(trials: Trials) -> None:
    label = trials.label.copy()
    label[:2] = UNLABELLED
    some = dataclasses.replace(trials, label=label)
    model = classifier(recipe=RECIPE, epochs=2)
    p = model.fit(some).predict_proba(trials)
    assert model.classes_.tolist() == sorted(trials.class_names)
    assert model.recipe_ is not None
    assert model.recipe_.duration_ms == 4000
    y = np.array(trials.class_names)[trials.label]
    assert model.score(trials) == model.score(trials, y)
    # An unlabelled trial is left out: its samples do not change the training of the others.
    other = trials.pupil.copy()
    other[:2] += 1
    np.testing.assert_array_equal(model.fit(dataclasses.replace(some, pupil=other)).predict_proba(trials)[2:], p[2:])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(trials), model.predict_proba(trials))
    assert again.recipe_ == model.recipe_
    with pytest.raises(InputError, match="every trial must have a label; 2 of 24 have none"):
        model.score(some)
    with pytest.raises(
        InputError, match="X must be like what was trained on, a recording in mm; it is a recording in au"
    ):
        model.predict(dataclasses.replace(trials, unit="au"))
    with pytest.raises(InputError, match="X must be a recording in mm, as what was trained on; it is an array"):
        model.predict(arrays()[0])


X, Y = arrays()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: classifier().fit(X), InputError, "y must be given with an array"),
        (
            lambda: classifier().fit(X, np.full(24, "a")),
            InputError,
            "y must have two classes; the number of classes is 1",
        ),
        (lambda: classifier().fit(X, np.arange(24) % 3), InputError, "Only binary classification is supported"),
        (lambda: classifier().fit(X.transpose(0, 2, 1), Y), InputError, "it looks swapped. Give layout='NCT'"),
        (
            lambda: classifier().fit(X[..., None], Y),
            InputError,
            "X must be shaped [N, T] or [N, T, C]; it is [24, 6, 2, 1]",
        ),
        (lambda: classifier().fit(np.where(np.isnan(X), np.inf, X), Y), ValueError, "contains infinity"),
        (lambda: classifier().fit(X, Y[:5]), ValueError, "inconsistent numbers of samples"),
        (
            lambda: classifier(layout="TNC").fit(X, Y),
            SettingsError,
            "layout must be one of NTC, NCT or None; it is 'TNC'",
        ),
        (lambda: classifier(n_seeds=0).fit(X, Y), SettingsError, "n_seeds must be a whole number from 1 up; it is 0"),
        (lambda: classifier(epochs=0).fit(X, Y), SettingsError, "epochs must be a whole number from 1 up; it is 0"),
        (lambda: classifier().fit(np.full_like(X, np.nan), Y), InputError, "training needs trials of both classes"),
        (lambda: classifier().predict(X), NotFittedError, "is not fitted yet"),
    ],
)
def test_refusals(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)


def test_predicting_other_shapes_is_refused(fitted: TrialClassifier) -> None:
    with pytest.raises(ValueError, match="X has 5 features, but TrialClassifier is expecting 6 features"):
        fitted.predict(X[:, :5])
    with pytest.raises(InputError, match=r"6 steps and 3 channels \(the mask included\) .* these have 6 and 2"):
        fitted.predict(X[:, :, 0])
