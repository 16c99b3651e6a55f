"""Blinks: the eyelid's way down and up, around gaps and in dips, and the spans that the tracker itself gives."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.median_mad import MedianMad
from smilejax.preprocess.signal.passes import at_least_samples, enclosed, in_samples, nearest, reach, run_length, shift
from smilejax.preprocess.signal.speed import fastest, velocity
from smilejax.preprocess.signal.trace import Reason, Trace, mark
from smilejax.settings import samples_in

EDGE_MS = 50.0
"""How far outside a dip its two edges are looked at, in ms, and how far a walk's velocity may look: our choice, longer than
a spike and shorter than a blink."""
MIN_DIP = 0.05
"""Least depth of a dip as a share of the pupil at its edges. Our choice: an eyelid that covers less changes little."""
MIN_GAP_MS = 50.0
"""Gaps this long can be blinks (pymovements, after Nyström 2024: 50 to 500 ms)."""


def tracker_blinks(trace: Trace, blink: Bool[Array, "*S"]) -> Trace:
    """Mark what the tracker says is a blink."""
    return mark(trace, blink & trace.present, Reason.BLINK)


def mark_partial_blinks(
    trace: Trace,
    usual: MedianMad,
    *,
    max_ms: Float[Array, ""] | float,
    mads: Float[Array, ""] | float,
    min_per_s: Float[Array, ""] | float,
    span_ms: float,
    rate_hz: float,
) -> Trace:
    """Mark dips: the pupil seems to fall faster than pupils do, and to rise so again within `max_ms`.

    The eyelid covers part of the pupil and the tracker goes on measuring what is left of it. Mathôt (2013) finds such
    blinks by two thresholds on velocity; those are in units of one tracker at 1000 Hz, so here a threshold is the
    median + `mads` MAD of the trial's speeds, as in `too_fast`. Marked are samples between a fall and a rise that lie
    below both edges, of which `mark_blink_edges` then finds the rest of the way.

    Arguments:
        usual: how the trial's speeds scatter, from `speeds`.
        max_ms: longest dip from the end of the fall to the start of the rise; 500 (Mathôt 2013). 0 finds none.
        mads, min_per_s, span_ms, rate_hz: as in `too_fast`. With `mads` infinite nothing is a dip.
    """
    edge = max(1, samples_in(EDGE_MS, rate_hz))
    x, present = trace.pupil, trace.present
    v = velocity(x, present, span_ms=span_ms, max_gap_ms=EDGE_MS, rate_hz=rate_hz)
    limit = fastest(trace, usual, mads=mads, min_per_s=min_per_s)
    falls, rises = v.known & (v.towards < -limit), v.known & (v.away > limit)
    # What the pupil was before the fall set in, and after the rise has ended.
    onset = falls & ~shift(falls, 1, False)
    offset = rises & ~shift(rises, -1, False)
    before = nearest(shift(nearest(x, present).value, edge, 0.0), onset).value
    after = nearest(shift(nearest(x, present, ahead=True).value, -edge, 0.0), offset, ahead=True).value
    apart = nearest(x, falls).apart.astype(jnp.float32) + nearest(x, rises, ahead=True).apart.astype(jnp.float32)
    within = (apart <= in_samples(max_ms, rate_hz)) & (jnp.asarray(max_ms, jnp.float32) > 0)
    low = present & within & (x < (1 - MIN_DIP) * jnp.minimum(before, after))
    return mark(trace, low, Reason.BLINK)


def mark_blink_edges(
    trace: Trace,
    usual: MedianMad,
    *,
    blink_edge_ms: Float[Array, ""] | float,
    blink_merge_ms: Float[Array, ""] | float,
    mads: Float[Array, ""] | float,
    min_per_s: Float[Array, ""] | float,
    span_ms: float,
    rate_hz: float,
) -> Trace:
    """Mark the eyelid's way down before each gap and up after it, and what lies between two gaps of one blink.

    The idea is Hershman et al.'s (2018): from the gap's onset walk back while the pupil still falls, from its offset walk on
    while it still rises. They smooth by 10 ms first, as `velocity` does, which is less than a sample at 60 Hz, so that a walk
    would end, or go on, by noise. Here it goes on while the change over `span_ms` is larger than noise makes it: above the
    median + `mads` MAD of the trial's speeds. And it ends after `blink_edge_ms`.

    Arguments:
        usual: how the trial's speeds scatter, from `speeds`.
        blink_edge_ms: longest walk; 150 (eyelids take about 60 ms down and 90 up). 0 walks nowhere.
        blink_merge_ms: gaps that may be blinks (50 ms or more) and are this close are one; 100 (Hershman et al. 2018).
        mads: unscaled MAD above the median; at 2 one walk in fifteen takes a good sample. Our choice.
        min_per_s: a slower change is no eyelid's, in mean diameters of the trial per second.
        span_ms: length of time that a change is measured over.
        rate_hz: sampling rate of the trace.
    """
    present, inside = trace.present, trace.reason != Reason.OUTSIDE.code
    v = velocity(trace.pupil, present, span_ms=span_ms, max_gap_ms=EDGE_MS, rate_hz=rate_hz)
    limit = fastest(trace, usual, mads=mads, min_per_s=min_per_s)
    gap = ~present & inside
    falls, rises = present & (v.towards < -limit), present & (v.away > limit)
    most = in_samples(blink_edge_ms, rate_hz)
    walked = reach(gap, falls, most, ahead=True) | reach(gap, rises, most)
    return mark(trace, present & (walked | _between(gap | walked, inside, blink_merge_ms, rate_hz)), Reason.BLINK)


def _between(
    gap: Bool[Array, "T *L"], inside: Bool[Array, "T *L"], blink_merge_ms: Float[Array, ""] | float, rate_hz: float
) -> Bool[Array, "T *L"]:
    """Samples between two gaps that are long enough to be blinks and close enough to be one."""
    long = run_length(gap).astype(jnp.float32) >= at_least_samples(MIN_GAP_MS, rate_hz)
    merges = jnp.asarray(blink_merge_ms, jnp.float32) > 0
    return inside & merges & enclosed(gap & long, in_samples(blink_merge_ms, rate_hz))
