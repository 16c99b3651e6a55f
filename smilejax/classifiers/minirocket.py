"""MiniRocket features of pupil traces (Dempster, Schmidt & Webb 2021, KDD) with a ridge classifier.

84 kernels of length 9, six weights of -1 and three of 2, at dilations that grow exponentially up to the length of the trial.
A feature is the proportion of steps at which a kernel's output exceeds a bias; biases are quantiles of that output in
training trials. Every second combination of kernel and dilation counts all steps, the others only those at which all nine
taps have a value.

Gaps and ends of trials: steps without a value are never counted. A tap inside a gap reads the straight line across the gap;
a tap before the first or after the last value reads 0, the trial's mean, which is subtracted first. The weights of a kernel
sum to 0, so that no feature depends on the mean of a trial otherwise.

Two differences from the paper: each bias comes from a training trial drawn for it, where the paper draws one trial for each
kernel and dilation; and there are 2520 features instead of 10,000, since more were no better: over 12 simulated studies of
96 trials at 20 Hz, the accuracy on held-out trials was .836 with 2520 and .838 with 9996
(experiments/benchmark_reference_classifiers.py).
"""

from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax._util.number_text import several
from smilejax.classifiers import ridge
from smilejax.classifiers.classifier import OfferedClassifier, TrialInfo
from smilejax.classifiers.linear_model import LinearModel, linear_log_odds
from smilejax.classifiers.pupil_features import NO_PUPIL, pupil_channels
from smilejax.preprocess.signal.filling import between

LENGTH = 9
KERNELS = np.array([[2.0 if i in at else -1.0 for i in range(LENGTH)] for at in combinations(range(LENGTH), 3)], "f4")
"""`f32[84, 9]`: all ways to place three weights of 2 among six of -1."""
PER_KERNEL = 30
"""Features of each kernel, over all dilations and channels: 2520 in all."""
GOLDEN = (5**0.5 + 1) / 2
"""Multiples of it, modulo 1, spread evenly over 0 to 1 however many are taken (Dempster et al. 2021)."""
BLOCK = 64
"""Trials processed at a time: enough to fill a CPU's vectors, few enough for its cache."""


class FeaturePlan(NamedTuple):
    """S groups of 84 features, one for each kernel; the features of a group share channel and dilation."""

    channel: npt.NDArray[np.int32]
    """`i32[S]`."""
    dilation: npt.NDArray[np.int32]
    """`i32[S]`, steps between taps."""
    all_steps: npt.NDArray[np.bool_]
    """`bool[S, 84]`, whether a feature counts steps at which some tap has no value."""
    quantile: npt.NDArray[np.float32]
    """`f32[S, 84]`, of the bias, 0 to 1."""


class ChannelsFirst(NamedTuple):
    """C channels of N trials, time first and trials last."""

    x: Float[Array, "C T N"]
    """Relative to the trial's mean; 0 beyond its first and last value."""
    valid: Bool[Array, "T N"]


def dilations(steps: int, count: int) -> npt.NDArray[np.int32]:
    """`i32[count]`, ascending and with repetitions: powers of 2 with equally spaced exponents, rounded down, from 1 to where
    nine taps span the trial.
    """
    most = np.log2((steps - 1) / (LENGTH - 1))
    return np.floor(2 ** np.linspace(0, most, count) + 1e-9).astype(np.int32)


def feature_plan(steps: int, channels: int, per_kernel: int = PER_KERNEL) -> FeaturePlan:
    """The features of trials of T steps. Each channel has kernels of its own, and an equal part of the features."""
    each = max(per_kernel // channels, 1)
    spread = dilations(steps, each)
    rank = np.unique(spread, return_inverse=True)[1]
    all_steps = (rank[:, None] + np.arange(len(KERNELS))[None, :]) % 2 == 0
    number = np.arange(1, channels * each * len(KERNELS) + 1).reshape(-1, len(KERNELS))
    return FeaturePlan(
        channel=np.repeat(np.arange(channels, dtype=np.int32), each),
        dilation=np.tile(spread, channels),
        all_steps=np.tile(all_steps, (channels, 1)),
        quantile=(number * GOLDEN % 1).astype(np.float32),
    )


@jax.jit
def channels_first(x: Float[Array, "N T C"], valid: Bool[Array, "N T"]) -> ChannelsFirst:
    """Trials as the kernels need them: time first, the mean subtracted, gaps bridged."""
    x, valid = jnp.moveaxis(x, 0, -1), valid.T
    count = jnp.maximum(jnp.sum(valid, axis=0), 1).astype(x.dtype)
    begun = jnp.cumsum(valid, axis=0) > 0
    inside = begun & (jnp.cumsum(valid[::-1], axis=0)[::-1] > 0)

    def channel(x: Float[Array, "T N"]) -> Float[Array, "T N"]:
        mean = jnp.sum(jnp.where(valid, x, 0.0), axis=0) / count
        return jnp.where(inside, between(x - mean[None], valid), 0.0)

    return ChannelsFirst(jax.vmap(channel, in_axes=1)(x), valid)


def _taps(
    x: Float[Array, "T B"], valid: Bool[Array, "T B"], dilation: Int[Array, ""]
) -> tuple[Float[Array, "9 T B"], Bool[Array, "T B"]]:
    """The nine taps around every step, and whether all of them are valid steps."""
    steps = x.shape[0]
    at = jnp.arange(steps)[None, :] + dilation * (jnp.arange(LENGTH) - LENGTH // 2)[:, None]
    there = ((at >= 0) & (at < steps))[..., None]
    at = jnp.clip(at, 0, steps - 1)
    return jnp.where(there, x[at], 0.0), jnp.all(there & valid[at], axis=0)


def bias(
    x: Float[Array, "T N"],
    valid: Bool[Array, "T N"],
    train: Bool[Array, " N"],
    dilation: Int[Array, ""],
    quantile: Float[Array, " K"],
    key: Key[Array, ""],
) -> Float[Array, " K"]:
    """The quantile of each kernel's output over the valid steps of one training trial, drawn for each kernel.

    Trials are drawn by rank: folds that share the drawn trial share the bias.
    """
    rank = jnp.where(train[None], jax.random.uniform(key, (len(KERNELS), x.shape[1])), -1.0)
    drawn = jnp.argmax(rank, axis=1)
    taps, _ = _taps(x[:, drawn], valid[:, drawn], dilation)
    output = jnp.einsum("kj,jtk->tk", KERNELS, taps, precision=jax.lax.Precision.HIGHEST)
    ordered = jnp.sort(jnp.where(valid[:, drawn], output, jnp.inf), axis=0)
    count = jnp.sum(valid[:, drawn], axis=0)
    place = quantile * jnp.maximum(count - 1, 0).astype(jnp.float32)
    below = jnp.floor(place).astype(jnp.int32)
    above = jnp.minimum(below + 1, jnp.maximum(count - 1, 0))
    low, high = (jnp.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
    return jnp.where(count > 0, low + (place - below.astype(jnp.float32)) * (high - low), 0.0)


def proportions(
    x: Float[Array, "T B"],
    valid: Bool[Array, "T B"],
    dilation: Int[Array, ""],
    bias: Float[Array, " K"],
    all_steps: Bool[Array, " K"],
) -> Float[Array, "K B"]:
    """Proportion of counted steps at which each kernel's output exceeds its bias; NaN where none is counted."""
    taps, whole = _taps(x, valid, dilation)
    output = jnp.einsum("kj,jtb->ktb", KERNELS, taps, precision=jax.lax.Precision.HIGHEST)
    counted = jnp.where(all_steps[:, None, None], valid[None], whole[None])
    above = jnp.sum(counted & (output > bias[:, None, None]), axis=1).astype(x.dtype)
    return above / jnp.sum(counted, axis=1).astype(x.dtype)


def learn_biases(
    seen: ChannelsFirst, train: Bool[Array, " N"], key: Key[Array, ""], *, per_kernel: int = PER_KERNEL
) -> Float[Array, "S K"]:
    """The biases of all features, from training trials."""
    channels, steps, _ = seen.x.shape
    plan = feature_plan(steps, channels, per_kernel)

    def group(one: tuple[Array, ...]) -> Array:
        number, channel, dilation, _, quantile = one
        return bias(seen.x[channel], seen.valid, train, dilation, quantile, jax.random.fold_in(key, number))

    return jax.lax.map(group, tuple(map(jnp.asarray, (np.arange(len(plan.channel)), *plan))))


def features_above(
    seen: ChannelsFirst, biases: Float[Array, "S K"], *, per_kernel: int = PER_KERNEL
) -> Float[Array, "N P"]:
    """All features of all trials with given biases. NaN where a trial has no step to count."""
    channels, steps, n = seen.x.shape
    plan = feature_plan(steps, channels, per_kernel)
    surplus = -n % BLOCK

    def blocks(values: Array) -> Array:
        filled = jnp.concatenate([values, jnp.zeros((steps, surplus), values.dtype)], axis=1)
        return jnp.moveaxis(filled.reshape(steps, -1, BLOCK), 1, 0)

    valid = blocks(seen.valid)

    def group(one: tuple[Array, ...]) -> Array:
        level, channel, dilation, all_steps, _ = one
        proportions_above = partial(proportions, dilation=dilation, bias=level, all_steps=all_steps)
        found = jax.lax.map(lambda block: proportions_above(*block), (blocks(seen.x[channel]), valid))
        return jnp.moveaxis(found, 1, 0).reshape(len(KERNELS), -1)[:, :n]

    found = jax.lax.map(group, (biases, *map(jnp.asarray, plan)))
    return found.reshape(-1, n).T


def minirocket_features(
    seen: ChannelsFirst, train: Bool[Array, " N"], key: Key[Array, ""], *, per_kernel: int = PER_KERNEL
) -> Float[Array, "N P"]:
    """All features of all trials, with biases from the training trials. NaN where a trial has no step to count."""
    return features_above(seen, learn_biases(seen, train, key, per_kernel=per_kernel), per_kernel=per_kernel)


def _why_not(info: TrialInfo) -> str:
    steps = info.dataset.x.shape[1]
    if steps < LENGTH:
        return f"trials have {several(steps, 'step')}, and a kernel needs {LENGTH}"
    return "" if pupil_channels(info.dataset) else NO_PUPIL


def _see(info: TrialInfo) -> ChannelsFirst:
    dataset = info.dataset
    rows = [dataset.channels.index(channel) for channel in pupil_channels(dataset)]
    return channels_first(dataset.x[:, :, np.array(rows)], dataset.valid)


def _learn(seen: ChannelsFirst, train: Bool[Array, " N"], key: Key[Array, ""]) -> ridge.Gram:
    return ridge.fit_ridge(minirocket_features(seen, train, key), train)


def _fit(
    seen: ChannelsFirst, train: Bool[Array, " N"], labels: Int[Array, " N"], key: Key[Array, ""]
) -> dict[str, Array]:
    biases = learn_biases(seen, train, key)
    return {"biases": biases, **ridge.ridge_model(features_above(seen, biases), train, labels)._asdict()}


def _apply(kept: Mapping[str, Array], seen: ChannelsFirst) -> Float[Array, " M"]:
    model = LinearModel(**{name: kept[name] for name in LinearModel._fields})
    return linear_log_odds(model, features_above(seen, kept["biases"]))


MINIROCKET: OfferedClassifier[ChannelsFirst, ridge.Gram] = OfferedClassifier(
    name="rocket",
    label="MiniRocket",
    kind="reference",
    words="proportions of the trial at which each of 2520 fixed convolutions exceeds a bias, and a ridge classifier on them "
    "(after Dempster, Schmidt & Webb 2021)",
    why_not=_why_not,
    see=_see,
    learn=_learn,
    predict=ridge.ridge_decisions,
    log_odds=ridge.ridge_log_odds,
    fit=_fit,
    apply=_apply,
)
