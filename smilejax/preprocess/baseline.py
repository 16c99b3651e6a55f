"""Baseline: the level before the response, taken away."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.trace import Trace
from smilejax.settings import samples_in


def subtract_baseline(
    trace: Trace, *, baseline_ms: float, rate_hz: float
) -> tuple[Trace, Float[Array, " L"], Bool[Array, " L"]]:
    """Subtract each lane's mean over the first `baseline_ms` from that lane.

    Subtraction, not division: a division blows up trials with a small baseline (Mathôt et al. 2018).

    Returns:
        The trace, the baseline `f32[L]`, and `bool[L]`: whether the window held any value. A lane without keeps its level.
    """
    window = min(max(1, samples_in(baseline_ms, rate_hz)), trace.pupil.shape[0])
    present = trace.present[:window]
    count = jnp.sum(present, axis=0)
    mean = jnp.sum(trace.pupil[:window], axis=0) / jnp.maximum(count, 1).astype(trace.pupil.dtype)
    level = jnp.where(trace.present, trace.pupil - mean[None, :], 0.0)
    return Trace(level, trace.reason), mean, count > 0
