"""Photos and animations, decoded by Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from smilejax._util.errors import ReadError
from smilejax.videos.pictures import Findings, Picture, Pixels, scaled_size

_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
_ANIMATED: Final = ("PNG", "GIF", "WEBP")
_USUAL_MS: Final = 100.0
"""How long a frame of an animation is shown that says 0 or nothing: what browsers do."""
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its EXIF orientation (CIPA DC-008, tag 0x0112); 1 needs nothing."""
_SWAPPED: Final = (5, 6, 7, 8)
"""Orientations that swap width and height."""


def images(path: Path, most_pixels: int, findings: Findings) -> Iterator[Picture]:
    """The frames of an animation, or the one picture of a photo, turned as its EXIF orientation says.

    A large JPEG is scaled down while it is decoded. Of a TIFF with several pages the first one is taken.

    Raises:
        ReadError: naming the file, and the frame of an animation.
    """
    with _said(path, findings):
        image = Image.open(path, formats=_FORMATS)
    with image:
        with _said(path, findings):
            pages = int(getattr(image, "n_frames", 1))
        count = pages if image.format in _ANIMATED else 1
        if image.format == "TIFF" and pages > 1:
            findings.note(f"it has {pages} pages, of which the first is taken")
        time_ms = 0.0
        for at in range(count):
            with _said(path, findings):
                image.seek(at)
                pixels = _upright(image, most_pixels, findings)
            findings.frames, findings.last_ms = at + 1, time_ms
            yield Picture(time_ms, pixels)
            time_ms += float(image.info.get("duration") or _USUAL_MS)


@contextmanager
def _said(path: Path, findings: Findings) -> Iterator[None]:
    """Pillow's errors as ours; its warnings of large photos and of odd metadata are not shown."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError:
        raise ReadError(
            f"{path}: the photo has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels, the most that is read.",
            hint="Save it smaller.",
        ) from None
    except UnidentifiedImageError:
        raise ReadError(
            f"{path}: begins as a photo does, and cannot be read as one.", hint="Is it cut off? Copy it anew."
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        frame = f" at frame {findings.frames + 1}" if findings.frames else ""
        raise ReadError(
            f"{path}: cannot be decoded{frame} ({error}); the file is damaged or cut off.", hint="Copy it anew."
        ) from None


def _upright(image: Image.Image, most_pixels: int, findings: Findings) -> Pixels:
    orientation = image.getexif().get(_ORIENTATION, 1)
    width, height = image.size
    findings.width, findings.height = (height, width) if orientation in _SWAPPED else (width, height)
    wanted = scaled_size(width, height, most_pixels)
    if isinstance(image, JpegImageFile) and wanted != (width, height):
        image.draft("RGB", wanted)  # a half, a quarter or an eighth, and not below the size that is wanted
    picture = _coloured(image)
    if picture.size != wanted:
        picture = picture.resize(wanted, Image.Resampling.BOX)
    if orientation in _TURNS:
        picture = picture.transpose(_TURNS[orientation])
    return np.asarray(picture)


def _coloured(image: Image.Image) -> Image.Image:
    """In red, green and blue, 8 bits each; what is transparent is white."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("its pixels have 32 bits, of a range that it does not say")
    if image.has_transparency_data:
        solid = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", solid.size, "white"), solid).convert("RGB")
    return image.convert("RGB")
