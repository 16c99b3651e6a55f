"""One run: a training as a pure function of its data. No I/O.

What may vary between runs without changing a shape is an argument (`Run`); what fixes shapes or the program is closed over
(`TrainingSettings`, the number of steps). So many runs are `vmap` of one.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from jaxtyping import Array, Bool, Float, Int

from smilejax.dataset import Dataset
from smilejax.errors import DataError, SettingsError, listed
from smilejax.keys import check_key
from smilejax.model import CLASSES, Network, Variables, init
from smilejax.settings import TrainingSettings

MAX_LOSS = 100.0
"""A run whose mean cross-entropy ends above this many nats has diverged, though it is still a number: a coin has 0.69."""
MIN_SD = 1e-6
"""A channel with a smaller standard deviation over the training trials is constant, and is centred but not stretched."""


class Status(enum.IntEnum):
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

    key: Array
    train: Bool[Array, "*R N"]
    validation: Bool[Array, "*R N"]
    y: Int[Array, "*R N"]
    learning_rate: Float[Array, "*R"]
    weight_decay: Float[Array, "*R"]
    dropout: Float[Array, "*R"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Scores:
    """Sums and counts over a group of trials, without dropout; divided once, on the host.

    Arguments:
        loss_sum: `f32[E]`, cross-entropy in nats, unweighted; correct, count: `i32[E]`. For R runs, `[R, E]`.
    """

    loss_sum: Float[Array, "*E"]
    correct: Int[Array, "*E"]
    count: Int[Array, "*E"]

    @property
    def loss(self) -> npt.NDArray[np.float64]:
        """Mean cross-entropy per epoch; NaN where the group is empty."""
        return _divide(self.loss_sum, self.count)

    @property
    def accuracy(self) -> npt.NDArray[np.float64]:
        """Share of trials answered right per epoch; NaN where the group is empty."""
        return _divide(self.correct, self.count)


def _divide(total: Array, count: Array) -> npt.NDArray[np.float64]:
    n = np.asarray(count, np.float64)
    return np.divide(np.asarray(total, np.float64), n, out=np.full(n.shape, np.nan), where=n > 0)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RunResult:
    """What a run gives back. For R runs, with a leading axis R.

    Arguments:
        train, validation: `Scores` after each of E epochs.
        logits: `f32[N, 2]` for all trials at the end, scored ones and others.
        status: `i32[]`, a `Status`; a diverged run keeps the parameters it had when its loss stopped being finite.
        variables: the parameters with their scaling.
    """

    train: Scores
    validation: Scores
    logits: Float[Array, "*R N 2"]
    status: Int[Array, "*R"]
    variables: Variables


@dataclass(frozen=True)
class Progress:
    """What a reporter is told after each epoch. Scores are host numbers; NaN where a group is empty."""

    epoch: int
    epochs: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


Reporter = Callable[[Progress], None]


def train(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    key: Array,
    train_mask: npt.ArrayLike | None = None,
    validation_mask: npt.ArrayLike | None = None,
    start: Variables | None = None,
    reporter: Reporter | None = None,
) -> RunResult:
    """Train the model once.

    Arguments:
        dataset: N preprocessed trials.
        settings: the model, the optimiser and how long.
        key: typed PRNG key (`jax.random.key(seed)`).
        train_mask: `bool[N]`, trials to learn from; None takes every labelled one not in `validation_mask`. Rejected
            trials never train, whatever the mask says.
        validation_mask: `bool[N]`, trials to score after each epoch; None means none.
        start: parameters to go on from (from an earlier training or `from_torch`), scaling included; None draws fresh
            ones from the key and fits the scaling to the training trials.
        reporter: called with a `Progress` after each epoch. It is part of the compiled program: hand in the same
            callable again to compile once. It may change the last bit of a number; the training is the same.

    Returns:
        A `RunResult`; a run whose loss stops being finite, or ends above `MAX_LOSS`, comes back with status
        `DIVERGED`, not as an exception.

    Raises:
        DataError: a training trial without label, one class only, or trials on both sides.
        SettingsError: masks or key of the wrong kind.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> result = smilejax.train(dataset, smilejax.TrainingSettings(epochs=1), key=jax.random.key(1))
        >>> result.logits.shape
        (8, 2)
    """
    run, steps = make_run(dataset, settings, key=key, train_mask=train_mask, validation_mask=validation_mask)
    stretched = tuple(c != "mask" for c in dataset.channels)
    if start is not None:
        _check_start(start, dataset, settings)
    program = partial(_train, settings=program_of(settings), steps=steps, stretched=stretched, reporter=reporter)
    return program(dataset.x, dataset.valid, run, start)


def make_run(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    key: Array,
    train_mask: npt.ArrayLike | None = None,
    validation_mask: npt.ArrayLike | None = None,
) -> tuple[Run, int]:
    """Check what `train` was given and make a `Run` of it, with the steps an epoch takes. Raises as `train`."""
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
    run = Run(
        key=key,
        train=jnp.asarray(training),
        validation=jnp.asarray(validation),
        y=dataset.y,
        learning_rate=jnp.float32(settings.learning_rate),
        weight_decay=jnp.float32(settings.weight_decay),
        dropout=jnp.float32(settings.model.dropout),
    )
    return run, -(-int(training.sum()) // settings.batch)


def _check_start(start: Variables, dataset: Dataset, settings: TrainingSettings) -> None:
    samples, channels = dataset.x.shape[1:]
    fresh = jax.eval_shape(lambda: init(settings.model, samples=samples, channels=channels, key=jax.random.key(0)))
    shapes = {jax.tree_util.keystr(path): leaf.shape for path, leaf in jax.tree_util.tree_leaves_with_path(fresh)}
    given = {jax.tree_util.keystr(path): np.shape(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(start)}
    if shapes != given:
        differing = sorted(k for k in shapes.keys() | given.keys() if shapes.get(k) != given.get(k))
        raise SettingsError(
            f"start must fit the model and the dataset ({samples} steps, {channels} channels); "
            + listed(f"{k} is {given.get(k)} instead of {shapes.get(k)}" for k in differing)
            + ". Change the model's settings, or crop or resample the trials."
        )


def _mask(given: npt.ArrayLike | None, n: int, name: str, default: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    if given is None:
        return default
    mask = np.asarray(given)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise SettingsError(f"{name} must be bool[{n}], one for each trial; it is {mask.dtype}{list(mask.shape)}.")
    return mask


def program_of(settings: TrainingSettings) -> TrainingSettings:
    """The settings with what `Run` carries set to fixed values: two that differ only there share a compiled program."""
    weight_decay = 0.0 if settings.optimizer != "adamw" else 1.0
    return replace(settings, learning_rate=1.0, weight_decay=weight_decay, model=replace(settings.model, dropout=0.0))


def train_run(
    x: Float[Array, "N T C"],
    valid: Bool[Array, "N T"],
    run: Run,
    start: Variables | None = None,
    *,
    settings: TrainingSettings,
    steps: int,
    stretched: tuple[bool, ...],
    reporter: Reporter | None = None,
) -> RunResult:
    """A whole training. Pure; `vmap` it over `run` for many.

    Arguments:
        x, valid: as in `Dataset`.
        run: what this training learns from, and how.
        start: parameters to go on from, or None.
        settings: fixes shapes and program; what `run` carries is taken from there.
        steps: steps of `settings.batch` trials in an epoch; enough for the training trials of every run of a plan.
        stretched: for each channel, whether it is scaled (a 0/1 mask is not).
    """
    init_key, order_key, dropout_key = jax.random.split(run.key, 3)
    variables = start or init(settings.model, samples=x.shape[1], channels=x.shape[2], key=init_key)
    if settings.scale and start is None:
        variables = {**variables, "scaling": fit_scaling(x, valid, run.train, stretched)}
    scaling = variables["scaling"]
    network = Network(settings.model)
    optimizer = _optimizer(settings, run)
    weights = class_weights(settings, run)

    def loss_of(params: Any, rows: Array, real: Array, key: Array) -> Array:
        batch = {"params": params, "scaling": scaling}
        logits = network.apply(batch, x[rows], valid[rows], dropout=run.dropout, key=key)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, run.y[rows])
        total = jnp.sum(jnp.where(real, losses * weights[run.y[rows]], 0.0))
        return total / jnp.maximum(jnp.sum(real), 1).astype(total.dtype)

    def answers_of(params: Any) -> Array:
        answers: Array = network.apply({"params": params, "scaling": scaling}, x, valid)
        return answers

    def epoch(carry: tuple[_State, Array], number: Array) -> tuple[tuple[_State, Array], tuple[Scores, Scores]]:
        state, _ = carry
        rows, real = _batches(run.train, jax.random.fold_in(order_key, number), settings.batch, steps)
        # By epoch and by step in it, so that a run's keys do not hang on how many steps its plan gives an epoch.
        keys = jax.vmap(partial(jax.random.fold_in, jax.random.fold_in(dropout_key, number)))(jnp.arange(steps))
        state, _ = jax.lax.scan(partial(_step, loss_of, optimizer), state, (rows, real, keys))
        answers = answers_of(state.params)
        scores = score(answers, run.y, run.train), score(answers, run.y, run.validation)
        if reporter is not None:
            jax.debug.callback(partial(_tell, reporter, settings.epochs), number, *scores)
        return (state, answers), scores

    params = variables["params"]
    state = _State(params, optimizer.init(params), jnp.zeros((), bool))
    carry = state, jnp.zeros((x.shape[0], CLASSES))
    (state, answers), (training, validation) = jax.lax.scan(epoch, carry, jnp.arange(settings.epochs))
    final = training.loss_sum[-1] / jnp.maximum(training.count[-1], 1).astype(jnp.float32)
    diverged = state.diverged | ~(final <= MAX_LOSS)  # and not >: a loss that is no number is not above anything
    return RunResult(
        train=training,
        validation=validation,
        logits=answers,
        status=jnp.where(diverged, jnp.int32(Status.DIVERGED), jnp.int32(Status.OK)),
        variables={"params": state.params, "scaling": scaling},
    )


_train = partial(jax.jit, static_argnames=("settings", "steps", "stretched", "reporter"))(train_run)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class _State:
    params: Any
    optimizer: Any
    diverged: Bool[Array, ""]


def _step(
    loss_of: Callable[..., Array],
    optimizer: optax.GradientTransformation,
    state: _State,
    batch: tuple[Array, Array, Array],
) -> tuple[_State, None]:
    """One step on one batch. A batch without a training trial, and a diverged run, leave the state as it is."""
    rows, real, key = batch
    loss, gradient = jax.value_and_grad(loss_of)(state.params, rows, real, key)
    with jax.numpy_dtype_promotion("standard"):  # optax's Adam raises a float to an integer power
        updates, moved = optimizer.update(gradient, state.optimizer, state.params)
    params = optax.apply_updates(state.params, updates)
    diverged = state.diverged | (jnp.any(real) & ~jnp.isfinite(loss))
    goes_on = jnp.any(real) & ~diverged
    keep = partial(jax.tree.map, partial(jnp.where, goes_on))
    return _State(keep(params, state.params), keep(moved, state.optimizer), diverged), None


def _batches(
    train: Bool[Array, " N"], key: Array, batch: int, steps: int
) -> tuple[Int[Array, "S B"], Bool[Array, "S B"]]:
    """The training trials in a fresh order, `steps` batches of rows, and which of them are real.

    Folds are masks, so every run has the same shapes: training trials are sorted to the front, and what follows them is
    passed over by its zero weight.
    """
    n = train.shape[0]
    order = jnp.argsort(jnp.where(train, jax.random.uniform(key, (n,)), 2.0))
    rows = jnp.zeros(steps * batch, order.dtype).at[: min(n, steps * batch)].set(order[: steps * batch])
    real = jnp.arange(steps * batch) < jnp.sum(train)
    return rows.reshape(steps, batch), real.reshape(steps, batch)


def fit_scaling(
    x: Float[Array, "N T C"], valid: Bool[Array, "N T"], train: Bool[Array, " N"], stretched: tuple[bool, ...]
) -> dict[str, Float[Array, " C"]]:
    """Mean and standard deviation of each channel over the valid steps of the training trials, and of no others.

    Channels that are not to be stretched (masks), and constant ones, get a standard deviation of 1.
    """
    taken = (train[:, None] & valid)[:, :, None]
    x = jnp.where(taken, x, 0.0)  # padding may hold NaN, which a weight of zero would not silence
    weight = taken.astype(x.dtype)
    count = jnp.maximum(jnp.sum(weight), 1.0)
    mean = jnp.sum(x, axis=(0, 1)) / count
    sd = jnp.sqrt(jnp.sum(weight * (x - mean[None, None, :]) ** 2, axis=(0, 1)) / count)
    stretch = jnp.asarray(stretched)
    return {"mean": jnp.where(stretch, mean, 0.0), "sd": jnp.where(stretch & (sd > MIN_SD), sd, 1.0)}


def class_weights(settings: TrainingSettings, run: Run) -> Float[Array, " K"]:
    """Weight of each class in the loss.

    The loss of a batch is the weighted sum over its trials divided by their number, not by their weights as in PyTorch:
    there the weight cancels at batch 1.
    """
    if settings.class_weights == "balanced":
        counts = jnp.array([jnp.sum(run.train & (run.y == k)) for k in range(CLASSES)], jnp.float32)
        return jnp.sum(counts) / (CLASSES * jnp.maximum(counts, 1.0))
    if settings.class_weights == "none":
        return jnp.ones(CLASSES)
    return jnp.array(settings.class_weights, jnp.float32)


def _optimizer(settings: TrainingSettings, run: Run) -> optax.GradientTransformation:
    if settings.optimizer == "sgd":
        return optax.sgd(run.learning_rate, momentum=settings.momentum or None)
    if settings.optimizer == "adam":
        return optax.adam(run.learning_rate)
    return optax.adamw(run.learning_rate, weight_decay=run.weight_decay)


def score(answers: Float[Array, "N 2"], y: Int[Array, " N"], mask: Bool[Array, " N"]) -> Scores:
    """Sums of loss and hits over the trials of a mask. Labels outside it do not matter."""
    known = jnp.clip(y, 0, CLASSES - 1)
    losses = optax.softmax_cross_entropy_with_integer_labels(answers, known)
    hits = mask & (jnp.argmax(answers, axis=-1) == known)
    return Scores(jnp.sum(jnp.where(mask, losses, 0.0)), jnp.sum(hits), jnp.sum(mask))


def _tell(reporter: Reporter, epochs: int, number: Any, training: Scores, validation: Scores) -> None:
    values = (training.loss, training.accuracy, validation.loss, validation.accuracy)
    reporter(Progress(int(number) + 1, epochs, *(float(v) for v in values)))
