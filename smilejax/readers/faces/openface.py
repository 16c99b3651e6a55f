"""OpenFace 2: the CSV of FeatureExtraction (videos) and FaceLandmarkImg (photos)."""

import re
from dataclasses import replace

import numpy as np

from smilejax._util.errors import ReadError
from smilejax._util.number_text import several
from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "openface"
WORDS = "OpenFace 2: the CSV of a video or photo, with intensities of action units"
SOFTWARE = "OpenFace 2.0 to 2.2 (FeatureExtraction, FaceLandmarkImg)"
LIMITS = "intensities (AU06_r, 0 to 5), not presences (AU06_c); the face of most frames; OpenFace 3 is refused"
USES = tracker_table.USES

_INTENSITY = re.compile(r"au(\d\d)_r")
_OPENFACE_3 = ("au03_r", "au08_r")
"""Headings that OpenFace 2 never writes: it has no such action units. OpenFace 3 numbers its own one after the other."""
SCALE = (0.0, 5.0)


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings are confidence and intensities of action units."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(
        given, lambda heads: "confidence" in heads and any(_INTENSITY.fullmatch(head) for head in heads)
    )


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a table.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint; of OpenFace 3 in any case.
    """
    table = tracker_table.loaded(given, _above(given), settings)
    at = tracker_table.heads_of(table)
    if any(head in at for head in _OPENFACE_3):
        raise ReadError(
            f"{table.name}: this seems to be a table of OpenFace 3, whose headings of action units are not their numbers: by "
            "a public note AU02_r holds action unit 6 and AU03_r action unit 12. It is not read by these names.",
            hint="Rename the columns to what they measure (AU06, AU12), and add columns video, smiler, label and time_ms: "
            "it is then read as a table of the layout faces.",
        )
    table, findings = _one_face(table, settings)
    measured = [
        Measured(column, f"AU{found.group(1)}", *SCALE)
        for head, column in sorted(at.items(), key=lambda item: item[1])
        if (found := _INTENSITY.fullmatch(head))
    ]
    confidence = tracker_table.numbers(table, at["confidence"], settings, low=0.0, high=1.0)
    success = np.ones(len(confidence), bool)
    if "success" in at:
        success = tracker_table.numbers(table, at["success"], settings, low=0.0, high=1.0) == 1
    return tracker_table.face_rows(
        table,
        measured,
        settings,
        names=tracker_table.row_names(table, given, settings, tracker_table.OWN_COLUMNS),
        time=tracker_table.time_ms(table, {"timestamp": "s"}, settings, "frame"),
        confidence=confidence,
        found=success,
        findings=findings,
    )


def _one_face(table: RawTable, settings: ReadSettings) -> tuple[RawTable, list[Finding]]:
    """The rows of the face that was found in most frames; of equal ones the first."""
    at = tracker_table.heads_of(table)
    head = next((one for one in ("face_id", "face") if one in at), None)
    if head is None:
        return table, []
    ids = tracker_table.numbers(table, at[head], settings)
    seen = np.ones(len(ids), bool)
    if "success" in at:
        seen = tracker_table.numbers(table, at["success"], settings) == 1
    faces, counts = np.unique(ids[seen] if seen.any() else ids, return_counts=True)
    if len(faces) <= 1 and len(np.unique(ids)) <= 1:
        return table, []
    chosen = faces[int(np.argmax(counts))]
    kept = replace(table.rows(ids == chosen))
    others = several(len(np.unique(ids)) - 1, "other face")
    said = f"face {chosen:g}, found in most frames; {others} of the video left out"
    return kept, [Finding("face", said, "warning")]
