"""Off the trend: samples that lie far from where the pupil was before and after."""

from __future__ import annotations

import math
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

OFF_TREND = SampleReason("OFF_TREND", 4, "off the trend line", "#F0E442", rank=80)
TREND_HZ, TREND_PASSES = 16.0, 4
"""Cut-off of the trend line in Hz, and how often it is drawn (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True)
class TrendLineSettings:
    """Settings of the step `off the trend`."""

    trend_mads: float | None = 16.0
    """Deviations from the trend line above the trial's median + this many MAD are off it (Kret & Sjak-Shie 2019: 16)."""
    min_trend_proportion: float = 0.02
    """Smaller deviations are never off the trend line, as a proportion of the trial's mean (our choice); 0 for no limit."""


def off_trend(
    trace: Trace,
    *,
    mads: Float[Array, ""] | float,
    min_share: Float[Array, ""] | float,
    cutoff_hz: float,
    passes: int,
    rate_hz: float,
) -> Trace:
    """Mark samples that deviate from a smooth line through the trial by more than the median + `mads` MAD.

    The line is a first-order zero-phase low-pass of the samples, joined by straight lines over gaps. What one pass rejects
    is left out of the next pass's line, and every pass judges all samples anew (Kret & Sjak-Shie 2019).

    Arguments:
        mads: unscaled MAD above the median deviation; 16 (Kret & Sjak-Shie 2019).
        min_share: no deviation below this proportion of the mean pupil is marked, whatever the MAD. 0 for no limit.
        cutoff_hz: cut-off of the line; 16 (Kret & Sjak-Shie 2019, who resample to 100 Hz for it; here it runs at the
            recording's rate). At rates below 40 Hz it is 0.8 of half the rate.
        passes: how often; 4 (Kret & Sjak-Shie 2019).
        rate_hz: sampling rate of the trace.
    """
    import jax
    import jax.numpy as jnp

    from smilejax.preprocess.signal.filling import between
    from smilejax.preprocess.signal.median_mad import median_mad
    from smilejax.preprocess.signal.speed import lane_mean
    from smilejax.preprocess.signal.trace import mark
    from smilejax.preprocess.signal.trend import one_pole

    x, present, inside = trace.values, trace.present, trace.reason != OUTSIDE.code
    least = min_share * lane_mean(x, present)

    def once(off: Array) -> Array:
        line = one_pole(between(x, present & ~off), inside, cutoff_hz=cutoff_hz, rate_hz=rate_hz)
        deviation = jnp.where(present, jnp.abs(x - line), 0.0)
        limit = jnp.maximum(median_mad(deviation, present).limit(mads), least)
        return present & (deviation > limit[None])

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        done, changed, _ = state
        return (done < passes) & changed

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        done, _, off = state
        new = once(off)
        return done + 1, jnp.any(new != off), new

    # A pass that rejects what the one before it did would be repeated to the end: most trials need one.
    first = (jnp.int32(0), jnp.bool_(True), jnp.zeros(x.shape, bool))
    return mark(trace, jax.lax.while_loop(goes_on, step, first)[2], OFF_TREND.code)


class _TrendLine(Step["Recipe"]):
    name = "off the trend"
    settings = TrendLineSettings
    off = (("trend_mads", None),)
    reasons = (OFF_TREND,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "trend_mads", 0, open_low=True, optional=True)
        require_number(recipe, "min_trend_proportion", 0)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.trend_mads is not None:
            least = (
                f" and above {recipe.min_trend_proportion:.3g} of the mean pupil" if recipe.min_trend_proportion else ""
            )
            far = (
                f"mark samples whose distance from a smooth line is above its median + {recipe.trend_mads:g} MAD{least}"
            )
            yield Described(self.name, far, by(KRET, recipe.trend_mads == 16 and not least))

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        mads = math.inf if recipe.trend_mads is None else recipe.trend_mads
        return {"mads": mads, "min_share": recipe.min_trend_proportion}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        trace = off_trend(state.trace, cutoff_hz=TREND_HZ, passes=TREND_PASSES, rate_hz=program.rate_hz, **numbers)
        return replace(state, trace=trace)


TREND_LINE = _TrendLine()
