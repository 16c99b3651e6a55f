"""A planted leak is caught, and named."""

import re
from dataclasses import replace

import jax
import numpy as np
import pytest
from helpers import made_up_designs as d

from smilejax import Dataset
from smilejax._util.errors import DataError
from smilejax.splits import (
    Folds,
    by_participant,
    by_participant_and_stimulus,
    by_smiler,
    by_stimulus,
    check_folds,
    hold_out,
    inner_validation,
    shuffle_trials,
)

KEY = jax.random.key(3)
DATA = d.crossed(4, 6)  # row = 6 participant + stimulus


def plant(folds: Folds, part: str, fold: int, row: int, value: bool = True) -> Folds:
    mask = folds.part(part).copy()
    assert mask[fold, row] != value
    mask[fold, row] = value
    return replace(folds, **{part: mask})


def refused(folds: Folds, data: Dataset, text: str) -> None:
    assert d.faults(folds, data), "nothing is wrong with it"
    with pytest.raises(DataError, match=re.escape(text)):
        check_folds(folds, data)


def test_a_participant_on_both_sides() -> None:
    folds = by_participant(DATA)
    moved = plant(plant(folds, "test", 1, 8, False), "train", 1, 8)
    refused(
        moved,
        DATA,
        "fold 'P01' by participant: no participant may be trained on and scored; participant 1 has 1 trial(s) in train and "
        "5 in test. Move them all to one side, or leave them out.",
    )


@pytest.mark.parametrize("row", [0 * 6 + 5, 2 * 6 + 3])
def test_a_stimulus_or_participant_on_both_sides_of_a_cell(row: int) -> None:
    folds = by_participant_and_stimulus(DATA)
    fold = folds.names.index("P02 x S05")
    what = (
        "stimulus may be trained on and scored; stimulus 5" if row == 5 else "participant may be trained on and scored"
    )
    refused(plant(folds, "train", fold, row), DATA, f"fold 'P02 x S05' by participant-and-stimulus: no {what}")


def test_a_stimulus_on_both_sides() -> None:
    folds = by_stimulus(DATA)
    moved = plant(plant(folds, "test", 2, 14, False), "train", 2, 14)
    text = (
        "fold 'S02' by stimulus: no stimulus may be trained on and scored; stimulus 2 has 1 trial(s) in train and 3 in"
    )
    refused(moved, DATA, text)


def test_a_smiler_on_both_sides() -> None:
    folds = by_smiler(DATA)
    moved = plant(plant(folds, "test", 1, 2, False), "train", 1, 2)
    refused(moved, DATA, "fold 'smiler 01' by smiler: no smiler may be trained on and scored; smiler 1 has 1 trial(s)")


def test_a_participant_between_training_and_validation() -> None:
    folds = inner_validation(by_participant(DATA), DATA, 0.4, key=KEY)
    row = int(folds.validation[0].argmax())
    moved = plant(plant(folds, "validation", 0, row, False), "train", 0, row)
    text = f"fold 'P00' by participant: no participant may be trained on and validated on; participant {row // 6} has 1"
    refused(moved, DATA, text)
    scored = int(folds.test[0].argmax())
    moved = plant(plant(folds, "test", 0, scored, False), "validation", 0, scored)
    refused(
        moved, DATA, "no participant may be validated on and scored; participant 0 has 1 trial(s) in validation and 5"
    )


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("train", "test", "trained on and scored"),
        ("train", "validation", "trained on and validated on"),
        ("test", "validation", "validated on and scored"),
    ],
)
def test_a_trial_twice_in_a_fold(one: str, other: str, words: str) -> None:
    folds = inner_validation(shuffle_trials(DATA, folds=3, key=KEY), DATA, key=KEY)
    row = int(folds.part(one)[1].argmax())
    refused(
        plant(folds, other, 1, row),
        DATA,
        f"fold 'fold 2' by shuffled trials (leaks): no trial may be {words}; the one in row {row}",
    )


def test_a_trial_never_scored_or_scored_twice() -> None:
    folds = by_participant(DATA, folds=2, repeats=2, key=KEY)
    row = int(folds.test[2].argmax())
    text = (
        f"every trial that can be scored must be scored once in each repeat; the one in row {row} (participant {row // 6}, "
        f"stimulus {row % 6}) is scored %d times in repeat %d. Put it into the test mask of one fold."
    )
    refused(plant(folds, "test", 2, row, False), DATA, text % (0, 2))
    shuffled = shuffle_trials(DATA, folds=3, repeats=2, key=KEY)
    row = int(shuffled.test[0].argmax())
    twice = plant(plant(shuffled, "test", 1, row), "train", 1, row, False)
    refused(twice, DATA, "is scored 2 times in repeat 1")
    # In all as often as it should be, but twice in one repeat and never in the other.
    fold = next(f for f in (3, 4, 5) if shuffled.test[f, row])
    refused(plant(twice, "test", fold, row, False), DATA, "is scored 2 times in repeat 1")
    with pytest.raises(DataError, match=r"once in each repeat; times_scored is 3 with 2 repeat\(s\)\. Set it to"):
        check_folds(replace(folds, times_scored=3), DATA)


def test_a_fold_that_scores_nothing() -> None:
    held = hold_out(DATA, 0.3, repeats=2, key=KEY)
    test = held.test.copy()
    test[1] = False
    refused(
        replace(held, test=test), DATA, "fold 'repeat 2' by hold-out participants: some trial must be scored; none is."
    )


def test_a_class_missing_from_training() -> None:
    folds = by_participant(DATA)
    train = folds.train.copy()
    train[3] &= np.asarray(DATA.y) == 0
    text = (
        "fold 'P03' by participant: training needs trials of both classes; it has 9 posed and no genuine. Use more folds or "
        "blocks, so that fewer participants are left out at once"
    )
    refused(replace(folds, train=train), DATA, text)
    held = hold_out(DATA, 0.3, key=KEY)
    text = "and no posed. Hold out a smaller proportion, or record more participants."
    refused(replace(held, train=held.train & (np.asarray(DATA.y) == 1)), DATA, text)


@pytest.mark.parametrize("part", ["train", "test", "validation"])
def test_a_rejected_or_unlabelled_trial(part: str) -> None:
    rejected, unlabelled = d.crossed(4, 6, rejected=[4]), replace(DATA, y=DATA.y.at[4].set(-1))
    did = {"train": "trained on", "test": "scored", "validation": "validated on"}[part]
    for data, state in ((rejected, "was rejected"), (unlabelled, "has no label")):
        folds = plant(by_participant(data), part, 1, 4)
        text = f"fold 'P01' by participant: a trial that is {did} must be kept and labelled; the one in row 4 {state}."
        refused(folds, data, text)


def test_a_leak_that_is_not_stated() -> None:
    with pytest.raises(
        DataError, match="folds by participant must state that they leak: each of the stimuli has one label"
    ):
        check_folds(replace(by_participant(DATA), leaky=False, why_leaky=""), DATA)


def test_folds_of_another_dataset() -> None:
    with pytest.raises(
        DataError, match=r"must have masks of \[folds, trials\] = \[4, 30\] .* they have train \[4, 24\], v"
    ):
        check_folds(by_participant(DATA), d.crossed(5, 6))
    with pytest.raises(DataError, match=r"\[3, 24\] and at least one fold; .* repeat \[4\]\. Make them again"):
        check_folds(replace(by_participant(DATA), names=("a", "b", "c")), DATA)


def test_checked_folds_pass() -> None:
    for folds in (by_participant(DATA), by_participant_and_stimulus(DATA), shuffle_trials(DATA, key=KEY)):
        check_folds(folds, DATA)
        assert d.faults(folds, DATA) == []


def test_one_class_in_all_is_no_matter_of_folds() -> None:
    data = replace(DATA, y=jax.numpy.zeros_like(DATA.y))
    with pytest.raises(
        DataError, match=r"of those that are kept and labelled 24 are .* and 0 .*\. Check the labels"
    ) as found:
        by_participant(data)
    assert "folds" not in str(found.value)
