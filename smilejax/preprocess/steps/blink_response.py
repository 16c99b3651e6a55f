"""Blink response: the pupil's own response to a blink, fitted and taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING
from smilejax.preprocess.steps.missing import MISSING
from smilejax.preprocess.steps.step import Described, Known, Step
from smilejax.preprocess.steps.tracker_blinks import BLINK
from smilejax.settings.checks import require, require_flag

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

KNAPEN = "Knapen et al. 2016"
RESPONSE_MS = 8000.0
"""Length of the response that is laid out: it is below a thousandth of its trough by then."""


@dataclass(frozen=True)
class BlinkResponseSettings:
    """Settings of the step `blink response`."""

    blink_response: bool = False
    """Whether the pupil's own response to blinks is fitted and taken out (Knapen et al. 2016)."""


def hidden_by_blinks(marked: Trace, *, rate_hz: float) -> Bool[Array, "T *B"]:
    """Samples at which both eyes are hidden for as long as a blink lasts, for a blink or for a reason the file does not give.

    Arguments:
        marked: both eyes, before one is filled from the other.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.blink_spans import blink_spans
    from smilejax.preprocess.signal.trace import inside

    absent = (marked.reason == MISSING.code) | (marked.reason == BLINK.code)
    within = inside(marked)
    return blink_spans(jnp.all(absent, axis=1) & within, within, rate_hz=rate_hz)


def take_out_blink_response(
    trace: Trace, blink: Bool[Array, "T *B"], *, rate_hz: float
) -> tuple[Trace, Float[Array, "L *B"]]:
    """Fit level + slope + (size x the response to this trial's blinks) to each lane, and subtract the response.

    After a blink the pupil constricts and then dilates for some four seconds (Knapen et al. 2016), which is neither the
    stimulus nor the eyelid. The response starts at the end of each blink. Least squares over the present samples; a size
    below 0 would turn the response around and is taken as 0.

    Arguments:
        trace: with gaps filled.
        blink: `bool[T, *B]`, samples hidden by a blink.
        rate_hz: sampling rate of the trace.

    Returns:
        The trace, and the size of the response of each lane, in the recording's unit.
    """
    import jax.numpy as jnp
    import numpy as np

    from smilejax.preprocess.signal.passes import shift
    from smilejax.preprocess.signal.trace import Trace, along
    from smilejax.simulate.responses import blink_response

    samples = trace.values.shape[0]
    time_ms = np.arange(int(RESPONSE_MS * rate_hz / 1000) + 1) * (1000 / rate_hz)
    kernel = blink_response(jnp.asarray(time_ms, jnp.float32))
    ends = shift(blink, 1, False) & ~blink
    size = samples + kernel.shape[0]
    spectrum = jnp.fft.rfft(ends.astype(jnp.float32), size, axis=0) * along(jnp.fft.rfft(kernel, size), ends)
    response = jnp.fft.irfft(spectrum, size, axis=0)[:samples].astype(jnp.float32)[:, None]
    x, weight = trace.values, trace.present.astype(trace.values.dtype)

    def total(v: Array) -> Array:
        return jnp.sum(weight * v, axis=0, keepdims=True)

    def centred(v: Array) -> Array:
        return v - total(v) / jnp.maximum(total(jnp.ones_like(x)), 1.0)

    # By way of what the level and the slope leave of the response: one division instead of a system of three.
    slope, own, y = centred(along(jnp.linspace(-1.0, 1.0, samples, dtype=x.dtype), x)), centred(response), centred(x)
    own = own - slope * (total(slope * own) / jnp.maximum(total(slope**2), 1e-6))
    power = total(own**2)
    sizes = jnp.where(power > 1e-6, jnp.maximum(total(own * y) / jnp.maximum(power, 1e-6), 0.0), 0.0)
    # A pupil stays above 0, whatever is fitted to it.
    without = jnp.maximum(x - sizes * response, jnp.finfo(jnp.float32).tiny)
    return Trace(jnp.where(trace.present, without, 0.0), trace.reason), sizes[0]


class _BlinkResponse(Step["Recipe"]):
    name = "blink response"
    settings = BlinkResponseSettings
    off = (("blink_response", False),)
    neutral = False

    def check(self, recipe: Recipe) -> None:
        require_flag(recipe, "blink_response")

    def check_together(self, recipe: Recipe) -> None:
        if recipe.blink_response:
            hint = "Blinks must be filled before their response is fitted."
            require(recipe.max_gap_ms > 0, "blink_response", f"False where {SETTING.max_gap_ms} is 0", True, hint)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.blink_response:
            yield Described(self.name, "fit the pupil's own response to blinks, and subtract it", KNAPEN)

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        hidden = hidden_by_blinks(state.marked, rate_hz=program.rate_hz)
        trace, size = take_out_blink_response(state.trace, hidden, rate_hz=program.rate_hz)
        return replace(state, trace=trace, blink_response=size)


BLINK_RESPONSE = _BlinkResponse()
