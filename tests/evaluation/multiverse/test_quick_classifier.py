"""The quick classifier against closed forms and plain loops, and that it learns from nothing that it is scored on."""

import math
from collections import Counter
from fractions import Fraction

import jax
import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import made_up
from scipy import stats

from smilejax._util.errors import SmilejaxError
from smilejax.evaluation.multiverse.quick_classifier import MAX_FOLDS, binned, folds, out_of_fold_decisions, score

KEY = jax.random.key(4)


@pytest.fixture(scope="module")
def study() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`f64[N, 6]` with gaps, label and participant."""
    made = made_up(3, steps=6, people=6, only_one_class=0)
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


def test_folds_are_of_whole_people_and_of_even_size() -> None:
    participant = np.repeat(np.arange(23), 3).astype(np.int32)
    label = np.tile([0, 1, -1], 23).astype(np.int32)
    fold, by = folds(participant, label, key=KEY)
    assert by == "participants"
    assert (fold[label == -1] == -1).all(), "what is not labelled is in none"
    of_person = {int(person): set(fold[(participant == person) & (label >= 0)].tolist()) for person in participant}
    assert all(len(own) == 1 for own in of_person.values())
    sizes = Counter(next(iter(own)) for own in of_person.values())
    assert (len(sizes), set(sizes.values())) == (MAX_FOLDS, {2, 3})
    np.testing.assert_array_equal(fold, folds(participant, label, key=KEY)[0])
    assert (fold != folds(participant, label, key=jax.random.key(5))[0]).any(), "drawn by the key"


def test_few_people_have_a_fold_each() -> None:
    participant, label = np.array([4, 4, 9, 9, 7, 7], np.int32), np.array([0, 1, 0, 1, 0, 1], np.int32)
    fold, _ = folds(participant, label, key=KEY)
    assert sorted(fold[::2].tolist()) == [0, 1, 2]


def test_of_one_person_folds_are_of_trials_with_both_classes_dealt_out() -> None:
    label = np.array([0] * 7 + [1] * 13 + [-1] * 2, np.int32)
    fold, by = folds(np.zeros(22, np.int32), label, key=KEY)
    assert by == "trials"
    assert (fold[label == -1] == -1).all()
    for k, sizes in ((0, {1}), (1, {1, 2})):
        assert set(Counter(fold[label == k].tolist()).values()) == sizes
        assert set(fold[label == k].tolist()) == set(range(7)), "as many folds as the smaller class has trials"


def test_a_key_must_be_one() -> None:
    with pytest.raises(SmilejaxError, match="key"):
        folds(np.zeros(4, np.int32), np.array([0, 1, 0, 1], np.int32), key=np.uint32(3))  # type: ignore[arg-type]


# What is learned.


def plain(train: np.ndarray, label: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Ridge regression in its closed form, with one penalty, and the threshold midway between the classes' means."""
    mean, sd = np.nanmean(train, axis=0), np.nanstd(train, axis=0)

    def standard(values: np.ndarray) -> np.ndarray:
        return np.nan_to_num((values - mean) / sd)

    a, y = standard(train), np.where(label == 1, 1.0, -1.0)
    penalty = np.linalg.eigvalsh(a @ a.T).mean()
    weights = np.linalg.inv(a.T @ a + penalty * np.eye(a.shape[1])) @ a.T @ (y - y.mean())
    threshold = (np.mean(a[label == 1] @ weights) + np.mean(a[label == 0] @ weights)) / 2
    return standard(test) @ weights - threshold


@pytest.mark.parametrize("rows", [7, 30], ids=["fewer trials than values", "more"])
def test_answers_are_those_of_the_closed_form(rows: int) -> None:
    made = made_up(5, steps=14, people=10, only_one_class=0)
    seen, label = made.seen[: rows + 5], made.label[: rows + 5]
    fold = (np.arange(rows + 5) < 5).astype(np.int32)
    expected = plain(seen[5:], label[5:], seen[:5])
    np.testing.assert_allclose(out_of_fold_decisions(seen, label, fold)[:5], expected, rtol=1e-8)
    assert np.abs(expected).min() > 1e-4


def test_answers_do_not_depend_on_the_unit(study: tuple[np.ndarray, ...]) -> None:
    seen, label, participant = study
    one, other = (
        out_of_fold_decisions(seen, label, participant),
        out_of_fold_decisions(1000 * seen + 5, label, participant),
    )
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_values_that_never_change_or_are_never_there_tell_nothing(study: tuple[np.ndarray, ...]) -> None:
    seen, label, participant = study
    n = len(seen)
    more = np.c_[seen, np.full(n, 3.1), np.zeros(n), np.full(n, np.nan)]
    np.testing.assert_allclose(
        out_of_fold_decisions(more, label, participant), out_of_fold_decisions(seen, label, participant), rtol=1e-9
    )
    assert (out_of_fold_decisions(more[:, 6:], label, participant) == 0).all()


def test_whatever_is_held_out_teaches_nothing(study: tuple[np.ndarray, ...]) -> None:
    """A held-out trial's answer stays, whatever the other trials of its fold are and whatever the labels of all of them."""
    seen, label, participant = study
    before = out_of_fold_decisions(seen, label, participant)
    for fold in range(6):
        rows = np.flatnonzero(participant == fold)
        others = seen.copy()
        others[rows[1:]] = 1e6
        lied = label.copy()
        lied[rows] = 1 - lied[rows]
        after = out_of_fold_decisions(others, lied, participant)
        assert after[rows[0]] == before[rows[0]]
        elsewhere = participant != fold
        assert (after[elsewhere] != before[elsewhere]).all(), "everyone else did learn from them"


def test_labels_without_a_pattern_are_told_by_chance() -> None:
    """A leak would lift this far above a half: there are more values than trials."""
    rng = np.random.default_rng(8)
    scores = []
    for _ in range(40):
        seen, label = rng.normal(size=(24, 30)), rng.permutation(24) % 2
        person = np.repeat(np.arange(6), 4)
        scores.append(score(seen, label.astype(np.int32), person, person).accuracy)
    assert np.mean(scores) == pytest.approx(0.5, abs=0.05)


def test_a_planted_pattern_is_found() -> None:
    rng = np.random.default_rng(8)
    label, person = np.arange(24, dtype=np.int32) % 2, np.repeat(np.arange(6, dtype=np.int32), 4)
    seen = rng.normal(size=(24, 30)) + 2 * label[:, None]
    found = score(seen, label, person, person)
    assert (found.accuracy, found.auc, found.count) == (1.0, 1.0, 24)
    assert score(seen, 1 - label, person, person).accuracy == 1.0
    assert ((out_of_fold_decisions(seen, label, person) > 0) == (label == 1)).all(), "above 0 is the second class"


# Scores.


def plain_accuracy(decision: np.ndarray, label: np.ndarray) -> float:
    shares = []
    for k in (0, 1):
        own = decision[label == k]
        shares.append(np.mean([0.5 if d == 0 else float((d > 0) == k) for d in own]) if len(own) else np.nan)
    return float(np.mean(shares))


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
def test_scores_are_counts_and_their_intervals_a_jackknife_over_people(
    study: tuple[np.ndarray, ...], ties: bool
) -> None:
    seen, label, participant = study
    seen = np.where(np.arange(len(seen))[:, None] % 5 == 0, np.nan, seen) if ties else seen
    decision = out_of_fold_decisions(seen, label, participant)
    if ties:
        assert len(np.unique(decision)) < len(decision)
    found = score(seen, label, participant, participant)
    np.testing.assert_allclose(found[:3], plain_jackknife(plain_accuracy, decision, label, participant))
    np.testing.assert_allclose(found[3:6], plain_jackknife(plain_auc, decision, label, participant))
    assert found.count == len(label)
    assert found.accuracy_low < found.accuracy < found.accuracy_high


def test_a_tie_is_half_a_hit() -> None:
    """Nothing to go by: every answer is 0."""
    label, person = np.array([0, 1, 1, 0, 1, 1], np.int32), np.array([0, 0, 1, 1, 2, 2], np.int32)
    found = score(np.ones((6, 3)), label, person, person)
    assert (found.accuracy, found.auc) == (0.5, 0.5)


def test_a_fold_whose_training_has_one_class_is_not_scored() -> None:
    label = np.array([0, 0, 0, 0, 1, 1], np.int32)
    person = np.array([0, 0, 1, 1, 2, 2], np.int32)
    seen = np.random.default_rng(0).normal(size=(6, 3))
    decision = out_of_fold_decisions(seen, label, person)
    assert np.isnan(decision).tolist() == [False] * 4 + [True] * 2
    found = score(seen, label, person, person)
    assert found.count == 4
    assert np.isnan(found[:6]).all(), "what is left is of one class"


def test_without_a_class_in_what_a_jackknife_leaves_there_is_a_score_and_no_interval() -> None:
    label = np.array([0, 0, 1, 1, 0, 1, 0, 0], np.int32)
    person = np.array([0, 0, 1, 1, 1, 1, 2, 2], np.int32)
    fold = np.array([0, 1, 0, 1, 0, 1, 0, 1], np.int32)
    found = score(np.random.default_rng(0).normal(size=(8, 3)), label, person, fold)
    assert math.isfinite(found.accuracy)
    assert math.isfinite(found.auc)
    assert np.isnan([found.accuracy_low, found.accuracy_high, found.auc_low, found.auc_high]).all()


def test_nothing_kept_is_no_score() -> None:
    none = np.zeros(0, np.int32)
    found = score(binned(np.zeros((0, 8)), np.zeros((0, 8), bool), 20.0), none, none, none)
    assert found.count == 0
    assert np.isnan(found[:6]).all()
