"""The recordings of both eyes of one run put side by side: a row holds what both recorded at one time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, listed
from smilejax.readers.bids.bids_events import Noted, RecordingClock, closed_at, noted
from smilejax.readers.bids.bids_files import DataSet
from smilejax.readers.bids.bids_recording import Recorded
from smilejax.readers.samples import EYES_IN_ORDER, SECONDS, Event, Eye, TimeUnit
from smilejax.recordings.source import Finding


@dataclass(frozen=True, eq=False)
class Pair:
    """What one run records: S samples of both eyes.

    Arguments:
        name: of the file whose lines are told; the first eye's.
        line: `i64[S]`.
        pupil: `f64[S, 2]`.
        blink: `bool[S, 2]`, or None where no blinks are reported.
        eyes: which are recorded.
        clock: of all samples, None where neither timestamps nor a rate are known.
        events: what the tracker noted, what it noted for both eyes once.
        findings: what was recognised.
    """

    name: str
    line: npt.NDArray[np.int64]
    pupil: npt.NDArray[np.float64]
    blink: npt.NDArray[np.bool_] | None
    eyes: tuple[Eye, ...]
    clock: RecordingClock | None
    events: tuple[Event, ...]
    findings: tuple[Finding, ...]


def pair_of_run(data: DataSet, stem: str, both: Sequence[Recorded], unit: TimeUnit | None) -> Pair:
    """Put the eyes of one run side by side.

    Arguments:
        data: in which they stand.
        stem: how the run is called.
        both: its recordings.
        unit: of the timestamps of the data set.

    Raises:
        ReadError: it does not say which eye a file records, two record the same, or their clocks are not one.
    """
    named, findings = _one_of_each(stem, both)
    parts = [_alone(data, one, unit) for one in named]
    first, *others = parts
    for other in others:
        first = _beside(first, other)
    return Pair(
        first.name, first.line, first.pupil, first.blink, first.eyes, first.clock, first.events,
        (*findings, *first.findings),
    )  # fmt: skip


def _one_of_each(stem: str, both: Sequence[Recorded]) -> tuple[list[Recorded], tuple[Finding, ...]]:
    """At most one recording of each eye. One of both eyes together (`cyclopean`) is left out beside single eyes."""
    named = [one for one in both if one.eyes]
    nameless = [one for one in both if not one.eyes]
    unsaid = [one for one in nameless if not one.together]
    if len(both) > 1 and (unsaid or not named):
        files = listed(one.file.path.name for one in unsaid or nameless)
        raise ReadError(
            f"{nameless[0].name}: which eye is which? Set RecordedEye, left or right, in the JSON files of {files}."
        )
    for eye in EYES_IN_ORDER:
        same = [one.name for one in named if eye in one.eyes]
        if len(same) > 1:
            raise ReadError(
                f"{same[0]}: its JSON file says that it records the {eye} eye (RecordedEye), and so does that of {same[1]}. "
                "Correct one, or move one of the files elsewhere."
            )
    if not named or not nameless:
        return list(both), ()
    what = f"left out: {nameless[0].name}, of both eyes together; there are single ones"
    return named, (Finding("recording of both eyes", what, "default"),)


def _alone(data: DataSet, one: Recorded, unit: TimeUnit | None) -> Pair:
    """One recording with its clock, events and blinks."""
    clock, findings = _clock(one, unit)
    found = noted(data, one, clock) if clock is not None else Noted((), np.zeros((0, 2)), reports_blinks=False)
    blink = None
    if found.reports_blinks and clock is not None:
        blink = np.zeros(one.pupil.shape, bool)
        lanes = [lane for lane, eye in enumerate(EYES_IN_ORDER) if eye in one.eyes] or [0]
        blink[:, lanes] = closed_at(clock, found.blinks)[:, None]
    return Pair(one.name, one.line, one.pupil, blink, one.eyes, clock, found.events, (*findings, *found.findings))


def _clock(one: Recorded, unit: TimeUnit | None) -> tuple[RecordingClock | None, tuple[Finding, ...]]:
    """The timestamps, or times made of StartTime and SamplingFrequency where there are none."""
    if one.ticks is not None:
        return RecordingClock(one.ticks, one.time_unit or unit, one.start_s, written=True), ()
    if one.rate_hz is None:
        return None, ()
    ticks = (one.start_s + np.arange(len(one.line)) / one.rate_hz) / SECONDS[unit or "s"]
    finding = Finding("time", "from StartTime and SamplingFrequency: the files have no timestamps", "recognised")
    return RecordingClock(ticks, unit or "s", one.start_s, written=False), (finding,)


def _beside(a: Pair, b: Pair) -> Pair:
    """Both eyes in one: rows of one time are one row, and a row that one eye lacks is missing there."""
    if a.clock is None or b.clock is None or np.array_equal(a.clock.ticks, b.clock.ticks, equal_nan=True):
        if len(a.line) != len(b.line):
            raise ReadError(
                f"{b.name}: it has {len(b.line)} samples, and {a.name} {len(a.line)}, without a time. Add SamplingFrequency to "
                "their JSON files."
            )
        at_a = at_b = np.arange(len(a.line))
        findings: tuple[Finding, ...] = ()
    else:
        at_a, at_b, findings = _matched(a, b, a.clock.ticks, b.clock.ticks)
    there_a, there_b = at_a >= 0, at_b >= 0
    pupil = np.full((len(at_a), 2), np.nan)
    for part, at, there in ((a, at_a, there_a), (b, at_b, there_b)):
        for lane, eye in enumerate(EYES_IN_ORDER):
            if eye in part.eyes:
                pupil[there, lane] = part.pupil[at[there], lane]
    clock = a.clock
    if clock is not None and b.clock is not None:
        ticks = np.where(there_a, clock.ticks[at_a], b.clock.ticks[at_b])
        clock = RecordingClock(ticks, clock.unit, clock.start_s, clock.written)
    known = {(event.time, event.text, event.duration) for event in a.events}
    more = tuple(event for event in b.events if (event.time, event.text, event.duration) not in known)
    return Pair(
        name=a.name,
        line=np.where(there_a, a.line[at_a], b.line[at_b]),
        pupil=pupil,
        blink=_both_blinks(a, b, at_a, at_b),
        eyes=tuple(eye for eye in EYES_IN_ORDER if eye in (*a.eyes, *b.eyes)),
        clock=clock,
        events=(*a.events, *more),
        findings=(*a.findings, *b.findings, *findings),
    )


def _both_blinks(
    a: Pair, b: Pair, at_a: npt.NDArray[np.int64], at_b: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_] | None:
    if a.blink is None and b.blink is None:
        return None
    marked = np.zeros((len(at_a), 2), bool)
    for part, at in ((a, at_a), (b, at_b)):
        if part.blink is not None:
            marked[at >= 0] |= part.blink[at[at >= 0]]
    return marked


def _matched(
    a: Pair, b: Pair, ticks_a: npt.NDArray[np.generic], ticks_b: npt.NDArray[np.generic]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[Finding, ...]]:
    """For every row of both together, the row of each, -1 where it has none: those nearest in time, by up to half a sample."""
    origin = ticks_a[0]
    x, y = (ticks_a - origin).astype(np.float64), (ticks_b - origin).astype(np.float64)
    for part, clock in ((a, x), (b, y)):
        if not np.isfinite(clock).all() or (np.diff(clock) <= 0).any():
            bad = int(np.argmax(~(np.isfinite(clock) & (np.diff(clock, prepend=-np.inf) > 0))))
            raise ReadError(
                f"{part.name}, line {part.line[bad]}: the timestamps of both eyes differ, and here time is missing, stands "
                "still or goes back, so that they cannot be put side by side. Give the file of one eye."
            )
    step = float(np.median(np.diff(x))) if len(x) > 1 else 0.0
    after = np.clip(np.searchsorted(x, y), 1, max(len(x) - 1, 1))
    before = after - 1
    nearest = np.where(np.abs(x[np.minimum(after, len(x) - 1)] - y) < np.abs(x[before] - y), after, before)
    apart = np.abs(x[nearest] - y)
    close = apart <= 0.5 * step
    close[1:] &= nearest[1:] != nearest[:-1]
    if close.mean() < 0.5:
        raise ReadError(
            f"{b.name}: its timestamps and those of {a.name} are not on one clock, so that the eyes cannot be put side by "
            "side. Give the file of one eye."
        )
    partner = np.full(len(x), -1, np.int64)
    partner[nearest[close]] = np.flatnonzero(close)
    alone = np.flatnonzero(~close)
    at_a = np.concatenate([np.arange(len(x)), np.full(len(alone), -1, np.int64)])
    at_b = np.concatenate([partner, alone])
    order = np.argsort(np.concatenate([x, y[alone]]), kind="stable")
    off = float(apart[close].max())
    what = f"{a.name} and the other eye differ by up to {off:.3g} (timestamps); nearest samples are paired"
    missing = int((partner < 0).sum()) + len(alone)
    if missing:
        what += f"; {missing} rows have one eye only"
    return at_a[order], at_b[order], (Finding("clocks of the eyes", what, "inferred"),)
