"""What stands at the edges of gaps, and alone between them."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from smilejax.preprocess.signal.passes import at_least_samples, in_samples, reach, run_length, runs
from smilejax.preprocess.signal.trace import Reason, Trace, mark


def pad_gaps(
    trace: Trace,
    *,
    pad_ms: Float[Array, ""] | float,
    shortest_ms: Float[Array, ""] | float,
    longest_ms: Float[Array, ""] | float,
    rate_hz: float,
) -> Trace:
    """Mark `pad_ms` on either side of every gap that lasts from `shortest_ms` to `longest_ms`, up to the next gap.

    Edges of blinks are not the pupil's: the eyelid has begun to move before the tracker gives up. Kret & Sjak-Shie (2019)
    take 50 ms around gaps of 75 to 2000 ms. A gap lasts as long as its samples stand for, count / rate; a gap at an end of
    the trial is one like any other.
    """
    present = trace.present
    gap = ~present & (trace.reason != Reason.OUTSIDE.code)
    length = run_length(gap).astype(jnp.float32)
    low, high = at_least_samples(shortest_ms, rate_hz), in_samples(longest_ms, rate_hz)
    source = gap & (length >= low) & (length <= high)
    # At least the sample in which the edge falls: 10 ms are less than one at 60 Hz, and still an edge.
    most = jnp.ceil(at_least_samples(pad_ms, rate_hz))
    padded = reach(source, present, most) | reach(source, present, most, ahead=True)
    return mark(trace, padded, Reason.PADDED)


def islands(
    trace: Trace, *, shorter_ms: Float[Array, ""] | float, apart_ms: Float[Array, ""] | float, rate_hz: float
) -> Trace:
    """Mark runs of samples shorter than `shorter_ms` that gaps of more than `apart_ms` separate from all others.

    Eyelashes and reflections pass for pupils that long. Kret & Sjak-Shie (2019): shorter than 50 ms, more than 40 ms apart.
    An end of the trial separates as a gap does, and so does a gap that reaches it; a trial without a gap holds no island.
    """
    present = trace.present
    left, right = runs(present, endless=True), runs(present, ahead=True, endless=True)
    length = (left.place + right.place - 1).astype(jnp.float32)
    short = length < at_least_samples(shorter_ms, rate_hz)
    far = in_samples(apart_ms, rate_hz)
    apart = (left.last.astype(jnp.float32) > far) & (right.last.astype(jnp.float32) > far)
    gaps = jnp.any(~present & (trace.reason != Reason.OUTSIDE.code), axis=0, keepdims=True)
    return mark(trace, present & short & apart & gaps, Reason.ISLAND)
