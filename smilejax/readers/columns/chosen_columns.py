"""Which columns of a large table are read, and which of them as numbers."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from smilejax.readers.columns.column_roles import ColumnRoles, Role
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.settings import ReadSettings

NUMBERS: tuple[Role, ...] = ("left", "right", "pupil", "time", "onset")
"""Roles whose columns hold numbers; those of the others may, and are read as they are written: `1.0` is not `1`."""


def of_roles(
    roles: ColumnRoles,
    settings: ReadSettings,
    *,
    numbers: Iterable[int | None] = (),
    texts: Iterable[int | None] = (),
) -> Columns:
    """The columns that play these roles, and others that the table may not have.

    Numbers with a decimal comma, or with marks between thousands, are read as texts.
    """
    plain = settings.decimal == "." and settings.thousands is None
    wanted = {*(roles.at[role] for role in NUMBERS if role in roles.at), *(c for c in numbers if c is not None)}
    others = {*roles.trial, *(c for role, c in roles.at.items() if role not in NUMBERS)}
    others |= {c for c in texts if c is not None}
    as_numbers = frozenset(wanted - others) if plain else frozenset[int]()
    return Columns(as_numbers, frozenset(wanted | others) - as_numbers)


def headings_only(name: str, heads: tuple[str, ...]) -> RawTable:
    """A table without rows, for what goes by the headings."""
    return RawTable(name, pd.DataFrame(), heads, np.zeros(0, np.int64), "line")
