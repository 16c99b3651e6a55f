"""`Inputs`: what a compiled program reads of a recording. Made on the host."""

from typing import NamedTuple

import numpy as np

from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.plausible_range import plausible_limits
from smilejax.recordings.trials import Trials
from smilejax.settings import samples_in


class Inputs(NamedTuple):
    """What a program reads, on the host: trials cropped to the recipe's duration."""

    pupil: np.ndarray
    """`f32[N, T, 2]`, NaN where a trial is shorter."""
    length: np.ndarray
    """`i32[N]`."""
    limits: np.ndarray
    """`f32[N, 2]`, the plausible pupil."""
    blink: np.ndarray
    """`bool[N, T, 2]`, what the tracker calls a blink."""


EMPTY = Inputs(*(np.array(value) for value in (np.nan, 0, 1.0, False)))
"""What an empty trial consists of."""


def inputs(trials: Trials, recipe: Recipe) -> Inputs:
    """Crop or pad to the recipe's duration, on the host: the compiled program then depends on rate and duration alone."""
    assert recipe.duration_ms is not None
    n, samples = len(trials), samples_in(recipe.duration_ms, trials.rate_hz)
    pupil = np.full((n, samples, 2), np.nan, np.float32)
    blink = np.zeros((n, samples, 2), bool)
    shared = min(samples, trials.pupil.shape[1])
    pupil[:, :shared] = trials.pupil[:, :shared]
    if recipe.tracker_blinks and trials.blink is not None:
        blink[:, :shared] = trials.blink[:, :shared]
    return Inputs(pupil, np.minimum(trials.length, samples).astype(np.int32), plausible_limits(trials, recipe), blink)
