"""Files and DataFrames with pupil recordings as `Trials`: one module per layout, listed in the table `READERS`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pandas as pd

from smilejax._util.errors import ReadError, SettingsError
from smilejax.readers import four_tables, tidy_table
from smilejax.readers.raw_table import LabelsAre, Recorded
from smilejax.readers.write_bids import write_bids
from smilejax.readers.write_tables import check_format, write_table, write_tidy
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

__all__ = ["READERS", "Reader", "check_format", "read", "write_bids", "write_table", "write_tidy"]


@dataclass(frozen=True)
class Reader:
    """One layout of recordings.

    Arguments:
        name: of the layout, as the setting `layout` gives it.
        words: what the layout is, for messages.
        recognises: whether a path or DataFrame has this layout.
        read: reads it.
    """

    name: str
    words: str
    recognises: Callable[[Recorded, ReadSettings], bool]
    read: Callable[[Recorded, ReadSettings, LabelsAre], Trials]


READERS: tuple[Reader, ...] = (
    Reader(four_tables.NAME, four_tables.WORDS, four_tables.recognises, four_tables.read),
    Reader(tidy_table.NAME, tidy_table.WORDS, tidy_table.recognises, tidy_table.read),
)
"""All layouts, in the order in which they are tried: the first that recognises a path reads it.

A new layout is a module with these four names and a line here; the contract suite over this table then tests it.
"""


def read(
    path: str | Path | pd.DataFrame, settings: ReadSettings | None = None, *, labels: LabelsAre = "required"
) -> Trials:
    """Read the recordings at a path, or those in a DataFrame, with the reader of their layout.

    Arguments:
        path: a file, a folder of four tables, a workbook, or a DataFrame with one row per sample.
        settings: what is known beforehand. Everything else is recognised or inferred, and listed in `Trials.source`.
        labels: `required`, or `optional` for recordings to be predicted, whose trials may be `UNLABELLED`.

    Raises:
        ReadError: with file, line, column and value of what cannot be read, and a hint.
        SettingsError: `settings` or `labels` is not what it must be, or there is no such layout.

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
    for reader in _candidates(settings):
        if settings.layout is not None or reader.recognises(given, settings):
            return reader.read(given, settings, labels)
    raise ReadError(f"{given}: the layout is not recognised. Name it: {{layout}}, one of {_layouts()}.")


def _candidates(settings: ReadSettings) -> tuple[Reader, ...]:
    named = tuple(reader for reader in READERS if settings.layout in (None, reader.name))
    if not named:
        raise SettingsError(f"layout must be one of {_layouts()}; it is {settings.layout!r}.")
    return named


def _layouts() -> str:
    return ", ".join(f"{reader.name} ({reader.words})" for reader in READERS)


def _checked(path: str | Path | pd.DataFrame) -> Recorded:
    if isinstance(path, pd.DataFrame):
        return path
    if not isinstance(path, str | Path):
        raise ReadError(f"path must be a path, or a pandas DataFrame; it is {path!r}.")
    path = Path(path)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        raise ReadError(f"{str(path)!r}: this cannot be the name of a file ({error}).") from error
    if not there:
        raise ReadError(f"{path}: there is no such file or folder.")
    return path
