"""Columns of the user's own that recordings keep (`ReadSettings.columns`): found by their headings, whatever the reader.

A reader reads what it knows. These columns are read beside it, from the same table or from one that is joined, and belong to
the rows of the reader by the lines at which they stand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import cell_values
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable, headed, load_table
from smilejax.readers.given import Given, line_with
from smilejax.readers.samples import NameRole, Names
from smilejax.recordings.stimulus_table import Covariate

_MARK: Final = "column "


def role_of(column: str) -> NameRole:
    """The role of a kept column among the names of rows; no reader has such a one.

    Example:
        >>> role_of("age")
        'column age'
    """
    return cast(NameRole, f"{_MARK}{column}")


def heading_of(columns: Iterable[str], heads: Sequence[str]) -> dict[str, int]:
    """Where each of these columns stands, by its heading, in another case where there is none in the same."""
    found: dict[str, int] = {}
    for column in columns:
        alike = [at for at, head in enumerate(heads) if head.strip().casefold() == column.strip().casefold()]
        same = [at for at in alike if heads[at].strip() == column.strip()]
        if at := (same or alike):
            found[column] = at[0]
    return found


def of_lines(given: Given, lines: npt.NDArray[np.int64], columns: Sequence[str], sheet: str | None) -> dict[str, Names]:
    """The columns that stand in a file, for the rows at these lines of it; nothing of a file that is no such table.

    Arguments:
        lines: `i64[S]`, where the reader's rows stand. sheet: of a workbook.

    Returns:
        names of the S rows by column, of those that are there.
    """
    above = _above(given, columns)
    if not columns or given.is_folder or above is None:
        return {}
    try:
        table = headed(load_table(given, sheet, skip=above, columns=_only(columns)))
    except ReadError:  # no table: a log, or JSON
        return {}
    at = heading_of(columns, table.heads or ())
    row = np.searchsorted(table.line, lines)
    if not at or not len(lines) or row.max() >= len(table.line) or np.any(table.line[row] != lines):
        return {}
    return {column: _names(table, place).take(row.astype(np.int64)) for column, place in at.items()}


def _names(table: RawTable, column: int) -> Names:
    return Names(*cell_values.names(table, column))


def _only(columns: Sequence[str]) -> Callable[[tuple[str, ...]], Columns]:
    return lambda heads: Columns(frozenset(), frozenset(heading_of(columns, heads).values()))


def _above(given: Given, columns: Sequence[str]) -> int | None:
    """Lines above the headings; None of a text in which no line has any of these columns."""
    if not given.lines:
        return 0
    return line_with(given, lambda heads: bool(heading_of(columns, heads)))


def require_found(columns: Sequence[str], names: Mapping[NameRole, Names] | Mapping[str, Names], file: str) -> None:
    """Refuse a column that stands neither in the recordings nor in a table that is joined.

    Raises:
        ReadError: naming the column.
    """
    if lost := [column for column in columns if role_of(column) not in names]:
        raise ReadError(
            f"{file}: there is no column {lost[0]!r} ({SETTING.columns}), neither in the recordings nor in a table that is "
            "joined.",
            hint=f"Give a table with a row for each trial, or participant, and this column: {SETTING.join} FILE.",
            setting="columns",
        )


def kept_of(columns: Sequence[str], text_of: Callable[[NameRole], tuple[str, ...] | None]) -> tuple[Covariate, ...]:
    """The kept columns of N trials. text_of: gives N texts of a role."""
    found = ((column, text_of(role_of(column))) for column in dict.fromkeys(columns))
    return tuple(Covariate(column, words=texts) for column, texts in found if texts is not None)


def kept_in_words(columns: Sequence[Covariate]) -> str:
    """The kept columns with their values: `sex (f, m)`."""
    return listed((f"{one.name} ({listed(dict.fromkeys(map(str, one.values)), 6)})" for one in columns), 12)
