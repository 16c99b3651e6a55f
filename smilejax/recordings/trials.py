"""`Trials`: what was recorded, on the host, in NumPy. Checked once, when made."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import TrialsError, listed

Unit = Literal["mm", "au", "px"]
UNITS: tuple[Unit, ...] = ("mm", "au", "px")
UNLABELLED = -1
"""Label of a trial whose class is not known, as in a recording to be predicted."""

MIN_SAMPLES = 4
"""Shortest trial accepted, in samples: fewer cannot hold a baseline and a response at any rate."""

PLAUSIBLE_MEDIAN_MM = (1.0, 10.0)
"""A recording whose median lies outside cannot be in mm: human pupils span about 1.5 to 9 mm (Kret & Sjak-Shie 2019)."""


@dataclass(frozen=True)
class Finding:
    """One thing a reader settled about a file.

    `how` tells where the value came from: `given` by the caller, `recognised` from a name or header, `inferred` from the
    numbers, or `default`.
    """

    what: str
    value: str
    how: Literal["given", "recognised", "inferred", "default"]


@dataclass(frozen=True)
class Source:
    """Where trials came from: a path or the simulator, its layout, and every finding made on the way."""

    name: str
    layout: str
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as JSON holds it, to be kept with what is made of the trials."""
        findings = [{"what": f.what, "value": f.value, "how": f.how} for f in self.findings]
        return {"name": self.name, "layout": self.layout, "findings": findings}


@dataclass(frozen=True, eq=False)
class Trials:
    """Pupil recordings of N trials on one regular time grid.

    Arguments:
        pupil: `f32[N, T, 2]`, left and right eye in `unit`. NaN, zero or anything below is a missing sample.
        length: `i32[N]`, samples of each trial that belong to it, `MIN_SAMPLES..T`; what lies behind is padding.
        rate_hz: samples per second, above 0.
        unit: `mm`, `au` (arbitrary) or `px`.
        label: `i32[N]`, 0 or 1 as an index into `class_names`, or `UNLABELLED`.
        class_names: the two classes; the second is the positive one.
        trial: N names of trials, unique within a participant.
        participant: N names of the observers whose pupil was recorded.
        stimulus: N names of what was watched, or None where that was not recorded.
        smiler: N names of the person seen in the stimulus, or None.
        source: where all this came from.
        blink: `bool[N, T, 2]`, True where the tracker itself says that the left or right eye blinks, False in the
            padding; None where it reports no blinks.

    Raises:
        TrialsError: naming the trial and the row (index along N) that breaks a rule.
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
    source: Source = Source("memory", "arrays")
    blink: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for name, dtype in (("pupil", np.float32), ("length", np.int32), ("label", np.int32)):
            object.__setattr__(self, name, _own(getattr(self, name), dtype, name))
        for name in ("class_names", "trial", "participant", "stimulus", "smiler"):
            names = getattr(self, name)
            object.__setattr__(self, name, names if names is None else tuple(str(n) for n in names))
        object.__setattr__(self, "rate_hz", float(self.rate_hz))
        _check_shapes(self)
        if self.blink is not None:
            object.__setattr__(self, "blink", _own_blink(self, self.blink))
        _check_recording(self)
        _check_labels(self)
        _check_names(self)

    def __len__(self) -> int:
        return int(self.pupil.shape[0])

    @property
    def duration_ms(self) -> float:
        """Length of the longest trial in ms."""
        return float(self.length.max()) * 1000.0 / self.rate_hz

    def inside(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T]`: which samples belong to their trial."""
        return np.arange(self.pupil.shape[1])[None, :] < self.length[:, None]

    def measured(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T, 2]`: which samples the tracker measured. Finite and above zero, inside the trial."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.pupil) & (self.pupil > 0) & self.inside()[:, :, None]

    def row_name(self, row: int) -> str:
        """How messages name the trial in a row: `trial 'Easy1' of participant '3' (row 12)`."""
        return f"trial {self.trial[row]!r} of participant {self.participant[row]!r} (row {row})"

    def take(self, rows: npt.ArrayLike) -> "Trials":
        """The trials in the given rows (indices or a mask over N), in that order."""
        at = np.arange(len(self))[np.asarray(rows)]

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
    given = np.asarray(values)
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
            f"blink must be 1 (True) where the tracker says that the eye blinks and 0 (False) elsewhere; "
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
            f"{t.row_name(row)} has {t.length[row]}. Remove it, or hint its length."
        )


def _check_recording(t: Trials) -> None:
    if not (math.isfinite(t.rate_hz) and t.rate_hz > 0):
        raise TrialsError(f"rate_hz must be a finite number above 0; it is {t.rate_hz}.")
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
    median = float(np.median(measured))
    low, high = PLAUSIBLE_MEDIAN_MM
    if t.unit == "mm" and not low <= median <= high:
        raise TrialsError(
            f"these pupils cannot be in mm: their median is {median:.4g}, and a human pupil's lies between {low:g} and "
            f"{high:g} mm. Give the unit as 'au' (arbitrary; --unit au) or 'px', or convert the values to mm."
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
