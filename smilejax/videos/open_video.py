"""Any video or photo, opened by what it is."""

from collections.abc import Iterator
from pathlib import Path

from smilejax._util.errors import SETTING, ReadError
from smilejax._util.natural_order import natural_order
from smilejax.settings.checks import is_number, require
from smilejax.videos.file_kind import IMAGE_SUFFIXES, file_kind
from smilejax.videos.pictures import MOST_PIXELS, Findings, OpenedVideo, Picture
from smilejax.videos.read_frame_folder import frame_folder
from smilejax.videos.read_images import images
from smilejax.videos.read_stream import stream_of


def open_video(path: Path, *, frames_hz: float | None = None, most_pixels: int = MOST_PIXELS) -> OpenedVideo:
    """Frames of a video with their times, decoded as they are taken, so that a video of hours needs no more memory.

    A photo is a video of one frame. What the file is, its first bytes say, not its name.

    Arguments:
        path: a video (needs the extra `video`), a photo, an animation (GIF, PNG, WebP), or a folder of pictures.
        frames_hz: frames per second of a folder of pictures; other files have times of their own.
        most_pixels: larger frames are scaled down to so many pixels; `findings` has their own size.

    Raises:
        ReadError: now, where the path leads to nothing that can be opened, and while frames are taken, where they cannot be
            decoded. It names the file, and the frame where there is one.

    Example:
        >>> from matplotlib import cbook
        >>> photo = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
        >>> for chunk in open_video(Path(photo)).chunks():
        ...     print(chunk.time_ms, chunk.frames.shape)
        [0.] (1, 600, 512, 3)
    """
    findings = Findings()
    if path.is_dir():
        return OpenedVideo(path, _of_folder(path, frames_hz, most_pixels, findings), findings)
    read = images if file_kind(path) == "image" else stream_of
    return OpenedVideo(path, read(path, most_pixels, findings), findings)


def is_still(path: Path) -> bool:
    """Whether a file has a single frame. Decodes two at most. Raises `ReadError` as `open_video`."""
    video = open_video(path)
    pictures = video.pictures
    next(pictures, None)
    return next(pictures, None) is None


def _of_folder(folder: Path, frames_hz: float | None, most_pixels: int, findings: Findings) -> Iterator[Picture]:
    files = pictures_in(folder)
    if not files:
        raise ReadError(
            f"{folder}: holds no pictures.", hint="A folder of frames holds JPEG, PNG, WebP, BMP or TIFF files."
        )
    if frames_hz is None:
        raise ReadError(
            f"{folder}: a folder of frames does not say how many there are in a second.",
            hint=f"Give {SETTING.frames_hz}.",
        )
    require(is_number(frames_hz) and frames_hz > 0, "frames_hz", "a number above 0", frames_hz)
    return frame_folder(folder, files, frames_hz, most_pixels, findings)


def pictures_in(folder: Path) -> list[Path]:
    """Files of a folder that are called as pictures, as people count: `frame 2` before `frame 10`."""
    files = (
        file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".")
    )
    return sorted((file for file in files if file.is_file()), key=lambda file: natural_order(file.name))
