"""Tobii Pro Lab: the data export, as text or workbook. Headings are spelled with spaces, `Recording timestamp [μs]`."""

import re
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, listed
from smilejax.readers.columns import (
    cell_values,
    chosen_columns,
    column_roles,
    headings,
    slower_pupil,
    table_columns,
    tracker_clocks,
    tracker_columns,
    validity_marks,
)
from smilejax.readers.columns.column_roles import ColumnRoles
from smilejax.readers.columns.eye_rows import take_rows
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import NameRole, Names, PupilUnit, Samples
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "tobii-pro-lab"
WORDS = "Tobii Pro Lab's data export"
SOFTWARE = "Tobii Pro Lab (TSV, xlsx)"
LIMITS = "raw pupils are used where the export has them; filtered ones only alone, with a warning"
USES = (ADDED | PUPILS) - {"onset"}

SPELLED: dict[column_roles.Role, tuple[str, ...]] = {
    "participant": ("participantname",),
    "time": ("recordingtimestamp", "eyetrackertimestamp", "computertimestamp"),
    "left": ("pupildiameterleft",),
    "right": ("pupildiameterright",),
    "stimulus": ("presentedstimulusname", "presentedmedianame", "medianame"),
}
FILTERED = ("pupildiameterfiltered",)
EVENTS = (("event", "eventvalue"),)
_TIMESTAMP = re.compile(r"(recording|computer|eye ?tracker) timestamp\b", re.IGNORECASE)
_OTHERS = (
    "pupildiameter",
    "participantname",
    "sensor",
    "gazepoint",
    "validityleft",
    "recordingname",
    "eyemovementtype",
)
_EYE_DATA = ("pupil", "validity", "gazepoint", "gazedirection", "eyeposition", "eyetrackertimestamp")
_OF_EVERY_SAMPLE = (("validityleft", "validityright"), ("eyetrackertimestamp",))
"""What stands in every row of the eye tracker, also where it saw no eye, and in no other; the surer first."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a table with a heading `Recording timestamp` (or of another clock), with a space, and one more of its."""
    if given.frame is None and not given.is_file:
        return False
    heads = given.heads
    plain = [headings.bare(head) for head in heads]
    return any(_TIMESTAMP.match(h) for h in heads) and any(p.startswith(other) for p in plain for other in _OTHERS)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a data export of Pro Lab.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    used_by = partial(_used_columns, given.name, settings)
    loaded = raw_table.load_table(given, settings.sheet, unfinished_end=True, columns=used_by)
    table = raw_table.without_empty_rows(raw_table.headed(loaded))
    heads = table.heads or ()
    roles = _roles(table, settings)
    settings, decimal = tracker_columns.with_decimal_comma(table, roles, settings)
    pupil, eyes = table_columns.pupils(table, roles, settings)
    events = tracker_columns.event_columns(heads, EVENTS, settings)
    is_sample = _sample_rows(table, events)
    if "time" not in roles.at:
        raise ReadError(f"{table.name}: no column with the time was recognised. {column_roles.option('time', heads)}")
    clock = tracker_clocks.choose(table, [(roles.at["time"], roles.time_unit)], is_sample.rows, settings)
    names = table_columns.table_names(table, roles)
    recording = tracker_columns.recording_of(table, names)
    if recording is not None:
        names["recording"] = recording
    calibration = tracker_columns.without_calibration(names)
    kept = np.flatnonzero(is_sample.rows)
    has_pupil = ~(np.isnan(pupil[:, 0]) & np.isnan(pupil[:, 1]))[kept]
    rhythm = slower_pupil.pupil_rows(has_pupil, _clocks(names, len(pupil))[kept])
    kept = kept[rhythm.rows]
    sample = tracker_columns.numbered(kept, len(pupil))
    validity = tracker_columns.validity_columns(heads, ("validity{eye}",))
    marks, said = validity_marks.invalid(table.rows(sample >= 0), validity, pupil[kept], "low is good")
    used = [c for e in events for c in (e.text, e.value)]
    used += [is_sample.sensor, headings.find(heads, "recordingname"), *validity.values()]
    whole = Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=_units(roles),
        time=clock.time,
        names=names,
        events=tracker_columns.events_of(
            table, events, clock.time.values, recording or names.get("participant"), sample
        ),
        findings=(
            *table.findings,
            *roles.findings,
            *decimal,
            *is_sample.findings,
            *rhythm.findings,
            *said,
            *calibration,
        ),
        unused=tracker_columns.unused(table, roles, used),
    )
    return replace(take_rows(whole, kept), invalid=marks)


def _used_columns(name: str, settings: ReadSettings, heads: tuple[str, ...]) -> Columns:
    """Columns with a role, of events and marks, and what tells the rows of samples from others."""
    roles = _roles(chosen_columns.headings_only(name, heads), settings)
    texts = [c for e in tracker_columns.event_columns(heads, EVENTS, settings) for c in (e.text, e.value)]
    texts += [headings.find(heads, "recordingname"), sensor := headings.find(heads, "sensor")]
    texts += tracker_columns.validity_columns(heads, ("validity{eye}",)).values()
    if sensor is None:
        texts += [c for c, head in enumerate(heads) if headings.bare(head).startswith(_EYE_DATA)]
    return chosen_columns.of_roles(roles, settings, texts=texts)


def _roles(table: RawTable, settings: ReadSettings) -> ColumnRoles:
    """Raw pupils go before filtered ones, which stand for both eyes and have their gaps filled."""
    heads = table.heads or ()
    raw = headings.find(heads, "pupildiameterleft", "pupildiameterright")
    filtered = headings.find(heads, *FILTERED)
    if raw is not None or filtered is None or settings.left or settings.right:
        return tracker_columns.roles_of(table, settings, SPELLED)
    roles = tracker_columns.roles_of(table, settings, {**SPELLED, "pupil": FILTERED})
    words = (
        "these are filtered by Pro Lab, a mean of both eyes; export 'Pupil diameter left' and 'right' for the raw ones"
    )
    return ColumnRoles(
        roles.at, roles.trial, roles.time_unit, roles.units, (*roles.findings, Finding("pupil", words, "warning"))
    )


def _units(roles: ColumnRoles) -> tuple[PupilUnit, PupilUnit]:
    """Pro Lab writes pupils in mm, also where the heading names no unit."""
    left, right = roles.units
    return left or "mm", right or "mm"


@dataclass(frozen=True, eq=False)
class _SampleRows:
    """Which rows are samples of the eye tracker, `bool[R]`; the column that says so, where there is one."""

    rows: npt.NDArray[np.bool_]
    sensor: int | None
    findings: tuple[Finding, ...]


def _sample_rows(table: RawTable, events: tuple[tracker_columns.EventColumns, ...]) -> _SampleRows:
    """Rows of other sensors and of events stand between those of the eye tracker."""
    heads = table.heads or ()
    sensor = headings.find(heads, "sensor")
    if sensor is not None:
        codes, words = cell_values.names(table, sensor)
        of_eyes = np.array([column_roles.squeezed(word) == "eyetracker" for word in words])[codes]
        if not of_eyes.any():
            raise ReadError(
                f"{table.name}, column {cell_values.heading(table, sensor)}: no row is of the sensor 'Eye Tracker'; the "
                f"sensors are {listed(repr(word) for word in words)}. Export the eye tracker's data too."
            )
        others = ", ".join(
            f"{np.count_nonzero(codes == i)} of {w or 'events'}"
            for i, w in enumerate(words)
            if not of_eyes[codes == i].any()
        )
        said = (
            (Finding("rows of other sensors", f"{others}: left out, their events are kept", "recognised"),)
            if others
            else ()
        )
        return _SampleRows(of_eyes, sensor, said)
    if (marked := _marked_rows(table)) is not None:
        return marked
    empty = np.ones(len(table.line), np.bool_)
    for column, head in enumerate(heads):
        if headings.bare(head).startswith(_EYE_DATA):
            empty &= ~tracker_columns.filled(table, column)
    event = np.zeros(len(table.line), np.bool_)
    for pair in events:
        event |= tracker_columns.filled(table, pair.text)
    only = event & empty
    said = (Finding("rows of events alone", f"{np.count_nonzero(only)}: no samples", "inferred"),) if only.any() else ()
    return _SampleRows(~only, None, said)


def _marked_rows(table: RawTable) -> _SampleRows | None:
    """The samples by a column that is filled in each of them alone, or None where the export has no such column."""
    for heads in _OF_EVERY_SAMPLE:
        rows = np.zeros(len(table.line), np.bool_)
        for head in heads:
            if (column := headings.find(table.heads or (), head)) is not None:
                rows |= tracker_columns.filled(table, column)
        if rows.any():
            others = int(np.count_nonzero(~rows))
            value = f"{others} in which the eye tracker wrote nothing: no samples, but their events are kept"
            return _SampleRows(
                rows, None, (Finding("rows without the eye tracker", value, "inferred"),) if others else ()
            )
    return None


def _clocks(names: dict[NameRole, Names], rows: int) -> npt.NDArray[np.int64]:
    """`i64[R]`: rows of one clock."""
    found = names.get("recording") or names.get("participant")
    return np.zeros(rows, np.int64) if found is None else found.codes
