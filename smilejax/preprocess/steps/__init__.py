"""The cleaning steps, one module each. `STEPS` is their order; everything said or compiled of a recipe follows from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from smilejax.preprocess.sample_reason import MEASURED, OUTSIDE, SampleReason
from smilejax.preprocess.steps.anti_alias import ANTI_ALIAS
from smilejax.preprocess.steps.baseline import BASELINE, BaselineSettings
from smilejax.preprocess.steps.blink_edges import BLINK_EDGES, BlinkEdgesSettings
from smilejax.preprocess.steps.blink_response import BLINK_RESPONSE, BlinkResponseSettings
from smilejax.preprocess.steps.crop import CROP, CropSettings
from smilejax.preprocess.steps.dilation_speeds import DILATION_SPEEDS, DilationSpeedsSettings
from smilejax.preprocess.steps.fill_gaps import FILL_GAPS, FillGapsSettings
from smilejax.preprocess.steps.fuse_eyes import FUSE_EYES
from smilejax.preprocess.steps.gap_edges import GAP_EDGES, GapEdgesSettings
from smilejax.preprocess.steps.give_channels import GIVE_CHANNELS, GiveChannelsSettings
from smilejax.preprocess.steps.islands import ISLANDS, IslandsSettings
from smilejax.preprocess.steps.low_pass import LOW_PASS, LowPassSettings
from smilejax.preprocess.steps.missing import MISSING_SAMPLES
from smilejax.preprocess.steps.other_eye import OTHER_EYE, OtherEyeSettings
from smilejax.preprocess.steps.partial_blinks import PARTIAL_BLINKS, PartialBlinksSettings
from smilejax.preprocess.steps.plausible_range import PLAUSIBLE_RANGE, PlausibleRangeSettings
from smilejax.preprocess.steps.reject_missing import REJECT_MISSING, RejectMissingSettings
from smilejax.preprocess.steps.resample import RESAMPLE, ResampleSettings
from smilejax.preprocess.steps.step import Step
from smilejax.preprocess.steps.too_fast import TOO_FAST_SAMPLES, TooFastSettings
from smilejax.preprocess.steps.tracker_blinks import TRACKER_BLINKS, TrackerBlinksSettings
from smilejax.preprocess.steps.trend_line import TREND_LINE, TrendLineSettings

STEPS: tuple[Step[Any], ...] = (
    CROP,
    MISSING_SAMPLES,
    PLAUSIBLE_RANGE,
    TRACKER_BLINKS,
    DILATION_SPEEDS,
    PARTIAL_BLINKS,
    BLINK_EDGES,
    TOO_FAST_SAMPLES,
    GAP_EDGES,
    TREND_LINE,
    ISLANDS,
    OTHER_EYE,
    FUSE_EYES,
    REJECT_MISSING,
    FILL_GAPS,
    BLINK_RESPONSE,
    LOW_PASS,
    ANTI_ALIAS,
    RESAMPLE,
    BASELINE,
    GIVE_CHANNELS,
)
"""Every step, in the order in which they are done. A new step stands here once, and its settings once below."""


def reasons_of(steps: Iterable[Step[Any]]) -> list[SampleReason]:
    """Every reason that samples can have, by number: measured, outside the trial, and those of the steps.

    Raises:
        ValueError: two reasons share a number, by which files keep them, or a rank, by which one of them is kept.
    """
    found = sorted({MEASURED, OUTSIDE}.union(*(step.reasons for step in steps)), key=lambda reason: reason.number)
    for what in ("number", "rank"):
        taken: dict[float, SampleReason] = {}
        for reason in found:
            other = taken.setdefault(getattr(reason, what), reason)
            if other is not reason:
                raise ValueError(
                    f"The reasons {other.name} and {reason.name} have the same {what}, {getattr(reason, what)}."
                )
    return found


@dataclass(frozen=True)
class StepSettings(
    GiveChannelsSettings,
    BaselineSettings,
    ResampleSettings,
    LowPassSettings,
    BlinkResponseSettings,
    FillGapsSettings,
    RejectMissingSettings,
    OtherEyeSettings,
    IslandsSettings,
    TrendLineSettings,
    GapEdgesSettings,
    TooFastSettings,
    BlinkEdgesSettings,
    PartialBlinksSettings,
    DilationSpeedsSettings,
    TrackerBlinksSettings,
    PlausibleRangeSettings,
    CropSettings,
):
    """The settings of all steps, unchecked: `Recipe` checks them. From the last step to the first, since a dataclass lists
    the fields of its last base first."""
