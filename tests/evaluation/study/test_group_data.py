"""Participants and stimuli one by one, and several observers of one stimulus."""

import dataclasses

import numpy as np
import pytest
import scipy.stats
from helpers.made_study import SETTINGS, make_raw_results, take
from helpers.small_study import make_dataset

from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.figure_data import attribution_result, dilation
from smilejax.evaluation.study.group_data import group_results, several_observers
from smilejax.evaluation.study.study_tests import participant_tests


def test_stimuli_are_in_natural_order_each_with_its_own_numbers() -> None:
    raw = make_raw_results()
    found = group_results(raw, "stimulus")
    assert [one.name for one in found] == [f"v{number}" for number in range(12)]
    for one in found:
        own = raw.trials["stimulus"] == one.name
        assert one.trials == own.sum()
        label = raw.trials.loc[own, "class"].iloc[0]
        assert one.scored_by_class == {"posed": 0, "genuine": 0, label: 8}
        assert one.balanced_accuracy is None


def test_several_observers_have_no_percentage_where_it_rests_on_few_stimuli() -> None:
    """Ten observers of two stimuli, three of the others: beyond three, the number of stimuli and nothing else."""
    raw = make_raw_results()
    stimulus, participant = raw.trials["stimulus"], raw.trials["participant"].str[1:].astype(int)
    rare = ~stimulus.isin(["v0", "v1"]) & (participant >= 3)
    scored = raw.protocols[0].predictions.ok.copy()
    test = raw.protocols[0].folds.test & ~rare.to_numpy()
    folds = dataclasses.replace(raw.protocols[0].folds, test=test)
    first = dataclasses.replace(raw.protocols[0], folds=folds)
    assert scored.all()
    found = several_observers(dataclasses.replace(raw, protocols=(first, *raw.protocols[1:])), SETTINGS)
    assert [one.observers for one in found] == list(range(1, 9))
    for one in found:
        assert one.stimuli == (12 if one.observers <= 3 else 2)
        assert one.fewer_observers == 12 - one.stimuli
        assert (one.balanced_accuracy is not None) is (one.observers <= 3)
        assert one.balanced_accuracy is not None or (one.low, one.high) == (None, None)


@pytest.mark.parametrize("design", ["two participants", "groups", "pairs"])
def test_the_difference_along_the_trial(design: str) -> None:
    """Within participants where three or more have both classes; else that of the means, with Welch's interval."""
    dataset = make_dataset(participants=2 if design == "two participants" else 8, smilers=6)
    if design == "groups":
        dataset = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)
    raw = make_raw_results(dataset=dataset, permutations=0)
    found = dilation(raw, SETTINGS)
    x = np.where(raw.valid, raw.x[:, :, 0], np.nan).astype(float)
    y, participant = raw.y, np.asarray(dataset.participant)
    if design == "two participants":
        one, other = x[y == 1], x[y == 0]
    else:
        one, other = (
            np.array(
                [
                    np.ma.masked_invalid(x[(participant == p) & (y == k)]).mean(0).filled(np.nan)
                    for p in np.unique(participant[y == k])
                ]
            )
            for k in (1, 0)
        )
    test = (
        scipy.stats.ttest_rel(one, other, nan_policy="omit")
        if design == "pairs"
        else scipy.stats.ttest_ind(one, other, equal_var=False, nan_policy="omit")
    )
    expected = test.confidence_interval(0.95)
    assert found.paired is (design == "pairs")
    assert found.over == ("trials" if design == "two participants" else "participants")
    np.testing.assert_allclose(found.difference.low, expected.low, atol=2e-6)
    np.testing.assert_allclose(found.difference.high, expected.high, atol=2e-6)


def test_participants_of_one_class_are_not_in_the_test_over_participants() -> None:
    """Of unequal classes the larger one's share is the accuracy of always predicting it."""
    dataset = make_dataset(participants=10, smilers=10)
    y, participant = np.asarray(dataset.y), np.asarray(dataset.participant)
    raw = make_raw_results(dataset=take(dataset, (y == 1) | (participant < 3)), permutations=0)
    always = raw.verdict_protocol.predictions.logits
    always[..., 0], always[..., 1] = -2.0, 2.0
    found = participant_tests(raw, SETTINGS)
    assert (found.over_participants.n, found.over_participants.left_out) == (3, 7)
    assert found.over_participants.mean == 0.5
    assert found.trials_as_independent.chance == found.trials_as_independent.accuracy == pytest.approx(100 / 130)
    assert found.trials_as_independent.p > 0.4


def test_results_print_in_a_line() -> None:
    results = compute_results(make_raw_results(), SETTINGS)
    assert repr(results).startswith(
        "StudyResults(genuine from posed; New participants, new stimuli: balanced accuracy "
    )
    assert len(repr(results)) < 200


def test_times_of_curves_and_windows_are_relative_to_onset() -> None:
    raw = make_raw_results()
    about = dataclasses.replace(raw.about, start_ms=-200.0)
    early = dataclasses.replace(raw, time_ms=raw.time_ms - 200, about=about)
    assert dilation(early, SETTINGS).time_ms[0] == -200
    found = attribution_result(early.attribution, early)
    assert found is not None
    assert found.time_ms[0] == -200
    assert [(one.from_ms, one.to_ms) for one in found.occlusion] == [(-200, -50), (-50, 100), (100, 250)]
