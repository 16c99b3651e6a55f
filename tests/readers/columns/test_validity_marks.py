"""Marks of validity: words and codes, whose polarity differs from format to format."""

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers.columns import validity_marks
from smilejax.readers.columns.validity_marks import Polarity
from smilejax.readers.files.raw_table import RawTable

PUPILS = np.array([[3.0, 3.0]] * 10 + [[np.nan, np.nan]] * 10)
GOOD = np.isnan(PUPILS[:, 0]) == 0


def _table(cells: list[str]) -> RawTable:
    return RawTable("a.tsv", pd.DataFrame({0: cells}, dtype=str), ("Mark",), np.arange(2, len(cells) + 2), "line")


def _invalid(cells: list[str], expected: Polarity, pupil: np.ndarray = PUPILS, *, sure: bool = True) -> np.ndarray:
    marks, _ = validity_marks.invalid(_table(cells), {"left": 0}, pupil, expected, sure=sure)
    assert marks is not None
    assert not marks[:, 1].any()
    return marks[:, 0]


@pytest.mark.parametrize("words", [("Valid", "Invalid"), ("True", "False"), ("VALID", "invalid")])
def test_words(words: tuple[str, str]) -> None:
    cells = [words[0]] * 10 + [words[1]] * 10
    for expected in ("low is good", "one is good"):
        np.testing.assert_array_equal(_invalid(cells, expected), ~GOOD)  # type: ignore[arg-type]


def test_words_are_believed_whatever_the_pupils_say() -> None:
    cells = ["Invalid"] * 10 + ["Valid"] * 10
    np.testing.assert_array_equal(_invalid(cells, "low is good"), GOOD)


def test_an_empty_cell_is_no_mark() -> None:
    assert not _invalid([""] * 20, "one is good").any()
    assert _invalid(["", *["Invalid"] * 19], "one is good").tolist() == [False] + [True] * 19


def test_where_numbers_stand_behind_both_codes_the_format_decides() -> None:
    pupil = np.full((20, 2), 3.0)
    cells = ["1"] * 10 + ["0"] * 10
    np.testing.assert_array_equal(_invalid(cells, "one is good", pupil), ~GOOD)
    assert not _invalid(cells, "low is good", pupil).any()


def test_two_codes_are_told_by_the_pupils_only_where_there_are_enough() -> None:
    cells = ["0"] * 10 + ["1"] * 10
    np.testing.assert_array_equal(_invalid(cells, "one is good"), ~GOOD)
    few = np.array([[3.0, 3.0]] * 2 + [[np.nan, np.nan]] * 2)
    np.testing.assert_array_equal(_invalid(["0", "0", "1", "1"], "one is good", few), [True, True, False, False])


def test_codes_as_numbers_with_decimals() -> None:
    for zero, four in (("0.0", "4.0"), ("0,0", "4,0"), ("0", "4")):
        np.testing.assert_array_equal(_invalid([zero] * 10 + [four] * 10, "low is good"), ~GOOD)


def test_minus_one_is_a_mark_of_nothing_good() -> None:
    for expected in ("low is good", "one is good"):
        good = "0" if expected == "low is good" else "1"
        np.testing.assert_array_equal(_invalid([good] * 10 + ["-1"] * 10, expected), ~GOOD)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["5", "1.5", "maybe", "inf"])
def test_other_cells_are_refused_by_name(cell: str) -> None:
    with pytest.raises(ReadError, match=rf"a.tsv, line 5, column 'Mark': .* the cell holds '{cell}'"):
        _invalid(["1", "1", "0", cell, "1"], "one is good", PUPILS[:5])
