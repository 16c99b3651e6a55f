"""Baseline: the level before the response, and the pupil relative to it."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.recipe import Correction, Statistic
from smilejax.preprocess.signal.median_mad import median
from smilejax.preprocess.signal.passes import in_samples
from smilejax.preprocess.signal.trace import Reason, Trace, along

MIN_SD = 1e-3
"""Least standard deviation of a window that z divides by, as a share of the baseline: less is a constant. Our choice."""


class Baseline(NamedTuple):
    """The level of each lane in the window, and what it rests on."""

    level: Float[Array, "L *B"]
    """In the recording's unit; 0 where the window holds no value."""
    measured: Float[Array, "L *B"]
    """Share of the window that was measured, 0 to 1; the rest is filled or absent."""
    found: Bool[Array, "L *B"]
    """Whether the window holds a value, and for z one that varies."""


def correct_baseline(
    trace: Trace,
    *,
    baseline_ms: Float[Array, ""] | float,
    rate_hz: float,
    statistic: Statistic = "mean",
    correction: Correction = "subtract",
) -> tuple[Trace, Baseline]:
    """Relate each lane to its own level over the first `baseline_ms`.

    Subtraction is the default: division blows up trials with a small baseline (Mathôt et al. 2018).

    Arguments:
        baseline_ms: length of the window in ms from the start of the trial, at least one sample.
        rate_hz: sampling rate of the trace.
        statistic: `mean` or `median` of the window.
        correction: `subtract` (in the recording's unit), `percent` (of the baseline), or `z` (in standard deviations of
            the window's samples).

    Returns:
        The trace and the baseline. A lane without a baseline keeps its level.
    """
    window = jnp.maximum(jnp.floor(in_samples(baseline_ms, rate_hz) + 0.5), 1.0)
    within = along(jnp.arange(trace.pupil.shape[0], dtype=jnp.float32) < window, trace.pupil)
    used = trace.present & within
    x = jnp.where(used, trace.pupil, 0.0)
    count = jnp.maximum(jnp.sum(used, axis=0), 1).astype(x.dtype)
    mean = jnp.sum(x, axis=0) / count
    level = mean if statistic == "mean" else median(x, used)
    sd = jnp.sqrt(jnp.sum(jnp.where(used, x - mean[None], 0.0) ** 2, axis=0) / jnp.maximum(count - 1, 1))
    found = jnp.any(used, axis=0)
    if correction == "z":
        found = found & (sd > MIN_SD * level)
    divisor = {"subtract": jnp.ones_like(level), "percent": level / 100, "z": sd}[correction]
    # Every level is above 0 where found; the other lanes keep theirs.
    divisor, base = jnp.where(found, divisor, 1.0), jnp.where(found, level, 0.0)
    corrected = jnp.where(trace.present, (trace.pupil - base[None]) / divisor[None], 0.0)
    measured = jnp.sum((trace.reason == Reason.MEASURED.code) & within, axis=0).astype(x.dtype)
    return Trace(corrected, trace.reason), Baseline(level, measured / jnp.minimum(window, x.shape[0]), found)
