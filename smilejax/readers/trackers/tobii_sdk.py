"""Gaze data of Tobii's SDK as programs in Python and MATLAB write it: `left_pupil_diameter`, `left_pupil_validity`."""

from functools import partial

import numpy as np

from smilejax._util.errors import ReadError
from smilejax.readers.columns import (
    chosen_columns,
    column_roles,
    eye_rows,
    headings,
    table_columns,
    tracker_clocks,
    tracker_columns,
    validity_marks,
)
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Columns
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, Samples, TimeUnit
from smilejax.readers.trackers import gaze_json
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.settings import ReadSettings

NAME = "tobii-sdk"
WORDS = "gaze data of Tobii's SDK"
SOFTWARE = "Tobii Pro SDK, Titta, gazelib, and programs that use them (CSV, TSV, JSON)"
LIMITS = "one row per sample with the SDK's own headings; messages only where they stand in a column"
USES = (ADDED | PUPILS) - {"onset"}

SPELLED: dict[column_roles.Role, tuple[str, ...]] = {
    "left": ("leftpupildiameter", "leftpupildiametermm", "leftpupildiam"),
    "right": ("rightpupildiameter", "rightpupildiametermm", "rightpupildiam"),
}
CLOCKS = ("devicetimestamp", "systemtimestamp")
"""Both in microseconds. The device's clock is that of the samples; the system's is another machine's."""

VALIDITY = ("{eye}pupilvalidity", "{eye}pupilvalid")
"""Marks of validity of each eye's pupil."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a table with a heading `left_pupil_diameter` (or right) and a stamp of the device or system."""
    if given.frame is None and not given.is_file:
        return False
    if gaze_json.recognises(given):
        return True
    heads = given.heads
    has_pupil = any(head.casefold().startswith(f"{eye}_pupil_diameter") for head in heads for eye in EYES_IN_ORDER)
    return has_pupil and headings.find(heads, *CLOCKS) is not None


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read gaze data of the SDK.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if gaze_json.recognises(given):
        return _of_table(gaze_json.table_of(given), settings)
    used_by = partial(_used_columns, given.name, settings)
    loaded = raw_table.load_table(given, settings.sheet, unfinished_end=True, columns=used_by)
    return _of_table(raw_table.without_empty_rows(raw_table.headed(loaded)), settings)


def _used_columns(name: str, settings: ReadSettings, heads: tuple[str, ...]) -> Columns:
    """Columns with a role, all clocks, and the marks of validity."""
    roles = tracker_columns.roles_of(chosen_columns.headings_only(name, heads), settings, SPELLED)
    clocks = [headings.find(heads, clock) for clock in CLOCKS]
    validity = tracker_columns.validity_columns(heads, VALIDITY)
    return chosen_columns.of_roles(roles, settings, numbers=clocks, texts=validity.values())


def _of_table(table: raw_table.RawTable, settings: ReadSettings) -> Samples:
    heads = table.heads or ()
    roles = tracker_columns.roles_of(table, settings, SPELLED)
    settings, decimal = tracker_columns.with_decimal_comma(table, roles, settings)
    pupil, _ = table_columns.pupils(table, roles, settings)
    clock = tracker_clocks.choose(table, _clocks(table, roles, settings), np.ones(len(pupil), np.bool_), settings)
    roles.at["time"] = clock.column
    validity = tracker_columns.validity_columns(heads, VALIDITY)
    marks, said = validity_marks.invalid(table, validity, pupil, "one is good")
    clocks = [headings.find(heads, name) for name in CLOCKS]
    return tracker_columns.samples_of(
        table,
        roles,
        settings,
        time=clock.time,
        invalid=marks,
        findings=(*table.findings, *clock.findings(roles.findings), *decimal, *said, *eye_rows.same_eyes(pupil)),
        others=[*clocks, *validity.values()],
    )


def _clocks(
    table: raw_table.RawTable, roles: column_roles.ColumnRoles, settings: ReadSettings
) -> list[tuple[int, TimeUnit | None]]:
    """The clocks of the table, the better first, in microseconds; or the column that the settings name."""
    if settings.time is not None:
        return [(roles.at["time"], _unit(roles.at["time"], table) or roles.time_unit)]
    found = [c for name in CLOCKS if (c := headings.find(table.heads or (), name)) is not None]
    if found:
        return [(column, "us") for column in found]
    if "time" in roles.at:
        return [(roles.at["time"], roles.time_unit)]
    raise ReadError(
        f"{table.name}: no column with the time was recognised. {column_roles.option('time', table.heads or ())}"
    )


def _unit(column: int, table: raw_table.RawTable) -> TimeUnit | None:
    return "us" if headings.bare((table.heads or ())[column]) in CLOCKS else None
