"""The landmarks of one face, and the square in which it is looked for next."""

from typing import Final

import jax.numpy as jnp
from jax import nn
from jaxtyping import Array, Float

from smilejax.faces.landmark_names import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from smilejax.faces.nets import mesh
from smilejax.faces.nets.layers import Weights
from smilejax.faces.square import Frame, Square, cut_square, to_frame

_WIDER: Final = 1.5
"""The square around a face is the box of its landmarks so many times (MediaPipe, face_landmarks_detector_graph.cc)."""


def find_mesh(weights: Weights, frame: Frame, square: Square) -> tuple[Float[Array, "478 3"], Float[Array, ""]]:
    """Landmarks of the face in a square of a frame: x, y and depth in pixels of the frame; and the proportion of certainty."""
    image = cut_square(frame, square, mesh.SIZE, black_outside=False)
    found, presence = mesh.find_landmarks(weights, image)
    u, v, depth = (found[:, axis] / mesh.SIZE for axis in range(3))
    x, y = to_frame((u - 0.5, v - 0.5), square)
    return jnp.stack([x, y, depth * square.side], -1), nn.sigmoid(presence)


def square_around(landmarks: Float[Array, "478 3"]) -> Square:
    """The square around a face, upright along the line through the outer corners of its eyes."""
    points = landmarks[:, :2]
    line = points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]
    angle = jnp.arctan2(line[1], line[0])
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    along, across = points[:, 0] * cos + points[:, 1] * sin, points[:, 1] * cos - points[:, 0] * sin
    middle = [(one.min() + one.max()) / 2 for one in (along, across)]
    side = jnp.maximum(along.max() - along.min(), across.max() - across.min()) * _WIDER
    return Square(
        jnp.stack([middle[0] * cos - middle[1] * sin, middle[0] * sin + middle[1] * cos]),
        side,
        angle,
    )
