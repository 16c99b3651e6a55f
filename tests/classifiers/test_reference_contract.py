"""What every reference classifier keeps to. A new entry of the table is tested by being in it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from classifiers.made_up_trials import (
    EVERY,
    KEY,
    baselines,
    covariates,
    labellings,
    lengths_ms,
    made_up,
    of_videos,
    run,
    subset,
)

from smilejax import by_participant
from smilejax._util.errors import DataError, SettingsError
from smilejax.classifiers import COMPARISONS, REFERENCE_CLASSIFIERS, run_classifiers, run_reference_classifiers

NAMES = [one.name for one in REFERENCE_CLASSIFIERS]
OF_PUPILS = ["majority", "baseline", "features", "rocket"]
every = pytest.mark.parametrize("name", NAMES)
DATA = made_up(channels=EVERY)
FOLDS = by_participant(DATA)
LABELS = labellings(DATA, 5)


def test_the_table() -> None:
    """Names settle random numbers and labels stand in published tables: neither may change unnoticed."""
    assert [(one.name, one.label, one.kind) for one in COMPARISONS] == [
        ("majority", "Majority class", "reference"),
        ("baseline", "Trial length, proportion valid and baseline", "negative control"),
        ("features", "Pupil features, logistic regression", "reference"),
        ("dynamics", "Smile dynamics, logistic regression", "reference"),
        ("coarse crops", "Coarse crops, logistic regression", "reference"),
        ("rocket", "MiniRocket", "reference"),
        ("covariates", "Stimulus covariates", "negative control"),
        ("video length", "Length of the video", "negative control"),
        ("frame rate", "Frame rate", "negative control"),
        ("resolution", "Resolution", "negative control"),
        ("brightness", "Mean brightness", "negative control"),
        ("head pose", "Head pose", "negative control"),
        ("confidence", "Tracker's confidence", "negative control"),
        ("mask", "Missing-data mask", "negative control"),
        ("network", "Network alone", "reference"),
    ]
    videos = ["video length", "frame rate", "resolution", "brightness", "head pose", "confidence"]
    assert ["majority", "baseline", "features", "dynamics", "coarse crops", "rocket", "covariates", *videos] == NAMES
    assert len({one.words for one in COMPARISONS}) == len(COMPARISONS)


@every
def test_probabilities_of_all_trials(name: str) -> None:
    found = run(name, DATA, labels=LABELS)
    assert (found.name, found.applicable, found.why_not) == (name, True, "")
    assert found.probability.shape == (5, 4, 24)
    assert found.probability.dtype == np.float32
    assert np.isfinite(found.probability).all()
    assert found.probability.min() >= 0
    assert found.probability.max() <= 1


@every
def test_the_same_again_alone_and_among_others(name: str) -> None:
    once = run(name, DATA, labels=LABELS).probability
    given = {"baseline": baselines(DATA), "length_ms": lengths_ms(DATA), "key": KEY, "covariates": covariates(DATA)}
    given["video"] = of_videos(DATA)
    among = {found.name: found for found in run_reference_classifiers(DATA, FOLDS, LABELS, **given)}
    assert list(among) == NAMES
    np.testing.assert_array_equal(once, among[name].probability)


@every
def test_a_prediction_depends_on_its_own_labelling_and_fold_alone(name: str) -> None:
    """Across the border of a chunk as well."""
    labels = labellings(DATA, run_classifiers.WIDTH + 3)
    every_one = run(name, DATA, labels=labels).probability
    rows = [run_classifiers.WIDTH + 2, 0, 7]
    some = run(name, DATA, subset(FOLDS, [2, 1]), labels[rows]).probability
    np.testing.assert_allclose(some, every_one[rows][:, [2, 1]], atol=1e-5)


@every
def test_labels_matter_where_a_fold_trains_and_nowhere_else(name: str) -> None:
    fold = subset(FOLDS, [1])
    train = fold.train[0]
    once = run(name, DATA, fold).probability
    elsewhere = np.where(train, np.asarray(DATA.y), -1)[None].astype(np.int32)
    np.testing.assert_array_equal(run(name, DATA, fold, elsewhere).probability, once)
    turned = np.asarray(DATA.y)[None].copy()
    turned[0, np.flatnonzero(train & (turned[0] == 0))[:4]] = 1
    assert np.abs(run(name, DATA, fold, turned).probability - once).max() > 1e-3


@every
def test_nothing_is_learned_from_other_trials(name: str) -> None:
    """Other trials' content, to the wildest, leaves the predictions for training trials as they are."""
    fold = subset(FOLDS, [0])
    train = fold.train[0]
    rows = jnp.asarray(np.flatnonzero(~train))
    wild = replace(
        DATA,
        x=DATA.x.at[rows].set(1e4 * jnp.sin(jnp.arange(32.0) ** 2)[None, :, None]),
        valid=DATA.valid.at[rows].set(True),
        proportion_valid=DATA.proportion_valid.at[rows].set(0.0),
    )
    level, length_ms = baselines(DATA), lengths_ms(DATA)
    once = run(name, DATA, fold, baseline=level, length_ms=length_ms).probability
    level, length_ms = np.where(train, level, np.nan), np.where(train, length_ms, 1e9).astype(np.float32)
    given = np.where(train[:, None], covariates(DATA), 1e6)
    video = {what: np.where(train, values, 1e6) for what, values in of_videos(DATA).items()}
    then = run(name, wild, fold, baseline=level, length_ms=length_ms, covariates=given, video=video).probability
    np.testing.assert_allclose(then[..., train], once[..., train], atol=1e-6)
    if name != "majority":
        assert np.abs(then - once)[..., ~train].max() > 1e-4


@every
def test_what_is_in_the_padding_does_not_matter(name: str) -> None:
    empty = replace(DATA, x=jnp.where(DATA.valid[:, :, None], DATA.x, 0.0))
    np.testing.assert_array_equal(run(name, empty).probability, run(name, DATA).probability)


@every
def test_trials_without_anything_and_folds_of_one_class(name: str) -> None:
    hollow = replace(DATA, valid=DATA.valid.at[jnp.asarray([0, 5])].set(False))
    level = np.where(np.arange(24) < 6, np.nan, baselines(DATA))
    labels = np.stack([np.asarray(DATA.y), np.zeros(24), np.ones(24)]).astype(np.int32)
    given = np.where(np.arange(24)[:, None] < 6, np.nan, covariates(DATA))
    found = run(name, hollow, labels=labels, baseline=level, covariates=given).probability
    assert np.isfinite(found).all()
    assert found[1].max() < 0.1
    assert found[2].min() > 0.9
    assert np.isfinite(run(name, DATA, baseline=None).probability).all()


@every
def test_two_programs_whatever_the_folds_and_labellings(name: str) -> None:
    data = made_up(n=20, steps=29, seed=3, channels=EVERY)  # shapes of its own
    programs = run_classifiers._learn, run_classifiers._predict
    before = [program._cache_size() for program in programs]
    run(name, data)
    assert [program._cache_size() for program in programs] == [size + 1 for size in before]
    compiled: list[str] = []

    def listen(event: str, duration: float, **more: object) -> None:
        if "compile" in event:
            compiled.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        run(name, data, subset(by_participant(data), [0, 3]), labellings(data, run_classifiers.WIDTH + 1))
        run(name, made_up(n=20, steps=29, seed=4, channels=EVERY), labels=labellings(data, 3))
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert compiled == []  # not even a small program while arrays are prepared
    assert [program._cache_size() for program in programs] == [size + 1 for size in before]


def test_what_was_not_given_is_left_out_unless_asked_for() -> None:
    """Pupils without a stimulus table have the classifiers that they had before there were any; by name, one says why not."""
    given = {"baseline": None, "length_ms": lengths_ms(DATA), "key": KEY}
    assert [found.name for found in run_reference_classifiers(made_up(), FOLDS, LABELS, **given)] == OF_PUPILS
    assert run("covariates", DATA, covariates=None).why_not == "no stimulus table was given"
    alike = run("covariates", DATA, covariates=np.full((24, 2), 70.2))
    assert alike.why_not == "all stimuli have the same covariates"
    with pytest.raises(DataError, match="24 trials; covariates has 3"):
        run("majority", DATA, covariates=np.ones((3, 1)))


def test_a_classifier_that_cannot_be_fitted_says_why() -> None:
    mask, short = made_up(channels=("mask",)), made_up(steps=8)
    for name, data, why in (
        ("rocket", mask, "the dataset has no pupil channel"),
        ("features", mask, "the dataset has no pupil channel"),
        ("rocket", short, "trials have 8 steps, and a kernel needs 9"),
        (
            "rocket",
            replace(short, x=short.x[:, :1], valid=short.valid[:, :1]),
            "trials have 1 step, and a kernel needs 9",
        ),
    ):
        found = run(name, data)
        assert (found.applicable, found.why_not) == (False, why)
        np.testing.assert_array_equal(found.probability, np.float32(0.5))
    alike = replace(DATA, proportion_valid=jnp.full(24, 0.9))
    found = run("baseline", alike, baseline=None, length_ms=np.full(24, 10_000.0))
    assert (
        found.why_not
        == "all trials have the same length and the same proportion of valid samples, and there is no baseline"
    )
    assert run("baseline", alike, length_ms=np.full(24, 10_000.0)).applicable


def test_what_is_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"only must name reference classifiers, of majority, .*; it is \['coin'\]\."
    ):
        run("coin", DATA)
    with pytest.raises(SettingsError, match="key must be one typed JAX key"):
        run("majority", DATA, key=jax.random.PRNGKey(0))
    with pytest.raises(
        DataError, match=r"one value for each of 24 trials; labels has 23\. Make them from this dataset"
    ):
        run("majority", DATA, labels=LABELS[:, 1:])
    with pytest.raises(DataError, match="24 trials; length_ms has 3, baseline has 2"):
        run("majority", DATA, length_ms=np.ones(3), baseline=np.ones(2))
    unlabelled = LABELS.copy()
    unlabelled[2, 9] = -1
    with pytest.raises(DataError, match="wherever a fold trains; row 2 has -1 for the trial in row 9"):
        run("majority", DATA, labels=unlabelled)


def test_the_majority_class_gives_the_training_proportion() -> None:
    y = np.asarray(DATA.y)
    found = run("majority", DATA).probability[0]
    for fold, train in enumerate(FOLDS.train):
        np.testing.assert_array_equal(found[fold], np.float32(y[train].mean()))
    half = subset(FOLDS, [0])
    labels = np.zeros((1, 24), np.int32)
    labels[0, np.flatnonzero(half.train[0])[::2]] = 1
    assert set(run("majority", DATA, half, labels).probability.ravel().tolist()) == {0.5}
