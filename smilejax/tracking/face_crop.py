"""Upright crops of a face, of one size: for those who want pictures. They show who it is: biometric data."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from smilejax._util.files import write_atomically
from smilejax.faces.landmark_names import LEFT_EYE_OUTER, LEFT_LIP_CORNER, RIGHT_EYE_OUTER, RIGHT_LIP_CORNER
from smilejax.videos.pictures import Pixels
from smilejax.videos.square_crop import square_crop, write_png

CROP_SIDE: Final = 112
"""Height and width of a crop in pixels: usual for networks of faces."""
CROP_EYE_DISTANCES: Final = 2.2
"""Its side in distances of the outer corners of the eyes: chin and forehead are in it. Our choice."""


def crop_name(video: str, frame: int) -> str:
    """How the crop of a frame is called in the folder of crops and in the table of faces; frames count from 0."""
    return f"{video}/frame_{frame + 1:06d}.png"


def face_crop(frame: Pixels, points: npt.NDArray[np.float32]) -> Pixels:
    """The face of a frame as a picture: the eyes level, the middle between eyes and mouth in the middle.

    Arguments:
        points: `f32[478, 2]`, its landmarks in pixels.
    """
    eyes = points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER]].astype(np.float64)
    mouth = points[[RIGHT_LIP_CORNER, LEFT_LIP_CORNER]].astype(np.float64)
    middle = (eyes.mean(0) + mouth.mean(0)) / 2
    return square_crop(frame, middle, CROP_EYE_DISTANCES * (eyes[1] - eyes[0]), CROP_SIDE)


def write_crop(crop: Pixels, path: Path) -> None:
    """Write a crop as PNG, which keeps its pixels."""
    write_atomically(path, lambda temporary: write_png(crop, temporary))
