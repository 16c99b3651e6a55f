"""Files of a BIDS data set: their names taken apart, the metadata that hold for them, and their tables as text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from smilejax._util.errors import ReadError, listed
from smilejax.readers.given import Given

DESCRIPTION = "dataset_description.json"
"""The file that stands in the top folder of a BIDS data set."""

SUFFIXES = ("physio", "eyetrack")
"""Suffixes of recordings: `physio` as of BIDS 1.11, and `eyetrack`, as converters wrote before it."""

MISSING = "n/a"
"""What BIDS tables hold where a value is missing."""

_RECORDING = re.compile(rf"(?:.+_)?({'|'.join(SUFFIXES)})\.tsv(\.gz)?", re.IGNORECASE)
_ENTITY = re.compile(r"([a-z]+)-([^_]+)", re.IGNORECASE)
MAX_DEPTH = 5
"""A recording stands at most so many folders below the top of its data set: sub, ses, datatype, and some room."""

Metadata = Mapping[str, object]
"""What the JSON files say of a table."""


@dataclass(frozen=True)
class BidsFile:
    """A file of a BIDS data set.

    Arguments:
        path: where it is.
        entities: the parts of its name, as `{"sub": "01", "task": "view", "recording": "eye1"}`.
        suffix: the last part of its name, as `physio`.
        stem: its name without folder, recording and suffix: `sub-01_task-view`, the same for both eyes and for the events.
    """

    path: Path
    entities: Mapping[str, str]
    suffix: str
    stem: str

    @classmethod
    def of(cls, path: Path) -> BidsFile:
        """The file at a path, by its name."""
        name = path.name.split(".")[0]
        *parts, suffix = name.split("_")
        found = [match for part in parts if (match := _ENTITY.fullmatch(part))]
        entities = {match[1].lower(): match[2] for match in found}
        stem = "_".join(part for part in parts if not part.lower().startswith("recording-"))
        return cls(path, entities, suffix.lower(), stem)

    def holds_for(self, other: BidsFile) -> bool:
        """Whether every part of this file's name is one of the other's: then what it says holds for the other, too."""
        return all(other.entities.get(key) == value for key, value in self.entities.items())


def is_recording(path: Path) -> bool:
    """Whether a path is called as BIDS recordings of eye trackers are."""
    return _RECORDING.fullmatch(path.name) is not None


def recordings_in(folder: Path) -> list[Path]:
    """The recordings of a data set, of one participant or of one session, in order of their paths.

    Of a data set only the folders of participants are looked into: `derivatives` and `sourcedata` hold other versions.
    """
    direct = [path for path in folder.glob("sub-*_*") if is_recording(path)]
    own = folder.name.startswith(("sub-", "ses-")) or bool(direct)
    tops = [folder] if own else [path for path in folder.glob("sub-*") if path.is_dir()]
    return sorted({path for top in tops for path in top.rglob("*.tsv*") if is_recording(path)})


class DataSet:
    """The data set in which recordings stand: what its JSON files and tables say of them.

    Arguments:
        start: the folder or file that is read; the data set may reach above it.
    """

    def __init__(self, start: Path) -> None:
        self.top = _top(start.absolute())
        self._metadata: dict[Path, Metadata] = {}

    def called(self, path: Path) -> str:
        """A path as messages name it: below the top of the data set."""
        absolute = path.absolute()
        return absolute.relative_to(self.top).as_posix() if absolute.is_relative_to(self.top) else str(path)

    def metadata(self, path: Path, suffix: str | None = None) -> Metadata:
        """What holds for a table: the JSON files of its suffix from the top of the data set down to its own folder whose
        names it fits, the nearer ones before the farther ones.

        Raises:
            ReadError: one of them is no JSON file.
        """
        own = BidsFile.of(path)
        merged: dict[str, object] = {}
        for folder in self._folders(path):
            fitting = [f for f in self._of(folder, suffix or own.suffix, (".json",)) if f.holds_for(own)]
            for file in sorted(fitting, key=lambda f: len(f.entities)):
                merged |= self._json(file.path)
        return merged

    def beside(self, path: Path, suffix: str, *, recording: bool) -> Path | None:
        """The table of another suffix that belongs to a recording: its events, or (with `recording`) those of this eye."""
        own = BidsFile.of(path)
        for folder in reversed(self._folders(path)):
            files = [f for f in self._of(folder, suffix, (".tsv", ".tsv.gz")) if f.holds_for(own)]
            if recording:
                files = [f for f in files if f.entities.get("recording") == own.entities.get("recording")]
            if files:
                return max(files, key=lambda f: len(f.entities)).path
        return None

    @cached_property
    def description(self) -> Metadata:
        """The description of the data set, empty where there is none."""
        path = self.top / DESCRIPTION
        return self._json(path) if path.is_file() else {}

    def _folders(self, path: Path) -> list[Path]:
        """The folders from the top of the data set down to that of a file."""
        folder = path.absolute().parent
        if not folder.is_relative_to(self.top):
            return [folder]
        between = folder.relative_to(self.top).parts
        return [self.top.joinpath(*between[:depth]) for depth in range(len(between) + 1)]

    def _of(self, folder: Path, suffix: str, endings: Sequence[str]) -> list[BidsFile]:
        paths = [folder / f"{suffix}{ending}" for ending in endings]
        paths += [path for ending in endings for path in folder.glob(f"*_{suffix}{ending}")]
        return [BidsFile.of(path) for path in sorted(paths) if path.is_file()]

    def _json(self, path: Path) -> Metadata:
        if path not in self._metadata:
            self._metadata[path] = _read_json(path, self.called(path))
        return self._metadata[path]


def _top(start: Path) -> Path:
    """The top folder of the data set in which something stands: that of its description, or the one above the participant's."""
    folder = start if start.is_dir() else start.parent
    chain = [folder, *folder.parents][:MAX_DEPTH]
    for above in chain:
        if (above / DESCRIPTION).is_file():
            return above
    for above in chain:
        if above.name.startswith("sub-"):
            return above.parent
    return folder


def _read_json(path: Path, name: str) -> Metadata:
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ReadError(
            f"{name}, line {error.lineno}: this is not readable as JSON ({error.msg}). Correct it."
        ) from error
    except (ValueError, RecursionError, OSError) as error:
        raise ReadError(f"{name}: this is not readable as JSON ({error}). Correct it.") from error
    if not isinstance(content, dict):
        raise ReadError(f"{name}: a JSON object in braces is expected; it holds {type(content).__name__}.")
    return content


def read_rows(path: Path, name: str, columns: Sequence[str] | None) -> list[tuple[int, dict[str, str]]]:
    """The rows of a small table, each with its line, as texts by their columns; `n/a` is the empty text.

    Arguments:
        path: of the table, plain or packed.
        name: how messages call it.
        columns: what its columns are called, or None where its first line says so.

    Raises:
        ReadError: it cannot be unpacked, is no text, or a row has another number of cells.
    """
    try:
        text = Given(path).raw().decode("utf-8-sig")
        lines = io.StringIO(text, newline="")
        if text.count('"') % 2 == 0:
            reader = csv.reader(lines, delimiter="\t")
        else:  # an apostrophe in a message, not a quotation
            reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReadError(f"{name}: this is not readable as a table in UTF-8 ({error}).") from error
    if columns is None:
        if not rows:
            return []
        columns, rows = [cell.strip() for cell in rows[0][1]], rows[1:]
    for line, row in rows:
        if len(row) != len(columns):
            raise ReadError(
                f"{name}, line {line}: {len(columns)} cells are expected ({listed(columns)}), parted by tabs; "
                f"there are {len(row)}."
            )
    return [(line, dict(zip(columns, map(_cell, row), strict=True))) for line, row in rows]


def _cell(text: str) -> str:
    text = text.strip()
    return "" if text.casefold() == MISSING else text


def text_of(metadata: Metadata, *keys: str) -> str:
    """A text that metadata hold at a path of keys, empty where they hold none."""
    value: object = metadata
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value.strip() if isinstance(value, str) else ""


def number_of(metadata: Metadata, key: str, name: str) -> float | None:
    """A number that metadata hold, or None where they hold none.

    Raises:
        ReadError: it is something else, or not finite.
    """
    value = metadata.get(key)
    if value is None or (isinstance(value, str) and value.strip().casefold() in ("", MISSING)):
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if not abs(number) < float("inf"):
        raise ReadError(f"{name}: {key} in its JSON file must be a finite number; it is {value!r}. Correct it there.")
    return number
