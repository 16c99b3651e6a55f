"""Which protocols a design allows, in which order, and why not the others."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.made_study import SETTINGS, take, without_stimuli
from helpers.small_study import make_dataset

from smilejax import Dataset, StudySettings, permute_labels
from smilejax._util.errors import DataError
from smilejax.evaluation.study.protocols import NAMES, protocols, verdict_protocol
from smilejax.splits import by_stimulus, check_folds, inner_validation
from smilejax.splits.permutations import permute_labels_for_folds, smallest_attainable_p_of, with_both_classes

KEY = jax.random.key(0)


def test_all_four_from_the_strictest() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    found = protocols(dataset, SETTINGS, key=KEY)
    assert tuple(one.name for one in found) == NAMES
    assert verdict_protocol(found).name == "participant-and-stimulus"
    for one in found:
        check_folds(one.folds, dataset)
        assert (one.folds.test.sum(0) == 1).all()
    both, participant, stimulus, shuffled = (one.folds for one in found)
    assert len(both) == SETTINGS.blocks**2
    assert len(participant) == 8
    assert len(stimulus) == 6  # whole smilers: both of a face's stimuli at once
    assert shuffled.leaky
    person, video = np.asarray(dataset.participant), np.asarray(dataset.stimulus)
    for train, test in zip(both.train, both.test, strict=True):
        assert not set(person[train]) & set(person[test])
        assert not set(video[train]) & set(video[test])


def test_without_stimuli() -> None:
    found = protocols(without_stimuli(make_dataset()), SETTINGS, key=KEY)
    assert [one.folds is None for one in found] == [True, False, True, False]
    assert verdict_protocol(found).name == "participant"
    assert found[0].why_not == "splitting by stimulus needs the stimulus of every trial; 24 of 24 have none."


def test_few_trials_are_left_out_one_unit_at_a_time() -> None:
    """Two blocks of two smilers would leave one class or nothing to train on in other designs; here units run out."""
    found = protocols(make_dataset(participants=2, smilers=2), SETTINGS, key=KEY)
    assert len(found[0].folds) == 4


def test_one_participant_and_one_smiler_leave_shuffled_trials() -> None:
    dataset = make_dataset(participants=3, smilers=3)
    one = take(dataset, (np.asarray(dataset.participant) == 0) & (np.asarray(dataset.smiler) == 0))
    with pytest.raises(DataError, match="no trial can be scored by a network that was not trained on it"):
        verdict_protocol(protocols(one, SETTINGS, key=KEY))
    person = take(dataset, np.asarray(dataset.participant) == 0)
    found = protocols(without_stimuli(person), SETTINGS, key=KEY)
    assert verdict_protocol(found).name == "shuffled"


def test_one_smiler_is_no_reason_to_know_less() -> None:
    """New stimuli of the same face are new stimuli: to have noted whose they are must not make the verdict weaker."""
    dataset = make_dataset(participants=6, smilers=6)
    one_face = replace(dataset, smiler=jnp.asarray(np.zeros(len(dataset), np.int32)))
    found, other = (protocols(one, SETTINGS, key=KEY) for one in (one_face, without_smilers(dataset)))
    assert [one.folds is None for one in found] == [False] * 4
    for one, same in zip(found, other, strict=True):
        np.testing.assert_array_equal(one.folds.test, same.folds.test)


def test_two_groups_with_stimuli_of_their_own_need_a_scheme_of_their_own() -> None:
    """Whether people or stimuli were drawn for the classes, the data cannot say: the scheme does."""
    dataset = make_dataset(participants=12, smilers=12)
    group = np.asarray(dataset.participant) % 2
    dataset = without_smilers(take(dataset, np.asarray(dataset.y) == group))
    settings = replace(SETTINGS, participant_folds=3, stimulus_folds=3)
    with pytest.raises(DataError, match=r"Choose scheme from 'stimulus', 'participant'"):
        permute_labels_for_folds(verdict_protocol(protocols(dataset, settings, key=KEY)).folds, dataset, 9, key=KEY)
    for scheme in ("participant", "stimulus"):
        chosen = verdict_protocol(protocols(dataset, replace(settings, scheme=scheme), key=KEY))
        assert chosen.balanced
        found = permute_labels_for_folds(chosen.folds, dataset, 9, scheme=scheme, balanced=True, key=KEY)
        assert (found.scheme, len(found)) == (scheme, 9)
        for unit in np.unique(getattr(dataset, scheme)):
            assert (np.ptp(found.labels[:, np.asarray(getattr(dataset, scheme)) == unit], axis=1) == 0).all()


def test_the_same_key_gives_the_same_folds() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    for one, other in zip(protocols(dataset, SETTINGS, key=KEY), protocols(dataset, SETTINGS, key=KEY), strict=True):
        np.testing.assert_array_equal(one.folds.test, other.folds.test)


def without_smilers(dataset: Dataset) -> Dataset:
    return replace(dataset, smiler=jnp.asarray(np.full(len(dataset), -1, np.int32)))


@pytest.mark.parametrize("smilers", [6, 4])
def test_folds_that_no_permutation_is_restricted_by_do_not_know_the_labels(smilers: int) -> None:
    """Dealt by labels, they would fit the truth better than its permutations, and the test would not be one.

    With pairs of smilers there is nothing to balance, and with eight stimuli there are too few labellings within blocks.
    """
    dataset = make_dataset(participants=8, smilers=smilers)
    dataset = dataset if smilers == 6 else without_smilers(dataset)
    permuted = permute_labels(dataset, 1, key=jax.random.key(3))
    other = replace(dataset, y=jnp.asarray(permuted.labels[0]))
    found, again = (protocols(which, SETTINGS, key=KEY) for which in (dataset, other))
    assert not verdict_protocol(found).balanced
    for one, same in zip(found, again, strict=True):
        if one.balanced:  # what is only compared may be
            continue
        np.testing.assert_array_equal(one.folds.test, same.folds.test)
        np.testing.assert_array_equal(one.folds.train, same.folds.train)


def test_a_smiler_for_each_stimulus_is_balanced_as_if_nobody_knew() -> None:
    dataset = make_dataset(participants=5, smilers=8)
    single = replace(dataset, smiler=dataset.stimulus)
    found = protocols(single, StudySettings(), key=KEY)
    assert [one.balanced for one in found] == [True, False, True, False]
    for one in (found[0].folds, found[2].folds):
        hit = [np.unique(np.asarray(single.stimulus)[test]) % 2 for test in one.test]
        assert max(abs(2 * labels.sum() - len(labels)) for labels in hit) <= 2


def test_what_is_only_compared_is_balanced_whatever_labellings_remain() -> None:
    """Fourteen stimuli in ten folds leave too few to test by; by new people and stimuli there are enough."""
    dataset = without_smilers(make_dataset(participants=6, smilers=7))
    found = protocols(dataset, StudySettings(), key=KEY)
    assert (
        smallest_attainable_p_of(dataset, found[0].folds)
        <= 0.05 / 4
        < smallest_attainable_p_of(dataset, found[2].folds)
    )
    assert [one.balanced for one in found] == [True, False, True, False]


def test_permutations_under_which_settings_can_be_chosen_too() -> None:
    dataset = without_smilers(make_dataset(participants=4, smilers=3))
    folds = by_stimulus(dataset)
    inside = inner_validation(folds, dataset, 0.5, stratified=False, key=KEY)
    found = permute_labels_for_folds(folds, dataset, 5, inside=inside, key=KEY)
    assert 1 <= len(found) <= 5
    for y in found.labels:
        assert all(len(set(y[train])) == 2 for train in (*folds.train, *inside.train))
    one_class = replace(inside, train=inside.train & (np.asarray(dataset.y) == 1)[None])
    with pytest.raises(DataError, match="under each of 9 permutations some fold would be trained on one class only"):
        permute_labels_for_folds(folds, dataset, 20, inside=one_class, key=KEY)


def by_participants(dataset: Dataset) -> Dataset:
    """The label is the participant's."""
    return replace(without_stimuli(dataset), y=dataset.participant % 2)


def of_trials(dataset: Dataset) -> Dataset:
    """One person, and nobody noted what was watched."""
    return without_stimuli(take(dataset, np.asarray(dataset.participant) == 0))


@pytest.mark.parametrize(
    ("name", "change", "participants", "unit"),
    [
        ("participant-and-stimulus", without_smilers, 5, "stimulus"),
        ("participant", by_participants, 24, "participant"),
        ("shuffled", of_trials, 1, "trial"),
    ],
)
def test_under_each_permutation_blocks_hold_as_many_units_of_either_class(name, change, participants, unit) -> None:
    whole = make_dataset(participants=participants, smilers=16)
    rng = np.random.default_rng(0)
    # Not everybody watched everything: units have different numbers of trials, which nothing may depend on.
    dataset = change(take(whole, rng.random(len(whole)) < 0.8))
    chosen = verdict_protocol(protocols(dataset, StudySettings(), key=KEY))
    assert (chosen.name, chosen.balanced) == (name, True)
    permuted = permute_labels_for_folds(chosen.folds, dataset, 100, balanced=True, key=KEY)
    assert len(permuted) == 100
    y = np.asarray(dataset.y)
    units = np.arange(len(y)) if unit == "trial" else np.asarray(getattr(dataset, unit))
    assert (permuted.labels != y).any(0).all()  # every trial's label is exchanged in some
    block = np.array([fold.split(" x ")[-1] for fold in chosen.folds.names])
    for test in (chosen.folds.test[block == b].any(0) for b in np.unique(block)):
        first = np.unique(units[test], return_index=True)[1]
        true = y[test][first].sum()
        assert abs(2 * true - len(first)) <= 2  # dealt evenly; the study has an odd unit of either class
        assert (permuted.labels[:, test][:, first].sum(1) == true).all()
    free = permute_labels(dataset, 100, key=KEY).labels
    assert np.ptp(free[:, test][:, first].sum(1)) > 0  # which all labellings would not do


def test_permutations_that_leave_one_class_are_left_out() -> None:
    """Four stimuli without smilers in two blocks: a labelling with one class in a block leaves one in the other."""
    dataset = replace(make_dataset(participants=4, smilers=2), smiler=jnp.asarray(np.full(16, -1, np.int32)))
    of_keys = (protocols(dataset, replace(SETTINGS, blocks=2), key=jax.random.key(k))[0].folds for k in range(20))
    folds = next(folds for folds in of_keys if len(folds) == 4)
    every = permute_labels(dataset, 2, key=KEY)
    valid = with_both_classes(folds, every)
    both = [all(len(set(y[train])) == 2 for train in folds.train) for y in every.labels]
    assert sum(both) == 1  # six labellings, four with both classes in each block: the truth, another, and their mirrors
    np.testing.assert_array_equal(valid.labels, every.labels[both])
    found = permute_labels_for_folds(folds, dataset, 100, key=KEY)
    np.testing.assert_array_equal(found.labels, valid.labels)
    assert (found.distinct, found.design_smallest_p, found.smallest_attainable_p) == (
        2,
        1 / 2,
        1 / 2,
    )  # what cannot be trained on does not count
