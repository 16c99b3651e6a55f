"""`read`: whatever holds recordings, as `Trials`."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from smilejax._util.errors import DataWarning, ReadError, SettingsError, listed
from smilejax.readers import raw_table
from smilejax.readers.assemble import assemble
from smilejax.readers.combine import combined, in_file
from smilejax.readers.files_of_folder import files_of
from smilejax.readers.given import EXCEL_SUFFIXES, PARQUET_SUFFIXES, TEXT_SUFFIXES, Given
from smilejax.readers.joined_tables import joined
from smilejax.readers.name_patterns import labelled, named
from smilejax.readers.registry import READERS, Reader
from smilejax.readers.samples import Names, Samples
from smilejax.readers.trial_cutting import cut
from smilejax.recordings.source import Finding
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

LabelsAre = Literal["required", "optional"]
"""Whether every trial must have a label, or may be without one, as in recordings to be predicted."""

Readable = str | Path | pd.DataFrame | Sequence[str | Path]


def read(path: Readable, settings: ReadSettings | None = None, *, labels: LabelsAre = "required") -> Trials:
    """Read the recordings at a path, or at several, or those in a DataFrame, with the reader of their layout.

    Arguments:
        path: a file, a folder, several of either, or a DataFrame with one row per sample.
        settings: what is known beforehand. Everything else is recognised or inferred, and listed in `Trials.source`.
        labels: `required`, or `optional` for recordings to be predicted, whose trials may be `UNLABELLED`.

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
    given = _checked(path)
    name = listed((one.name for one in given), 3)
    samples, layout = _samples(given, settings, name)
    trials = assemble(samples, settings, optional=labels == "optional", source=name, layout=layout)
    for finding in trials.source.findings:
        if finding.how == "warning":
            warnings.warn(f"{finding.what}: {finding.value}", DataWarning, stacklevel=2)
    return trials


def _samples(given: Sequence[Given], settings: ReadSettings, name: str) -> tuple[Samples, str]:
    """The samples of all that is given, with names, trials and joined tables."""
    parts: list[Samples] = []
    layouts: dict[str, None] = {}
    for one in given:
        for file, reader in _files(one, settings):
            part = reader.read(file, settings)
            parts.append(part if file is one and len(given) == 1 else in_file(part, _path(file)))
            layouts[reader.name] = None
    if len(given) == 1 and given[0].path is not None:
        parts = [p if "file" in p.names else _own_file(p, given[0]) for p in parts]
    parts = [cut(labelled(named(part, settings.names_from), _early(settings)), settings) for part in parts]
    whole = joined(combined(parts, name), settings)
    if len(given) == 1 and "file" in whole.names and len(set(whole.names["file"].names)) == 1:
        whole = replace(whole, names={role: n for role, n in whole.names.items() if role != "file"})
    return _labelled_late(whole, settings), " and ".join(layouts)


def _own_file(samples: Samples, given: Given) -> Samples:
    return in_file(samples, _path(given)) if given.is_file else samples


def _path(given: Given) -> Path:
    assert given.path is not None
    return given.path


def _early(settings: ReadSettings) -> str | None:
    """A rule on names of files and sheets labels before trials are cut; one on trials and stimuli afterwards."""
    rule = settings.label_from
    return rule if rule is not None and rule.split(":")[0].strip() in ("file", "sheet", "recording") else None


def _labelled_late(samples: Samples, settings: ReadSettings) -> Samples:
    return samples if _early(settings) is not None else labelled(samples, settings.label_from)


def _files(given: Given, settings: ReadSettings) -> list[tuple[Given, Reader]]:
    """What is read by which reader: the thing itself, the files of a folder, or the sheets of a workbook."""
    candidates = _candidates(settings)
    for reader in candidates:
        if settings.layout is not None and not given.is_folder:
            return [(given, reader)]
        if reader.recognises(given, settings):
            return [(given, reader)]
    if not given.is_folder:
        raise ReadError(f"{given.name}: the layout is not recognised. Name it: {{layout}}, one of {_layouts()}.")
    suffixes = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES, ".gz", ".zip", ".hdf5")
    files = [Given(path) for path in files_of(_path(given)) if path.suffix.lower() in suffixes]
    if not files:
        found = listed((repr(path.name) for path in files_of(_path(given))), 6)
        raise ReadError(f"{given.name}: no file that could be read was found in this folder. It holds: {found or 'nothing'}.")
    return [pair for file in files for pair in _files(file, settings)]


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
