"""Files into tables: kinds of file, encodings, delimiters, damage, true line numbers."""

import zipfile

import pandas as pd
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers import read
from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import headed
from smilejax.readers.given import Given
from smilejax.settings import ReadSettings

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


def load(path, sheet=None):
    return raw_table.load_table(Given(path), sheet)


def sheets(path):
    return raw_table.sheets(Given(path))


def cells(path, sheet=None):
    return load(path, sheet).cells.to_numpy(dtype=object).tolist()


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_newlines(write, delimiter, name, newline):
    table = load(write("a.txt", newline.join(("a,b,c", "1,2.5,x", "3,,y", "")).replace(",", delimiter)))
    assert table.cells.to_numpy(dtype=object).tolist() == [["a", "b", "c"], ["1", "2.5", "x"], ["3", "", "y"]]
    assert table.line.tolist() == [1, 2, 3]
    assert {f.what: f.value for f in table.findings}["delimiter"] == name


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("latin-1", "latin-1")],
)
def test_encodings(write, encoding, said):
    table = load(write("a.csv", "t\u00e9st,\u00b5s\n1,2\n", encoding))
    assert table.cells.iloc[0].tolist() == ["t\u00e9st", "\u00b5s"]
    assert {f.what: f.value for f in table.findings}["encoding"] == said


def test_decimal_commas_do_not_pass_for_delimiters(write):
    assert cells(write("a.csv", "a;b\n1,5;2,5\n1,6;2,6\n"))[1] == ["1,5", "2,5"]


def test_lines_are_true_with_blank_lines_and_quoted_newlines(write):
    table = headed(load(write("a.csv", '\n\na,b\n\n1,"x\ny"\n   \n"2, or 3",z\n')))
    assert table.cells.to_numpy(dtype=object).tolist() == [["1", "x\ny"], ["2, or 3", "z"]]
    assert table.line.tolist() == [5, 8]


def test_blank_lines_of_a_single_column_are_missing_samples(write):
    table = load(write("a.csv", "\np1\n3.1\n\n3.3\n\n"))
    assert (table.cells[0].tolist(), table.line.tolist()) == (["p1", "3.1", "", "3.3"], [2, 3, 4, 5])


def test_delimiters_at_the_ends_of_lines(write):
    assert cells(write("a.tsv", "a\tb\t\n1\t2\t\n3\t4\n")) == [["a", "b", ""], ["1", "2", ""], ["3", "4", ""]]
    assert cells(write("a.tsv", "a\tb\n1\t2\t\n3\t4\n")) == [["a", "b", ""], ["1", "2", ""], ["3", "4", ""]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a,b,c\n1,2,3\n\n1,2\n",
            r"bad.csv, line 4: every line must have as many fields as the first, 3; this one has 2",
        ),
        ("a,b\n1,2\n1,2,3\n", r"line 3: .* the first, 2; this one has 3.*decimal comma"),
        ("a,b\n1,2\n1,2,,\n", r"line 3: .*this one has 4"),
        ('a,b\n1,"2\n1,2\n', r"bad.csv: a quotation mark is never closed; the last one stands in line 2"),
        ("", r"bad.csv: the file is empty"),
        (" \n\n", r"bad.csv: the file is empty"),
        ("a,b\n", r"bad.csv: the file has headings but no row below them"),
        ("a,b\n,\n,\n", r"bad.csv: all rows are empty"),
        (PNG, r"bad.csv, line \d+: .*this file holds binary data"),
        ("a,b\n1,2\n".encode("utf-16-le"), r"bad.csv, line 1: .*UTF-16 without its mark"),
        (b"\xff\xfea\x00,\x00b", r"bad.csv: the file begins as utf-16 but is damaged"),
        (b"\xef\xbb\xbfa,b\n\xff\xff", r"begins as utf-8-sig but is damaged at byte 4"),
    ],
)
def test_damaged_text(write, text, message):
    with pytest.raises(ReadError, match=message):
        read(write("bad.csv", text))


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.xlsm", "a.pq"])
@pytest.mark.parametrize("raw", [b"", PNG, b"PK\x03\x04 and no more", b"PAR1....PAR1"])
def test_damaged_binary(write, name, raw):
    with pytest.raises(ReadError, match=rf"{name}: this is not a readable (workbook|Parquet file)"):
        read(write(name, raw))


def test_unknown_kind_and_absent_file(write, tmp_path):
    with pytest.raises(ReadError, match=r"a.docx: the suffix '.docx' is not among those read: .csv, .tsv"):
        read(write("a.docx", "a"))
    with pytest.raises(ReadError, match=r"none.csv: there is no such file or folder"):
        read(tmp_path / "none.csv")
    with pytest.raises(ReadError, match=r"none.csv: there is no such file\."):
        load(tmp_path / "none.csv")
    with pytest.raises(ReadError, match=r"this cannot be the name of a file|no such file"):
        read("a\0b")


def book(path, **pages):
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, rows in pages.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, header=False, index=False)
    return path


def test_sheets(tmp_path):
    path = book(tmp_path / "a.xlsx", one=[["a", "b"], [1, 2.5], [None, None], ["x", None]], two=[["c"], [None], [3]])
    table = load(path)
    assert (table.name, table.place) == (f"{path} [one]", "row")
    assert table.cells.to_numpy(dtype=object).tolist() == [["a", "b"], [1, 2.5], [None, None], ["x", None]]
    assert load(path, "two").line.tolist() == [1, 2, 3]
    assert sheets(path) == ("one", "two")
    with pytest.raises(ReadError, match=r"a.xlsx: there is no sheet 'three' \(sheet\). The sheets are: one, two"):
        load(path, "three")
    with pytest.raises(ReadError, match=r"the sheet is empty"):
        load(book(tmp_path / "b.xlsx", one=[]))


def test_a_wrong_size_in_a_sheet_does_not_cut_it(tmp_path):
    whole = book(tmp_path / "a.xlsx", one=[["a", "b"], [1, 2], [3, 4]])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A2"'))
        assert b'ref="A1:B3"' in old.read("xl/worksheets/sheet1.xml")
    assert cells(tmp_path / "b.xlsx") == cells(whole) == [["a", "b"], [1, 2], [3, 4]]


def test_workbook_rows_are_true_and_numbers_are_names(tmp_path):
    head = ["subject", "trial", "time", "left", "right", "label"]
    rows = [[7, 1.0, 20 * i, 3.1 + i / 10, 3.5, "posed"] for i in range(5)]
    path = book(tmp_path / "a.xlsx", notes=[["nothing"]], data=[[None] * 6, head, *rows])
    t = read(path, ReadSettings(sheet="data"))
    assert (t.participant, t.trial) == (("7",), ("1",))
    rows[2][3] = "oops"
    path = book(tmp_path / "b.xlsx", data=[[None] * 6, head, *rows])
    with pytest.raises(ReadError, match=r"b.xlsx, row 5, column 'left': .*'oops'"):
        read(path)


def test_parquet_keeps_types(tmp_path, assert_same, tidy):
    frame = pd.DataFrame(
        {
            "subject": pd.Categorical(["7"] * 5),
            "trial": [1.0] * 5,
            "timestamp [ns]": [1_700_000_000_000_000_001 + 20_000_000 * i for i in range(5)],
            "left": pd.array([3.1, None, 3.3, 3.4, 3.5], dtype="Float64"),
            "right": [3, 4, 5, 6, 7],
            "label": ["posed"] * 5,
        }
    )
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    t = read(tmp_path / "a.parquet")
    assert (t.participant, t.trial, t.rate_hz) == (("7",), ("1",), 50.0)
    assert t.pupil[0, :, 1].tolist() == [3, 4, 5, 6, 7]
    frame.set_index(["subject", "trial"]).to_parquet(tmp_path / "b.parquet")
    assert_same(read(tmp_path / "b.parquet"), t)
    frame["left"] = pd.to_datetime(frame["right"])
    frame.to_parquet(tmp_path / "c.parquet")
    with pytest.raises(ReadError, match=r"c.parquet, row 1, column 'left': a finite number is expected; .*1970"):
        read(tmp_path / "c.parquet")
    frame["left"] = [True] * 5
    frame.to_parquet(tmp_path / "d.parquet")
    with pytest.raises(ReadError, match=r"d.parquet, row 1, column 'left': .*'True'"):
        read(tmp_path / "d.parquet")


def test_letters_of_windows_are_no_space(write):
    """In Latin-1 the byte 0x85 is a control character that counts as space: `<85>.5` once was 0.5."""
    path = write("a.csv", b"id,time,left\n1,0,3.5\n1,20,\x85.5\n")
    with pytest.raises(ReadError, match=r"line 3, column 'left': a finite number is expected; the cell holds '….5'"):
        read(path, labels="optional")
    path = write("b.csv", "id,time,left\n1,0,3.5\n1,20,\u00a0.5\n")  # nor is a space that does not break
    with pytest.raises(ReadError, match=r"line 3, column 'left'"):
        read(path, labels="optional")


@pytest.mark.parametrize(("first", "delimiter"), [("sep=;", ";"), ("SEP=,", ","), ('"sep=|"', "|"), ("sep=\t", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_first_line_that_tells_excel_the_delimiter(write, rows, first, delimiter, encoding):
    body = "\r\n".join(("subject,trial,time,left,right,label", *rows(), *rows(trial="b", label="genuine")))
    plain = read(write("plain.csv", body))
    path = write("a.csv", f"{first}\r\n{body.replace(',', delimiter)}\r\n", encoding)
    t = read(path)
    assert (t.trial, t.label.tolist()) == (plain.trial, plain.label.tolist())
    assert (t.pupil == plain.pupil).all()
    path.write_text(path.read_text(encoding).replace("3.02", "x"), encoding)
    with pytest.raises(ReadError, match="line 5"):  # lines keep their numbers
        read(path)


def test_row_names_of_r(write, rows):
    lines = ["subject,trial,time,left,right,label", *rows(), *rows(trial="b", label="genuine")]
    named = [f'"{n}",{line}' for n, line in enumerate(lines)]
    plain, with_heading = read(write("plain.csv", "\n".join(lines))), ['"",' + lines[0], *named[1:]]
    assert (read(write("write_csv.csv", "\n".join(with_heading))).pupil == plain.pupil).all()
    with pytest.raises(ReadError, match=r"has 7\. .*row names of R.*row\.names = FALSE"):
        read(write("write_table.csv", "\n".join((lines[0], *named[1:]))))
    with pytest.raises(ReadError, match="has 7") as caught:  # one line alone has no row name
        read(write("b.csv", "\n".join((*lines[:3], named[3], *lines[4:]))))
    assert "row names" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 ... xl/workbook.xml", r"this is a workbook under another name\. Name it \.xlsx"),
        (b"PK\x03\x04 ... data.csv", r"this is a zip archive under another name\. Unpack it"),
        (b"PAR1....", r"this is a Parquet table under another name\. Name it \.parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", r"a workbook of an old Excel"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt"])
def test_a_file_of_another_kind_under_the_name_of_a_text(tmp_path, content, says, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=says):
        read(path)
