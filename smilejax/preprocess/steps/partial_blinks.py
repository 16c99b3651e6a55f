"""Partial blinks: the eyelid covers part of the pupil, and the tracker goes on measuring the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.steps.step import MATHOT, Described, Known, Step
from smilejax.preprocess.steps.tracker_blinks import BLINK
from smilejax.settings.checks import require_number, samples_in

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.median_mad import MedianMad
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

EDGE_MS = 50.0
"""How far outside a partial blink the pupil is compared, in ms: our choice, longer than a spike and shorter than a blink."""
MIN_DEPTH = 0.05
"""Least drop of the pupil, as a proportion of its size before and after. Our choice: less changes little."""


@dataclass(frozen=True)
class PartialBlinksSettings:
    """Settings of the step `partial blinks`."""

    partial_blink_ms: float | None = 500.0
    """Longest time between closing and opening of a partial blink, in ms (Mathôt 2013: 500); none without `speed_mads`."""


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
    """Mark drops: the pupil seems to shrink faster than pupils do, and to grow so again within `max_ms`.

    The eyelid covers part of the pupil and the tracker goes on measuring what is left of it. Mathôt (2013) finds such blinks by
    two thresholds on velocity; those are in units of one tracker at 1000 Hz, so here a threshold is the median + `mads` MAD of
    the trial's speeds, as in `too_fast`. Marked are samples between a closing and an opening phase that are smaller than the
    pupil before and after; `mark_blink_edges` then finds the rest of the closing and the opening phase.

    Arguments:
        usual: how the trial's speeds scatter, from `speeds`.
        max_ms: longest time from the end of the closing phase to the start of the opening phase; 500
            (Mathôt 2013). 0 finds none.
        mads, min_per_s, span_ms, rate_hz: as in `too_fast`. With `mads` infinite nothing is marked.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.passes import in_samples, nearest, shift
    from smilejax.preprocess.signal.speed import fastest, velocity
    from smilejax.preprocess.signal.trace import mark

    edge = max(1, samples_in(EDGE_MS, rate_hz))
    x, present = trace.values, trace.present
    v = velocity(x, present, span_ms=span_ms, max_gap_ms=EDGE_MS, rate_hz=rate_hz)
    limit = fastest(trace, usual, mads=mads, min_per_s=min_per_s)
    falls, rises = v.known & (v.towards < -limit), v.known & (v.away > limit)
    # The pupil before the closing phase began, and after the opening phase ended.
    onset = falls & ~shift(falls, 1, False)
    offset = rises & ~shift(rises, -1, False)
    before = nearest(shift(nearest(x, present).value, edge, 0.0), onset).value
    after = nearest(shift(nearest(x, present, ahead=True).value, -edge, 0.0), offset, ahead=True).value
    apart = nearest(x, falls).apart.astype(jnp.float32) + nearest(x, rises, ahead=True).apart.astype(jnp.float32)
    within = (apart <= in_samples(max_ms, rate_hz)) & (jnp.asarray(max_ms, jnp.float32) > 0)
    low = present & within & (x < (1 - MIN_DEPTH) * jnp.minimum(before, after))
    return mark(trace, low, BLINK.code)


class _PartialBlinks(Step["Recipe"]):
    name = "partial blinks"
    settings = PartialBlinksSettings
    off = (("partial_blink_ms", None),)
    reasons = (BLINK,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "partial_blink_ms", 0, open_low=True, optional=True)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.partial_blink_ms is not None and recipe.speed_mads is not None:  # it settles what is too fast
            drops = f"mark drops of up to {recipe.partial_blink_ms:g} ms between a fast closing and a fast opening of the lid"
            yield Described(self.name, drops, f"after {MATHOT}")

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        mads = float("inf") if recipe.speed_mads is None else recipe.speed_mads
        return {"max_ms": recipe.partial_blink_ms or 0.0, "mads": mads}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        usual, min_per_s, span_ms = state.measured_speeds
        trace = mark_partial_blinks(
            state.trace, usual, min_per_s=min_per_s, span_ms=span_ms, rate_hz=program.rate_hz, **numbers
        )
        return replace(state, trace=trace)


PARTIAL_BLINKS = _PartialBlinks()
