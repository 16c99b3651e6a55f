"""`Faces`: measures of smiling faces, on the host, in NumPy. Checked once, when made."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from smilejax._util import summaries
from smilejax._util.errors import FacesError, listed
from smilejax.recordings.checked_recording import ArrayNames, CheckedRecording
from smilejax.recordings.face_measures import face_measure
from smilejax.recordings.kinds import FACE, Kind
from smilejax.recordings.source import MEMORY, Source
from smilejax.recordings.stimulus_table import Covariate

STILL_RATE_HZ = 1.0
"""Rate of recordings of one frame, which have none: a photo then lasts a second."""


@dataclass(frozen=True, eq=False, repr=False)
class Faces(CheckedRecording):
    """Measures of the faces in N videos, on one regular time grid. The `Recording` of a face.

    `faces[rows]` selects videos by a slice, integers in any order or a mask; the result is always `Faces`, also for a single
    row. A photo is a video of one frame.

    Arguments:
        values: `f32[N, T, C]`, the measures of each frame; NaN is a missing one.
        channels: names of the C measures; those in `smilejax.recordings.face_measures.FACE_MEASURES` have words and a unit.
        length: `i32[N]`, frames of each video that belong to it, `1..T`; what lies behind is padding.
        rate_hz: frames per second, above 0; where videos have one frame, `STILL_RATE_HZ`.
        label: `i32[N]`, 0 or 1 as an index into `class_names`, or `UNLABELLED`.
        class_names: the two classes; the second is the positive one.
        trial: N names of videos, unique within a smiler.
        participant: N names of the people in the videos, the smilers.
        confidence: `f32[N, T]`, how sure the tracker is of a frame, 0 to 1; NaN where it does not say. None for all.
        stimulus: N names of what the smiler saw, or of the session; None where they were not recorded.
        covariates: what else is known of the videos, one value for each: resolution, brightness, head pose. They are for
            negative controls, and no network sees them.
        crop: N times T names of the crops of frames, in the folder that `smilejax track --crops` wrote; empty where a frame has
            none. None where the table names none.
        source: where the recording came from.
        start_ms: time of the first frame of every video relative to its onset (time zero), in ms.
        columns: columns of the user's own, as age, sex or published folds; see `smilejax.recordings.kept_columns`.

    Raises:
        FacesError: with the rule and, where one breaks it, the video and its row (index along N).

    Example:
        >>> import numpy as np
        >>> names = {"class_names": ("posed", "genuine"), "trial": ("v1", "v2"), "participant": ("ann", "bob")}
        >>> values, length = np.zeros((2, 50, 1)), np.array([50, 40])
        >>> Faces(values=values, channels=("AU12",), length=length, rate_hz=25.0, label=np.array([0, 1]), **names)
        Faces(2 videos; 2 smilers; 1 posed, 1 genuine; 50 frames at 25 Hz (2 s), 1 measure: AU12; memory (arrays))
    """

    kind: ClassVar[Kind] = FACE
    arrays: ClassVar[ArrayNames] = ArrayNames(
        signal="values",
        min_samples=1,
        per_trial=(
            "values",
            "length",
            "label",
            "trial",
            "participant",
            "stimulus",
            "confidence",
            "covariates",
            "columns",
            "crop",
        ),
        error=FacesError,
        sample="frame",
    )

    values: npt.NDArray[np.float32]
    channels: tuple[str, ...]
    length: npt.NDArray[np.int32]
    rate_hz: float
    label: npt.NDArray[np.int32]
    class_names: tuple[str, str]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    confidence: npt.NDArray[np.float32] | None = None
    stimulus: tuple[str, ...] | None = None
    covariates: tuple[Covariate, ...] = ()
    crop: tuple[tuple[str, ...], ...] | None = None
    source: Source = MEMORY
    start_ms: float = 0.0
    columns: tuple[Covariate, ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in (("values", np.float32), ("length", np.int32), ("label", np.int32)):
            self._own(name, dtype)
        for name in ("channels", "class_names", "trial", "participant"):
            self._own_names(name)
        self._own_names("stimulus", optional=True)
        self._own_number("rate_hz", "a finite number above 0")
        self._own_number("start_ms", "a finite number")
        self._check_source()
        self._check_channels()
        self._check_counts(("trial", "participant", "stimulus"))
        self._check_times()
        self._check_values()
        if self.confidence is not None:
            self._own("confidence", np.float32)
            self._check_confidence(self.confidence)
        self._check_per_trial("covariates", "covariate")
        self._check_per_trial("columns", "column")
        if self.crop is not None:
            object.__setattr__(self, "crop", tuple(tuple(names) for names in self.crop))
            if {len(self.crop), *map(len, self.crop)} != {*self.values.shape[:2]} or len(self.crop) != len(self):
                raise FacesError(
                    f"crop must have one name for each frame, {list(self.values.shape[:2])}; it has others."
                )
        self._check_labels()
        self._check_names()

    @property
    def smiler(self) -> None:
        """None: the participant is the smiler."""
        return

    @property
    def unit(self) -> str:
        """Units of the measures, as `eye distances, 0 to 1`."""
        return ", ".join(dict.fromkeys(face_measure(name).unit for name in self.channels))

    @property
    def stills(self) -> bool:
        """Whether no video has more than one frame: photos, of which nothing in time can be said."""
        return int(self.length.max()) == 1

    @property
    def _signal_in_words(self) -> str:
        measures = f"{summaries.counted(len(self.channels), 'measure')}: {listed(self.channels)}"
        if self.stills:
            return f"single frames, {measures}"
        lasting = summaries.duration(self.duration_ms / 1000, self.start_ms)
        return f"{self.values.shape[1]} frames at {self.rate_hz:g} Hz ({lasting}), {measures}"

    def measured(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T, C]`: which measures the tracker gave, whatever its confidence: finite, inside the video."""
        return np.isfinite(self.values) & self.inside()[:, :, None]

    def _check_channels(self) -> None:
        if self.values.ndim != 3 or self.values.shape[2] == 0:
            raise FacesError(
                f"values must be shaped [N videos, T frames, C measures], with a measure at least; it is "
                f"{list(self.values.shape)}. A photo has one frame: [N, 1, C]."
            )
        count = self.values.shape[2]
        if len(self.channels) != count:
            raise FacesError(
                f"channels must have {count} names, one for each measure of values; it has {len(self.channels)}."
            )
        if len(set(self.channels)) != count or not all(name.strip() for name in self.channels):
            raise FacesError(f"channels must be different names, none of them empty; they are {listed(self.channels)}.")

    def _check_values(self) -> None:
        infinite = np.argwhere(np.isinf(self.values) & self.inside()[:, :, None])
        if len(infinite):
            row, frame, channel = infinite[0]
            raise FacesError(
                f"values must be finite, or NaN where missing; {self.row_name(row)} has "
                f"{self.values[row, frame, channel]} at frame {frame} of {self.channels[channel]}."
            )
        measured = np.any(self.measured(), axis=(0, 1))
        if not measured.any():
            raise FacesError(f"no frame of any of the {len(self)} videos was measured: all are NaN. Was a face found?")
        if not measured.all():
            never = [name for name, seen in zip(self.channels, measured.tolist(), strict=True) if not seen]
            raise FacesError(f"{listed(never)} was measured in no frame of any video. Leave it out of channels.")

    def _check_confidence(self, given: npt.NDArray[np.float32]) -> None:
        if given.shape != self.values.shape[:2]:
            raise FacesError(
                f"confidence must have one number for each frame, {list(self.values.shape[:2])}; it is {list(given.shape)}."
            )
        with np.errstate(invalid="ignore"):
            odd = np.argwhere(((given < 0) | (given > 1)) & self.inside())
        if len(odd):
            row, frame = odd[0]
            raise FacesError(
                f"confidence must be between 0 and 1, or NaN; {self.row_name(row)} has {given[row, frame]:g} at frame {frame}. "
                "Divide percents by 100."
            )
