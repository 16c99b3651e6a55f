"""Messages that stand in a column of the table of samples, as events."""

import numpy as np

from smilejax.readers.columns import cell_values, timestamps
from smilejax.readers.columns.column_roles import ColumnRoles
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import Event
from smilejax.settings import ReadSettings


def events_of_column(table: RawTable, roles: ColumnRoles, settings: ReadSettings) -> tuple[Event, ...]:
    """One event for each row whose message is not that of the row before it, at the row's time.

    A message that is repeated over rows, as Gazepoint's USER, is one event.
    """
    if "message" not in roles.at or "time" not in roles.at:
        return ()
    codes, names = cell_values.names(table, roles.at["message"])
    filled = np.array([name != "" for name in names])[codes]
    new = filled.copy()
    new[1:] &= codes[1:] != codes[:-1]
    rows = np.flatnonzero(new)
    if not len(rows):
        return ()
    time = timestamps.time_of_column(table, roles.at["time"], roles.time_unit, settings).values
    who: list[str] = [""] * len(rows)
    if "participant" in roles.at:
        people, people_names = cell_values.names(table, roles.at["participant"])
        who = [people_names[i] for i in people[rows].tolist()]
    return tuple(
        Event(time[row].item(), names[codes[row]], name, int(table.line[row]), row=int(row))
        for row, name in zip(rows.tolist(), who, strict=True)
    )
