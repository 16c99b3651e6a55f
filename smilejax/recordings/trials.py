"""`Trials`: pupil recordings, on the host, in NumPy. Checked once, when made."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from smilejax._util import summaries
from smilejax._util.errors import SETTING, TrialsError, listed
from smilejax._util.fast_median import fast_median
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import MEMORY, Source

Unit = Literal["mm", "au", "px"]
UNITS: tuple[Unit, ...] = ("mm", "au", "px")
Rows = int | np.integer | slice | list[int] | list[bool] | npt.NDArray[np.integer | np.bool_]
"""What selects trials: a row, a slice, rows in any order, or a mask over N."""

MIN_SAMPLES = 4
"""Shortest trial accepted, in samples: fewer cannot hold a baseline and a response at any rate."""

PLAUSIBLE_MEDIAN_MM = (1.0, 10.0)
"""A recording whose median lies outside cannot be in mm: human pupils span about 1.5 to 9 mm (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True, eq=False)
class Trials:
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

    Raises:
        TrialsError: with the rule and, where one breaks it, the trial and its row (index along N).
    """

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

    def __post_init__(self) -> None:
        for name, dtype in (("pupil", np.float32), ("length", np.int32), ("label", np.int32)):
            object.__setattr__(self, name, _own(getattr(self, name), dtype, name))
        for name in ("class_names", "trial", "participant", "stimulus", "smiler"):
            names = getattr(self, name)
            object.__setattr__(self, name, _own_names(names, name, optional=name in ("stimulus", "smiler")))
        object.__setattr__(self, "rate_hz", _own_number(self.rate_hz, "rate_hz", "a finite number above 0"))
        object.__setattr__(self, "start_ms", _own_number(self.start_ms, "start_ms", "a finite number"))
        if not isinstance(self.source, Source):
            raise TrialsError(f"source must be a Source; it is {_described(self.source)}.")
        _check_shapes(self)
        if self.blink is not None:
            object.__setattr__(self, "blink", _own_blink(self, self.blink))
        _check_recording(self)
        _check_labels(self)
        _check_names(self)

    def __len__(self) -> int:
        return int(self.pupil.shape[0])

    def __getitem__(self, rows: Rows | tuple[Rows, EllipsisType]) -> "Trials":
        return self.take(_selected(rows, len(self)))

    def __repr__(self) -> str:
        return f"Trials({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Trials", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        lasting = summaries.duration(self.duration_ms / 1000, self.start_ms)
        samples = f"{self.pupil.shape[1]} samples at {self.rate_hz:g} Hz ({lasting}), {self.unit}"
        return [
            ("trials", summaries.counted(len(self), "trial")),
            ("of", summaries.groups(self.participant, self.stimulus, self.smiler)),
            ("classes", summaries.classes(self.label.tolist(), self.class_names)),
            ("signal", samples),
            ("source", f"{self.source.name} ({self.source.layout})"),
        ]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Trials, samples of the longest, eyes: `(N, T, 2)`."""
        n, samples, eyes = self.pupil.shape
        return n, samples, eyes

    @property
    def duration_ms(self) -> float:
        """Length of the longest trial in ms."""
        return float(self.length.max()) * 1000.0 / self.rate_hz

    def inside(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T]`: which samples belong to their trial."""
        return np.arange(self.pupil.shape[1])[None, :] < self.length[:, None]

    def measured(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T, 2]`: which samples the tracker measured: finite and above zero, inside the trial."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.pupil) & (self.pupil > 0) & self.inside()[:, :, None]

    def row_name(self, row: int) -> str:
        """The trial in a row, as messages name it: `trial 'Easy1' of participant '3' (row 12)`."""
        return f"trial {self.trial[row]!r} of participant {self.participant[row]!r} (row {row})"

    def take(self, rows: npt.ArrayLike) -> "Trials":
        """The trials in the given rows (indices, or a mask over N), in that order.

        Raises:
            TrialsError: no trial, one of them twice, or rows that there are not.
        """
        at = _rows(rows, len(self))

        def pick(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
            return None if names is None else tuple(names[i] for i in at)

        return replace(
            self,
            pupil=self.pupil[at],
            length=self.length[at],
            label=self.label[at],
            trial=pick(self.trial) or (),
            participant=pick(self.participant) or (),
            stimulus=pick(self.stimulus),
            smiler=pick(self.smiler),
            blink=None if self.blink is None else self.blink[at],
        )


def _selected(rows: Rows | tuple[Rows, EllipsisType], n: int) -> npt.ArrayLike:
    """Rows as `take` wants them. scikit-learn selects rows of anything that has a shape by `X[rows, ...]`."""
    if isinstance(rows, tuple) and len(rows) == 2 and rows[1] is Ellipsis:
        rows = rows[0]
    if isinstance(rows, tuple):
        raise TrialsError(
            f"trials are selected by one index, along N; there are {len(rows)}. Select samples of `pupil`."
        )
    if isinstance(rows, slice):
        return np.arange(n)[rows]
    if isinstance(rows, int | np.integer) and not -n <= rows < n:
        raise IndexError(f"row {rows} is not among {n} trials")  # ends a loop over trials
    return rows


def _rows(rows: npt.ArrayLike, n: int) -> npt.NDArray[np.intp]:
    """`i[M]`, rows from 0 to N - 1, from indices or a mask."""
    given = np.atleast_1d(np.asarray(rows))
    if given.dtype == np.bool_ and given.shape == (n,):
        return np.flatnonzero(given)
    if given.size == 0:
        return np.zeros(0, np.intp)
    if given.dtype.kind not in "iu" or given.ndim != 1:
        raise TrialsError(
            f"rows must be whole numbers, or a mask of {n} (one for each trial); they are {given.dtype}{list(given.shape)}."
        )
    if np.any(beyond := (given < -n) | (given >= n)):
        raise TrialsError(f"rows must be below the number of trials, {n}; one is {given[beyond][0]}.")
    return given.astype(np.intp) % n


def _own_names(names: object, name: str, *, optional: bool) -> tuple[str, ...] | None:
    if names is None and optional:
        return None
    if names is None or isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise TrialsError(f"{name} must be a sequence of names; it is {_described(names)}.")
    return tuple(str(n) for n in names)


def _own_number(value: object, name: str, rule: str) -> float:
    try:
        return float(cast(float, value))
    except (TypeError, ValueError):
        raise TrialsError(f"{name} must be {rule}; it is {_described(value)}.") from None


def _described(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"


def _own(values: npt.ArrayLike, dtype: type, name: str) -> np.ndarray:
    """A read-only copy in the stated dtype; integers must arrive as whole numbers in range."""
    given = _numeric(values, name)
    if dtype is np.int32 and given.size:
        wide = given.astype(np.float64)
        if not np.all(np.isfinite(wide) & (wide == np.round(wide)) & (np.abs(wide) < 2**31)):
            bad = given.ravel()[~(np.isfinite(wide) & (wide == np.round(wide)) & (np.abs(wide) < 2**31)).ravel()][0]
            raise TrialsError(f"{name} must be whole numbers that fit 32 bits; it holds {bad}.")
    with np.errstate(over="ignore", invalid="ignore"):
        own: np.ndarray = np.array(given, dtype=dtype, copy=True)
    own.flags.writeable = False
    return own


def _numeric(values: npt.ArrayLike, name: str) -> np.ndarray:
    try:
        given = np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise TrialsError(f"{name} must be one array of numbers: {error}.") from None
    if given.dtype.kind not in "fiub":
        raise TrialsError(f"{name} must be numbers; it arrived as {given.dtype}. Convert it before making Trials.")
    return given


def _own_blink(t: Trials, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """A read-only copy of `blink`, False in the padding, which is not judged."""
    given, inside = _numeric(values, "blink"), t.inside()[:, :, None]
    if given.shape != t.pupil.shape:
        raise TrialsError(f"blink must be shaped as pupil, {list(t.pupil.shape)}; it is {list(given.shape)}.")
    for row, sample, eye in np.argwhere((given != 0) & (given != 1) & inside)[:1].tolist():
        raise TrialsError(
            f"blink must be 1 (True) where the tracker reports a blink and 0 (False) elsewhere; "
            f"{t.row_name(row)} has {given[row, sample, eye]} at sample {sample} of the {('left', 'right')[eye]} eye."
        )
    own: npt.NDArray[np.bool_] = (given == 1) & inside
    own.flags.writeable = False
    return own


def _check_shapes(t: Trials) -> None:
    if t.pupil.ndim != 3 or t.pupil.shape[2] != 2:
        raise TrialsError(
            f"pupil must be shaped [N trials, T samples, 2 eyes]; it is {list(t.pupil.shape)}. "
            "For one eye, fill the other with NaN."
        )
    n = t.pupil.shape[0]
    if n == 0:
        raise TrialsError("there must be at least one trial; pupil has none.")
    for name in ("length", "label"):
        shape = getattr(t, name).shape
        if shape != (n,):
            raise TrialsError(f"{name} must be shaped [{n}], one for each trial of pupil; it is {list(shape)}.")
    for name in ("trial", "participant", "stimulus", "smiler"):
        names = getattr(t, name)
        if names is not None and len(names) != n:
            raise TrialsError(f"{name} must have {n} names, one for each trial of pupil; it has {len(names)}.")
    samples = t.pupil.shape[1]
    for row in map(int, np.flatnonzero((t.length < MIN_SAMPLES) | (t.length > samples))):
        raise TrialsError(
            f"a trial must have {MIN_SAMPLES} to {samples} samples (the width of pupil); "
            f"{t.row_name(row)} has {t.length[row]}. Remove it, or correct its length."
        )


def _check_recording(t: Trials) -> None:
    if not (math.isfinite(t.rate_hz) and t.rate_hz > 0):
        raise TrialsError(f"rate_hz must be a finite number above 0; it is {t.rate_hz}.")
    if not math.isfinite(t.start_ms):
        raise TrialsError(f"start_ms must be a finite number; it is {t.start_ms}.")
    if t.unit not in UNITS:
        raise TrialsError(f"unit must be one of {listed(UNITS)}; it is {t.unit!r}.")
    infinite = np.argwhere(np.isinf(t.pupil) & t.inside()[:, :, None])
    if len(infinite):
        row, sample, eye = infinite[0]
        raise TrialsError(
            f"pupil must be finite, or NaN where missing; {t.row_name(row)} has {t.pupil[row, sample, eye]} "
            f"at sample {sample} of the {('left', 'right')[eye]} eye."
        )
    measured = t.pupil[t.measured()]
    if measured.size == 0:
        raise TrialsError(
            f"no sample of any of the {len(t)} trials was measured: all are NaN, zero or below. "
            "Check the pupil columns and the missing-value marker."
        )
    middle = fast_median(measured)
    low, high = PLAUSIBLE_MEDIAN_MM
    if t.unit == "mm" and not low <= middle <= high:
        raise TrialsError(
            f"these pupils cannot be in mm: their median is {middle:.4g}, and a human pupil's lies between {low:g} and "
            f"{high:g} mm. Give the unit of arbitrary units or pixels ({SETTING.unit} au, {SETTING.unit} px), "
            f"or convert the values to mm."
        )


def _check_labels(t: Trials) -> None:
    if (
        len(t.class_names) != 2
        or len({n.casefold().strip() for n in t.class_names}) != 2
        or not all(n.strip() for n in t.class_names)
    ):
        raise TrialsError(f"class_names must be two different words; they are {t.class_names!r}.")
    for row in map(int, np.flatnonzero((t.label < UNLABELLED) | (t.label > 1))):
        raise TrialsError(
            f"a label must be 0 ({t.class_names[0]}), 1 ({t.class_names[1]}) or {UNLABELLED} (unknown); "
            f"{t.row_name(row)} has {t.label[row]}."
        )


def _check_names(t: Trials) -> None:
    first: dict[tuple[str, str], int] = {}
    for row, name in enumerate(zip(t.participant, t.trial, strict=True)):
        if name in first:
            raise TrialsError(
                f"trial ids must be unique within a participant; {t.row_name(row)} stands in row {first[name]} already. "
                "Rename one of them."
            )
        first[name] = row
