"""A small table beside the recordings, with its columns by what they hold."""

from collections.abc import Sequence
from pathlib import Path

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns import column_roles
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given

OWN_ALIASES = {
    "reason": ["reason", "why", "comment", "note"],
    "blind": ["blind", "blinded", "blindtoclass"],
}
"""Headings of columns that recordings do not have, without case and punctuation, the better ones first."""


def load_side_table(
    path: str, setting: str, roles: Sequence[str], *, may_be_empty: bool = False
) -> tuple[raw_table.RawTable, dict[str, int]]:
    """The table, and which of its columns has each of these roles, where one has.

    Arguments:
        setting: that named the file, for messages. may_be_empty: whether it may have headings alone.

    Raises:
        ReadError: there is no such file, or it is no table.
    """
    given = Given(Path(path))
    if not given.is_file:
        raise ReadError(f"{path}: there is no such file ({SETTING(setting)}).")
    table = raw_table.without_empty_rows(raw_table.headed(raw_table.load_table(given), may_be_empty=may_be_empty))
    heads = table.heads or ()
    at: dict[str, int] = {}
    for role in roles:
        aliases = OWN_ALIASES.get(role) or column_roles.ALIASES[role]  # type: ignore[index]
        ranked = [
            (min(aliases.index(s) for s in spellings if s in aliases), column)
            for column, head in enumerate(heads)
            if set(spellings := column_roles.parse(head, tuple(column_roles.TIME_UNITS)).spellings) & set(aliases)
        ]
        if ranked:
            at[role] = min(ranked)[1]
    return table, at
