"""A stimulus table beside its recordings: which rows count, the columns that a classifier sees, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from smilejax import Covariate, StimulusTable, Trials
from smilejax._util.errors import DataError
from smilejax.evaluation.study.given_covariates import given_covariates

SOURCE = Covariate("source", words=("MAHNOB", "AFEW", "AFEW", "x"))
LUMINANCE = Covariate("luminance", numbers=(75.8, 70.2, 70.4, 1e9))
TABLE = StimulusTable("stimuli.csv", ("H10", "A1", "A2", "unused"), (SOURCE, LUMINANCE))


def _trials(*stimuli: str, label: tuple[int, ...] = ()) -> Trials:
    """A trial of each stimulus."""
    n = len(stimuli)
    labels = np.array(label or [k % 2 for k in range(n)], np.int32)
    pupil, names = np.full((n, 4, 2), 3.0, np.float32), tuple(f"t{k}" for k in range(n))
    return Trials(pupil, np.full(n, 4, np.int32), 50.0, "mm", labels, ("fake", "real"), names, ("p",) * n, stimuli)


def test_columns_of_every_trial() -> None:
    """Words in columns of their own, numbers centred and scaled over these stimuli alone; nothing of a trial without label."""
    given = given_covariates(_trials("A2", "H10", "A1", "A2", label=(0, 1, 0, -1)), TABLE)
    assert given.table.stimuli == ("A1", "A2", "H10")
    assert given.table.covariates == (
        Covariate("source", words=("AFEW", "AFEW", "MAHNOB")),
        Covariate("luminance", numbers=(70.2, 70.4, 75.8)),
    )
    np.testing.assert_allclose(
        given.values,
        [[1, 0, 0], [0, 1, 1], [1, 0, (70.2 - 70.4) / (75.8 - 70.4)], [np.nan] * 3],
        atol=1e-12,
    )
    assert given.table.notes == ("1 row was left out, of stimuli without labelled trials: 'unused'.",)


def test_small_differences_of_large_numbers_survive_32_bits() -> None:
    """Dates as numbers differ in the last of eight digits."""
    days = Covariate("day", numbers=(20260101.0, 20260102.0, 20260103.0, 0.0))
    given = given_covariates(_trials("A2", "H10", "A1"), replace(TABLE, covariates=(days,)))
    assert given.values[:, 0].astype(np.float32).tolist() == [1.0, -1.0, 0.0]


def test_words_that_name_the_stimuli_are_no_covariate() -> None:
    title = Covariate("title", words=("a", "b", "c", "d"))
    trials = _trials("A2", "H10", "A1")
    given = given_covariates(trials, replace(TABLE, covariates=(title, LUMINANCE)))
    assert [one.name for one in given.table.covariates] == ["luminance"]
    assert given.table.notes[-1] == "title has another word for each stimulus: it names them, and is no covariate."
    with pytest.raises(DataError, match="needs a covariate; title has another word for each stimulus: it names them"):
        given_covariates(trials, replace(TABLE, covariates=(title,)))
    assert given_covariates(_trials("A2", "H10"), replace(TABLE, covariates=(title,))).values.shape == (2, 2)


def test_the_class_is_no_covariate() -> None:
    """A table with the labels, in whichever of the known words: it would say that class cannot be separated from class."""
    label = Covariate("label", words=("genuine", "posed", "fake", "real"))
    given = given_covariates(_trials("A2", "H10", "A1"), replace(TABLE, covariates=(label, SOURCE)))
    assert [one.name for one in given.table.covariates] == ["source"]
    assert given.table.notes[-1] == "label holds the names of the classes: it is the class, and is no covariate."


@pytest.mark.parametrize(
    ("stimuli", "message"),
    [
        (
            ("A1", "B1", "B2"),
            r"needs a row; 2 stimuli have none: 'B1', 'B2'\. Its rows are for 'H10', 'A1', 'A2', 'unused'\.",
        ),
        (("a1", "A2"), r"1 stimulus has none: 'a1'\. 'A1' looks like 'a1': write both in the same way\."),
        (("H10", "unused"), "1 is empty: luminance of 'unused'"),
    ],
)
def test_stimuli_without_a_row_or_a_value(stimuli, message) -> None:
    empty = replace(TABLE, covariates=(SOURCE, Covariate("luminance", numbers=(75.8, 70.2, 70.4, None))))
    with pytest.raises(DataError, match=message):
        given_covariates(_trials(*stimuli), empty)


def test_cells_that_do_not_count_may_be_empty() -> None:
    empty = replace(TABLE, covariates=(Covariate("luminance", numbers=(75.8, 70.2, None, None)),))
    assert given_covariates(_trials("H10", "A1", "A2", label=(1, 0, -1)), empty).table.stimuli == ("A1", "H10")


def test_rows_that_look_like_others_are_said() -> None:
    table = replace(TABLE, stimuli=("H10", "A1", "A2", "a-1"))
    notes = given_covariates(_trials("H10", "A1", "A2"), table).table.notes
    assert notes == ("1 row was left out, of stimuli without labelled trials: 'a-1' (looks like 'A1').",)


def test_recordings_without_stimuli() -> None:
    with pytest.raises(DataError, match="needs recordings whose stimuli are named; these name none"):
        given_covariates(replace(_trials("A1", "A2"), stimulus=None), TABLE)
