"""Missing: measures that the tracker did not give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import MEASURED, OUTSIDE
from smilejax.preprocess.steps.missing import MISSING
from smilejax.preprocess.steps.step import Described, Known, Step

if TYPE_CHECKING:
    from jaxtyping import Array

    from smilejax.preprocess.face_recipe import FaceRecipe
    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State


class _MissingFrames(Step["FaceRecipe"]):
    name = "missing"
    reasons = (MISSING,)

    def words(self, recipe: FaceRecipe, known: Known) -> Iterator[Described]:
        yield Described(self.name, "take frames without a value as not measured", "")

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        import jax.numpy as jnp

        from smilejax.preprocess.signal.trace import Trace, across, along

        given = state.trace.values
        inside = along(jnp.arange(given.shape[0]), given) < across(state.length, given)
        measured = jnp.isfinite(given) & inside
        reason = jnp.where(measured, MEASURED.code, MISSING.code)
        trace = Trace(jnp.where(measured, given, 0.0), jnp.where(inside, reason, OUTSIDE.code))
        return replace(state, trace=trace)


MISSING_FRAMES = _MissingFrames()
