"""Neutral face: the level of each measure at the beginning of the video, before the smile, and the face relative to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.steps.step import OURS, Described, Known, Step
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.settings.checks import require_holds_sample, require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.face_recipe import FaceRecipe
    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State


@dataclass(frozen=True)
class NeutralFaceSettings:
    """Settings of the step `neutral face`."""

    neutral_ms: float | None = 200.0
    """Faces: the neutral face is the mean of the first so many ms of each video, which is subtracted (our choice; videos are
    to begin before the smile). None leaves the level of every measure."""


class _NeutralFace(Step["FaceRecipe"]):
    name = "neutral face"
    settings = NeutralFaceSettings
    off = (("neutral_ms", None),)
    neutral = False

    def check(self, recipe: FaceRecipe) -> None:
        require_number(recipe, "neutral_ms", 0, open_low=True, optional=True)

    def check_rate(self, recipe: FaceRecipe, rate_hz: float) -> None:
        if recipe.neutral_ms is not None:
            require_holds_sample("neutral_ms", recipe.neutral_ms, rate_hz)

    def words(self, recipe: FaceRecipe, known: Known) -> Iterator[Described]:
        if recipe.neutral_ms is not None:
            yield Described(self.name, f"subtract the mean of the first {recipe.neutral_ms:g} ms", OURS)
            yield Described("reject", f"leave out videos whose first {recipe.neutral_ms:g} ms were not measured", OURS)

    def numbers(
        self, recipe: FaceRecipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        from smilejax.preprocess.steps.baseline import window_samples

        return {"end": window_samples(recipe.neutral_ms or 0.0, start_ms=start_ms, rate_hz=program.rate_hz)[1]}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        import jax.numpy as jnp

        from smilejax.preprocess.steps.baseline import correct_baseline

        trace, baseline = correct_baseline(state.trace, first=0, end=numbers["end"])
        assert state.status is not None
        lost = ~jnp.all(baseline.found, axis=0) & (state.status == TrialStatus.KEPT)
        status = jnp.where(lost, jnp.int32(TrialStatus.NO_NEUTRAL_FACE), state.status)
        return replace(state, trace=trace, baseline=jnp.where(baseline.found, baseline.level, 0.0), status=status)


NEUTRAL_FACE = _NeutralFace()
