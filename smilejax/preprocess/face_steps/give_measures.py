"""Give the model: the measures, and a 0/1 channel of which frames were measured where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.steps.step import Described, Known, Step
from smilejax.settings.checks import hold_tuple, require, require_flag

if TYPE_CHECKING:
    from jaxtyping import Array

    from smilejax.preprocess.face_recipe import FaceRecipe
    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State

SIDE_STEP, LEAST_SIDE = 8, 16
"""Networks of crops halve their sides three times."""


@dataclass(frozen=True)
class GiveMeasuresSettings:
    """Settings of the step `channels`."""

    measures: tuple[str, ...] | None = None
    """Faces: measures that the model sees, by their names; None takes all that the recordings have."""
    measured: bool = False
    """Faces: give the model also a channel that is 1 where a frame was measured, and 0 where it was filled."""
    crop_side: int | None = None
    """Faces: height and width in pixels of the crops that a network of crops is given, a multiple of 8 from 16 up; None gives
    none. Measures find time zero then, and are for reference classifiers."""


class _GiveMeasures(Step["FaceRecipe"]):
    name = "channels"
    settings = GiveMeasuresSettings
    shown = False

    def check(self, recipe: FaceRecipe) -> None:
        require_flag(recipe, "measured")
        side = recipe.crop_side
        multiple = type(side) is int and side >= LEAST_SIDE and side % SIDE_STEP == 0
        require(side is None or multiple, "crop_side", f"None, or a multiple of {SIDE_STEP} from {LEAST_SIDE} up", side)
        if recipe.measures is None:
            return
        hold_tuple(recipe, "measures")
        names = recipe.measures
        ok = len(names) > 0 and len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
        require(ok, "measures", "different names of measures", names)

    def words(self, recipe: FaceRecipe, known: Known) -> Iterator[Described]:
        names = "every measure" if recipe.measures is None else ", ".join(recipe.measures)
        if recipe.crop_side is not None:
            names = f"crops of {recipe.crop_side} x {recipe.crop_side} pixels (reference classifiers: {names})"
        also = ", and which frames were measured" if recipe.measured else ""
        yield Described(self.name, f"keep {names} as the cleaned signal{also}", "")

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        import jax.numpy as jnp

        trace = state.trace
        valid, values = jnp.all(trace.present, axis=1), trace.values
        if len(program.channels) > values.shape[1]:
            mask = jnp.all(trace.reason == MEASURED.code, axis=1, keepdims=True)
            values = jnp.concatenate([values, mask.astype(values.dtype)], axis=1)
        return replace(state, x=jnp.where(valid[:, None], values, 0.0), valid=valid)


GIVE_MEASURES = _GiveMeasures()
