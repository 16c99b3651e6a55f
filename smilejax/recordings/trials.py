"""`Trials`: pupil recordings, on the host, in NumPy. Checked once, when made."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from smilejax._util import summaries
from smilejax._util.errors import SETTING, TrialsError, listed
from smilejax._util.fast_median import fast_median
from smilejax.recordings.checked_recording import ArrayNames, CheckedRecording
from smilejax.recordings.kinds import PUPIL, Kind
from smilejax.recordings.source import MEMORY, Source
from smilejax.recordings.stimulus_table import Covariate

Unit = Literal["mm", "au", "px"]
"""Unit of a recording's pupils: a diameter in mm or in pixels of the camera, or arbitrary units."""
UNITS: tuple[Unit, ...] = ("mm", "au", "px")

MIN_SAMPLES = 4
"""Shortest trial accepted, in samples: fewer cannot hold a baseline and a response at any rate."""

PLAUSIBLE_MEDIAN_MM = (1.0, 10.0)
"""A recording whose median lies outside cannot be in mm: human pupils span about 1.5 to 9 mm (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True, eq=False, repr=False)
class Trials(CheckedRecording):
    """Pupil recordings of N trials on one regular time grid. The `Recording` of a pupil.

    `trials[rows]` selects trials by a slice, integers in any order or a mask; the result is always `Trials`, also for a
    single row.

    Arguments:
        pupil: `f32[N, T, 2]`, left and right eye in `unit`. NaN, zero or anything below is a missing sample.
        length: `i32[N]`, samples of each trial that belong to it, `MIN_SAMPLES..T`; what lies behind is padding.
        rate_hz: samples per second, above 0.
        unit: `mm`, `au` (arbitrary) or `px`.
        label: `i32[N]`, 0 or 1 as an index into `class_names`, or `UNLABELLED`.
        class_names: the two classes; the second is the positive one.
        trial: N names of trials, unique within a participant.
        participant: N names of the participants whose pupil was recorded.
        stimulus: N names of the stimuli, or None where they were not recorded.
        smiler: N names of the person shown in the stimulus, or None.
        source: where the recording came from.
        blink: `bool[N, T, 2]`, True where the tracker reports a blink of the left or right eye, False in the padding; None
            where it reports no blinks.
        start_ms: time of the first sample of every trial relative to its onset (time zero), in ms; below 0 where recordings
            begin before it.
        columns: columns of the user's own, as age, sex or published folds; see `smilejax.recordings.kept_columns`.

    Raises:
        TrialsError: with the rule and, where one breaks it, the trial and its row (index along N).
    """

    kind: ClassVar[Kind] = PUPIL
    arrays: ClassVar[ArrayNames] = ArrayNames(
        signal="pupil",
        min_samples=MIN_SAMPLES,
        per_trial=("pupil", "length", "label", "trial", "participant", "stimulus", "smiler", "blink", "columns"),
        error=TrialsError,
    )

    pupil: npt.NDArray[np.float32]
    length: npt.NDArray[np.int32]
    rate_hz: float
    unit: Unit
    label: npt.NDArray[np.int32]
    class_names: tuple[str, str]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    stimulus: tuple[str, ...] | None = None
    smiler: tuple[str, ...] | None = None
    source: Source = MEMORY
    blink: npt.NDArray[np.bool_] | None = None
    start_ms: float = 0.0
    columns: tuple[Covariate, ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in (("pupil", np.float32), ("length", np.int32), ("label", np.int32)):
            self._own(name, dtype)
        for name in ("class_names", "trial", "participant", "stimulus", "smiler"):
            self._own_names(name, optional=name in ("stimulus", "smiler"))
        self._own_number("rate_hz", "a finite number above 0")
        self._own_number("start_ms", "a finite number")
        self._check_source()
        if self.pupil.ndim != 3 or self.pupil.shape[2] != 2:
            raise TrialsError(
                f"pupil must be shaped [N trials, T samples, 2 eyes]; it is {list(self.pupil.shape)}. "
                "For one eye, fill the other with NaN."
            )
        self._check_counts(("trial", "participant", "stimulus", "smiler"))
        if self.blink is not None:
            object.__setattr__(self, "blink", self._own_blink(self.blink))
        self._check_times()
        self._check_pupil()
        self._check_labels()
        self._check_names()
        self._check_per_trial("columns", "column")

    @property
    def _people(self) -> tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...] | None]:
        return self.participant, self.stimulus, self.smiler

    @property
    def _signal_in_words(self) -> str:
        lasting = summaries.duration(self.duration_ms / 1000, self.start_ms)
        return f"{self.pupil.shape[1]} samples at {self.rate_hz:g} Hz ({lasting}), {self.unit}"

    def measured(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T, 2]`: which samples the tracker measured: finite and above zero, inside the trial."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.pupil) & (self.pupil > 0) & self.inside()[:, :, None]

    def _own_blink(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """A read-only copy of `blink`, False in the padding, which is not judged."""
        given, inside = self._numeric(values, "blink"), self.inside()[:, :, None]
        if given.shape != self.pupil.shape:
            raise TrialsError(f"blink must be shaped as pupil, {list(self.pupil.shape)}; it is {list(given.shape)}.")
        for row, sample, eye in np.argwhere((given != 0) & (given != 1) & inside)[:1].tolist():
            raise TrialsError(
                f"blink must be 1 (True) where the tracker reports a blink and 0 (False) elsewhere; "
                f"{self.row_name(row)} has {given[row, sample, eye]} at sample {sample} of the {('left', 'right')[eye]} eye."
            )
        own: npt.NDArray[np.bool_] = (given == 1) & inside
        own.flags.writeable = False
        return own

    def _check_pupil(self) -> None:
        if self.unit not in UNITS:
            raise TrialsError(f"unit must be one of {listed(UNITS)}; it is {self.unit!r}.")
        infinite = np.argwhere(np.isinf(self.pupil) & self.inside()[:, :, None])
        if len(infinite):
            row, sample, eye = infinite[0]
            raise TrialsError(
                f"pupil must be finite, or NaN where missing; {self.row_name(row)} has {self.pupil[row, sample, eye]} "
                f"at sample {sample} of the {('left', 'right')[eye]} eye."
            )
        measured = self.pupil[self.measured()]
        if measured.size == 0:
            raise TrialsError(
                f"no sample of any of the {len(self)} trials was measured: all are NaN, zero or below. "
                "Check the pupil columns and the missing-value marker."
            )
        middle = fast_median(measured)
        low, high = PLAUSIBLE_MEDIAN_MM
        if self.unit == "mm" and not low <= middle <= high:
            raise TrialsError(
                f"these pupils cannot be in mm: their median is {middle:.4g}, and a human pupil's lies between {low:g} and "
                f"{high:g} mm. Give the unit of arbitrary units or pixels ({SETTING.unit} au, {SETTING.unit} px), "
                f"or convert the values to mm."
            )
