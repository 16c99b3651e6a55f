"""What `Trials` and `Faces` share: taking over arrays and names, their checks, selection of rows, a short description."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import Any, ClassVar, Self, cast

import numpy as np
import numpy.typing as npt

from smilejax._util import summaries
from smilejax._util.errors import SmilejaxError, listed
from smilejax.recordings.kinds import Kind
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import MEMORY, Source
from smilejax.recordings.stimulus_table import Covariate

Rows = int | np.integer | slice | list[int] | list[bool] | npt.NDArray[np.integer | np.bool_]
"""What selects trials: a row, a slice, rows in any order, or a mask over N."""


@dataclass(frozen=True)
class ArrayNames:
    """What messages about a kind of recording call its parts.

    Arguments:
        signal: the array of samples, `pupil`.
        min_samples: samples of the shortest trial accepted.
        per_trial: arrays with one row for each trial, that `take` selects from; those that are None stay None.
        error: what is raised.
        sample: what one sample is called.
    """

    signal: str
    min_samples: int
    per_trial: tuple[str, ...]
    error: type[SmilejaxError]
    sample: str = "sample"


class CheckedRecording:
    """The base of recordings that are checked once, when made. A subclass is a frozen dataclass with these fields."""

    kind: ClassVar[Kind]
    arrays: ClassVar[ArrayNames]

    length: npt.NDArray[np.int32]
    rate_hz: float
    label: npt.NDArray[np.int32]
    class_names: tuple[str, str]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    stimulus: tuple[str, ...] | None = None
    source: Source = MEMORY
    start_ms: float = 0.0
    columns: tuple[Covariate, ...] = ()

    @property
    def _samples(self) -> npt.NDArray[np.float32]:
        """`f32[N, T, C]`, the signal."""
        signal: npt.NDArray[np.float32] = getattr(self, self.arrays.signal)
        return signal

    @property
    def _people(self) -> tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...] | None]:
        """Names of participants, stimuli and smilers, as the short description counts them."""
        return self.participant, self.stimulus, None

    @property
    def _signal_in_words(self) -> str:
        raise NotImplementedError

    def __len__(self) -> int:
        return int(self._samples.shape[0])

    def __getitem__(self, rows: Rows | tuple[Rows, EllipsisType]) -> Self:
        return self.take(self._selected(rows))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html(type(self).__name__, self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        return [
            (self.kind.trials, summaries.counted(len(self), self.kind.trial)),
            ("of", summaries.groups(*self._people, participant=self.kind.participant)),
            ("classes", summaries.classes(self.label.tolist(), self.class_names)),
            ("signal", self._signal_in_words),
            ("source", f"{self.source.name} ({self.source.layout})"),
        ]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Trials, samples of the longest, channels: `(N, T, C)`."""
        n, samples, channels = self._samples.shape
        return n, samples, channels

    @property
    def duration_ms(self) -> float:
        """Length of the longest trial in ms."""
        return float(self.length.max()) * 1000.0 / self.rate_hz

    def inside(self) -> npt.NDArray[np.bool_]:
        """`bool[N, T]`: which samples belong to their trial."""
        return np.arange(self._samples.shape[1])[None, :] < self.length[:, None]

    def row_name(self, row: int) -> str:
        """The trial in a row, as messages name it: `trial 'Easy1' of participant '3' (row 12)`."""
        who = f"{self.kind.participant} {self.participant[row]!r}"
        return f"{self.kind.trial} {self.trial[row]!r} of {who} (row {row})"

    def take(self, rows: npt.ArrayLike) -> Self:
        """The trials in the given rows (indices, or a mask over N), in that order.

        Raises:
            SmilejaxError: no trial, one of them twice, or rows that there are not; of the kind that making one raises.
        """
        at = self._rows(rows)
        changes: dict[str, Any] = {name: self._picked(getattr(self, name), at) for name in self.arrays.per_trial}
        return replace(self, **changes)  # type: ignore[type-var]  # a subclass is a dataclass

    def _picked(self, values: object, at: npt.NDArray[np.intp]) -> object:
        """Some trials of an array, of names, or of columns with a value for each trial."""
        if values is None:
            return None
        if isinstance(values, tuple) and all(isinstance(one, Covariate) for one in values):
            return tuple(one.at(at.tolist()) for one in values)
        if isinstance(values, np.ndarray):
            return values[at]
        return tuple(cast(tuple[object, ...], values)[i] for i in at)

    def _selected(self, rows: Rows | tuple[Rows, EllipsisType]) -> npt.ArrayLike:
        """Rows as `take` wants them. scikit-learn selects rows of anything that has a shape by `X[rows, ...]`."""
        if isinstance(rows, tuple) and len(rows) == 2 and rows[1] is Ellipsis:
            rows = rows[0]
        if isinstance(rows, tuple):
            raise self.arrays.error(
                f"{self.kind.trials} are selected by one index, along N; there are {len(rows)}. "
                f"Select {self.arrays.sample}s of `{self.arrays.signal}`."
            )
        if isinstance(rows, slice):
            return np.arange(len(self))[rows]
        if isinstance(rows, int | np.integer) and not -len(self) <= rows < len(self):
            raise IndexError(f"row {rows} is not among {len(self)} {self.kind.trials}")  # ends a loop over trials
        return rows

    def _rows(self, rows: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """`i[M]`, rows from 0 to N - 1, from indices or a mask."""
        n, given = len(self), np.atleast_1d(np.asarray(rows))
        if given.dtype == np.bool_ and given.shape == (n,):
            return np.flatnonzero(given)
        if given.size == 0:
            return np.zeros(0, np.intp)
        if given.dtype.kind not in "iu" or given.ndim != 1:
            raise self.arrays.error(
                f"rows must be whole numbers, or a mask of {n} (one for each {self.kind.trial}); "
                f"they are {given.dtype}{list(given.shape)}."
            )
        if np.any(beyond := (given < -n) | (given >= n)):
            what = f"the number of {self.kind.trials}, {n}"
            raise self.arrays.error(f"rows must be below {what}; one is {given[beyond][0]}.")
        return given.astype(np.intp) % n

    def _own(self, name: str, dtype: type) -> None:
        """Replace an array by a read-only copy in the stated dtype; integers must arrive as whole numbers in range."""
        given = self._numeric(getattr(self, name), name)
        if dtype is np.int32 and given.size:
            wide = given.astype(np.float64)
            if not np.all(ok := np.isfinite(wide) & (wide == np.round(wide)) & (np.abs(wide) < 2**31)):
                bad = given.ravel()[~ok.ravel()][0]
                raise self.arrays.error(f"{name} must be whole numbers that fit 32 bits; it holds {bad}.")
        with np.errstate(over="ignore", invalid="ignore"):
            own: np.ndarray = np.array(given, dtype=dtype, copy=True)
        own.flags.writeable = False
        object.__setattr__(self, name, own)

    def _numeric(self, values: npt.ArrayLike, name: str) -> np.ndarray:
        try:
            given = np.asarray(values)
        except ValueError as error:  # lists of unequal lengths
            raise self.arrays.error(f"{name} must be one array of numbers: {error}.") from None
        if given.dtype.kind not in "fiub":
            kind = type(self).__name__
            raise self.arrays.error(
                f"{name} must be numbers; it arrived as {given.dtype}. Convert it before making {kind}."
            )
        return given

    def _own_names(self, name: str, *, optional: bool = False) -> None:
        names = getattr(self, name)
        if names is None and optional:
            return
        if names is None or isinstance(names, str | bytes) or not isinstance(names, Iterable):
            raise self.arrays.error(f"{name} must be a sequence of names; it is {described(names)}.")
        object.__setattr__(self, name, tuple(str(n) for n in names))

    def _own_number(self, name: str, rule: str) -> None:
        value = getattr(self, name)
        try:
            object.__setattr__(self, name, float(cast(float, value)))
        except (TypeError, ValueError):
            raise self.arrays.error(f"{name} must be {rule}; it is {described(value)}.") from None

    def _check_source(self) -> None:
        if not isinstance(self.source, Source):
            raise self.arrays.error(f"source must be a Source; it is {described(self.source)}.")

    def _check_counts(self, names: Iterable[str]) -> None:
        """Whether length, label and every list of names have one entry for each trial, and lengths fit."""
        n, samples = self._samples.shape[:2]
        signal, each = self.arrays.signal, f"one for each {self.kind.trial} of {self.arrays.signal}"
        if n == 0:
            raise self.arrays.error(f"there must be at least one {self.kind.trial}; {signal} has none.")
        for name in ("length", "label"):
            shape = getattr(self, name).shape
            if shape != (n,):
                raise self.arrays.error(f"{name} must be shaped [{n}], {each}; it is {list(shape)}.")
        for name in names:
            given = getattr(self, name)
            if given is not None and len(given) != n:
                raise self.arrays.error(f"{name} must have {n} names, {each}; it has {len(given)}.")
        least = self.arrays.min_samples
        for row in map(int, np.flatnonzero((self.length < least) | (self.length > samples))):
            raise self.arrays.error(
                f"a {self.kind.trial} must have {least} to {samples} {self.arrays.sample}s (the width of {signal}); "
                f"{self.row_name(row)} has {self.length[row]}. Remove it, or correct its length."
            )

    def _check_per_trial(self, field: str, what: str) -> None:
        """Whether a field is columns with different names and one value for each trial. what: one of them is called."""
        given = getattr(self, field)
        if not isinstance(given, tuple | list) or not all(isinstance(one, Covariate) for one in given):
            raise self.arrays.error(f"{field} must be a sequence of Covariate; they are {described(given)}.")
        object.__setattr__(self, field, tuple(given))
        for one in given:
            if len(one.values) != len(self):
                raise self.arrays.error(
                    f"a {what} must have one value for each of {len(self)} {self.kind.trials}; {one.name!r} has "
                    f"{len(one.values)}."
                )
        names = [one.name for one in given]
        if len(set(names)) != len(names):
            raise self.arrays.error(f"{field} must have different names; they are {listed(names)}.")

    def _check_times(self) -> None:
        if not (math.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise self.arrays.error(f"rate_hz must be a finite number above 0; it is {self.rate_hz}.")
        if not math.isfinite(self.start_ms):
            raise self.arrays.error(f"start_ms must be a finite number; it is {self.start_ms}.")

    def _check_labels(self) -> None:
        names = self.class_names
        different = len({n.casefold().strip() for n in names}) == 2 and all(n.strip() for n in names)
        if len(names) != 2 or not different:
            raise self.arrays.error(f"class_names must be two different words; they are {names!r}.")
        for row in map(int, np.flatnonzero((self.label < UNLABELLED) | (self.label > 1))):
            raise self.arrays.error(
                f"a label must be 0 ({names[0]}), 1 ({names[1]}) or {UNLABELLED} (unknown); "
                f"{self.row_name(row)} has {self.label[row]}."
            )

    def _check_names(self) -> None:
        first: dict[tuple[str, str], int] = {}
        for row, name in enumerate(zip(self.participant, self.trial, strict=True)):
            if name in first:
                raise self.arrays.error(
                    f"{self.kind.trial} ids must be unique within a {self.kind.participant}; {self.row_name(row)} stands "
                    f"in row {first[name]} already. Rename one of them."
                )
            first[name] = row


def described(value: object) -> str:
    """A value for a message; what is too long for one by its type."""
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
