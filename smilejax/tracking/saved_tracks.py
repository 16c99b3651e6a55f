"""Videos that were tracked already, kept until all are: an interrupted run goes on where it was."""

import io
import json
import shutil
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from smilejax._util.json_files import sha256_of_bytes, sha256_of_file, write_bytes
from smilejax._util.npz_files import read_npz
from smilejax._util.numerical_environment import numerical_environment
from smilejax._util.sealed import sealed, unsealed
from smilejax.faces.landmarker import WEIGHTS_SHA256
from smilejax.tracking.face_choice import FaceChoice
from smilejax.tracking.find_videos import VideoFile
from smilejax.tracking.one_video import TrackedVideo

_ARRAYS = ("time_ms", "values", "head", "confidence", "faces_seen")
_DECODERS = ("pillow", "av")
"""Libraries that make pictures of files."""
_NUMBERS = ("width", "height", "frame_rate_hz", "mean_brightness")


@dataclass(frozen=True)
class SavedTracks:
    """A folder beside the table to be, with a file for each video that is done."""

    folder: Path
    made_by: str
    """Versions, flags and processor, in words: what others tracked is tracked anew."""

    @classmethod
    def beside(cls, table: Path) -> "SavedTracks":
        """That of a table, for this program on this machine."""
        decoders = {name: _version(name) for name in _DECODERS}
        made_by = json.dumps([numerical_environment(), decoders], sort_keys=True)
        return cls(table.with_name(f".{table.name}.tracked"), made_by)

    def key(self, video: VideoFile, face: FaceChoice, frames_hz: float | None) -> str:
        """What the numbers of a video depend on, as one digest: its bytes, the settings, the tracker, and what runs it."""
        files = sorted(video.path.iterdir()) if video.path.is_dir() else [video.path]
        content = [(file.name if video.path.is_dir() else "", sha256_of_file(file)) for file in files if file.is_file()]
        depends = [content, face, frames_hz, WEIGHTS_SHA256, self.made_by]
        return sha256_of_bytes(json.dumps(depends).encode())

    def get(self, key: str) -> TrackedVideo | None:
        """A video that is done; None where it is not, or its file is damaged."""
        try:
            packed = unsealed(self._path(key).read_bytes())
            if packed is None:
                return None
            held = read_npz(packed)
            arrays: dict[str, Any] = {name: held[name] for name in _ARRAYS}
            about = json.loads(str(held["about"]))
        except (OSError, ValueError, KeyError):
            return None
        numbers = {name: about[name] for name in _NUMBERS}
        return TrackedVideo(**arrays, **numbers, notes=tuple(about["notes"]))

    def put(self, key: str, tracked: TrackedVideo) -> None:
        """Keep a video, in one step."""
        about = json.dumps({name: getattr(tracked, name) for name in (*_NUMBERS, "notes")})
        arrays = {name: getattr(tracked, name) for name in _ARRAYS}
        packed = io.BytesIO()
        np.savez(packed, about=np.array(about), **arrays)
        write_bytes(self._path(key), sealed(packed.getvalue()))

    def remove(self) -> None:
        """Remove all, once the table is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key[:32]}.track"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
