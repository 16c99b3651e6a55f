"""Negative controls of faces: what is known of a video besides the face, each property on its own."""

from functools import partial

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import ReferenceClassifier, TrialInfo
from smilejax.classifiers.standardise import fit_standard
from smilejax.recordings.kinds import FACE

VideoControl = ReferenceClassifier[Float[Array, "N K"], logistic_regression.StandardisedFeatures]


def _given(info: TrialInfo, *, columns: tuple[str, ...]) -> bool:
    return info.video is not None and all(name in info.video for name in columns)


def _see(info: TrialInfo, *, columns: tuple[str, ...]) -> Float[Array, "N K"]:
    assert info.video is not None
    return jnp.asarray(np.stack([info.video[name] for name in columns], axis=1), jnp.float32)


def _why_not(info: TrialInfo, *, columns: tuple[str, ...]) -> str:
    if not _given(info, columns=columns):
        return f"the recordings do not say it ({', '.join(columns)})"
    if np.isfinite(fit_standard(_see(info, columns=columns), jnp.asarray(info.dataset.kept)).sd).any():
        return ""
    return "it is the same in all videos"


def _control(name: str, label: str, what: str, *columns: str) -> VideoControl:
    return ReferenceClassifier(
        name=name,
        label=label,
        kind="negative control",
        words=f"logistic regression on {what}, which is not the smile's",
        only_for=FACE,
        why_not=partial(_why_not, columns=columns),
        see=partial(_see, columns=columns),
        learn=logistic_regression.fit_logistic,
        predict=logistic_regression.logistic_predictions,
        given=partial(_given, columns=columns),
    )


VIDEO_CONTROLS: tuple[VideoControl, ...] = (
    _control("video length", "Length of the video", "the length of the video", "duration_ms"),
    _control("frame rate", "Frame rate", "the frame rate of the video", "frame_rate_hz"),
    _control("resolution", "Resolution", "width and height of the picture", "width", "height"),
    _control("brightness", "Mean brightness", "the mean brightness of the picture", "mean_brightness"),
    _control("head pose", "Head pose", "the head's mean pose", "head_yaw_deg", "head_pitch_deg", "head_roll_deg"),
    _control("confidence", "Tracker's confidence", "the tracker's mean confidence", "mean_confidence"),
)
"""Each is a contradiction to a study's result where it does as well as the network. A column that only the videos of one class
have is filled with the mean, and does not give the class away."""
