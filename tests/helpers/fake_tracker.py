"""A tracker without networks, for tests of all around it: it finds a face in each frame that is not black."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from smilejax.faces.measures import HEAD_POSE, MEASURES
from smilejax.tracking.one_video import TrackedVideo
from smilejax.videos import open_video


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
        each_chunk: Callable[[int], object] = lambda frames: None,
    ) -> TrackedVideo:
        """What a video holds: each measure is the frame's mean brightness, as a proportion."""
        video = open_video(path, frames_hz=frames_hz)
        chunks = list(video.chunks())
        self.tracked.append(path.name)
        light = np.concatenate([chunk.frames.mean(axis=(1, 2, 3)) for chunk in chunks]).astype(np.float32)
        seen = np.where(light > 5, light / 255, np.nan).astype(np.float32)
        each_chunk(len(light))
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
        )
