"""Differences, intervals and p against scipy and plain loops, on traces with gaps."""

import warnings

import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import MadeUp, made_up
from scipy import stats

from smilejax.evaluation.class_difference.contrast import MIN_COUNT, Contrast, compared_over, contrast

TIME_MS = np.arange(12) * 50.0
WINDOW = (150.0, 400.0)
INSIDE = slice(3, 8)


def of(made: MadeUp, by: str, **changes: np.ndarray) -> Contrast:
    made = made._replace(**changes)
    return contrast(made.x, made.valid, made.label, made.participant, TIME_MS, WINDOW, by)  # type: ignore[arg-type]


def differences(made: MadeUp) -> np.ndarray:
    """`f64[P, T]`, by a loop: mean trace of either class of every participant who has both."""
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # means of nothing are NaN
        for one in np.unique(made.participant):
            own = [made.seen[(made.participant == one) & (made.label == k)] for k in (0, 1)]
            if all(map(len, own)):
                rows.append(np.nanmean(own[1], axis=0) - np.nanmean(own[0], axis=0))
    return np.array(rows)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_by_participants_every_step_is_a_t_test_of_their_differences(seed: int) -> None:
    made = made_up(seed)
    apart, curve = differences(made), of(made, "participants").curve
    assert np.isnan(apart).any(), "some have no valid trial of a class at some step"
    for step in range(12):
        known = apart[:, step][np.isfinite(apart[:, step])]
        interval = stats.ttest_1samp(known, 0).confidence_interval()
        expected = (known.mean(), interval.low, interval.high)
        np.testing.assert_allclose((curve.difference[step], curve.low[step], curve.high[step]), expected)


def test_a_window_is_every_participants_own_mean_over_its_steps_and_then_a_t_test() -> None:
    made = made_up()
    apart, found = differences(made), of(made, "participants")
    for window, steps in ((found.window, INSIDE), (found.whole, slice(None))):
        own = np.nanmean(apart[:, steps], axis=1)
        test = stats.ttest_1samp(own, 0)
        interval = test.confidence_interval()
        np.testing.assert_allclose(window, (own.mean(), interval.low, interval.high, test.pvalue))
    assert found.n_compared == len(apart) == 6, "a participant with one class only is left out"


def test_the_difference_is_defined_as_documented() -> None:
    """Two steps, three participants, by hand; averaging trials or samples first would give other numbers."""
    rows = [  # participant, label, values; None is missing
        *((0, 0, (1.0, 1.0)), (0, 1, (2.0, None)), (0, 1, (4.0, 6.0))),
        *((1, 0, (0.0, 2.0)), (1, 0, (2.0, None)), (1, 1, (5.0, 5.0))),
        *((2, 0, (1.0, 1.0)), (2, 1, (1.0, 4.0))),
    ]
    x = np.array([[np.nan if v is None else v for v in row[2]] for row in rows])
    participant, label = (np.array([row[i] for row in rows], np.int32) for i in (0, 1))
    found = contrast(
        np.nan_to_num(x), np.isfinite(x), label, participant, np.array([0.0, 50.0]), (0.0, 100.0), "participants"
    )
    of_participants = [(3 - 1 + 6 - 1) / 2, (5 - 1 + 5 - 2) / 2, (1 - 1 + 4 - 1) / 2]
    assert float(found.window.difference) == pytest.approx(np.mean(of_participants))
    trials_first = [(2 + 5) / 2 - 1, 5 - (1 + 2) / 2, 2.5 - 1]
    assert float(found.window.difference) != pytest.approx(np.mean(trials_first), abs=0.1)


def test_the_classes_means_are_over_participants_who_have_both() -> None:
    made = made_up()
    curve = of(made, "participants").curve
    for k in (0, 1):
        means = np.array(
            [
                np.nanmean(made.seen[(made.participant == one) & (made.label == k)][:, 4])
                for one in range(6)
                if made.valid[(made.participant == one) & (made.label == k)][:, 4].any()
            ]
        )
        interval = stats.ttest_1samp(means, 0).confidence_interval()
        got = (curve.mean[k, 4], curve.mean_low[k, 4], curve.mean_high[k, 4])
        np.testing.assert_allclose(got, (means.mean(), interval.low, interval.high))


@pytest.mark.parametrize("seed", [0, 3])
def test_by_trials_every_step_and_window_is_welchs_test(seed: int) -> None:
    made = made_up(seed)
    found = of(made, "trials")
    first, second = (made.seen[made.label == k] for k in (0, 1))
    for step in range(12):
        test = stats.ttest_ind(second[:, step], first[:, step], equal_var=False, nan_policy="omit")
        interval = test.confidence_interval()
        got = (found.curve.difference[step], found.curve.low[step], found.curve.high[step])
        middle = np.nanmean(second[:, step]) - np.nanmean(first[:, step])
        np.testing.assert_allclose(got, (middle, interval.low, interval.high))
        np.testing.assert_allclose(found.curve.mean[:, step], [np.nanmean(c[:, step]) for c in (first, second)])
    means = [np.nanmean(c[:, INSIDE], axis=1) for c in (first, second)]
    test = stats.ttest_ind(means[1], means[0], equal_var=False)
    interval = test.confidence_interval()
    np.testing.assert_allclose(
        found.window, (means[1].mean() - means[0].mean(), interval.low, interval.high, test.pvalue)
    )
    assert found.n_compared == len(made.label)


@pytest.mark.parametrize("by", ["participants", "trials"])
def test_swapping_the_classes_turns_the_sign_alone(by: str) -> None:
    made = made_up()
    one, other = of(made, by), of(made, by, label=1 - made.label)
    np.testing.assert_allclose(other.window.difference, -one.window.difference)
    np.testing.assert_allclose((other.window.low, other.window.high), (-one.window.high, -one.window.low))
    np.testing.assert_allclose(other.window.p, one.window.p)
    np.testing.assert_allclose(other.curve.mean, one.curve.mean[::-1])


@pytest.mark.parametrize("by", ["participants", "trials"])
def test_samples_that_are_not_valid_and_the_order_of_trials_change_nothing(by: str) -> None:
    made = made_up()
    order = np.random.default_rng(9).permutation(len(made.label))
    moved = MadeUp(*(part[order] for part in made))
    moved = moved._replace(x=np.where(moved.valid, moved.x, -5.0), participant=99 - moved.participant)
    for one, other in zip(of(made, by).window, of(moved, by).window, strict=True):
        np.testing.assert_allclose(one, other)


def test_a_windows_end_is_excluded_and_its_start_is_not() -> None:
    made = made_up()
    for step in range(12):
        changed = made.x.copy()
        changed[made.label == 1, step] += 100
        moved = of(made, "trials", x=changed).window.difference - of(made, "trials").window.difference
        assert (moved > 1) == (3 <= step < 8), step


def test_participants_and_trials_without_a_valid_sample_in_the_window_are_not_counted() -> None:
    made = made_up()
    valid = made.valid.copy()
    valid[(made.participant == 2) & (made.label == 1), INSIDE] = False
    assert of(made, "participants", valid=valid).n_compared == 5
    without = int(((made.participant == 2) & (made.label == 1)).sum())
    assert of(made, "trials", valid=valid).n_compared == len(made.label) - without


def test_fewer_than_three_give_no_number() -> None:
    """With two, an interval would be nine times as wide as the difference between them."""
    assert MIN_COUNT == 3
    made = made_up()
    few = MadeUp(*(part[made.participant < 2] for part in made))
    found = of(few, "participants")
    assert np.isnan([*found.window, *found.whole, *found.peak, found.peak_ms]).all()
    assert np.isnan(found.curve.difference).all()
    assert found.n_compared == 2
    three = MadeUp(*(part[made.participant < 3] for part in made))
    assert np.isfinite(of(three, "participants").window).all()


def test_a_step_with_too_few_values_has_no_number_and_its_neighbours_do() -> None:
    made = made_up()
    valid = made.valid.copy()
    valid[np.isin(made.participant, (0, 1, 2, 3)), 5] = False
    curve = of(made, "participants", valid=valid).curve
    assert np.flatnonzero(np.isnan(curve.difference)).tolist() == [5]
    assert np.flatnonzero(np.isnan(curve.low) | np.isnan(curve.mean[0])).tolist() == [5]


def test_no_trials_at_all_give_no_number() -> None:
    made = MadeUp(*(part[:0] for part in made_up()))
    for by in ("participants", "trials"):
        found = of(made, by)
        assert np.isnan(found.window.difference)
        assert found.n_compared == 0


@pytest.mark.parametrize("by", ["participants", "trials"])
def test_the_peak_is_the_step_furthest_from_0_and_has_no_p(by: str) -> None:
    made = made_up()
    x = made.x.copy()
    x[made.label == 1, 9] -= 30
    found = of(made, by, x=x)
    assert found.peak_ms == 450.0
    assert found.peak[:3] == (found.curve.difference[9], found.curve.low[9], found.curve.high[9])
    assert found.peak.difference < -20
    assert np.isnan(found.peak.p)


def test_differences_are_over_participants_where_three_have_both_classes() -> None:
    participant = np.array([0, 0, 1, 1, 2, 2, 3], np.int32)
    assert compared_over(participant, np.array([0, 1, 0, 1, 0, 1, 1], np.int32)) == "participants"
    assert compared_over(participant, np.array([0, 1, 0, 1, 0, 0, 1], np.int32)) == "trials"
    assert compared_over(participant, np.array([0, 1, 0, 1, 0, -1, 1], np.int32)) == "trials", (
        "an unknown class is none"
    )
