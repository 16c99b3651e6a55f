"""Folds of a user's column: they are those of the column, and columns that leak or leave too little are refused."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from helpers.small_study import make_dataset

from smilejax import StudySettings
from smilejax._util.errors import DataError, SettingsError
from smilejax.evaluation.study.protocols import protocols, verdict_protocol
from smilejax.splits import folds_of_column

DATASET = make_dataset(participants=6, smilers=2)
WHO = [f"p{code}" for code in np.asarray(DATASET.participant)]
PARTS = ["10" if code < 2 else "2" if code < 4 else "x" for code in np.asarray(DATASET.participant).tolist()]
NAMES = {"participant": WHO, "trial": [f"t{row}" for row in range(len(DATASET))]}


def _refused(values, dataset=DATASET) -> str:
    with pytest.raises(DataError) as error:
        folds_of_column(dataset, values, column="part", names=NAMES)
    assert error.value.setting == "folds_from"
    assert error.value.hint
    return str(error.value)


def test_each_value_is_scored_by_what_is_trained_on_all_others() -> None:
    folds = folds_of_column(DATASET, PARTS, column="part", names=NAMES)
    assert folds.names == ("part 2", "part 10", "part x")
    assert folds.scheme == "column 'part'"
    assert folds.apart == ("participant",)
    values = np.array(PARTS)
    for name, train, test in zip(folds.names, folds.train, folds.test, strict=True):
        np.testing.assert_array_equal(test, values == name.removeprefix("part "))
        np.testing.assert_array_equal(train, ~test)
    assert folds.leaky, "each stimulus has one label and is in every fold"


def test_trials_that_cannot_be_scored_need_no_fold() -> None:
    y = np.asarray(DATASET.y).copy()
    y[0] = -1
    folds = folds_of_column(replace(DATASET, y=jax.numpy.asarray(y)), ["", *PARTS[1:]], column="part")
    assert not folds.test[:, 0].any()
    assert not folds.train[:, 0].any()


def test_what_is_refused() -> None:
    leak = ["10" if row else "x" for row in range(len(DATASET))]
    assert "no participant may be in two folds" in _refused(leak)
    assert "participant 'p0' is in 'x' and in '10'" in _refused(leak)
    assert "empty for trial 't1' of participant 'p0' (and 1 more)" in _refused([PARTS[0], "", " ", *PARTS[3:]])
    assert "at least two values; the column 'part' has 'a' for all 24 trials" in _refused(["a"] * 24)
    with pytest.raises(SettingsError, match="each of the 24 trials; there are 3"):
        folds_of_column(DATASET, PARTS[:3], column="part")


def test_a_training_set_of_one_class_is_refused() -> None:
    who = np.asarray(DATASET.participant)
    one_label = replace(DATASET, y=jax.numpy.asarray((who < 2).astype(np.int32)))
    text = _refused(PARTS, one_label)
    assert "without the fold '10' of the column 'part' there are 16 posed and no genuine" in text


def test_they_are_the_folds_of_the_verdict_and_the_others_say_so() -> None:
    folds = folds_of_column(DATASET, PARTS, column="part", names=NAMES)
    found = protocols(DATASET, StudySettings(), key=jax.random.key(0), given=folds)
    chosen = verdict_protocol(found)
    assert chosen.name == "participant"
    assert chosen.folds is folds
    assert found[0].folds is None
    assert "folds were given by the column 'part'" in found[0].why_not
    assert found[2].folds is not None
    usual = protocols(DATASET, StudySettings(), key=jax.random.key(0))
    np.testing.assert_array_equal(usual[2].folds.test, found[2].folds.test)
    assert verdict_protocol(usual).name == "participant-and-stimulus"


def test_where_stimuli_are_apart_as_well_both_are_new() -> None:
    who = np.asarray(DATASET.participant)
    own = replace(
        DATASET, stimulus=jax.numpy.asarray(who * 4 + np.asarray(DATASET.stimulus)), smiler=DATASET.participant
    )
    folds = folds_of_column(own, PARTS, column="part")
    assert folds.apart == ("participant", "stimulus", "smiler")
    assert not folds.leaky
    found = protocols(own, StudySettings(), key=jax.random.key(0), given=folds)
    assert verdict_protocol(found).name == "participant-and-stimulus"


def test_participants_of_one_label_are_permuted_within_the_folds() -> None:
    """Published folds may be balanced over the classes; a test within them is exact whether they are or not."""
    many = make_dataset(participants=16, smilers=2)
    who = np.asarray(many.participant)
    labelled = replace(many, y=jax.numpy.asarray(who % 2, "int32"))
    folds = folds_of_column(labelled, [str(one // 4) for one in who.tolist()], column="part")
    chosen = verdict_protocol(protocols(labelled, StudySettings(), key=jax.random.key(0), given=folds))
    assert chosen.folds is folds
    assert chosen.balanced
