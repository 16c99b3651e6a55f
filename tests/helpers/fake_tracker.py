"""A tracker without networks, for tests of all around it: it finds a face in each frame that is not black."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smilejax.faces.measures import HEAD_POSE, MEASURES
from smilejax.tracking.face_crop import CROP_SIDE, crop_name, write_crop
from smilejax.tracking.one_video import TrackedVideo
from smilejax.videos import open_video
from smilejax.videos.square_crop import scaled

USED_IN = ("smilejax.tracking.one_video", "smilejax.tracking.many_videos")
"""The second has taken the name from the first where it was imported before, by another test of the same process."""


def put_in_place(monkeypatch: pytest.MonkeyPatch, tracker: Callable[..., object]) -> None:
    """Wherever a video is tracked, this is called instead of `track_video`."""
    for module in USED_IN:
        monkeypatch.setattr(f"{module}.track_video", tracker)


class FakeTracker:
    """Stands for `track_video`; knows which files it was given."""

    def __init__(self) -> None:
        self.tracked: list[str] = []

    def __call__(
        self,
        path: Path,
        *,
        face: object = "largest",
        frames_hz: float | None = None,
        crops: Path | None = None,
        crop_side: int | None = None,
        each_chunk: Callable[[int], object] = lambda frames: None,
    ) -> TrackedVideo:
        """What a video holds: each measure is the frame's mean brightness, as a proportion."""
        video = open_video(path, frames_hz=frames_hz)
        chunks = list(video.chunks())
        self.tracked.append(path.name)
        light = np.concatenate([chunk.frames.mean(axis=(1, 2, 3)) for chunk in chunks]).astype(np.float32)
        seen = np.where(light > 5, light / 255, np.nan).astype(np.float32)
        each_chunk(len(light))
        frames = [frame for chunk in chunks for frame in chunk.frames]
        if crops is not None:
            for at in np.flatnonzero(light > 5).tolist():
                write_crop(scaled(frames[at], CROP_SIDE), crops.parent / crop_name(crops.name, at))
        small = None
        if crop_side is not None:
            found = zip(frames, light, strict=True)
            small = np.stack([scaled(scaled(one, CROP_SIDE), crop_side) * np.uint8(seen > 5) for one, seen in found])
        return TrackedVideo(
            time_ms=np.concatenate([chunk.time_ms for chunk in chunks]),
            values=np.repeat(seen[:, None], len(MEASURES), axis=1),
            head=np.repeat(seen[:, None], len(HEAD_POSE), axis=1),
            confidence=np.where(np.isfinite(seen), 0.9, 0.0).astype(np.float32),
            faces_seen=np.where(np.isfinite(seen), 1, 0).astype(np.int32),
            width=video.findings.width,
            height=video.findings.height,
            frame_rate_hz=video.findings.frame_rate_hz,
            mean_brightness=float(light.mean()),
            notes=video.findings.in_words(),
            crops=small,
        )
