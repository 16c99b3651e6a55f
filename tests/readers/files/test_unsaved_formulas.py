"""Formulas whose values no program computed are no missing samples."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from smilejax import read
from smilejax._util.errors import ReadError
from smilejax.readers.files.unsaved_formulas import _CELL


def _workbook(path: Path, formula: str | None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["participant", "trial", "label", "time_ms", "left_mm"])
    values = np.random.default_rng(0).uniform(2, 4, 40)
    for at, value in enumerate(values.tolist()):
        trial = at // 20
        sheet.append(["p", f"t{trial}", ["posed", "genuine"][trial], 20 * (at % 20), value])
    if formula is not None:
        sheet["E7"] = formula
    book.save(path)
    return path


def test_a_formula_without_its_value_is_refused_with_its_cell(tmp_path: Path) -> None:
    """openpyxl writes formulas and computes none."""
    assert np.isfinite(read(_workbook(tmp_path / "plain.xlsx", None)).pupil[:, :, 0]).all()
    with pytest.raises(ReadError, match=r"formula\.xlsx \[Sheet\]: cell E7 holds a formula whose value was not saved"):
        read(_workbook(tmp_path / "formula.xlsx", "=1+1.5"))


@pytest.mark.parametrize(
    ("cell", "unsaved"),
    [
        (b'<c r="A1"><f>1+1</f><v></v></c>', True),
        (b'<c r="A1" s="3"><f t="shared" si="0"/></c>', True),
        (b'<c r="A1"><f>1+1</f><v/></c>', True),
        (b'<c r="A1"><f>1+1</f><v>2</v></c>', False),
        (b'<c r="A1"><v>2</v></c><c r="B1"><v>3</v></c>', False),
    ],
)
def test_cells(cell: bytes, unsaved: bool) -> None:
    assert bool(_CELL.search(cell)) is unsaved
