"""Dilation speeds: how fast the pupil changes, and how fast it usually does."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.median_mad import MedianMad, median_mad
from smilejax.preprocess.signal.passes import NEVER, in_samples, nearest, shift
from smilejax.preprocess.signal.trace import Trace
from smilejax.settings import samples_in

SMOOTH_MS = 10.0
"""Window that samples are averaged over before a speed is taken, in ms (Hershman et al. 2018)."""

SAME = 1e-6
"""Values that differ by less than this share are one: averages of three and of five equal numbers differ by rounding, and a
pupil that does not move has no scatter to compare that with."""


class Velocity(NamedTuple):
    """Change per second over a fixed span, towards each sample and away from it; 0 where there is no neighbour."""

    towards: Float[Array, "T *L"]
    away: Float[Array, "T *L"]
    known: Bool[Array, "T *L"]
    """Whether the sample has a value and a neighbour on at least one side."""

    @property
    def speed(self) -> Float[Array, "T *L"]:
        """The greater of the two, without sign."""
        return jnp.maximum(jnp.abs(self.towards), jnp.abs(self.away))


def velocity(
    x: Float[Array, "T *L"],
    present: Bool[Array, "T *L"],
    *,
    span_ms: float,
    max_gap_ms: Float[Array, ""] | float,
    rate_hz: float,
) -> Velocity:
    """Velocity against the nearest present sample at least `span_ms` away, and at most `max_gap_ms` or one span.

    Samples are averaged over `SMOOTH_MS` first, which leaves them as they are below 200 Hz.

    The span is one frame of 60 Hz by default: between neighbours at 500 Hz the noise of two samples is divided by 2 ms,
    and hides an eyelid that moves as fast as ever.
    """
    x = _averaged(x, present, rate_hz)
    span = max(1, samples_in(span_ms, rate_hz))
    farthest = in_samples(max_gap_ms, rate_hz)

    def against(ahead: bool) -> tuple[Array, Array]:
        near = nearest(x, present, ahead=ahead)
        back = -span if ahead else span
        apart = shift(near.apart, back, NEVER) + span
        value = shift(near.value, back, 0.0)
        time = apart.astype(jnp.float32)
        known = present & (time <= jnp.maximum(farthest, span + 0.5))
        moved = jnp.abs(x - value) > SAME * x
        change = jnp.where(known & moved, (x - value) * (rate_hz / time), 0.0)
        return (-change if ahead else change), known

    towards, before = against(False)
    away, after = against(True)
    return Velocity(towards, away, before | after)


def _averaged(x: Float[Array, "T *L"], present: Bool[Array, "T *L"], rate_hz: float) -> Float[Array, "T *L"]:
    """Each present sample averaged with the present ones within `SMOOTH_MS` around it: none at 60 Hz, four at 500."""
    half = int(SMOOTH_MS * rate_hz / 2000)
    weight = present.astype(x.dtype)
    total, count = weight * x, weight
    for away in range(1, half + 1):
        for lag in (away, -away):
            total = total + shift(weight * x, lag, 0.0)
            count = count + shift(weight, lag, 0.0)
    return total / jnp.maximum(count, 1.0)


def lane_mean(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "*L"]:
    """Mean of each lane's present samples; 0 where there is none."""
    return jnp.sum(jnp.where(present, x, 0.0), axis=0) / jnp.maximum(jnp.sum(present, axis=0), 1).astype(x.dtype)


def speeds(trace: Trace, *, span_ms: float, max_gap_ms: Float[Array, ""] | float, rate_hz: float) -> MedianMad:
    """How the dilation speeds of each lane scatter over the trial: what noise and the pupil itself make of them.

    Estimated once, before artefacts are taken out: median and MAD do not mind a tenth of them.

    Arguments:
        span_ms: length of time that a speed is measured over.
        max_gap_ms: no speed is measured across more than this; 200 (Kret & Sjak-Shie 2019).
        rate_hz: sampling rate of the trace.
    """
    v = velocity(trace.values, trace.present, span_ms=span_ms, max_gap_ms=max_gap_ms, rate_hz=rate_hz)
    return median_mad(v.speed, v.known)


def fastest(
    trace: Trace, usual: MedianMad, *, mads: Float[Array, ""] | float, min_per_s: Float[Array, ""] | float
) -> Float[Array, "1 *L"]:
    """The speed above which a change is an artefact: median + so many MAD, and no less than so many diameters per second."""
    return jnp.maximum(usual.limit(mads), min_per_s * lane_mean(trace.values, trace.present))[None]
