"""A stimulus table from a file or DataFrame: one row for each stimulus, one column that names it, the others its covariates."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from smilejax._util.errors import ReadError, SettingsError, listed
from smilejax._util.json_files import sha256_of_file
from smilejax.readers.columns import cell_values, column_roles
from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.stimulus_table import Covariate, StimulusTable

MISSING = cell_values.MISSING_WORDS - {"none"}
"""Texts that stand for an empty cell; "none" can be a word like any other, as of a sound."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


def read_stimulus_table(
    path: str | Path | pd.DataFrame, *, stimulus: str | None = None, recordings: AnyRecording | None = None
) -> StimulusTable:
    """Read what is known of the stimuli besides their class.

    A column of numbers becomes a covariate of numbers, in the table's own unit; any other one, a covariate of words. A column
    without a heading is left out.

    Arguments:
        path: a table file (CSV, TSV, Excel, Parquet; text ones also packed), or a DataFrame, with one row per stimulus.
        stimulus: heading of the column that names the stimuli. None: it is recognised, as `stimulus`, `video` or `clip`.
        recordings: recordings whose column of stimuli may be headed in the same way.

    Raises:
        ReadError: with file, row, column and value of what cannot be read, and a hint.

    Example:
        >>> import pandas as pd
        >>> read_stimulus_table(pd.DataFrame({"video": ["A1", "H1"], "luminance": [70.2, 75.8], "source": ["AFEW", "MAHNOB"]}))
        StimulusTable(DataFrame; 2 stimuli; luminance (numbers), source (words))
    """
    given = _given(path)
    table = raw_table.without_empty_rows(raw_table.headed(raw_table.load_table(given)))
    heads = table.heads or ()
    at = _stimulus_column(table, stimulus, recordings)
    columns = [column for column, head in enumerate(heads) if column != at and head]
    _check_headings(table, [heads[column] for column in columns], heads[at])
    rows = _rows_of_stimuli(table, at, columns)
    notes: list[str] = []
    covariates = tuple(_covariate(table, column, rows, notes) for column in columns)
    digest = sha256_of_file(given.path) if given.path is not None else None
    return StimulusTable(table.name, tuple(rows), covariates, digest, tuple(notes))


def _given(path: str | Path | pd.DataFrame) -> Given:
    if isinstance(path, pd.DataFrame):
        return Given(None, path)
    if not isinstance(path, str | Path):
        raise SettingsError(setting="path", rule="a path or a DataFrame", value=path)
    return Given(Path(path).expanduser())


def _stimulus_column(table: RawTable, stimulus: str | None, recordings: AnyRecording | None) -> int:
    """The column that was named, or headed as in the recordings, or whose heading is a usual one."""
    heads = table.heads or ()
    named = [column for column, head in enumerate(heads) if stimulus is not None and _same(head, stimulus)]
    if stimulus is None:
        own = _heading_of(recordings)
        named = [column for column, head in enumerate(heads) if own is not None and _same(head, own)]
        aliases = column_roles.ALIASES["stimulus"]
        known = [
            (aliases.index(s), at) for at, head in enumerate(heads) if (s := column_roles.squeezed(head)) in aliases
        ]
        named = named or [at for _, at in sorted(known)[:1]]
    if len(named) == 1:
        return named[0]
    shown = listed(map(repr, heads), 20)
    if named:
        raise ReadError(
            f"{table.name}: one column names the stimuli; {len(named)} have its heading, of {shown}. Rename all but one."
        )
    wanted = "'stimulus', or as in the recordings" if stimulus is None else repr(stimulus)
    raise ReadError(
        f"{table.name}: no column names the stimuli. Head that column {wanted}; the columns are {shown}."
        + (" The whole first line is one column: its delimiter must be one of , ; tab |." if len(heads) == 1 else "")
    )


def _same(head: str, other: str) -> bool:
    return head.strip().casefold() == other.strip().casefold()


def _heading_of(recordings: AnyRecording | None) -> str | None:
    """The heading of the recordings' column of stimuli, where one was given or recognised."""
    kept = None if recordings is None else recordings.source.read
    if kept is None:
        return None
    heading = {**kept.recognised, **kept.given}.get("stimulus")
    return heading if isinstance(heading, str) else None


def _check_headings(table: RawTable, covariates: list[str], stimulus: str) -> None:
    if not covariates:
        raise ReadError(
            f"{table.name}: a stimulus table has a covariate besides the column {stimulus!r}, as luminance or source; there "
            "is none with a heading."
        )
    for name in covariates:
        if sum(_same(name, other) for other in covariates) > 1:
            raise ReadError(f"{table.name}: two columns are called {name!r}. Rename one, or remove it.")
        if _same(name, "stimulus"):
            raise ReadError(
                f"{table.name}: the column {stimulus!r} names the stimuli, and so does {name!r} by its heading. Rename "
                "one, or remove it."
            )


def _rows_of_stimuli(table: RawTable, at: int, columns: list[int]) -> dict[str, int]:
    """The first row of each stimulus."""
    codes, names = cell_values.names(table, at)
    rows: dict[str, int] = {}
    for row, code in enumerate(codes.tolist()):
        name = names[code]
        if not name:
            raise ReadError(
                f"{table.at(row)}: every row names its stimulus; this one does not. Name it, or remove the row."
            )
        first = rows.setdefault(name, row)
        for column in columns:
            here, there = (cell_values.plain(table.cells[column].iloc[one]) for one in (row, first))
            if here != there:
                raise ReadError(
                    f"{table.at(row)}: stimulus {name!r} stands in {table.place} {table.line[first]} already, where "
                    f"{(table.heads or ())[column]!r} is {there!r} and not {here!r}. A stimulus has one row."
                )
    return rows


def _covariate(table: RawTable, column: int, rows: dict[str, int], notes: list[str]) -> Covariate:
    """A column as numbers, where all its cells are numbers, or as words, where none is."""
    name = (table.heads or ())[column]
    cells = table.cells[column]
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        if (odd := np.isinf(values)).any():
            raise ReadError(
                f"{table.at(int(odd.argmax()))}, column {name!r}: a number must be finite; this one is not."
            )
        return Covariate(name, numbers=tuple(None if np.isnan(v) else float(v) for v in values[list(rows.values())]))
    words = {row: _text(cells.iloc[row]) for row in rows.values()}
    present = {row: word for row, word in words.items() if word}
    pointed = {row for row, word in present.items() if _NUMBER.fullmatch(word)}
    comma = {row for row, word in present.items() if _WITH_COMMA.fullmatch(word)}
    if not pointed | comma:
        return Covariate(name, words=tuple(words.values()))
    _check_all_numbers(table, column, present, pointed, comma)
    if comma:
        notes.append(f"The commas in {name} are decimal commas.")
    return Covariate(name, numbers=tuple(float(word.replace(",", ".")) if word else None for word in words.values()))


def _text(cell: object) -> str:
    """A cell as text, empty where it stands for no value. Numbers of a workbook keep their digits."""
    text = repr(float(cell)) if isinstance(cell, float) and not np.isnan(cell) else cell_values.plain(cell)
    return "" if text.casefold() in MISSING else text


def _check_all_numbers(
    table: RawTable, column: int, present: dict[int, str], pointed: set[int], comma: set[int]
) -> None:
    """Refuse words among numbers, and commas that may stand between thousands."""
    place = f"column {cell_values.heading(table, column)}"
    for row, word in present.items():
        if row not in pointed | comma:
            raise ReadError(
                f"{table.at(row)}, {place}: a covariate is numbers or words; {len(pointed | comma)} cells of this column are "
                f"numbers, and this one holds {word!r}. Correct it; numbers that are names take a letter before them."
            )
    whole = {row for row in pointed if "." not in present[row]}
    if comma and (pointed - whole or all(_THOUSANDS.fullmatch(present[row]) for row in comma)):
        row = min(comma)
        raise ReadError(
            f"{table.at(row)}, {place}: the comma of {present[row]!r} can be a decimal comma or stand between thousands. Write "
            "all numbers of the column with a decimal point."
        )
