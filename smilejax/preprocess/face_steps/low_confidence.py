"""Low confidence: frames of which the tracker itself is not sure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import SampleReason
from smilejax.preprocess.steps.step import OURS, Described, Known, Step
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.face_recipe import FaceRecipe
    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State

LOW_CONFIDENCE = SampleReason("LOW_CONFIDENCE", 11, "low confidence of the tracker", "#7F7F7F", rank=55)


@dataclass(frozen=True)
class LowConfidenceSettings:
    """Settings of the step `low confidence`."""

    min_confidence: float | None = 0.5
    """Faces: least confidence of the tracker, 0 to 1; frames below it are missing (our choice). None takes every frame, and so
    does a recording that gives none."""


class _LowConfidence(Step["FaceRecipe"]):
    name = "low confidence"
    settings = LowConfidenceSettings
    off = (("min_confidence", None),)
    neutral = False
    reasons = (LOW_CONFIDENCE,)

    def check(self, recipe: FaceRecipe) -> None:
        require_number(recipe, "min_confidence", 0, 1, optional=True)

    def words(self, recipe: FaceRecipe, known: Known) -> Iterator[Described]:
        if recipe.min_confidence is not None:
            frames = f"take frames with a confidence below {recipe.min_confidence:g} as not measured"
            yield Described(self.name, frames, OURS)

    def numbers(
        self, recipe: FaceRecipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"least": recipe.min_confidence or 0.0}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        from smilejax.preprocess.signal.trace import mark

        assert state.confidence is not None
        unsure = ~(state.confidence >= numbers["least"])  # NaN is unsure
        return replace(state, trace=mark(state.trace, state.trace.present & unsure[:, None], LOW_CONFIDENCE.code))


LOW_CONFIDENCE_FRAMES = _LowConfidence()
