"""Tables whose tracker spells its columns in one way (Pupil Core, Neon, Gazepoint, The Eye Tribe, SMI).

The reader takes the tracker's own columns by their headings; what a laboratory has added, such as names and messages, is found
here among the others. Tables whose columns are found by what they are for, whoever wrote them, are in `tracker_columns`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import (
    cell_values,
    chosen_columns,
    column_roles,
    headings,
    table_columns,
    table_events,
    timestamps,
)
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Choose, Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, NameRole, Names, Time, TimeUnit
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Added:
    """What the columns say that are not the tracker's own: names, onsets and messages, and which columns say it."""

    names: dict[NameRole, Names]
    zero: F64 | None
    events: tuple[Event, ...]
    columns: frozenset[int]
    findings: tuple[Finding, ...]

    def unused(self, table: RawTable, used: Collection[int | None]) -> tuple[str, ...]:
        """Headings of the columns that neither these nor the ones used by the reader are."""
        heads = table.heads or ()
        return tuple(head for i, head in enumerate(heads) if head and i not in self.columns and i not in used)


def load_tracker_table(
    given: Given, settings: ReadSettings, *, skip: int = 0, columns: Choose | None = None
) -> RawTable:
    """The table with its headings, without empty rows and without a last line that breaks off; of a large text file only the
    columns chosen.

    Raises:
        ReadError: it cannot be split into columns, or has no row.
    """
    loaded = raw_table.load_table(given, settings.sheet, skip=skip, unfinished_end=True, columns=columns)
    return raw_table.without_empty_rows(raw_table.headed(loaded))


def own_and_added_columns(
    heads: tuple[str, ...],
    own: re.Pattern[str],
    settings: ReadSettings,
    numbers: Iterable[int | None],
    texts: Iterable[int | None] = (),
) -> Columns:
    """The columns that are used of a tracker's large table: the tracker's own, and what `added` finds.

    Arguments:
        heads: of all columns.
        own: as for `added`.
        settings: what is known beforehand.
        numbers: the tracker's own columns that hold numbers; None for those that the table lacks.
        texts: those that hold names, marks or messages.
    """
    roles = _roles_of_added("", heads, own, settings)
    kept = {role: column for role, column in roles.at.items() if role in (*table_columns.NAMED, "onset", "message")}
    return chosen_columns.of_roles(replace(roles, at=kept), settings, numbers=numbers, texts=texts)


def required(table: RawTable, *spellings: str) -> int:
    """As `find`.

    Raises:
        ReadError: there is no such column.
    """
    column = headings.find(table.heads or (), *spellings)
    if column is None:
        raise ReadError(
            f"{table.name}: there is no column {spellings[0]!r}. The file is cut or was changed: export it again, or name "
            f"another layout: {SETTING.layout}"
        )
    return column


def clock(table: RawTable, settings: ReadSettings, *spellings: str) -> int:
    """The column of time: the one that the settings name, else as `required`.

    Raises:
        ReadError: there is no such column.
    """
    if settings.time is None:
        return required(table, *spellings)
    column = headings.find(table.heads or (), settings.time)
    if column is None:
        raise ReadError(
            f"{table.name}: there is no column {settings.time!r} ({SETTING.time}). The columns are: "
            f"{listed(map(repr, table.heads or ()), 20)}.",
            setting="time",
        )
    return column


def numbers_of(table: RawTable, column: int, settings: ReadSettings) -> F64:
    """A column as numbers.

    Raises:
        ReadError: naming the first cell that is none.
    """
    return cell_values.numbers(table, column, settings.decimal, settings.thousands)


def time_of(table: RawTable, column: int, unit: TimeUnit | None, settings: ReadSettings) -> Time:
    """The column of time, in which every row must have one.

    Raises:
        ReadError: naming the first row that has none.
    """
    time = timestamps.time_of_column(table, column, unit, settings)
    if (absent := ~np.isfinite(time.values)).any():
        row = int(np.argmax(absent))
        place = f"{table.at(row)}, column {cell_values.heading(table, column)}"
        raise ReadError(f"{place}: every sample needs a time; this row has none. Remove the row.")
    return time


def added(table: RawTable, own: re.Pattern[str], time: int, settings: ReadSettings) -> Added:
    """What stands in columns that are not the tracker's own.

    Arguments:
        own: fits the squeezed headings of the tracker's own columns; they are names only where a setting says so.
        time: the column of time, for messages and findings.

    Raises:
        ReadError: a column that a setting names is not there.
    """
    roles = _roles_of_added(table.name, table.heads or (), own, settings)
    names = table_columns.table_names(table, roles)
    columns = {*roles.trial, *(column for role, column in roles.at.items() if role in names)}
    zero: F64 | None = None
    events: tuple[Event, ...] = ()
    if "onset" in roles.at:
        zero = numbers_of(table, roles.at["onset"], settings)
        columns.add(roles.at["onset"])
    if "message" in roles.at:
        events = table_events.events_of_column(table, replace(roles, at={**roles.at, "time": time}), settings)
        columns.add(roles.at["message"])
    kept = {f"column: {role}" for role in (*table_columns.NAMED, "trial", "onset", "message")}
    clock = Finding("column: time", repr((table.heads or ())[time]), "recognised" if settings.time is None else "given")
    findings = (clock, *(finding for finding in roles.findings if finding.what in kept))
    return Added(names, zero, events, frozenset(columns), findings)


def _roles_of_added(
    name: str, heads: tuple[str, ...], own: re.Pattern[str], settings: ReadSettings
) -> column_roles.ColumnRoles:
    """Roles of the columns that are not the tracker's own, or that a setting names."""
    said = {settings.participant, settings.label, settings.stimulus, settings.smiler, settings.onset, settings.message}
    said |= set(settings.trial)
    asked = {head.strip().casefold() for head in said if head is not None}
    open_heads = [
        head if head.strip().casefold() in asked or not own.fullmatch(column_roles.squeezed(head)) else ""
        for head in heads
    ]
    only_names = replace(
        settings, time=None, left=None, right=None, pupil=None, eye=None, blink=None, blink_left=None, blink_right=None
    )
    return column_roles.recognise(name, open_heads, only_names)
