"""Upright crops of a face, of one size: for those who want pictures. They show who it is: biometric data."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from smilejax._util.files import write_atomically
from smilejax.faces.landmark_names import LEFT_EYE_OUTER, LEFT_LIP_CORNER, RIGHT_EYE_OUTER, RIGHT_LIP_CORNER
from smilejax.videos.pictures import Pixels
from smilejax.videos.square_crop import square_crop

CROP_SIDE: Final = 112
"""Height and width of a crop in pixels: usual for networks of faces."""
CROP_EYE_DISTANCES: Final = 2.2
"""Its side in distances of the outer corners of the eyes: chin and forehead are in it. Our choice."""


def write_crop(frame: Pixels, points: npt.NDArray[np.float32], path: Path) -> None:
    """Write the face of a frame as a picture: the eyes level, the middle between eyes and mouth in the middle.

    Arguments:
        points: `f32[478, 2]`, its landmarks in pixels.
        path: of the PNG to write.
    """
    eyes = points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER]].astype(np.float64)
    mouth = points[[RIGHT_LIP_CORNER, LEFT_LIP_CORNER]].astype(np.float64)
    middle = (eyes.mean(0) + mouth.mean(0)) / 2
    made = square_crop(frame, middle, CROP_EYE_DISTANCES * (eyes[1] - eyes[0]), CROP_SIDE)
    write_atomically(path, lambda temporary: made.save(temporary, format="PNG"))
