"""Many videos, one after another; what is done is kept, and what cannot be read stops no other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from smilejax._util.errors import ReadError
from smilejax.tracking.face_choice import FaceChoice
from smilejax.tracking.find_videos import VideoFile
from smilejax.tracking.one_video import TrackedVideo, track_video
from smilejax.tracking.saved_tracks import SavedTracks


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one video."""

    video: VideoFile
    tracked: TrackedVideo | None
    """None where it could not be read."""
    error: ReadError | None
    """Why not."""
    kept: bool
    """Whether an earlier run had tracked it."""
    same_as: str | None = None
    """Name of an earlier one of these videos whose file holds the same bytes."""


def track_videos(
    videos: Sequence[VideoFile],
    saved: SavedTracks,
    *,
    face: FaceChoice = "largest",
    frames_hz: float | None = None,
    crops: Path | None = None,
    each_chunk: Callable[[int], object] = lambda frames: None,
) -> Iterator[Outcome]:
    """Track videos in turn. Each is saved when it is done, and taken from there where it is: with crops, they are all tracked,
    so that the crops are complete.

    Arguments: see `track_video`; `crops` gets a folder for each video.
    """
    first: dict[str, str] = {}
    for video in videos:
        try:
            key = saved.key(video, face, frames_hz)
            same_as = first.get(key)
            first.setdefault(key, video.name)
            held = saved.get(key) if crops is None else None
            if held is not None:
                yield Outcome(video, held, None, kept=same_as is None, same_as=same_as)
                continue
            folder = None if crops is None else crops / PurePosixPath(video.name)
            own_hz = frames_hz if video.path.is_dir() else None
            tracked = track_video(video.path, face=face, frames_hz=own_hz, crops=folder, each_chunk=each_chunk)
        except ReadError as error:
            yield Outcome(video, None, error, kept=False)
            continue
        except OSError as error:
            yield Outcome(
                video, None, ReadError(f"{video.path}: cannot be read ({error.strerror or error})."), kept=False
            )
            continue
        saved.put(key, tracked)
        yield Outcome(video, tracked, None, kept=False, same_as=same_as)
