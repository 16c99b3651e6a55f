"""Recordings in a folder that are not read: of another kind than those that are, or in folders in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from smilejax._util.errors import ReadError, listed
from smilejax.readers.all_readers import READERS, PupilReader
from smilejax.readers.columns import column_roles
from smilejax.readers.files.files_of_folder import files_of, folders_of, may_hold_recordings
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

TABLES = ("four-tables", "observer-columns", "trial-columns", "wide", "tidy")
"""Layouts of plain tables: what one of them reads, of another would look like a recording too."""

OF_BIDS = ("sourcedata", "derivatives", "rawdata", "code", "stimuli")
"""Folders of a BIDS data set that hold its sources, or what was made of it: nothing of it is missed."""

DEEPEST = 6
"""Folders in folders that are looked into."""

NAMED = 4
"""So many are named."""


def recordings_left_out(
    folders: Sequence[Path], read: Sequence[tuple[Given, PupilReader]], settings: ReadSettings
) -> tuple[Finding, ...]:
    """A warning that names the recordings in some folders that are not read, and how they could be.

    Arguments:
        folders: that were given to be read.
        read: what is read, and by which reader.
        settings: of reading; whatever layout they name, recordings of any are found.
    """
    by = {one.path.resolve(): reader for one, reader in read if one.path is not None}
    found = [
        pair
        for folder in folders
        for pair in _others(folder.resolve(), by, by.get(folder.resolve()), settings, DEEPEST)
    ]
    if not found:
        return ()
    shown = listed((f"{str(path)!r} ({reader.name})" for path, reader in dict(found).items()), NAMED)
    said = f"{shown}. Only recordings of one kind are taken from a folder: to read these too, give them as paths of their own"
    return (Finding("recordings left out", said, "warning"),)


def _others(
    folder: Path, by: dict[Path, PupilReader], own: PupilReader | None, settings: ReadSettings, deepest: int
) -> Iterator[tuple[Path, PupilReader]]:
    """Recordings in a folder, and in those in it, that are not read.

    `own` is the reader of the recording whose folder it is, or None.
    """
    for file in may_hold_recordings(files_of(folder)):
        if file.resolve() not in by and (reader := _reader_of(file, settings)) is not None and not _same(reader, own):
            yield file, reader
    for within in folders_of(folder) if deepest else ():
        if own is None or own.name != "bids" or within.name not in OF_BIDS:
            yield from _others(within, by, by.get(within, own), settings, deepest - 1)


def _same(reader: PupilReader, own: PupilReader | None) -> bool:
    return own is not None and (reader is own or {reader.name, own.name} <= {*TABLES})


def _reader_of(file: Path, settings: ReadSettings) -> PupilReader | None:
    """The reader of a file, where it holds a recording."""
    given = Given(file)
    try:
        reader = next((reader for reader in READERS if reader.recognises(given, settings)), None)
    except ReadError:
        return None
    return None if reader is not None and reader.name in TABLES and not has_pupils_and_time(given, settings) else reader


def has_pupils_and_time(given: Given, settings: ReadSettings) -> bool:
    """Whether a table has a column of pupils and one of time, by its headings."""
    try:
        roles = column_roles.recognise(given.name, given.heads, settings).at.keys()
    except ReadError:
        return False
    return bool({"left", "right", "pupil"} & roles) and "time" in roles
