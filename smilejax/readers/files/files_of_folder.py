"""The files of a folder that may hold recordings, and its folders."""

import re
from collections.abc import Sequence
from pathlib import Path

from smilejax._util.errors import ReadError
from smilejax.readers.given import SUFFIXES

_COMPANION = re.compile(
    r"(readme|licen[cs]e|change(s|log))(\..*)?"  # what people put beside data
    r"|.*_fixations\.csv|data_summary_export.*\.csv"  # Gazepoint: a row per fixation, and summaries of regions
    r"|enrichment_info\.txt|sections\.csv"  # Pupil Cloud
    r"|.*_of_details\.txt",  # OpenFace
    re.IGNORECASE,
)


def files_of(folder: Path) -> list[Path]:
    """Files of a folder by name, without hidden ones and the locks (`~$`) of Excel.

    Raises:
        ReadError: the folder cannot be opened.
    """
    return [entry for entry in _entries(folder) if entry.is_file() and not entry.name.startswith("~$")]


def folders_of(folder: Path) -> list[Path]:
    """Folders in a folder by name, without hidden ones.

    Raises:
        ReadError: the folder cannot be opened.
    """
    return [entry for entry in _entries(folder) if entry.is_dir()]


def may_hold_recordings(files: Sequence[Path]) -> list[Path]:
    """Those of some files that may hold recordings, by their names: not a README, nor a tracker's table of fixations."""
    return [file for file in files if file.suffix.lower() in SUFFIXES and not _COMPANION.fullmatch(file.name)]


def _entries(folder: Path) -> list[Path]:
    try:
        found = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise ReadError(f"{folder}: the folder cannot be opened ({error.strerror}).") from error
    return sorted(found, key=lambda entry: entry.name)
