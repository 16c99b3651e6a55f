"""What is done to every trial before a model sees it."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from smilejax._util import summaries
from smilejax._util.errors import SettingsError, listed
from smilejax.preprocess.steps import STEPS, StepSettings
from smilejax.preprocess.steps.baseline import BASELINE
from smilejax.preprocess.steps.fill_gaps import FILL_GAPS
from smilejax.preprocess.steps.gap_edges import GAP_EDGES
from smilejax.preprocess.steps.islands import ISLANDS
from smilejax.preprocess.steps.low_pass import LOW_PASS
from smilejax.preprocess.steps.other_eye import OTHER_EYE
from smilejax.preprocess.steps.plausible_range import PLAUSIBLE_RANGE
from smilejax.preprocess.steps.reject_missing import REJECT_MISSING
from smilejax.preprocess.steps.resample import RESAMPLE
from smilejax.preprocess.steps.step import Known, Step
from smilejax.preprocess.steps.too_fast import TOO_FAST_SAMPLES
from smilejax.preprocess.steps.trend_line import TREND_LINE

RecipeName = Literal["default", "report", "kret2019", "minimal", "causal"]
RECIPES: tuple[RecipeName, ...] = ("default", "report", "kret2019", "minimal", "causal")


@dataclass(frozen=True)
class Recipe(StepSettings):
    """What is done to every trial, in this fixed order; None leaves a step out. No step looks at another trial.

    1. Crop: `duration_ms`.
    2. Mark, on each eye: missing, out of range (`range_mm`, `range_mads`), the tracker's blinks (`tracker_blinks`), partial
       blinks (`partial_blink_ms`), blink edges (`blink_edge_ms`, `blink_edge_mads`, `blink_merge_ms`), too fast
       (`speed_mads`), padded edges of gaps (`pad_ms`, `pad_gaps_ms`), off the trend line (`trend_mads`), islands
       (`island_ms`, `island_gap_ms`). Three of these compare dilation speeds (`speed_span_ms`, `min_speed_per_s`).
    3. Fill one eye from the other (`other_eye_ms`); fuse the eyes as `channels` ask for.
    4. Reject (`max_missing`); fill gaps from their neighbours (`max_gap_ms`, `interpolation`).
    5. Take out the response to blinks (`blink_response`), low-pass (`lowpass_hz`, `lowpass_phase`), resample (`resample_hz`).
    6. Baseline (`baseline_ms`), which may reject too; deconvolve where `channels` ask for the drive; channels.

    `Recipe.named` has the recipes with a name; `smilejax.preprocess.recipe_in_words.steps` says what one does, in words. The
    settings are those of the steps in `smilejax.preprocess.steps`.

    Raises:
        SettingsError: a setting is out of its range, or two contradict each other.
    """

    younger: ClassVar[Mapping[str, object]] = MappingProxyType({"lowpass_phase": "zero"})
    """Settings that are younger than some stored recipes, and what was done before there were any."""

    def __post_init__(self) -> None:
        for step in STEPS:
            step.check(self)
        for step in STEPS:
            step.check_together(self)

    def _repr_html_(self) -> str:
        return summaries.as_html("Recipe", (one for step in STEPS for one in step.words(self, Known())))

    @classmethod
    def report(cls) -> "Recipe":
        """What the project report did: missing values filled from their neighbours without limit, eyes averaged, no more."""
        return cls(**(_all_off() | {"max_missing": 1.0, "max_gap_ms": math.inf, "channels": ("fused",)}))

    @classmethod
    def minimal(cls) -> "Recipe":
        """The least that makes trials comparable: range, gaps up to 250 ms on straight lines, 10 Hz, baseline."""
        kept = (PLAUSIBLE_RANGE, REJECT_MISSING, RESAMPLE, BASELINE)
        return cls(**(_all_off(*kept) | {"max_gap_ms": 250.0}))

    @classmethod
    def kret2019(cls) -> "Recipe":
        """Kret & Sjak-Shie (2019) with their numbers, before the model's rate and baseline, of which they say nothing.

        Three differences: speeds are taken over a 60 Hz frame instead of between neighbours, from 200 Hz up between averages
        over 10 ms, and the trend line runs at the recording's rate instead of 100 Hz.
        """
        kept = (
            PLAUSIBLE_RANGE,
            TOO_FAST_SAMPLES,
            GAP_EDGES,
            TREND_LINE,
            ISLANDS,
            OTHER_EYE,
            REJECT_MISSING,
            FILL_GAPS,
            LOW_PASS,
            RESAMPLE,
            BASELINE,
        )
        theirs = {"min_speed_per_s": 0.0, "pad_ms": 50.0, "min_trend_proportion": 0.0, "other_eye_ms": 0.0}
        return cls(**(_all_off(*kept) | theirs | {"max_gap_ms": 250.0}))

    @classmethod
    def causal(cls) -> "Recipe":
        """What can be done while samples arrive: range, the last value held for up to 250 ms, a low-pass forwards, baseline.

        Nothing waits for later samples, so that a stream is cleaned as a whole trial is. Eyelids are not looked at.
        """
        kept = (PLAUSIBLE_RANGE, REJECT_MISSING, FILL_GAPS, LOW_PASS, RESAMPLE, BASELINE)
        held = {"max_gap_ms": 250.0, "interpolation": "hold", "lowpass_phase": "causal", "range_mads": None}
        return cls(**(_all_off(*kept) | held))

    @classmethod
    def named(cls, name: RecipeName) -> "Recipe":
        """One of the recipes with a name: `default`, `report`, `kret2019`, `minimal`, `causal`."""
        if name not in RECIPES:
            raise SettingsError(f"recipe must be one of {listed(RECIPES)}; it is {name!r}.")
        recipe: Recipe = cls() if name == "default" else getattr(cls, name)()
        return recipe


def _all_off(*kept: Step[Recipe]) -> dict[str, Any]:  # Any: settings of every type, which the recipe checks
    """The settings that leave every step out that can be, except some."""
    return {name: value for step in STEPS if step not in kept for name, value in step.off}


def varied(recipe: Recipe, **changes: object) -> Recipe:
    """The recipe with some settings changed, checked anew."""
    names = {f.name for f in dataclasses.fields(recipe)}
    if unknown := set(changes) - names:
        raise SettingsError(f"a recipe has no setting named {listed(sorted(unknown))}. It has {listed(sorted(names))}.")
    return dataclasses.replace(recipe, **changes)  # type: ignore[arg-type]  # values are checked as the recipe is made
