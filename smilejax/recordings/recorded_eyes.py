"""Which eyes a tracker recorded: monocular recordings have one, and the other is not missing."""

import numpy as np
import numpy.typing as npt

from smilejax.recordings.trials import Trials


def recorded_eyes(trials: Trials) -> npt.NDArray[np.bool_]:
    """`bool[N, 2]`: whether the left and the right eye of each trial's participant were recorded.

    An eye without a sample in any trial of a participant was not recorded; one that was lost in some trials was. Where a
    participant has no sample of either eye, the eyes of the other participants count.

    Example:
        >>> from smilejax.recordings.trials import Trials
        >>> pupil = np.full((2, 4, 2), 3.0)
        >>> pupil[:, :, 1] = np.nan
        >>> names = {"class_names": ("posed", "genuine"), "trial": ("a", "b"), "participant": ("p", "p")}
        >>> trials = Trials(pupil=pupil, length=np.array([4, 4]), rate_hz=60.0, unit="mm", label=np.array([0, 1]), **names)
        >>> recorded_eyes(trials).tolist()
        [[True, False], [True, False]]
    """
    seen: npt.NDArray[np.bool_] = np.any(trials.measured(), axis=1)
    everywhere = np.any(seen, axis=0)
    found = np.empty(seen.shape, bool)
    for participant in dict.fromkeys(trials.participant):
        rows = [name == participant for name in trials.participant]
        own = np.any(seen[rows], axis=0)
        found[rows] = own if np.any(own) else everywhere
    return found
