"""Which videos and photos are meant by the paths that a user gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.natural_order import natural_order
from smilejax.videos.file_kind import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from smilejax.videos.open_video import pictures_in


@dataclass(frozen=True)
class VideoFile:
    """A video, a photo, or a folder of frames."""

    path: Path
    name: str
    """As the table of faces calls it: the file's name, with the folders in which it was found below the one that was given."""


def find_videos(paths: Sequence[Path], *, frames_hz: float | None = None) -> list[VideoFile]:
    """Videos at paths, in natural order within each.

    A file that is named itself is taken whatever it is called. Of a folder, and of those in it, files are taken that are called
    as videos or photos, but not again through a link that leads back to a folder on the way to it; with `frames_hz`, each
    folder that holds pictures is one video, and they are its frames.

    Raises:
        ReadError: a path leads to nothing, a folder holds no video, `frames_hz` is given and no folder holds frames, or two
            videos would have one name.
    """
    found = [video for path in paths for video in _at(path, frames_hz)]
    if frames_hz is not None and not any(video.path.is_dir() for video in found):
        raise ReadError(
            f"{listed(map(str, paths), 3)}: {SETTING.frames_hz} is for folders of frames, and there is none.",
            hint=f"Leave out {SETTING.frames_hz}.",
        )
    names: dict[str, Path] = {}
    for video in found:
        if video.name in names and names[video.name] != video.path:
            raise ReadError(
                f"{names[video.name]} and {video.path} would both be called {video.name}.",
                hint="Put them into one folder, each in one of its own, and name that.",
            )
        names[video.name] = video.path
    return [VideoFile(path, name) for name, path in names.items()]


def _at(path: Path, frames_hz: float | None) -> Iterator[VideoFile]:
    path = path.expanduser()
    if path.is_file():
        yield VideoFile(path, path.name)
        return
    if not path.is_dir():
        raise ReadError(f"{path}: there is no such file or folder.")
    found = list(_in_folder(path, path, frames_hz))
    if not found:
        raise ReadError(
            f"{path}: holds no file that is called as a video or photo: {' '.join((*VIDEO_SUFFIXES, *IMAGE_SUFFIXES))}.",
            hint="Name the files themselves if they are called otherwise.",
        )
    yield from found


def _in_folder(
    folder: Path, top: Path, frames_hz: float | None, within: frozenset[Path] = frozenset()
) -> Iterator[VideoFile]:
    """Videos of a folder and of those in it.

    Arguments:
        within: the folders on the way from the top to it, without links: none of them is gone into again.
    """
    within |= {folder.resolve()}
    suffixes = VIDEO_SUFFIXES if frames_hz is not None else (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES)
    if frames_hz is not None and pictures_in(folder):
        yield VideoFile(folder, folder.name if folder == top else folder.relative_to(top).as_posix())
    for path in sorted(folder.iterdir(), key=lambda one: natural_order(one.name)):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if path.resolve() not in within:
                yield from _in_folder(path, top, frames_hz, within)
        elif path.suffix.lower() in suffixes:
            yield VideoFile(path, path.relative_to(top).as_posix())
