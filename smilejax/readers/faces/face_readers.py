"""The table of all readers of faces, and which of what is given is theirs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smilejax._util.errors import SETTING, ReadError, SettingsError, listed
from smilejax.readers.columns.columns_to_keep import of_lines, require_found, role_of
from smilejax.readers.faces import blendshape_table, face_table, imotions, noldus, openface, py_feat
from smilejax.readers.faces.assemble_faces import assemble_faces
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.video_names import with_video_names
from smilejax.readers.files.files_of_folder import files_of, may_hold_recordings
from smilejax.readers.given import Given
from smilejax.readers.reader import Reader
from smilejax.readers.refuse_unused import given_settings
from smilejax.readers.samples import Names
from smilejax.recordings.faces import Faces
from smilejax.settings import ReadSettings

FaceReader = Reader[FaceRows]
FACE_READERS: tuple[FaceReader, ...] = tuple(
    map(Reader.of, (openface, py_feat, imotions, noldus, face_table, blendshape_table))
)
"""All readers of faces, in the order in which they are tried."""
USED = frozenset(("classes", "layout", "columns", "exclude"))
"""Settings that are used for every layout of faces."""


def face_pieces(given: Sequence[Given], settings: ReadSettings) -> list[tuple[FaceReader, Given]]:
    """What is given, file by file, with its reader of faces; nothing where it is no recording of faces.

    Raises:
        ReadError: some of it is of faces and some is not.
    """
    if settings.layout is not None and settings.layout not in {reader.name for reader in FACE_READERS}:
        return []
    files = [file for one in given for file in _files(one)]
    found = [(file, _reader_of(file, settings)) for file in files]
    if not any(reader for _, reader in found):
        return []
    if others := [file.name for file, reader in found if reader is None]:
        faces = next(file.name for file, reader in found if reader)
        raise ReadError(f"{faces} is a table of faces, and {listed(others, 3)} is not. Read them one after the other.")
    return [(reader, file) for file, reader in found if reader is not None]


def read_faces(pieces: Sequence[tuple[FaceReader, Given]], settings: ReadSettings, *, optional: bool) -> Faces:
    """`Faces` of tables of faces.

    Arguments:
        optional: whether a video may be without a label.

    Raises:
        ReadError, SettingsError: as `smilejax.read`.
    """
    used = USED.union(*(reader.uses for reader, _ in pieces))
    layouts = " and ".join(dict.fromkeys(reader.name for reader, _ in pieces))
    if unused := [name for name in given_settings(settings) if name not in used]:
        raise SettingsError(f"{SETTING(unused[0])} is not used for tables of the layout {layouts}. Leave it out.")
    if " and " in layouts:
        raise ReadError(
            f"{listed((given.name for _, given in pieces), 3)}: tables of {layouts} cannot be read together: each program "
            "measures in a scale of its own."
        )
    rows = [_read(reader, given, settings, optional=optional) for reader, given in pieces]
    whole = _joined(rows)
    require_found(settings.columns, whole.names, whole.file)
    return assemble_faces(whole, settings, optional=optional, layout=layouts)


def _read(reader: FaceReader, given: Given, settings: ReadSettings, *, optional: bool) -> FaceRows:
    """The frames of one file, with columns of the user's own and with names from patterns and tables."""
    rows = reader.read(given, settings)
    kept = of_lines(given, rows.line, settings.columns, settings.sheet or given.sheet)
    roles: dict[str, Names] = {role_of(column): names for column, names in kept.items()}
    return with_video_names(replace(rows, names={**rows.names, **roles}), settings, optional=optional)


def _files(given: Given) -> list[Given]:
    if given.path is not None and given.is_folder:
        return [replace(given, path=file) for file in may_hold_recordings(files_of(given.path))]
    return [given]


def _reader_of(given: Given, settings: ReadSettings) -> FaceReader | None:
    for reader in FACE_READERS:
        if settings.layout == reader.name or (settings.layout is None and reader.recognises(given, settings)):
            return reader
    return None


def _joined(parts: Sequence[FaceRows]) -> FaceRows:
    """The rows of several files as those of one.

    Raises:
        ReadError: they have other columns.
    """
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    for part in parts[1:]:
        if part.channels != first.channels or part.names.keys() != first.names.keys():
            raise ReadError(
                f"{part.file}: the columns are others than those of {first.file}. Read them one after the other."
            )
        if (part.crop is None) != (first.crop is None):
            raise ReadError(f"{part.file}: {first.file} has a column crop, and this has not, or the other way round.")
        if (part.confidence is None) != (first.confidence is None) or (part.time_ms is None) != (first.time_ms is None):
            raise ReadError(
                f"{part.file}: {first.file} has confidence or time, and this has not, or the other way round."
            )
    length = [len(part.line) for part in parts]
    named = {name for part in parts for name in part.covariates}
    return FaceRows(
        file=listed((part.file for part in parts), 3),
        line=np.concatenate([part.line for part in parts]),
        names={name: Names.chained([part.names[name] for part in parts]) for name in first.names},
        time_ms=None if first.time_ms is None else np.concatenate([_given(part.time_ms) for part in parts]),
        values=np.concatenate([part.values for part in parts]),
        channels=first.channels,
        confidence=None if first.confidence is None else np.concatenate([_given(part.confidence) for part in parts]),
        covariates={
            name: np.concatenate(
                [part.covariates.get(name, np.full(n, np.nan)) for part, n in zip(parts, length, strict=True)]
            )
            for name in sorted(named)
        },
        findings=first.findings,
        crop=None if first.crop is None else tuple(name for part in parts for name in part.crop or ()),
        place=first.place,
    )


def _given(values: np.ndarray | None) -> np.ndarray:
    assert values is not None
    return values
