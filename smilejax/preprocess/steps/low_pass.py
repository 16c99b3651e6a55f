"""Low-pass: what is faster than pupils, or faces, are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from smilejax._util.errors import SETTING, SettingsError
from smilejax.preprocess.steps.step import KRET, OURS, Described, Known, SharedSettings, Step, by
from smilejax.recordings.kinds import FACE, PUPIL, Kind
from smilejax.settings.checks import require, require_choice, require_count, require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State

MAX_ORDER = 8
Phase = Literal["zero", "causal"]

_PHASES: dict[Phase, str] = {"zero": "zero-phase", "causal": "forwards alone"}


@dataclass(frozen=True)
class LowPassSettings:
    """Settings of the step `low-pass`."""

    lowpass_hz: float | None = 4.0
    """Cut-off of the zero-phase Butterworth low-pass in Hz (Kret & Sjak-Shie 2019: 4)."""
    lowpass_order: int = 4
    """Order of the low-pass (Kret & Sjak-Shie 2019: 4)."""
    lowpass_phase: Phase = "zero"
    """zero: the filter runs forwards and backwards, so that nothing is delayed (Kret & Sjak-Shie 2019); causal: forwards
    alone, as a stream of samples needs it, which delays what it lets through."""


class _LowPass(Step["SharedSettings"]):
    name = "low-pass"
    settings = LowPassSettings
    off = (("lowpass_hz", None),)
    compiled = ("lowpass_order", "lowpass_phase")
    causal = True

    def __init__(self, kind: Kind = PUPIL) -> None:
        self.kind = kind

    def check(self, recipe: SharedSettings) -> None:
        require_number(recipe, "lowpass_hz", 0, open_low=True, optional=True)
        require_count(recipe, "lowpass_order", 1)
        require_choice(recipe, "lowpass_phase", get_args(Phase))
        require(recipe.lowpass_order <= MAX_ORDER, "lowpass_order", f"at most {MAX_ORDER}", recipe.lowpass_order)

    def check_rate(self, recipe: SharedSettings, rate_hz: float) -> None:
        if recipe.lowpass_hz is not None and recipe.lowpass_hz >= rate_hz / 2:
            raise SettingsError(
                setting="lowpass_hz",
                rule=f"below half the recording's rate of {rate_hz:g} Hz",
                value=recipe.lowpass_hz,
                hint=f"Lower it, or leave the low-pass out: {SETTING.lowpass_hz} {SETTING.none}.",
            )

    def why_not_causal(self, recipe: SharedSettings, *, rate_hz: float, in_mm: bool) -> str:
        if recipe.lowpass_hz is None or recipe.lowpass_phase == "causal":
            return ""
        return f"It runs backwards too. Give {SETTING.lowpass_phase} causal."

    def words(self, recipe: SharedSettings, known: Known) -> Iterator[Described]:
        if recipe.lowpass_hz is not None:
            how = f"Butterworth filter of order {recipe.lowpass_order}, {_PHASES[recipe.lowpass_phase]}"
            filtered = f"take out what is faster than {recipe.lowpass_hz:g} Hz, by a {how}"
            published = (recipe.lowpass_hz, recipe.lowpass_order, recipe.lowpass_phase) == (4, 4, "zero")
            source = by(KRET, published) if self.kind is PUPIL else OURS
            yield Described(self.name, filtered, source)

    def numbers(
        self, recipe: SharedSettings, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        from smilejax.preprocess.signal.lowpass import butterworth, through

        order = program.settings.lowpass_order
        if recipe.lowpass_hz is None:
            return through(order)._asdict()
        return butterworth(order, recipe.lowpass_hz, program.rate_hz)._asdict()

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        from smilejax.preprocess.signal.lowpass import Filter, applied

        phase = program.settings.lowpass_phase
        return replace(state, trace=applied(Filter(**numbers), state.trace, phase=phase))


LOW_PASS, LOW_PASS_FACE = _LowPass(), _LowPass(FACE)
