"""The tidy table of faces, one row per frame, which every command reads."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from smilejax.faces.measures import HEAD_POSE, MEASURES
from smilejax.tracking.face_crop import crop_name
from smilejax.tracking.find_videos import VideoFile
from smilejax.tracking.name_videos import VideoNames
from smilejax.tracking.one_video import TrackedVideo

_HEAD_COLUMNS = {"head_yaw": "head_yaw_deg", "head_pitch": "head_pitch_deg", "head_roll": "head_roll_deg"}


def faces_table(videos: Sequence[tuple[VideoFile, VideoNames, TrackedVideo]], *, crops: bool = False) -> pd.DataFrame:
    """One row per frame: `video`, `smiler`, `label` and `stimulus` where any video has one, `time_ms`, `confidence`, the
    measures; of the videos `width`, `height`, `frame_rate_hz` and `mean_brightness`; and the head's pose in degrees. With
    `crops` also `crop`, the name of each frame's crop in the folder of crops, empty where no face was found."""
    keep = {name: any(getattr(names, name) for _, names, _ in videos) for name in ("label", "stimulus")}
    return pd.concat(_parts(videos, keep, crops), ignore_index=True)


def _parts(
    videos: Sequence[tuple[VideoFile, VideoNames, TrackedVideo]], keep: dict[str, bool], crops: bool
) -> Iterator[pd.DataFrame]:
    pose = [measure.name for measure in HEAD_POSE]
    for video, names, tracked in videos:
        columns: dict[str, object] = {"video": video.name, "smiler": names.smiler}
        columns |= {name: getattr(names, name) for name, kept in keep.items() if kept}
        columns |= {"time_ms": np.round(tracked.time_ms, 3), "confidence": tracked.confidence}
        if crops:
            columns["crop"] = [
                crop_name(video.name, at) if seen else "" for at, seen in enumerate(tracked.found.tolist())
            ]
        columns |= {measure.name: tracked.values[:, at] for at, measure in enumerate(MEASURES)}
        columns |= {"width": tracked.width, "height": tracked.height}
        columns |= {"frame_rate_hz": np.float32(tracked.frame_rate_hz)}
        columns |= {"mean_brightness": np.float32(tracked.mean_brightness)}
        columns |= {column: tracked.head[:, pose.index(name)] for name, column in _HEAD_COLUMNS.items()}
        yield pd.DataFrame(columns, index=range(len(tracked.time_ms)))
