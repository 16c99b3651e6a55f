"""Lines of an EyeLink ASC file: which are samples, and their numbers, found by Arrow, or with NumPy over the bytes."""

import codecs
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]

from smilejax._util.errors import ReadError
from smilejax.readers.columns.cell_values import MISSING_WORDS
from smilejax.readers.given import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

_CHUNK = 1 << 22
"""Bytes that are taken apart at once: what is held besides the file stays small."""

_PIECE = 1 << 18
"""Bytes that are looked at together, so that they stay in the processor's cache."""

_POINTS = [" " * n + "." for n in range(12)]
"""How edf2asc writes a missing number."""

_DIGITS = 15
"""A number of up to 15 digits is exact in f64, and so is its division by a power of ten up to 22: rounded once."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The L lines of a text whose newlines are `\\n`.

    Arguments:
        name: how messages name the file.
        data: the text; it ends with a newline.
        starts: `i64[L]`, where each line begins in `data`.
        ends: `i64[L]`, where its newline stands.
        cut_short: whether the file ends within its last line.
        encoding: of its text; numbers are ASCII in either.
    """

    name: str
    data: bytes
    starts: Ints
    ends: Ints
    cut_short: bool
    encoding: Literal["utf-8", "latin-1"]

    def text(self, index: int) -> str:
        """A line, counted from 0."""
        return self.data[self.starts[index] : self.ends[index]].decode(self.encoding)

    def begin_with_digit(self) -> npt.NDArray[np.bool_]:
        """`bool[L]`: which lines begin with a digit, as samples do."""
        first = np.frombuffer(self.data, np.uint8)[self.starts]
        return (first >= ord("0")) & (first <= ord("9"))


@dataclass(frozen=True, eq=False)
class SampleFields:
    """What stands in S sample lines.

    Arguments:
        count: `i64[S]`, number of fields.
        values: `f64[S, 3]`, the first, fourth and seventh field: the time, the first and the second pupil; NaN where the line
            has no such field or it says that the value is missing.
    """

    count: Ints
    values: Floats


WANTED = (0, 3, 6)
"""Fields of a sample that are numbers to be read: its time, the pupil, and the second eye's pupil."""


def split_lines(raw: bytes, name: str) -> Lines:
    """The lines of a file. Nothing is copied that need not be: files are large."""
    data = raw.removeprefix(codecs.BOM_UTF8)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = raw.decode("utf-16", "replace").encode("utf-8")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    cut_short = not data.endswith(b"\n")
    data = data + b"\n" if cut_short else data
    buffer = np.frombuffer(data, np.uint8)
    parts = [np.flatnonzero(buffer[at : at + _CHUNK] == ord("\n")) + at for at in range(0, len(buffer), _CHUNK)]
    ends = np.concatenate(parts)
    starts = np.concatenate(([0], ends[:-1] + 1))
    _check_numbers(buffer, starts, ends, name)
    return Lines(name, data, starts, ends, cut_short, _encoding(data))


def _check_numbers(buffer: npt.NDArray[np.uint8], starts: Ints, ends: Ints, name: str) -> None:
    """Refuse a control character in a line of numbers: it stands in place of a digit. Messages may hold any.

    Raises:
        ReadError: naming the first such line.
    """
    for at in range(0, len(buffer), _CHUNK):
        piece = buffer[at : at + _CHUNK]
        odd = at + np.flatnonzero((piece < ord(" ")) & (piece != ord("\t")) & (piece != ord("\n")))
        line = np.searchsorted(ends, odd)
        first = buffer[starts[line]]
        numbers = line[(first >= ord("0")) & (first <= ord("9"))]
        if len(numbers):
            raise ReadError(
                f"{name}, line {int(numbers[0]) + 1}: a control character stands in a line of numbers; the file is damaged. "
                "Convert the EDF file again with edf2asc."
            )


def _encoding(data: bytes) -> Literal["utf-8", "latin-1"]:
    if data.isascii():
        return "utf-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def fields(lines: Lines, samples: Ints, two: npt.NDArray[np.bool_], progress: Progress | None = None) -> SampleFields:
    """The fields of sample lines.

    Arguments:
        lines: the lines of the file.
        samples: `i64[S]`, indices of the lines, rising.
        two: `bool[S]`, which of them hold two eyes.
        progress: is told the bytes that are taken apart, and of how many.

    Raises:
        ReadError: naming the line and value of the first field that is no number.
    """
    count, values = np.zeros(len(samples), np.int64), np.full((len(samples), len(WANTED)), np.nan)
    starts, at = lines.starts[samples], 0
    while at < len(samples):
        to = max(at + 1, int(np.searchsorted(starts, starts[at] + _CHUNK)))
        part = slice(at, to)
        found = _split_at_tabs(lines, samples[part], two[part])
        if found is None:
            found = _split_at_space(lines, samples[part], two[part])
        count[part], values[part] = found.count, found.values
        at = to
        if progress is not None:
            progress(int(lines.ends[samples[at - 1]]) + 1, len(lines.data))
    return SampleFields(count, values)


def _split_at_tabs(lines: Lines, rows: Ints, two: npt.NDArray[np.bool_]) -> SampleFields | None:
    """Lines as edf2asc writes them, equally many fields with a tab between them, in half the time; None where they are
    not, or hold anything but plain numbers and points."""
    ends = np.flatnonzero(np.diff(rows) > 1)
    first, last = lines.starts[rows[[0, *(ends + 1).tolist()]]], lines.ends[rows[[*ends.tolist(), -1]]]
    text = b"".join(lines.data[a : z + 1] for a, z in zip(first.tolist(), last.tolist(), strict=True))
    line = text[: text.index(b"\n")]
    wanted = [str(field) for field in WANTED[: 3 if two[0] else 2]]
    if two.any() != two.all() or line.count(b"\t") < int(wanted[-1]):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(column_names=[str(i) for i in range(line.count(b"\t") + 1)]),
            arrow_csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.float64()), include_columns=wanted, null_values=_POINTS
            ),
        )
    except pa.ArrowInvalid:
        return None
    words = len(line.split())
    if len(table) != len(rows) or _count_words(text) != words * len(rows) or table.column("0").null_count:
        return None
    values = np.full((len(rows), len(WANTED)), np.nan)
    for place, name in enumerate(wanted):
        column = table.column(name)
        values[:, place] = column.to_numpy()
        if np.count_nonzero(np.isfinite(values[:, place])) != len(column) - column.null_count:
            return None
    return SampleFields(np.full(len(rows), words, np.int64), values)


def _count_words(text: bytes) -> int:
    buffer = np.frombuffer(text, np.uint8)
    words = int(buffer[0] > ord(" "))
    for start in range(0, len(buffer), _PIECE):
        ink = buffer[start : start + _PIECE + 1] > ord(" ")
        words += int(np.count_nonzero(ink[1:] > ink[:-1]))
    return words


def _split_at_space(lines: Lines, rows: Ints, two: npt.NDArray[np.bool_]) -> SampleFields:
    """Lines with white space of any kind between fields, and numbers in any spelling."""
    starts = lines.starts[rows]
    text = np.frombuffer(lines.data, np.uint8)[starts[0] : lines.ends[rows[-1]] + 1]
    first, last = _words(text)
    opening = np.searchsorted(first, starts - starts[0])
    count = np.searchsorted(first, lines.ends[rows] - starts[0]) - opening
    values = np.full((len(rows), len(WANTED)), np.nan)
    for column, field in enumerate(WANTED):
        there = (count > field) & (two | (column < 2))
        words = opening[there] + field
        found, odd = _decimals(text, first[words], last[words])
        for i in np.flatnonzero(odd):
            word = bytes(text[first[words[i]] : last[words[i]]]).decode("utf-8", "replace")
            found[i] = _number(word, lines.name, int(rows[there][i]) + 1, column)
        values[there, column] = found
    return SampleFields(count, values)


def _words(text: Bytes) -> tuple[Ints, Ints]:
    """Where words begin and end in a text that ends with white space."""
    ink = text > ord(" ")
    edges = np.flatnonzero(np.concatenate((ink[:1], ink[1:] != ink[:-1])))
    return edges[0::2], edges[1::2]


def _decimals(text: Bytes, first: Ints, last: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Words as numbers, NaN for a lone point, and which of them are neither plain decimals nor a lone point."""
    length = last - first
    whole, places = np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
    point, odd = np.zeros(len(first), np.bool_), length > _DIGITS + 1
    for offset in range(min(int(length.max(initial=0)), _DIGITS + 1)):
        inside = offset < length
        byte = text[np.where(inside, first + offset, 0)]
        digit = byte - np.uint8(ord("0"))
        is_digit = inside & (digit <= 9)
        is_point = inside & (byte == ord(".")) & ~point
        odd |= inside & ~is_digit & ~is_point
        whole = np.where(is_digit, whole * 10 + digit, whole)
        places += is_digit & point
        point |= is_point
    blank = length == point  # no digit: a lone point
    values = whole / 10.0**places
    values[blank] = np.nan
    return values, odd


def _number(word: str, name: str, line: int, column: int) -> float:
    """A number in another spelling than `123.4`.

    Raises:
        ReadError: it is none.
    """
    what = ("the time", "the pupil", "the pupil")[column]
    if word.casefold() in MISSING_WORDS and column:
        return np.nan
    if "," in word:
        raise ReadError(
            f"{name}, line {line}: {what} {word!r} has a decimal comma. edf2asc writes points: convert the EDF file again "
            "with it, or put points in place of the commas in the samples."
        )
    try:
        value = float(word)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise ReadError(
            f"{name}, line {line}: {what} of a sample must be a number; it is {word!r}. The file is damaged here: convert the "
            "EDF file again with edf2asc, or take the line out."
        )
    return value
