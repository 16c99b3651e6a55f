"""From the bytes of a text file to records: encoding, delimiter, and where each record begins.

Records are found with NumPy over the bytes, not by a parser, so that every message can name the true line of the file.
"""

import codecs
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.recordings.source import Finding

DELIMITERS: dict[str, str] = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""Delimiters looked for, in the order that settles a tie."""

SNIFFED_RECORDS = 50
"""Records by which the delimiter is settled."""

FOR_EXCEL = re.compile(rb"\A\"?sep=[^\n]\"?\n", re.IGNORECASE)
"""A first line `sep=;`, by which Excel is told the delimiter."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


_OTHER_KINDS = {
    b"PK\x03\x04": ("a zip archive", "Unpack it, and give what it holds."),
    b"PAR1": ("a Parquet table", "Name it .parquet."),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "a workbook of an old Excel (.xls)",
        "Open it there, and save it as .xlsx or CSV.",
    ),
}
"""What files that are no text begin with, what they are, and what to do."""
_PIECE = 1 << 18
"""Bytes that are looked at together, so that they stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Records:
    """The records of a delimited text: bytes without blank lines, and per record its line and number of fields."""

    data: bytes
    delimiter: str
    line: npt.NDArray[np.int64]
    fields: npt.NDArray[np.int64]
    findings: tuple[Finding, ...]


def decode(raw: bytes, name: str) -> tuple[bytes, Finding]:
    """The text of file `name` as UTF-8 with newlines as `\\n`; it may have been UTF-8 or UTF-16, else it is Latin-1. A first
    line that tells Excel the delimiter is left empty.

    Raises:
        ReadError: where the file is empty or is no text.
    """
    _refuse_other_kind(raw, name)
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            data, how = _strict(raw, encoding, name), Finding("encoding", encoding.removesuffix("-sig"), "recognised")
            break
    else:
        try:
            raw.decode("utf-8")
            data, how = raw, Finding("encoding", "utf-8", "default")
        except UnicodeDecodeError:
            data, how = from_latin(raw), Finding("encoding", "latin-1", "inferred")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = FOR_EXCEL.sub(b"\n", data, count=1)
    check_text(data, name)
    if not data.strip():
        raise ReadError(f"{name}: the file is empty.")
    return data, how


def _refuse_other_kind(raw: bytes, name: str) -> None:
    """Refuse what its first bytes show to be no text, but a file of another kind with the suffix of one.

    Raises:
        ReadError: saying what it is, and how to name it.
    """
    what = next((words for start, words in _OTHER_KINDS.items() if raw.startswith(start)), None)
    if what is None:
        return
    kind, hint = what
    if kind == "a zip archive" and b"xl/" in raw:
        kind, hint = "a workbook", "Name it .xlsx, or save it as CSV."
    raise ReadError(f"{name}: a text is expected, but this is {kind} under another name.", hint=hint)


def from_latin(raw: bytes | bytearray) -> bytes:
    """Bytes of Latin-1 as UTF-8, or of Windows, which has letters and marks where Latin-1 has control characters."""
    return bytes(raw).decode("cp1252", "replace").encode("utf-8")


def check_text(data: bytes | bytearray, name: str, before: int = 0) -> None:
    """Refuse control characters but tab and line ends: only binary and damaged files hold them.

    Raises:
        ReadError: naming the line of the first, where `before` lines stand before `data`.
    """
    buffer = np.frombuffer(data, np.uint8)
    for start in range(0, len(buffer), _PIECE):
        piece = buffer[start : start + _PIECE]
        # 0 to 8, 11 and 12, 14 to 31, 127: unsigned, what is subtracted from too small a byte is large
        control = (piece < 9) | ((piece - np.uint8(11)) < 2) | ((piece - np.uint8(14)) < 18) | (piece == 127)
        if control.any():
            line = before + data.count(b"\n", 0, start + int(np.argmax(control))) + 1
            raise ReadError(
                f"{name}, line {line}: a text table is expected, but this file holds binary data "
                "(another kind of file under the wrong name, or UTF-16 without its mark?). Save it as CSV in UTF-8."
            )


def positions(buffer: npt.NDArray[np.uint8], byte: int) -> npt.NDArray[np.int64]:
    """Where a byte stands, `i64[N]`."""
    starts = range(0, len(buffer), _PIECE)
    found = [start + np.flatnonzero(buffer[start : start + _PIECE] == byte) for start in starts]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def without_unfinished_end(text: bytes) -> tuple[bytes, tuple[Finding, ...]]:
    """A table without its last line where that has no newline behind it and fewer fields than the first and the one before."""
    first, last = text.lstrip(b"\n").split(b"\n", 1)[0], text[text.rfind(b"\n") + 1 :]
    delimiter = max((b"\t", b";", b",", b"|"), key=first.count)
    above = text[: len(text) - len(last)].rstrip(b"\n")
    before = above[above.rfind(b"\n") + 1 :]
    if not last or b"\n" not in text or last.count(delimiter) >= min(first.count(delimiter), before.count(delimiter)):
        return text, ()
    value = "it breaks off, and is left out: the recording may have been stopped before its end"
    return text[: len(text) - len(last)], (Finding("last line", value, "warning"),)


def _strict(raw: bytes, encoding: str, name: str) -> bytes:
    try:
        return raw.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        raise ReadError(f"{name}: the file begins as {encoding} but is damaged at byte {error.start}.") from error


def split_records(data: bytes, name: str) -> Records:
    """Find delimiter and records of a UTF-8 text whose newlines are `\\n`.

    A record may have one empty field too many (or too few) at its end: exports that close every line, or only the
    header, with a delimiter are common.

    Raises:
        ReadError: naming the first record with another number of fields, or a quotation mark that is never closed.
    """
    data = data.rstrip(b"\n") + b"\n"
    buffer = np.frombuffer(data, np.uint8)
    quoted = _quoted(buffer, name)
    ends = np.flatnonzero((buffer == ord("\n")) & ~quoted)
    starts = np.concatenate(([0], ends[:-1] + 1))
    blank = _blank(data, starts, ends)
    delimiter = _sniff(buffer, quoted, starts[~blank], ends[~blank])
    fields = _fields(buffer, quoted, delimiter, starts, ends)
    if delimiter:
        blank &= fields == 1
        data = _without(data, starts, ends, blank)
    else:
        # In a table of one column a blank line is a missing sample, except before the first.
        blank &= np.arange(len(blank)) < np.argmin(blank)
        data = _without(data, starts, ends, blank)
    line = 1 + np.searchsorted(np.flatnonzero(buffer == ord("\n")), starts)
    records = Records(data, delimiter, line[~blank], fields[~blank], (_delimiter_finding(delimiter),))
    _check_ragged(records, name)
    return records


def _delimiter_finding(delimiter: str) -> Finding:
    return Finding("delimiter", DELIMITERS.get(delimiter, "none, one column"), "inferred")


def _quoted(buffer: npt.NDArray[np.uint8], name: str) -> npt.NDArray[np.bool_]:
    """Which bytes stand between quotation marks."""
    marks = buffer == ord('"')
    if not marks.any():
        return np.zeros(len(buffer), np.bool_)
    if np.count_nonzero(marks) % 2:
        last = int(np.flatnonzero(marks)[-1])
        line = 1 + np.count_nonzero(buffer[:last] == ord("\n"))
        raise ReadError(f"{name}: a quotation mark is never closed; the last one stands in line {line}.")
    odd: npt.NDArray[np.bool_] = np.bitwise_xor.accumulate(marks)  # a byte for each, where a sum takes eight
    return odd


def _blank(data: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which records are empty or only white space. Long ones are not looked into."""
    blank: npt.NDArray[np.bool_] = starts == ends
    begins_so = np.isin(np.frombuffer(data, np.uint8)[starts], list(b" \t\f\v"))
    for i in np.flatnonzero(begins_so & (ends - starts <= 16)):
        blank[i] = not data[starts[i] : ends[i]].strip()
    return blank


def _fields(
    buffer: npt.NDArray[np.uint8],
    quoted: npt.NDArray[np.bool_],
    delimiter: str,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    if not delimiter:
        return np.ones(len(starts), np.int64)
    marks = np.flatnonzero((buffer == ord(delimiter)) & ~quoted)
    return 1 + np.searchsorted(marks, ends) - np.searchsorted(marks, starts)


def count_fields(
    buffer: npt.NDArray[np.uint8],
    name: str,
    delimiter: str,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Number of fields of each record from its start to its end, `i64[N]`.

    Raises:
        ReadError: a quotation mark is never closed.
    """
    return _fields(buffer, _quoted(buffer, name), delimiter, starts, ends)


def ragged(name: str, line: int, expected: int, fields: int, delimiter: str) -> ReadError:
    """The error of a line with more or fewer fields than the first."""
    why = " Is the file cut there? Write it again, or remove the line." if fields < expected else ""
    if fields > expected and delimiter == ",":
        why = " Numbers with a decimal comma need another delimiter."
    return ReadError(
        f"{name}, line {line}: every line must have as many fields as the first, {expected}; this one has {fields}.{why}"
    )


def _sniff(
    buffer: npt.NDArray[np.uint8],
    quoted: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> str:
    """The delimiter that splits most of the first records like the first one.

    Of equals the comma comes last, since it may be a decimal mark; of the others the one that splits most.
    """
    starts, ends = starts[:SNIFFED_RECORDS], ends[:SNIFFED_RECORDS]
    cut = int(ends[-1]) + 1
    best, score = "", (0.0, False, 0)
    for delimiter in DELIMITERS:
        fields = _fields(buffer[:cut], quoted[:cut], delimiter, starts, ends)
        found = (float(np.mean(np.abs(fields - fields[0]) <= 1)), delimiter != ",", int(fields[0]))
        if fields[0] > 1 and found > score:
            best, score = delimiter, found
    return best


def _without(
    data: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], dropped: npt.NDArray[np.bool_]
) -> bytes:
    pieces, at = [], 0
    for i in np.flatnonzero(dropped):
        pieces.append(data[at : starts[i]])
        at = ends[i] + 1
    return b"".join([*pieces, data[at:]])


ROW_NAMES = (
    "All other lines have one field more than the headings: if the first column holds the row names of R, write the table "
    "with row.names = FALSE, or put a heading and a delimiter before the first heading."
)


def _check_ragged(records: Records, name: str) -> None:
    """Lines have as many fields as the first, or an empty one more or less at the end.

    Where that may as well be a delimiter that was lost or added within the line, which shifts its cells, it is refused.
    """
    expected = int(records.fields[0])
    odd = np.flatnonzero(records.fields != expected)
    if not len(odd):
        return
    one_more = len(odd) == len(records.fields) - 1 and bool((records.fields[1:] == expected + 1).all())
    lines = records.data.split(b"\n") if records.data.count(b"\n") == len(records.line) else []
    delimiter = records.delimiter.encode()
    closed = np.array([line.endswith(delimiter) for line in lines], np.bool_)
    alike = len(odd) == len(records.fields) - 1 and len(np.unique(records.fields[odd])) == 1
    filled = (
        bool(lines) and not closed[:-1][records.fields == expected].any()
    )  # no line of full width ends with an empty field
    for i in odd:
        longer = bool(lines) and records.fields[i] == expected + 1 and closed[i] and (alike or filled)
        shorter = bool(lines) and records.fields[i] == expected - 1 and closed[0] and (alike or not closed[i])
        if not (longer or shorter):
            error = ragged(name, int(records.line[i]), expected, int(records.fields[i]), records.delimiter)
            raise ReadError(error.marked, hint=ROW_NAMES) if one_more else error
