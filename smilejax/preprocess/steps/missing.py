"""Missing: what the tracker did not measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import MEASURED, OUTSIDE, SampleReason
from smilejax.preprocess.steps.plausible_range import MAX_PUPIL, OUT_OF_RANGE
from smilejax.preprocess.steps.step import Described, Known, Step

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

MISSING = SampleReason("MISSING", 1, "missing", "#333333", rank=50)


def start(pupil: Float[Array, "T L *B"], length: Int[Array, "*B"]) -> Trace:
    """A trace from raw samples: missing where not finite or not above zero, outside from `length` on.

    No pupil is zero or negative: zeros and -1 are how trackers write a lost eye (EyeLink, Eye Tribe: 0; Tobii Studio 1-2
    and PupillometryR's sample: -1). Nor is any larger than `MAX_PUPIL`.

    Arguments:
        pupil: `f32[T, L, *B]`, raw, NaN allowed.
        length: `i32[*B]`, samples that belong to the trial, 0..T.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.trace import Trace, across, along, mark

    inside = along(jnp.arange(pupil.shape[0]), pupil) < across(length, pupil)
    measured = jnp.isfinite(pupil) & (pupil > 0) & inside
    reason = jnp.where(measured, MEASURED.code, MISSING.code)
    trace = Trace(
        values=jnp.where(measured, pupil, 0.0),
        reason=jnp.where(inside, reason, OUTSIDE.code),
    )
    return mark(trace, trace.present & (trace.values > MAX_PUPIL), OUT_OF_RANGE.code)


class _Missing(Step["Recipe"]):
    name = "missing"
    causal = True
    reasons = (MISSING,)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        yield Described(self.name, "take NaN, zero and negative numbers as not measured", "")

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        return replace(state, trace=start(state.trace.values, state.length))


MISSING_SAMPLES = _Missing()
