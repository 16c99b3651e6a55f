"""How fast the pupil usually is: what three steps that look for artefacts compare speeds with. Changes no sample itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.steps.step import Step
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.state import State

FRAME_MS = 1000 / 60
"""One frame of a 60 Hz tracker in ms: the span that speeds are measured over, whatever the recording's rate."""
MAX_SPEED_GAP_MS = 200.0
"""No dilation speed is measured across a longer gap (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True)
class DilationSpeedsSettings:
    """Settings that `partial blinks`, `blink edges` and `too fast` share."""

    speed_span_ms: float = FRAME_MS
    """Speeds are measured over this many ms, at least one sample (a 60 Hz frame; our choice)."""
    min_speed_per_s: float = 1.0
    """Slower changes are never taken for artefacts, in mean diameters of the trial per second (our choice); 0 for no limit."""


class _DilationSpeeds(Step["Recipe"]):
    name = "dilation speeds"
    causal = True  # it measures for the steps after it, which are not, and changes no sample
    settings = DilationSpeedsSettings
    compiled = ("speed_span_ms",)
    shown = False

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "speed_span_ms", 0, open_low=True)
        require_number(recipe, "min_speed_per_s", 0)

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        return {"min_per_s": recipe.min_speed_per_s}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        from smilejax.preprocess.signal.speed import speeds
        from smilejax.preprocess.state import DilationSpeeds

        # What no step uses is not computed: the compiler leaves it out.
        span_ms = program.settings.speed_span_ms
        usual = speeds(state.trace, span_ms=span_ms, max_gap_ms=MAX_SPEED_GAP_MS, rate_hz=program.rate_hz)
        return replace(state, speeds=DilationSpeeds(usual, numbers["min_per_s"], span_ms))


DILATION_SPEEDS = _DilationSpeeds()


def least_words(recipe: Recipe) -> str:
    """The slowest change that is taken for an artefact, behind a limit in MAD."""
    least = recipe.min_speed_per_s
    return f" and above {least:g} {'diameter' if least == 1 else 'diameters'} a second" if least else ""
