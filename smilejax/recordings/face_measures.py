"""Measures of a face that are known by name, with their words and units. Faces may have others as well."""

from dataclasses import dataclass

from smilejax.faces.measure_words import TRACKED_MEASURES

INTENSITY = "intensity"
"""Of an action unit, in the scale of the program that measured it (OpenFace: 0 to 5)."""
MILLIMETRES = "mm"
UNKNOWN_UNIT = "its own unit"


@dataclass(frozen=True)
class FaceMeasure:
    """One measure of a face.

    Arguments:
        name: as columns and options have it.
        words: as a report says it.
        unit: in which it is measured.
    """

    name: str
    words: str
    unit: str


def _both_sides(name: str, words: str, unit: str) -> tuple[FaceMeasure, ...]:
    return tuple(FaceMeasure(f"{name}_{side}", words.format(side=side), unit) for side in ("left", "right"))


_ACTION_UNITS = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    11: "nasolabial deepener",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    28: "lip suck",
    43: "eyes closed",
    45: "blink",
}
"""Names of action units, after Ekman & Friesen's Facial Action Coding System."""

_TABLE = (
    *(FaceMeasure(name, said.words, said.unit) for name, said in TRACKED_MEASURES.items()),
    *_both_sides("pupil", "diameter of the {side} pupil", MILLIMETRES),
    *(FaceMeasure(f"AU{n:02d}", f"action unit {n}, {words}", INTENSITY) for n, words in _ACTION_UNITS.items()),
)
FACE_MEASURES: dict[str, FaceMeasure] = {one.name: one for one in _TABLE}
"""Every measure known by name. Left and right are those of the smiler."""

PUPIL_MEASURES = ("pupil_left", "pupil_right")
"""Measures that stand beside those of a face, where one file has both. A table is no table of faces for having them."""

SMILE_MEASURES: tuple[tuple[str, ...], ...] = (
    ("lip_corner_left", "lip_corner_right"),
    ("mouth_smile_left", "mouth_smile_right"),
    ("AU12",),
    ("mouth_width",),
)
"""Measures that rise as a smile begins, the first to be preferred: where a recording has all of one row, their mean is the
course of the smile."""


def face_measure(name: str) -> FaceMeasure:
    """The measure with this name; one that is not known by name has no more words than that.

    Example:
        >>> face_measure("AU12").words, face_measure("nostrils").words
        ('action unit 12, lip corner puller', 'nostrils')
    """
    return FACE_MEASURES.get(name, FaceMeasure(name, name, UNKNOWN_UNIT))


def smile_measures(channels: tuple[str, ...]) -> tuple[str, ...]:
    """The channels whose mean is the course of the smile; none where there is no such measure.

    Example:
        >>> smile_measures(("AU06", "AU12")), smile_measures(("brow_left",))
        (('AU12',), ())
    """
    return next((names for names in SMILE_MEASURES if set(names) <= set(channels)), ())
