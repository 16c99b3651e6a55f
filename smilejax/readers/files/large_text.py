"""Large text tables in bounded memory: chosen columns only, parsed chunk by chunk by Arrow.

Whatever is odd (UTF-16, quotation marks within fields or over several lines, fields too many at the ends of some lines) is left
to `raw_table`, which reads the whole file with care. What both read is the same to the bit.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]

from smilejax._util.errors import ReadError
from smilejax.readers.files import text_records
from smilejax.readers.files.arrow_columns import Kind, Parts, joined, kept_rows
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding

LARGE = 32 << 20
"""Bytes from which a text file is read in chunks."""

CHUNK = 32 << 20
"""Bytes of a chunk, which goes on to the end of its last line."""

_SAMPLE = 1 << 18
"""Bytes at the beginning by which encoding, delimiter and headings are settled."""

MISSING_WORDS = frozenset(("", "na", "nan", "n/a", "null", "none", ".", "-", "#n/a"))
"""Texts that stand for a missing number, in any case: of R, Python, BIDS (n/a), EyeLink (.), SMI (-), Excel (#N/A)."""

_NULLS = sorted({v for w in MISSING_WORDS for v in (w, w.upper(), w.capitalize())} | {"NaN"})
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
    """What the beginning of a file says: its headings stand in line `head_line`; all other lines have `width` fields."""

    name: str
    head: bytes
    heads: tuple[str, ...]
    head_line: int
    width: int
    delimiter: str
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


def load(given: Given, choose: Choose, skip: int, unfinished_end: bool) -> LargeTable | None:
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
        if max(columns.numbers | columns.texts, default=layout.width) >= layout.width:
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
        records = text_records.split(parts[-1], given.name)
    except ReadError as error:  # the careful path says it of the whole file
        raise _OddError from error
    if not records.delimiter or len(parts) <= skip or len(records.line) <= text_records.SNIFFED_RECORDS:
        raise _OddError
    width = int(records.fields[1])
    if (records.fields[1:] != width).any() or records.data.count(b"\n") != len(records.line):
        raise _OddError
    head, data = records.data.split(b"\n", 1)
    _check_quotes(np.frombuffer(records.data, np.uint8), records.delimiter)
    heads = [h.strip() for h in next(csv.reader([head.decode()], delimiter=records.delimiter))]
    heads += [""] * (width - len(heads))
    findings = (encoding, *records.findings)
    line = int(records.line[0]) + skip
    return _Layout(given.name, head, tuple(heads), line, width, records.delimiter, data, findings)


def _kinds_of_sample(layout: _Layout, kinds: dict[int, Kind]) -> dict[int, Kind]:
    """What the columns hold at the beginning of the file."""
    while True:
        try:
            _parsed(layout.data, layout, kinds, 0)
            return kinds
        except _TextError as error:
            kinds[error.column] = "text"


class _Pass:
    """One pass over a file."""

    def __init__(
        self, given: Given, layout: _Layout, kinds: dict[int, Kind], latin: bool, unfinished_end: bool
    ) -> None:
        self.given, self.layout, self.kinds, self.latin = given, layout, dict(kinds), latin
        self.unfinished_end = unfinished_end
        self.lines = 0
        self.end: tuple[Finding, ...] = ()

    def read(self) -> LargeTable:
        """The whole table."""
        parts: dict[int, Parts] = {column: [] for column in self.kinds}
        line: list[npt.NDArray[np.int64]] = []
        with self.given.opened() as file:
            for chunk in self._chunks(file):
                ends = text_records.positions(np.frombuffer(chunk, np.uint8), ord("\n"))
                length = np.diff(ends, prepend=-1) - 1
                table = _parsed(chunk, self.layout, self.kinds, self.lines)
                there = length > 0
                if len(table) != np.count_nonzero(there):
                    raise _OddError
                row = ~_empty(chunk, ends, length, self.layout)[there]
                line.append((self.lines + 1 + np.flatnonzero(there))[row])
                for column in parts:
                    parts[column] += kept_rows(table.column(str(column)), row)
                self.lines += len(ends)
        if not sum(map(len, line)):
            raise _OddError
        cells = pd.DataFrame({column: joined(parts.pop(column)) for column in sorted(parts)}, copy=False)
        encoding = Finding("encoding", "latin-1", "inferred") if self.latin else self.layout.findings[0]
        findings = (encoding, *self.layout.findings[1:], *self.end)
        return LargeTable(cells, self.layout.heads, np.concatenate(line), findings)

    def _chunks(self, file: BinaryIO) -> Iterator[bytes | bytearray]:
        """Whole lines below the headings, as UTF-8 with `\\n` behind each."""
        size, done = self.given.size(), sum(len(file.readline()) for _ in range(self.layout.head_line))
        self.lines = self.layout.head_line
        while block := _block(file):
            done += len(block)
            chunk = self._clean(block)
            if not chunk.endswith(b"\n"):
                chunk = self._ended(chunk)
            if chunk:
                yield chunk
            if self.given.progress is not None:
                self.given.progress(done, max(size, done))

    def _clean(self, chunk: bytes | bytearray) -> bytes | bytearray:
        if self.latin:
            chunk = text_records.from_latin(chunk)
        elif not chunk.isascii():
            try:
                chunk.decode()
            except UnicodeDecodeError as error:
                if self.layout.findings[0].how == "recognised":  # by its mark, so that it is damaged
                    raise _OddError from error
                raise _NotUtf8Error from error
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        text_records.check_text(chunk, self.given.name, self.lines)
        if b'"' in chunk:
            _check_quotes(np.frombuffer(chunk, np.uint8), self.layout.delimiter)
        return chunk

    def _ended(self, chunk: bytes | bytearray) -> bytes | bytearray:
        """The last chunk with a newline at its end."""
        if self.unfinished_end:
            head = self.layout.head + b"\n"
            whole, self.end = text_records.without_unfinished_end(head + bytes(chunk))
            chunk = whole[len(head) :]
        return chunk if chunk.endswith(b"\n") or not chunk else chunk + b"\n"


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


def _check_quotes(buffer: npt.NDArray[np.uint8], delimiter: str) -> None:
    """That quotation marks stand around whole fields, within one line, and doubled within them."""
    marks = text_records.positions(buffer, ord('"'))
    if len(marks) % 2:
        raise _OddError
    opening, closing = marks[::2], marks[1::2]
    before = buffer[np.maximum(opening - 1, 0)]
    behind = buffer[np.minimum(closing + 1, len(buffer) - 1)]
    border = np.zeros(256, np.bool_)
    border[[ord(delimiter), ord("\n"), ord('"')]] = True
    whole = (border[before] | (opening == 0)) & (border[behind] | (closing == len(buffer) - 1))
    ends = text_records.positions(buffer, ord("\n"))
    if not whole.all() or (np.searchsorted(ends, opening) != np.searchsorted(ends, closing)).any():
        raise _OddError


def _empty(
    chunk: bytes | bytearray, ends: npt.NDArray[np.int64], length: npt.NDArray[np.int64], layout: _Layout
) -> npt.NDArray[np.bool_]:
    """Which lines have no cell that holds anything: only delimiters, or quotation marks between them."""
    empty: npt.NDArray[np.bool_] = length == layout.width - 1
    if b'"' in chunk and b'""' in chunk:
        for i in np.flatnonzero((length > layout.width - 1) & (length < 3 * layout.width)).tolist():
            empty[i] = not chunk[ends[i] - length[i] : ends[i]].strip(b'"' + layout.delimiter.encode())
    return empty


def _parsed(chunk: bytes | bytearray, layout: _Layout, kinds: dict[int, Kind], lines: int) -> pa.Table:
    """A chunk as a table; `kinds` follows what its columns hold.

    Raises:
        ReadError: a line has another number of fields.
    """
    if "whole" in kinds.values() and _has_hexadecimal(chunk):
        raise _TextError(next(column for column, kind in kinds.items() if kind == "whole"))
    try:
        table = _arrow(chunk, layout, kinds)
    except pa.ArrowInvalid:
        _check_ragged(chunk, layout, lines)
        for column in [c for c, kind in kinds.items() if kind != "text"]:
            while not _fits(chunk, layout, column, kinds[column]):
                kinds[column] = _NEXT[kinds[column]]
                if kinds[column] == "text":
                    raise _TextError(column) from None
        try:
            table = _arrow(chunk, layout, kinds)
        except pa.ArrowInvalid as error:
            raise _OddError from error
    for column, kind in kinds.items():
        if kind == "number" and not _finite(table.column(str(column))):
            raise _TextError(column)
    return table


def _has_hexadecimal(chunk: bytes | bytearray) -> bool:
    """Whether a text may hold `0x1f`, which Arrow reads as a number. A search for one byte is ten times as fast."""
    return any(x in chunk and b"0" + x in chunk for x in (b"x", b"X"))


def _fits(chunk: bytes | bytearray, layout: _Layout, column: int, kind: Kind) -> bool:
    try:
        _arrow(chunk, layout, {column: kind})
    except pa.ArrowInvalid:
        return False
    return True


def _finite(values: pa.ChunkedArray) -> bool:
    """Whether all values that are there are finite: `inf` is no number, and not every NaN is a word for missing."""
    return all(
        part.null_count == np.count_nonzero(~np.isfinite(part.to_numpy(zero_copy_only=False))) for part in values.chunks
    )


def _arrow(chunk: bytes | bytearray, layout: _Layout, kinds: Mapping[int, Kind]) -> pa.Table:
    types = {"whole": pa.int64(), "number": pa.float64(), "text": pa.dictionary(pa.int32(), pa.string())}
    return arrow_csv.read_csv(
        pa.BufferReader(chunk),
        arrow_csv.ReadOptions(column_names=[str(i) for i in range(layout.width)]),
        arrow_csv.ParseOptions(delimiter=layout.delimiter),
        arrow_csv.ConvertOptions(
            column_types={str(column): types[kind] for column, kind in kinds.items()},
            include_columns=[str(column) for column in kinds],
            null_values=_NULLS,
            strings_can_be_null=False,
        ),
    )


def _check_ragged(chunk: bytes | bytearray, layout: _Layout, lines: int) -> None:
    """Refuse a line with more or fewer fields; one that has only an empty one more is read with care."""
    buffer = np.frombuffer(chunk, np.uint8)
    ends = text_records.positions(buffer, ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    fields = text_records.count_fields(buffer, layout.name, layout.delimiter, starts, ends)
    odd = np.flatnonzero((fields != layout.width) & (ends > starts))
    if not len(odd):
        return
    expected = text_records.count_fields(
        np.frombuffer(layout.head, np.uint8), layout.name, layout.delimiter, np.array([0]), np.array([len(layout.head)])
    )
    for i in odd.tolist():
        text = chunk[starts[i] : ends[i]]
        if (
            text.strip()
            and not text.endswith(layout.delimiter.encode())
            and not layout.head.endswith(layout.delimiter.encode())
        ):
            raise text_records.ragged(layout.name, lines + 1 + i, int(expected[0]), int(fields[i]), layout.delimiter)
    raise _OddError
