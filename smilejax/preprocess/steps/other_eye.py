"""Other eye: one eye filled from the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import MEASURED, SampleReason
from smilejax.preprocess.steps.step import KRET, Described, Known, Step, by
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

FROM_OTHER_EYE = SampleReason("FROM_OTHER_EYE", 9, "filled from the other eye", "#56B4E9", rank=20)
MIN_PAIRS = 3
"""Samples that both eyes must have before one may stand for the other: more than two (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True)
class OtherEyeSettings:
    """Settings of the step `other eye`."""

    other_eye_ms: float | None = 200.0
    """Fill an eye from the other by their difference, averaged with this time constant in ms (ours; Kret & Sjak-Shie: 0)."""


def fill_from_other_eye(trace: Trace, *, smooth_ms: Float[Array, ""] | float, rate_hz: float) -> Trace:
    """Fill an eye where only the other one was seen: that eye's pupil and the difference between the two at the time.

    The difference left - right is known where both were measured, is joined by straight lines where they were not, and is
    level beyond (Kret & Sjak-Shie 2019). No filled sample enters it. A trial in which the eyes were seen together fewer than
    three times fills nothing.

    Arguments:
        smooth_ms: time constant of the average that the difference goes through first: two measurements differ by noise,
            and at the edge of a gap one pair would decide. 0 for none, as Kret & Sjak-Shie have it.
        rate_hz: sampling rate of the trace.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.filling import between
    from smilejax.preprocess.signal.trace import Trace

    seen = trace.reason == MEASURED.code
    left, right = seen[:, 0], seen[:, 1]
    both = left & right
    apart = jnp.where(both, trace.values[:, 0] - trace.values[:, 1], 0.0)
    offset = between(_averaged(apart, both, jnp.asarray(smooth_ms, jnp.float32) * (rate_hz / 1000)), both)
    enough = jnp.sum(both, axis=0, keepdims=True) >= MIN_PAIRS
    fills = jnp.stack([enough & right & ~left, enough & left & ~right], axis=1)
    value = jnp.stack([trace.values[:, 1] + offset, trace.values[:, 0] - offset], axis=1)
    fills = fills & (value > 0)
    return Trace(jnp.where(fills, value, trace.values), jnp.where(fills, FROM_OTHER_EYE.code, trace.reason))


def _averaged(x: Float[Array, "T *B"], marked: Bool[Array, "T *B"], samples: Float[Array, ""]) -> Float[Array, "T *B"]:
    """Average of the marked samples around each one, with weights that fall to 1 / e over so many samples."""
    import jax
    import jax.numpy as jnp

    keep = jnp.where(samples > 0, jnp.exp(-1 / jnp.maximum(samples, 1e-6)), 0.0)

    def step(
        carry: tuple[Array, Array], inputs: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        own, here = inputs
        total, weight = keep * carry[0] + own, keep * carry[1] + here
        return (total, weight), (total, weight)

    here = marked.astype(x.dtype)
    zero = jnp.zeros(x.shape[1:], x.dtype)
    (totals, weights), (later, later_weights) = (
        jax.lax.scan(step, (zero, zero), (x, here), reverse=reverse)[1] for reverse in (False, True)
    )
    # Both passes hold the sample itself.
    return (totals + later - x) / jnp.maximum(weights + later_weights - here, 1e-6)


class _OtherEye(Step["Recipe"]):
    name = "other eye"
    settings = OtherEyeSettings
    off = (("other_eye_ms", None),)
    reasons = (FROM_OTHER_EYE,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "other_eye_ms", 0, optional=True)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.other_eye_ms is not None:
            averaged = f", smoothed over {recipe.other_eye_ms:g} ms" if recipe.other_eye_ms else ""
            how = f"where one eye is missing, take the other plus the difference between them{averaged}"
            yield Described(self.name, how, by(KRET, not averaged))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"smooth_ms": recipe.other_eye_ms or 0.0, "fills": float(recipe.other_eye_ms is not None)}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        import jax
        import jax.numpy as jnp

        filled = fill_from_other_eye(state.trace, smooth_ms=numbers["smooth_ms"], rate_hz=program.rate_hz)
        fills = numbers["fills"] > 0
        trace = jax.tree.map(lambda new, old: jnp.where(fills, new, old), filled, state.trace)
        return replace(state, trace=trace)


OTHER_EYE = _OtherEye()
