"""Names that a spreadsheet would compute are said, and kept."""

from pathlib import Path

import pytest

import smilejax
from smilejax._util.errors import DataWarning
from smilejax.readers.assembly.formula_names import formula_names


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "@SUM(1)", "+cmd|' /C calc'!A1", "-2+3+cmd|' /C calc'!A1", "\t=1"])
def test_formulas_are_found(name: str) -> None:
    (found,) = formula_names("participants", ["p1", name])
    assert found.how == "warning"
    assert repr(name) in found.value


@pytest.mark.parametrize("name", ["-1", "+5.2", "-control", "p=1", "a@b", "", "1-(2)"])
def test_other_names_are_not(name: str) -> None:
    assert formula_names("participants", [name]) == ()


def test_the_reader_says_it_and_keeps_the_name(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [
        f"{who},{trial},{20 * t},3.{t},{label}"
        for who, trial, label in (("=1+1", "a", "posed"), ("p", "b", "genuine"))
        for t in range(8)
    ]
    path.write_text("participant,trial,time_ms,left_mm,label\n" + "\n".join(rows))
    with pytest.warns(DataWarning, match="spreadsheet"):
        trials = smilejax.read(path)
    assert "=1+1" in trials.participant
