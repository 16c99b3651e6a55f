"""Logistic regression on the features that pupillometry has used: means, peaks, latencies and slopes in windows of time."""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import OfferedClassifier, TrialInfo
from smilejax.preprocess.channels import Channel
from smilejax.preprocess.dataset import Dataset
from smilejax.recordings.kinds import PUPIL

WINDOWS = 4
"""Equal parts of the longest trial, in addition to the whole. Our choice: a quarter of a 10 s trial is about as long as a
response takes."""
NO_PUPIL = "the dataset has no pupil channel"
STATISTICS = ("mean", "peak", "peak latency", "minimum", "minimum latency", "slope", "area", "variance")


def pupil_channels(dataset: Dataset) -> tuple[Channel, ...]:
    """The channels that hold the pupil: all but the mask."""
    return tuple(channel for channel in dataset.channels if not channel.mask)


def pupil_features(
    dataset: Dataset, baseline: Shaped[Array | np.ndarray, " N"] | None
) -> tuple[tuple[str, ...], Float[Array, "N P"]]:
    """Eight statistics of each pupil channel in four equal windows and in the whole trial, and the baseline where known.

    Over the valid steps of a window: mean; peak, the largest dilation, and minimum, the strongest constriction; their
    latencies in ms relative to onset, the first of equal values; slope of the least-squares line, per s; area, the
    sum of values times their duration in s; variance. In the unit of the channel. Windows are the same times in all trials.

    Arguments:
        dataset: N trials. Mask channels are ignored.
        baseline: `f32[N]`, pupil size before the response, NaN where not known; None leaves it out.

    Returns:
        Names, as "fused peak latency, 2500 to 5000 ms", and values `f32[N, P]`. NaN where a window holds no valid step (for
        the slope: fewer than two). P = 40 for each pupil channel, and one for the baseline, which comes first.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> names, values = pupil_features(smilejax.prepare(study.trials, smilejax.Recipe()), None)
        >>> names[1], values.shape
        ('fused peak, 0 to 500 ms', (8, 40))
    """
    steps = dataset.x.shape[1]
    windows = _windows(steps)
    channels = pupil_channels(dataset)
    edges = [[dataset.start_ms + 1000 * edge / dataset.rate_hz for edge in window] for window in windows]
    spans = [f"{low:.0f} to {high:.0f} ms" for low, high in edges]
    names = [f"{channel} {what}, {span}" for channel in channels for span in spans for what in STATISTICS]
    rows = tuple(dataset.channels.index(channel) for channel in channels)
    values = _all(dataset.x, dataset.valid, rows=rows, rate_hz=dataset.rate_hz, start_ms=dataset.start_ms)
    if baseline is None:
        return tuple(names), values
    level = np.asarray(baseline, np.float32)[:, None]
    return ("baseline", *names), jnp.concatenate([jnp.asarray(level), values], axis=1)


def _windows(steps: int) -> list[tuple[int, int]]:
    """First step and the step after the last: each part in turn, then the whole."""
    edges = np.floor(np.arange(WINDOWS + 1) * steps / WINDOWS + 0.5).astype(int).tolist()
    return [*pairwise(edges), (0, steps)]


@partial(jax.jit, static_argnames=("rows", "rate_hz", "start_ms"))
def _all(
    x: Float[Array, "N T C"], valid: Bool[Array, "N T"], *, rows: tuple[int, ...], rate_hz: float, start_ms: float
) -> Float[Array, "N P"]:
    steps = x.shape[1]
    inside = np.zeros((WINDOWS + 1, steps), bool)
    for row, (first, end) in enumerate(_windows(steps)):
        inside[row, first:end] = True

    def window(inside: Bool[Array, " T"], x: Float[Array, "N T"]) -> Float[Array, "N S"]:
        return _statistics(x, valid & inside[None], 1000 / rate_hz, start_ms)

    over = jax.vmap(jax.vmap(window, in_axes=(0, None)), in_axes=(None, 2))
    found = over(jnp.asarray(inside), x[:, :, np.array(rows, np.int32)])
    return jnp.moveaxis(found, 2, 0).reshape(len(x), -1)


def _statistics(
    x: Float[Array, "N T"], used: Bool[Array, "N T"], step_ms: float, start_ms: float
) -> Float[Array, "N S"]:
    """The statistics of one window, in the order of `STATISTICS`."""
    some = jnp.any(used, axis=1)
    count = jnp.maximum(jnp.sum(used, axis=1), 1).astype(x.dtype)

    def mean(values: Array) -> Array:
        return jnp.sum(jnp.where(used, values, 0.0), axis=1) / count

    centre = mean(x)
    apart = x - centre[:, None]
    time_s = jnp.broadcast_to(jnp.arange(x.shape[1], dtype=x.dtype) * (step_ms / 1000), x.shape)
    time_s = time_s - mean(time_s)[:, None]
    spread = mean(time_s**2)
    high, low = jnp.where(used, x, -jnp.inf), jnp.where(used, x, jnp.inf)

    def latency(at: Array) -> Array:
        return start_ms + at.astype(x.dtype) * step_ms

    found = (
        centre,
        jnp.max(high, axis=1),
        latency(jnp.argmax(high, axis=1)),
        jnp.min(low, axis=1),
        latency(jnp.argmin(low, axis=1)),
        jnp.where(spread > 0, mean(time_s * apart) / jnp.where(spread > 0, spread, 1.0), jnp.nan),
        centre * count * (step_ms / 1000),
        mean(apart**2),
    )
    return jnp.where(some[:, None], jnp.stack(found, axis=1), jnp.nan)


def _why_not(info: TrialInfo) -> str:
    return "" if pupil_channels(info.dataset) else NO_PUPIL


def _see(info: TrialInfo) -> Float[Array, "N P"]:
    return pupil_features(info.dataset, info.baseline)[1]


PUPIL_FEATURES: OfferedClassifier[Float[Array, "N P"], logistic_regression.StandardisedFeatures] = OfferedClassifier(
    name="features",
    label="Pupil features, logistic regression",
    only_for=PUPIL,
    kind="reference",
    words="logistic regression on the usual measures of a pupil response: mean, peak, minimum, their latencies, slope, "
    "area and variance, in four windows and in the whole trial, and the baseline where there is one",
    why_not=_why_not,
    see=_see,
    learn=logistic_regression.fit_logistic,
    predict=logistic_regression.logistic_predictions,
    log_odds=logistic_regression.logistic_log_odds,
    fit=logistic_regression.fit_kept,
    apply=logistic_regression.apply_kept,
)
