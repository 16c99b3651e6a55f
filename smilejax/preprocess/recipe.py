"""What is done to every trial before a model sees it."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from smilejax._util.errors import SettingsError, listed
from smilejax.settings.checks import (
    hold_float,
    hold_floats,
    hold_tuple,
    is_number,
    require,
    require_choice,
    require_count,
    require_number,
)

Channel = Literal["fused", "left", "right", "drive", "mask"]
CHANNELS: tuple[Channel, ...] = ("fused", "left", "right", "drive", "mask")
Interpolation = Literal["linear", "pchip", "four-point"]
Correction = Literal["subtract", "percent", "z"]
Statistic = Literal["mean", "median"]
RecipeName = Literal["default", "report", "kret2019", "minimal"]
RECIPES: tuple[RecipeName, ...] = ("default", "report", "kret2019", "minimal")

FRAME_MS = 1000 / 60
"""One frame of a 60 Hz tracker in ms: the span that speeds are measured over, whatever the recording's rate."""


@dataclass(frozen=True)
class Recipe:
    """What is done to every trial, in this fixed order; None leaves a step out. No step looks at another trial.

    1. Crop: `duration_ms`.
    2. Mark, on each eye: missing, out of range (`range_mm`, `range_mads`), the tracker's blinks (`tracker_blinks`), dips
       (`partial_blink_ms`), the eyelid's way around gaps (`blink_edge_ms`, `blink_edge_mads`, `blink_merge_ms`), too fast (`speed_mads`), padded edges
       (`pad_ms`, `pad_gaps_ms`), off the trend line (`trend_mads`), islands (`island_ms`, `island_gap_ms`).
    3. Fill one eye from the other (`other_eye_ms`); fuse the eyes as `channels` ask for.
    4. Reject (`max_missing`); fill gaps from their neighbours (`max_gap_ms`, `interpolation`).
    5. Take out the response to blinks (`blink_response`), low-pass (`lowpass_hz`), resample (`resample_hz`).
    6. Baseline (`baseline_ms`), which may reject too; deconvolve where `channels` ask for the drive; channels.

    `Recipe.named` has the recipes with a name; `smilejax.preprocess.recipe_in_words.steps` says what one does, in words.
    """

    duration_ms: float | None = None
    """Crop or pad trials to this length in ms; None takes the longest trial."""
    range_mm: tuple[float, float] | None = (1.5, 9.0)
    """Plausible pupil in mm, ends included (Kret & Sjak-Shie 2019). Only where the unit is mm."""
    range_mads: float | None = 12.0
    """Plausible pupil in other units: the participant's median +- this many MAD (8 standard deviations; our choice)."""
    tracker_blinks: bool = True
    """Whether spans that the tracker calls blinks are taken as such."""
    partial_blink_ms: float | None = 500.0
    """Longest dip taken for a blink that the tracker measured through, in ms (Mathôt 2013: 500); none without `speed_mads`."""
    blink_edge_ms: float | None = 150.0
    """Longest way of the eyelid on either side of a gap, in ms (after Hershman et al. 2018; the cap is ours)."""
    blink_edge_mads: float = 2.0
    """A walk goes on while the speed is above the trial's median + this many MAD (our choice)."""
    blink_merge_ms: float = 100.0
    """Gaps of 50 ms or more this close are one blink, in ms (Hershman et al. 2018: 100); none are at 0 or without `blink_edge_ms`."""
    speed_mads: float | None = 16.0
    """Dilation speeds above the trial's median + this many unscaled MAD are too fast (Kret & Sjak-Shie 2019: 16)."""
    speed_span_ms: float = FRAME_MS
    """Speeds are measured over this many ms, at least one sample (a 60 Hz frame; our choice)."""
    min_speed_per_s: float = 1.0
    """Slower changes are never taken for artefacts, in mean diameters of the trial per second (our choice); 0 for no floor."""
    pad_ms: float | None = FRAME_MS
    """What is taken off either side of a gap, in ms: a 60 Hz frame after the walk (Kret & Sjak-Shie 2019, without one: 50)."""
    pad_gaps_ms: tuple[float, float] = (75.0, 2000.0)
    """Length in ms of the gaps that are padded (Kret & Sjak-Shie 2019: 75 to 2000)."""
    trend_mads: float | None = 16.0
    """Deviations from the trend line above the trial's median + this many MAD are off it (Kret & Sjak-Shie 2019: 16)."""
    min_trend_proportion: float = 0.02
    """Smaller deviations are never off the trend line, as a share of the trial's mean (our choice); 0 for no floor."""
    island_ms: float | None = 50.0
    """Runs of samples shorter than this are islands, in ms (Kret & Sjak-Shie 2019: 50)."""
    island_gap_ms: float = 40.0
    """... where gaps longer than this separate them, in ms (Kret & Sjak-Shie 2019: 40)."""
    other_eye_ms: float | None = 200.0
    """Fill an eye from the other by their difference, averaged with this time constant in ms (ours; Kret & Sjak-Shie: 0)."""
    max_missing: float = 0.5
    """Reject a trial with more than this share missing before filling, 0 to 1 (published limits: .20 to .75)."""
    interpolation: Interpolation = "linear"
    """How gaps are filled: linear (Kret & Sjak-Shie 2019), pchip (monotone cubic), or four-point (Mathôt 2013)."""
    max_gap_ms: float = 400.0
    """Fill gaps up to this length in ms: a blink and the eyelid's way (PuPl: 400; Kret & Sjak-Shie: 250); inf fills all."""
    blink_response: bool = False
    """Whether the pupil's own response to blinks is fitted and taken out (Knapen et al. 2016)."""
    lowpass_hz: float | None = 4.0
    """Cut-off of the zero-phase Butterworth low-pass in Hz (Kret & Sjak-Shie 2019: 4)."""
    lowpass_order: int = 4
    """Order of the low-pass (Kret & Sjak-Shie 2019: 4)."""
    resample_hz: float | None = 20.0
    """Rate of what the model sees, in Hz (pupil responses end below 4 Hz); None keeps the recording's."""
    baseline_ms: float | None = 200.0
    """Baseline: the level of the first this many ms (the light reflex starts after about 200 ms); None leaves the level."""
    baseline: Correction = "subtract"
    """What is done with it: subtract (Mathôt et al. 2018), percent, or z."""
    baseline_statistic: Statistic = "mean"
    """The level is the mean or the median of the window."""
    max_baseline_missing: float = 1.0
    """Reject a trial with more than this share of the baseline's window not measured, 0 to 1; 1 rejects none for it."""
    min_baseline_mm: float = 1.5
    """Reject a trial with a smaller baseline, in mm, where the unit is mm (after Mathôt et al. 2018; the number is ours)."""
    drive_n: float = 10.1
    """Shape n of the pupil's impulse response, for the channel drive (Hoeks & Levelt 1993: 10.1)."""
    drive_t_max_ms: float = 930.0
    """Time to peak of the pupil's impulse response in ms, for the channel drive (Hoeks & Levelt 1993: 930)."""
    channels: tuple[Channel, ...] = ("fused", "mask")
    """What the model sees: fused (mean of the eyes), left, right, drive (what drove the pupil), mask (1 where measured)."""

    def __post_init__(self) -> None:
        _check_numbers(self)
        _check_pairs(self)
        for name, choices in (
            ("interpolation", Interpolation),
            ("baseline", Correction),
            ("baseline_statistic", Statistic),
        ):
            require_choice(self, name, get_args(choices))
        for name in ("tracker_blinks", "blink_response"):
            require(isinstance(getattr(self, name), bool), name, "True or False", getattr(self, name))
        require_count(self, "lowpass_order", 1)
        require(self.lowpass_order <= 8, "lowpass_order", "at most 8", self.lowpass_order)
        _check_channels(self)
        _check_together(self)

    @classmethod
    def report(cls) -> "Recipe":
        """What the project report did: missing values filled from their neighbours without limit, eyes averaged, no more."""
        return cls(
            **_NOTHING,
            range_mm=None,
            max_missing=1.0,
            max_gap_ms=math.inf,
            resample_hz=None,
            baseline_ms=None,
            channels=("fused",),
        )

    @classmethod
    def minimal(cls) -> "Recipe":
        """The least that makes trials comparable: range, gaps up to 250 ms on straight lines, 20 Hz, baseline."""
        return cls(**(_NOTHING | {"range_mads": 12.0, "max_gap_ms": 250.0}))

    @classmethod
    def kret2019(cls) -> "Recipe":
        """Kret & Sjak-Shie (2019) with their numbers, before the model's rate and baseline, of which they say nothing.

        Three differences: speeds are taken over a 60 Hz frame instead of between neighbours, from 200 Hz up between averages
        over 10 ms, and the trend line runs at the recording's rate instead of 100 Hz.
        """
        return cls(
            tracker_blinks=False,
            partial_blink_ms=None,
            blink_edge_ms=None,
            blink_merge_ms=0.0,
            min_speed_per_s=0.0,
            pad_ms=50.0,
            min_trend_proportion=0.0,
            other_eye_ms=0.0,
            max_gap_ms=250.0,
        )

    @classmethod
    def named(cls, name: RecipeName) -> "Recipe":
        """One of the recipes with a name: `default`, `report`, `kret2019`, `minimal`."""
        if name not in RECIPES:
            raise SettingsError(f"recipe must be one of {listed(RECIPES)}; it is {name!r}.")
        recipe: Recipe = cls() if name == "default" else getattr(cls, name)()
        return recipe


_NOTHING: dict[str, Any] = {
    "range_mads": None,
    "tracker_blinks": False,
    "partial_blink_ms": None,
    "blink_edge_ms": None,
    "blink_merge_ms": 0.0,
    "speed_mads": None,
    "pad_ms": None,
    "trend_mads": None,
    "island_ms": None,
    "other_eye_ms": None,
    "lowpass_hz": None,
}
"""Every step off that can be."""


def _check_numbers(recipe: Recipe) -> None:
    lengths = (
        "duration_ms",
        "partial_blink_ms",
        "blink_edge_ms",
        "pad_ms",
        "island_ms",
        "lowpass_hz",
        "resample_hz",
        "baseline_ms",
    )
    for name in lengths:
        require_number(recipe, name, 0, open_low=True, optional=True)
    for name in ("range_mads", "speed_mads", "trend_mads"):
        require_number(recipe, name, 0, open_low=True, optional=True)
    require_number(recipe, "other_eye_ms", 0, optional=True)
    for name in ("speed_span_ms", "drive_n", "drive_t_max_ms"):
        require_number(recipe, name, 0, open_low=True)
    for name in (
        "blink_edge_mads",
        "blink_merge_ms",
        "min_speed_per_s",
        "min_trend_proportion",
        "island_gap_ms",
        "min_baseline_mm",
    ):
        require_number(recipe, name, 0)
    for name in ("max_missing", "max_baseline_missing"):
        require_number(recipe, name, 0, 1)
    ok = recipe.max_gap_ms == math.inf or (is_number(recipe.max_gap_ms) and recipe.max_gap_ms >= 0)
    require(ok, "max_gap_ms", "a number from 0 up, or inf", recipe.max_gap_ms)
    hold_float(recipe, "max_gap_ms")


def _check_pairs(recipe: Recipe) -> None:
    for name in ("range_mm", "pad_gaps_ms"):
        if getattr(recipe, name) is None and name == "range_mm":
            continue
        hold_tuple(recipe, name)
        pair = getattr(recipe, name)
        ok = len(pair) == 2 and all(is_number(end) for end in pair) and 0 <= pair[0] < pair[1]
        require(ok, name, "two numbers, 0 <= low < high", pair)
        hold_floats(recipe, name)


def _check_channels(recipe: Recipe) -> None:
    hold_tuple(recipe, "channels")
    channels = recipe.channels
    ok = len(channels) > 0 and len(set(channels)) == len(channels) and set(channels) <= set(CHANNELS)
    require(ok, "channels", f"different ones of {listed(CHANNELS)}", channels)


def _check_together(recipe: Recipe) -> None:
    """Rules between settings that no recording is needed for; the pipeline checks those against a recording's rate."""
    if recipe.duration_ms is not None and recipe.baseline_ms is not None:
        inside = recipe.baseline_ms <= recipe.duration_ms
        require(inside, "baseline_ms", f"inside the trial of {recipe.duration_ms:g} ms", recipe.baseline_ms)
    if recipe.range_mm is not None and recipe.min_baseline_mm:
        inside = recipe.min_baseline_mm < recipe.range_mm[1]
        top = f"below the upper end of range_mm, {recipe.range_mm[1]:g}"
        require(inside, "min_baseline_mm", top, recipe.min_baseline_mm, "No trial could be kept.")
    if recipe.baseline != "subtract":
        require(
            recipe.baseline_ms is not None,
            "baseline",
            "subtract where baseline_ms is None",
            recipe.baseline,
            "Give a window.",
        )
    if recipe.blink_response:
        require(
            recipe.max_gap_ms > 0,
            "blink_response",
            "False where max_gap_ms is 0",
            True,
            "Blinks must be filled before their response is fitted.",
        )


def varied(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with some settings changed, checked anew."""
    names = {f.name for f in dataclasses.fields(recipe)}
    if unknown := set(changes) - names:
        raise SettingsError(f"a recipe has no setting named {listed(sorted(unknown))}. It has {listed(sorted(names))}.")
    return dataclasses.replace(recipe, **changes)
