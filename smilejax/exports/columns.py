"""Tables whose every column is described: what it means, its unit, its type, its range. A dictionary cannot miss one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from smilejax._util.typed_json import JsonValue

Cell = str | int | float | bool | None
Kind = Literal["text", "whole number", "number", "true or false"]
DTYPES: dict[Kind, str] = {"text": "object", "whole number": "Int64", "number": "float64", "true or false": "boolean"}
UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
"""Text that begins with one of these is written with an apostrophe before it. Spreadsheets take the first seven for a formula;
the last is there so that taking one apostrophe off gives every text back."""
DICTIONARY_COLUMNS = ("table", "column", "meaning", "type", "unit", "range", "empty")


@dataclass(frozen=True)
class Column:
    """One column.

    Arguments:
        name: its heading. meaning: in a sentence. kind: type of its cells.
        unit: of numbers; empty for counts, proportions and texts. range: of its values in words; empty where any.
        empty: when a cell is empty; "never".
    """

    name: str
    meaning: str
    kind: Kind = "number"
    unit: str = ""
    range: str = ""
    empty: str = "never"


@dataclass(frozen=True)
class DescribedTable:
    """A tidy table with its dictionary.

    Arguments:
        name: of its file, without suffix. about: what a row is. columns: in their order. rows: cells by names of columns.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]

    def frame(self) -> pd.DataFrame:
        """The table as it is written: types by the dictionary, text guarded against being taken for a formula.

        Raises:
            ValueError: a row has other columns than the dictionary.
        """
        names = [column.name for column in self.columns]
        for row in self.rows:
            if set(row) != set(names):
                raise ValueError(f"{self.name}: a row has {sorted(set(row) ^ set(names))} besides what is described")
        made = {
            column.name: pd.Series(
                [self._cell(column, row[column.name]) for row in self.rows], dtype=DTYPES[column.kind]
            )
            for column in self.columns
        }
        return pd.DataFrame(made, columns=names)

    @staticmethod
    def _cell(column: Column, value: Cell) -> Cell:
        if column.kind == "text":
            return None if value is None else guarded(str(value))
        return None if value is None or value != value else value


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `unguarded` gives it back.

    Example:
        >>> guarded("=1+1"), guarded("p01"), guarded("'so'")
        ("'=1+1", 'p01', "''so'")
    """
    return f"'{text}" if text.startswith(UNSAFE) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text.removeprefix("'")


def dictionary(tables: Iterable[DescribedTable]) -> pd.DataFrame:
    """One row for each column of each table."""
    rows = [
        (table.name, column.name, column.meaning, column.kind, column.unit, column.range, column.empty)
        for table in tables
        for column in table.columns
    ]
    return pd.DataFrame([[guarded(text) for text in row] for row in rows], columns=list(DICTIONARY_COLUMNS))


def dictionary_json(tables: Iterable[DescribedTable]) -> dict[str, JsonValue]:
    """The same as JSON: by table and column."""
    return {
        table.name: {
            "file": f"{table.name}.csv",
            "about": table.about,
            "rows": len(table.rows),
            "columns": {
                column.name: {
                    "meaning": column.meaning,
                    "type": column.kind,
                    "unit": column.unit,
                    "range": column.range,
                    "empty": column.empty,
                }
                for column in table.columns
            },
        }
        for table in tables
    }
