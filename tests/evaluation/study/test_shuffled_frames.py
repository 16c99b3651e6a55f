"""Single frames: shuffled they are recognised where there is nothing to find; by whole smilers they are not."""

import dataclasses

import jax
import numpy as np
import pytest
from helpers.made_study import SETTINGS, make_raw_results
from helpers.small_study import make_dataset

from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.score_words import frames_words
from smilejax.evaluation.study.shuffled_frames import FRAMES, frame_scores, frames_of, nearest_accuracy
from smilejax.report.scores_section import SCORES_AND_CLASSIFIERS

CHANNELS = ("lip_corner_left", "lip_corner_right", "mask")


@pytest.fixture(scope="module")
def raw():
    """Videos that differ from each other, whose frames are almost alike, and whose class is drawn."""
    base = make_dataset(participants=10, smilers=3)
    n = len(base)
    labels = np.random.default_rng(2).permutation(np.arange(n) % 2)
    none = jax.numpy.full(n, -1, "int32")
    dataset = dataclasses.replace(base, y=jax.numpy.asarray(labels, "int32"), stimulus=none, smiler=none)
    made = make_raw_results(dataset=dataset, permutations=0)
    rng = np.random.default_rng(1)
    level, course = rng.normal(size=(n, 1, 3)), np.sin(np.linspace(0, 3, 30))[None, :, None]
    x = level + 0.05 * course + 0.01 * rng.normal(size=(n, 30, 3))
    valid = rng.random((n, 30)) > 0.1
    about = dataclasses.replace(made.about, recording="face", channels=CHANNELS)
    own = {"x": x.astype(np.float32), "valid": valid, "time_ms": np.arange(30) * 100.0}
    return dataclasses.replace(made, **own, about=about, attribution=None)


def test_shuffled_frames_are_recognised_where_there_is_nothing_to_find(raw) -> None:
    found = frame_scores(raw, SETTINGS)
    assert found.frames == FRAMES * len(raw.y)
    assert found.folds == len(raw.verdict_protocol.folds)
    assert found.shuffled > 0.97
    assert 0.3 < found.whole < 0.7


def test_frames_are_the_highest_of_the_smile_and_valid(raw) -> None:
    video, x = frames_of(raw)
    assert x.shape == (FRAMES * len(raw.y), 2), "the mask is no measure"
    own = raw.x[3, :, :2].astype(np.float64)
    course = np.where(raw.valid[3], raw.x[3, :, :2].mean(axis=1), -np.inf)
    expected = own[np.argsort(-course, kind="stable")[:FRAMES]]
    np.testing.assert_array_equal(x[video == 3], expected)
    left_out = raw.trials.assign(kept=np.arange(len(raw.y)) != 3)
    assert 3 not in frames_of(dataclasses.replace(raw, trials=left_out))[0]


def test_the_most_similar_frame_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)) * [1, 10, 0], rng.integers(0, 2, 40)
    fold = rng.integers(0, 3, 40)
    test = fold == np.arange(3)[:, None]
    hits = np.empty(40)
    for at in range(40):
        train = np.flatnonzero(fold != fold[at])
        spread = np.where(x[train].std(0) > 0, x[train].std(0), 1)
        nearest = train[np.argmin((((x[train] - x[at]) / spread) ** 2).sum(1))]
        hits[at] = y[nearest] == y[at]
    expected = (hits[y == 0].mean() + hits[y == 1].mean()) / 2
    assert nearest_accuracy(x, y, ~test, test) == pytest.approx(expected)


def test_they_stand_beside_the_verdict_with_one_sentence_that_warns(raw) -> None:
    results = compute_results(raw, SETTINGS)
    assert "Shuffled frames mislead" in frames_words(results)
    record = dataclasses.make_dataclass("Record", ["results"])(results)
    tables = {one.caption: one for one in SCORES_AND_CLASSIFIERS.blocks(record) if one.kind == "table"}
    rows = tables["Balanced accuracy by what is divided into folds"].rows
    assert [row[0].split(",")[0] for row in rows] == ["Whole trials", "Single frames"]
    assert rows[1][2] == f"{results.frames.shuffled:.1%}"


def test_of_pupils_and_of_photos_there_are_none(raw) -> None:
    pupils = dataclasses.replace(raw, about=dataclasses.replace(raw.about, recording="pupil"))
    assert frame_scores(pupils, SETTINGS) is None
    photos = dataclasses.replace(raw, x=raw.x[:, :1], valid=raw.valid[:, :1], time_ms=raw.time_ms[:1])
    assert frame_scores(photos, SETTINGS) is None
    assert frames_words(compute_results(pupils, SETTINGS)) == ""
