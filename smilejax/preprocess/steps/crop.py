"""Crop: trials of one length. Done on the host, so that what is compiled depends on rate and length alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from smilejax.preprocess.steps.step import Described, Known, SharedSettings, Step
from smilejax.recordings.kinds import FACE, PUPIL, Kind
from smilejax.settings.checks import require_holds_sample, require_number


@dataclass(frozen=True)
class CropSettings:
    """Settings of the step `crop`."""

    duration_ms: float | None = None
    """Crop or pad trials to this length in ms; None takes the longest trial."""


class _Crop(Step["SharedSettings"]):
    name = "crop"
    causal = True
    settings = CropSettings
    shown = False

    def __init__(self, kind: Kind = PUPIL) -> None:
        self.kind = kind

    def check(self, recipe: SharedSettings) -> None:
        require_number(recipe, "duration_ms", 0, open_low=True, optional=True)

    def check_rate(self, recipe: SharedSettings, rate_hz: float) -> None:
        require_holds_sample("duration_ms", recipe.duration_ms, min(rate_hz, recipe.resample_hz or rate_hz))

    def settle(
        self, recipe: SharedSettings, *, rate_hz: float, duration_ms: float, start_ms: float
    ) -> Mapping[str, object]:
        return {"duration_ms": duration_ms if recipe.duration_ms is None else recipe.duration_ms}

    def words(self, recipe: SharedSettings, known: Known) -> Iterator[Described]:
        if recipe.duration_ms is not None:
            yield Described(self.name, f"cut or pad every {self.kind.trial} to {recipe.duration_ms:g} ms", "")


CROP, CROP_VIDEOS = _Crop(), _Crop(FACE)
