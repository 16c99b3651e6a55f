"""Small videos made by PyAV, with what phones and cameras do to them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
SIZE = (96, 64)
"""Width and height."""


def quadrants(size: tuple[int, int] = SIZE) -> Pixels:
    """Red above left, green above right, blue below left, white below right."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2, 0] = 255
    picture[: height // 2, width // 2 :, 1] = 255
    picture[height // 2 :, : width // 2, 2] = 255
    picture[height // 2 :, width // 2 :] = 255
    return picture


def corners(picture: Pixels) -> str:
    """What of `quadrants` is above left, above right, below left, below right: "rgbw" as it was made."""
    height, width = picture.shape[:2]
    found = ""
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            red, green = (picture[y, x, :2] > 128).tolist()
            found += "w" if red and green else "r" if red else "g" if green else "b"
    return found


def write_video(
    path: Path,
    pictures: Sequence[Pixels],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    times: Sequence[int] | None = None,
    display: tuple[float, bool] | None = None,
    aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
) -> Path:
    """A video of these pictures.

    Arguments:
        times: of each picture, in frames of `rate`; None for 0, 1, 2 ...
        display: degrees by which a player turns it (counter-clockwise), and whether it mirrors it.
        aspect: width of a pixel by its height.
        options: of the encoder. container: of the container.
    """
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate, options={"threads": "1", **(options or {})})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if display is not None:
            stream.set_display_rotation(display[0], hflip=display[1])
        for at, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = at if times is None else times[at], Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def noise(frames: int, seed: int = 0, size: tuple[int, int] = SIZE) -> list[Pixels]:
    """Pictures that no codec makes small."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8) for _ in range(frames)]
