"""What every reader makes of its file: `Samples`, one row per sample as recorded. `assemble` makes `Trials` of them.

A reader says what stands in the file and changes no number: which rows there are, their time, the pupils, which of them the
tracker marks as invalid or as a blink, and the names, messages and units that the file gives. Everything that holds for all
files alike (choosing trials and classes, missing values, units, the time grid, time zero) is done once, in `assemble`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from smilejax.recordings.source import Finding

Eye = Literal["left", "right"]
EYES_IN_ORDER: tuple[Eye, Eye] = ("left", "right")
"""Order of the two columns of `Samples.pupil` and `Trials.pupil`."""

PupilUnit = Literal["mm", "um", "m", "cm", "px", "au", "mm2", "px2", "au2"]
"""Unit of a pupil as a file states it: a diameter in mm, um, m, cm, px or au (arbitrary), or an area (mm2, px2, au2)."""

TimeUnit = Literal["s", "ms", "us", "ns"]

SECONDS: Mapping[TimeUnit, float] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Seconds of each unit of time."""

NameRole = Literal[
    "participant", "trial", "block", "stimulus", "smiler", "label", "recording", "sheet", "file", "column"
]
"""What a name of a row is. `recording` is a stretch of rows with one running clock: a file, a session, or one block of it
between two pauses; time is not compared between two recordings. `sheet`, `file` and `column` say where a row stands."""


@dataclass(frozen=True, eq=False)
class Names:
    """A name for each of S rows.

    Arguments:
        codes: `i64[S]`, indices into `names`.
        names: the different names, `""` where a row has none.
    """

    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]

    @classmethod
    def one(cls, name: str, rows: int) -> Names:
        """The same name for all rows."""
        return cls(np.zeros(rows, np.int64), (name,))

    @classmethod
    def of(cls, values: Sequence[str]) -> Names:
        """Names from one text per row, numbered in the order in which they first appear."""
        found: dict[str, int] = {}
        codes = np.array([found.setdefault(value, len(found)) for value in values], np.int64)
        return cls(codes, tuple(found))

    @classmethod
    def chained(cls, parts: Sequence[Names]) -> Names:
        """The names of several stretches of rows, one after the other, as those of all."""
        found: dict[str, int] = {}
        codes = [
            np.array([found.setdefault(n, len(found)) for n in part.names], np.int64)[part.codes] for part in parts
        ]
        return cls(np.concatenate(codes), tuple(found))

    @classmethod
    def joined(cls, parts: Sequence[Names]) -> Names:
        """One name from several, with a space between: block `1` and trial `3` are `1 3`. A row that lacks one has none."""
        whole = parts[0]
        for part in parts[1:]:
            pairs, codes = np.unique(whole.codes * len(part.names) + part.codes, return_inverse=True)
            both = [(whole.names[p // len(part.names)], part.names[p % len(part.names)]) for p in pairs.tolist()]
            whole = cls(codes.astype(np.int64), tuple(f"{a} {b}" if a and b else "" for a, b in both))
        return whole

    def take(self, rows: npt.NDArray[np.int64]) -> Names:
        """The names of some of the rows, `i64[M]`."""
        return Names(self.codes[rows], self.names)

    def at(self, row: int) -> str:
        """The name of a row."""
        return self.names[int(self.codes[row])]


@dataclass(frozen=True, eq=False)
class Time:
    """Timestamps of all rows, `i64[S]` or `f64[S]` (NaN where a row has none), in `unit` where that is known.

    `how` says who named the unit: the caller or a heading. Whole numbers stay whole: nanoseconds exceed f64.
    """

    values: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    unit: TimeUnit | None = None
    how: Literal["given", "recognised"] = "recognised"


@dataclass(frozen=True)
class Event:
    """A message, marker or event in a recording.

    Arguments:
        time: on the clock of the samples of its recording, in their unit; an offset that opens an EyeLink message is already
            subtracted.
        text: as the tracker wrote it, without surrounding space.
        recording: name of the recording in which it stands, as in `Samples.names["recording"]` (or of its participant, as in
            `names["participant"]`); empty where there is one.
        line: line (or row) of the file in which it stands, from 1; 0 where it has none.
        row: index of the sample with which it stands in one row of the file, or -1.
        duration: in the unit of `time`, or None.
        parts: further named values of the event, as columns of an events table.
    """

    time: float
    text: str
    recording: str = ""
    line: int = 0
    row: int = -1
    duration: float | None = None
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Samples:
    """S samples of one or several recordings, in the order of their files.

    Arguments:
        file: how messages name the file.
        place: what a row is called in messages, `line` or `row` (or `sample`).
        line: `i64[S]`, where each row stands in its file, from 1.
        pupil: `f64[S, 2]`, left and right eye **as the file writes them**: NaN where a cell is empty or a word for missing or
            the eye was not recorded; zeros, -1 and other markers stay, and so do values behind an invalid mark.
        eyes: which eyes the file records; empty where it has one pupil that names no eye (then column 0 of `pupil` holds it).
        units: unit of the left and of the right eye as the file states it, None where it states none.
        time: timestamps, or None where rows follow each other at `rate_hz`.
        rate_hz: samples per second as the file states it (a header), or None.
        names: the names of rows by what they are; whatever the file has.
        invalid: `bool[S, 2]`, True where the tracker marks an eye's sample as invalid, or None where it has no such marks.
            A pupil there is never used.
        blink: `bool[S, 2]`, True where the tracker reports a blink, or None where it reports none.
        events: messages, markers and events, in the order of the file.
        zero: `f64[S]`, the time of each row's onset on its clock, where the file has such a column, or None.
        onset: `i64[S]`, by which message or event a row was cut out of a continuous recording, from 0, or None where none was.
            Rows of two onsets are never one trial, whatever their names.
        findings: what was recognised, inferred or left out on the way, for `check`.
        unused: headings of the columns that are not used.
    """

    file: str
    place: str
    line: npt.NDArray[np.int64]
    pupil: npt.NDArray[np.float64]
    eyes: tuple[Eye, ...]
    units: tuple[PupilUnit | None, PupilUnit | None] = (None, None)
    time: Time | None = None
    rate_hz: float | None = None
    names: Mapping[NameRole, Names] = field(default_factory=dict)
    invalid: npt.NDArray[np.bool_] | None = None
    blink: npt.NDArray[np.bool_] | None = None
    events: tuple[Event, ...] = ()
    zero: npt.NDArray[np.float64] | None = None
    onset: npt.NDArray[np.int64] | None = None
    findings: tuple[Finding, ...] = ()
    unused: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.line)

    def at(self, row: int) -> str:
        """How messages name a row: `pupil.csv, line 12`."""
        files = self.names.get("file")
        file = files.at(row) if files is not None and len(files.names) > 1 else self.file
        return f"{file}, {self.place} {self.line[row]}"
