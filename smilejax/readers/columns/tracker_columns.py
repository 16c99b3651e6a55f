"""Tables whose columns are found by what they are for (Tobii, E-Prime, ioHub): pupils, names, marks and events.

Programs and laboratories spell and choose these columns in many ways: a reader gives the spellings of its format, and the
others are recognised as in any table. Trackers that spell their columns in one way are read by `own_columns`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, decimal_mark, headings, table_columns, table_events
from smilejax.readers.columns.column_roles import ColumnRoles, Role
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import EYES_IN_ORDER, Event, Eye, NameRole, Names, Samples, Time
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

USED: frozenset[Role] = frozenset(
    (*table_columns.NAMED, "trial", "time", "left", "right", "pupil", "message")  # type: ignore[arg-type]
)
"""Roles that columns of these tables play; blinks, eyes of rows and, but for ioHub, onsets are no columns of theirs."""

_CALIBRATION = re.compile(r"eye ?tracker (calibration|validation)( \d+)?", re.IGNORECASE)


def roles_of(table: RawTable, settings: ReadSettings, spelled: Mapping[Role, Sequence[str]]) -> ColumnRoles:
    """The roles of a table's columns: those the settings name, then those the format spells, then those recognised.

    Arguments:
        table: with headings.
        settings: what is known beforehand.
        spelled: headings of the format, squeezed to letters and digits, the better ones first.

    Raises:
        ReadError: a column that the settings name is not there, or none holds a pupil.
    """
    heads = table.heads or ()
    taken = {*settings.trial, *(getattr(settings, role, None) for role in column_roles.ROLES if role != "trial")}
    spelled_here: dict[str, Any] = {}
    passed_over = {"left", "right"} if settings.pupil else {"pupil"} if settings.left or settings.right else set()
    for role, spellings in spelled.items():
        if role in passed_over:
            continue
        found = None if getattr(settings, role, None) else headings.find(heads, *spellings)
        if found is not None and _once(heads, found) and heads[found] not in taken:
            spelled_here[role] = heads[found]
    named = replace(settings, **spelled_here)
    roles = column_roles.recognise(table.name, heads, named)
    if not {"left", "right", "pupil"} & roles.at.keys():
        hint = column_roles.option("pupil", heads)
        raise ReadError(
            f"{table.name}: no column with the pupil was recognised. Export the diameter of the pupils too. {hint}"
        )
    findings = tuple(
        replace(f, how="recognised") if f.how == "given" and not _given(settings, f.what) else f for f in roles.findings
    )
    used = {*USED, "onset"} if "onset" in spelled else USED
    return column_roles.with_roles(replace(roles, findings=findings), used)


def _once(heads: Sequence[str], column: int) -> bool:
    return sum(h.strip().casefold() == heads[column].strip().casefold() for h in heads) == 1


def _given(settings: ReadSettings, what: str) -> bool:
    return bool(getattr(settings, what.removeprefix("column: "), None))


def with_decimal_comma(
    table: RawTable, roles: ColumnRoles, settings: ReadSettings
) -> tuple[ReadSettings, tuple[Finding, ...]]:
    """As `decimal_mark.of_pupils`, by the roles of the columns."""
    return decimal_mark.of_pupils(table, [roles.at.get(role) for role in ("left", "right", "pupil")], settings)


def recording_of(table: RawTable, names: Mapping[NameRole, Names]) -> Names | None:
    """Names of recordings, by the column `Recording name`. The participant is put before names that several have."""
    column = headings.find(table.heads or (), "recordingname")
    if column is None:
        return None
    recording, people = Names(*cell_values.names(table, column)), names.get("participant")
    if people is None:
        return recording
    both = Names.joined([people, recording])
    return recording if len(both.names) <= len(recording.names) else both


def without_calibration(names: dict[NameRole, Names]) -> tuple[Finding, ...]:
    """Take the calibration of the tracker out of the stimuli: it is shown as one, `Eyetracker Calibration`, and is no trial."""
    shown = names.get("stimulus")
    if shown is None:
        return ()
    calibrates = [_CALIBRATION.fullmatch(name.strip()) is not None for name in shown.names]
    if not any(calibrates):
        return ()
    rows = int(np.count_nonzero(np.array(calibrates)[shown.codes]))
    plain = Names.of(["" if out else name for name, out in zip(shown.names, calibrates, strict=True)])
    names["stimulus"] = Names(plain.codes[shown.codes], plain.names)
    which = next(name for name, out in zip(shown.names, calibrates, strict=True) if out)
    return (Finding("calibration", f"{rows} rows of {which!r}: no trial", "recognised"),)


def validity_columns(heads: Sequence[str], spelled: Sequence[str]) -> dict[Eye, int]:
    """The column of each eye's marks of validity: the first of these headings, in which `{eye}` stands for left or right."""
    found = {
        eye: headings.find(heads, *[spelling.replace("{eye}", eye) for spelling in spelled]) for eye in EYES_IN_ORDER
    }
    return {eye: column for eye, column in found.items() if column is not None}


def filled(table: RawTable, column: int, but: Collection[str] = ()) -> npt.NDArray[np.bool_]:
    """`bool[R]`: which cells of a column are not empty, nor one of these words, in any case."""
    cells = table.cells[column]
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.notna().to_numpy(dtype=np.bool_)
    if isinstance(cells.dtype, pd.StringDtype) and not but:
        return (cells.str.strip() != "").to_numpy(dtype=np.bool_)
    codes, texts = cell_values.names(table, column)
    return np.array([text != "" and text.casefold() not in but for text in texts], np.bool_)[codes]


def numbered(kept: npt.NDArray[np.int64], rows: int) -> npt.NDArray[np.int64]:
    """`i64[R]`: which sample each of R rows is, -1 where it is none; `kept` are the rows of the samples in their order."""
    sample = np.full(rows, -1, np.int64)
    sample[kept] = np.arange(len(kept))
    return sample


@dataclass(frozen=True)
class EventColumns:
    """A column of events, and that of their values where there is one."""

    text: int
    value: int | None = None


def event_columns(
    heads: Sequence[str], pairs: Sequence[tuple[str, str]], settings: ReadSettings
) -> tuple[EventColumns, ...]:
    """The columns of events: the one that the settings name, or those that the format spells, with their values."""
    if settings.message is not None:
        named = headings.find(heads, headings.bare(settings.message))
        values = [value for text, value in pairs if text == headings.bare(settings.message)]
        return () if named is None else (EventColumns(named, headings.find(heads, *values)),)
    found = [(headings.find(heads, text), headings.find(heads, value)) for text, value in pairs]
    return tuple(EventColumns(text, value) for text, value in found if text is not None)


def events_of(
    table: RawTable,
    columns: Sequence[EventColumns],
    time: npt.NDArray[np.generic],
    recording: Names | None,
    sample: npt.NDArray[np.int64],
) -> tuple[Event, ...]:
    """Events of all rows in the order of the file: `VideoStimulusStart clip 1` of an event and its value.

    A column in which most rows hold an event is filled down: there an event is a change.

    Arguments:
        table: R rows.
        columns: of events.
        time: of each row, on the clock of the samples; NaN where it has none.
        recording: of each row.
        sample: `i64[R]`, index of each row among the samples, or -1.
    """
    found: list[tuple[int, Event]] = []
    known = np.ones(len(time), np.bool_) if time.dtype.kind == "i" else ~np.isnan(time.astype(np.float64))
    for column in columns:
        codes, texts = cell_values.names(table, column.text)
        filled = np.array([text != "" for text in texts], np.bool_)[codes] & known
        if 2 * np.count_nonzero(filled) > len(filled):
            filled[1:] &= codes[1:] != codes[:-1]
        values = None if column.value is None else Names(*cell_values.names(table, column.value))
        for row in np.flatnonzero(filled).tolist():
            text = texts[codes[row]]
            value = "" if values is None else values.at(row)
            parts = {"event": text, "value": value} if value else {}
            who = "" if recording is None else recording.at(row)
            whole = f"{text} {value}" if value else text
            event = Event(time[row].item(), whole, who, int(table.line[row]), row=int(sample[row]), parts=parts)
            found.append((row, event))
    return tuple(event for _, event in sorted(found, key=lambda pair: pair[0]))


def samples_of(
    table: RawTable,
    roles: ColumnRoles,
    settings: ReadSettings,
    *,
    time: Time,
    invalid: npt.NDArray[np.bool_] | None,
    findings: tuple[Finding, ...],
    others: Sequence[int | None],
) -> Samples:
    """The samples of a table whose every row is one; pupils are in mm where their headings name no unit.

    Arguments:
        time: of all rows.
        invalid: `bool[R, 2]`, the samples that the tracker marks, or None.
        findings: what was determined, in the order in which it is said.
        others: columns that are used besides those with a role.

    Raises:
        ReadError: naming the first cell of a pupil that is no number.
    """
    pupil, eyes = table_columns.pupils(table, roles, settings)
    left, right = roles.units
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=(left or "mm", right or "mm"),
        time=time,
        names=table_columns.table_names(table, roles),
        invalid=invalid,
        events=table_events.events_of_column(table, roles, settings),
        findings=findings,
        unused=unused(table, roles, others),
    )


def unused(table: RawTable, roles: ColumnRoles, others: Sequence[int | None]) -> tuple[str, ...]:
    """Headings of the columns that play no role and are none of the others used."""
    used = {*roles.at.values(), *roles.trial, *others}
    return tuple(head for column, head in enumerate(table.heads or ()) if column not in used and head)
