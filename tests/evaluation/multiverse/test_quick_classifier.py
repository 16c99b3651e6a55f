"""The quick classifier against scikit-learn and plain loops; it learns from nothing that it is scored on."""

import math
from collections import Counter
from fractions import Fraction

import jax
import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import made_up
from helpers.small_study import make_dataset
from scipy import stats
from sklearn.linear_model import RidgeClassifierCV

from smilejax import by_participant
from smilejax._util.errors import SmilejaxError
from smilejax.evaluation.multiverse.quick_classifier import (
    MAX_FOLDS,
    QuickScore,
    assign_folds,
    binned,
    out_of_fold_decisions,
    quick_score,
)

KEY = jax.random.key(4)


@pytest.fixture(scope="module")
def study() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`f64[N, 6]` with gaps, label and participant."""
    made = made_up(3, steps=6, participants=6, only_one_class=0)
    return made.seen + 0.5 * made.label[:, None], made.label, made.participant


# Bins.


@pytest.mark.parametrize("rate_hz", [5.0, 10.0, 11.0, 20.0, 25.0, 60.0, 33.3])
def test_bins_are_means_of_the_valid_steps_of_a_tenth_of_a_second(rate_hz: float) -> None:
    made = made_up(steps=40)
    made.valid[:3, 6:12] = False
    got = binned(made.x, made.valid, rate_hz)
    bins: dict[int, list[int]] = {}
    for step in range(40):
        bins.setdefault(math.floor(Fraction(step * 10) / Fraction(rate_hz)) if rate_hz > 10 else step, []).append(step)
    assert got.shape == (len(made.x), len(bins))
    for at, steps in enumerate(bins.values()):
        for trial in range(len(made.x)):
            own = [made.x[trial, step] for step in steps if made.valid[trial, step]]
            np.testing.assert_allclose(got[trial, at], np.mean(own) if own else np.nan)
    assert np.isnan(got).any()


# Folds.


def test_folds_are_of_whole_participants_and_of_similar_size() -> None:
    participant = np.repeat(np.arange(23), 3).astype(np.int32)
    label = np.tile([0, 1, -1], 23).astype(np.int32)
    fold, by = assign_folds(participant, label, key=KEY)
    assert by == "participants"
    assert (fold[label == -1] == -1).all(), "an unlabelled trial is in no fold"
    of_participant = {int(one): set(fold[(participant == one) & (label >= 0)].tolist()) for one in participant}
    assert all(len(own) == 1 for own in of_participant.values())
    sizes = Counter(next(iter(own)) for own in of_participant.values())
    assert (len(sizes), set(sizes.values())) == (MAX_FOLDS, {2, 3})
    np.testing.assert_array_equal(fold, assign_folds(participant, label, key=KEY)[0])
    assert (fold != assign_folds(participant, label, key=jax.random.key(5))[0]).any(), "drawn by the key"


def test_folds_are_those_of_splits() -> None:
    """The same assignment as `by_participant` and `shuffle_trials` make of a dataset with the same key."""
    data = make_dataset(participants=4, smilers=3)
    label, participant = np.asarray(data.y), np.asarray(data.participant)
    fold, _ = assign_folds(participant, label, key=KEY)
    np.testing.assert_array_equal(by_participant(data, folds=4, key=KEY).test, fold == np.arange(4)[:, None])


def test_few_participants_have_a_fold_each() -> None:
    participant, label = np.array([4, 4, 9, 9, 7, 7], np.int32), np.array([0, 1, 0, 1, 0, 1], np.int32)
    fold, _ = assign_folds(participant, label, key=KEY)
    assert sorted(fold[::2].tolist()) == [0, 1, 2]


def test_of_one_participant_folds_are_of_trials_with_both_classes_in_each() -> None:
    label = np.array([0] * 7 + [1] * 13 + [-1] * 2, np.int32)
    fold, by = assign_folds(np.zeros(22, np.int32), label, key=KEY)
    assert by == "trials"
    assert (fold[label == -1] == -1).all()
    assert set(Counter(fold[label >= 0].tolist()).values()) == {2, 3}
    for k in (0, 1):
        assert set(fold[label == k].tolist()) == set(range(7)), "as many folds as the smaller class has trials"


def test_a_key_must_be_one() -> None:
    with pytest.raises(SmilejaxError, match="key"):
        assign_folds(np.zeros(4, np.int32), np.array([0, 1, 0, 1], np.int32), key=np.uint32(3))  # type: ignore[arg-type]


# What is learned.


def decisions(seen: np.ndarray, label: np.ndarray, fold: np.ndarray) -> np.ndarray:
    return out_of_fold_decisions(seen, np.ones(len(label), bool), label, fold)


def score_of(seen: np.ndarray, label: np.ndarray, group: np.ndarray, fold: np.ndarray) -> QuickScore:
    return quick_score(seen, np.ones(len(label), bool), label, group, fold)


def plain(train: np.ndarray, label: np.ndarray, test: np.ndarray) -> np.ndarray:
    """scikit-learn's ridge classifier with its penalty by leave-one-out; the threshold midway between the classes' means."""
    mean, norm = np.nanmean(train, axis=0), np.nanstd(train, axis=0) * len(train) ** 0.5

    def standard(values: np.ndarray) -> np.ndarray:
        return np.nan_to_num((values - mean) / norm)

    model = RidgeClassifierCV(np.logspace(-3, 3, 10)).fit(standard(train), label)
    of_train = model.decision_function(standard(train))
    return model.decision_function(standard(test)) - (of_train[label == 0].mean() + of_train[label == 1].mean()) / 2


@pytest.mark.parametrize("rows", [7, 30], ids=["fewer trials than values", "more"])
def test_decisions_are_those_of_scikit_learn(rows: int) -> None:
    made = made_up(5, steps=14, participants=10, only_one_class=0)
    seen, label = made.seen[: rows + 5], made.label[: rows + 5]
    fold = (np.arange(rows + 5) < 5).astype(np.int32)
    expected = plain(seen[5:], label[5:], seen[:5])
    np.testing.assert_allclose(decisions(seen, label, fold)[:5], expected, atol=2e-4)
    assert np.abs(expected).min() > 1e-3


def test_decisions_do_not_depend_on_the_unit(study: tuple[np.ndarray, ...]) -> None:
    seen, label, participant = study
    np.testing.assert_allclose(
        decisions(seen, label, participant), decisions(1000 * seen + 5, label, participant), atol=1e-4
    )


def test_constant_and_missing_values_change_nothing(study: tuple[np.ndarray, ...]) -> None:
    seen, label, participant = study
    n = len(seen)
    more = np.c_[seen, np.full(n, 3.1), np.zeros(n), np.full(n, np.nan)]
    np.testing.assert_allclose(decisions(more, label, participant), decisions(seen, label, participant), atol=1e-4)
    nothing = np.where(np.arange(9) < 6, 3.1, more)
    assert (decisions(nothing, label, participant) == 0).all()


def test_held_out_trials_are_not_learned_from(study: tuple[np.ndarray, ...]) -> None:
    """The decision for a held-out trial stays, whatever the other trials of its fold and the labels of all of them."""
    noise, label, participant = study
    seen = noise + 2 * label[:, None]  # so that the penalty is small, and decisions are far from 0
    before = decisions(seen, label, participant)
    for fold in range(6):
        rows = np.flatnonzero(participant == fold)
        others = seen.copy()
        others[rows[1:]] = 1e6
        swapped = label.copy()
        swapped[rows] = 1 - swapped[rows]
        after = decisions(others, swapped, participant)
        np.testing.assert_allclose(after[rows[0]], before[rows[0]], atol=1e-5)
        elsewhere = participant != fold
        assert (np.abs(after - before)[elsewhere] > 1e-4).all(), "all others were trained on them"


def test_rejected_trials_are_neither_trained_on_nor_scored(study: tuple[np.ndarray, ...]) -> None:
    seen, label, participant = study
    kept = np.arange(len(label)) % 5 != 2
    wild = np.where(kept[:, None], seen, 1e6)
    one, other = (out_of_fold_decisions(values, kept, label, participant) for values in (seen, wild))
    np.testing.assert_array_equal(np.isfinite(one), kept)
    np.testing.assert_allclose(one, other, atol=1e-5)
    found = quick_score(wild, kept, label, participant, participant)
    assert found.n_scored == kept.sum()


def test_permuted_labels_are_at_chance() -> None:
    """A leak would lift this far above a half: there are more values than trials."""
    rng = np.random.default_rng(8)
    participant = np.repeat(np.arange(6, dtype=np.int32), 4)
    scores = []
    for _ in range(40):
        seen, label = rng.normal(size=(24, 30)), (rng.permutation(24) % 2).astype(np.int32)
        scores.append(score_of(seen, label, participant, participant).balanced_accuracy)
    assert np.mean(scores) == pytest.approx(0.5, abs=0.05)


def test_a_planted_pattern_is_found() -> None:
    rng = np.random.default_rng(8)
    label, participant = np.arange(24, dtype=np.int32) % 2, np.repeat(np.arange(6, dtype=np.int32), 4)
    seen = rng.normal(size=(24, 30)) + 2 * label[:, None]
    found = score_of(seen, label, participant, participant)
    assert (found.balanced_accuracy, found.auc, found.n_scored) == (1.0, 1.0, 24)
    assert score_of(seen, 1 - label, participant, participant).balanced_accuracy == 1.0
    assert ((decisions(seen, label, participant) > 0) == (label == 1)).all(), "above 0 is the second class"


# Scores.


def plain_accuracy(decision: np.ndarray, label: np.ndarray) -> float:
    recalls = []
    for k in (0, 1):
        own = decision[label == k]
        recalls.append(np.mean([0.5 if d == 0 else float((d > 0) == k) for d in own]) if len(own) else np.nan)
    return float(np.mean(recalls))


def plain_auc(decision: np.ndarray, label: np.ndarray) -> float:
    pairs = [(a > b) + 0.5 * (a == b) for a in decision[label == 1] for b in decision[label == 0]]
    return float(np.mean(pairs)) if pairs else np.nan


def plain_jackknife(statistic: object, decision: np.ndarray, label: np.ndarray, group: np.ndarray) -> list[float]:
    """Value, low and high: each group left out in turn."""
    left = [statistic(decision[group != g], label[group != g]) for g in np.unique(group)]  # type: ignore[operator]
    n, whole = len(left), statistic(decision, label)  # type: ignore[operator]
    error = math.sqrt((n - 1) / n * sum((value - np.mean(left)) ** 2 for value in left))
    half = stats.t.ppf(0.975, n - 1) * error
    return [whole, max(whole - half, 0.0), min(whole + half, 1.0)]


@pytest.mark.parametrize("ties", [False, True])
def test_scores_are_counts_and_their_intervals_a_jackknife_over_participants(
    study: tuple[np.ndarray, ...], ties: bool
) -> None:
    seen, label, participant = study
    seen = np.where(np.arange(len(seen))[:, None] % 5 == 0, np.nan, seen) if ties else seen
    decision = decisions(seen, label, participant)
    if ties:
        assert len(np.unique(decision)) < len(decision)
    found = score_of(seen, label, participant, participant)
    np.testing.assert_allclose(found[:3], plain_jackknife(plain_accuracy, decision, label, participant))
    np.testing.assert_allclose(found[3:6], plain_jackknife(plain_auc, decision, label, participant))
    assert found.n_scored == len(label)
    assert found.balanced_accuracy_low < found.balanced_accuracy < found.balanced_accuracy_high


def test_constant_values_are_at_chance() -> None:
    """Every decision is 0."""
    label, participant = np.array([0, 1, 1, 0, 1, 1], np.int32), np.array([0, 0, 1, 1, 2, 2], np.int32)
    found = score_of(np.ones((6, 3)), label, participant, participant)
    assert (found.balanced_accuracy, found.auc) == (0.5, 0.5)


def test_a_fold_whose_training_has_one_class_is_not_scored() -> None:
    label = np.array([0, 0, 0, 0, 1, 1], np.int32)
    participant = np.array([0, 0, 1, 1, 2, 2], np.int32)
    seen = np.random.default_rng(0).normal(size=(6, 3))
    decision = decisions(seen, label, participant)
    assert np.isnan(decision).tolist() == [False] * 4 + [True] * 2
    found = score_of(seen, label, participant, participant)
    assert found.n_scored == 4
    assert np.isnan(found[:6]).all(), "the scored trials are of one class"


def test_where_the_jackknife_leaves_one_class_there_is_a_score_without_interval() -> None:
    label = np.array([0, 0, 1, 1, 0, 1, 0, 0], np.int32)
    participant = np.array([0, 0, 1, 1, 1, 1, 2, 2], np.int32)
    fold = np.array([0, 1, 0, 1, 0, 1, 0, 1], np.int32)
    found = score_of(np.random.default_rng(0).normal(size=(8, 3)), label, participant, fold)
    assert math.isfinite(found.balanced_accuracy)
    assert math.isfinite(found.auc)
    assert np.isnan([found.balanced_accuracy_low, found.balanced_accuracy_high, found.auc_low, found.auc_high]).all()


def test_without_kept_trials_there_is_no_score() -> None:
    none = np.zeros(0, np.int32)
    found = score_of(binned(np.zeros((0, 8)), np.zeros((0, 8), bool), 20.0), none, none, none)
    assert found.n_scored == 0
    assert np.isnan(found[:6]).all()
