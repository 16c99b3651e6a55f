"""A plan is all combinations, in a stated order, as data."""

import jax
import numpy as np
import pytest
from helpers.small_study import SMALL, make_dataset

from smilejax._util.errors import DataError, SettingsError
from smilejax.splits import by_participant, by_participant_and_stimulus
from smilejax.splits.permutations import permute_labels
from smilejax.training.plans import Plan
from smilejax.training.plans.plan import key_of


def test_every_combination_once(dataset, folds) -> None:
    permuted = permute_labels(dataset, 2, key=jax.random.key(0))
    plan = Plan(
        folds,
        SMALL,
        seeds=(5, 3),
        vary={"hidden": (3, 4), "learning_rate": (0.1, 0.2), "epochs": (1, 2)},
        permuted=permuted,
    )
    assert plan.shape == (8, 3, 4, 2)
    assert len(plan) == len(plan.table) == 8 * 3 * 4 * 2
    columns = ["hidden", "learning_rate", "epochs", "labels", "fold", "seed"]
    assert not plan.table[columns].duplicated().any()
    assert repr(plan) == (
        "<Plan: runs 192, folds 4 by participant, seeds 2, hidden 3, 4, learning_rate 0.1, 0.2, epochs 1, 2, "
        "label permutations 2>"
    )
    assert plan._repr_html_().startswith("<table>")
    assert [len(group.rows) for group in plan.groups] == [96, 96]  # by hidden alone
    assert sorted(np.concatenate([group.rows for group in plan.groups])) == list(range(len(plan)))
    assert {group.settings.model.hidden for group in plan.groups} == {3, 4}
    for group in plan.groups:
        assert set(plan.table["hidden"][group.rows]) == {group.settings.model.hidden}


def test_runs_are_what_the_table_says(dataset, folds) -> None:
    permuted = permute_labels(dataset, 2, key=jax.random.key(0))
    plan = Plan(folds, SMALL, seeds=(7, 2**32 - 1), vary={"dropout": (0.0, 0.25)}, permuted=permuted)
    rows = np.array([0, 13, len(plan) - 1])
    runs = plan.runs(dataset, rows)
    for place, row in enumerate(rows):
        listed = plan.table.iloc[row]
        fold = folds.names.index(listed["fold"])
        np.testing.assert_array_equal(runs.train[place], folds.train[fold])
        np.testing.assert_array_equal(runs.validation[place], folds.test[fold])
        y = dataset.y if listed["labels"] == "true" else permuted.labels[int(listed["labels"]) - 1]
        np.testing.assert_array_equal(runs.y[place], y)
        assert runs.dropout[place] == np.float32(listed["dropout"])
        expected = key_of(int(listed["seed"]), fold)
        assert (jax.random.key_data(runs.key[place]) == jax.random.key_data(expected)).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seeds": (1, 1)}, r"seeds must be at least one, and none twice; they are \[1, 1\]"),
        ({"seeds": ()}, "seeds must be at least one"),
        ({"seeds": (2**32,)}, r"seed must be a whole number from 0 to 4294967295; it is 4294967296"),
        ({"vary": {"colour": (1,)}}, r"a training has no setting named colour\. It has .*learning_rate"),
        (
            {"vary": {"minibatch_size": ()}},
            r"minibatch_size must be varied over a list of at least one value; it is \(\)",
        ),
        ({"vary": {"minibatch_size": (4, 0)}}, r"minibatch_size must be a whole number from 1 up; it is 0"),
        (
            {"vary": {"minibatch_size": (4, 8, 4)}},
            r"minibatch_size must be varied over different values; 4 stands twice\.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_when_made(folds, given: dict, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Plan(folds, SMALL, **given)


def test_folds_are_checked_against_the_dataset_before_any_training(dataset) -> None:
    other = make_dataset(participants=5)
    with pytest.raises(DataError, match=r"must have masks of \[folds, trials\] = \[5, 24\]"):
        Plan(by_participant(other), SMALL).check(dataset)


def test_a_permutation_that_leaves_one_class_is_refused(dataset) -> None:
    folds = by_participant_and_stimulus(dataset, participant_blocks=2, stimulus_blocks=3, key=jax.random.key(0))
    permuted = permute_labels(dataset, 3, scheme="stimulus", key=jax.random.key(1))
    labels = permuted.labels.copy()
    labels[1] = np.where(folds.train[2], 1, labels[1])  # planted: one fold is left with one class
    planted = type(permuted)(**{**vars(permuted), "labels": labels})
    with pytest.raises(DataError, match="training needs trials of both classes under every permutation"):
        Plan(folds, SMALL, permuted=planted).check(dataset)


def test_permutations_of_other_trials_are_refused(dataset, folds) -> None:
    other = permute_labels(make_dataset(participants=5), 1, key=jax.random.key(0))
    with pytest.raises(DataError, match=r"permutations must be of the dataset's 24 trials; they are of 30\."):
        Plan(folds, SMALL, permuted=other).check(dataset)
