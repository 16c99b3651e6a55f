"""The project report's own recordings, and workbooks like them."""

import numpy as np
import openpyxl
import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.readers.tables.observer_columns import eye_of
from smilejax.settings import ReadSettings

RULE = ReadSettings(rate_hz=60, label_from="sheet: A* = fake, * = real")


@pytest.mark.parametrize(
    ("name", "eye"),
    [
        *(("LEPD", "left"), ("REPD", "right"), ("left_pupil", "left"), ("pupil-R", "right"), ("Right", "right")),
        *(("pupil", None), ("left_right", None), ("real", None), ("later", None)),
    ],
)
def test_eye_of_a_file(name, eye):
    assert eye_of(name) == eye


@pytest.mark.slow
def test_the_recordings_of_the_report(smiles_folder, found):
    t = read(smiles_folder, RULE)
    assert (len(t), len(set(t.participant)), len(set(t.stimulus))) == (208, 11, 19)
    assert (t.class_names, np.bincount(t.label).tolist()) == (("posed", "genuine"), [110, 98])
    assert (t.unit, t.rate_hz, t.length.max()) == ("mm", 60.0, 2164)
    assert found(t, "eyes of trials") == "200 with both, 2 with the left alone, 6 with the right alone"
    book = openpyxl.load_workbook(smiles_folder / "REPD.xlsx", read_only=True, data_only=True)
    for sheet, who in (("L1", "p5"), ("A7", "p3"), ("H2", "p11")):
        rows = list(book[sheet].iter_rows(values_only=True))
        rows = [[v.strip() if isinstance(v, str) else v for v in row] for row in rows]
        head = next(i for i, row in enumerate(rows) if who in row)
        column = rows[head].index(who)
        plain = [row[column] for row in rows[head + 1 :]]
        expected = np.array([1000 * v if isinstance(v, float) else np.nan for v in plain])
        at = list(zip(t.participant, t.stimulus, strict=True)).index((who, sheet))
        there = min(len(expected), t.length[at])
        np.testing.assert_allclose(t.pupil[at, :there, 1], expected[:there], rtol=1e-6)


def _book(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def _sheet(people, shift=0.0, stray="Raw Signal"):
    values = [[None, *(3 + shift + i / 10 + k / 100 for k in range(len(people)))] for i in range(6)]
    values[2][1] = "NaN"
    return [[None, None], [stray], [None, *people], *values]


def test_stray_rows_empty_columns_and_text_for_missing(tmp_path):
    _book(tmp_path / "left.xlsx", {"A1": _sheet(["p1", "p2"]), "H1": _sheet(["p2", "p3"], 1)})
    _book(tmp_path / "right.xlsx", {"A1": _sheet(["p1", "p2"], 0.05), "H1": _sheet(["p2"], 1.05)})
    with pytest.warns(DataWarning, match="participants in one workbook: 'p3' in that of the left eye alone"):
        t = read(tmp_path, RULE)
    assert list(zip(t.participant, t.stimulus, t.label.tolist(), strict=True)) == [
        ("p1", "A1", 0),
        ("p2", "A1", 0),
        ("p2", "H1", 1),
        ("p3", "H1", 1),
    ]
    np.testing.assert_allclose(t.pupil[0, :, 0], [3, 3.1, np.nan, 3.3, 3.4, 3.5], rtol=1e-6)
    np.testing.assert_allclose(t.pupil[2, 3:, 1], [4.35, 4.45, 4.55], rtol=1e-6)
    assert np.isnan(t.pupil[3, :, 1]).all()


def test_what_is_lacking_is_named(tmp_path):
    _book(tmp_path / "left.xlsx", {"A1": _sheet(["p1", "p2"]), "H1": _sheet(["p1", "p2"])})
    _book(tmp_path / "right.xlsx", {"A1": _sheet(["p1", "p2"]), "H1": _sheet(["p1", "p2"])})
    with pytest.raises(ReadError, match=r"samples per second were not given: rate_hz NUMBER"):
        read(tmp_path, ReadSettings(label_from=RULE.label_from))
    with pytest.raises(ReadError, match=r"label_from 'sheet: A\* = fake, \* = real'"):
        read(tmp_path, ReadSettings(rate_hz=60))


def test_what_is_no_number_is_named_with_its_cell(tmp_path):
    sheet = _sheet(["p1", "p2"])
    sheet[5][2] = "blink"
    _book(tmp_path / "left.xlsx", {"A1": sheet, "A2": _sheet(["p1", "p2"])})
    with pytest.raises(ReadError, match=r"left.xlsx \[A1\], row 6, column 'p2': 'blink' is no number"):
        read(tmp_path / "left.xlsx", ReadSettings(layout="observer-columns", rate_hz=60, label_from=RULE.label_from))


def test_a_sheet_or_participant_of_one_eye_alone_is_a_warning(tmp_path):
    """One that is called otherwise in the other workbook makes a stimulus or person more."""
    book = {"L1": _sheet(["p2", "p3"]), "A1": _sheet(["p2", "p3"])}
    _book(tmp_path / "LEPD.xlsx", book)
    _book(tmp_path / "REPD.xlsx", {"L1": _sheet(["p2", "p3"], 1e-4), "F1": _sheet(["p2", "p03"], 1e-4)})
    with pytest.warns(DataWarning) as caught:
        read(tmp_path, RULE)
    words = [str(one.message) for one in caught]
    sheets = "sheets in one workbook: 'A1' in that of the left eye and 'F1' in that of the right eye alone: are they"
    assert any(text.startswith(sheets) for text in words)
    assert any(text.startswith("participants in one workbook: 'p03' in that of the right eye alone") for text in words)


def test_one_eye_copied_as_the_other_is_a_warning(tmp_path):
    for name in ("LEPD", "REPD"):
        _book(tmp_path / f"{name}.xlsx", {"L1": _sheet(["p2", "p3"]), "A1": _sheet(["p2", "p3"])})
    with pytest.warns(DataWarning, match="the left and right pupil are the same numbers throughout"):
        read(tmp_path, RULE)
