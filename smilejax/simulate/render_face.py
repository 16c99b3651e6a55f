"""Frames of a smiling face, drawn from its neutral picture.

A frame is the picture seen through four steps, each exact where the truth is known:

1. the head is shifted, turned in the plane of the picture and scaled;
2. the skin around each lip corner is drawn outwards and upwards, so that the corner moves as far as its course says, and that
   of the cheeks upwards by `CHEEK_SHARE` of it; the eyes stay where they are;
3. the upper lids come down over the eyes by the proportion that their course says, and their skin is stretched;
4. noise is added, and in lost frames a grey disc hides the face.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from smilejax.simulate.face_courses import CORNER_OUT, CORNER_UP
from smilejax.simulate.face_pictures import SIDE, FacePicture
from smilejax.simulate.simulated_faces import CHEEK_SHARE

Plane = npt.NDArray[np.float32]
_CORNER_SD, _CHEEK_SD = 0.22, 0.2
"""How far the skin is drawn along, as the standard deviation of a Gaussian, in eye distances. Our choice."""
_LID_SKIN: Final = 0.09
"""Height of the skin above an eye that is stretched when it closes, in eye distances."""
_BELOW_EYES: Final = 0.2
"""The smile's pull begins at the lower lids, and has its full strength so many eye distances below them."""
_NOISE_SD: Final = 3.0
"""Of each pixel, from 0 to 255: that of a webcam in a room. Our choice."""
_DISC: Final = 1.3
"""Radius of what hides a face in lost frames, in eye distances."""
_GREY: Final = 90.0


def rendered_frames(
    face: FacePicture,
    corner: npt.NDArray[np.float32],
    eyelid: npt.NDArray[np.float32],
    head: npt.NDArray[np.float32],
    lost: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Iterator[npt.NDArray[np.uint8]]:
    """The frames `u8[S, S, 3]` of a video of T frames.

    Arguments:
        face: the neutral face.
        corner, eyelid: `f32[T, 2]`. head: `f32[T, 4]`. lost: `bool[T]`. As `SmileCourses` has them for each video.
        rng: for the noise.
    """
    for frame in range(len(lost)):
        x, y = _head_undone(face, head[frame])
        hidden = (x - face.middle[0]) ** 2 + (y - face.middle[1]) ** 2 < (_DISC * face.eye_distance) ** 2
        right, down = _pull(face, corner[frame], x, y)
        x, y = (x - right).astype(np.float32), (y - down).astype(np.float32)
        for eye in (0, 1):
            y = _lid_undone(face, eye, float(eyelid[frame, eye]), x, y)
        pixels = _sampled(face.pixels, x, y)
        if lost[frame]:
            pixels[hidden] = _GREY
        pixels += _NOISE_SD * rng.standard_normal(pixels.shape, np.float32)
        yield np.clip(np.round(pixels), 0, 255).astype(np.uint8)


def _head_undone(face: FacePicture, head: npt.NDArray[np.float32]) -> tuple[Plane, Plane]:
    """Where in the neutral picture each pixel's centre is, were it not for the smile."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) + 0.5
    cos, sin = np.cos(head[2]), np.sin(head[2])
    x = x - face.middle[0] - head[0] * face.eye_distance
    y = y - face.middle[1] - head[1] * face.eye_distance
    return (
        ((cos * x + sin * y) / head[3] + face.middle[0]).astype(np.float32),
        ((cos * y - sin * x) / head[3] + face.middle[1]).astype(np.float32),
    )


def _pull(face: FacePicture, corner: npt.NDArray[np.float32], x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """By how many pixels what is seen at a place has moved to the right and down."""
    unit = face.eye_distance
    outwards = np.sign(face.lip_corners[:, 0] - face.lip_corners[::-1, 0])
    way = np.stack([outwards * CORNER_OUT, np.full(2, -CORNER_UP)], 1) * corner[:, None] * unit
    target = face.lip_corners + way
    lifts = np.stack([np.zeros(2), -CHEEK_SHARE * corner * unit], 1)

    def bells(x: Plane, y: Plane, places: npt.NDArray[np.float64], sd: float) -> Plane:
        """`f32[..., 2]`: how much of the pull at each of two places reaches others."""
        away = (x[..., None] - places[:, 0]) ** 2 + (y[..., None] - places[:, 1]) ** 2
        return np.exp(-away.astype(np.float32) / np.float32(2 * (sd * unit) ** 2))

    # Both corners' pulls together, and those of the cheeks, bring each corner where it is to be.
    at_x, at_y = target.T.astype(np.float32)
    wanted = way - bells(at_x, at_y, face.cheeks, _CHEEK_SD) @ lifts
    pulls = np.linalg.solve(bells(at_x, at_y, target, _CORNER_SD), wanted)
    moved = bells(x, y, target, _CORNER_SD) @ pulls + bells(x, y, face.cheeks, _CHEEK_SD) @ lifts
    u = np.clip((y - face.lids[:, 1, :, 1].max()) / (_BELOW_EYES * unit), 0, 1)
    moved *= (u * u * (3 - 2 * u))[..., None]
    return moved[..., 0].astype(np.float32), moved[..., 1].astype(np.float32)


def _lid_undone(face: FacePicture, eye: int, closed: float, x: Plane, y: Plane) -> Plane:
    """Rows of the neutral picture that are seen at places: above the lid's edge its stretched skin, below it the eye."""
    if closed <= 0:
        return y
    upper, lower = (lid[np.argsort(lid[:, 0])] for lid in face.lids[eye])
    skin = _LID_SKIN * face.eye_distance
    near = (x > upper[0, 0]) & (x < upper[-1, 0]) & (y > upper[:, 1].min() - skin) & (y < lower[:, 1].max())
    column, row = x[near], y[near]
    edge, end = (np.interp(column, lid[:, 0], lid[:, 1]) for lid in (upper, lower))
    now, top = edge + min(closed, 1.0) * np.maximum(end - edge, 0), edge - skin
    moved = y.copy()
    moved[near] = np.where((row > top) & (row < now), top + (row - top) * skin / (now - top), row)
    return moved


def _sampled(pixels: npt.NDArray[np.float32], x: Plane, y: Plane) -> npt.NDArray[np.float32]:
    """Colours at places, by bilinear interpolation; outside of the picture those of its edge."""
    side = pixels.shape[0]
    x, y = np.clip(x - 0.5, 0, side - 1.001), np.clip(y - 0.5, 0, side - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    right, below = (x - column)[..., None], (y - row)[..., None]
    flat, at = pixels.reshape(-1, 3), row * side + column
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + side] * (1 - right) + flat[at + side + 1] * right
    return np.asarray(upper * (1 - below) + lower * below, np.float32)
