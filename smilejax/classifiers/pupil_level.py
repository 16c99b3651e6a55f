"""The pupil's size before the response, as classifiers see it."""

import numpy as np
import numpy.typing as npt

from smilejax._util.nan_mean import nan_mean
from smilejax.preprocess.dataset import Dataset

LEVEL_MS = 200.0
"""Span whose mean is the level of a trial without a baseline, in ms: the light reflex starts later."""


def pupil_level(dataset: Dataset, subtracted: npt.NDArray[np.floating] | None) -> npt.NDArray[np.float32] | None:
    """`f32[N]`, the level before the response, mean of the channels: what the recipe subtracted, or left in.

    Arguments:
        subtracted: `f32[N]`, the baseline that was subtracted; None where none was.

    Returns:
        NaN where a trial has none; None where no channel holds a level.
    """
    if subtracted is not None:
        return np.asarray(subtracted, np.float32)
    channels = [at for at, channel in enumerate(dataset.channels) if channel.level]
    if not channels:
        return None
    steps = max(1, round(LEVEL_MS * dataset.rate_hz / 1000))
    x, valid = np.asarray(dataset.x)[:, :steps, channels], np.asarray(dataset.valid)[:, :steps, None]
    return nan_mean(np.where(valid, x, np.nan), 1).mean(1).astype(np.float32)
