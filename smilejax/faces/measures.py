"""Measures of a face that do not depend on where the head is, how far from the camera, or how it is turned.

Lengths are in eye distances: between the outer corners of the eyes, in the same frame. Left and right are the subject's own.
A measure is one number for each frame, and knows nothing of a neutral face: a person's resting mouth is not zero. Subtract the
neutral face's value to get a movement. Which landmarks a measure is made of is ours, where no source is named.

How far these may be trusted was tried on photographs and on warped photographs, not on smiles (docs/faces.md). The eyelids of
the mesh close about half as far as those of the picture, and the blendshapes contain no cheek raiser (action unit 6):
`cheekSquintLeft` and `cheekSquintRight` were exactly 0 in 544 frames of real videos, so that they are not among the measures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax.faces.align import Aligned, align
from smilejax.faces.landmark_names import (
    BLENDSHAPES,
    LEFT_LIP_CORNER,
    LOWER_LIP_INNER,
    RIGHT_LIP_CORNER,
    UPPER_LIP_INNER,
)
from smilejax.faces.measure_words import TRACKED_MEASURES

Values = npt.NDArray[np.float64]
DEGREES: Final = "degrees"

_X, _Y, _Z = range(3)
_SIDE: Final = {"left": 1.0, "right": -1.0}
"""Which way along x is outwards."""
_LIP_CORNER: Final = {"left": LEFT_LIP_CORNER, "right": RIGHT_LIP_CORNER}
_EYELIDS: Final = {
    "left": ((386, 374), (385, 380), (387, 373)),
    "right": ((159, 145), (158, 153), (160, 144)),
}
"""Upper and lower lid at the middle of the eye and at both sides of it."""
_EYE_CORNERS: Final = {"left": (362, 263), "right": (133, 33)}
_CHEEK: Final = {"left": (280, 346, 425), "right": (50, 117, 205)}
"""Below the eye, on the cheekbone, and beside the nose's wing."""
_BROW: Final = {"left": (300, 293, 334, 296, 336), "right": (70, 63, 105, 66, 107)}
_OUT_AND_UP: Final = np.sqrt(0.5)
"""Cosine and sine of 45 degrees."""


class Face(NamedTuple):
    """What measures are computed from, for F frames."""

    aligned: Aligned
    blendshapes: Values


@dataclass(frozen=True)
class Measure:
    """One measure: all that there is to say of it, and how it is computed."""

    name: str
    """Snake case, with the side at its end."""
    words: str
    """As a report says it."""
    unit: str
    source: str
    """Who defined it so; "ours" where nobody whom we read."""
    of: Callable[[Face], Values]
    """From F faces to `f64[F]`."""


def measures(landmarks: npt.NDArray[np.float32], blendshapes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """All measures of each frame.

    Arguments:
        landmarks: `f32[F, 478, 3]` as `track_frames` gives them; NaN where no face was found.
        blendshapes: `f32[F, 52]` of the same frames.

    Returns:
        `f32[F, C]` in the order of `MEASURES`; NaN where no face was found.

    Example:
        >>> measures(np.full((1, 478, 3), np.nan, np.float32), np.full((1, 52), np.nan, np.float32)).shape
        (1, 20)
    """
    return _table(MEASURES, landmarks, blendshapes)


def head_pose(landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How the head is turned and how large the face is: negative controls, since neither is part of a smile.

    Arguments:
        landmarks: `f32[F, 478, 3]` as `track_frames` gives them.

    Returns:
        `f32[F, 4]` in the order of `HEAD_POSE`; NaN where no face was found.
    """
    return _table(HEAD_POSE, landmarks, np.full((len(landmarks), len(BLENDSHAPES)), np.nan, np.float32))


def _table(
    table: tuple[Measure, ...], landmarks: npt.NDArray[np.float32], blendshapes: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    face = Face(align(landmarks), blendshapes.astype(np.float64))
    return np.stack([measure.of(face) for measure in table], axis=-1).astype(np.float32)


def _mean_place(face: Face, numbers: tuple[int, ...], axis: int) -> Values:
    return face.aligned.points[:, list(numbers), axis].mean(-1)


def _distance(face: Face, one: int, other: int) -> Values:
    return np.linalg.norm(face.aligned.points[:, one] - face.aligned.points[:, other], axis=-1)


def _lip_corner_out(side: str) -> Callable[[Face], Values]:
    return lambda face: _SIDE[side] * face.aligned.points[:, _LIP_CORNER[side], _X]


def _lip_corner_up(side: str) -> Callable[[Face], Values]:
    return lambda face: face.aligned.points[:, _LIP_CORNER[side], _Y]


def _lip_corner(side: str) -> Callable[[Face], Values]:
    return lambda face: _OUT_AND_UP * (_lip_corner_out(side)(face) + _lip_corner_up(side)(face))


def _eyelids(side: str) -> Callable[[Face], Values]:
    return lambda face: np.mean([_distance(face, *pair) for pair in _EYELIDS[side]], axis=0)


def _cheek(side: str) -> Callable[[Face], Values]:
    return lambda face: _mean_place(face, _CHEEK[side], _Y)


def _brow(side: str) -> Callable[[Face], Values]:
    return lambda face: _mean_place(face, _BROW[side], _Y) - _mean_place(face, _EYE_CORNERS[side], _Y)


def _blendshape(name: str) -> Callable[[Face], Values]:
    return lambda face: face.blendshapes[:, BLENDSHAPES.index(name)]


def _tracked(name: str, of: Callable[[Face], Values], source: str = "ours") -> Measure:
    said = TRACKED_MEASURES[name]
    return Measure(name, said.words, said.unit, source, of)


def _on_both_sides(name: str, of: Callable[[str], Callable[[Face], Values]]) -> tuple[Measure, ...]:
    return tuple(_tracked(f"{name}_{side}", of(side)) for side in ("left", "right"))


def _blendshapes(name: str, network_name: str) -> tuple[Measure, ...]:
    source = "MediaPipe Blendshape V2, after Apple's ARKit"
    sides = ("left", "right")
    return tuple(_tracked(f"{name}_{side}", _blendshape(f"{network_name}{side.title()}"), source) for side in sides)


MEASURES: Final[tuple[Measure, ...]] = (
    *_on_both_sides("lip_corner", _lip_corner),
    *_on_both_sides("lip_corner_out", _lip_corner_out),
    *_on_both_sides("lip_corner_up", _lip_corner_up),
    _tracked("mouth_width", lambda face: _distance(face, LEFT_LIP_CORNER, RIGHT_LIP_CORNER)),
    _tracked("mouth_opening", lambda face: _distance(face, UPPER_LIP_INNER, LOWER_LIP_INNER)),
    *_on_both_sides("eyelids", _eyelids),
    *_on_both_sides("cheek", _cheek),
    *_on_both_sides("brow", _brow),
    *_blendshapes("mouth_smile", "mouthSmile"),
    *_blendshapes("eye_squint", "eyeSquint"),
    *_blendshapes("eye_blink", "eyeBlink"),
)
"""Every measure of a movement, in the order of the columns of `measures`."""


def _yaw(face: Face) -> Values:
    return np.degrees(np.arcsin(np.clip(-face.aligned.rotation[:, _Z, _X], -1, 1)))


def _pitch(face: Face) -> Values:
    return -np.degrees(np.arctan2(face.aligned.rotation[:, _Z, _Y], face.aligned.rotation[:, _Z, _Z]))


def _roll(face: Face) -> Values:
    return -np.degrees(np.arctan2(face.aligned.rotation[:, _Y, _X], face.aligned.rotation[:, _X, _X]))


_EULER: Final = "angles of the rotation, first about x (pitch), then y (yaw), then z (roll)"

HEAD_POSE: Final[tuple[Measure, ...]] = (
    Measure("head_yaw", "head's turn, to the subject's left positive", DEGREES, _EULER, _yaw),
    Measure("head_pitch", "head's nod, upwards positive", DEGREES, _EULER, _pitch),
    Measure("head_roll", "head's tilt, towards the subject's left shoulder positive", DEGREES, _EULER, _roll),
    Measure("eye_distance", "size of the face: eye distance", "pixels", "ours", lambda face: face.aligned.eye_distance),
)
"""What the head does, in the order of the columns of `head_pose`. Angles are relative to the model's, which looks
straight ahead."""
