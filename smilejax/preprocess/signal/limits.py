"""Plausible pupils where the unit is arbitrary: found for each participant, on the host, before anything is compiled."""

import numpy as np
import numpy.typing as npt

from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.signal.marking import MAX_PUPIL
from smilejax.recordings.trials import Trials


def limits(trials: Trials, recipe: Recipe) -> npt.NDArray[np.float32]:
    """`f32[N, 2]`: the lowest and the highest plausible pupil of each trial, in the recording's unit.

    In mm those of the recipe. In other units the median of all that was measured of this participant +- `range_mads` MAD,
    both eyes together: arbitrary units depend on the camera and on where the head was. Labels are not looked at.
    """
    result = np.tile(np.array([0, MAX_PUPIL], np.float32), (len(trials), 1))
    if trials.unit == "mm":
        if recipe.range_mm is not None:
            result[:] = recipe.range_mm
        return result
    if recipe.range_mads is None:
        return result
    measured, people = trials.measured(), np.array(trials.participant)
    for person in dict.fromkeys(trials.participant):
        rows = people == person
        values = trials.pupil[rows][measured[rows]]
        if len(values):
            middle = np.median(values)
            reach = recipe.range_mads * np.median(np.abs(values - middle))
            if reach > 0:  # more than half of the samples equal: no scale to judge by
                result[rows] = max(middle - reach, 0), middle + reach
    return result
