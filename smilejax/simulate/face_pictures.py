"""The neutral faces of simulated smilers: one photograph, warped and coloured in another way for each of them.

The photograph is that of Grace Hopper (United States Navy, in the public domain), which matplotlib ships. Where the lip corners
and the eyelids are in it is noted here, so that what is rendered does not depend on the tracker that is tried with it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Float32, Float64, Key

from smilejax._util.errors import ReadError
from smilejax.videos import open_video

Points = npt.NDArray[np.float64]
SIDE: Final = 320
"""Height and width of a rendered frame in pixels."""

_PHOTOGRAPH: Final = ("mpl-data", "sample_data", "grace_hopper.jpg")
_MIDDLE: Final = (263.0, 238.0)
_SHOWN: Final = 330.0
"""The square of the photograph that fills a frame: its middle (x, y) and side in pixels."""
# fmt: off
_EYES: Final = (
    (
        ((322, 186), (320.6, 185.1), (318.6, 183.5), (314.7, 181.6), (308.6, 180.6), (301.7, 181.6), (295.2, 184.9),
         (288.3, 191.5)),
        ((322, 186), (319.2, 188.5), (316.1, 189.9), (311.8, 191.1), (305.7, 191.9), (299.3, 191.9), (293.8, 191.8),
         (288.3, 191.5)),
    ),
    (
        ((205.4, 192.5), (206.7, 191.1), (208.6, 189.2), (212.1, 186.9), (218.5, 185.3), (225.3, 185.7), (232.3, 188.3),
         (240.2, 194.3)),
        ((205.4, 192.5), (208.5, 194.5), (211.6, 195.7), (215.9, 196.6), (222.3, 196.8), (228.6, 196.1), (234.5, 195.2),
         (240.2, 194.3)),
    ),
)
# fmt: on
"""Upper and lower lid of the left eye and of the right one (the subject's), from the outer corner to the inner."""
_LIP_CORNERS: Final = ((301.7, 276.6), (233.4, 279.2))
_CHEEKS: Final = ((318.0, 238.0), (210.0, 243.0))
"""Left and right. All in pixels of the photograph, to about one of them."""

_BUMP_SD: Final = 30.0
_BUMP: Final = 5.0
_STRETCH_SD: Final = 0.05
"""A smiler's face is the photograph's, stretched in width and height (standard deviation, as a proportion) and warped by a
smooth random field (its scale and its largest shift in pixels of a frame)."""
_GAMMA_SD, _COLOUR_SD, _LIGHT_SD = 0.2, 0.08, 0.12
"""Standard deviations of the logarithms of gamma and of each colour's gain, and of the light's slope from left to right."""
_PURPOSE: Final = 100
"""Of this module's random numbers, see `own_generator`."""


@dataclass(frozen=True, eq=False)
class FacePicture:
    """A neutral face, in a frame of `SIDE` x `SIDE`; places are x and y in pixels. Left, then right: the smiler's own."""

    pixels: Float32[np.ndarray, "S S 3"]
    """Red, green and blue, 0 to 255."""
    lip_corners: Float64[np.ndarray, "2 2"]
    cheeks: Float64[np.ndarray, "2 2"]
    lids: Float64[np.ndarray, "2 2 8 2"]
    """Of each eye the upper and the lower lid, from the outer to the inner corner."""

    @property
    def eye_distance(self) -> float:
        """Between the outer corners of the eyes, in pixels."""
        return float(np.linalg.norm(self.lids[0, 0, 0] - self.lids[1, 0, 0]))

    @property
    def middle(self) -> Points:
        """Between the eyes and the mouth."""
        return np.asarray((self.lids[:, 0, 0].mean(0) + self.lip_corners.mean(0)) / 2)


def own_generator(key: Key[Array, ""], purpose: int, *numbers: int) -> np.random.Generator:
    """Random numbers of their own for a purpose, a smiler and a video."""
    words = [int(word) for word in np.asarray(jax.random.key_data(key)).ravel()]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([*words, purpose, *numbers])))


def face_picture(smiler: int, *, key: Key[Array, ""]) -> FacePicture:
    """The neutral face of a smiler, by their number from 0 up. Every second one is mirrored.

    Raises:
        ReadError: matplotlib's photograph is not where its package is.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    rng = own_generator(key, _PURPOSE, smiler)
    stretch = np.exp(_STRETCH_SD * rng.standard_normal(2))
    bumps = gaussian_filter(rng.standard_normal((2, SIDE, SIDE)), (0, _BUMP_SD, _BUMP_SD))
    bumps *= _BUMP / np.abs(bumps).max()
    sign = np.array([-1.0 if smiler % 2 else 1.0, 1.0])
    scale = sign * _SHOWN / SIDE / stretch

    def at_bump(places: Points) -> Points:
        return np.stack([map_coordinates(one, places[..., ::-1].T, order=1, mode="nearest").T for one in bumps], -1)

    def in_frame(places: object) -> Points:
        """Where places of the photograph are in the frame: what `pixels` samples, solved by iteration."""
        flat = (np.asarray(places, np.float64) - _MIDDLE) / scale + SIDE / 2
        moved = flat
        for _ in range(20):
            moved = flat + at_bump(moved)
        return moved

    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    source = (np.stack([x - bumps[0], y - bumps[1]], -1) - SIDE / 2) * scale + _MIDDLE
    photograph = _photograph()
    pixels = np.stack(
        [map_coordinates(photograph[..., k], [source[..., 1] - 0.5, source[..., 0] - 0.5], order=1) for k in range(3)],
        -1,
    )
    gain = (
        np.exp(_COLOUR_SD * rng.standard_normal(3))
        * (1 + _LIGHT_SD * rng.standard_normal() * (x / SIDE - 0.5))[..., None]
    )
    coloured = 255 * np.clip((pixels / 255) ** np.exp(_GAMMA_SD * rng.standard_normal()) * gain, 0, 1)
    sides = slice(None, None, -1 if smiler % 2 else 1)  # a mirrored face's left is the photograph's right
    return FacePicture(
        coloured.astype(np.float32),
        in_frame(_LIP_CORNERS)[sides],
        in_frame(_CHEEKS)[sides],
        in_frame(_EYES)[sides],
    )


@cache
def _photograph() -> npt.NDArray[np.float32]:
    found = find_spec("matplotlib")
    path = Path(found.origin if found and found.origin else "matplotlib").parent.joinpath(*_PHOTOGRAPH)
    if not path.is_file():
        raise ReadError(
            f"{path}: matplotlib's photograph is not there.", hint="Install matplotlib by pip, with its sample data."
        )
    return np.asarray(next(open_video(path).chunks()).frames[0], np.float32)
