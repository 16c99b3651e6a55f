"""What is done to every video of a face before a model sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Literal

from smilejax._util import summaries
from smilejax._util.errors import SettingsError, listed
from smilejax.preprocess.face_steps import FACE_STEPS, FaceStepSettings
from smilejax.preprocess.steps.step import Known
from smilejax.recordings.face_measures import face_measure

FaceRecipeName = Literal["default", "stills"]
FACE_RECIPES: tuple[FaceRecipeName, ...] = ("default", "stills")


@dataclass(frozen=True)
class FaceRecipe(FaceStepSettings):
    """What is done to every video, in this fixed order; None leaves a step out. No step looks at another video.

    1. Mark: missing, low confidence (`min_confidence`).
    2. Reject (`max_missing`); fill gaps from their neighbours (`max_gap_ms`, `interpolation`).
    3. Low-pass (`lowpass_hz`).
    4. Subtract the neutral face (`neutral_ms`); align to the smile's onset (`align`, `onset_proportion`, `before_onset_ms`);
       both may reject too.
    5. Crop or pad to `duration_ms`, from the first frame that is kept; resample (`resample_hz`); measures.

    Numbers are plain choices of ours and were not tuned on faces. The settings are those of the steps in
    `smilejax.preprocess.face_steps`.

    Raises:
        SettingsError: a setting is out of its range, or two contradict each other.
    """

    max_gap_ms: float = 200.0
    """Fill gaps up to this length in ms; 0 fills none, inf all."""

    younger: ClassVar[Mapping[str, object]] = MappingProxyType({"lowpass_phase": "zero", "crop_side": None})
    """Settings that are younger than some stored recipes, and what was done before there were any."""

    def __post_init__(self) -> None:
        for step in FACE_STEPS:
            step.check(self)
        for step in FACE_STEPS:
            step.check_together(self)

    def _repr_html_(self) -> str:
        return summaries.as_html("FaceRecipe", (one for step in FACE_STEPS for one in step.words(self, Known())))

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of what the model sees, of a settled recipe."""
        return (*(self.measures or ()), *(("mask",) if self.measured else ()))

    @property
    def aligned(self) -> bool:
        """Whether time zero is the smile's onset."""
        return self.align == "onset"

    @property
    def unit(self) -> str:
        """Units of the measures of a settled recipe."""
        return ", ".join(dict.fromkeys(face_measure(name).unit for name in self.measures or ()))

    def first_ms(self, rate_hz: float) -> float:
        """Time of the first frame that is kept relative to the onset: a whole number of frames at the recording's rate."""
        return -round(self.before_onset_ms * rate_hz / 1000) * 1000 / rate_hz

    def still(self) -> "FaceRecipe":
        """The recipe without what is done in time, for recordings of one frame: photos."""
        none = {"align": "start", "neutral_ms": None, "lowpass_hz": None, "resample_hz": None, "max_gap_ms": 0.0}
        return replace(self, **none)  # type: ignore[arg-type]  # checked when made

    @classmethod
    def stills(cls) -> "FaceRecipe":
        """Nothing is done in time: for photos, or single frames of videos."""
        return cls().still()

    @classmethod
    def named(cls, name: FaceRecipeName) -> "FaceRecipe":
        """One of the recipes with a name: `default`, `stills`."""
        if name not in FACE_RECIPES:
            raise SettingsError(f"the recipe of faces must be one of {listed(FACE_RECIPES)}; it is {name!r}.")
        return cls() if name == "default" else cls.stills()
