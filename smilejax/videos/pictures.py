"""What a video gives: pictures with their times, and what was found on the way."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax._util.number_text import several

MOST_PIXELS: Final = 2**19
"""Larger pictures are scaled down to this number of pixels, 965 x 543 of 16:9: what the tracker holds in its smallest buffer.
A face that fills a quarter of the height is then still 136 pixels high."""

Pixels = npt.NDArray[np.uint8]
"""`u8[height, width, 3]`: red, green and blue; rows from above, upright, square pixels."""


class Picture(NamedTuple):
    """One frame."""

    time_ms: float
    """Time of presentation since the first frame."""
    pixels: Pixels


class FrameChunk(NamedTuple):
    """Frames of one size that follow one another."""

    time_ms: npt.NDArray[np.float64]
    """`f64[F]`, since the first frame; it rises strictly."""
    frames: npt.NDArray[np.uint8]
    """`u8[F, H, W, 3]`."""


@dataclass
class Findings:
    """What was found of a video while it was read. It is filled as frames are taken, and complete once all are."""

    width: int = 0
    """In square pixels, upright, as the file has it: before it is scaled down. 0 until the first frame."""
    height: int = 0
    frames: int = 0
    """Frames that were given."""
    last_ms: float = 0.0
    """Time of the last of them."""
    corrupt: int = 0
    """Frames that could not be decoded, or only in part; none of them is given."""
    corrupt_after: int | None = None
    """Frames that were given before the first corrupt one; None where none is."""
    untimed: int = 0
    """Frames left out since their time is not after that of the frame before."""
    notes: list[str] = field(default_factory=list)
    """What a user should know, each a clause: `its lines are of two moments (interlaced) ...`."""

    @property
    def frame_rate_hz(self) -> float:
        """Mean rate of the frames that were given; NaN of a single one."""
        return 1000 * (self.frames - 1) / self.last_ms if self.frames > 1 else float("nan")

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def count_corrupt(self) -> None:
        """Count a frame that could not be decoded."""
        self.corrupt += 1
        self.corrupt_after = self.frames if self.corrupt_after is None else self.corrupt_after

    def in_words(self) -> tuple[str, ...]:
        """All that a user should know, each a clause."""
        said = list(self.notes)
        if self.corrupt:
            where = f"the first after frame {self.corrupt_after}" if self.corrupt_after else "the first one among them"
            said.append(f"{several(self.corrupt, 'frame')} could not be decoded ({where}) and left out")
        if self.untimed:
            said.append(f"{several(self.untimed, 'frame')} left out, whose time is not after that of the frame before")
        return tuple(said)


@dataclass(frozen=True)
class OpenedVideo:
    """A video, or a photo, whose frames can be taken once."""

    path: Path
    """The file."""
    pictures: Iterator[Picture]
    """Frames one after another, decoded as they are taken."""
    findings: Findings
    """What was found out about the file, and what was lost; some of it is known only when all frames are taken."""

    def chunks(self, length: int = 32) -> Iterator[FrameChunk]:
        """Frames in chunks of at most so many, of one size each. No more than one chunk is held."""
        times: list[float] = []
        frames: list[Pixels] = []
        for time_ms, pixels in self.pictures:
            if frames and (len(frames) == length or pixels.shape != frames[0].shape):
                yield FrameChunk(np.asarray(times), np.stack(frames))
                times, frames = [], []
            times.append(time_ms)
            frames.append(pixels)
        if frames:
            yield FrameChunk(np.asarray(times), np.stack(frames))


def scaled_size(width: float, height: float, most_pixels: int) -> tuple[int, int]:
    """Width and height of at most so many pixels, of the same proportions; those that are smaller stay as they are.

    Example:
        >>> scaled_size(1920, 1080, 2**19), scaled_size(640, 480, 2**19), scaled_size(4e6, 1, 2**19)
        ((965, 543), (640, 480), (524288, 1))
    """
    share = min(1.0, (most_pixels / (width * height)) ** 0.5)
    wide, high = (min(max(1, math.floor(side * share)), most_pixels) for side in (width, height))
    return wide, high
