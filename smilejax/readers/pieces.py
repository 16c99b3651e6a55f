"""What is read by which reader: a thing itself, the files or recordings in a folder, or the sheets of a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smilejax._util.errors import SETTING, ReadError, SettingsError, listed
from smilejax.readers.all_readers import READERS, PupilReader
from smilejax.readers.files import raw_table
from smilejax.readers.files.files_of_folder import files_of, folders_of, may_hold_recordings
from smilejax.readers.given import EXCEL_SUFFIXES, Given
from smilejax.readers.unread import has_pupils_and_time, recordings_left_out
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

WHOLE_WORKBOOKS = ("four-tables", "observer-columns")
"""Layouts that are a workbook as a whole; of others each sheet is a table."""

EXPORTS = ("pupil-core", "neon-cloud", "neon-native")
"""Formats of which a folder is one recording; a folder may hold several such folders."""

DEEPEST = 6
"""Folders in folders that are looked into for recordings."""


@dataclass(frozen=True)
class Piece:
    """What one reader reads.

    Arguments:
        given: a file, a sheet of a workbook, a folder or a DataFrame.
        reader: of its layout.
        file: the name by which patterns and messages know it; with its folder where another has the same name. Empty for a
            DataFrame.
    """

    given: Given
    reader: PupilReader
    file: str


def pieces_of(given: Sequence[Given], settings: ReadSettings) -> tuple[list[Piece], tuple[Finding, ...]]:
    """All that is to be read, and what was left out beside it.

    Raises:
        ReadError: something is given twice, has no layout that is known, or holds nothing that could be read.
        SettingsError: there is no layout of the name that is set.
    """
    left_out: list[str] = []
    sheets: list[Finding] = []
    found = [pair for one in given for pair in _pieces(one, settings, left_out, sheets)]
    bases = {one.path: _base(one.path) for one, _ in found if one.path is not None}
    _refuse_twice([one for one, _ in found if one.path is not None])
    names = _names(list(bases.values()))
    said = (Finding("files left out", listed(map(repr, left_out), 6), "recognised"),) if left_out else ()
    folders = [one.path for one in given if one.path is not None and one.is_folder]
    said = (*said, *sheets, *recordings_left_out(folders, found, settings))
    return [Piece(one, reader, names[bases[one.path]] if one.path is not None else "") for one, reader in found], said


def _refuse_twice(given: Sequence[Given]) -> None:
    seen: set[tuple[Path, str | None]] = set()
    for one in given:
        assert one.path is not None
        if (place := (one.path.resolve(), one.sheet)) in seen:
            raise ReadError(f"{one.name}: this is given twice, and its trials would count twice. Give it once.")
        seen.add(place)


def _base(path: Path) -> Path:
    """The path whose name names a recording: of Pupil Player's `NAME/000/exports/000` the folder `NAME/000`."""
    whole = path.resolve()
    return whole.parent.parent if whole.is_dir() and whole.parent.name == "exports" else path


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """The last part of each path, or so many parts as tell them all apart. A number alone, as `000`, takes its folder too."""
    most = max((len(path.parts) for path in paths), default=1)
    for parts in range(1, most + 1):
        found = {path: "/".join(path.parts[-parts:]) for path in paths}
        plain = parts == 1 and any(name.isdecimal() for name in found.values())
        if len(set(found.values())) == len(set(paths)) and not (plain and most > 1):
            return found
    return {path: str(path) for path in paths}


def _pieces(
    given: Given, settings: ReadSettings, left_out: list[str], sheets_out: list[Finding]
) -> list[tuple[Given, PupilReader]]:
    said: list[Finding] = []
    sheets = _sheets(given, settings, said)
    for reader in _candidates(settings):
        known = settings.layout is not None and not given.is_folder
        if known or reader.recognises(given, settings):
            whole = not sheets or reader.name in WHOLE_WORKBOOKS
            sheets_out += [] if whole else said
            return [(given, reader)] if whole else [(replace(given, sheet=sheet), reader) for sheet in sheets]
    if given.is_folder:
        return _inside(given, settings, left_out, sheets_out)
    raise ReadError(f"{given.name}: the layout is not recognised. Name it: {SETTING.layout}, one of {_layouts()}.")


def _inside(
    given: Given, settings: ReadSettings, left_out: list[str], sheets_out: list[Finding]
) -> list[tuple[Given, PupilReader]]:
    """The recordings in a folder that is none itself: the folders in it that are some, else its files."""
    assert given.path is not None
    here = files_of(given.path)
    files = [file for file in may_hold_recordings(here) if not _is_other_json(Given(file), settings)]
    exports = _exports(given.path, settings, DEEPEST)
    left_out += [file.name for file in here if exports or file not in files]
    if exports:
        return exports
    if not files:
        raise _nothing(given.path, here)
    found = [Given(file, progress=given.progress) for file in files]
    return [pair for file in found for pair in _pieces(file, settings, left_out, sheets_out)]


def _is_other_json(given: Given, settings: ReadSettings) -> bool:
    """Whether it is JSON that no reader knows, as what describes the data beside it often is."""
    return given.suffix == ".json" and not any(reader.recognises(given, settings) for reader in _candidates(settings))


def _nothing(folder: Path, here: Sequence[Path]) -> ReadError:
    """The error of a folder without a file that could be read; folders in it may hold some."""
    within = folders_of(folder)
    deeper = [f"{one.name}/{file.name}" for one in within for file in may_hold_recordings(files_of(one))]
    from smilejax.videos.file_kind import VIDEO_SUFFIXES  # needs Pillow, which reading tables does not

    if any(path.suffix.lower() in VIDEO_SUFFIXES for path in here):
        return ReadError(f"{folder}: this folder holds videos, and tables are read here.", hint=raw_table.TRACK_FIRST)
    held = listed([*(repr(path.name) for path in here), *(repr(path.name + "/") for path in within)], 6) or "nothing"
    hint = f" Give the files in its folders, as {folder}/*/*{Path(deeper[0]).suffix}." if deeper else ""
    return ReadError(f"{folder}: this folder has no file that could be read. It holds: {held}.{hint}")


def _exports(folder: Path, settings: ReadSettings, deepest: int) -> list[tuple[Given, PupilReader]]:
    """The folders in a folder, and in these, that are recordings.

    Raises:
        ReadError: there are several exports of one recording, which may hold the same samples.
    """
    found: list[tuple[Given, PupilReader]] = []
    readers = [reader for reader in _candidates(settings) if reader.name in EXPORTS]
    for within in folders_of(folder):
        one = Given(within)
        reader = next((reader for reader in readers if reader.recognises(one, settings)), None)
        if reader is not None:
            found.append((one, reader))
        elif deepest:
            found += _exports(within, settings, deepest - 1)
    if folder.name == "exports" and len(found) > 1:
        shown = listed(repr(one.path.name) for one, _ in found if one.path is not None)
        raise ReadError(
            f"{folder}: these are {len(found)} exports of one recording, {shown}, which may hold the same samples. "
            "Give the one that is to be read."
        )
    return found


def _sheets(given: Given, settings: ReadSettings, left_out: list[Finding]) -> tuple[str, ...]:
    """The sheets of a workbook that are read one by one; none where it has one.

    Of the sheets with pupils and a time, or else of all, they are those with the headings of the first. What is said of the
    others is put into `left_out`.
    """
    if given.suffix not in EXCEL_SUFFIXES or settings.sheet is not None or given.sheet is not None:
        return ()
    books = {name: replace(given, sheet=name) for name in raw_table.sheets(given)}
    if len(books) < 2:
        return ()
    heads = {name: book.heads for name, book in books.items() if book.heads}
    with_pupils = [name for name in heads if has_pupils_and_time(books[name], settings)]
    first = heads[with_pupils[0]] if with_pupils else next(iter(heads.values()), ())
    read = tuple(name for name in heads if heads[name] == first) or tuple(books)
    recordings = [name for name in with_pupils if name not in read]
    others = [name for name in heads if name not in (*read, *recordings)]
    which = f"of {given.path.name}" if given.path is not None else ""
    remedy = f"{SETTING.sheet} NAME reads one of them alone"
    if recordings:
        shown = listed(map(repr, recordings), 6)
        value = f"{shown} {which}, whose headings are not those of {read[0]!r}; {remedy}"
        left_out.append(Finding("sheets left out", value, "warning"))
    if others:
        value = f"{listed(map(repr, others), 6)} {which}; {remedy}"
        left_out.append(Finding("sheets left out", value, "recognised"))
    return read


def _candidates(settings: ReadSettings) -> tuple[PupilReader, ...]:
    found = tuple(reader for reader in READERS if settings.layout in (None, reader.name))
    if not found:
        raise SettingsError(f"layout must be one of {_layouts()}; it is {settings.layout!r}.")
    return found


def recognised_by(given: Given, settings: ReadSettings) -> tuple[str, ...]:
    """The layout by which something would be read if none were set, or none where that is the one that is set."""
    free = replace(settings, layout=None)
    found = next((reader.name for reader in READERS if reader.recognises(given, free)), None)
    return () if found in (None, settings.layout) else (found,)


def _layouts() -> str:
    return ", ".join(f"{reader.name} ({reader.words})" for reader in READERS)
