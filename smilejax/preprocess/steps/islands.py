"""Islands: samples that stand alone between gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import OUTSIDE, SampleReason
from smilejax.preprocess.steps.step import KRET, Described, Known, Step, by
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

ISLAND = SampleReason("ISLAND", 5, "island", "#0072B2", rank=100)


@dataclass(frozen=True)
class IslandsSettings:
    """Settings of the step `islands`."""

    island_ms: float | None = 50.0
    """Runs of samples shorter than this are islands, in ms (Kret & Sjak-Shie 2019: 50)."""
    island_gap_ms: float = 40.0
    """... where gaps longer than this separate them, in ms (Kret & Sjak-Shie 2019: 40)."""


def islands(
    trace: Trace, *, shorter_ms: Float[Array, ""] | float, apart_ms: Float[Array, ""] | float, rate_hz: float
) -> Trace:
    """Mark runs of samples shorter than `shorter_ms` that gaps of more than `apart_ms` separate from all others.

    Eyelashes and reflections pass for pupils that long. Kret & Sjak-Shie (2019): shorter than 50 ms, more than 40 ms apart.
    An end of the trial separates as a gap does, and so does a gap that reaches it; a trial without a gap holds no island.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.passes import at_least_samples, in_samples, runs
    from smilejax.preprocess.signal.trace import mark

    present = trace.present
    left, right = runs(present, endless=True), runs(present, ahead=True, endless=True)
    length = (left.place + right.place - 1).astype(jnp.float32)
    short = length < at_least_samples(shorter_ms, rate_hz)
    far = in_samples(apart_ms, rate_hz)
    apart = (left.last.astype(jnp.float32) > far) & (right.last.astype(jnp.float32) > far)
    gaps = jnp.any(~present & (trace.reason != OUTSIDE.code), axis=0, keepdims=True)
    return mark(trace, present & short & apart & gaps, ISLAND.code)


class _Islands(Step["Recipe"]):
    name = "islands"
    settings = IslandsSettings
    off = (("island_ms", None),)
    reasons = (ISLAND,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "island_ms", 0, open_low=True, optional=True)
        require_number(recipe, "island_gap_ms", 0)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.island_ms is not None:
            gaps = f"between gaps of more than {recipe.island_gap_ms:g} ms"
            alone = f"mark runs of samples shorter than {recipe.island_ms:g} ms {gaps}"
            yield Described(self.name, alone, by(KRET, (recipe.island_ms, recipe.island_gap_ms) == (50, 40)))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"shorter_ms": recipe.island_ms or 0.0, "apart_ms": recipe.island_gap_ms}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        return replace(state, trace=islands(state.trace, rate_hz=program.rate_hz, **numbers))


ISLANDS = _Islands()
