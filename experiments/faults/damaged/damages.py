"""What can happen to a file: bytes are lost or changed, rows and columns too, a program writes it in another way."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from damaged.formats import Format

Random = np.random.Generator
Rows = list[list[str]]
BOMS = ((b"\xff\xfe", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    Arguments:
        name: for the table.
        apply: damages the file and says what was done.
        is_cut: the end of the file, or of what it holds, is lost.
    """

    name: str
    apply: Callable[[Path, Random], str]
    is_cut: bool = False


def damages_of(form: Format) -> list[Damage]:
    """Those that can happen to a format."""
    found = list(OF_ALL)
    if form.text:
        found += OF_TEXT
    if form.delimiter:
        found += OF_TABLES
    return found


def unpacked(path: Path) -> bytes:
    """The bytes of a file, unpacked."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def store(path: Path, raw: bytes) -> None:
    """Write bytes, packed where the file's name says so."""
    path.write_bytes(gzip.compress(raw, 1, mtime=0) if path.suffix == ".gz" else raw)


def decoded(raw: bytes) -> tuple[str, str]:
    """The text, and its encoding."""
    encoding = next((name for bom, name in BOMS if raw.startswith(bom)), "utf-8")
    try:
        return raw.decode(encoding), encoding
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise
        return raw.decode("latin-1"), "latin-1"


def _truncate(path: Path, rng: Random) -> str:
    raw = unpacked(path)
    at = int(rng.integers(len(raw)))
    store(path, raw[:at])
    return f"cut at byte {at} of {len(raw)}"


def _byte(how: str) -> Callable[[Path, Random], str]:
    def apply(path: Path, rng: Random) -> str:
        raw = unpacked(path)
        at, byte = int(rng.integers(len(raw))), int(rng.integers(256))
        new = b"" if how == "delete" else bytes([byte])
        store(path, raw[:at] + new + raw[at + (how != "insert") :])
        return f"{how} byte {at}: {raw[max(at - 12, 0) : at + 12]!r}, {raw[at : at + 1]!r} to {new!r}"

    return apply


def _empty(path: Path, rng: Random) -> str:
    path.write_bytes(b"")
    return "empty"


def _packed_cut(path: Path, rng: Random) -> str:
    raw = path.read_bytes() if path.suffix == ".gz" else gzip.compress(path.read_bytes(), mtime=0)
    at = int(rng.integers(len(raw)))
    path.write_bytes(raw[:at])
    return f"packed file cut at byte {at} of {len(raw)}"


def _lines(change: Callable[[list[str], int, Random], str]) -> Callable[[Path, Random], str]:
    def apply(path: Path, rng: Random) -> str:
        text, encoding = decoded(unpacked(path))
        lines = text.splitlines(keepends=True)
        said = change(lines, int(rng.integers(len(lines))), rng)
        store(path, "".join(lines).encode(encoding))
        return said

    return apply


def _delete_row(lines: list[str], at: int, rng: Random) -> str:
    return f"line {at + 1} deleted: {lines.pop(at)[:60]!r}"


def _duplicate_row(lines: list[str], at: int, rng: Random) -> str:
    lines.insert(at, lines[at])
    return f"line {at + 1} twice"


def _swap_rows(lines: list[str], at: int, rng: Random) -> str:
    other = int(rng.integers(len(lines)))
    lines[at], lines[other] = lines[other], lines[at]
    return f"lines {at + 1} and {other + 1} exchanged"


def _shuffle_rows(lines: list[str], at: int, rng: Random) -> str:
    lines[1:] = [lines[1 + int(i)] for i in rng.permutation(len(lines) - 1)]
    return "all lines but the first shuffled"


def _delete_stretch(lines: list[str], at: int, rng: Random) -> str:
    end = at + int(rng.integers(2, 40))
    del lines[at:end]
    return f"lines {at + 1} to {end} deleted"


def _recoded(path: Path, rng: Random) -> str:
    text, _ = decoded(unpacked(path))
    how = ("utf-16", "latin-1", "utf-8-sig", "crlf", "cr")[int(rng.integers(5))]
    if how in ("crlf", "cr"):
        store(path, text.replace("\r\n", "\n").replace("\n", {"crlf": "\r\n", "cr": "\r"}[how]).encode())
    else:
        store(path, text.encode(how, "replace"))
    return f"written as {how}"


def cells_of(text: str) -> tuple[Rows, str]:
    """The cells of a text, and the delimiter that its longest line holds most of."""
    lines = text.replace("\r\n", "\n").split("\n")
    longest = max(lines, key=len)
    delimiter = max("\t;,", key=longest.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter)), delimiter


def _cells(change: Callable[[Rows, Random], str]) -> Callable[[Path, Random], str]:
    def apply(path: Path, rng: Random) -> str:
        text, encoding = decoded(unpacked(path))
        rows, delimiter = cells_of(text)
        said = change(rows, rng)
        store(path, _joined(rows, delimiter).encode(encoding))
        return said

    return apply


def _joined(rows: Rows, delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _width(rows: Rows) -> int:
    return max(map(len, rows))


def _head(rows: Rows) -> list[str]:
    return next(row for row in rows if len(row) == _width(rows))


def _drop_column(rows: Rows, rng: Random) -> str:
    at = int(rng.integers(_width(rows)))
    name = _head(rows)[at]
    for row in rows:
        del row[at : at + 1]
    return f"column {name!r} dropped"


def _exchange_heads(rows: Rows, rng: Random) -> str:
    head = _head(rows)
    a, b = (int(i) for i in rng.choice(len(head), 2, replace=False))
    head[a], head[b] = head[b], head[a]
    return f"headings {head[a]!r} and {head[b]!r} exchanged"


ODD = (
    "abc",
    "inf",
    "-inf",
    "1e300",
    "-3.5",
    "",
    "3.5.1",
    "１２",
    "-1",
    "0",
    "NaN",
    "9" * 30,
    '"',
    "'3.2",
    "3 . 2",
    "0x1F",
    "1_000",
)


def _odd_cell(rows: Rows, rng: Random) -> str:
    at = int(rng.integers(1, len(rows)))
    if not rows[at]:
        return "nothing"
    column, word = int(rng.integers(len(rows[at]))), ODD[int(rng.integers(len(ODD)))]
    before, rows[at][column] = rows[at][column], word
    return f"line {at + 1}, column {column + 1}: {before!r} to {word!r}"


def _decimal_comma(rows: Rows, rng: Random) -> str:
    for row in rows:
        row[:] = [cell.replace(".", ",") if cell.replace(".", "", 1).lstrip("-").isdigit() else cell for cell in row]
    return "decimal commas"


def _other_delimiter(path: Path, rng: Random) -> str:
    text, encoding = decoded(unpacked(path))
    rows, delimiter = cells_of(text)
    other = [d for d in "\t;,|" if d != delimiter][int(rng.integers(3))]
    store(path, _joined(rows, other).encode(encoding))
    return f"delimiter {other!r}"


def _mixed_delimiter(rows: Rows, rng: Random) -> str:
    at = int(rng.integers(len(rows)))
    rows[at] = [";".join(rows[at])]
    return f"line {at + 1} with ';' between cells"


OF_ALL = [
    Damage("truncate", _truncate, is_cut=True),
    Damage("flip byte", _byte("flip")),
    Damage("insert byte", _byte("insert")),
    Damage("delete byte", _byte("delete")),
    Damage("empty file", _empty, is_cut=True),
]
OF_TEXT = [
    Damage("truncate", _truncate, is_cut=True),
    Damage("packed, cut", _packed_cut, is_cut=True),
    Damage("delete row", _lines(_delete_row)),
    Damage("delete rows", _lines(_delete_stretch)),
    Damage("duplicate row", _lines(_duplicate_row)),
    Damage("swap rows", _lines(_swap_rows)),
    Damage("shuffle rows", _lines(_shuffle_rows)),
    Damage("re-encode", _recoded),
]
OF_TABLES = [
    Damage("other delimiter", _other_delimiter),
    Damage("one row's delimiter", _cells(_mixed_delimiter)),
    Damage("drop column", _cells(_drop_column)),
    Damage("exchange headings", _cells(_exchange_heads)),
    Damage("decimal comma", _cells(_decimal_comma)),
    Damage("odd cell", _cells(_odd_cell)),
    Damage("odd cell", _cells(_odd_cell)),
]
