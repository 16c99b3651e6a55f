"""Crops of faces from the folder in which `smilejax track` wrote them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.recordings.face_crops import USUAL_SIDE, FaceCrops, with_crops
from smilejax.recordings.faces import Faces
from smilejax.settings.checks import require_kind


def read_crops(folder: Path | str, faces: Faces, *, side: int = USUAL_SIDE) -> FaceCrops:
    """The crops of faces that were read from the table written together with them.

    They are scaled to one size by means over areas. Of single frames only their own crops are read: take `apex_frames` first.
    All are kept in memory, 3 x side x side bytes a frame.

    Arguments:
        folder: of `smilejax track --crops`. faces: from the table of the same command. side: in pixels, 8 or more.

    Raises:
        ReadError: there is no such folder; or a crop is absent, damaged, no square, smaller than `side` or of another size than
            the first. It names the file.
        FacesError: the table does not name crops, or a video has none.

    Example:
        >>> faces = smilejax.read("faces.csv")                       # doctest: +SKIP
        >>> smilejax.read_crops("crops", smilejax.apex_frames(faces))    # doctest: +SKIP
    """
    require_kind(faces, "faces", Faces, "Read the table with smilejax.read.")
    place = Path(folder).expanduser()
    if not place.is_dir():
        raise ReadError(f"{place}: there is no such folder of crops.")
    size: list[tuple[int, Path]] = []

    def crop(name: str) -> npt.NDArray[np.uint8]:
        path = place / name
        if not path.resolve().is_relative_to(place.resolve()):
            raise ReadError(f"{faces.source.name}: the crop {name!r} is not in the folder {place}.")
        picture = _picture(path)
        height, width = picture.shape[:2]
        first, of = size[0] if size else (height, path)
        if height != width or height != first:
            wanted = f"{first} x {first} as {of}" if height == width else "square"
            raise ReadError(f"{path}: crops must be {wanted}; this one has {width} x {height} pixels.")
        if height < side:
            raise ReadError(f"{path}: the crop has {width} x {height} pixels, fewer than the {side} that are wanted.")
        size.append((height, path))
        return scaled(picture, side)

    from smilejax.videos.square_crop import scaled

    return with_crops(faces, crop, side)


def _picture(path: Path) -> npt.NDArray[np.uint8]:
    """The pixels of a crop."""
    from smilejax.videos.pictures import MOST_PIXELS, Findings
    from smilejax.videos.read_images import images

    if not path.is_file():
        raise ReadError(
            f"{path}: there is no such crop, and the table names it.", hint="Is it the folder of the same table?"
        )
    return next(images(path, MOST_PIXELS, Findings())).pixels
