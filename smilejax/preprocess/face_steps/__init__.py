"""The steps that clean faces, one module each; those that clean pupils as well stand in `smilejax.preprocess.steps`."""

from dataclasses import dataclass
from typing import Any

from smilejax.preprocess.face_steps.align_in_time import ALIGN, AlignSettings
from smilejax.preprocess.face_steps.give_measures import GIVE_MEASURES, GiveMeasuresSettings
from smilejax.preprocess.face_steps.low_confidence import LOW_CONFIDENCE_FRAMES, LowConfidenceSettings
from smilejax.preprocess.face_steps.missing_frames import MISSING_FRAMES
from smilejax.preprocess.face_steps.neutral_face import NEUTRAL_FACE, NeutralFaceSettings
from smilejax.preprocess.steps.anti_alias import ANTI_ALIAS
from smilejax.preprocess.steps.crop import CROP_VIDEOS, CropSettings
from smilejax.preprocess.steps.fill_gaps import FILL_FACE_GAPS, FillGapsSettings
from smilejax.preprocess.steps.low_pass import LOW_PASS_FACE, LowPassSettings
from smilejax.preprocess.steps.reject_missing import REJECT_MISSING_FACES, RejectMissingSettings
from smilejax.preprocess.steps.resample import RESAMPLE, ResampleSettings
from smilejax.preprocess.steps.step import Step

# Any: their recipe is that of faces, or of pupils as well.
FACE_STEPS: tuple[Step[Any], ...] = (
    CROP_VIDEOS,
    MISSING_FRAMES,
    LOW_CONFIDENCE_FRAMES,
    REJECT_MISSING_FACES,
    FILL_FACE_GAPS,
    LOW_PASS_FACE,
    NEUTRAL_FACE,
    ALIGN,
    ANTI_ALIAS,
    RESAMPLE,
    GIVE_MEASURES,
)
"""Every step, in the order in which they are done. A new step stands here once, and its settings once below."""


@dataclass(frozen=True)
class FaceStepSettings(
    GiveMeasuresSettings,
    ResampleSettings,
    AlignSettings,
    NeutralFaceSettings,
    LowPassSettings,
    FillGapsSettings,
    RejectMissingSettings,
    LowConfidenceSettings,
    CropSettings,
):
    """The settings of all steps, unchecked: `FaceRecipe` checks them."""
