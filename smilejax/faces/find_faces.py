"""Faces in a whole frame: the detector's candidates made into a few faces, and one of them chosen."""

from typing import Final, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jaxtyping import Array, Bool, Float, Int

from smilejax._util.errors import SettingsError
from smilejax.faces.nets import detector
from smilejax.faces.nets.layers import Weights
from smilejax.faces.square import Frame, Square, cut_square

WhichFace = Literal["largest"] | int | tuple[float, float]
"""Which face is tracked where several are seen, asked whenever a face is looked for: the largest one, one by its
number from the picture's left (0 is the leftmost), or the one nearest to a place (x and y in pixels)."""

MOST_FACES: Final = 8
"""More are not counted."""
LEAST_SCORE: Final = 0.5
"""Below this score a candidate is no face (MediaPipe's default for detection)."""
_SAME_FACE: Final = 0.3
"""Candidates whose boxes overlap by more than this (intersection over union) are one face (MediaPipe's default)."""
_WIDER: Final = 1.5
"""The square around a face is its box so many times (MediaPipe, face_detector_graph.cc)."""
_LOG_ODDS_LIMIT: Final = 100.0
"""Scores are kept within it before the logistic function (MediaPipe, face_detector_graph.cc)."""


class Detections(NamedTuple):
    """Up to `MOST_FACES` faces of a frame, the one with the highest score first."""

    squares: Square
    """Where each is, for the mesh; leaves have a leading axis."""
    there: Bool[Array, "M"]
    """Whether there is a face in this place of the list."""


class Choice(NamedTuple):
    """`WhichFace` as numbers, so that another choice needs no other program."""

    way: Int[Array, ""]
    """0 for the largest, 1 for a number from the left, 2 for a place."""
    number: Int[Array, ""]
    place: Float[Array, "2"]


def as_choice(which_face: WhichFace) -> Choice:
    """Which face, as numbers.

    Raises:
        SettingsError: where it is none of the three.
    """
    way, number, place = 0, 0, (0.0, 0.0)
    if isinstance(which_face, tuple) and len(which_face) == 2 and np.isfinite(which_face).all():
        way, place = 2, which_face
    elif isinstance(which_face, int) and not isinstance(which_face, bool) and which_face >= 0:
        way, number = 1, which_face
    elif which_face != "largest":
        raise SettingsError(
            setting="which_face",
            rule='"largest", a number from the left (0 is the leftmost), or a place (x, y) in pixels',
            value=which_face,
        )
    return Choice(jnp.int32(way), jnp.int32(number), jnp.asarray(place, jnp.float32))


def find_faces(weights: Weights, frame: Frame) -> Detections:
    """All faces that the detector sees, looking once at the whole frame.

    It was made for faces near the camera: those whose height is below about a fifth of the frame's longer side are missed.
    """
    height, width = frame.size[0].astype(jnp.float32), frame.size[1].astype(jnp.float32)
    whole = Square(jnp.stack([width, height]) / 2, jnp.maximum(height, width), jnp.float32(0))
    image = cut_square(frame, whole, detector.SIZE, black_outside=True)
    log_odds, boxes = detector.detect(weights, image * 2 - 1)
    scores = nn.sigmoid(jnp.clip(log_odds, -_LOG_ODDS_LIMIT, _LOG_ODDS_LIMIT))
    anchors = jnp.asarray(detector.anchors())
    boxes = boxes / detector.SIZE
    centre, extent = boxes[:, :2] + anchors, boxes[:, 2:4]
    right_eye, left_eye = boxes[:, 4:6] + anchors, boxes[:, 6:8] + anchors
    candidates = jnp.concatenate([centre - extent / 2, centre + extent / 2, right_eye, left_eye], axis=1)
    merged, there = _merge(jnp.where(scores >= LEAST_SCORE, scores, 0.0), candidates)
    corner = whole.centre - whole.side / 2
    return Detections(_squares(merged.reshape(-1, 4, 2) * whole.side + corner[None, None]), there)


def choose_face(faces: Detections, choice: Choice) -> tuple[Square, Bool[Array, ""]]:
    """The face that is asked for, and whether there is one."""
    centre, side = faces.squares.centre, faces.squares.side
    far = jnp.float32(jnp.inf)
    from_left = jnp.where(faces.there, centre[:, 0], far)
    order = jnp.argsort(from_left)
    distance = jnp.square(centre - choice.place[None]).sum(-1)
    best = lax.select_n(
        choice.way,
        jnp.argmax(jnp.where(faces.there, side, -far)),
        order[jnp.minimum(choice.number, MOST_FACES - 1)],
        jnp.argmin(jnp.where(faces.there, distance, far)),
    )
    there = faces.there[best] & ~((choice.way == 1) & (choice.number >= faces.there.sum()))
    return Square(centre[best], side[best], faces.squares.angle[best]), there


def _merge(
    scores: Float[Array, "896"], candidates: Float[Array, "896 8"]
) -> tuple[Float[Array, "M 8"], Bool[Array, "M"]]:
    """Candidates of one face averaged, weighted by their scores, beginning with the highest score."""

    def next_face(left: Float[Array, "896"], _: None) -> tuple[Float[Array, "896"], tuple[Float[Array, "8"], Array]]:
        best = jnp.argmax(left)
        same = (_overlap(candidates, candidates[best]) > _SAME_FACE) & (left > 0)
        weight = jnp.where(same, left, 0.0)
        face = (weight[:, None] * candidates).sum(0) / jnp.maximum(weight.sum(), 1e-9)
        return jnp.where(same, 0.0, left).at[best].set(0.0), (face, left[best] > 0)

    _, (faces, there) = lax.scan(next_face, scores, None, length=MOST_FACES)
    return faces, there


def _overlap(boxes: Float[Array, "896 8"], box: Float[Array, "8"]) -> Float[Array, "896"]:
    """Intersection over union of boxes (left, upper, right, lower edge first) with one of them."""
    lower = jnp.maximum(boxes[:, :2], box[None, :2])
    upper = jnp.minimum(boxes[:, 2:4], box[None, 2:4])
    common = jnp.maximum(upper - lower, 0).prod(-1)
    area = (boxes[:, 2:4] - boxes[:, :2]).prod(-1)
    return common / jnp.maximum(area + (box[2:4] - box[:2]).prod() - common, 1e-9)


def _squares(corners_and_eyes: Float[Array, "M 4 2"]) -> Square:
    """Squares around faces, upright along the line through the eyes, from box corners and eyes in pixels."""
    lower, upper, right_eye, left_eye = (corners_and_eyes[:, at] for at in range(4))
    line = left_eye - right_eye
    return Square((lower + upper) / 2, (upper - lower).max(-1) * _WIDER, jnp.arctan2(line[:, 1], line[:, 0]))
