"""Blinks that the tracker itself reports, as a file writes them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values
from smilejax.readers.columns.column_roles import BLINK_IDS, ColumnRoles, Role, flag, squeezed
from smilejax.readers.files.raw_table import RawTable
from smilejax.recordings.source import Finding

_SIDES: tuple[Role, ...] = ("blink_left", "blink_right")
_YES, _NO = ("true", "yes"), ("false", "no", *cell_values.MISSING_WORDS)


def of_rows(table: RawTable, roles: ColumnRoles, decimal: str = ".") -> npt.NDArray[np.bool_] | None:
    """`bool[R, 2]`: in which rows the left and the right eye blink, or None where the table has no column of blinks.

    An eye's own column goes before that of both eyes; an eye that has neither does not blink.

    Raises:
        ReadError: naming the row, column and value of the first cell that says neither yes nor no.
    """
    if not any(role in roles.at for role in (*_SIDES, "blink")):
        return None
    marks = np.zeros((len(table.line), 2), np.bool_)
    both = _marked(table, roles, "blink", decimal) if "blink" in roles.at else None
    for eye, role in enumerate(_SIDES):
        if role in roles.at:
            marks[:, eye] = _marked(table, roles, role, decimal)
        elif both is not None:
            marks[:, eye] = both
    return marks


def finding(marks: npt.NDArray[np.bool_], recorded: Sequence[int] = (0, 1)) -> Finding:
    """How many of the S samples are in a blink, `bool[S, 2]`, for each eye that was recorded unless both always blink
    together."""
    shares = [f"{n} of {len(marks)} ({n / len(marks):.1%})" for n in marks.sum(axis=0).tolist()]
    together = bool((marks[:, 0] == marks[:, 1]).all())
    value = shares[recorded[0]] if together or len(recorded) == 1 else f"left: {shares[0]}, right: {shares[1]}"
    return Finding("samples in a blink", value, "inferred")


def _marked(table: RawTable, roles: ColumnRoles, role: Role, decimal: str) -> npt.NDArray[np.bool_]:
    """`bool[R]` of a column: 1, true or yes; in one that numbers the blinks any number above 0."""
    column = roles.at[role]
    numbered = any(name in squeezed((table.heads or ())[column]) for name in BLINK_IDS)
    codes, names = cell_values.names(table, column)
    values = _values([name.casefold() for name in names], decimal)
    known = (values == 0) | (values == 1) | (numbered & (values > 0) & np.isfinite(values))
    if not known[codes].all():
        row = int(np.argmin(known[codes]))
        raise ReadError(
            f"{table.at(row)}, column {cell_values.heading(table, column)}: {_unknown(names[codes[row]], role)}"
        )
    return np.asarray(values > 0)[codes]


def _values(words: list[str], decimal: str) -> npt.NDArray[np.float64]:
    """Casefolded words as 0 or 1, numbers as they are, NaN for anything else."""
    said = {**dict.fromkeys(_YES, "1"), **dict.fromkeys(_NO, "0")}
    pointed = [said.get(word, word.replace(",", ".") if decimal == "," else word) for word in words]
    return np.asarray(pd.to_numeric(pd.Series(pointed, dtype=object), errors="coerce"), np.float64)


def _unknown(value: str, role: Role) -> str:
    eye = role.removeprefix("blink").replace("_", " ")
    return (
        f"a blink must be 1, true or yes, and no blink 0, false, no or empty; the cell holds {value!r}. If the column "
        f"numbers the blinks, call it 'blink id{eye}'; if it holds something else, rename it, or name the right one: "
        f"{flag(role)} NAME"
    )
