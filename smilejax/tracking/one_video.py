"""One video, from its file to the measures of the face in each of its frames."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from smilejax._util.number_text import several
from smilejax.faces.find_faces import WhichFace
from smilejax.faces.landmarker import face_landmarker
from smilejax.faces.measures import head_pose, measures
from smilejax.faces.track import TrackState, track_frames
from smilejax.tracking.face_choice import FaceChoice, check_face
from smilejax.tracking.face_crop import crop_name, face_crop, write_crop
from smilejax.videos import FrameChunk, open_video
from smilejax.videos.square_crop import scaled

_FAR_RIGHT: Final = 1e6
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
_EVERY: Final = 4
"""Brightness is the mean over every fourth pixel of every fourth row."""


@dataclass(frozen=True, eq=False)
class TrackedVideo:
    """The face in F frames of a video."""

    time_ms: npt.NDArray[np.float64]
    """`f64[F]`, since the first frame."""
    values: npt.NDArray[np.float32]
    """`f32[F, C]`, as `smilejax.faces.measures.MEASURES` names them; NaN where no face was found."""
    head: npt.NDArray[np.float32]
    """`f32[F, 4]`, as `HEAD_POSE` names them."""
    confidence: npt.NDArray[np.float32]
    """`f32[F]`, 0 to 1."""
    faces_seen: npt.NDArray[np.int32]
    """`i32[F]`, faces in the picture, as last counted."""
    width: int
    """In pixels, upright, as the file has it."""
    height: int
    """Likewise."""
    frame_rate_hz: float
    """Mean rate of its frames; NaN of a photo."""
    mean_brightness: float
    """0 to 255, of whole frames."""
    notes: tuple[str, ...]
    """What was found of the file, each a clause."""
    crops: npt.NDArray[np.uint8] | None = None
    """`u8[F, S, S, 3]`, upright crops of the face, 0 where none was found; None where they were not asked for."""

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """`bool[F]`, whether a face was found."""
        return np.asarray(np.isfinite(self.values).any(axis=1))

    def in_words(self) -> tuple[str, ...]:
        """All that a user should know of it, each a clause."""
        said = list(self.notes)
        if not self.found.any() and self.faces_seen.max(initial=0):
            said.append("the face that was asked for was found in no frame")
        elif not self.found.any():
            said.append("no face was found in any frame")
        elif lost := int((~self.found).sum()):
            last = int(np.flatnonzero(self.found)[-1])
            after = len(self.found) - 1 - last
            leaves = f"; none after frame {last + 1}" if after > max(2, lost // 2) else ""
            said.append(f"no face in {several(lost, 'frame')} of {len(self.found)}{leaves}")
        if several_seen := int((self.faces_seen > 1).sum()):
            said.append(f"up to {self.faces_seen.max()} faces were seen, in {several(several_seen, 'frame')}")
        return tuple(said)


def track_video(
    path: Path,
    *,
    face: FaceChoice = "largest",
    frames_hz: float | None = None,
    crops: Path | None = None,
    crop_side: int | None = None,
    each_chunk: Callable[[int], object] = lambda frames: None,
) -> TrackedVideo:
    """Decode a video or photo, follow a face through it and measure it. No frame is kept.

    Arguments:
        path: what `smilejax.videos.open_video` opens.
        face: which one where there are several, see `FaceChoice`; asked where a face is looked for, not while one is followed.
        frames_hz: frames per second of a folder of pictures.
        crops: a folder into which upright crops of the face are written, one picture for each frame in which it is found.
        crop_side: of crops to be given back, in pixels; None gives none.
        each_chunk: called with the number of frames that were done.

    Raises:
        ReadError: the file cannot be read; it names the file.
        SettingsError: `face` is not what it must be.
    """
    choice = _which(face)
    video = open_video(path, frames_hz=frames_hz)
    state: TrackState | None = None
    parts: list[tuple[npt.NDArray[np.float32], ...]] = []
    times: list[npt.NDArray[np.float64]] = []
    faces_seen: list[npt.NDArray[np.int32]] = []
    small: list[npt.NDArray[np.uint8]] = []
    light = 0.0
    for chunk in video.chunks():
        tracked, state = track_frames(chunk.frames, state, tracker=face_landmarker(), which_face=choice)
        if crops is not None or crop_side is not None:
            cut = _crops(chunk, tracked.landmarks)
            if crops is not None:
                _write_crops(cut, crops, done=sum(map(len, times)))
            if crop_side is not None:
                small.append(_scaled(cut, crop_side))
        values = measures(tracked.landmarks, tracked.blendshapes)
        parts.append((values, head_pose(tracked.landmarks), tracked.confidence))
        faces_seen.append(tracked.faces_seen)
        times.append(chunk.time_ms)
        light += float((chunk.frames[:, ::_EVERY, ::_EVERY] @ _LUMA).mean(axis=(1, 2)).sum())
        each_chunk(len(chunk.time_ms))
    values, head, confidence = (np.concatenate(one) for one in zip(*parts, strict=True))
    found = video.findings
    return TrackedVideo(
        time_ms=np.concatenate(times),
        values=values,
        head=head,
        confidence=confidence,
        faces_seen=np.concatenate(faces_seen),
        width=found.width,
        height=found.height,
        frame_rate_hz=found.frame_rate_hz,
        mean_brightness=light / found.frames,
        notes=found.in_words(),
        crops=None if crop_side is None else np.concatenate(small),
    )


def _which(face: FaceChoice) -> WhichFace:
    check_face(face)
    if face == "right":
        return (_FAR_RIGHT, 0.0)
    return "largest" if face == "largest" else 0 if face == "left" else int(face) - 1


def _crops(chunk: FrameChunk, landmarks: npt.NDArray[np.float32]) -> list[npt.NDArray[np.uint8] | None]:
    """The crop of each frame; None where no face was found."""
    return [
        face_crop(frame, points[:, :2]) if np.isfinite(points).all() else None
        for frame, points in zip(chunk.frames, landmarks, strict=True)
    ]


def _write_crops(crops: list[npt.NDArray[np.uint8] | None], folder: Path, *, done: int) -> None:
    for at, crop in enumerate(crops):
        if crop is not None:
            write_crop(crop, folder.parent / crop_name(folder.name, done + at))


def _scaled(crops: list[npt.NDArray[np.uint8] | None], side: int) -> npt.NDArray[np.uint8]:
    """`u8[F, S, S, 3]`."""
    none = np.zeros((side, side, 3), np.uint8)
    return np.stack([none if crop is None else scaled(crop, side) for crop in crops])
