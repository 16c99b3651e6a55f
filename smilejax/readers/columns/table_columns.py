"""What the columns of a table hold by their roles: the pupils of both eyes, and the names of rows."""

import numpy as np
import numpy.typing as npt

from smilejax.readers.columns import cell_values
from smilejax.readers.columns.column_roles import ColumnRoles, Role
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import EYES_IN_ORDER, Eye, NameRole, Names
from smilejax.settings import ReadSettings

NAMED: tuple[NameRole, ...] = ("participant", "block", "stimulus", "smiler", "label")
"""Names that stand in one column each; a trial's may stand in several."""


def pupils(
    table: RawTable, roles: ColumnRoles, settings: ReadSettings
) -> tuple[npt.NDArray[np.float64], tuple[Eye, ...]]:
    """`f64[R, 2]` as the file writes them, and the eyes that have a column; one that names no eye stands in column 0.

    Raises:
        ReadError: naming the first cell that is no number.
    """
    eyes = tuple(eye for eye in EYES_IN_ORDER if eye in roles.at)
    values = np.full((len(table.line), 2), np.nan)
    columns: tuple[Role, ...] = eyes or ("pupil",)
    for role in columns:
        numbers = cell_values.numbers(table, roles.at[role], settings.decimal, settings.thousands)
        values[:, 1 if role == "right" else 0] = numbers
    return values, eyes


def table_names(table: RawTable, roles: ColumnRoles) -> dict[NameRole, Names]:
    """Names of all rows, by what they are."""
    found: dict[NameRole, Names] = {}
    for role in NAMED:
        if role in roles.at:
            found[role] = Names(*cell_values.names(table, roles.at[role]))  # type: ignore[index]
    if roles.trial:
        found["trial"] = Names.joined([Names(*cell_values.names(table, column)) for column in roles.trial])
    return found
