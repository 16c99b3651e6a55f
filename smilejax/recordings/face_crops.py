"""`FaceCrops`: `Faces` together with a picture of the face in each frame. On the host, in NumPy, checked once."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, FacesError
from smilejax._util.number_text import several
from smilejax.recordings.checked_recording import ArrayNames
from smilejax.recordings.faces import Faces
from smilejax.recordings.source import Finding

USUAL_SIDE = 48
"""Height and width to which crops are scaled by default, in pixels. Our choice."""


@dataclass(frozen=True, eq=False, repr=False)
class FaceCrops(Faces):
    """`Faces` whose frames have upright crops of one size. All that reads measures, labels and names reads these as well.

    Arguments:
        pixels: `u8[N, T, S, S, 3]`, red, green and blue, 0 where a frame has no crop. They take 3 S S bytes a frame: 1000
            videos of 100 frames at 48 pixels 691 MB, 1000 single frames 7 MB.
        there: `bool[N, T]`, frames that have a crop.

    Raises:
        FacesError: another shape or type, or a video without any crop.
    """

    arrays: ClassVar[ArrayNames] = replace(Faces.arrays, per_trial=(*Faces.arrays.per_trial, "pixels", "there"))

    pixels: npt.NDArray[np.uint8] = field(kw_only=True)
    there: npt.NDArray[np.bool_] = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        n, frames, _ = self.values.shape
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or len(shape) != 5 or shape[:2] != (n, frames) or shape[2:] != self._picture:
            raise FacesError(
                f"pixels must be u8[{n} videos, {frames} frames, S, S, 3]; they are {self.pixels.dtype}{list(shape)}."
            )
        if self.there.dtype != np.bool_ or self.there.shape != (n, frames):
            raise FacesError(f"there must be bool[{n}, {frames}]; it is {self.there.dtype}{list(self.there.shape)}.")
        for row in map(int, np.flatnonzero(~(self.there & self.inside()).any(axis=1))):
            raise FacesError(f"every video must have a crop of the face; {self.row_name(row)} has none. Leave it out.")
        for name in ("pixels", "there"):
            own = getattr(self, name).view()
            own.flags.writeable = False
            object.__setattr__(self, name, own)

    @property
    def _picture(self) -> tuple[int, int, int]:
        return (self.side, self.side, 3)

    @property
    def side(self) -> int:
        """Height and width of the crops in pixels."""
        return int(self.pixels.shape[2]) if self.pixels.ndim == 5 else 0

    @property
    def _signal_in_words(self) -> str:
        return f"{super()._signal_in_words}, crops of {self.side} x {self.side} pixels"


def with_crops(faces: Faces, crop: Callable[[str], npt.NDArray[np.uint8]], side: int) -> FaceCrops:
    """Faces with the crops that their frames name.

    Arguments:
        faces: whose table had the column `crop`.
        crop: gives `u8[S, S, 3]` of a name. side: S, in pixels.

    Raises:
        FacesError: the table named no crops, or some video has none.
    """
    if faces.crop is None:
        raise FacesError(
            f"{faces.source.name} does not say which crop belongs to which frame: it has no column crop.",
            hint=f"`smilejax track` writes it together with the crops ({SETTING.crops}). Track the videos once more.",
        )
    pixels = np.zeros((*faces.values.shape[:2], side, side, 3), np.uint8)
    there = np.zeros(faces.values.shape[:2], bool)
    for row, names in enumerate(faces.crop):
        for frame, name in enumerate(names):
            if name:
                pixels[row, frame] = crop(name)
                there[row, frame] = True
    inside = int(faces.inside().sum())
    lacking = inside - int((there & faces.inside()).sum())
    said = f"{side} x {side} pixels of 3 colours, {several(inside, 'frame')}, {pixels.nbytes / 1e6:.3g} MB of memory"
    said += f"; {several(lacking, 'frame')} without a face" if lacking else ""
    given = {one.name: getattr(faces, one.name) for one in fields(Faces)}
    given["source"] = replace(faces.source, findings=(*faces.source.findings, Finding("crops", said, "given")))
    return FaceCrops(**given, pixels=pixels, there=there)
