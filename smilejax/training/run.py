"""A training as data: what it learns from and how, and what it gives back."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax._util.errors import DataError, SettingsError
from smilejax._util.keys import check_key
from smilejax._util.summaries import as_html, counted
from smilejax.models.network import CLASS_COUNT, Variables
from smilejax.models.network_input import network_data
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.settings.checks import require_kind

MAX_LOSS = 100.0
"""A run whose mean cross-entropy ends above this many nats has diverged, though its loss is finite: guessing has 0.69."""


if TYPE_CHECKING:
    Values = Array | np.ndarray
    Described = Array
else:
    Values = Array | np.ndarray | np.generic
    Described = Array | np.ndarray | np.generic | jax.ShapeDtypeStruct | jax.stages.ArgInfo
"""`Values` are on a device or, once fetched, on the host, where a single one is NumPy's scalar. `Described` are on a device,
but for descriptions of them, with which a program is lowered ahead of its call."""


class RunStatus(enum.IntEnum):
    """How a run ended."""

    OK = 0
    DIVERGED = 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True, repr=False)
class Run:
    """One training, as data. A plan of R runs is this with a leading axis R on every field.

    Arguments:
        key: typed PRNG key; initial weights, the order of trials and dropout follow from it alone.
        train: `bool[N]`, training trials.
        validation: `bool[N]`, trials that are scored after each epoch and never trained on.
        y: `i32[N]`, labels 0 or 1, true or permuted; others only outside both masks.
        learning_rate: `f32[]`; weight_decay: `f32[]` (adamw); dropout: `f32[]`, 0 to below 1.
    """

    key: Key[Described, "*R"]
    train: Bool[Described, "*R N"]
    validation: Bool[Described, "*R N"]
    y: Int[Described, "*R N"]
    learning_rate: Float[Described, "*R"]
    weight_decay: Float[Described, "*R"]
    dropout: Float[Described, "*R"]

    def __repr__(self) -> str:
        return f"Run({', '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return as_html("Run", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        """By shapes alone: while a program is traced or lowered, there are no values."""
        shape = tuple(getattr(self.train, "shape", ()))
        found = [("runs", counted(shape[0], "run"))] if len(shape) == 2 else []
        return found + ([("trials", counted(shape[-1], "trial"))] if shape else [])


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Scores:
    """Sums and counts over a group of trials, without dropout; divided once, on the host.

    Arguments:
        loss_sum: `f32[E]`, cross-entropy in nats, unweighted; correct, count: `i32[E]`. For R runs, `[R, E]`.
    """

    loss_sum: Float[Values, "*E"]
    correct: Int[Values, "*E"]
    count: Int[Values, "*E"]

    @property
    def loss(self) -> npt.NDArray[np.float64]:
        """Mean cross-entropy per epoch; NaN where the group is empty."""
        return _divide(self.loss_sum, self.count)

    @property
    def accuracy(self) -> npt.NDArray[np.float64]:
        """Proportion of trials classified correctly per epoch; NaN where the group is empty."""
        return _divide(self.correct, self.count)


def _divide(total: npt.ArrayLike, count: npt.ArrayLike) -> npt.NDArray[np.float64]:
    n = np.asarray(count, np.float64)
    return np.divide(np.asarray(total, np.float64), n, out=np.full(n.shape, np.nan), where=n > 0)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, repr=False)
class RunResult:
    """What a run gives back. For R runs, with a leading axis R.

    Arguments:
        train, validation: `Scores` after each of E epochs.
        logits: `f32[N, 2]` for all trials at the end, scored ones and others.
        status: `i32[]`, a `RunStatus`; a diverged run keeps the parameters it had when its loss stopped being finite.
        variables: the parameters with their standardisation; None where they were not asked for.
        settings: what it was trained with; None for runs of a plan that varies them (`plan.variants` holds them).
        recipe: how its dataset was preprocessed, settled; None where `prepare` did not make it.
    """

    train: Scores
    validation: Scores
    logits: Float[Values, "*R N 2"]
    status: Int[Values, "*R"]
    variables: Variables | None
    settings: TrainingSettings | None = field(default=None, metadata={"static": True})
    recipe: AnyRecipe | None = field(default=None, metadata={"static": True})

    def __repr__(self) -> str:
        return f"<RunResult: {', '.join(f'{name} {words}' for name, words in self._summary().items())}>"

    def _repr_html_(self) -> str:
        return as_html("RunResult", self._summary().items())

    def _epochs(self) -> str:
        """How many were trained, and whether fewer were scored: without curves the last one alone is."""
        scored = np.shape(self.train.loss_sum)[-1]
        trained = scored if self.settings is None else self.settings.epochs
        if scored == trained:
            return f"{trained}" if self.settings is not None or scored > 1 else "scored after the last one"
        return f"{trained} (scored after the last one)"

    def _summary(self) -> dict[str, str]:
        """What a person wants to see first. Values are looked at only where they are there (not while tracing)."""
        shape = tuple(np.shape(self.logits))
        found = {"runs": f"{shape[0]}"} if len(shape) == 3 else {}
        found |= {"trials": f"{shape[-2]}", "epochs": self._epochs()}
        if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(self)):
            return found
        diverged = int(np.sum(np.asarray(self.status) == RunStatus.DIVERGED))
        found["status"] = "ok" if not diverged else "diverged" if len(shape) == 2 else f"{diverged} diverged"
        if len(shape) == 2:
            found["training loss"] = f"{self.train.loss[-1]:.3g}"
            if np.asarray(self.validation.count)[-1]:
                found["validation accuracy"] = f"{self.validation.accuracy[-1]:.1%}"
        return found


@dataclass(frozen=True)
class EpochProgress:
    """What `on_epoch_end` receives after each epoch. Scores are host numbers; NaN where a group is empty.

    Arguments:
        epoch: that has ended, from 1 up. epochs: of the training.
        train_loss, train_accuracy: cross-entropy in nats, and proportion correct, over training trials.
        validation_loss, validation_accuracy: the same over validation trials.
    """

    epoch: int
    epochs: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


OnEpochEnd = Callable[[EpochProgress], None]
"""What `train` calls after each epoch, as `print_epochs` makes one."""


def standardised_channels(dataset: Dataset) -> tuple[bool, ...]:
    """For each channel of a dataset, whether it is standardised: a signal is, a 0/1 mask is not."""
    return tuple(channel.standardised for channel in dataset.channels)


def make_run(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    key: Array,
    train_mask: npt.ArrayLike | None = None,
    validation_mask: npt.ArrayLike | None = None,
) -> Run:
    """One training as data, checked: what `train_run` and `jax.vmap` over seeds take. Arguments and errors as `train`.

    Example:
        >>> import dataclasses, jax, smilejax
        >>> from smilejax.training import make_run, train_run
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> settings = smilejax.TrainingSettings(epochs=1)

        Three seeds at once:

        >>> keys = jax.random.split(jax.random.key(1), 3)
        >>> run = make_run(dataset, settings, key=keys[0])
        >>> with_key = lambda key: train_run(dataset, dataclasses.replace(run, key=key), settings=settings)
        >>> jax.vmap(with_key)(keys).logits.shape
        (3, 8, 2)
    """
    require_kind(dataset, "dataset", Dataset, "Make one with smilejax.prepare.")
    require_kind(settings, "settings", TrainingSettings)
    network_data(dataset, settings.model)
    check_key(key)
    labels = np.asarray(dataset.y)
    validation = _mask(validation_mask, len(dataset), "validation_mask", np.zeros(len(dataset), bool))
    training = _mask(train_mask, len(dataset), "train_mask", (labels >= 0) & ~validation)
    if np.any(both := training & validation):
        raise DataError(
            f"no trial may be both trained on and scored; {int(both.sum())} are in both masks, the first in row "
            f"{int(np.flatnonzero(both)[0])}. Take them out of one."
        )
    training, validation = training & dataset.kept, validation & dataset.kept
    for name, mask in (("train_mask", training), ("validation_mask", validation)):
        if np.any(bad := mask & ((labels < 0) | (labels >= CLASS_COUNT))):
            raise DataError(
                f"every trial of {name} must have a label; {int(bad.sum())} have none, the first in row "
                f"{int(np.flatnonzero(bad)[0])}. Give the label column, or leave them out of the mask."
            )
    counts = np.bincount(labels[training], minlength=CLASS_COUNT)
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
