"""Noldus FaceReader: the detailed log of a video, with action units."""

import re

import numpy as np

from smilejax._util.errors import ReadError
from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "facereader"
WORDS = "Noldus FaceReader: a detailed log with action units"
SOFTWARE = "Noldus FaceReader with the Action Unit module (text log)"
LIMITS = "action units only; letters A to E become 1 to 5, FIT_FAILED and FIND_FAILED are missing; no column names the smiler"
USES = tracker_table.USES

_UNIT = re.compile(r"action unit (\d\d) - (?!.*(left|right)$).*")
"""The whole action unit; that of one side alone is another column."""
LETTERS = {"NOTACTIVE": 0.0, "NOT ACTIVE": 0.0, "A": 1.0, "B": 2.0, "C": 3.0, "D": 4.0, "E": 5.0}
"""Intensities as letters, in their order (FACS: A trace to E maximum)."""
MISSING = {"FIT_FAILED": np.nan, "FIND_FAILED": np.nan, "UNKNOWN": np.nan}
SCALE, LETTER_SCALE = (0.0, 1.0), (0.0, 5.0)


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings are the time in the video and action units."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(
        given, lambda heads: "video time" in heads and any(_UNIT.fullmatch(head) for head in heads)
    )


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a log.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint.
    """
    table = tracker_table.loaded(given, _above(given), settings)
    at = tracker_table.heads_of(table)
    columns = [
        (column, f"AU{found.group(1)}")
        for head, column in sorted(at.items(), key=lambda item: item[1])
        if (found := _UNIT.fullmatch(head))
    ]
    written = {cell.upper() for column, _ in columns for cell in tracker_table.texts(table, column)}
    letters = bool(written & set(LETTERS))
    if letters and (odd := sorted(written - set(LETTERS) - set(MISSING) - {""})):
        raise ReadError(
            f"{table.name}: intensities are letters in some cells and numbers in others, such as {odd[0]}. Export one of them."
        )
    scale, words = (LETTER_SCALE, LETTERS | MISSING) if letters else (SCALE, MISSING)
    said = [Finding("intensities", "letters A to E, taken as 1 to 5, and 0 where not active", "recognised")]
    return tracker_table.face_rows(
        table,
        [Measured(column, name, *scale, words) for column, name in columns],
        settings,
        names=tracker_table.row_names(table, given, settings, {"stimulus": ("stimulus",)}),
        time=tracker_table.time_ms(table, {"video time": "s"}, settings),
        findings=said if letters else (),
    )
