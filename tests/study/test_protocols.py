"""Which protocols a design allows, in which order, and why not the others."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_study import SETTINGS, take, without_stimuli
from small_study import make_dataset

from smilejax import relabel
from smilejax.errors import DataError
from smilejax.relabelling import with_both_classes
from smilejax.splits import check_folds
from smilejax.study.protocols import NAMES, protocols, strongest

KEY = jax.random.key(0)


def test_all_four_from_the_strongest() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    found = protocols(dataset, SETTINGS, key=KEY)
    assert tuple(one.name for one in found) == NAMES
    assert strongest(found).name == "both"
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
    assert strongest(found).name == "participant"
    assert "Give the stimulus column" in found[0].why_not


def test_few_trials_are_left_out_one_unit_at_a_time() -> None:
    """Two blocks of two smilers would leave one class or nothing to train on in other designs; here units run out."""
    found = protocols(make_dataset(participants=2, smilers=2), SETTINGS, key=KEY)
    assert len(found[0].folds) == 4


def test_one_participant_and_one_smiler_leave_shuffled_trials() -> None:
    dataset = make_dataset(participants=3, smilers=3)
    one = take(dataset, (np.asarray(dataset.participant) == 0) & (np.asarray(dataset.smiler) == 0))
    with pytest.raises(DataError, match="no trial can be scored by a model that was not trained on it"):
        strongest(protocols(one, SETTINGS, key=KEY))
    person = take(dataset, np.asarray(dataset.participant) == 0)
    found = protocols(without_stimuli(person), SETTINGS, key=KEY)
    assert strongest(found).name == "shuffled"


def test_the_same_key_gives_the_same_folds() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    for one, other in zip(protocols(dataset, SETTINGS, key=KEY), protocols(dataset, SETTINGS, key=KEY), strict=True):
        np.testing.assert_array_equal(one.folds.test, other.folds.test)


@pytest.mark.parametrize("smilers", [True, False])
def test_folds_do_not_know_the_labels(smilers: bool) -> None:
    """Dealt by labels, they would fit the truth better than its relabellings, and the test would not be one."""
    dataset = make_dataset(participants=8, smilers=6)
    if not smilers:
        dataset = replace(dataset, smiler=jnp.full(len(dataset), -1, jnp.int32))
    relabelled = relabel(dataset, 1, key=jax.random.key(3))
    other = replace(dataset, y=jnp.asarray(relabelled.labels[0]))
    for one, same in zip(protocols(dataset, SETTINGS, key=KEY), protocols(other, SETTINGS, key=KEY), strict=True):
        np.testing.assert_array_equal(one.folds.test, same.folds.test)
        np.testing.assert_array_equal(one.folds.train, same.folds.train)


def test_relabellings_that_leave_one_class_are_left_out() -> None:
    """Four stimuli without smilers in two blocks: a labelling with one class in a block leaves one in the other."""
    dataset = replace(make_dataset(participants=4, smilers=2), smiler=jnp.full(16, -1, jnp.int32))
    of_keys = (protocols(dataset, replace(SETTINGS, blocks=2), key=jax.random.key(k))[0].folds for k in range(20))
    folds = next(folds for folds in of_keys if len(folds) == 4)
    every = relabel(dataset, 5, key=KEY)
    valid = with_both_classes(folds, dataset, every)
    both = [all(len(set(y[train])) == 2 for train in folds.train) for y in every.labels]
    assert sum(both) == 3  # six labellings, four with both classes in each block, the truth one of them
    np.testing.assert_array_equal(valid.labels, every.labels[both])
    assert valid.smallest_p == pytest.approx(2 / 4)  # the truth's mirror is among them
    mirror = (valid.labels == 1 - np.asarray(dataset.y)).all(1)
    fewer = replace(valid, labels=valid.labels[np.argsort(mirror, kind="stable")])
    assert with_both_classes(folds, dataset, fewer, 2).smallest_p == pytest.approx(1 / 3)  # and here it is not
