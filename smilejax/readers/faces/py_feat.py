"""py-feat: the CSV of a Detector's results (Fex)."""

import re

import numpy as np

from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.given import Given
from smilejax.readers.samples import Names
from smilejax.settings import ReadSettings

NAME = "py-feat"
WORDS = "py-feat: detections with action units"
SOFTWARE = "py-feat (Detector, saved as CSV)"
LIMITS = "one face per frame; frames need --rate-hz, since the table has no time; emotions and landmarks are not used"
USES = tracker_table.USES

_UNIT = re.compile(r"au(\d\d)")
SCALE = (0.0, 1.0)


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings are the rectangle of a face and action units."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(
        given, lambda heads: "facerectx" in heads and any(_UNIT.fullmatch(head) for head in heads)
    )


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a table.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint.
    """
    table = tracker_table.loaded(given, _above(given), settings)
    at = tracker_table.heads_of(table)
    measured = [
        Measured(column, f"AU{found.group(1)}", *SCALE)
        for head, column in sorted(at.items(), key=lambda item: item[1])
        if (found := _UNIT.fullmatch(head))
    ]
    names = tracker_table.row_names(table, given, settings, {**tracker_table.OWN_COLUMNS, "video": ("video", "input")})
    if not settings.trial and "video" not in at and "input" in at:  # a path of the machine on which it was tracked
        video = names["video"]
        stems = tuple(re.sub(r"\.\w+$", "", re.split(r"[/\\]", name)[-1]) for name in video.names)
        if len(set(stems)) == len(stems):  # else only their paths tell them apart
            names["video"] = Names.of(np.array(stems, dtype=object)[video.codes].tolist())
    confidence = (
        tracker_table.numbers(table, at["facescore"], settings, low=0.0, high=1.0) if "facescore" in at else None
    )
    return tracker_table.face_rows(
        table,
        measured,
        settings,
        names=names,
        time=tracker_table.time_ms(table, {}, settings, "frame"),
        confidence=None if confidence is None else np.nan_to_num(confidence, nan=0.0),
    )
