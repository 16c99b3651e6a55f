"""Files of pupil recordings as `Trials`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from smilejax._util.errors import ReadError, listed
from smilejax.readers import four_tables, tidy_table
from smilejax.readers.write_tables import check_format, write_table, write_tidy
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

__all__ = ["READERS", "Reader", "check_format", "read", "write_table", "write_tidy"]

Labels = Literal["required", "optional"]


@dataclass(frozen=True)
class Reader:
    """One layout: its name, whether it recognises what a path holds, and how it reads it."""

    name: str
    recognises: Callable[[Path, ReadSettings], bool]
    read: Callable[[Path, ReadSettings, Labels], Trials]


READERS: tuple[Reader, ...] = (
    Reader(four_tables.NAME, four_tables.recognises, four_tables.read),
    Reader(tidy_table.NAME, tidy_table.recognises, tidy_table.read),
)
"""Asked in this order; the first that recognises a path reads it."""


def read(path: str | Path, settings: ReadSettings | None = None, *, labels: Labels = "required") -> Trials:
    """Read the recordings at a path, with the reader of its layout.

    Arguments:
        path: a file, a folder of four tables, or a workbook.
        settings: what is known beforehand; the rest is recognised, and said in `Trials.source`.
        labels: `required`, or `optional` for recordings to be predicted, whose trials may be `UNLABELLED`.

    Raises:
        ReadError: naming file, line, column and value of what cannot be read, and the hint.
    """
    path, settings = Path(path), settings or ReadSettings()
    _check_exists(path)
    for reader in READERS:
        if settings.layout == reader.name or (settings.layout is None and reader.recognises(path, settings)):
            return reader.read(path, settings, labels)
    raise ReadError(
        f"{path}: no reader knows what this holds. Name its layout: --layout {listed(r.name for r in READERS)}"
    )


def _check_exists(path: Path) -> None:
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        raise ReadError(f"{str(path)!r}: this cannot be the name of a file ({error}).") from error
    if not there:
        raise ReadError(f"{path}: there is no such file or folder.")
