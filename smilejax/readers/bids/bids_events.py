"""Events of a BIDS recording: messages and blinks that the tracker noted, events of the task, and tables of trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.bids.bids_files import DataSet, Metadata, read_rows, text_of
from smilejax.readers.bids.bids_recording import TICKS, Recorded
from smilejax.readers.columns.column_roles import TIME_UNITS
from smilejax.readers.samples import SECONDS, Event, TimeUnit
from smilejax.recordings.source import Finding

TRIAL_COLUMNS = ("onset", "duration", "trial", "time_zero")
"""Columns by which a table of events is one of trials: each row is one, with the samples from `onset` on for `duration`, and
its time zero. `smilejax convert` writes such tables."""

LONGEST_EVENT_S = 60.0
"""No fixation, saccade or blink lasts longer: durations that would are in the unit of the timestamps, as eye2bids writes."""


@dataclass(frozen=True, eq=False)
class RecordingClock:
    """The clock of a recording's samples.

    Arguments:
        ticks: time of each sample, in `unit`.
        unit: None where it is unknown: then only events on this very clock have a place.
        start_s: time of the first sample in the task, in s.
        written: whether the file has timestamps; else they were made from the rate.
    """

    ticks: TICKS
    unit: TimeUnit | None
    start_s: float
    written: bool

    @property
    def first(self) -> float:
        """The first time there is."""
        known = self.ticks[np.isfinite(self.ticks)]
        return float(known[0]) if len(known) else 0.0

    @property
    def scale(self) -> float:
        """Seconds per unit; NaN where the unit is unknown."""
        return math.nan if self.unit is None else SECONDS[self.unit]

    @property
    def step(self) -> float:
        """The usual time from sample to sample."""
        return float(np.nanmedian(np.diff(self.ticks))) if len(self.ticks) > 1 else 0.0

    def holds(self, times: npt.NDArray[np.float64]) -> bool:
        """Whether at least half of the times, as there are, lie within the recording."""
        known = times[np.isfinite(times)]
        if not len(known) or not np.isfinite(self.ticks).any():
            return False
        low, high = float(np.nanmin(self.ticks)), float(np.nanmax(self.ticks))
        return bool(np.mean((known >= low - 1.5 * self.step) & (known <= high + 1.5 * self.step)) >= 0.5)


@dataclass(frozen=True, eq=False)
class Noted:
    """What a tracker noted of one eye: events, blinks `f64[B, 2]` from and to, and whether it reports blinks at all."""

    events: tuple[Event, ...]
    blinks: npt.NDArray[np.float64]
    reports_blinks: bool
    findings: tuple[Finding, ...] = ()


NOTHING = Noted((), np.zeros((0, 2)), reports_blinks=False)


def noted(data: DataSet, recorded: Recorded, clock: RecordingClock) -> Noted:
    """The events and blinks of one eye, `*_physioevents.tsv.gz`.

    Raises:
        ReadError: naming line and column of what cannot be read.
    """
    path = data.beside(recorded.file.path, "physioevents", recording=True)
    if path is None:
        return NOTHING
    name, metadata = data.called(path), data.metadata(path, "physioevents")
    columns = metadata.get("Columns")
    if columns is not None and not (isinstance(columns, list) and all(isinstance(c, str) for c in columns)):
        raise ReadError(f"{name}: `Columns` in its JSON file must be a list of names; it is {columns!r}.")
    rows = read_rows(path, name, columns)
    onset = _column(rows, "onset", name)
    source = text_of(metadata, "OnsetSource") or text_of(metadata, "ForeignIndexColumn")
    if source.casefold() in ("", "n/a"):
        times = _of_rows(clock, onset - 1)  # rows count from 1
    elif clock.written:
        times = onset
    else:
        what = f"{name}: left out: its onsets are on {source!r}, and the recording has no such column"
        return Noted((), np.zeros((0, 2)), reports_blinks=False, findings=(Finding("events", what, "warning"),))
    lasting, findings = _durations(rows, times, metadata, clock, name)
    kinds = [row.get("trial_type", "").casefold() for _, row in rows]
    closed = np.array(
        [k == "blink" or _is_one(row.get("blink", "")) for k, (_, row) in zip(kinds, rows, strict=True)], bool
    )
    closed = closed & np.isfinite(times) & np.isfinite(lasting) if len(rows) else np.zeros(0, bool)
    blinks = np.stack([times, times + lasting], axis=1)[closed] if len(rows) else np.zeros((0, 2))
    eye = " and ".join(recorded.eyes) or "cyclopean"
    events = _events(rows, times, lasting, recorded.file.stem, {"eye": eye})
    return Noted(events, blinks, "blink" in (columns or ()) or "blink" in kinds, findings)


def of_task(
    data: DataSet, recorded: Recorded, clock: RecordingClock
) -> tuple[tuple[Event, ...], tuple[tuple[int, dict[str, str]], ...], tuple[Finding, ...]]:
    """Events of the task, `*_events.tsv`, on the clock of the samples; the rows of a table of trials; what was inferred.

    Raises:
        ReadError: naming line and column of what cannot be read.
    """
    path = data.beside(recorded.file.path, "events", recording=False)
    if path is None:
        return (), (), ()
    name, metadata = data.called(path), data.metadata(path, "events")
    rows = read_rows(path, name, None)
    if not rows:
        return (), (), ()
    onset = _column(rows, "onset", name)
    times, findings = _on_clock(onset, metadata, clock, name)
    if times is None:
        return (), (), findings
    seconds = _unit_of(metadata, "duration") or "s"
    lasting = _column(rows, "duration", name, needed=False) * SECONDS[seconds] / clock.scale
    events = _events(rows, times, lasting, recorded.file.stem, {})
    is_table = set(TRIAL_COLUMNS) <= rows[0][1].keys()
    return events, tuple(rows) if is_table else (), findings


def closed_at(clock: RecordingClock, blinks: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """`bool[S]`: which samples lie within a blink: at its beginning and after, and before its end."""
    little = 0.01 * clock.step
    changes = np.zeros(len(clock.ticks) + 1, np.int64)
    first = np.searchsorted(clock.ticks, blinks[:, 0] - little)
    end = np.searchsorted(clock.ticks, blinks[:, 1] - little)
    np.add.at(changes, first, 1)
    np.add.at(changes, np.maximum(end, first), -1)
    return np.cumsum(changes)[:-1] > 0


def _events(
    rows: Sequence[tuple[int, dict[str, str]]],
    times: npt.NDArray[np.float64],
    lasting: npt.NDArray[np.float64],
    recording: str,
    more: Mapping[str, str],
) -> tuple[Event, ...]:
    found = []
    for (line, row), time, duration in zip(rows, times.tolist(), lasting.tolist(), strict=True):
        if not math.isfinite(time):
            continue
        parts = {key: value for key, value in row.items() if key not in ("onset", "duration") and value} | dict(more)
        for part, columns in (("label", ("trial_type",)), ("stimulus", ("stim_file", "stimulus_file"))):
            value = next((row[c] for c in columns if row.get(c)), "")
            if value and not more:
                parts.setdefault(part, value)
        text = row.get("message") or row.get("trial_type") or " ".join(f"{k}={v}" for k, v in parts.items())
        lasts = duration if math.isfinite(duration) else None
        found.append(Event(time, text.strip('"').strip(), recording, line=line, duration=lasts, parts=parts))
    return tuple(found)


def _column(
    rows: Sequence[tuple[int, dict[str, str]]], column: str, name: str, *, needed: bool = True
) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where there is none."""
    if needed and rows and column not in rows[0][1]:
        raise ReadError(f"{name}: there is no column {column!r}, without which events have no place in time.")
    values = np.full(len(rows), np.nan)
    for at, (line, row) in enumerate(rows):
        cell = row.get(column, "")
        try:
            values[at] = float(cell) if cell else math.nan
        except ValueError:
            values[at] = math.inf
        if math.isinf(values[at]):
            raise ReadError(
                f"{name}, line {line}, column {column!r}: a number or n/a is expected; the cell holds {cell!r}."
            )
    return values


def _is_one(cell: str) -> bool:
    return cell in ("1", "1.0") or cell.casefold() == "true"


def _of_rows(clock: RecordingClock, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Times of rows, counted from 0, also of rows before the first."""
    inside = np.clip(np.nan_to_num(at), 0, len(clock.ticks) - 1).astype(np.int64)
    return clock.ticks[inside].astype(np.float64) + (at - inside) * clock.step


def _unit_of(metadata: Metadata, column: str) -> TimeUnit | None:
    return TIME_UNITS.get(text_of(metadata, column, "Units").casefold())


def _durations(
    rows: Sequence[tuple[int, dict[str, str]]],
    times: npt.NDArray[np.float64],
    metadata: Metadata,
    clock: RecordingClock,
    name: str,
) -> tuple[npt.NDArray[np.float64], tuple[Finding, ...]]:
    """Durations on the clock of the samples. BIDS wants seconds; where no unit is stated and they cannot be, as in the files
    of eye2bids, they are in the unit of the timestamps."""
    values = _column(rows, "duration", name, needed=False)
    stated = _unit_of(metadata, "duration")
    if clock.unit is None or stated == clock.unit:
        return values, ()
    as_seconds = values * SECONDS[stated or "s"] / clock.scale
    known = np.isfinite(values) & (values > 0)
    if stated is not None or not known.any():
        return as_seconds, ()
    order = np.argsort(times[known], kind="stable")
    begins, ends = times[known][order], (times + as_seconds)[known][order]
    overlaps = len(begins) > 1 and float(np.mean(ends[:-1] > begins[1:] + 0.5 * clock.step)) > 0.5
    if overlaps or float(np.median(values[known])) > LONGEST_EVENT_S:
        what = f"{name}: durations are in {clock.unit}: in s they would overlap"
        return values, (Finding("events", what, "inferred"),)
    return as_seconds, ()


def _on_clock(
    onset: npt.NDArray[np.float64], metadata: Metadata, clock: RecordingClock, name: str
) -> tuple[npt.NDArray[np.float64] | None, tuple[Finding, ...]]:
    """Onsets of the task's events on the clock of the samples, None where the unit of that clock is unknown.

    By BIDS they count in seconds from the first sample, which stands at StartTime. Some data sets count them on the clock of
    the timestamps; then `OnsetSource` should say so, or only that reading lies within the recording.
    """
    if clock.unit is None:
        return None, (Finding("events", f"{name}: left out: the unit of the timestamps is unknown", "warning"),)
    per_second = SECONDS[_unit_of(metadata, "onset") or "s"] / clock.scale
    readings: list[tuple[str, Callable[[], npt.NDArray[np.float64]]]] = [
        ("from the first sample", lambda: clock.first + onset * per_second - clock.start_s / clock.scale),
        ("on the clock of the timestamps, in s", lambda: onset * per_second),
        ("on the clock of the timestamps, in their unit", lambda: onset),
    ]
    source = text_of(metadata, "OnsetSource") or text_of(metadata, "ForeignIndexColumn")
    stated = source.casefold() not in ("", "n/a") and clock.written
    if stated:
        readings = [*readings[1:], readings[0]]
    for way, times in readings:
        if clock.holds(times()):
            if way == readings[0][0]:
                return times(), ()
            return times(), (
                Finding("events", f"{name}: onsets count {way}; else they lie outside the recording", "inferred"),
            )
    what = f"{name}: most events lie outside the recording"
    return readings[0][1](), (Finding("events", what, "warning"),)
