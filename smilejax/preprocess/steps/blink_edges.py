"""Blink edges: the closing phase before a gap and the opening phase after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import OUTSIDE
from smilejax.preprocess.steps.dilation_speeds import least_words
from smilejax.preprocess.steps.step import HERSHMAN, Described, Known, Step, by
from smilejax.preprocess.steps.tracker_blinks import BLINK
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.median_mad import MedianMad
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

MAX_GAP_MS = 50.0
"""No velocity of an eyelid is measured across a longer gap, in ms: our choice, longer than a spike, shorter than a blink."""


@dataclass(frozen=True)
class BlinkEdgesSettings:
    """Settings of the step `blink edges`."""

    blink_edge_ms: float | None = 150.0
    """Longest closing or opening phase around a gap, in ms (after Hershman et al. 2018; the limit is ours)."""
    blink_edge_mads: float = 2.0
    """A phase lasts while the speed is above the trial's median + this many MAD (our choice)."""
    blink_merge_ms: float = 100.0
    """Gaps of 50 ms or more this close are one blink, in ms (Hershman et al. 2018: 100); 0: none; needs `blink_edge_ms`."""


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
    """Mark the eyelid's closing phase before each gap and its opening phase after it, and what lies between two gaps of one
    blink.

    The idea is Hershman et al.'s (2018): from each gap search outward: back from its onset while the pupil shrinks, and on from
    its end while the pupil grows. They smooth by 10 ms first, as `velocity` does, which is less than a sample at 60 Hz, so that
    noise would end or prolong the search. Here it goes on while the change over `span_ms` is larger than noise makes it: above
    the median + `mads` MAD of the trial's speeds. It ends after `blink_edge_ms` at the latest.

    Arguments:
        usual: how the trial's speeds scatter, from `speeds`.
        blink_edge_ms: how far the search goes; 150 (eyelids take about 60 ms to close and 90 to open). 0: no search.
        blink_merge_ms: gaps that may be blinks (50 ms or more) and are this close are one; 100 (Hershman et al. 2018).
        mads: unscaled MAD above the median; at 2 one search in fifteen marks a good sample. Our choice.
        min_per_s: a slower change is no eyelid's, in mean diameters of the trial per second.
        span_ms: length of time that a change is measured over.
        rate_hz: sampling rate of the trace.
    """
    from smilejax.preprocess.signal.passes import in_samples, reach
    from smilejax.preprocess.signal.speed import fastest, velocity
    from smilejax.preprocess.signal.trace import mark

    present, inside = trace.present, trace.reason != OUTSIDE.code
    v = velocity(trace.values, present, span_ms=span_ms, max_gap_ms=MAX_GAP_MS, rate_hz=rate_hz)
    limit = fastest(trace, usual, mads=mads, min_per_s=min_per_s)
    gap = ~present & inside
    falls, rises = present & (v.towards < -limit), present & (v.away > limit)
    most = in_samples(blink_edge_ms, rate_hz)
    reached = reach(gap, falls, most, ahead=True) | reach(gap, rises, most)
    return mark(trace, present & (reached | _between(gap | reached, inside, blink_merge_ms, rate_hz)), BLINK.code)


def _between(
    gap: Bool[Array, "T *L"], inside: Bool[Array, "T *L"], blink_merge_ms: Float[Array, ""] | float, rate_hz: float
) -> Bool[Array, "T *L"]:
    """Samples between two gaps that are long enough to be blinks and close enough to be one."""
    import jax.numpy as jnp

    from smilejax.preprocess.signal.blink_spans import MIN_BLINK_MS
    from smilejax.preprocess.signal.passes import at_least_samples, enclosed, in_samples, run_length

    long = run_length(gap).astype(jnp.float32) >= at_least_samples(MIN_BLINK_MS, rate_hz)
    merges = jnp.asarray(blink_merge_ms, jnp.float32) > 0
    return inside & merges & enclosed(gap & long, in_samples(blink_merge_ms, rate_hz))


class _BlinkEdges(Step["Recipe"]):
    name = "blink edges"
    settings = BlinkEdgesSettings
    off = (("blink_edge_ms", None), ("blink_merge_ms", 0.0))
    reasons = (BLINK,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "blink_edge_ms", 0, open_low=True, optional=True)
        require_number(recipe, "blink_edge_mads", 0)
        require_number(recipe, "blink_merge_ms", 0)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.blink_edge_ms is None:
            return
        above = f"above its median + {recipe.blink_edge_mads:g} MAD{least_words(recipe)}"
        edges = f"mark up to {recipe.blink_edge_ms:g} ms on either side of gaps, for as long as the pupil's speed is {above}"
        yield Described(self.name, edges, f"after {HERSHMAN}")
        if recipe.blink_merge_ms:
            close = f"mark what lies between gaps of 50 ms or more that are up to {recipe.blink_merge_ms:g} ms apart"
            yield Described("merge", close, by(HERSHMAN, recipe.blink_merge_ms == 100))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {
            "blink_edge_ms": recipe.blink_edge_ms or 0.0,
            "blink_merge_ms": recipe.blink_merge_ms if recipe.blink_edge_ms is not None else 0.0,
            "mads": recipe.blink_edge_mads,
        }

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        usual, min_per_s, span_ms = state.measured_speeds
        trace = mark_blink_edges(
            state.trace, usual, min_per_s=min_per_s, span_ms=span_ms, rate_hz=program.rate_hz, **numbers
        )
        return replace(state, trace=trace)


BLINK_EDGES = _BlinkEdges()
