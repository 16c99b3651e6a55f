"""Scores against scikit-learn, row by row; what is undefined; what is in no mask; calibration; curves; tables by trial."""

import math

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from smilejax.evaluation.metrics import (
    Metrics,
    balanced_accuracy,
    calibration_error,
    calibration_null,
    correct,
    grouped,
    measure,
    operating_curve,
    per_trial,
    reliability,
)

NAMES = ("accuracy", "balanced_accuracy", "auc", "f1", "mcc", "brier", "log_loss")


def by_sklearn(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Scores of one run with both classes."""
    answer = (p > 0.5).astype(int)
    return {
        "accuracy": sk.accuracy_score(y, answer),
        "balanced_accuracy": sk.balanced_accuracy_score(y, answer),
        "auc": sk.roc_auc_score(y, p),
        "f1": sk.f1_score(y, answer),
        "mcc": sk.matthews_corrcoef(y, answer),
        "brier": sk.brier_score_loss(y, p),
        "log_loss": sk.log_loss(y, np.stack([1 - p, p], 1), labels=[0, 1]),
    }


def hostile_runs(rng: np.random.Generator, runs: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities with ties among them, zeros and ones, none of .5; other labels in each run; NaN outside the mask."""
    y = (rng.random((runs, n)) < rng.uniform(0.15, 0.85, (runs, 1))).astype(np.int32)
    p = np.clip(0.5 + 0.2 * (2 * y - 1) + rng.normal(0, 0.3, (runs, n)), 0, 1)
    p[::2] = p[::2].round(1)
    p[p == 0.5] = 0.6
    mask = rng.random((runs, n)) < 0.6
    mask[:, :4], y[:, :4] = True, (0, 1, 1, 0)
    p[~mask], y[~mask] = np.nan, -1
    return p, y, mask


def test_every_score_of_every_run_is_scikit_learns(rng: np.random.Generator) -> None:
    p, y, mask = hostile_runs(rng, 60, 40)
    found = measure(p.reshape(12, 5, 40), y.reshape(12, 5, 40), mask.reshape(12, 5, 40))
    for r in range(60):
        at, own = divmod(r, 5), mask[r]
        for name, expected in by_sklearn(p[r, own], y[r, own]).items():
            assert getattr(found, name)[at] == pytest.approx(expected, abs=1e-9), (name, r)
        np.testing.assert_array_equal(found.confusion[at], sk.confusion_matrix(y[r, own], p[r, own] > 0.5))
        assert found.count[at] == own.sum()


@given(st.data())
def test_auc_with_ties_counts_pairs(data: st.DataObject) -> None:
    """Ties are many: five values."""
    n = data.draw(st.integers(2, 12))
    p = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), min_size=n, max_size=n)))
    y = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    pairs = [(a > b) + 0.5 * (a == b) for a in p[mask & (y == 1)] for b in p[mask & (y == 0)]]
    expected = np.mean(pairs) if pairs else np.nan
    np.testing.assert_allclose(measure(p, y, mask).auc, expected, atol=1e-12)


def test_labels_may_be_shared_by_all_runs(rng: np.random.Generator) -> None:
    p, mask, y = rng.random((4, 9)), rng.random((4, 9)) < 0.7, rng.integers(0, 2, 9)
    same(measure(p, y, mask), measure(p, np.broadcast_to(y, p.shape), mask))


def test_the_order_of_trials_does_not_matter_and_which_is_scored_does(rng: np.random.Generator) -> None:
    p, y, mask = hostile_runs(rng, 3, 20)
    order = rng.permutation(20)
    same(measure(p, y, mask), measure(p[:, order], y[:, order], mask[:, order]))
    fewer = mask & (np.arange(20) != 0)
    assert (measure(p, y, fewer).brier != measure(p, y, mask).brier).all()


def same(a: Metrics, b: Metrics) -> None:
    for name in (*NAMES, "count", "confusion"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=1e-12)


def test_what_is_undefined_is_nan() -> None:
    p = np.array([[0.2, 0.7, 0.9], [0.2, 0.7, 0.9], [0.2, 0.3, 0.1], [np.nan] * 3])
    y = np.array([[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 1, 0]])
    found = measure(p, y, np.array([[True] * 3] * 3 + [[False] * 3]))
    assert np.isnan([found.balanced_accuracy, found.auc, found.mcc]).all()
    np.testing.assert_allclose(found.accuracy, [2 / 3, 1 / 3, 1, np.nan])
    np.testing.assert_allclose(found.f1, [0.8, 0, np.nan, np.nan])
    assert found.count.tolist() == [3, 3, 3, 0]
    assert np.isnan(found.brier).tolist() == np.isnan(found.log_loss).tolist() == [False, False, False, True]
    assert measure(np.zeros((2, 0)), np.zeros(0, int), np.zeros((2, 0), bool)).count.tolist() == [0, 0]


def test_one_class_throughout_has_no_correlation() -> None:
    y = np.array([0, 1, 1])
    found = measure(np.full(3, 0.4), y, np.ones(3, bool))
    assert found.confusion.tolist() == [[1, 0], [2, 0]]
    assert found.mcc == sk.matthews_corrcoef(y, [0, 0, 0]) == 0
    assert found.auc == 0.5


def test_a_tie_is_half_of_either_class_in_every_score(rng: np.random.Generator) -> None:
    """As if each tie were two trials of half a weight, one predicted as either class: scikit-learn with weights."""
    y = np.r_[0, 1, rng.integers(0, 2, 40)]
    p = rng.random(42).round(1)
    p[rng.random(42) < 0.4] = 0.5
    found = measure(p, y, np.ones(42, bool))
    twice = np.repeat(y, 2)
    predicted = np.stack([np.where(p == 0.5, k, p > 0.5) for k in (0, 1)], 1).ravel()
    weights = np.full(84, 0.5)
    assert 0 < (p == 0.5).sum() < 42
    assert found.count == 42
    np.testing.assert_allclose(found.confusion, sk.confusion_matrix(twice, predicted, sample_weight=weights))
    for name, score in (
        ("accuracy", sk.accuracy_score),
        ("balanced_accuracy", sk.balanced_accuracy_score),
        ("f1", sk.f1_score),
        ("mcc", sk.matthews_corrcoef),
    ):
        assert getattr(found, name) == pytest.approx(score(twice, predicted, sample_weight=weights)), name


def test_trial_by_trial_and_in_sum_a_classifier_has_one_accuracy(rng: np.random.Generator) -> None:
    """The majority class's probability is .5 in folds with equally many trials of both classes."""
    y = np.r_[np.zeros(18, int), np.ones(17, int)]
    p = np.where(rng.random(35) < 0.5, 0.5, rng.random(35))
    for one in (p, np.full(35, 0.5)):
        found, trials = measure(one, y, np.ones(35, bool)), correct(one, y)
        assert found.accuracy == pytest.approx(trials.mean())
        assert found.balanced_accuracy == pytest.approx(balanced_accuracy(trials, y))
    assert found.accuracy == 0.5


@pytest.mark.parametrize(("dtype", "cost"), [(np.float64, 36.0437), (np.float32, 15.9424)])
def test_a_certain_error_costs_what_it_does_in_scikit_learn(dtype: type, cost: float) -> None:
    p, y = np.array([1.0, 0.0, 1.0], dtype), np.array([0, 0, 1])
    found = measure(p, y, np.array([True, False, False])).log_loss
    assert found == pytest.approx(cost, abs=1e-3)
    assert measure(p, y, np.ones(3, bool)).log_loss == pytest.approx(sk.log_loss(y, np.stack([1 - p, p], 1)), rel=1e-6)


def test_what_is_no_probability_or_no_class_is_refused() -> None:
    mask = np.array([True, True, False])
    measure(np.array([0.1, 0.9, 7.0]), np.array([0, 1, 7]), mask)
    with pytest.raises(ValueError, match=r"from 0 to 1 where its trial is scored; 7.0 arrived \(1 such\)"):
        measure(np.array([0.1, 7.0, 0.2]), np.array([0, 1, 7]), mask)
    with pytest.raises(ValueError, match=r"nan arrived \(1 such\)\. Give probabilities and not logits"):
        measure(np.array([0.1, np.nan, 0.2]), np.array([0, 1, 7]), mask)
    with pytest.raises(ValueError, match=r"label 0 or 1; -1 arrived \(1 such\)"):
        measure(np.array([0.1, 0.2, 0.2]), np.array([0, -1, 1]), mask)


# Calibration


def plain_calibration_error(p: np.ndarray, y: np.ndarray, bins: int) -> float:
    total = 0.0
    for i in range(bins):
        inside = [(max(a, 1 - a), 0.5 if a == 0.5 else (a > 0.5) == b) for a, b in zip(p, y, strict=True)]
        inside = [(c, r) for c, r in inside if i / bins < c <= (i + 1) / bins]
        if inside:
            confidence, right = np.transpose(inside)
            total += len(inside) * abs(confidence.mean() - right.mean())
    return total / len(p)


@pytest.mark.parametrize("bins", [1, 2, 10, 13])
def test_calibration_error_by_the_definition(rng: np.random.Generator, bins: int) -> None:
    p = np.r_[rng.random(60), 0.5, 0.0, 1.0]
    y = (rng.random(63) < 0.6).astype(int)
    assert calibration_error(p, y, bins=bins) == pytest.approx(plain_calibration_error(p, y, bins), abs=1e-12)
    # Exchanging the classes throughout asks the same question.
    assert calibration_error(1 - p[:60], 1 - y[:60], bins=bins) == pytest.approx(
        calibration_error(p[:60], y[:60], bins=bins), abs=1e-12
    )


def test_a_perfect_model_has_the_error_it_is_known_to_have(rng: np.random.Generator) -> None:
    """.123 (.048 to .222) at 35 trials, .074 at 100, .033 at 500."""
    for n, mean in ((35, 0.123), (100, 0.074), (500, 0.033)):
        p = rng.beta(2, 2, (1500, n))
        y = (rng.random(p.shape) < p).astype(int)
        errors = [calibration_error(a, b) for a, b in zip(p, y, strict=True)]
        assert np.mean(errors) == pytest.approx(mean, abs=0.004)
        if n == 35:
            np.testing.assert_allclose(np.quantile(errors, (0.025, 0.975)), (0.048, 0.222), atol=0.012)


def test_the_null_band_holds_perfect_models_and_not_others(rng: np.random.Generator) -> None:
    p = rng.beta(2, 2, 80)
    band = calibration_null(p, draws=1000, seed=3)
    drawn = (rng.random((1000, 80)) < p).astype(int)
    errors = np.array([calibration_error(p, y) for y in drawn])
    np.testing.assert_allclose((band.median, band.low, band.high), np.quantile(errors, (0.5, 0.025, 0.975)), atol=0.01)
    assert band == calibration_null(p, draws=1000, seed=3) != calibration_null(p, draws=1000, seed=4)
    wild = np.where(p > 0.5, 0.99, 0.01)
    assert calibration_error(wild, drawn[0]) > calibration_null(wild, draws=1000, seed=3).high


def test_reliability_is_scikit_learns_curve_with_the_empty_bins(rng: np.random.Generator) -> None:
    from sklearn.calibration import calibration_curve

    p = np.r_[rng.beta(3, 2, 200) * 0.8, 0.0, 0.3, 0.5]
    y = (rng.random(203) < p).astype(int)
    table = reliability(p, y)
    share, mean_p = calibration_curve(y, p, n_bins=10)
    full = table[table["count"] > 0]
    np.testing.assert_allclose(full["proportion"], share)
    np.testing.assert_allclose(full["mean_p"], mean_p)
    assert table["count"].sum() == 203
    assert table["bin"].tolist() == list(range(10))
    assert table.loc[9, ["mean_p", "proportion"]].isna().all()


def test_no_trials_have_no_calibration() -> None:
    nothing, none = np.zeros(0), np.zeros(0, int)
    assert math.isnan(calibration_error(nothing, none))
    assert math.isnan(calibration_null(nothing, draws=3, seed=0).median)
    assert reliability(nothing, none)["proportion"].isna().all()
    with pytest.raises(ValueError, match="bins must be a whole number from 1 up; it is 0"):
        calibration_error(nothing, none, bins=0)


# Curves


@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("n", [2, 3, 50])
def test_the_operating_curve_is_scikit_learns(rng: np.random.Generator, n: int, digits: int) -> None:
    for _ in range(20):
        p = rng.random(n).round(digits)
        y = np.r_[0, 1, rng.integers(0, 2, n - 2)]
        found = operating_curve(p, y)
        for ours, theirs in zip(found, sk.roc_curve(y, p), strict=True):
            np.testing.assert_allclose(ours, theirs)
        assert np.trapezoid(found.tpr, found.fpr) == pytest.approx(measure(p, y, np.ones(n, bool)).auc)


def test_a_curve_without_a_class() -> None:
    found = operating_curve(np.array([0.2, 0.7]), np.array([1, 1]))
    assert np.isnan(found.fpr).all()
    assert found.tpr.tolist()[-1] == 1
    with pytest.raises(ValueError, match="at least one scored trial; none arrived"):
        operating_curve(np.zeros(0), np.zeros(0, int))


# By trial, and by group


def test_runs_are_gathered_by_trial() -> None:
    p = np.array([[0.9, 0.2, np.nan], [0.7, 0.6, np.nan], [0.1, 9.0, np.nan]], np.float32)
    scored = np.array([[True, True, False], [True, True, False], [True, False, False]])
    found = per_trial(p, scored, np.array([1, 0, 1]))
    np.testing.assert_allclose(found.p, [1.7 / 3, 0.4, np.nan], atol=1e-7)
    np.testing.assert_allclose(found.hit, [2 / 3, 0.5, np.nan])
    assert found.runs.tolist() == [3, 2, 0]
    assert list(found.table().columns) == ["y", "p", "hit", "runs"]
    with pytest.raises(ValueError, match=r"9.0 arrived"):
        per_trial(p.astype(np.float64), scored | np.array([[False, True, False]]), np.array([1, 0, 1]))


def test_a_tie_is_half_right_and_no_answer_none() -> None:
    p, y = np.array([[0.5, 0.5, 0.7, np.nan, 0.7]]), np.array([[0, 1, 1, 1, -1]])
    np.testing.assert_array_equal(correct(p, y), [[0.5, 0.5, 1.0, np.nan, np.nan]])
    np.testing.assert_array_equal(balanced_accuracy(correct(p, y), y), [(0.5 + 0.75) / 2])
    found = per_trial(np.array([[0.5], [0.9]]), np.ones((2, 1), bool), np.array([1]))
    assert (found.hit.tolist(), found.p.tolist()) == ([0.75], [0.7])


def test_groups_against_pandas(rng: np.random.Generator) -> None:
    import pandas as pd

    n = 80
    hit, p, y, codes = rng.random(n), rng.random(n), rng.integers(0, 2, n), rng.integers(-1, 7, n) * 3
    hit[::9], y[codes == 3] = np.nan, 1
    table = grouped(hit, p, codes, y).set_index("code")
    frame = pd.DataFrame({"hit": hit, "p": p, "code": codes, "y": y})
    frame = frame[frame["hit"].notna() & (frame["code"] >= 0)]
    by = frame.groupby("code")
    np.testing.assert_allclose(table["accuracy"], by["hit"].mean())
    np.testing.assert_allclose(table["mean_p"], by["p"].mean())
    np.testing.assert_array_equal(table["trials"], by.size())
    np.testing.assert_array_equal(table["count_1"], by["y"].sum())
    np.testing.assert_array_equal(table["count_0"] + table["count_1"], table["trials"])
    of_class = frame.groupby(["code", "y"])["hit"].mean().unstack()
    np.testing.assert_allclose(table["balanced_accuracy"], of_class.mean(axis=1, skipna=False))
    assert math.isnan(table.loc[3, "balanced_accuracy"])
    assert len(grouped(hit, p, np.full(n, -1), y)) == 0
