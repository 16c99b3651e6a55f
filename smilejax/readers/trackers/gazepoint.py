"""Gazepoint: the table of all samples that Gazepoint Analysis exports, and records of the Open Gaze API."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, decimal_mark, own_columns
from smilejax.readers.columns.headings import find
from smilejax.readers.columns.own_columns import F64
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, Eye, NameRole, Names, PupilUnit, Samples, Time
from smilejax.readers.used_settings import ADDED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "gazepoint"
WORDS = "Gazepoint: all_gaze export, or records of the Open Gaze API"
SOFTWARE = "Gazepoint Analysis; Open Gaze API, as PyGaze writes it"
LIMITS = "the table of all samples, not the one of fixations; the participant stands in the file's name"
USES = ADDED

_TIME = re.compile(r"time(\s*\(.*)?", re.IGNORECASE)
_FIXATIONS = re.compile(r".*_fixations\.csv(\.gz)?", re.IGNORECASE)
_TICK = re.compile(r"time_?tick\s*(\(f=(\d+)\))?", re.IGNORECASE)

KINDS: tuple[tuple[PupilUnit, str, str], ...] = (("mm", "PMM", "PMMV"), ("m", "PUPILD", "PUPILV"), ("px", "PD", "PV"))
"""Unit, column and flag of the pupil behind the letter of the eye, the better first. Pixels are of the camera."""

SIDES: tuple[tuple[Eye, str], ...] = (("left", "L"), ("right", "R"))

MOST_S = 1e7
"""No recording lasts longer, in seconds: a third of a year."""

OWN = re.compile(
    r"cnt|kbs?|user|dial.*|gsr.*|hr.*|ibi|ttl.*|pix.*|vidframe|cs|c[xy]|bk(id|dur|pmin)|timetick.*|time.*|[fb]pog.*|aoi|"
    r"saccade.*|[lr]p(cx|cy|d|s|v|mm|mmv|upild|upilv)|[lr]pog.*|[lr]eye.*|media.*"
)
"""Gazepoint's own columns, squeezed."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it has Gazepoint's time, pupil and flag, and one of its points of gaze or its blinks."""
    heads = {column_roles.squeezed(head) for head in given.heads}
    pupil = any(
        {f"{letter}{value}".lower(), f"{letter}{flag}".lower()} <= heads
        for _, letter in SIDES
        for _, value, flag in KINDS
    )
    other = {"fpogx", "bpogx", "lpogx", "rpogx", "lpcx", "rpcx", "bkid", "cnt"} & heads
    return pupil and bool(other) and any(_TIME.fullmatch(head.strip()) for head in given.heads)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one export.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if given.path is not None and _FIXATIONS.fullmatch(given.path.name):
        raise ReadError(
            f"{given.name}: this is Gazepoint's table of fixations, with a row for each. Give the table of all samples, "
            "whose name ends with _all_gaze.csv."
        )
    table = own_columns.load_tracker_table(given, settings, columns=partial(_used_columns, settings=settings))
    heads = table.heads or ()
    pupils = [find(heads, letter + value) for _, value, _ in KINDS for _, letter in SIDES]
    settings, decimal = decimal_mark.of_pupils(table, pupils, settings)
    first = next((i for i, h in enumerate(heads) if _TIME.fullmatch(h)), None)
    at = first if settings.time is None else own_columns.clock(table, settings)
    if at is None:
        raise ReadError(f"{table.name}: there is no column TIME. {column_roles.option('time', heads)}")
    pupil, eyes, units, invalid, used, words = _pupils(table, settings)
    added = own_columns.added(table, OWN, at, settings)
    names: dict[NameRole, Names] = dict(added.names)
    media = find(heads, "MEDIA_NAME"), find(heads, "MEDIA_ID")
    if "stimulus" not in names and (stimulus := _stimulus(table, *media)) is not None:
        names["stimulus"] = stimulus
    shown = _told_apart(table, names.get("stimulus"), media[1])
    time, zero, run, runs, clock = _clock(table, at, shown, settings)
    if "trial" not in names and (trial := _showings(shown, names.get("stimulus"), run)) is not None:
        names["trial"] = trial
    if runs is not None:
        names["recording"] = runs
    blinks, marker = find(heads, "BKID"), find(heads, "USER")
    markers = () if settings.message is not None or marker is None else _markers(table, marker, time, runs)
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=units,
        time=time,
        names=names,
        invalid=invalid,
        blink=None if blinks is None else _blinks(table, blinks, settings),
        zero=added.zero if added.zero is not None else zero,
        events=(*markers, *added.events),
        findings=(*table.findings, *decimal, words, *_media_findings(table, *media, added), *clock, *added.findings),
        unused=added.unused(table, {at, *used, blinks, marker, *media}),
    )


def _used_columns(heads: tuple[str, ...], settings: ReadSettings) -> Columns:
    pupils = [find(heads, letter + name) for _, letter in SIDES for _, *pair in KINDS for name in pair]
    clocks = [i for i, head in enumerate(heads) if _TIME.fullmatch(head) or _TICK.fullmatch(head)]
    named = None if settings.time is None else find(heads, settings.time)
    texts = [find(heads, head) for head in ("MEDIA_NAME", "MEDIA_ID", "USER")]
    return own_columns.own_and_added_columns(
        heads, OWN, settings, [*pupils, *clocks, named, find(heads, "BKID")], texts
    )


def _pupils(
    table: RawTable, settings: ReadSettings
) -> tuple[
    F64, tuple[Eye, ...], tuple[PupilUnit | None, PupilUnit | None], npt.NDArray[np.bool_], list[int | None], Finding
]:
    """Both eyes in the best unit that the file has: the first in which any sample is valid."""
    heads = table.heads or ()
    best = None
    for unit, value, flag in KINDS:
        columns = {eye: (find(heads, letter + value), find(heads, letter + flag)) for eye, letter in SIDES}
        there = {eye: (v, f) for eye, (v, f) in columns.items() if v is not None}
        if not there:
            continue
        found = _of_unit(table, there, settings)
        best = best or (unit, there, *found)
        if ((found[0] > 0) & ~found[1]).any():
            best = (unit, there, *found)
            break
    if best is None:
        raise ReadError(f"{table.name}: no column with the pupil was recognised. {column_roles.option('left', heads)}")
    unit, there, pupil, invalid = best
    eyes = tuple(eye for eye, _ in SIDES if eye in there)
    used = [column for pair in there.values() for column in pair]
    shown = ", ".join(repr(heads[column]) for column, _ in there.values())
    stale = int((invalid & (pupil > 0)).sum())
    note = f"; {stale} numbers behind a flag of 0 are not used" if stale else ""
    units = (unit if "left" in eyes else None, unit if "right" in eyes else None)
    return pupil, eyes, units, invalid, used, Finding("pupil", shown + note, "recognised")


def _of_unit(
    table: RawTable, there: dict[Eye, tuple[int, int | None]], settings: ReadSettings
) -> tuple[F64, npt.NDArray[np.bool_]]:
    pupil, invalid = np.full((len(table.line), 2), np.nan), np.zeros((len(table.line), 2), np.bool_)
    for eye, (value, flag) in there.items():
        lane = 0 if eye == "left" else 1
        pupil[:, lane] = own_columns.numbers_of(table, value, settings)
        if flag is not None:
            invalid[:, lane] = ~(own_columns.numbers_of(table, flag, settings) > 0)
    return pupil, invalid


def _stimulus(table: RawTable, name: int | None, number: int | None) -> Names | None:
    """The medium on the screen: its name, or its number where no name is filled in."""
    for column in (name, number):
        if column is not None:
            names = Names(*cell_values.names(table, column))
            if any(names.names):
                return names
    return None


def _media_findings(
    table: RawTable, name: int | None, number: int | None, added: own_columns.Added
) -> tuple[Finding, ...]:
    """That media have numbers and no names, where nothing else names the stimulus. Gazepoint writes both columns."""
    if number is None or {"stimulus", "trial"} & added.names.keys():
        return ()
    if name is not None and any(cell_values.names(table, name)[1]):
        return ()
    lacks = "there is no column MEDIA_NAME" if name is None else "MEDIA_NAME is empty"
    return (
        Finding("stimulus", f"{lacks}: media are known by their numbers in MEDIA_ID alone. Was it renamed?", "warning"),
    )


def _told_apart(table: RawTable, stimulus: Names | None, number: int | None) -> Names | None:
    """The medium of each row; with its number where several have one name, as `NewMedia`."""
    if stimulus is None or number is None:
        return stimulus
    both = Names.joined([stimulus, Names(*cell_values.names(table, number))])
    named = {name for name in both.names if name}
    return both if len(named) > len({name for name in stimulus.names if name}) else stimulus


def _showings(shown: Names | None, stimulus: Names | None, run: npt.NDArray[np.int64] | None) -> Names | None:
    """Names of trials where those of the media do not tell them apart, else None.

    Each start of TIME begins a showing; one of the medium that was on before is another trial of that name.
    """
    if run is None:
        return None if shown is stimulus else shown
    if shown is None:
        return Names(run, tuple(str(i + 1) for i in range(int(run[-1]) + 1)))
    begins = np.concatenate(([0], np.flatnonzero(np.diff(run)) + 1))
    media = [shown.at(int(row)) for row in begins]
    if not any(a and a == b for a, b in pairwise(media)):
        return None if shown is stimulus else shown
    again = [media[:i].count(name) for i, name in enumerate(media)]
    titles = [f"{name} ({n + 1})" if name and n else name for name, n in zip(media, again, strict=True)]
    found = Names.of(titles)
    return Names(found.codes[run], found.names)


def _clock(
    table: RawTable, at: int, media: Names | None, settings: ReadSettings
) -> tuple[Time, F64 | None, npt.NDArray[np.int64] | None, Names | None, tuple[Finding, ...]]:
    """Time, onset of the medium of each row, which showing it belongs to, names of recordings, and how they were found.

    TIME is in seconds. Where it starts anew with each medium, TIMETICK runs on: it is the clock then, and TIME says how long
    the medium had been on. Without TIMETICK each medium is a recording of its own.
    """
    time = own_columns.time_of(table, at, "s", settings)
    anew = np.flatnonzero(np.diff(time.values) < 0) + 1
    if not len(anew):
        return time, None, None, None, ()
    first = anew if media is None else np.union1d(anew, np.flatnonzero(np.diff(media.codes)) + 1)
    run = np.zeros(len(time.values), np.int64)
    run[first] = 1
    run = np.cumsum(run)
    ticks = _ticks(table, settings)
    if ticks is None:
        names = tuple(str(i + 1) for i in range(int(run[-1]) + 1))
        return (
            time,
            None,
            run,
            Names(run, names),
            (Finding("clock", f"TIME starts anew {len(anew)} times", "recognised"),),
        )
    begin = np.concatenate(([0], first))
    if (far := np.abs(time.values[begin]) > MOST_S).any():
        row = int(begin[np.argmax(far)])
        raise ReadError(
            f"{table.at(row)}, column {(table.heads or ())[at]!r}: {time.values[row]:g} s is no time of a recording."
        )
    onset = ticks[begin] - np.round(time.values[begin] * 1e9).astype(np.int64)
    words = f"TIMETICK; TIME starts anew {len(anew)} times, and its 0 is the onset"
    return Time(ticks, "ns"), onset[run].astype(np.float64), run, None, (Finding("clock", words, "recognised"),)


def _ticks(table: RawTable, settings: ReadSettings) -> npt.NDArray[np.int64] | None:
    """TIMETICK in nanoseconds, or None where there is none that runs on; its rate stands in its heading."""
    for column, head in enumerate(table.heads or ()):
        match = _TICK.fullmatch(head)
        if match is None or not match[2] or int(match[2]) == 0:
            continue
        values = cell_values.exact_numbers(table, column, settings.decimal, settings.thousands)
        if not np.isfinite(values).all() or not (np.abs(values) < 2**53).all() or (np.diff(values) < 0).any():
            continue
        per_tick, rest = divmod(10**9, int(match[2]))
        if not rest and np.abs(values).max() < 2**63 // max(per_tick, 1):
            return np.asarray(np.round(values), np.int64) * per_tick
    return None


def _blinks(table: RawTable, column: int, settings: ReadSettings) -> npt.NDArray[np.bool_]:
    inside = own_columns.numbers_of(table, column, settings) > 0
    return np.stack([inside, inside], axis=1)


def _markers(table: RawTable, column: int, time: Time, runs: Names | None) -> tuple[Event, ...]:
    """One event where USER changes to something other than empty or 0; it is repeated over rows."""
    codes, names = cell_values.names(table, column)
    filled = np.array([name not in ("", "0") for name in names])[codes]
    filled[1:] &= codes[1:] != codes[:-1]
    return tuple(
        Event(
            time.values[row].item(), names[codes[row]], "" if runs is None else runs.at(row), int(table.line[row]), row
        )
        for row in np.flatnonzero(filled).tolist()
    )
