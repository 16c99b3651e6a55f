"""Epochs of a training, and a whole training, as pure functions of their data. No I/O.

What may vary between runs without changing a shape is an argument (`Run`); what fixes shapes or the program is closed over
(`TrainingSettings`). So many runs are `vmap` of one. How many steps an epoch takes follows from the run's own mask, inside
the program: it is the same program for folds of any size.
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Num

from smilejax.models.network import CLASS_COUNT, Variables, network_of
from smilejax.models.network_input import network_data
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training.run import MAX_LOSS, Run, RunResult, RunStatus, Scores
from smilejax.training.train_state import TrainState, fit_standardisation, initial_state, run_keys
from smilejax.training.train_step import Minibatch, class_weights, train_step

SCORED_AT_ONCE = 32
"""Trials of crops that are classified at a time."""


def train_run(dataset: Dataset, run: Run, start: Variables | None = None, *, settings: TrainingSettings) -> RunResult:
    """A whole training in one function, for `jit` and `vmap`. Pure.

    `smilejax.train` does the same epoch by epoch; the two agree to rounding, which grows over a long training.

    Arguments:
        dataset: N preprocessed trials.
        run: what this training learns from, and how; from `make_run`, which shows `vmap` over seeds.
        start: variables to go on from, or None.
        settings: fixes shapes and program; learning rate, weight decay and dropout rate are the run's.
    """
    x, valid, standardised = network_data(dataset, settings.model)
    fits = settings.standardise and start is None
    standardisation = fit_standardisation(x, valid, run.train, standardised, settings.model) if fits else None
    state = initial_state(x, run, standardisation, start, settings=settings)

    def epoch(carry: tuple[TrainState, Array], _: None) -> tuple[tuple[TrainState, Array], tuple[Scores, Scores]]:
        state = train_epoch(x, valid, run, carry[0], settings=settings)
        logits = logits_of(x, valid, state, settings=settings)
        return (state, logits), scores_of(logits, run)

    carry = state, jnp.zeros((x.shape[0], CLASS_COUNT))
    (state, logits), (training, validation) = jax.lax.scan(epoch, carry, length=settings.epochs)
    status = status_of(state, jax.tree.map(lambda sums: sums[-1], training))
    recipe = dataset.recipe
    return RunResult(training, validation, logits, status, state.variables, settings, recipe)


def train_epoch(
    x: Num[Array, "N T ..."], valid: Bool[Array, "N T"], run: Run, state: TrainState, *, settings: TrainingSettings
) -> TrainState:
    """One pass over the run's training trials in a fresh order, step by step. A diverged run keeps its parameters."""
    _, order_key, dropout_key = run_keys(run)
    rows, real = minibatch_rows(run.train, jax.random.fold_in(order_key, state.epoch), settings.minibatch_size)
    of_epoch = jax.random.fold_in(dropout_key, state.epoch)
    weights = class_weights(settings, run)

    def step(number: Array, now: TrainState) -> TrainState:
        taken = rows[number]
        y = run.y[taken]
        minibatch = Minibatch(x[taken], valid[taken], y, weights[y], real[number])
        return train_step(now, minibatch, run, key=jax.random.fold_in(of_epoch, number), settings=settings)

    steps = -(-jnp.sum(run.train) // settings.minibatch_size)
    state = jax.lax.fori_loop(0, steps, step, state)
    return replace(state, epoch=state.epoch + 1)


def minibatch_rows(train: Bool[Array, " N"], key: Array, size: int) -> tuple[Int[Array, "S B"], Bool[Array, "S B"]]:
    """The training trials in a fresh order, as rows of minibatches, and which of them are real.

    Folds are masks, so every run has the same shapes: training trials are sorted to the front, and what follows them in the
    last minibatch that has one is ignored by its zero weight; minibatches after it are not run.
    """
    n = train.shape[0]
    steps = -(-n // size)
    order = jnp.argsort(jnp.where(train, jax.random.uniform(key, (n,)), 2.0))
    rows = jnp.zeros(steps * size, order.dtype).at[:n].set(order)
    real = jnp.arange(steps * size) < jnp.sum(train)
    return rows.reshape(steps, size), real.reshape(steps, size)


def logits_of(
    x: Num[Array, "N T ..."], valid: Bool[Array, "N T"], state: TrainState, *, settings: TrainingSettings
) -> Float[Array, "N 2"]:
    """Logits of all trials, without dropout; of crops in parts, whose feature maps take memory."""
    network = network_of(settings.model)
    if not settings.model.of_pictures:
        return network.apply(state.variables, x, valid)

    def one(trial: tuple[Array, Array]) -> Array:
        return network.apply(state.variables, trial[0][None], trial[1][None])[0]

    logits: Array = jax.lax.map(one, (x, valid), batch_size=min(SCORED_AT_ONCE, x.shape[0]))
    return logits


def scores_of(logits: Float[Array, "N 2"], run: Run) -> tuple[Scores, Scores]:
    """Of the training trials, and of the validation trials."""
    return masked_scores(logits, run.y, run.train), masked_scores(logits, run.y, run.validation)


def masked_scores(logits: Float[Array, "N 2"], y: Int[Array, " N"], mask: Bool[Array, " N"]) -> Scores:
    """Sums of loss and of correct classifications over the trials of a mask. Labels outside it do not matter.

    A count, kept whole for progress and curves: of two equal logits the first is predicted, where the metrics of `evaluation`
    count half.
    """
    known = jnp.clip(y, 0, CLASS_COUNT - 1)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, known)
    hits = mask & (jnp.argmax(logits, axis=-1) == known)
    return Scores(jnp.sum(jnp.where(mask, losses, 0.0)), jnp.sum(hits), jnp.sum(mask))


def status_of(state: TrainState, training: Scores) -> Int[Array, ""]:
    """How a run ended, from its last scores."""
    final = training.loss_sum / jnp.maximum(training.count, 1).astype(jnp.float32)
    diverged = state.diverged | ~(final <= MAX_LOSS)  # and not >: a loss that is NaN is above nothing
    return jnp.where(diverged, jnp.int32(RunStatus.DIVERGED), jnp.int32(RunStatus.OK))
