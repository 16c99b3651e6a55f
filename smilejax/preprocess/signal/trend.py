"""Trend line: samples that lie far from where the pupil was before and after."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.filling import between
from smilejax.preprocess.signal.median_mad import median_mad
from smilejax.preprocess.signal.speed import level
from smilejax.preprocess.signal.trace import Reason, Trace, mark


def off_trend(
    trace: Trace,
    *,
    mads: Float[Array, ""] | float,
    min_share: Float[Array, ""] | float,
    cutoff_hz: float,
    passes: int,
    rate_hz: float,
) -> Trace:
    """Mark samples that deviate from a smooth line through the trial by more than the median + `mads` MAD.

    The line is a first-order zero-phase low-pass of the samples, joined by straight lines over gaps. What one pass rejects
    is left out of the next pass's line, and every pass judges all samples anew (Kret & Sjak-Shie 2019).

    Arguments:
        mads: unscaled MAD above the median deviation; 16 (Kret & Sjak-Shie 2019).
        min_share: no deviation below this share of the mean pupil is marked, whatever the MAD. 0 for none.
        cutoff_hz: cut-off of the line; 16 (Kret & Sjak-Shie 2019, who resample to 100 Hz for it; here it runs at the
            recording's rate). At rates below 40 Hz it is 0.8 of half the rate.
        passes: how often; 4 (Kret & Sjak-Shie 2019).
        rate_hz: sampling rate of the trace.
    """
    x, present, inside = trace.pupil, trace.present, trace.reason != Reason.OUTSIDE.code
    least = min_share * level(x, present)

    def once(off: Array) -> Array:
        line = one_pole(between(x, present & ~off), inside, cutoff_hz=cutoff_hz, rate_hz=rate_hz)
        deviation = jnp.where(present, jnp.abs(x - line), 0.0)
        limit = jnp.maximum(median_mad(deviation, present).limit(mads), least)
        return present & (deviation > limit[None])

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        done, changed, _ = state
        return (done < passes) & changed

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        done, _, off = state
        new = once(off)
        return done + 1, jnp.any(new != off), new

    # A pass that rejects what the one before it did would be repeated to the end: most trials need one.
    start = (jnp.int32(0), jnp.bool_(True), jnp.zeros(x.shape, bool))
    return mark(trace, jax.lax.while_loop(goes_on, step, start)[2], Reason.OFF_TREND)


def one_pole(
    x: Float[Array, "T *L"], inside: Bool[Array, "T *L"], *, cutoff_hz: float, rate_hz: float
) -> Float[Array, "T *L"]:
    """First-order Butterworth low-pass forwards and backwards, at rest at either end of what is inside the trial."""
    k = np.tan(np.pi * min(cutoff_hz, 0.4 * rate_hz) / rate_hz)
    gain, pole = float(k / (k + 1)), float((1 - k) / (1 + k))

    def step(carry: tuple[Array, Array], inputs: tuple[Array, Array]) -> tuple[tuple[Array, Array], Array]:
        last, y = carry
        sample, here = inputs
        y = jnp.where(here, gain * (sample + last) + pole * y, y)
        return (sample, y), y

    # Behind the trial the line stays as it is, so that the way back begins at rest at the trial's last sample.
    forwards = jax.lax.scan(step, (x[0], x[0]), (x, inside))[1]
    backwards: Array = jax.lax.scan(step, (forwards[-1], forwards[-1]), (forwards, inside), reverse=True)[1]
    return backwards
