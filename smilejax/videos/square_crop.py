"""An upright square cut out of a picture, and its size."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from smilejax.videos.pictures import Pixels


def scaled(pixels: Pixels, side: int) -> Pixels:
    """A square picture with so many pixels on a side, by means over areas; at most as many as it has."""
    picture = Image.fromarray(pixels)
    return np.asarray(picture if picture.size == (side, side) else picture.resize((side, side), Image.Resampling.BOX))


def square_crop(pixels: Pixels, middle: npt.NDArray[np.floating], along: npt.NDArray[np.floating], side: int) -> Pixels:
    """A square of a picture, bilinearly sampled; what lies outside of the picture is black.

    Arguments:
        middle: of the square, x and y in pixels.
        along: its upper edge as a vector in pixels, from left to right: how long it is and how it is turned.
        side: height and width of the result in pixels.
    """
    across = np.array([-along[1], along[0]])
    corner = middle - (along + across) / 2
    rows = np.stack([along / side, across / side, corner], axis=1)
    turned = Image.fromarray(pixels).transform(
        (side, side), Image.Transform.AFFINE, tuple(rows.ravel().tolist()), Image.Resampling.BILINEAR
    )
    return np.asarray(turned)


def write_png(pixels: Pixels, path: Path) -> None:
    """Write a picture without loss."""
    Image.fromarray(pixels).save(path, format="PNG")
