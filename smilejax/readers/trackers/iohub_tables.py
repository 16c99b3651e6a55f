"""Tables that were exported from ioHub's HDF5 files, by PsychoPy's scripts and the like: `left_pupil_measure1`, time in s."""

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, headings, table_columns, table_events, tracker_columns
from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, Samples, Time
from smilejax.readers.trackers import iohub_marks
from smilejax.settings import ReadSettings

SPELLED: dict[column_roles.Role, tuple[str, ...]] = {
    "time": ("time",),
    "left": ("leftpupilmeasure1",),
    "right": ("rightpupilmeasure1",),
    "pupil": ("pupilmeasure1",),
    "trial": ("trialindex", "trialid"),
    "onset": ("trialstarttime", "trialstart"),
}
PUPILS = ("leftpupilmeasure1", "rightpupilmeasure1", "pupilmeasure1")


def read_table(given: Given, settings: ReadSettings) -> Samples:
    """Read a table of ioHub's samples.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    loaded = raw_table.load_table(given, settings.sheet, unfinished_end=True)
    table = raw_table.without_empty_rows(raw_table.headed(loaded))
    heads = table.heads or ()
    roles = tracker_columns.roles_of(table, settings, SPELLED)
    if "time" not in roles.at:
        raise ReadError(f"{table.name}: no column with the time was recognised. {column_roles.option('time', heads)}")
    settings, decimal = tracker_columns.with_decimal_comma(table, roles, settings)
    pupil, eyes = table_columns.pupils(table, roles, settings)
    status = headings.find(heads, "status")
    marks, said = iohub_marks.lost(_numbers(table, status, settings), both=bool(eyes))
    kinds = {eye: headings.find(heads, f"{eye}pupilmeasure1type") for eye in EYES_IN_ORDER}
    if not eyes:
        kinds["left"] = headings.find(heads, "pupilmeasure1type")
    units, kind = iohub_marks.pupil_units_of({eye: _numbers(table, column, settings) for eye, column in kinds.items()})
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=(roles.units[0] or units.get("left"), roles.units[1] or units.get("right")),
        time=Time(
            _numbers(table, roles.at["time"], settings),
            settings.time_unit or roles.time_unit or "s",
            "given" if settings.time_unit else "recognised",
        ),
        names=table_columns.table_names(table, roles),
        invalid=marks,
        events=table_events.events_of_column(table, roles, settings),
        zero=_numbers(table, roles.at["onset"], settings) if "onset" in roles.at else None,
        findings=(*table.findings, *roles.findings, *decimal, *kind, *said),
        unused=tracker_columns.unused(table, roles, [status, *kinds.values()]),
    )


def _numbers(table: RawTable, column: int | None, settings: ReadSettings) -> npt.NDArray[np.float64]:
    """A column, or NaN where there is none."""
    if column is None:
        return np.full(len(table.line), np.nan)
    return cell_values.numbers(table, column, settings.decimal, settings.thousands)
