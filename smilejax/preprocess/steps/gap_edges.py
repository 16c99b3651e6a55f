"""Padded edges: what stands on either side of a gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import OUTSIDE, SampleReason
from smilejax.preprocess.steps.dilation_speeds import FRAME_MS
from smilejax.preprocess.steps.step import KRET, Described, Known, Step, by
from smilejax.settings.checks import require_number, require_pair

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

PADDED = SampleReason("PADDED", 6, "padded edge", "#A6A6A6", rank=90)


@dataclass(frozen=True)
class GapEdgesSettings:
    """Settings of the step `padded edges`."""

    pad_ms: float | None = FRAME_MS
    """Marked on either side of a gap, in ms: a 60 Hz frame after `blink edges` (Kret & Sjak-Shie 2019, without it: 50)."""
    pad_gaps_ms: tuple[float, float] = (75.0, 2000.0)
    """Length in ms of the gaps that are padded (Kret & Sjak-Shie 2019: 75 to 2000)."""


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
    import jax.numpy as jnp

    from smilejax.preprocess.signal.passes import at_least_samples, in_samples, reach, run_length
    from smilejax.preprocess.signal.trace import mark

    present = trace.present
    gap = ~present & (trace.reason != OUTSIDE.code)
    length = run_length(gap).astype(jnp.float32)
    low, high = at_least_samples(shortest_ms, rate_hz), in_samples(longest_ms, rate_hz)
    source = gap & (length >= low) & (length <= high)
    # At least the sample in which the edge falls: 10 ms are less than one at 60 Hz, and still an edge.
    most = jnp.ceil(at_least_samples(pad_ms, rate_hz))
    padded = reach(source, present, most) | reach(source, present, most, ahead=True)
    return mark(trace, padded, PADDED.code)


class _GapEdges(Step["Recipe"]):
    name = "padded edges"
    settings = GapEdgesSettings
    off = (("pad_ms", None),)
    reasons = (PADDED,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "pad_ms", 0, open_low=True, optional=True)
        require_pair(recipe, "pad_gaps_ms")

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.pad_ms is not None:
            low, high = recipe.pad_gaps_ms
            edge = f"mark {recipe.pad_ms:.3g} ms on either side of gaps of {low:g} to {high:g} ms"
            yield Described(self.name, edge, by(KRET, (recipe.pad_ms, low, high) == (50, 75, 2000)))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        shortest, longest = recipe.pad_gaps_ms
        return {"pad_ms": recipe.pad_ms or 0.0, "shortest_ms": shortest, "longest_ms": longest}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        return replace(state, trace=pad_gaps(state.trace, rate_hz=program.rate_hz, **numbers))


GAP_EDGES = _GapEdges()
