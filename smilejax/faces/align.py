"""Landmarks freed from where the head is and how it is turned, and the turn itself.

Each frame's landmarks are laid on a model of a face looking straight ahead, by the shift, rotation and scale that bring 18
landmarks nearest to their places in the model (least squares; Kabsch 1976, Umeyama 1991). The 18 hardly move with
expression: the
corners of the eyes, the bridge of the nose, the hairline and the temples. Whatever rotation and shift there is in
the landmarks,
the result is the same. How well the depths of the mesh follow a real head that turns is another question: they are what a
network makes of a flat picture.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax.faces.landmark_names import LEFT_EYE_OUTER, RIGHT_EYE_OUTER

_STABLE: Final = {
    33: (-4.4459, 2.6640, 3.1734),
    133: (-1.8564, 2.5852, 3.7579),
    362: (1.8564, 2.5852, 3.7579),
    263: (4.4459, 2.6640, 3.1734),
    168: (0.0000, 3.2710, 5.2360),
    6: (0.0000, 2.4733, 5.7886),
    197: (0.0000, 1.7284, 6.3168),
    10: (0.0000, 8.2618, 4.4815),
    109: (-1.8914, 8.2364, 4.2750),
    338: (1.8914, 8.2364, 4.2750),
    67: (-3.5240, 8.0060, 3.7292),
    297: (3.5240, 8.0060, 3.7292),
    103: (-5.1332, 7.4856, 2.6604),
    332: (5.1332, 7.4856, 2.6604),
    54: (-6.2793, 6.6154, 1.4259),
    284: (6.2793, 6.6154, 1.4259),
    127: (-7.7431, 2.3650, -2.0052),
    356: (7.7431, 2.3650, -2.0052),
}
"""Landmarks that hardly move with expression, and their places in the model: x to the subject's left, y up, z
forward, in cm. From
MediaPipe's canonical face model (the geometry metadata in `face_landmarker.task`, Apache License 2.0)."""
_NUMBERS: Final = np.array(list(_STABLE))
_MODEL: Final = np.array(list(_STABLE.values())) - np.mean(list(_STABLE.values()), axis=0)
_TO_FACE_AXES: Final = np.array([1.0, -1.0, -1.0])
"""Pictures count y downwards, and depth away from the camera."""


class Aligned(NamedTuple):
    """Faces of F frames looking straight ahead."""

    points: npt.NDArray[np.float64]
    """`f64[F, 478, 3]` in eye distances (outer corner to outer corner in the same frame): x to the subject's left, y
    up, z forward, from the
    middle of the stable landmarks."""
    rotation: npt.NDArray[np.float64]
    """`f64[F, 3, 3]`, from these axes to those of the camera (x to the picture's right, y up, z towards the camera)."""
    eye_distance: npt.NDArray[np.float64]
    """`f64[F]` in pixels."""


def align(landmarks: npt.NDArray[np.float32]) -> Aligned:
    """Lay each frame's face on the model; NaN where there is none.

    Arguments:
        landmarks: `f32[F, 478, 3]` as `track_frames` gives them.
    """
    points = landmarks.astype(np.float64) * _TO_FACE_AXES
    there = np.isfinite(points).all(axis=(1, 2))
    points = np.where(there[:, None, None], points, 0.0)
    stable = points[:, _NUMBERS]
    middle = stable.mean(axis=1, keepdims=True)
    rotation = _rotation(stable - middle)
    turned = (points - middle) @ rotation
    distance = np.linalg.norm(points[:, LEFT_EYE_OUTER] - points[:, RIGHT_EYE_OUTER], axis=-1)
    distance = np.where(there, distance, np.nan)
    return Aligned(turned / distance[:, None, None], np.where(there[:, None, None], rotation, np.nan), distance)


def _rotation(stable: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rotations `[F, 3, 3]` that bring the model nearest to the landmarks `[F, K, 3]`; never a mirror image."""
    left, _, right = np.linalg.svd(stable.transpose(0, 2, 1) @ _MODEL)
    proper = np.sign(np.linalg.det(left @ right))
    left = left * np.stack([np.ones_like(proper), np.ones_like(proper), proper], -1)[:, None, :]
    return left @ right
