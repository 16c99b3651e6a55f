"""What is known of a video besides the face in it: for negative controls, which a classifier of smiles should outdo."""

import numpy as np
import numpy.typing as npt

from smilejax._util.nan_mean import nan_mean
from smilejax.recordings.faces import Faces

VIDEO_COLUMNS = (
    *("width", "height", "frame_rate_hz", "mean_brightness"),
    *("head_yaw_deg", "head_pitch_deg", "head_roll_deg"),
)
"""Covariates of `Faces` that have a negative control, by the names of their columns: pixels, frames per second, 0 to 255,
degrees."""


def video_covariates(faces: Faces) -> dict[str, npt.NDArray[np.float64]]:
    """`f64[N]` by name, NaN where not known: length, the tracker's mean confidence, and those of `VIDEO_COLUMNS` given.

    Example:
        >>> names = {"class_names": ("posed", "genuine"), "trial": ("v1", "v2"), "participant": ("ann", "bob")}
        >>> values, length, label = np.zeros((2, 50, 1)), np.array([50, 25]), np.array([0, 1])
        >>> faces = Faces(values=values, channels=("AU12",), length=length, rate_hz=25.0, label=label, **names)
        >>> video_covariates(faces)["duration_ms"].tolist()
        [2000.0, 1000.0]
    """
    found = {"duration_ms": np.asarray(faces.length * 1000 / faces.rate_hz, np.float64)}
    if faces.confidence is not None:
        inside = np.where(faces.inside(), faces.confidence, np.nan).astype(np.float64)
        found["mean_confidence"] = nan_mean(inside, 1)
    for one in faces.covariates:
        if one.name in VIDEO_COLUMNS and one.numbers is not None:
            found[one.name] = np.array([np.nan if value is None else value for value in one.numbers], np.float64)
    return found
