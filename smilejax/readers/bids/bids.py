"""BIDS data sets with recordings of eye trackers: one file per eye, `*_physio.tsv.gz`, described by JSON files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.bids import bids_events, bids_recording
from smilejax.readers.bids.bids_eyes import Pair, pair_of_run
from smilejax.readers.bids.bids_files import DataSet, is_recording, read_rows, recordings_in
from smilejax.readers.bids.bids_recording import TICKS, Recorded
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, Event, Eye, NameRole, Names, PupilUnit, Samples, Time, TimeUnit
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "bids"
WORDS = "a BIDS data set, or its folder of one participant, or one recording of it (*_physio.tsv.gz)"
SOFTWARE = "BIDS 1.11 data sets (eye2bids, pyneon, smilejax convert)"
LIMITS = "eyes are named by RecordedEye, never by the file's name; derivatives are not read"
USES = frozenset(("time", "left", "right", "pupil", "time_unit", "recorded_eye"))

PARTICIPANT_NAME = "participant_name"
"""Column of participants.tsv with the name that a participant has elsewhere."""

ORDER = "order"
"""Column of a table of trials with the position of a trial among those of all participants, from 1."""

U = TypeVar("U", bound=str)

TRIAL_NAMES: dict[NameRole, str] = {
    "trial": "trial",
    "label": "trial_type",
    "stimulus": "stimulus",
    "smiler": "smiler",
}
"""Names of a trial, and the column of a table of trials in which they stand."""


@dataclass(frozen=True, eq=False)
class BidsRun:
    """One run of one participant: what both eyes recorded at a time, with the rows and names of its trials."""

    recording: str
    participant: str
    pair: Pair
    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    rows: npt.NDArray[np.int64]
    names: Mapping[NameRole, Names] = field(default_factory=dict)
    zero: npt.NDArray[np.float64] | None = None
    order: npt.NDArray[np.float64] | None = None


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a folder with recordings named as BIDS names them, or one of these."""
    if given.path is None:
        return False
    try:
        return bool(recordings_in(given.path)) if given.is_folder else given.is_file and is_recording(given.path)
    except OSError:
        return False


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read all recordings of pupils.

    Raises:
        ReadError: naming file, line and column of what cannot be read.
    """
    path = given.path
    assert path is not None
    data = DataSet(path)
    paths = recordings_in(path) if given.is_folder else [path]
    if not paths:
        raise ReadError(f"{path}: there is no recording called *_physio.tsv.gz or *_eyetrack.tsv in it.")
    bids_recording.check_filled(data, paths)
    loaded = [bids_recording.load_recorded(data, one, settings) for one in paths]
    recorded = [one for one in loaded if one is not None]
    if not recorded:
        raise ReadError(
            f"{path}: none of the {len(paths)} recordings has a column with a pupil, such as pupil_size. Name it with "
            f"{SETTING.pupil} NAME."
        )
    findings = _left_out(data, paths, loaded)
    people = _people(data, recorded)
    unit = _time_unit(recorded)
    stems = dict.fromkeys((one.file.path.parent, one.file.stem) for one in recorded)
    runs = []
    for folder, stem in stems:
        both = [one for one in recorded if (one.file.path.parent, one.file.stem) == (folder, stem)]
        runs.append(_run(data, stem, both, unit, people, settings))
    file = str(path if len(runs) > 1 else recorded[0].file.path)
    whole = _together(file, recorded, runs, unit, findings)
    if settings.time_unit is None or whole.time is None or all(one.ticks is None for one in recorded):
        return whole
    return replace(whole, time=replace(whole.time, how="given"))


def _time_unit(recorded: Sequence[Recorded]) -> TimeUnit | None:
    """The unit of time of all recordings; that of those whose time is made of StartTime and SamplingFrequency follows it."""
    unit: TimeUnit | None = _common(
        [one.time_unit for one in recorded if one.ticks is not None], "timestamps", recorded
    )
    made = [one for one in recorded if one.ticks is None]
    if unit is None and made and len(made) < len(recorded):
        raise ReadError(
            f"{made[0].name}: it has no timestamps, and the unit of those of other files is unknown: {SETTING.time_unit}"
        )
    return "s" if unit is None and made else unit


def _left_out(data: DataSet, paths: Sequence[Path], loaded: Sequence[Recorded | None]) -> tuple[Finding, ...]:
    """Say which recordings are no pupils, and, where one file was given, that the other eye stands beside it."""
    findings = []
    others = [data.called(path) for path, one in zip(paths, loaded, strict=True) if one is None]
    if others:
        findings.append(Finding("recordings without a pupil", f"left out: {listed(others, 3)}", "recognised"))
    if len(paths) == 1 and (own := loaded[0]) is not None:
        beside = [
            p
            for p in own.file.path.parent.glob(f"{own.file.stem}_*")
            if is_recording(p) and p.name != own.file.path.name
        ]
        if beside and own.file.path == paths[0]:
            what = f"{listed([p.name for p in sorted(beside)], 3)} beside it is not read; give the folder for both"
            findings.append(Finding("other eye", what, "default"))
    return tuple(findings)


def _people(data: DataSet, recorded: Sequence[Recorded]) -> dict[str, str]:
    """Names of participants by their labels; their labels, but where participants.tsv has a column with their names.

    Raises:
        ReadError: it names one of them not at all, or two alike.
    """
    subjects = list(dict.fromkeys(one.file.entities.get("sub", "") for one in recorded))
    path = data.top / "participants.tsv"
    rows = [row for _, row in read_rows(path, data.called(path), None)] if path.is_file() else []
    if not rows or PARTICIPANT_NAME not in rows[0]:
        return {subject: subject for subject in subjects}
    names = {row.get("participant_id", "").removeprefix("sub-"): row[PARTICIPANT_NAME] for row in rows}
    nameless = [f"sub-{subject}" for subject in subjects if not names.get(subject)]
    if nameless or len(set(names.values())) < len(rows):
        which = f"for {listed(nameless)}" if nameless else "of its own for every participant"
        raise ReadError(f"{data.called(path)}: it has a column {PARTICIPANT_NAME}, but no name {which}. Fill it in.")
    return names


def _run(
    data: DataSet,
    stem: str,
    both: Sequence[Recorded],
    unit: TimeUnit | None,
    people: Mapping[str, str],
    settings: ReadSettings,
) -> BidsRun:
    pair = pair_of_run(data, stem, both, unit)
    participant = people[both[0].file.entities.get("sub", "")]
    everything = np.arange(len(pair.line))
    if pair.clock is None:
        return BidsRun(stem, participant, pair, (), pair.findings, everything)
    task, trials, findings = bids_events.of_task(data, both[0], pair.clock)
    findings = (*pair.findings, *findings)
    events = (*task, *pair.events)
    if not trials or settings.trials_from is not None or settings.events is not None:
        return BidsRun(stem, participant, pair, events, findings, everything)
    return _cut(BidsRun(stem, participant, pair, events, findings, everything), trials)


def _cut(run: BidsRun, trials: Sequence[tuple[int, dict[str, str]]]) -> BidsRun:
    """The rows of the trials of a table, with their names, time zero and order."""
    clock = run.pair.clock
    assert clock is not None
    starts = [event for event in run.events if set(bids_events.TRIAL_COLUMNS[2:]) <= event.parts.keys()]
    if len(starts) != len(trials):
        raise ReadError(f"{run.recording}: every trial of its events table needs onset, duration, trial and time_zero.")
    pieces, zero, order = [], [], []
    for event in starts:
        little = 0.5 * clock.step
        first, end = np.searchsorted(clock.ticks, (event.time - little, event.time + (event.duration or 0.0) - little))
        if first >= end:
            raise ReadError(
                f"{run.recording}, line {event.line} of its events: no sample lies within trial {event.parts['trial']!r}."
            )
        if end == len(clock.ticks) and event.time + (event.duration or 0.0) - clock.ticks[-1] > 1.5 * clock.step:
            raise ReadError(
                f"{run.pair.name}: the recording ends before trial {event.parts['trial']!r} does (line {event.line} of its "
                "events). The file is cut short: fetch it again."
            )
        pieces.append(np.arange(first, end))
        zero.append(_number(event.parts["time_zero"], run, event) / clock.scale)
        order.append(_number(event.parts.get(ORDER, "nan"), run, event))
    sizes = [len(piece) for piece in pieces]
    names: dict[NameRole, Names] = {}
    for role, column in TRIAL_NAMES.items():
        own = Names.of([event.parts.get(column, "") for event in starts])
        if any(own.names):
            names[role] = Names(np.repeat(own.codes, sizes), own.names)
    rows = np.concatenate(pieces)
    return BidsRun(
        run.recording, run.participant, run.pair, run.events, run.findings, rows, names, np.repeat(zero, sizes),
        np.repeat(order, sizes),
    )  # fmt: skip


def _number(cell: str, run: BidsRun, event: Event) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ReadError(f"{run.recording}, line {event.line} of its events: {cell!r} is no number.") from None


def _together(
    file: str, recorded: Sequence[Recorded], runs: Sequence[BidsRun], unit: TimeUnit | None, findings: Iterable[Finding]
) -> Samples:
    """All runs in one, in the order that tables of trials state."""
    sizes = [len(run.rows) for run in runs]
    order = np.argsort(_order(runs), kind="stable")
    names: dict[NameRole, Names] = {
        "participant": _repeated([run.participant for run in runs], sizes),
        "recording": _repeated([run.recording for run in runs], sizes),
        "file": _repeated([run.pair.name for run in runs], sizes),
    }
    if not any(run.participant for run in runs):
        del names["participant"]
    for role in TRIAL_NAMES:
        if any(role in run.names for run in runs):
            names[role] = Names.chained(
                [run.names.get(role, Names.one("", size)) for run, size in zip(runs, sizes, strict=True)]
            )
    eyes, units, unit_findings = _eyes_and_units(recorded, runs)
    zeros = [run.zero if run.zero is not None else np.full(n, np.nan) for run, n in zip(runs, sizes, strict=True)]
    ticks = [run.pair.clock.ticks[run.rows] for run in runs if run.pair.clock is not None]
    said = [*findings, *(f for one in recorded for f in one.findings), *(f for run in runs for f in run.findings)]
    return Samples(
        file=file,
        place="line",
        line=np.concatenate([run.pair.line[run.rows] for run in runs])[order],
        pupil=np.concatenate([run.pair.pupil[run.rows] for run in runs])[order],
        eyes=eyes,
        units=units,
        time=_time(ticks, order, unit) if len(ticks) == len(runs) else None,
        rate_hz=_only({one.rate_hz for one in recorded}),
        names={role: own.take(order) for role, own in names.items()},
        blink=_blinks(runs, order),
        events=tuple(event for run in runs for event in run.events),
        zero=np.concatenate(zeros)[order] if any(run.zero is not None for run in runs) else None,
        findings=_first_ones((*said, *unit_findings, *_trials_found(runs))),
        unused=tuple(dict.fromkeys(head for one in recorded for head in one.unused)),
    )


def _trials_found(runs: Sequence[BidsRun]) -> tuple[Finding, ...]:
    tables = [run for run in runs if run.order is not None]
    count = sum(len(np.unique(run.names["trial"].codes)) for run in tables)
    return (Finding("trials", f"{count}, by {len(tables)} events tables", "recognised"),) if tables else ()


def _first_ones(findings: Iterable[Finding], most: int = 3) -> tuple[Finding, ...]:
    """Each finding once; of those that many files have, each of its own, the first ones and how many there are more."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        kinds.setdefault((finding.what, finding.how), []).append(finding)
    kept: list[Finding] = []
    for (what, _), alike in kinds.items():
        kept += alike[:most]
        if len(alike) > most:
            kept.append(Finding(what, f"{len(alike) - most} more like these", alike[0].how))
    return tuple(kept)


def _time(ticks: Sequence[TICKS], order: npt.NDArray[np.int64], unit: TimeUnit | None) -> Time:
    if all(np.issubdtype(part.dtype, np.integer) for part in ticks):
        return Time(np.concatenate(ticks).astype(np.int64)[order], unit)
    return Time(np.concatenate(ticks).astype(np.float64)[order], unit)


def _order(runs: Sequence[BidsRun]) -> npt.NDArray[np.float64]:
    """Position of each row's trial; all alike where a table of trials does not state it."""
    stated = [run.order for run in runs if run.order is not None and np.isfinite(run.order).all()]
    if len(stated) != len(runs):
        return np.zeros(sum(len(run.rows) for run in runs))
    return np.concatenate(stated)


def _blinks(runs: Sequence[BidsRun], order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
    if all(run.pair.blink is None for run in runs):
        return None
    marks = [np.zeros((len(run.pair.line), 2), bool) if run.pair.blink is None else run.pair.blink for run in runs]
    marked: npt.NDArray[np.bool_] = np.concatenate([m[run.rows] for m, run in zip(marks, runs, strict=True)])[order]
    return marked


def _eyes_and_units(
    recorded: Sequence[Recorded], runs: Sequence[BidsRun]
) -> tuple[tuple[Eye, ...], tuple[PupilUnit | None, PupilUnit | None], tuple[Finding, ...]]:
    """Which eyes there are, and the unit of each. A recording that names no eye has no place beside those that do."""
    eyes = tuple(eye for eye in EYES_IN_ORDER if any(eye in run.pair.eyes for run in runs))
    nameless = [run.pair.name for run in runs if not run.pair.eyes]
    if eyes and nameless:
        raise ReadError(
            f"{nameless[0]}: its JSON file names no single eye (RecordedEye), and others do: {listed(eyes)}. Set it to left or "
            "right, or move the file elsewhere."
        )
    units: list[PupilUnit | None] = []
    findings: list[Finding] = []
    for lane, eye in enumerate(EYES_IN_ORDER):
        own = [one for one in recorded if (eye in one.eyes) or (not one.eyes and not eyes and lane == 0)]
        units.append(_common([one.units[lane] for one in own], f"pupils of the {eye} eye", own))
        unstated = [one.name for one in own if one.units[lane] is None]
        if unstated and units[lane] is not None:
            what = f"{listed(unstated, 3)} state none; taken as {units[lane]}, as the others"
            findings.append(Finding("unit", what, "warning"))
    return eyes, (units[0], units[1]), tuple(findings)


def _common(units: Sequence[U | None], what: str, recorded: Sequence[Recorded]) -> U | None:
    """The one unit that all state who state any."""
    stated = list(dict.fromkeys(unit for unit in units if unit is not None))
    if len(stated) > 1:
        raise ReadError(
            f"{recorded[0].name}: {what} are in {stated[0]}, and in other files of the data set in {listed(stated[1:])}. Read "
            "these apart."
        )
    return stated[0] if stated else None


def _only(values: set[float | None]) -> float | None:
    return next(iter(values)) if len(values) == 1 else None


def _repeated(names: Sequence[str], sizes: Sequence[int]) -> Names:
    own = Names.of(names)
    return Names(np.repeat(own.codes, sizes), own.names)
