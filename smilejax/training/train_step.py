"""One step of a training on one minibatch: a pure function of a state, jitted."""

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Num

from smilejax.models.native import lstm_kernel
from smilejax.models.network import CLASS_COUNT, Params, network_of
from smilejax.settings import TrainingSettings
from smilejax.training.run import Run
from smilejax.training.train_state import TrainState, make_optimizer

MIRROR = 2**31
"""Folded into the key of a step for what is mirrored; dropout takes the numbers of dense layers."""
TRUNCATION = 0x7F
"""Folded into the key of a step for where its trials end."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Minibatch:
    """B trials of one step.

    Arguments:
        x: as in `NetworkData`, not standardised. valid: `bool[B, T]`. y: `i32[B]`, classes 0 or 1.
        weight: `f32[B]`, weight of each trial's class in the loss.
        real: `bool[B]`, False for trials that only fill the last minibatch of an epoch up.
    """

    x: Num[Array, "B T ..."]
    valid: Bool[Array, "B T"]
    y: Int[Array, " B"]
    weight: Float[Array, " B"]
    real: Bool[Array, " B"]


def train_step(
    state: TrainState, minibatch: Minibatch, run: Run, *, key: Array, settings: TrainingSettings
) -> TrainState:
    """One step of the optimiser on one minibatch. Pure; jitted, and inlined where it is called within another program.

    Arguments:
        state: from `begin` or an earlier step.
        minibatch: B trials.
        run: for its learning rate, weight decay and dropout rate.
        key: typed PRNG key of this step: of its dropout, of what is mirrored, and of where trials end.
        settings: the network and the optimiser.

    Returns:
        The state after the step. Once the loss has not been finite, `diverged` is True and the parameters no longer change.
    """
    return _train_step(state, minibatch, run, key=key, settings=settings, kernel=lstm_kernel.usable())


@partial(jax.jit, static_argnames=("settings", "kernel"), inline=True)
def _train_step(
    state: TrainState, minibatch: Minibatch, run: Run, *, key: Array, settings: TrainingSettings, kernel: bool
) -> TrainState:
    """`kernel` says nothing that `loss_of` does not ask for itself; but what was traced with it is not used without."""
    if settings.mirror:
        minibatch = replace(minibatch, x=mirrored(minibatch.x, jax.random.fold_in(key, MIRROR)))
    if settings.truncate_from < 1:
        ends = jax.random.fold_in(key, TRUNCATION)
        there = minibatch.valid & not_yet_over(minibatch.valid, settings.truncate_from, ends)
        minibatch = replace(minibatch, valid=there)
    loss, gradient = jax.value_and_grad(loss_of)(
        state.params, state, minibatch, dropout=run.dropout, key=key, settings=settings
    )
    with jax.numpy_dtype_promotion("standard"):  # optax's Adam raises a float to an integer power
        updates, optimizer = make_optimizer(settings, run).update(gradient, state.optimizer, state.params)
    params = optax.apply_updates(state.params, updates)
    diverged = state.diverged | ~jnp.isfinite(loss)
    # The optimiser's state of a diverged run is never used again. Kept as it was, it would be copied in every step.
    kept = jax.tree.map(partial(jnp.where, ~diverged), params, state.params)
    return replace(state, params=kept, optimizer=optimizer, diverged=diverged)


def mirrored(x: Num[Array, "B T S S C"], key: Array) -> Num[Array, "B T S S C"]:
    """Crops of which about half of the trials, drawn by the key, are mirrored left for right, all frames of a trial alike."""
    turned = jax.random.bernoulli(key, 0.5, (x.shape[0],))
    return jnp.where(turned[:, None, None, None, None], x[:, :, :, ::-1], x)


def not_yet_over(valid: Bool[Array, "B T"], least: float, key: Array) -> Bool[Array, "B T"]:
    """The steps of each trial up to one drawn at random, from the proportion `least` of all steps to the last."""
    steps = valid.shape[1]
    first = max(1, min(steps, round(least * steps)))
    ends = jax.random.randint(key, (valid.shape[0],), first, steps + 1)
    return jnp.arange(steps)[None, :] < ends[:, None]


def loss_of(
    params: Params,
    state: TrainState,
    minibatch: Minibatch,
    *,
    dropout: Float[Array, ""],
    key: Array,
    settings: TrainingSettings,
) -> Float[Array, ""]:
    """Mean cross-entropy of a minibatch in nats, weighted by class, with dropout.

    The weighted sum over trials is divided by their number, not by their weights as in PyTorch: there the weight cancels at
    minibatches of one trial.
    """
    variables = replace(state, params=params).variables
    logits = network_of(settings.model).apply(variables, minibatch.x, minibatch.valid, dropout=dropout, key=key)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, minibatch.y)
    total = jnp.sum(jnp.where(minibatch.real, losses * minibatch.weight, 0.0))
    return total / jnp.maximum(jnp.sum(minibatch.real), 1).astype(total.dtype)


def class_weights(settings: TrainingSettings, run: Run) -> Float[Array, " K"]:
    """Weight of each class in the loss."""
    if settings.class_weights == "balanced":
        counts = jnp.array([jnp.sum(run.train & (run.y == k)) for k in range(CLASS_COUNT)], jnp.float32)
        return jnp.sum(counts) / (CLASS_COUNT * jnp.maximum(counts, 1.0))
    if settings.class_weights == "none":
        return jnp.ones(CLASS_COUNT)
    return jnp.array(settings.class_weights, jnp.float32)
