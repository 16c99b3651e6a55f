"""Resample: from the recording's rate to the model's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING, SettingsError
from smilejax.preprocess.steps.step import OURS, Described, Known, SharedSettings, Step
from smilejax.settings.checks import require_number

if TYPE_CHECKING:
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State


WHOLE = 1e-6
"""Rates whose ratio is this near to a whole number are multiples: times of samples are rounded."""


@dataclass(frozen=True)
class ResampleSettings:
    """Settings of the step `resample`."""

    resample_hz: float | None = 10.0
    """Rate of what the model sees, in Hz (pupil responses end below 4 Hz); None keeps the recording's."""


class _Resample(Step["SharedSettings"]):
    name = "resample"
    causal = True
    settings = ResampleSettings
    off = (("resample_hz", None),)

    def check(self, recipe: SharedSettings) -> None:
        require_number(recipe, "resample_hz", 0, open_low=True, optional=True)

    def settle(
        self, recipe: SharedSettings, *, rate_hz: float, duration_ms: float, start_ms: float
    ) -> Mapping[str, object]:
        if recipe.resample_hz is not None and recipe.resample_hz > rate_hz * (1 + 1e-6):
            raise SettingsError(
                setting="resample_hz",
                rule=f"at most the recording's rate of {rate_hz:g} Hz",
                value=recipe.resample_hz,
                hint=f"Set it to {rate_hz:g} or below, or to None.",
            )
        return {"resample_hz": rate_hz if recipe.resample_hz is None else recipe.resample_hz}

    def words(self, recipe: SharedSettings, known: Known) -> Iterator[Described]:
        if recipe.resample_hz is not None and recipe.resample_hz != known.rate_hz:
            before = "" if known.rate_hz is None else f"from {known.rate_hz:g} "
            yield Described(self.name, f"resample {before}to {recipe.resample_hz:g} Hz, without aliases", OURS)

    def why_not_causal(self, recipe: SharedSettings, *, rate_hz: float, in_mm: bool) -> str:
        ratio = rate_hz / (recipe.resample_hz or rate_hz)
        if abs(ratio - round(ratio)) < WHOLE:
            return ""
        nearest = rate_hz / max(round(ratio), 1)
        return (
            f"A new sample between two others waits for the later one. Give {SETTING.resample_hz} {nearest:.10g}, or another "
            f"whole part of {rate_hz:g} Hz."
        )

    def included(self, recipe: SharedSettings, rate_hz: float) -> bool:
        return recipe.resample_hz is not None and recipe.resample_hz != rate_hz

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        from smilejax.preprocess.signal.resampling import sample_at

        rates = {"rate_hz": program.rate_hz, "target_hz": program.model_hz}
        return replace(state, trace=sample_at(state.trace, samples=program.model_samples, **rates))


RESAMPLE = _Resample()
