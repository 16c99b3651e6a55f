"""Fill gaps: from the neighbouring samples of the same trial."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from smilejax._util.errors import SETTING
from smilejax.preprocess.sample_reason import OUTSIDE, SampleReason
from smilejax.preprocess.steps.step import KRET, MATHOT, OURS, Described, Known, SharedSettings, Step
from smilejax.recordings.kinds import FACE, PUPIL, Kind
from smilejax.settings.checks import hold_float, is_number, require, require_choice

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

FILLED = SampleReason("FILLED", 8, "filled from its neighbours", "#009E73", rank=30)

Interpolation = Literal["linear", "pchip", "four-point", "hold"]
_METHODS: dict[Interpolation, tuple[str, str]] = {
    "linear": ("with straight lines", KRET),
    "pchip": ("with a monotone cubic", "Fritsch & Carlson 1980"),
    "four-point": ("with a cubic through four samples", MATHOT),
    "hold": ("with the last value, and longer gaps for so long", OURS),
}


@dataclass(frozen=True)
class FillGapsSettings:
    """Settings of the step `fill gaps`."""

    max_gap_ms: float = 400.0
    """Fill gaps up to this length in ms: a blink with its edges (PuPl: 400; Kret & Sjak-Shie: 250); 0 fills none, inf all."""
    interpolation: Interpolation = "linear"
    """How gaps are filled: linear (Kret & Sjak-Shie 2019), pchip (monotone cubic), four-point (Mathôt 2013), or hold, which
    keeps the last value for up to `max_gap_ms`, as a stream of samples needs it: how long a gap will last is not known."""


def fill(
    trace: Trace,
    *,
    max_gap_ms: Float[Array, ""] | float,
    rate_hz: float,
    method: Interpolation = "linear",
    positive: bool = True,
) -> Trace:
    """Fill gaps of up to `max_gap_ms` from what stands on either side.

    A gap at an end of the trial takes its one neighbour's value, under the same limit. A gap's length is the time its
    samples stand for, count / rate. Longer gaps keep their reason.

    Arguments:
        max_gap_ms: from 0 (fills nothing) to inf (fills all); Kret & Sjak-Shie 2019 fill 250.
        rate_hz: sampling rate of the trace.
        method: `linear`, between the two neighbours; `pchip`, a monotone cubic (Fritsch & Carlson 1980) through all samples,
            which leaves them in the direction they came; `four-point`, a cubic through the two neighbours and the samples
            as far again on either side (Mathôt 2013), linear where one of these is absent; `hold`, the last value, for up to
            `max_gap_ms` of any gap, and nothing before the first.
        positive: whether values are above 0 by nature, as pupils are: no gap is then filled with less.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.filling import between, four_point, pchip
    from smilejax.preprocess.signal.passes import NEVER, in_samples, nearest, run_length
    from smilejax.preprocess.signal.trace import Trace

    present = trace.present
    gap = ~present & (trace.reason != OUTSIDE.code)
    if method == "hold":
        last = nearest(trace.values, present)
        fills = gap & (last.apart < NEVER) & (last.apart.astype(jnp.float32) <= in_samples(max_gap_ms, rate_hz))
        return Trace(jnp.where(fills, last.value, trace.values), jnp.where(fills, FILLED.code, trace.reason))
    short = run_length(gap).astype(jnp.float32) <= in_samples(max_gap_ms, rate_hz)
    fills = gap & short & jnp.any(present, axis=0, keepdims=True)
    value = {"linear": between, "pchip": pchip, "four-point": four_point}[method](trace.values, present)
    if positive:  # a cubic that swings that low is no better than its limit
        value = jnp.maximum(value, jnp.finfo(jnp.float32).tiny)
    return Trace(jnp.where(fills, value, trace.values), jnp.where(fills, FILLED.code, trace.reason))


class _FillGaps(Step["SharedSettings"]):
    name = "fill gaps"
    settings = FillGapsSettings
    off = (("max_gap_ms", 0.0),)
    compiled = ("interpolation",)
    causal = True
    reasons = (FILLED,)

    def __init__(self, kind: Kind = PUPIL) -> None:
        self.kind = kind

    def check(self, recipe: SharedSettings) -> None:
        ok = recipe.max_gap_ms == math.inf or (is_number(recipe.max_gap_ms) and recipe.max_gap_ms >= 0)
        require(ok, "max_gap_ms", "a number from 0 up, or inf", recipe.max_gap_ms)
        hold_float(recipe, "max_gap_ms")
        require_choice(recipe, "interpolation", get_args(Interpolation))

    def why_not_causal(self, recipe: SharedSettings, *, rate_hz: float, in_mm: bool) -> str:
        if recipe.max_gap_ms == 0 or recipe.interpolation == "hold":
            return ""
        return f"It waits for the end of a gap. Give {SETTING.interpolation} hold."

    def words(self, recipe: SharedSettings, known: Known) -> Iterator[Described]:
        if recipe.max_gap_ms > 0:
            length = "any length" if recipe.max_gap_ms == math.inf else f"up to {recipe.max_gap_ms:g} ms"
            how, source = _METHODS[recipe.interpolation]
            if recipe.interpolation == "linear" and recipe.max_gap_ms != 250:
                source = "" if recipe.max_gap_ms == math.inf else f"after {KRET}"
            if self.kind is not PUPIL and recipe.interpolation == "linear":
                source = OURS
            yield Described(self.name, f"fill gaps of {length} {how}", source)

    def included(self, recipe: SharedSettings, rate_hz: float) -> bool:
        return True  # no gap is as short as 0 ms

    def numbers(
        self, recipe: SharedSettings, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"max_gap_ms": recipe.max_gap_ms}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        method = program.settings.interpolation
        limit, positive = numbers["max_gap_ms"], self.kind is PUPIL
        trace = fill(state.trace, max_gap_ms=limit, rate_hz=program.rate_hz, method=method, positive=positive)
        return replace(state, trace=trace)


FILL_GAPS, FILL_FACE_GAPS = _FillGaps(), _FillGaps(FACE)
