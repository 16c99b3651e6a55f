"""Reject: trials of which too much is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax._util.number_text import percent
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.steps.step import OURS, Described, Known, SharedSettings, Step
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.kinds import FACE, PUPIL, Kind
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float, Int

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

ROUNDING = 1e-6
"""Proportions are counts over a length: half a sample in a million is rounding, not data."""


@dataclass(frozen=True)
class RejectMissingSettings:
    """Settings of the step that rejects trials before gaps are filled."""

    max_missing: float = 0.5
    """Reject a trial with more than this proportion missing before filling, 0 to 1 (published limits: .20 to .75)."""


def proportion_valid(trace: Trace) -> Float[Array, "*B"]:
    """Proportion of the trial's samples at which every lane was measured and accepted, 0 to 1; before gaps are filled.

    Lanes are what the model sees: the fused pupil needs one eye at a time, the channels left and right need both. An eye
    filled from the other was not measured.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.trace import inside

    measured = jnp.all(trace.reason == MEASURED.code, axis=1)
    samples = jnp.maximum(jnp.sum(inside(trace), axis=0), 1)
    return jnp.sum(measured, axis=0).astype(jnp.float32) / samples.astype(jnp.float32)


def judge_missing(valid: Float[Array, "*B"], *, max_missing: Float[Array, ""] | float) -> Int[Array, "*B"]:
    """The `TrialStatus` of trials by their proportion valid: kept, nothing measured, or too much missing."""
    import jax.numpy as jnp

    status = jnp.full(valid.shape, jnp.int32(TrialStatus.KEPT))
    status = jnp.where(1.0 - valid > max_missing + ROUNDING, jnp.int32(TrialStatus.TOO_MUCH_MISSING), status)
    return jnp.where(valid <= 0, jnp.int32(TrialStatus.NOTHING_MEASURED), status)


class _RejectMissing(Step["SharedSettings"]):
    name = "reject"
    causal = True
    settings = RejectMissingSettings
    shown = False

    def __init__(self, kind: Kind = PUPIL) -> None:
        self.kind = kind

    def check(self, recipe: SharedSettings) -> None:
        require_number(recipe, "max_missing", 0, 1)

    def words(self, recipe: SharedSettings, known: Known) -> Iterator[Described]:
        if recipe.max_missing < 1:
            trials = f"leave out {self.kind.trials} with more than {percent(recipe.max_missing, None)} missing"
            yield Described(self.name, trials, "published: 20% to 75%" if self.kind is PUPIL else OURS)
        else:
            yield Described(self.name, f"leave out {self.kind.trials} of which nothing was measured", "")

    def numbers(
        self, recipe: SharedSettings, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"max_missing": recipe.max_missing}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        valid = proportion_valid(state.trace)
        return replace(state, proportion_valid=valid, status=judge_missing(valid, **numbers))


REJECT_MISSING, REJECT_MISSING_FACES = _RejectMissing(), _RejectMissing(FACE)
