"""The design of a study as splits and permutations see it: participant, stimulus, smiler and label of each trial."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int

from smilejax._util.errors import DataError
from smilejax.preprocess.dataset import Dataset

Axis = Literal["participant", "stimulus", "smiler"]
AXES: tuple[Axis, ...] = ("participant", "stimulus", "smiler")
PLURAL = {"participant": "participants", "stimulus": "stimuli", "smiler": "smilers", "trial": "trials"}


@dataclass(frozen=True, eq=False)
class Design:
    """Labels and groups of N trials, as NumPy arrays.

    Arguments:
        y: `i32[N]`, class 0 or 1; anything else is unlabelled.
        scorable: `bool[N]`, trials that may be trained on and scored: kept by the recipe, and labelled.
        participant, stimulus, smiler: `i32[N]`, codes from 0, or -1 where not recorded.
        class_names: of class 0 and 1.
    """

    y: Int[np.ndarray, " N"]
    scorable: Bool[np.ndarray, " N"]
    participant: Int[np.ndarray, " N"]
    stimulus: Int[np.ndarray, " N"]
    smiler: Int[np.ndarray, " N"]
    class_names: tuple[str, str]

    def codes(self, axis: Axis) -> npt.NDArray[np.int32]:
        """`i32[N]`, the codes of one axis."""
        found: npt.NDArray[np.int32] = getattr(self, axis)
        return found

    def recorded(self, axis: Axis) -> bool:
        """Whether every scorable trial has a code on the axis."""
        return bool(np.all(self.codes(axis)[self.scorable] >= 0))

    @property
    def whole_smilers(self) -> bool:
        """Whether there are two or more known smilers and each stimulus shows one: blocks of stimuli are then whole smilers."""
        known = self.recorded("smiler") and self.recorded("stimulus")
        smilers = self.smiler[self.scorable]
        return known and len(np.unique(smilers)) > 1 and same_within_groups(smilers, self.stimulus[self.scorable])


def design_of(dataset: Dataset) -> Design:
    """The design of a dataset.

    Raises:
        DataError: no trial can be scored, or the argument is no dataset.
    """
    if not isinstance(dataset, Dataset):
        raise DataError(
            f"dataset must be a Dataset, as `smilejax.prepare` makes it; it is a {type(dataset).__name__}.",
            hint="Prepare the recording first.",
        )
    y = np.asarray(dataset.y)
    design = Design(
        y=y,
        scorable=dataset.kept & (y >= 0) & (y <= 1),
        participant=np.asarray(dataset.participant),
        stimulus=np.asarray(dataset.stimulus),
        smiler=np.asarray(dataset.smiler),
        class_names=dataset.class_names,
    )
    if not design.scorable.any():
        raise DataError(
            f"there must be trials that are labelled and kept; of {len(y)}, {int(dataset.kept.sum())} are kept by the "
            f"recipe and {int(((y >= 0) & (y <= 1)).sum())} labelled.",
            hint="Give the label column, or a more lenient recipe.",
        )
    return design


def same_within_groups(value: Int[np.ndarray, " N"], group: Int[np.ndarray, " N"]) -> bool:
    """Whether each group has one value in all its rows.

    Example:
        >>> import numpy as np
        >>> same_within_groups(np.array([1, 1, 0]), np.array([7, 7, 5]))
        True
        >>> same_within_groups(np.array([1, 0, 0]), np.array([7, 7, 5]))
        False
    """
    pairs = np.unique(np.stack([group, value]), axis=1)
    return pairs.shape[1] == len(np.unique(group))


def canonical(design: Design, pool: Bool[np.ndarray, " N"]) -> npt.NDArray[np.intp]:
    """Rows of the pool ordered by participant, stimulus, smiler and label: draws do not depend on the order of the rows.

    Trials that are equal in all four keep the order of their rows.
    """
    rows = np.flatnonzero(pool)
    keys = (design.y, design.smiler, design.stimulus, design.participant)
    return rows[np.lexsort(tuple(key[rows] for key in keys))]
