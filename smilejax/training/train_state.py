"""One run: a training as a pure function of its data. No I/O.

What may vary between runs without changing a shape is an argument (`Run`); what fixes shapes or the program is closed over
(`TrainingSettings`). So many runs are `vmap` of one. How many steps an epoch takes follows from the run's own mask, inside
the program: it is the same program for folds of any size.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int

from smilejax.models.network import CLASSES, Variables, init, network
from smilejax.settings import TrainingSettings
from smilejax.training.run import MAX_LOSS, Run, RunResult, RunStatus, Scores

MIN_SD = 1e-6
"""A channel with a smaller standard deviation over the training trials is constant, and is centred but not standardised."""


def program_of(settings: TrainingSettings) -> TrainingSettings:
    """The settings with what `Run` or the caller carries set to fixed values: two that differ only there share a program."""
    weight_decay = 0.0 if settings.optimizer != "adamw" else 1.0
    model = replace(settings.model, dropout=0.0)
    return replace(settings, learning_rate=1.0, weight_decay=weight_decay, epochs=1, model=model)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TrainState:
    """A run on its way.

    Arguments:
        params: the network's; scaling: of its input, fitted once. optimizer: optax's state.
        epoch: `i32[]`, epochs behind it; diverged: `bool[]`, whether its loss has stopped being finite.
    """

    params: Any
    scaling: dict[str, Any]
    optimizer: Any
    epoch: Int[Any, "*R"]
    diverged: Bool[Any, "*R"]

    @property
    def variables(self) -> Variables:
        """As the network takes them."""
        return {"params": self.params, "scaling": self.scaling}


def train_run(
    x: Float[Array, "N T C"],
    valid: Bool[Array, "N T"],
    run: Run,
    start: Variables | None = None,
    *,
    settings: TrainingSettings,
    standardised: tuple[bool, ...],
) -> RunResult:
    """A whole training in one function, for `jit` and `vmap`. Pure.

    `smilejax.train` does the same epoch by epoch; the two agree to rounding, which grows over a long training.

    Arguments:
        x, valid: as in `Dataset`.
        run: what this training learns from, and how.
        start: parameters to go on from, or None.
        settings: fixes shapes and program; what `run` carries is taken from there.
        standardised: for each channel, whether it is scaled (a 0/1 mask is not).
    """
    fits = settings.scale and start is None
    scaling = fit_standardisation(x, valid, run.train, standardised) if fits else None
    state = begin(x, run, scaling, start, settings=settings)

    def epoch(carry: tuple[TrainState, Array], _: None) -> tuple[tuple[TrainState, Array], tuple[Scores, Scores]]:
        state = train_epoch(x, valid, run, carry[0], settings=settings)
        answers = logits_of(x, valid, state, settings=settings)
        return (state, answers), scores_of(answers, run)

    carry = state, jnp.zeros((x.shape[0], CLASSES))
    (state, answers), (training, validation) = jax.lax.scan(epoch, carry, length=settings.epochs)
    status = status_of(state, jax.tree.map(lambda sums: sums[-1], training))
    return RunResult(training, validation, answers, status, state.variables)


def begin(
    x: Float[Array, "N T C"],
    run: Run,
    scaling: dict[str, Array] | None,
    start: Variables | None,
    *,
    settings: TrainingSettings,
) -> TrainState:
    """A run before its first step.

    Arguments:
        x: as in `Dataset`, for its shape.
        scaling: from `fit_standardisation` of the run's own training trials; None leaves channels as they are.
        start: parameters to go on from, their scaling included; None draws initial weights from the run's key.
    """
    init_key, _, _ = _keys(run)
    variables = start or init(settings.model, samples=x.shape[1], channels=x.shape[2], key=init_key)
    params = variables["params"]
    fitted = variables["scaling"] if scaling is None else scaling
    state = _optimizer(settings, run).init(params)
    return TrainState(params, fitted, state, jnp.zeros((), jnp.int32), jnp.zeros((), bool))


def train_epoch(
    x: Float[Array, "N T C"], valid: Bool[Array, "N T"], run: Run, state: TrainState, *, settings: TrainingSettings
) -> TrainState:
    """One pass over the run's training trials in a fresh order. A diverged run keeps its parameters."""
    _, order_key, dropout_key = _keys(run)
    rows, real = _batches(run.train, jax.random.fold_in(order_key, state.epoch), settings.minibatch_size)
    of_epoch = jax.random.fold_in(dropout_key, state.epoch)
    optimizer = _optimizer(settings, run)
    apply = network(settings.model).apply
    weights = class_weights(settings, run)

    def loss_of(params: Any, rows: Array, real: Array, key: Array) -> Array:
        batch = {"params": params, "scaling": state.scaling}
        logits = apply(batch, x[rows], valid[rows], dropout=run.dropout, key=key)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, run.y[rows])
        total = jnp.sum(jnp.where(real, losses * weights[run.y[rows]], 0.0))
        return total / jnp.maximum(jnp.sum(real), 1).astype(total.dtype)

    def step(number: Array, now: TrainState) -> TrainState:
        key = jax.random.fold_in(of_epoch, number)
        loss, gradient = jax.value_and_grad(loss_of)(now.params, rows[number], real[number], key)
        with jax.numpy_dtype_promotion("standard"):  # optax's Adam raises a float to an integer power
            updates, moved = optimizer.update(gradient, now.optimizer, now.params)
        params = optax.apply_updates(now.params, updates)
        diverged = now.diverged | ~jnp.isfinite(loss)
        # The optimiser's state of a diverged run is never used again. Kept as it was, it would be copied in every step.
        kept = jax.tree.map(partial(jnp.where, ~diverged), params, now.params)
        return replace(now, params=kept, optimizer=moved, diverged=diverged)

    steps = -(-jnp.sum(run.train) // settings.minibatch_size)
    state = jax.lax.fori_loop(0, steps, step, state)
    return replace(state, epoch=state.epoch + 1)


def logits_of(
    x: Float[Array, "N T C"], valid: Bool[Array, "N T"], state: TrainState, *, settings: TrainingSettings
) -> Float[Array, "N 2"]:
    """Logits of all trials, without dropout."""
    answers: Array = network(settings.model).apply(state.variables, x, valid)
    return answers


def scores_of(answers: Float[Array, "N 2"], run: Run) -> tuple[Scores, Scores]:
    """Of the trials that are learned from, and of those that are scored."""
    return score(answers, run.y, run.train), score(answers, run.y, run.validation)


def status_of(state: TrainState, training: Scores) -> Int[Array, ""]:
    """How a run ended, from its last scores."""
    final = training.loss_sum / jnp.maximum(training.count, 1).astype(jnp.float32)
    diverged = state.diverged | ~(final <= MAX_LOSS)  # and not >: a loss that is no number is not above anything
    return jnp.where(diverged, jnp.int32(RunStatus.DIVERGED), jnp.int32(RunStatus.OK))


def _keys(run: Run) -> tuple[Array, Array, Array]:
    """For initial weights, the order of trials, and dropout."""
    init_key, order_key, dropout_key = jax.random.split(run.key, 3)
    return init_key, order_key, dropout_key


def _batches(train: Bool[Array, " N"], key: Array, batch: int) -> tuple[Int[Array, "S B"], Bool[Array, "S B"]]:
    """The training trials in a fresh order, as batches of rows, and which of them are real.

    Folds are masks, so every run has the same shapes: training trials are sorted to the front, and what follows them in the
    last batch that has one is passed over by its zero weight; batches behind it are not run.
    """
    n = train.shape[0]
    steps = -(-n // batch)
    order = jnp.argsort(jnp.where(train, jax.random.uniform(key, (n,)), 2.0))
    rows = jnp.zeros(steps * batch, order.dtype).at[:n].set(order)
    real = jnp.arange(steps * batch) < jnp.sum(train)
    return rows.reshape(steps, batch), real.reshape(steps, batch)


def fit_standardisation(
    x: Float[Array, "N T C"], valid: Bool[Array, "N T"], train: Bool[Array, " N"], standardised: tuple[bool, ...]
) -> dict[str, Float[Array, " C"]]:
    """Mean and standard deviation of each channel over the valid steps of the training trials, and of no others.

    Channels that are not to be standardised (masks), and constant ones, get a standard deviation of 1.
    """
    taken = (train[:, None] & valid)[:, :, None]
    x = jnp.where(taken, x, 0.0)  # padding may hold NaN, which a weight of zero would not silence
    weight = taken.astype(x.dtype)
    count = jnp.maximum(jnp.sum(weight), 1.0)
    mean = jnp.sum(x, axis=(0, 1)) / count
    sd = jnp.sqrt(jnp.sum(weight * (x - mean[None, None, :]) ** 2, axis=(0, 1)) / count)
    stretch = jnp.asarray(standardised)
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
