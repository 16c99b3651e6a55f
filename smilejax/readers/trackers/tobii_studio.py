"""Tobii Studio: text exports of versions 1 to 3. Headings are spelled in one word, `RecordingTimestamp`, and lines about the
recording may stand above them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import (
    cell_values,
    chosen_columns,
    column_roles,
    headings,
    table_columns,
    tracker_clocks,
    tracker_columns,
    validity_marks,
)
from smilejax.readers.columns.eye_rows import take_rows
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given, split_heads
from smilejax.readers.samples import NameRole, Names, Samples, TimeUnit
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "tobii-studio"
WORDS = "Tobii Studio's text export"
SOFTWARE = "Tobii Studio 1 to 3 (TSV, 'All Data')"
LIMITS = "needs PupilLeft or PupilRight in the export"
USES = (ADDED | PUPILS) - {"onset"}

SPELLED: dict[column_roles.Role, tuple[str, ...]] = {
    "participant": ("participantname", "participant"),
    "time": ("recordingtimestamp", "timestamp"),
    "left": ("pupilleft", "pupildiameterleft"),
    "right": ("pupilright", "pupildiameterright"),
    "stimulus": ("medianame", "stimuliname"),
}
CLOCKS: tuple[tuple[str, TimeUnit], ...] = (
    ("eyetrackertimestamp", "us"),
    ("microsecondtimestamp", "us"),
    ("recordingtimestamp", "ms"),
    ("timestamp", "ms"),
)
"""The clocks of an export, the finer first: whole milliseconds alternate between steps of 16 and 17 at 60 Hz."""

EVENTS = (
    ("studioevent", "studioeventdata"),
    ("externalevent", "externaleventvalue"),
    ("keypressevent", ""),
    ("event", "descriptor"),
)
VALIDITY = ("validity{eye}",)
_EYE_DATA = ("pupil", "validity", "gazepoint", "cam", "distance", "eyepos", "eyetrackertimestamp")
_ABOVE = {"participant": "participant", "recording name": "recording"}
_MOST_ABOVE = 500
"""Lines above the headings, at most."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether a line of it has headings of Studio, spelled in one word, and a pupil's among them."""
    if given.frame is None and not given.is_file:
        return False
    if given.is_text:
        return _headings(given) is not None
    return _is_studio(given.heads)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a text export of Studio.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    above = _headings(given) or 0
    used_by = partial(_used_columns, given.name, settings)
    loaded = raw_table.load_table(given, settings.sheet, skip=above, unfinished_end=True, columns=used_by)
    table = raw_table.without_empty_rows(raw_table.headed(loaded))
    roles = tracker_columns.roles_of(table, settings, SPELLED)
    settings, decimal = tracker_columns.with_decimal_comma(table, roles, settings)
    pupil, eyes = table_columns.pupils(table, roles, settings)
    is_sample = _sample_rows(table, roles)
    names = _names(table, roles, given.lines[:above])
    calibration = tracker_columns.without_calibration(names)
    clock, time = _clock(table, roles, is_sample, names, settings)
    roles.at["time"] = clock.column
    validity = tracker_columns.validity_columns(table.heads or (), VALIDITY)
    marks, said = validity_marks.invalid(table.rows(is_sample), validity, pupil[is_sample], "low is good")
    kept = np.flatnonzero(is_sample)
    sample = tracker_columns.numbered(kept, len(pupil))
    events = tracker_columns.event_columns(table.heads or (), EVENTS, settings)
    others = [headings.find(table.heads or (), name) for name in ("recordingname", *(c for c, _ in CLOCKS))]
    used = [*others, *validity.values(), *(c for e in events for c in (e.text, e.value))]
    alone = len(pupil) - len(kept)
    whole = Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=(roles.units[0] or "mm", roles.units[1] or "mm"),
        time=replace(clock.time, values=time),
        names=names,
        events=tracker_columns.events_of(table, events, time, names.get("recording", names.get("participant")), sample),
        findings=(
            *table.findings,
            *clock.findings(roles.findings),
            *decimal,
            *((Finding("rows of events alone", f"{alone}: no samples", "inferred"),) if alone else ()),
            *said,
            *calibration,
        ),
        unused=tracker_columns.unused(table, roles, used),
    )
    return replace(take_rows(whole, kept), invalid=marks)


def _used_columns(name: str, settings: ReadSettings, heads: tuple[str, ...]) -> Columns:
    """Columns with a role, clocks, events and marks, and all data of the eyes, by which rows of samples are known."""
    roles = tracker_columns.roles_of(chosen_columns.headings_only(name, heads), settings, SPELLED)
    texts = [c for e in tracker_columns.event_columns(heads, EVENTS, settings) for c in (e.text, e.value)]
    texts += [headings.find(heads, "recordingname")]
    texts += tracker_columns.validity_columns(heads, VALIDITY).values()
    numbers = [c for c, head in enumerate(heads) if headings.bare(head).startswith(_EYE_DATA)]
    numbers += [c for name, _ in CLOCKS if (c := headings.find(heads, name)) is not None]
    return chosen_columns.of_roles(roles, settings, numbers=numbers, texts=texts)


def _is_studio(heads: Sequence[str]) -> bool:
    """Whether these are headings of Studio: a clock and a pupil, each spelled without a space."""
    joined = {headings.bare(head) for head in heads if " " not in head.split("(")[0].strip()}
    if not joined & {"pupilleft", "pupilright"}:
        return False
    others = {"number", "validityleft", "validityright", "stimuliname", "medianame", "gazepointxleft", "gazepointx"}
    return "recordingtimestamp" in joined or ("timestamp" in joined and bool(joined & others))


def _headings(given: Given) -> int | None:
    """How many lines stand above the headings, or None where no line has those of Studio."""
    if not given.is_text:
        return None
    lines = given.lines[:_MOST_ABOVE]
    return next((i for i, line in enumerate(lines) if "upil" in line and _is_studio(split_heads(line))), None)


def _sample_rows(table: RawTable, roles: column_roles.ColumnRoles) -> npt.NDArray[np.bool_]:
    """`bool[R]`: rows in which something of an eye stands. Events stand in rows of their own, or beside a sample."""
    found = np.zeros(len(table.line), np.bool_)
    for column, head in enumerate(table.heads or ()):
        if headings.bare(head).startswith(_EYE_DATA) or column in (roles.at.get("left"), roles.at.get("right")):
            found |= tracker_columns.filled(table, column, but=cell_values.MISSING_WORDS)
    if not found.any():
        raise ReadError(f"{table.name}: no row holds anything of an eye; was an eye tracker recorded?")
    return found


def _names(table: RawTable, roles: column_roles.ColumnRoles, above: Sequence[str]) -> dict[NameRole, Names]:
    """Names by columns, and those of the participant and recording by the lines above the headings."""
    names = table_columns.table_names(table, roles)
    recording = tracker_columns.recording_of(table, names)
    if recording is not None:
        names["recording"] = recording
    for line in above:
        key, _, value = line.partition(":")
        role, value = (
            _ABOVE.get(key.strip().casefold()),
            value.strip("\t ;,|"),
        )  # a program may have put another delimiter
        if role is not None and value and role not in names:
            names[role] = Names.one(value, len(table.line))  # type: ignore[index]
    return names


def _clock(
    table: RawTable,
    roles: column_roles.ColumnRoles,
    is_sample: npt.NDArray[np.bool_],
    names: dict[NameRole, Names],
    settings: ReadSettings,
) -> tuple[tracker_clocks.ClockColumn, npt.NDArray[np.int64] | npt.NDArray[np.float64]]:
    """The clock that is used, and the time of all rows on it: rows of events alone may have a coarser one only."""
    heads = table.heads or ()
    found = [(c, unit) for name, unit in CLOCKS if (c := headings.find(heads, name)) is not None]
    if settings.time is not None:
        mine = dict(found)
        candidates: list[tuple[int, TimeUnit | None]] = [
            (roles.at["time"], mine.get(roles.at["time"], roles.time_unit))
        ]
    else:
        candidates = [*found]
    if not candidates:
        raise ReadError(f"{table.name}: no column with the time was recognised. {column_roles.option('time', heads)}")
    clock = tracker_clocks.choose(table, candidates, is_sample, settings)
    values = clock.time.values
    if values.dtype.kind == "i" or clock.time.unit != "us":
        return clock, values
    recording = names.get("recording") or names.get("participant") or Names.one("", len(values))
    for column, unit in found:
        if unit == "ms" and np.isnan(values).any():
            other = cell_values.numbers(table, column, settings.decimal, settings.thousands)
            values = _from_other(values.astype(np.float64), other, is_sample, recording.codes)
    return clock, values


def _from_other(
    values: npt.NDArray[np.float64],
    other: npt.NDArray[np.float64],
    is_sample: npt.NDArray[np.bool_],
    recording: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Microseconds of rows that lack them, by a clock of milliseconds: as far from the nearest sample before as there."""
    values = values.copy()
    for code in np.unique(recording[np.isnan(values)]):
        mine = recording == code
        lack = np.flatnonzero(mine & np.isnan(values) & ~np.isnan(other))
        known = np.flatnonzero(mine & is_sample & ~np.isnan(values) & ~np.isnan(other))
        if not len(known) or not len(lack):
            continue
        known = known[np.argsort(other[known], kind="stable")]
        before = known[np.maximum(np.searchsorted(other[known], other[lack], "right") - 1, 0)]
        values[lack] = values[before] + 1000 * (other[lack] - other[before])
    return values
