"""An upright square cut out of a picture, as a file."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from smilejax.videos.pictures import Pixels


def square_crop(
    pixels: Pixels, middle: npt.NDArray[np.floating], along: npt.NDArray[np.floating], side: int
) -> Image.Image:
    """A square of a picture, bilinearly sampled; what lies outside of the picture is black.

    Arguments:
        middle: of the square, x and y in pixels.
        along: its upper edge as a vector in pixels, from left to right: how long it is and how it is turned.
        side: height and width of the result in pixels.
    """
    across = np.array([-along[1], along[0]])
    corner = middle - (along + across) / 2
    rows = np.stack([along / side, across / side, corner], axis=1)
    return Image.fromarray(pixels).transform(
        (side, side), Image.Transform.AFFINE, tuple(rows.ravel().tolist()), Image.Resampling.BILINEAR
    )
