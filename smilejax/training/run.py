"""A training as data: what it learns from and how, and what it gives back."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int

from smilejax._util.errors import DataError, SettingsError
from smilejax._util.keys import check_key
from smilejax.models.network import CLASSES, Variables
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings

MAX_LOSS = 100.0
"""A run whose mean cross-entropy ends above this many nats has diverged, though it is still a number: a coin has 0.69."""


class RunStatus(enum.IntEnum):
    """How a run ended."""

    OK = 0
    DIVERGED = 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Run:
    """One training, as data. A plan of R runs is this with a leading axis R on every field.

    Arguments:
        key: typed PRNG key; initial weights, the order of trials and dropout follow from it alone.
        train: `bool[N]`, trials that are learned from.
        validation: `bool[N]`, trials that are scored after each epoch and never learned from.
        y: `i32[N]`, labels 0 or 1, true or permuted; others only outside both masks.
        learning_rate: `f32[]`; weight_decay: `f32[]` (adamw); dropout: `f32[]`, 0 to below 1.
    """

    # Of any kind of array: lowering a program ahead of its call puts descriptions in their place.
    key: Any
    train: Bool[Any, "*R N"]
    validation: Bool[Any, "*R N"]
    y: Int[Any, "*R N"]
    learning_rate: Float[Any, "*R"]
    weight_decay: Float[Any, "*R"]
    dropout: Float[Any, "*R"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Scores:
    """Sums and counts over a group of trials, without dropout; divided once, on the host.

    Arguments:
        loss_sum: `f32[E]`, cross-entropy in nats, unweighted; correct, count: `i32[E]`. For R runs, `[R, E]`.
    """

    loss_sum: Float[Any, "*E"]
    correct: Int[Any, "*E"]
    count: Int[Any, "*E"]

    @property
    def loss(self) -> npt.NDArray[np.float64]:
        """Mean cross-entropy per epoch; NaN where the group is empty."""
        return _divide(self.loss_sum, self.count)

    @property
    def accuracy(self) -> npt.NDArray[np.float64]:
        """Share of trials answered right per epoch; NaN where the group is empty."""
        return _divide(self.correct, self.count)


def _divide(total: Any, count: Any) -> npt.NDArray[np.float64]:
    n = np.asarray(count, np.float64)
    return np.divide(np.asarray(total, np.float64), n, out=np.full(n.shape, np.nan), where=n > 0)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RunResult:
    """What a run gives back. For R runs, with a leading axis R.

    Arguments:
        train, validation: `Scores` after each of E epochs.
        logits: `f32[N, 2]` for all trials at the end, scored ones and others.
        status: `i32[]`, a `RunStatus`; a diverged run keeps the parameters it had when its loss stopped being finite.
        variables: the parameters with their scaling; None where they were not asked for.
    """

    train: Scores
    validation: Scores
    logits: Float[Any, "*R N 2"]
    status: Int[Any, "*R"]
    variables: Variables | None


@dataclass(frozen=True)
class EpochProgress:
    """What a reporter is told after each epoch. Scores are host numbers; NaN where a group is empty."""

    epoch: int
    epochs: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


OnEpochEnd = Callable[[EpochProgress], None]


def make_run(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    key: Array,
    train_mask: npt.ArrayLike | None = None,
    validation_mask: npt.ArrayLike | None = None,
) -> Run:
    """Check what `train` was given and make a `Run` of it. Raises as `train`."""
    check_key(key)
    labels = np.asarray(dataset.y)
    validation = _mask(validation_mask, len(dataset), "validation_mask", np.zeros(len(dataset), bool))
    training = _mask(train_mask, len(dataset), "train_mask", (labels >= 0) & ~validation)
    if np.any(both := training & validation):
        raise DataError(
            f"no trial may be trained on and scored; {int(both.sum())} are in both masks, the first in row "
            f"{int(np.flatnonzero(both)[0])}. Take them out of one."
        )
    training, validation = training & dataset.kept, validation & dataset.kept
    for name, mask in (("train_mask", training), ("validation_mask", validation)):
        if np.any(bad := mask & ((labels < 0) | (labels >= CLASSES))):
            raise DataError(
                f"every trial of {name} must have a label; {int(bad.sum())} have none, the first in row "
                f"{int(np.flatnonzero(bad)[0])}. Give the label column, or leave them out of the mask."
            )
    counts = np.bincount(labels[training], minlength=CLASSES)
    if np.any(counts == 0):
        raise DataError(
            f"training needs trials of both classes; it was left with {counts[0]} {dataset.class_names[0]} and "
            f"{counts[1]} {dataset.class_names[1]}, of {len(dataset)} trials with {int(dataset.kept.sum())} kept by the recipe."
        )
    return Run(
        key=key,
        train=jnp.asarray(training),
        validation=jnp.asarray(validation),
        y=dataset.y,
        learning_rate=jnp.float32(settings.learning_rate),
        weight_decay=jnp.float32(settings.weight_decay),
        dropout=jnp.float32(settings.model.dropout),
    )


def _mask(given: npt.ArrayLike | None, n: int, name: str, default: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    if given is None:
        return default
    mask = np.asarray(given)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise SettingsError(f"{name} must be bool[{n}], one for each trial; it is {mask.dtype}{list(mask.shape)}.")
    return mask
