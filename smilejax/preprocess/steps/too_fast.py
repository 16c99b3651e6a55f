"""Too fast: samples to or from which the pupil changes faster than pupils do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import SampleReason
from smilejax.preprocess.steps.dilation_speeds import MAX_SPEED_GAP_MS, least_words
from smilejax.preprocess.steps.step import KRET, Described, Known, Step, by
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.median_mad import MedianMad
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

TOO_FAST = SampleReason("TOO_FAST", 3, "too fast", "#E69F00", rank=70)


@dataclass(frozen=True)
class TooFastSettings:
    """Settings of the step `too fast`."""

    speed_mads: float | None = 16.0
    """Dilation speeds above the trial's median + this many unscaled MAD are too fast (Kret & Sjak-Shie 2019: 16)."""


def too_fast(
    trace: Trace,
    usual: MedianMad,
    *,
    mads: Float[Array, ""] | float,
    min_per_s: Float[Array, ""] | float,
    span_ms: float,
    max_gap_ms: Float[Array, ""] | float,
    rate_hz: float,
) -> Trace:
    """Mark samples whose dilation speed is above the median + `mads` MAD of the eye's speeds in this trial.

    The speed of a sample is the greater of the two towards and away from it, so both sides of a jump are marked
    (Kret & Sjak-Shie 2019).

    Arguments:
        usual: how the trial's speeds scatter, from `speeds`.
        mads: unscaled MAD above the median; 16 (Kret & Sjak-Shie 2019).
        min_per_s: no speed below this is too fast, in mean diameters of the trial per second. A trial with little noise,
            or one written with two decimals, has a MAD near 0, and its light reflex would be marked. 0 for no limit.
        span_ms: length of time that a speed is measured over.
        max_gap_ms: no speed is measured across more than this; 200 (Kret & Sjak-Shie 2019).
        rate_hz: sampling rate of the trace.
    """
    from smilejax.preprocess.signal.passes import enclosed, in_samples
    from smilejax.preprocess.signal.speed import fastest, velocity
    from smilejax.preprocess.signal.trace import mark

    v = velocity(trace.values, trace.present, span_ms=span_ms, max_gap_ms=max_gap_ms, rate_hz=rate_hz)
    limit = fastest(trace, usual, mads=mads, min_per_s=min_per_s)
    fast = v.known & (v.speed > limit)
    # At the foot of a lid's ramp a sample may lie between two runs that are too fast, and be no better than they.
    between = trace.present & enclosed(fast, in_samples(span_ms, rate_hz))
    return mark(trace, fast | between, TOO_FAST.code)


class _TooFast(Step["Recipe"]):
    name = "too fast"
    settings = TooFastSettings
    off = (("speed_mads", None),)
    reasons = (TOO_FAST,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "speed_mads", 0, open_low=True, optional=True)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.speed_mads is not None:
            least = least_words(recipe)
            above = f"above its median + {recipe.speed_mads:g} MAD{least}"
            fast = f"mark samples at which the pupil's speed, measured over {recipe.speed_span_ms:.3g} ms, is {above}"
            yield Described(self.name, fast, by(KRET, recipe.speed_mads == 16 and not least))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"mads": math.inf if recipe.speed_mads is None else recipe.speed_mads}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        usual, min_per_s, span_ms = state.measured_speeds
        trace = too_fast(
            state.trace,
            usual,
            mads=numbers["mads"],
            min_per_s=min_per_s,
            span_ms=span_ms,
            max_gap_ms=MAX_SPEED_GAP_MS,
            rate_hz=program.rate_hz,
        )
        return replace(state, trace=trace)


TOO_FAST_SAMPLES = _TooFast()
