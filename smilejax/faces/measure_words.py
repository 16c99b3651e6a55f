"""Words and units of what this tracker measures of a face: the one place where they stand. No JAX and no NumPy in here."""

from collections.abc import Mapping
from typing import Final, NamedTuple

EYE_DISTANCES: Final = "eye distances"
"""Unit of measures that do not depend on the size of the face in the picture: 1 is the distance of the eyes."""
PROPORTION: Final = "0 to 1"


class MeasureWords(NamedTuple):
    """How a report says a measure, and its unit."""

    words: str
    unit: str


def _both_sides(name: str, words: str, unit: str) -> dict[str, MeasureWords]:
    return {f"{name}_{side}": MeasureWords(words.format(side=side), unit) for side in ("left", "right")}


TRACKED_MEASURES: Final[Mapping[str, MeasureWords]] = {
    **_both_sides("lip_corner", "raising of the {side} lip corner", EYE_DISTANCES),
    **_both_sides("lip_corner_out", "outward movement of the {side} lip corner", EYE_DISTANCES),
    **_both_sides("lip_corner_up", "upward movement of the {side} lip corner", EYE_DISTANCES),
    "mouth_width": MeasureWords("width of the mouth", EYE_DISTANCES),
    "mouth_opening": MeasureWords("opening of the mouth", EYE_DISTANCES),
    **_both_sides("eyelids", "opening of the {side} eyelids", EYE_DISTANCES),
    **_both_sides("cheek", "raising of the {side} cheek", EYE_DISTANCES),
    **_both_sides("brow", "raising of the {side} brow", EYE_DISTANCES),
    **_both_sides("mouth_smile", "smile of the {side} half of the mouth", PROPORTION),
    **_both_sides("eye_squint", "squint of the {side} eye", PROPORTION),
    **_both_sides("eye_blink", "closing of the {side} eye", PROPORTION),
}
"""By their names, in the order of the columns of `smilejax.faces.measures.measures`. Left and right are the subject's own."""
