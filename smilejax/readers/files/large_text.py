"""Large text tables in bounded memory: chosen columns only, parsed chunk by chunk by Arrow.

Whatever is odd (UTF-16, quotation marks within fields or over several lines, fields too many at the ends of some lines) is left
to `raw_table`, which reads the whole file with care. What both read is the same to the bit.
"""

import csv
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from smilejax._util.errors import ReadError
from smilejax.readers.files import arrow_columns, byte_counts, text_records
from smilejax.readers.files.arrow_columns import Fields, Kind, Parts
from smilejax.readers.files.byte_counts import Counts
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding

LARGE = 2 << 20
"""Bytes from which a text file is read in chunks."""

CHUNK = 8 << 20
"""Bytes of a chunk, which goes on to the end of its last line. The memory of one this small is used again for the next."""

_SAMPLE = 1 << 18
"""Bytes at the beginning by which encoding, delimiter and headings are settled."""

_NEXT: dict[Kind, Kind] = {"whole": "number", "number": "text"}


@dataclass(frozen=True)
class Columns:
    """Positions of the columns that a reader uses: as numbers, where they are, and as texts, such as names."""

    numbers: frozenset[int]
    texts: frozenset[int]


Choose = Callable[[tuple[str, ...]], Columns]
"""Says by the headings which columns are used."""


@dataclass(frozen=True, eq=False)
class LargeTable:
    """R rows of the chosen columns, without empty ones.

    Arguments:
        cells: of the chosen columns, named by their positions: numbers, or texts, which are categories where they recur.
        heads: all headings.
        line: `i64[R]`, line of the file in which each row stands, from 1.
        findings: what was determined while reading it.
    """

    cells: pd.DataFrame
    heads: tuple[str, ...]
    line: npt.NDArray[np.int64]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Layout:
    """What the beginning of a file says: its headings stand in line `head_line`; how lines are split is `fields`."""

    name: str
    head: bytes
    heads: tuple[str, ...]
    head_line: int
    fields: Fields
    data: bytes
    findings: tuple[Finding, ...]


class _OddError(Exception):
    """The file must be read with care."""


class _NotUtf8Error(Exception):
    """The file is Latin-1."""


class _TextError(Exception):
    """A column taken for numbers holds something else, and is read again as text."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


def is_large(given: Given) -> bool:
    """Whether a text file is read in chunks."""
    return given.is_text and given.size() > LARGE


def load_chosen_columns(given: Given, choose: Choose, skip: int, unfinished_end: bool) -> LargeTable | None:
    """The chosen columns of a text table, or None where it must be read with care.

    Arguments:
        given: a text file.
        choose: which columns.
        skip: lines that stand above the table.
        unfinished_end: leave out the last line, with a warning, where it breaks off.

    Raises:
        ReadError: the file cannot be opened, holds binary data, or its rows differ in length.
    """
    try:
        layout = _layout(given, skip)
        columns = choose(layout.heads)
        if max(columns.numbers | columns.texts, default=layout.fields.width) >= layout.fields.width:
            return None
        kinds: dict[int, Kind] = {
            c: "whole" if c in columns.numbers else "text" for c in columns.numbers | columns.texts
        }
        kinds = _kinds_of_sample(layout, kinds)
        latin = False
        while True:
            try:
                return _Pass(given, layout, kinds, latin, unfinished_end).read()
            except _TextError as error:
                kinds[error.column] = "text"
            except _NotUtf8Error:
                latin = True
    except _OddError:
        return None


def _layout(given: Given, skip: int) -> _Layout:
    raw = given.start(_SAMPLE)
    raw = raw[: raw.rfind(b"\n") + 1]
    if not raw or raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _OddError
    try:
        text, encoding = text_records.decode(raw, given.name)
        if text.count(b"\n") != raw.count(b"\n"):  # some lines end in a carriage return alone
            raise _OddError
        parts = text.split(b"\n", skip)
        if not parts[-1].strip():
            raise _OddError
        records = text_records.split_records(parts[-1], given.name)
    except ReadError as error:  # the careful path says it of the whole file
        raise _OddError from error
    if not records.delimiter or len(parts) <= skip or len(records.line) <= text_records.SNIFFED_RECORDS:
        raise _OddError
    width = int(records.fields[1])
    if (records.fields[1:] != width).any() or records.data.count(b"\n") != len(records.line):
        raise _OddError
    head, data = records.data.split(b"\n", 1)
    if not byte_counts.quotes_around_fields(records.data, records.delimiter):
        raise _OddError
    heads = [h.strip() for h in next(csv.reader([head.decode()], delimiter=records.delimiter))]
    heads += [""] * (width - len(heads))
    findings = (encoding, *records.findings)
    line = int(records.line[0]) + skip
    return _Layout(given.name, head, tuple(heads), line, Fields(width, records.delimiter), data, findings)


def _kinds_of_sample(layout: _Layout, kinds: dict[int, Kind]) -> dict[int, Kind]:
    """What the columns hold at the beginning of the file."""
    while True:
        try:
            _parsed(layout.data, layout, kinds, 0)
            return kinds
        except _TextError as error:
            kinds[error.column] = "text"


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Whole lines as UTF-8 with `\\n` behind each, the counts of their bytes, the lines above them, and the bytes of the file
    to their end."""

    text: bytes | bytearray
    counts: Counts
    lines: int
    done: int


class _Pass:
    """One pass over a file."""

    def __init__(
        self, given: Given, layout: _Layout, kinds: dict[int, Kind], latin: bool, unfinished_end: bool
    ) -> None:
        self.given, self.layout, self.kinds, self.latin = given, layout, dict(kinds), latin
        self.unfinished_end = unfinished_end
        self.end: tuple[Finding, ...] = ()
        self.marks_elsewhere = False  # quotation marks stand in columns that are not chosen, or around numbers

    def read(self) -> LargeTable:
        """The whole table."""
        parts: dict[int, Parts] = {column: [] for column in self.kinds}
        line: list[npt.NDArray[np.int64]] = []
        size = self.given.size()
        with self.given.opened() as file, closing(_ahead(self._chunks(file))) as chunks:
            for chunk in chunks:
                if chunk.text:
                    table = self._table(chunk)
                    row, here = _rows(table, chunk, self.layout)
                    line.append(here)
                    for column in parts:
                        parts[column] += arrow_columns.kept_rows(table.column(str(column)), row)
                if self.given.progress is not None:
                    self.given.progress(chunk.done, max(size, chunk.done))
        if not sum(map(len, line)):
            raise _OddError
        cells = pd.DataFrame(
            {column: arrow_columns.whole_column(parts.pop(column)) for column in sorted(parts)}, copy=False
        )
        encoding = Finding("encoding", "latin-1", "inferred") if self.latin else self.layout.findings[0]
        findings = (encoding, *self.layout.findings[1:], *self.end)
        return LargeTable(cells, self.layout.heads, np.concatenate(line), findings)

    def _chunks(self, file: BinaryIO) -> Iterator[_Chunk]:
        """Everything below the headings."""
        done, lines = sum(len(file.readline()) for _ in range(self.layout.head_line)), self.layout.head_line
        while block := _block(file):
            done += len(block)
            text, counts = self._clean(block, lines)
            if not text.endswith(b"\n"):
                text = self._ended(text)
                counts = byte_counts.count_bytes(text)
            yield _Chunk(text, counts, lines, done)
            lines += counts.newlines

    def _clean(self, text: bytes | bytearray, lines: int) -> tuple[bytes | bytearray, Counts]:
        counts = byte_counts.count_bytes(text)
        if counts.beyond_ascii:
            text = text_records.from_latin(text) if self.latin else self._checked_utf8(text)
        if counts.returns:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            counts = byte_counts.count_bytes(text)
        if counts.control:
            text_records.check_text(text, self.given.name, lines)
        return text, counts

    def _checked_utf8(self, text: bytes | bytearray) -> bytes | bytearray:
        try:
            text.decode()
        except UnicodeDecodeError as error:
            if self.layout.findings[0].how == "recognised":  # by its mark, so that it is damaged
                raise _OddError from error
            raise _NotUtf8Error from error
        return text

    def _ended(self, text: bytes | bytearray) -> bytes | bytearray:
        """The last chunk with a newline at its end."""
        if self.unfinished_end:
            head = self.layout.head + b"\n"
            whole, self.end = text_records.without_unfinished_end(head + bytes(text))
            text = whole[len(head) :]
        return text if text.endswith(b"\n") or not text else text + b"\n"

    def _table(self, chunk: _Chunk) -> pa.Table:
        """The columns of a chunk; `kinds` follows what they hold."""
        if "whole" in self.kinds.values() and chunk.counts.has_x and _has_hexadecimal(chunk.text):
            raise _TextError(next(column for column, kind in self.kinds.items() if kind == "whole"))
        marks = chunk.counts.quotes
        if not (marks and self.marks_elsewhere):
            table = arrow_columns.parsed_without_marks(chunk.text, self.layout.fields, self.kinds, marks)
            if table is not None:
                return _finite(table, self.kinds)
        if marks and not byte_counts.quotes_around_fields(chunk.text, self.layout.fields.delimiter):
            raise _OddError
        before = dict(self.kinds)
        table = _parsed(chunk.text, self.layout, self.kinds, chunk.lines)
        self.marks_elsewhere = self.kinds == before
        return table


def _ahead(chunks: Iterator[_Chunk]) -> Generator[_Chunk]:
    """The chunks, each made ready while the one before is parsed."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


def _block(file: BinaryIO) -> bytearray:
    """The next bytes of a file, to the end of a line; none at its end."""
    block = bytearray(CHUNK)
    count = file.readinto(block)  # type: ignore[attr-defined]
    del block[count:]
    rest = file.readline(CHUNK) if count else b""
    if len(rest) == CHUNK:
        raise _OddError
    block += rest  # in place: no copy
    return block


def _rows(
    table: pa.Table, chunk: _Chunk, layout: _Layout
) -> tuple[npt.NDArray[np.bool_] | None, npt.NDArray[np.int64]]:
    """Which rows of a table are not empty (None for all), and the line in which each of these stands."""
    if len(table) == chunk.counts.newlines and not arrow_columns.may_have_empty_rows(table):
        return None, chunk.lines + np.arange(1, len(table) + 1)
    ends = text_records.positions(np.frombuffer(chunk.text, np.uint8), ord("\n"))
    length = np.diff(ends, prepend=-1) - 1
    there = length > 0  # blank lines give no row
    if len(table) != np.count_nonzero(there):
        raise _OddError
    row = ~_empty(chunk.text, ends, length, layout.fields)[there]
    return row, (chunk.lines + 1 + np.flatnonzero(there))[row]


def _empty(
    text: bytes | bytearray, ends: npt.NDArray[np.int64], length: npt.NDArray[np.int64], fields: Fields
) -> npt.NDArray[np.bool_]:
    """Which lines have no cell that holds anything: only delimiters, or quotation marks between them."""
    empty: npt.NDArray[np.bool_] = length == fields.width - 1
    if b'"' in text and b'""' in text:
        for i in np.flatnonzero((length > fields.width - 1) & (length < 3 * fields.width)).tolist():
            empty[i] = not text[ends[i] - length[i] : ends[i]].strip(b'"' + fields.delimiter.encode())
    return empty


def _parsed(text: bytes | bytearray, layout: _Layout, kinds: dict[int, Kind], lines: int) -> pa.Table:
    """A chunk as a table; `kinds` follows what its columns hold.

    Raises:
        ReadError: a line has another number of fields.
    """
    try:
        table = arrow_columns.parsed(text, layout.fields, kinds)
    except pa.ArrowInvalid:
        _check_ragged(text, layout, lines)
        for column in [c for c, kind in kinds.items() if kind != "text"]:
            while not _fits(text, layout.fields, column, kinds[column]):
                kinds[column] = _NEXT[kinds[column]]
                if kinds[column] == "text":
                    raise _TextError(column) from None
        try:
            table = arrow_columns.parsed(text, layout.fields, kinds)
        except pa.ArrowInvalid as error:
            raise _OddError from error
    return _finite(table, kinds)


def _finite(table: pa.Table, kinds: Mapping[int, Kind]) -> pa.Table:
    """The table, whose numbers are finite."""
    for column, kind in kinds.items():
        if kind == "number" and not arrow_columns.all_finite(table.column(str(column))):
            raise _TextError(column)
    return table


def _has_hexadecimal(text: bytes | bytearray) -> bool:
    """Whether a text may hold `0x1f`, which Arrow reads as a number."""
    return b"0x" in text or b"0X" in text


def _fits(text: bytes | bytearray, fields: Fields, column: int, kind: Kind) -> bool:
    try:
        arrow_columns.parsed(text, fields, {column: kind})
    except pa.ArrowInvalid:
        return False
    return True


def _check_ragged(text: bytes | bytearray, layout: _Layout, lines: int) -> None:
    """Refuse a line with more or fewer fields; one that has only an empty one more is read with care."""
    buffer = np.frombuffer(text, np.uint8)
    ends = text_records.positions(buffer, ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    fields = text_records.count_fields(buffer, layout.name, layout.fields.delimiter, starts, ends)
    delimiter = layout.fields.delimiter.encode()
    odd = np.flatnonzero((fields != layout.fields.width) & (ends > starts))
    if not len(odd):
        return
    expected = text_records.count_fields(
        np.frombuffer(layout.head, np.uint8),
        layout.name,
        layout.fields.delimiter,
        np.array([0]),
        np.array([len(layout.head)]),
    )
    for i in odd.tolist():
        line = text[starts[i] : ends[i]]
        if line.strip() and not line.endswith(delimiter) and not layout.head.endswith(delimiter):
            raise text_records.ragged(
                layout.name, lines + 1 + i, int(expected[0]), int(fields[i]), layout.fields.delimiter
            )
    raise _OddError
