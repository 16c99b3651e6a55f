"""Any table file or DataFrame as a `RawTable`: the cells unchanged, with the position of every row in its file."""

import io
import math
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.files import large_text, text_records
from smilejax.readers.files.large_text import Choose
from smilejax.readers.files.unsaved_formulas import unsaved_formula
from smilejax.readers.given import (
    ARCHIVES,
    BINARY_SUFFIXES,
    EXCEL_SUFFIXES,
    FRAME_NAME,
    OLD_EXCEL_SUFFIX,
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    Given,
)
from smilejax.recordings.source import Finding

WRITTEN_TEXT = (".csv", ".tsv", ".txt")
SUFFIXES = WRITTEN_TEXT + PARQUET_SUFFIXES + EXCEL_SUFFIXES
"""Suffixes of tables that are written."""
TRACK_FIRST = "`smilejax track VIDEOS --out faces.csv` measures the faces of videos and photos; give its table."
"""The hint where a video or photo was given in place of a table."""


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table of R rows and K columns.

    Arguments:
        name: how messages name it: the path as given, with the sheet where there are several, or "DataFrame".
        cells: R x K, columns named 0 to K-1; text where the file is text, else what the file holds. Of a large text file only
            the columns that were chosen, numbers as numbers.
        heads: K headings, or None where the file's format has no place for them: the first row may then be one.
        line: `i64[R]`, line (or row) of the file in which each row stands, from 1.
        place: what a row is called in messages, `line` or `row`.
        findings: what was determined while reading it.
        has_empty: whether rows may be empty as a whole.
    """

    name: str
    cells: pd.DataFrame
    heads: tuple[str, ...] | None
    line: npt.NDArray[np.int64]
    place: str
    findings: tuple[Finding, ...] = ()
    has_empty: bool = True

    def at(self, row: int) -> str:
        """How messages name a row: `pupil.csv, line 12`."""
        return f"{self.name}, {self.place} {self.line[row]}"

    def rows(self, keep: npt.NDArray[np.bool_]) -> "RawTable":
        """The rows of a mask `bool[R]`."""
        if keep.all():
            return self
        return replace(self, cells=self.cells.loc[keep].reset_index(drop=True), line=self.line[keep])


def load_table(
    given: Given,
    sheet: str | None = None,
    *,
    skip: int = 0,
    unfinished_end: bool = False,
    columns: Choose | None = None,
) -> RawTable:
    """Read a table file, by its suffix, or take a DataFrame.

    Arguments:
        given: the file or DataFrame.
        sheet: of a workbook; the first by default.
        skip: lines of a text file that stand above the table and are left out, as Tobii Studio and SMI write them.
        unfinished_end: leave out the last line of a text file, with a warning, where it breaks off: the program that wrote it
            was stopped.
        columns: says by the headings which columns are used: of a large text file only these are read, in chunks, and those
            of numbers as numbers.

    Raises:
        ReadError: the file is of no known kind, is damaged or empty, or its rows differ in length.
    """
    if given.frame is not None:
        return _from_frame(given.frame, FRAME_NAME)
    path = given.path
    assert path is not None
    if not path.exists():
        raise ReadError(f"{path}: there is no such file.")
    if not given.is_file:
        raise ReadError(f"{path}: this is a folder where one file is expected. Name the file.")
    if columns is not None and large_text.is_large(given):
        large = large_text.load_chosen_columns(given, columns, skip, unfinished_end)
        if large is not None:
            return RawTable(given.name, large.cells, large.heads, large.line, "line", large.findings, has_empty=False)
    if given.suffix in TEXT_SUFFIXES:
        return _load_text(given, skip, unfinished_end)
    if given.suffix in PARQUET_SUFFIXES:
        return _load_parquet(given)
    if given.suffix in EXCEL_SUFFIXES:
        return _load_sheet(given, sheet or given.sheet)
    read = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES)
    if given.suffix in BINARY_SUFFIXES:
        raise ReadError(
            f"{path}: this HDF5 file is not ioHub's. Save its tables as text; where pandas wrote it (Titta does), by "
            f"pandas.read_hdf({path.name!r}, 'gaze').to_csv('{path.stem}.csv'), and the messages (key 'msg') beside it."
        )
    if given.suffix == OLD_EXCEL_SUFFIX:
        raise ReadError(f"{path}: workbooks of Excel 97 (.xls) are not read. Open it in Excel, and save it as .xlsx.")
    if path.name.lower().endswith(ARCHIVES):
        how = (
            f"tar -xf {path.name}"
            if ".tar" in path.name.lower() or path.suffix.lower() == ".tgz"
            else "another program"
        )
        raise ReadError(f"{path}: archives of this kind are not read. Unpack it ({how}), and give what it holds.")
    from smilejax.videos.file_kind import IMAGE_SUFFIXES, VIDEO_SUFFIXES  # needs Pillow, which reading tables does not

    if given.suffix in (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES):
        raise ReadError(f"{path}: is called as a video or photo, and a table is read here.", hint=TRACK_FIRST)
    raise ReadError(
        f"{path}: the suffix {given.suffix!r} is not among those read: {listed(read)}. Save it as one of them."
    )


def headed(table: RawTable, *, may_be_empty: bool = False) -> RawTable:
    """The table with its first row as headings, if it has none yet.

    Raises:
        ReadError: where nothing stands below the headings, unless it may be empty.
    """
    if table.heads is None:
        heads = tuple("" if _is_empty(v) else str(v).strip() for v in table.cells.iloc[0])
        table = replace(table.rows(np.arange(len(table.line)) > 0), heads=heads)
    if not len(table.line) and not may_be_empty:
        raise ReadError(f"{table.name}: the file has headings but no row below them.")
    return table


def without_empty_rows(table: RawTable) -> RawTable:
    """The table without rows whose cells are all empty, as spreadsheets leave them at the end of a CSV.

    Raises:
        ReadError: where no row is left.
    """
    if not table.has_empty or not len(table.line):
        return table
    empty = np.ones(len(table.line), np.bool_)
    for column in table.cells.columns:
        if not empty.any():
            return table
        cells = table.cells[column]
        blank = cells.map(_is_empty) if cells.dtype == object else cells.isna() | (cells.astype(str) == "")
        empty &= blank.to_numpy(dtype=np.bool_)
    if empty.all():
        raise ReadError(f"{table.name}: all rows are empty.")
    return table.rows(~empty) if empty.any() else table


def sheets(given: Given) -> tuple[str, ...]:
    """Names of the sheets of a workbook.

    Raises:
        ReadError: where the workbook cannot be opened.
    """
    with _workbook(given) as book:
        return tuple(str(name) for name in book.sheet_names)


def rows_of_sheet(given: Given, sheet: str) -> list[list[Any]]:
    """Cells of every row of a sheet, from the first, each row without the empty cells at its end.

    Raises:
        ReadError: where the workbook or the sheet cannot be read.
    """
    assert given.path is not None
    with _workbook(given) as book:
        if sheet not in [str(name) for name in book.sheet_names]:
            raise ReadError(
                f"{given.name}: there is no sheet {sheet!r} ({SETTING.sheet}). The sheets are: "
                f"{listed(map(str, book.sheet_names))}."
            )
        return _rows(book, sheet, given.path)


def _is_empty(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or value is pd.NA or (isinstance(value, str) and not value)


def _load_text(given: Given, skip: int, unfinished_end: bool) -> RawTable:
    name = given.name
    decoded, encoding = text_records.decode(given.raw(), name)
    at = 0
    for _ in range(skip):
        at = decoded.find(b"\n", at) + 1
        if at == 0:
            raise ReadError(f"{name}: nothing stands below its first {skip} lines.")
    text, end = text_records.without_unfinished_end(decoded[at:]) if unfinished_end else (decoded[at:], ())
    records = text_records.split_records(text, name)
    try:
        cells = _split_cells(records)
    except (ValueError, pd.errors.ParserWarning) as error:
        raise ReadError(f"{name}: the table cannot be split into columns ({_one_line(error)}).") from error
    if len(cells) != len(records.line):
        raise ReadError(
            f"{name}: quotation marks stand within fields, so that the lines cannot be separated. Remove them."
        )
    return RawTable(name, cells.fillna(""), None, records.line + skip, "line", (encoding, *records.findings, *end))


def _split_cells(records: text_records.Records) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # raised where cells would be dropped
        return pd.read_csv(
            io.BytesIO(records.data),
            sep=records.delimiter or "\x1f",  # a mark no text holds: control characters were refused
            header=None,
            names=list(range(int(records.fields.max()))),
            index_col=False,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
            engine="c",
        )


def _load_parquet(given: Given) -> RawTable:
    path = given.path
    try:
        frame = pd.read_parquet(io.BytesIO(given.raw()), engine="pyarrow")
    except ReadError:
        raise
    except Exception as error:  # damaged files make the parser raise nearly anything
        raise ReadError(f"{path}: this is not a readable Parquet file ({_one_line(error)}).") from error
    return _from_frame(frame, str(path))


def _from_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """A table in memory; a named index is a column like the others."""
    if any(level is not None for level in frame.index.names):
        frame = frame.set_axis([str(c) for c in frame.columns], axis=1).reset_index(allow_duplicates=True)
    heads = tuple(str(c).strip() for c in frame.columns)
    if not heads:
        raise ReadError(f"{name}: the table is empty.")
    line = np.arange(1, len(frame) + 1)
    return RawTable(name, frame.set_axis(range(len(heads)), axis=1).reset_index(drop=True), heads, line, "row")


def _workbook(given: Given) -> pd.ExcelFile:
    path, raw = given.path, io.BytesIO(given.raw())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which hold no data
            return pd.ExcelFile(raw, engine="openpyxl")
    except Exception as error:  # damaged files make the parser raise nearly anything
        raise ReadError(
            f"{path}: this is not a readable workbook ({_one_line(error)}). Is it cut? Copy it anew, or save it anew as .xlsx."
        ) from error


def _load_sheet(given: Given, sheet: str | None) -> RawTable:
    path = given.path
    assert path is not None
    with _workbook(given) as book:
        names = [str(name) for name in book.sheet_names]
        if sheet is not None and sheet not in names:
            raise ReadError(f"{path}: there is no sheet {sheet!r} ({SETTING.sheet}). The sheets are: {listed(names)}.")
        chosen = sheet if sheet is not None else names[0]
        rows = _rows(book, chosen, path)
    name = str(path) if sheet is None and len(names) == 1 else f"{path} [{chosen}]"
    filled = [i for i, row in enumerate(rows) if row]
    if not filled:
        raise ReadError(f"{name}: the sheet is empty.")
    rows = rows[filled[0] : filled[-1] + 1]
    width = max(map(len, rows))
    cells = pd.DataFrame([row + [None] * (width - len(row)) for row in rows], columns=range(width), dtype=object)
    line = np.arange(filled[0] + 1, filled[-1] + 2)
    finding = Finding(
        "sheet", repr(chosen), "default" if sheet is None else "recognised" if given.sheet == sheet else "given"
    )
    return RawTable(name, cells, None, line, "row", (finding,))


def _rows(book: pd.ExcelFile, sheet: str, path: Path) -> list[list[Any]]:
    """Cells of every row of a sheet, without the empty ones at its end.

    Taken from the workbook itself: `ExcelFile.parse` leaves out empty rows of a single column, which are samples.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            page = book.book[sheet]
            if hasattr(page, "reset_dimensions"):
                page.reset_dimensions()  # some programs write a wrong size, which would cut the sheet
            rows = [list(row) for row in page.iter_rows(values_only=True)]
            part = getattr(page, "_worksheet_path", None)
            cell = None if part is None else unsaved_formula(book.book._archive, part)
    except Exception as error:  # a chart sheet, or a damaged one
        raise ReadError(f"{path}: the sheet {sheet!r} cannot be read as a table ({_one_line(error)}).") from error
    if cell is not None:
        raise ReadError(
            f"{path} [{sheet}]: cell {cell} holds a formula whose value was not saved with it.",
            hint="Open the workbook in Excel or LibreOffice and save it there, which computes its formulas.",
        )
    return [_trimmed(row) for row in rows]


def _trimmed(row: list[Any]) -> list[Any]:
    while row and _is_empty(row[-1]):
        row.pop()
    return row


def _one_line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200].rstrip(".")
