"""The class difference against `contrast` and plain loops, and its interval against variances by hand."""

import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import made_up
from scipy import stats

from smilejax._util.errors import DataError
from smilejax.evaluation.class_difference import contrast, crossed_difference

TIME_MS = np.arange(12) * 50.0


def crossed_study(seed: int = 0, participants: int = 9, stimuli: int = 10, **sds: float) -> tuple[np.ndarray, ...]:
    """x `[N, 3]`, label, participant, stimulus: participants' levels and class effects, stimuli, and noise, each normal."""
    rng = np.random.default_rng(seed)
    sd = {"level": 1.0, "slope": 0.3, "stimulus": 0.5, "noise": 0.5} | sds
    participant, stimulus = np.repeat(np.arange(participants), stimuli), np.tile(np.arange(stimuli), participants)
    label = stimulus % 2
    x = (
        rng.normal(0, sd["level"], participants)[participant]
        + label * rng.normal(0, sd["slope"], participants)[participant]
        + rng.normal(0, sd["stimulus"], stimuli)[stimulus]
        + rng.normal(0, sd["noise"], len(label))
    )
    return x[:, None] + np.zeros(3), label, participant, stimulus


def of(x, label, participant, stimulus, *, valid=None, draws=400, seed=0):
    valid = np.ones(x.shape, bool) if valid is None else valid
    return crossed_difference(x, valid, label, participant, stimulus, draws=draws, seed=seed)


def test_the_difference_is_that_of_contrast_with_gaps_too() -> None:
    made = made_up()
    inside = slice(3, 8)
    window = contrast(made.x, made.valid, made.label, made.participant, TIME_MS, (150.0, 400.0), "participants").window
    stimulus = np.full(len(made.label), -1)
    found = of(made.x[:, inside], made.label, made.participant, stimulus, valid=made.valid[:, inside], draws=4000)
    assert found.over == "within participants"
    np.testing.assert_allclose(found.interval.estimate, window.difference)
    # Drawn over participants alone, which is a t interval but for the draws.
    np.testing.assert_allclose([found.interval.low, found.interval.high], [window.low, window.high], rtol=0.15)
    assert str(found.interval.units) == "6 participants"
    assert found.why_no_interval == ""


def test_the_interval_is_made_of_the_variances_of_participants_stimuli_and_cells() -> None:
    """In a complete design the three variances are those of means, by hand."""
    x, label, participant, stimulus = crossed_study(participants=9, stimuli=10)
    found = of(x, label, participant, stimulus, draws=4000)
    cells = x[:, 0].reshape(9, 10)
    of_participants = cells[:, 1::2].mean(1) - cells[:, ::2].mean(1)
    assert found.interval.estimate == pytest.approx(of_participants.mean())
    from_participants = of_participants.var(ddof=1) / 9
    from_stimuli = sum(cells[:, k::2].mean(0).var(ddof=1) / 5 for k in (0, 1))
    alone = stats.t.ppf(0.975, 8) * np.sqrt(from_participants)
    half = (found.interval.high - found.interval.low) / 2
    assert half > 1.2 * alone, "stimuli differ, and an interval over participants alone does not know"
    # Minus that of cells, which counts the noise that both others hold.
    assert np.sqrt(max(from_participants, from_stimuli)) * 1.9 < half
    assert half < np.sqrt(from_participants + from_stimuli) * stats.t.ppf(0.975, 8)


def test_stimuli_that_do_not_differ_leave_the_interval_of_participants() -> None:
    x, label, participant, stimulus = crossed_study(stimulus=0.0, noise=0.05, slope=0.5)
    found = of(x, label, participant, stimulus, draws=2000)
    own = np.array(
        [x[(participant == p) & (label == 1)].mean() - x[(participant == p) & (label == 0)].mean() for p in range(9)]
    )
    half = stats.t.ppf(0.975, 8) * own.std(ddof=1) / 3
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(half, rel=0.1)


def test_participants_of_one_class_each_are_compared_between() -> None:
    rng = np.random.default_rng(1)
    participant = np.repeat(np.arange(8), 4)
    label = (participant >= 5).astype(int)
    x = rng.normal(size=(32, 4)) + 2.0 * label[:, None]
    valid = rng.random(x.shape) < 0.8
    found = of(x, label, participant, np.full(32, -1), valid=valid)
    seen = np.where(valid, x, np.nan)
    traces = np.array([np.nanmean(seen[participant == p], axis=0) for p in range(8)])
    expected = np.nanmean(np.nanmean(traces[5:], axis=0) - np.nanmean(traces[:5], axis=0))
    assert found.over == "between participants"
    assert found.interval.estimate == pytest.approx(expected)
    assert found.interval.low < 2 < found.interval.high


def test_participants_with_one_class_only_are_left_out() -> None:
    x, label, participant, stimulus = crossed_study()
    one = (participant != 0) | (label == 1)
    without = participant != 0
    parts = [part[one] for part in (x, label, participant, stimulus)]
    rest = [part[without] for part in (x, label, participant, stimulus)]
    assert of(*parts).interval.estimate == pytest.approx(of(*rest).interval.estimate)
    assert of(*parts).interval.units.participants == 8


def test_fewer_than_three_have_a_difference_and_no_interval() -> None:
    x, label, participant, stimulus = crossed_study(participants=2)
    found = of(x, label, participant, stimulus)
    assert found.over == "trials"
    assert found.interval.estimate == pytest.approx(x[label == 1].mean() - x[label == 0].mean())
    assert np.isnan([found.interval.low, found.interval.high]).all()
    assert "fewer than 3 participants have trials of both classes" in found.why_no_interval
    few = of(*crossed_study(stimuli=4))
    assert few.why_no_interval.startswith("a class has fewer than 3 stimuli")
    assert np.isnan(few.interval.low)
    assert np.isfinite(few.interval.estimate)
    assert np.isfinite(of(*crossed_study(stimuli=6)).interval.low)


def test_without_any_variation_there_is_no_interval_and_it_is_said() -> None:
    x, label, participant, stimulus = crossed_study(slope=0.0, stimulus=0.0, noise=0.0)
    found = of(x, label, participant, stimulus)
    assert found.why_no_interval == "neither participants nor stimuli vary."


def test_what_is_not_valid_the_order_of_trials_and_the_names_of_codes_change_nothing() -> None:
    x, label, participant, stimulus = crossed_study()
    rng = np.random.default_rng(2)
    valid = rng.random(x.shape) < 0.7
    one = of(x, label, participant, stimulus, valid=valid)
    order = rng.permutation(len(label))
    other = of(np.where(valid, x, 1e9)[order], label[order], participant[order], stimulus[order], valid=valid[order])
    np.testing.assert_allclose(
        [other.interval.estimate, other.interval.low, other.interval.high],
        [one.interval.estimate, one.interval.low, one.interval.high],
        rtol=0.2,  # cells are drawn in the order of their codes, which stays
    )
    assert other.interval.estimate == pytest.approx(one.interval.estimate)


def test_what_cannot_be_compared_is_refused() -> None:
    x, label, participant, stimulus = crossed_study()
    with pytest.raises(
        DataError, match="needs trials of both classes, labelled 0 or 1; there are 90 and 0 of 90 trials"
    ):
        of(x, np.zeros_like(label), participant, stimulus)
    with pytest.raises(DataError, match="needs the participant of every trial; 10 of 90 have none"):
        of(x, label, participant - 1, stimulus)
