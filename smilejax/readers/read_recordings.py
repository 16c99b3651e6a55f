"""`read`: whatever holds recordings, as `Trials` or `Faces`."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from smilejax._util.errors import SETTING, DataWarning, ReadError, SettingsError, listed
from smilejax.readers.assembly.assemble import assemble
from smilejax.readers.assembly.combine import combined
from smilejax.readers.assembly.joined_tables import with_joined_tables
from smilejax.readers.assembly.trial_cutting import cut
from smilejax.readers.columns import column_roles, columns_to_keep
from smilejax.readers.faces.face_readers import face_pieces, read_faces
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given, Progress
from smilejax.readers.name_patterns import blocks_are_named, labelled, with_names, without_effect
from smilejax.readers.pieces import Piece, pieces_of, recognised_by
from smilejax.readers.refuse_unused import refuse_unused, refuse_without_effect
from smilejax.readers.samples import Names, Samples
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

LabelsAre = Literal["required", "optional"]
"""Whether every trial must have a label, or may be without one, as in recordings to be predicted."""

Readable = str | Path | pd.DataFrame | Sequence[str | Path]


def read(
    path: Readable,
    settings: ReadSettings | None = None,
    *,
    labels: LabelsAre = "required",
    progress: Progress | None = None,
) -> AnyRecording:
    """Read the recordings at a path, or at several, or those in a DataFrame, with the reader of their layout.

    Arguments:
        path: a file, a folder, several of either, or a DataFrame with one row per sample.
        settings: what is known beforehand. Everything else is recognised or inferred, and listed in the recording's `source`.
        labels: `required`, or `optional` for recordings to be predicted, whose trials may be `UNLABELLED`.
        progress: is called while a large text file is read, with the bytes that are read, and of how many.

    Returns:
        `Trials`, or `Faces` of a table of faces.

    Raises:
        ReadError: with file, line, column and value of what cannot be read, and a hint.
        SettingsError: `settings` or `labels` is not what it must be, there is no such layout, or the layout does not use one of
            the settings given.

    Warns:
        DataWarning: for what should be looked at, such as names that look alike.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame(
        ...     {"participant": 1, "trial": [1] * 5 + [2] * 5, "time_ms": [*range(0, 100, 20)] * 2, "left_mm": 3.1,
        ...      "label": ["Easy"] * 5 + ["Hard"] * 5}
        ... )
        >>> read(frame, ReadSettings(classes=("Easy", "Hard")))
        Trials(2 trials; 1 participant; 1 Easy, 1 Hard; 5 samples at 50 Hz (0.1 s), mm; DataFrame (tidy))
    """
    settings = ReadSettings() if settings is None else settings
    if not isinstance(settings, ReadSettings):
        raise SettingsError(f"settings must be a ReadSettings; it is {settings!r}.")
    if labels not in get_args(LabelsAre):
        raise SettingsError(f"labels must be one of {', '.join(get_args(LabelsAre))}; it is {labels!r}.")
    given = [replace(one, progress=progress) for one in _checked(path)]
    name = listed((one.name for one in given), 3)
    trials: AnyRecording
    if of_faces := face_pieces(given, settings):
        trials = read_faces(of_faces, settings, optional=labels == "optional")
    else:
        samples, layout = _samples(given, settings, name)
        trials = assemble(samples, settings, optional=labels == "optional", source=name, layout=layout)
    for finding in trials.source.findings:
        if finding.how == "warning":
            warnings.warn(DataWarning(f"{finding.what}: {finding.marked}"), stacklevel=2)
    return trials


def recognised_layouts(path: Readable, settings: ReadSettings) -> tuple[str, ...]:
    """The layouts by which `read` would read what is at a path, each once.

    Raises:
        ReadError: there is nothing, or the layout of something is not recognised.
    """
    found, _ = pieces_of(_checked(path), settings)
    return tuple(dict.fromkeys(piece.reader.name for piece in found))


def _samples(given: Sequence[Given], settings: ReadSettings, name: str) -> tuple[Samples, str]:
    """The samples of all that is given, with names, trials and joined tables."""
    parts: list[Samples] = []
    found, left_out = pieces_of(given, settings)
    refuse_unused(found, settings)
    for piece in found:
        part = _placed(_read(piece, settings, beside=len(found) > 1 and not _is_given(piece, given)), piece)
        part = _with_columns(part, piece, settings)
        parts.append(cut(labelled(with_names(part, settings.names_from), _early(settings)), settings))
    refuse_without_effect(parts, settings)
    whole = combined(parts, name, settings)
    whole = with_joined_tables(replace(whole, findings=(*whole.findings, *left_out)), settings)
    columns_to_keep.require_found(settings.columns, whole.names, name)
    whole = _labelled_late(whole, settings)
    whole = replace(whole, findings=(*whole.findings, *without_effect(whole, settings.label_from)))
    return _in_blocks(whole, settings), " and ".join(dict.fromkeys(piece.reader.name for piece in found))


def _in_blocks(samples: Samples, settings: ReadSettings) -> Samples:
    """The samples, whose trials are named by their block too where a pattern names it: a person may be recorded twice."""
    names = samples.names
    title = names.get("trial") or names.get("stimulus")
    if title is None or "block" not in names or not blocks_are_named(settings):
        return samples
    return replace(samples, names={**names, "trial": Names.joined([names["block"], title])})


def _is_given(piece: Piece, given: Sequence[Given]) -> bool:
    return any(piece.given.path == one.path for one in given)


def _read(piece: Piece, settings: ReadSettings, *, beside: bool) -> Samples:
    """Read one piece; a file without pupils that stands in a folder with others may hold no recording."""
    try:
        return piece.reader.read(piece.given, settings)
    except ReadError as error:
        if settings.layout is not None and (others := recognised_by(piece.given, settings)):
            hint = f"It was read as {settings.layout} ({SETTING.layout}), and looks like {listed(others)}."
            raise ReadError(f"{error.marked} {hint}", setting=error.setting) from error
        if piece.given.sheet is not None and settings.sheet is None:
            names = listed(map(repr, raw_table.sheets(piece.given)), 6)
            hint = f"The workbook has the sheets {names}: {SETTING.sheet} NAME reads one of them alone."
            raise ReadError(f"{error.marked} {hint}", setting=error.setting) from error
        if not beside or piece.reader.name != "tidy" or _has_pupils(piece.given, settings):
            raise
        hint = "If it holds no recording, take it out of the folder, or give the files that do."
        raise ReadError(f"{error.marked} {hint}", setting=error.setting) from error


def _has_pupils(given: Given, settings: ReadSettings) -> bool:
    try:
        return bool({"left", "right", "pupil"} & column_roles.recognise(given.name, given.heads, settings).at.keys())
    except ReadError:
        return False


def _placed(samples: Samples, piece: Piece) -> Samples:
    """Samples with the names of their file and sheet. Where no column names the participant, the sheet does."""
    names, given = dict(samples.names), piece.given
    findings = samples.findings
    if piece.file and "file" not in names:
        names["file"] = Names.one(piece.file, len(samples))
    if given.sheet is not None:
        names["sheet"] = Names.one(given.sheet, len(samples))
        if "participant" not in names:
            names["participant"] = names["sheet"]
            findings = (*findings, Finding("participant", "the name of the sheet", "default"))
    return replace(samples, names=names, findings=findings)


def _with_columns(samples: Samples, piece: Piece, settings: ReadSettings) -> Samples:
    """Samples with the columns of the user's own that stand in their file."""
    kept = columns_to_keep.of_lines(piece.given, samples.line, settings.columns, settings.sheet or piece.given.sheet)
    roles = {columns_to_keep.role_of(column): names for column, names in kept.items()}
    taken = {column.casefold() for column in kept}
    unused = tuple(head for head in samples.unused if head.casefold() not in taken)
    return replace(samples, names={**samples.names, **roles}, unused=unused) if kept else samples


def _early(settings: ReadSettings) -> str | None:
    """A rule on names of files and sheets labels before trials are cut; one on trials and stimuli afterwards."""
    rule = settings.label_from
    return rule if rule is not None and rule.split(":")[0].strip() in ("file", "sheet", "recording") else None


def _labelled_late(samples: Samples, settings: ReadSettings) -> Samples:
    return samples if _early(settings) is not None else labelled(samples, settings.label_from)


def _checked(path: Readable) -> list[Given]:
    if isinstance(path, pd.DataFrame):
        return [Given(None, path)]
    if isinstance(path, str | Path):
        return [Given(_existing(path))]
    if isinstance(path, list | tuple) and path and all(isinstance(one, str | Path) for one in path):
        return [Given(_existing(one)) for one in path]
    raise ReadError(f"path must be a path, several of them, or a pandas DataFrame; it is {path!r}.")


def _existing(path: str | Path) -> Path:
    path = Path(path)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        raise ReadError(f"{str(path)!r}: this cannot be the name of a file ({error}).") from error
    if not there:
        raise ReadError(f"{path}: there is no such file or folder.")
    return path
