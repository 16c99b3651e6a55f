"""Blendshapes by Apple's names: tables of MediaPipe's Face Landmarker, ARKit and Live Link Face."""

import re

import numpy as np

from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import TimeUnit
from smilejax.settings import ReadSettings

NAME = "blendshapes"
WORDS = "a column for each blendshape of a face, by Apple's names (mouthSmileLeft)"
SOFTWARE = "scripts with MediaPipe's Face Landmarker; ARKit (Live Link Face)"
LIMITS = "one face per frame; Live Link's timecode is not read: give --rate-hz; MediaPipe's have no cheek raiser (AU6)"
USES = tracker_table.USES

GROUPS = ("brow", "cheek", "eye", "jaw", "mouth", "nose", "tongue")
_NAME = re.compile(rf"({'|'.join(GROUPS)})[A-Z][A-Za-z]*")
NEEDS = frozenset(("mouthsmileleft", "mouthsmileright"))
TIMES: dict[str, TimeUnit] = {"timestamp_ms": "ms", "time_ms": "ms", "time_s": "s", "timestamp_s": "s"}
SCALE = (0.0, 1.0)
SLACK = 1e-6
"""By so much values may lie outside 0 to 1: rounding of 32 bits."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings name the smile of both sides."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(given, lambda heads: heads >= NEEDS)


def measure_name(head: str) -> str | None:
    """The measure of a heading: `mouth_smile_left` of `mouthSmileLeft`, and of Live Link's `MouthSmileLeft`; None for others.

    Example:
        >>> measure_name("mouthSmileLeft"), measure_name("HeadYaw")
        ('mouth_smile_left', None)
    """
    lower = head[:1].lower() + head[1:]
    return re.sub(r"(?=[A-Z])", "_", lower).lower() if _NAME.fullmatch(lower) else None


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a table.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint.
    """
    table = tracker_table.loaded(given, _above(given), settings)
    at = tracker_table.heads_of(table)
    measured = [
        Measured(column, name, SCALE[0] - SLACK, SCALE[1] + SLACK)
        for column, head in enumerate(table.heads or ())
        if (name := measure_name(head)) and not _is_gaze(name)
    ]
    found = None
    if "blendshapecount" in at:
        found = tracker_table.numbers(table, at["blendshapecount"], settings) > 0
    return tracker_table.face_rows(
        table,
        measured,
        settings,
        names=tracker_table.row_names(table, given, settings, tracker_table.OWN_COLUMNS),
        time=tracker_table.time_ms(table, TIMES, settings, "frame"),
        confidence=_confidence(table, at, settings),
        found=found,
    )


def _is_gaze(name: str) -> bool:
    """Where the eyes look, and Live Link's rotations of eyes, which are angles."""
    return name.startswith("eye_look") or name.endswith(("_yaw", "_pitch", "_roll"))


def _confidence(table: RawTable, at: dict[str, int], settings: ReadSettings) -> np.ndarray | None:
    if "confidence" not in at:
        return None
    return tracker_table.numbers(table, at["confidence"], settings, low=0.0, high=1.0)
