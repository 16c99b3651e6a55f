"""A rotated square cut out of a frame and brought to a network's size.

A frame is handed over as a list of pixels with its height and width as numbers, at the end of a buffer of one of a few lengths.
So a compiled program depends on the buffer's length alone, and frames of 640 x 480, 480 x 640 and 512 x 600 share one.
"""

from typing import Final, NamedTuple

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, UInt8

_LEAST_PIXELS: Final = 2**19
"""Length of the shortest buffer: frames of up to 960 x 546 pixels. Each longer one is twice as long."""


class Frame(NamedTuple):
    """A frame as the programs take it."""

    pixels: UInt8[Array, "P 3"]
    """Rows one after another, red, green and blue; then zeros."""
    size: Int[Array, "2"]
    """Height and width."""


class Square(NamedTuple):
    """A square in a frame."""

    centre: Float[Array, "2"]
    """x and y in pixels; 0 is the left or upper edge of the first pixel."""
    side: Float[Array, ""]
    """In pixels."""
    angle: Float[Array, ""]
    """Of its upper side against the frame's, in radians, clockwise."""


def buffer_length(height: int, width: int) -> int:
    """Pixels of the buffer for frames of this size."""
    length = _LEAST_PIXELS
    while length < height * width:
        length *= 2
    return length


def in_buffer(frame: npt.NDArray[np.uint8]) -> Frame:
    """A frame `u8[H, W, 3]` in a buffer."""
    height, width = frame.shape[:2]
    pixels = np.zeros((buffer_length(height, width), 3), np.uint8)
    pixels[: height * width] = frame.reshape(-1, 3)
    return Frame(jnp.asarray(pixels), jnp.asarray((height, width), jnp.int32))


def cut_square(frame: Frame, square: Square, size: int, *, black_outside: bool) -> Float[Array, "size size 3"]:
    """A square of a frame as an image of `size` x `size`, by bilinear interpolation, colours from 0 to 1.

    Arguments:
        frame: the frame.
        square: what to cut out.
        size: height and width of the image.
        black_outside: what lies outside of the frame is black; otherwise it is as the nearest pixel of the frame.
    """
    x, y = (places - 0.5 for places in to_frame(_pixel_centres(size), square))
    left, above = jnp.floor(x), jnp.floor(y)
    right_share, below_share = (x - left)[:, None], (y - above)[:, None]
    column, row = left.astype(jnp.int32), above.astype(jnp.int32)
    corners = [_pixel(frame, column + i, row + j, black_outside=black_outside) for j in (0, 1) for i in (0, 1)]
    upper = corners[0] + (corners[1] - corners[0]) * right_share
    lower = corners[2] + (corners[3] - corners[2]) * right_share
    return ((upper + (lower - upper) * below_share) / 255).reshape(size, size, 3)


def to_frame(
    places: tuple[Float[Array, "N"], Float[Array, "N"]], square: Square
) -> tuple[Float[Array, "N"], Float[Array, "N"]]:
    """x and y in pixels of the frame, from places in the square: from -0.5 (left, above) to 0.5."""
    u, v = (one * square.side for one in places)
    cos, sin = jnp.cos(square.angle), jnp.sin(square.angle)
    return square.centre[0] + u * cos - v * sin, square.centre[1] + u * sin + v * cos


def _pixel_centres(size: int) -> tuple[Float[Array, "N"], Float[Array, "N"]]:
    along = (jnp.arange(size, dtype=jnp.float32) + 0.5) / size - 0.5
    return jnp.tile(along, size), jnp.repeat(along, size)


def _pixel(frame: Frame, column: Int[Array, "N"], row: Int[Array, "N"], *, black_outside: bool) -> Float[Array, "N 3"]:
    height, width = frame.size[0], frame.size[1]
    inside_column, inside_row = jnp.clip(column, 0, width - 1), jnp.clip(row, 0, height - 1)
    colours = frame.pixels[inside_row * width + inside_column].astype(jnp.float32)
    if black_outside:
        inside: Bool[Array, "N"] = (inside_column == column) & (inside_row == row)
        colours = jnp.where(inside[:, None], colours, 0.0)
    return colours
