"""`read`: whatever holds recordings, as `Trials`."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from smilejax._util.errors import SETTING, DataWarning, ReadError, SettingsError, listed
from smilejax.readers.all_readers import READERS, Reader
from smilejax.readers.assembly.assemble import assemble
from smilejax.readers.assembly.combine import combined
from smilejax.readers.assembly.joined_tables import joined
from smilejax.readers.assembly.trial_cutting import cut
from smilejax.readers.files import raw_table
from smilejax.readers.files.files_of_folder import files_of
from smilejax.readers.given import (
    BINARY_SUFFIXES,
    EXCEL_SUFFIXES,
    PACKED_SUFFIXES,
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    Given,
    Progress,
)
from smilejax.readers.name_patterns import labelled, with_names
from smilejax.readers.samples import Names, Samples
from smilejax.recordings.source import Finding
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

LabelsAre = Literal["required", "optional"]
"""Whether every trial must have a label, or may be without one, as in recordings to be predicted."""

WHOLE_WORKBOOKS = ("four-tables", "observer-columns")
"""Layouts that are a workbook as a whole; of others each sheet is a table."""

Readable = str | Path | pd.DataFrame | Sequence[str | Path]


def read(
    path: Readable,
    settings: ReadSettings | None = None,
    *,
    labels: LabelsAre = "required",
    progress: Progress | None = None,
) -> Trials:
    """Read the recordings at a path, or at several, or those in a DataFrame, with the reader of their layout.

    Arguments:
        path: a file, a folder, several of either, or a DataFrame with one row per sample.
        settings: what is known beforehand. Everything else is recognised or inferred, and listed in `Trials.source`.
        labels: `required`, or `optional` for recordings to be predicted, whose trials may be `UNLABELLED`.
        progress: is called while a large text file is read, with the bytes that are read, and of how many.

    Raises:
        ReadError: with file, line, column and value of what cannot be read, and a hint.
        SettingsError: `settings` or `labels` is not what it must be, or there is no such layout.

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
    samples, layout = _samples(given, settings, name)
    trials = assemble(samples, settings, optional=labels == "optional", source=name, layout=layout)
    for finding in trials.source.findings:
        if finding.how == "warning":
            warnings.warn(f"{finding.what}: {finding.value}", DataWarning, stacklevel=2)
    return trials


def recognised_layouts(path: Readable, settings: ReadSettings) -> tuple[str, ...]:
    """The layouts by which `read` would read what is at a path, each once.

    Raises:
        ReadError: there is nothing, or the layout of something is not recognised.
    """
    names = (reader.name for one in _checked(path) for _, reader in _pieces(one, settings))
    return tuple(dict.fromkeys(names))


def _samples(given: Sequence[Given], settings: ReadSettings, name: str) -> tuple[Samples, str]:
    """The samples of all that is given, with names, trials and joined tables."""
    parts: list[Samples] = []
    layouts: dict[str, None] = {}
    for one in given:
        for piece, reader in _pieces(one, settings):
            part = _placed(reader.read(piece, settings), piece)
            parts.append(cut(labelled(with_names(part, settings.names_from), _early(settings)), settings))
            layouts[reader.name] = None
    whole = joined(combined(parts, name), settings)
    return _labelled_late(whole, settings), " and ".join(layouts)


def _placed(samples: Samples, given: Given) -> Samples:
    """Samples with the names of their file and sheet. Where no column names the participant, the sheet does."""
    names = dict(samples.names)
    findings = samples.findings
    if given.is_file and "file" not in names:
        names["file"] = Names.one(_path(given).name, len(samples))
    if given.sheet is not None:
        names["sheet"] = Names.one(given.sheet, len(samples))
        if "participant" not in names:
            names["participant"] = names["sheet"]
            findings = (*findings, Finding("participant", "the name of the sheet", "default"))
    return replace(samples, names=names, findings=findings)


def _path(given: Given) -> Path:
    assert given.path is not None
    return given.path


def _early(settings: ReadSettings) -> str | None:
    """A rule on names of files and sheets labels before trials are cut; one on trials and stimuli afterwards."""
    rule = settings.label_from
    return rule if rule is not None and rule.split(":")[0].strip() in ("file", "sheet", "recording") else None


def _labelled_late(samples: Samples, settings: ReadSettings) -> Samples:
    return samples if _early(settings) is not None else labelled(samples, settings.label_from)


def _pieces(given: Given, settings: ReadSettings) -> list[tuple[Given, Reader]]:
    """What is read by which reader: the thing itself, the files of a folder, or the sheets of a workbook."""
    sheets = _sheets(given, settings)
    for reader in _candidates(settings):
        known = settings.layout is not None and not given.is_folder
        if known or reader.recognises(given, settings):
            whole = not sheets or reader.name in WHOLE_WORKBOOKS
            return [(given, reader)] if whole else [(replace(given, sheet=sheet), reader) for sheet in sheets]
    if not given.is_folder:
        raise ReadError(f"{given.name}: the layout is not recognised. Name it: {SETTING.layout}, one of {_layouts()}.")
    suffixes = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES, *PACKED_SUFFIXES, *BINARY_SUFFIXES)
    here = files_of(_path(given))
    files = [Given(path, progress=given.progress) for path in here if path.suffix.lower() in suffixes]
    if not files:
        held = listed((repr(path.name) for path in here), 6) or "nothing"
        raise ReadError(f"{given.name}: this folder has no file that could be read. It holds: {held}.")
    return [pair for file in files for pair in _pieces(file, settings)]


def _sheets(given: Given, settings: ReadSettings) -> tuple[str, ...]:
    """The sheets of a workbook that are read one by one: those with the headings of its first; none where there is one."""
    if given.suffix not in EXCEL_SUFFIXES or settings.sheet is not None or given.sheet is not None:
        return ()
    names = raw_table.sheets(given)
    heads = {name: replace(given, sheet=name).heads for name in names}
    first = next((h for h in heads.values() if h), ())
    return tuple(name for name, h in heads.items() if h == first) if len(names) > 1 else ()


def _candidates(settings: ReadSettings) -> tuple[Reader, ...]:
    found = tuple(reader for reader in READERS if settings.layout in (None, reader.name))
    if not found:
        raise SettingsError(f"layout must be one of {_layouts()}; it is {settings.layout!r}.")
    return found


def _layouts() -> str:
    return ", ".join(f"{reader.name} ({reader.words})" for reader in READERS)


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
