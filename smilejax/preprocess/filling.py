"""Filling gaps from the neighbouring samples of the same trial."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from smilejax.preprocess.trace import Reason, Trace, is_present


def fill_linear(trace: Trace, *, max_gap_ms: float, rate_hz: float) -> Trace:
    """Fill gaps of up to `max_gap_ms` on the straight line between their two neighbours.

    A gap at an end of the trial takes its one neighbour's value, under the same limit. A gap's length is the time its
    samples stand for, count / rate. Longer gaps keep their reason.

    Arguments:
        max_gap_ms: from 0 (fills nothing) to inf (fills all); Kret & Sjak-Shie 2019 fill 250.
        rate_hz: sampling rate of the trace.
    """
    samples = trace.pupil.shape[0]
    # A hair of tolerance: 250 ms at 60 Hz is 15 samples exactly, and must not become 14 by rounding.
    most = samples if math.isinf(max_gap_ms) else min(samples, math.floor(max_gap_ms * rate_hz / 1000 + 1e-6))
    fill = jax.vmap(_fill_lane, in_axes=(1, 1, None), out_axes=(1, 1))
    pupil, reason = fill(trace.pupil, trace.reason, most)
    return Trace(pupil, reason)


def _fill_lane(
    pupil: Float[Array, " T"], reason: Int[Array, " T"], most: int
) -> tuple[Float[Array, " T"], Int[Array, " T"]]:
    present = is_present(reason)
    inside = reason != Reason.OUTSIDE
    t = jnp.arange(pupil.shape[0])
    before = jax.lax.cummax(jnp.where(present, t, -1))
    after = jax.lax.cummin(jnp.where(present, t, pupil.shape[0]), reverse=True)
    has_before, has_after = before >= 0, after < pupil.shape[0]
    left, right = jnp.maximum(before, 0), jnp.minimum(after, pupil.shape[0] - 1)
    share = (t - left).astype(pupil.dtype) / jnp.maximum(right - left, 1).astype(pupil.dtype)
    line = pupil[left] + share * (pupil[right] - pupil[left])
    value = jnp.where(has_before & has_after, line, jnp.where(has_before, pupil[left], pupil[right]))
    end = jnp.sum(inside)
    gap = jnp.minimum(after, end) - before - 1
    fills = ~present & inside & (has_before | has_after) & (gap <= most)
    return jnp.where(fills, value, pupil), jnp.where(fills, jnp.int32(Reason.FILLED), reason)
