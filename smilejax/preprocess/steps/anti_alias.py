"""The low-pass that must come before resampling, where `low-pass` has not done its work. It has no setting of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING
from smilejax.preprocess.steps.step import SharedSettings, Step

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State


class _AntiAlias(Step["SharedSettings"]):
    name = "anti-alias"
    compiled = ("lowpass_phase",)
    shown = False
    causal = True

    def included(self, recipe: SharedSettings, rate_hz: float) -> bool:
        from smilejax.preprocess.signal.resampling import anti_alias

        return anti_alias(rate_hz, recipe.resample_hz or rate_hz, recipe.lowpass_hz) is not None

    def why_not_causal(self, recipe: SharedSettings, *, rate_hz: float, in_mm: bool) -> str:
        if not self.included(recipe, rate_hz) or recipe.lowpass_phase == "causal":
            return ""
        return f"It runs backwards too. Give {SETTING.lowpass_phase} causal."

    def numbers(
        self, recipe: SharedSettings, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        from smilejax.preprocess.signal.lowpass import through
        from smilejax.preprocess.signal.resampling import ANTI_ALIAS_ORDER, anti_alias

        needed = anti_alias(program.rate_hz, program.model_hz, recipe.lowpass_hz)
        return (through(ANTI_ALIAS_ORDER) if needed is None else needed)._asdict()

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        from smilejax.preprocess.signal.lowpass import Filter, applied

        phase = program.settings.lowpass_phase
        return replace(state, trace=applied(Filter(**numbers), state.trace, phase=phase))


ANTI_ALIAS = _AntiAlias()
