"""Who is trained on and who is scored: masks over trials."""

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.errors import DataError, SettingsError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset


def hold_out_participants(dataset: Dataset, share: float, *, key: Array) -> npt.NDArray[np.bool_]:
    """`bool[N]`: all trials of a random share of the participants, to be scored and never trained on.

    Arguments:
        share: of participants, above 0 and below 1; rounded, at least one is held out and one is left.
        key: typed PRNG key that settles who.

    Raises:
        DataError: fewer than two participants.
        SettingsError: the share or the key is not what it should be.
    """
    return _hold_out(np.asarray(dataset.participant), share, key, "participant")


def hold_out_smilers(dataset: Dataset, share: float, *, key: Array) -> npt.NDArray[np.bool_]:
    """`bool[N]`: all trials in which a random share of the smilers is seen. As `hold_out_participants`.

    Raises:
        DataError: smilers were not recorded, or fewer than two.
    """
    return _hold_out(np.asarray(dataset.smiler), share, key, "smiler")


def _hold_out(group: npt.NDArray[np.int32], share: float, key: Array, what: str) -> npt.NDArray[np.bool_]:
    check_key(key)
    if not 0 < share < 1:
        raise SettingsError(f"the share held out must lie above 0 and below 1; it is {share}.")
    groups = np.unique(group[group >= 0])
    if len(groups) < 2:
        raise DataError(
            f"holding out by {what} needs at least two; there are {len(groups)}. "
            "Record more, or train without holding out (--holdout 0)."
        )
    n = min(max(1, round(share * len(groups))), len(groups) - 1)
    held = np.asarray(jax.random.permutation(key, len(groups)))[:n]
    return np.isin(group, groups[held])
