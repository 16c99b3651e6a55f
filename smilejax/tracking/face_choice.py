"""Which of several faces is tracked."""

from typing import Literal

from smilejax._util.errors import SettingsError

FaceChoice = Literal["largest", "left", "right"] | int
"""The largest, the leftmost or rightmost in the picture, or one by its number from the left, 1 for the leftmost."""


def check_face(face: FaceChoice) -> None:
    """Check which face is asked for. Raises `SettingsError`."""
    whole = isinstance(face, int) and not isinstance(face, bool) and face >= 1
    if face not in ("largest", "left", "right") and not whole:
        rule = "largest, left, right, or a number from the left, from 1 up"
        raise SettingsError(setting="face", rule=rule, value=face)
