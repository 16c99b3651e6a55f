"""A table with one trial per column or per row: which of the two, what its edges say, and its samples."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import cell_values, column_roles
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import TimeUnit

Orientation = Literal["column", "row"]
EdgeKind = Literal["names", "count", "ids", "rising", "values"]
"""What an edge holds: texts; 0, 1, 2, ... or 1, 2, 3, ...; whole numbers beside fractions; rising ones; or samples."""

_LONG = 8
"""So many rising numbers may be an axis of time."""

_GROWTH = 7
"""An axis of time begins at or near 0; a pupil never grows so many times (1.5 to 9 mm: Kret & Sjak-Shie 2019)."""

_LATE = 1e5
"""Or it begins beyond any pupil, as timestamps counted from long ago do."""

_SAMPLE_NAME = re.compile(r"(t|time|sample|frame|bin)[\s_-]*\d+([.,]\d+)?|\d+([.,]\d+)?\s*(ms|s)", re.IGNORECASE)
_COUNTERS = frozenset(("", "index", "sample", "samples", "frame", "bin", "timebin", "row", "unnamed0"))
"""Headings, squeezed, of a column that only counts the samples."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """Trials of one table: n names (None where it names none), `f64[T, n]` samples as written, and its time, if any."""

    table: str
    names: tuple[str, ...] | None
    samples: npt.NDArray[np.float64]
    time: npt.NDArray[np.float64] | None
    time_unit: TimeUnit | None


@dataclass(frozen=True, eq=False)
class Edges:
    """The first row and the first column of a table, as texts, and what they hold; `values` where they are samples."""

    table: RawTable
    top: tuple[str, ...]
    side: tuple[str, ...]
    top_kind: EdgeKind
    side_kind: EdgeKind


def look(table: RawTable, decimal: str) -> Edges:
    """Look at the edges of a table."""
    table = _with_heads_as_row(table)
    top = tuple(cell_values.plain(v) for v in table.cells.iloc[0])
    side = tuple(cell_values.plain(v) for v in table.cells.iloc[:, 0])
    inner = [cell_values.plain(v) for v in table.cells.iloc[1:6, 1:].to_numpy(dtype=object).ravel()[:200]]
    below = inner or list(side[1:6] if len(top) == 1 else top[1:6])
    known = [_number(w, decimal) for w in below if not _missing(w)]
    fractions = sum(n % 1 != 0 for n in known) * 2 > len(known)
    return Edges(table, top, side, _edge(top, decimal, fractions), _edge(side, decimal, fractions))


def infer(edges: Edges) -> Orientation | None:
    """Whether a trial is a column or a row; None where neither headings nor shape tell.

    A heading for time settles it, then names of samples (t0, t1, ...), then names on one side only; else the longer
    side is time.
    """
    top_names, side_names = edges.top_kind == "names", edges.side_kind == "names"
    timed = column_roles.is_time(edges.top[0])
    if any(column_roles.is_time(word) for word in edges.top[1:]) or (timed and top_names and not side_names):
        return "column"
    if any(column_roles.is_time(word) for word in edges.side[1:]) or (timed and side_names and not top_names):
        return "row"
    longer = _longer(edges)
    if top_names and _name_samples(edges.top) and (side_names or longer == "row"):
        return "row"
    if side_names and _name_samples(edges.side) and (top_names or longer == "column"):
        return "column"
    if top_names != side_names:
        return "column" if top_names else "row"
    return longer


def _longer(edges: Edges) -> Orientation | None:
    height = len(edges.side) - (edges.top_kind != "values")
    width = len(edges.top) - (edges.side_kind != "values")
    return None if height == width else "column" if height > width else "row"


def take_trials(edges: Edges, orientation: Orientation, decimal: str) -> Lanes:
    """The trials of a table.

    Raises:
        ReadError: naming the cell that is no number, or a name that stands twice.
    """
    if orientation == "column":
        heads, head_kind, axis_kind = edges.top, edges.top_kind, edges.side_kind
    else:
        heads, head_kind, axis_kind = edges.side, edges.side_kind, edges.top_kind
    named = head_kind != "values"
    time = next((i for i, head in enumerate(heads) if column_roles.is_time(head)), None) if named else None
    unnamed_axis = time is None and axis_kind == "rising"
    time = 0 if unnamed_axis else time
    counters = {i for i, head in enumerate(heads) if i and named and column_roles.squeezed(head) in _COUNTERS - {""}}
    dropped = ({0} if axis_kind != "values" and time != 0 else set()) | counters
    values = _values(edges, orientation, named, 0 in dropped, decimal)
    lanes = [i for i in range(len(heads)) if i not in dropped and i != time]
    lanes = [i for i in lanes if not np.isnan(values[:, i]).all() or (named and heads[i])]
    if not lanes:
        raise ReadError(
            f"{edges.table.name}: no trial was found in this table. Say how trials stand: {SETTING.orientation} column or row"
        )
    names = tuple(heads[i] for i in lanes) if named else None
    _check_unique(edges.table.name, names)
    unit = column_roles.time_unit(heads[time]) if time is not None and named else None
    return Lanes(edges.table.name, names, values[:, lanes], None if time is None else values[:, time], unit)


def _values(
    edges: Edges, orientation: Orientation, named: bool, axis_dropped: bool, decimal: str
) -> npt.NDArray[np.float64]:
    """Samples as `f64[T, lanes]`; a lane that is dropped stays NaN."""
    skip_row, skip_column = (named, axis_dropped) if orientation == "column" else (axis_dropped, named)
    table = edges.table.rows(np.arange(len(edges.side)) >= int(skip_row))
    values = np.full((len(table.line), len(edges.top)), np.nan)
    for column in range(int(skip_column), len(edges.top)):
        values[:, column] = cell_values.numbers(table, column, decimal)
    if orientation == "column":
        return values
    whole = np.full((len(edges.side), len(edges.top)), np.nan)
    whole[int(skip_row) :] = values
    return whole[:, int(skip_column) :].T


def _check_unique(name: str, names: tuple[str, ...] | None) -> None:
    seen: set[str] = set()
    for trial in names or ():
        if trial in seen:
            raise ReadError(f"{name}: each trial must have its own name; {trial!r} stands twice. Rename one.")
        if not trial:
            raise ReadError(
                f"{name}: a trial with samples has no name, beside {listed(n for n in names or () if n)}. Name it."
            )
        seen.add(trial)


def _with_heads_as_row(table: RawTable) -> RawTable:
    """Parquet keeps headings apart; here they are a row like those of the other formats."""
    if table.heads is None:
        return table
    top = pd.DataFrame([list(table.heads)], columns=table.cells.columns, dtype=object)
    body = pd.concat([top, table.cells.astype(object)], ignore_index=True)
    return replace(table, cells=body, heads=None, line=np.concatenate(([0], table.line)))


def _missing(word: str) -> bool:
    return word.casefold() in cell_values.MISSING_WORDS


def _number(word: str, decimal: str) -> float:
    """The number a text holds, with a decimal comma too, or NaN."""
    try:
        number = float(word.replace(",", ".", 1) if decimal == "," or word.count(",") == 1 else word)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) and "_" not in word else math.nan  # Python takes 1_2 for 12


def _edge(words: Sequence[str], decimal: str, fractions: bool) -> EdgeKind:
    """What an edge holds. Its first word is the corner, which may be the other edge's: it counts only where needed."""
    rest = _kind(words[1:], decimal, fractions)
    whole = _kind(words, decimal, fractions)
    return whole if rest == "values" and whole != "rising" else rest


def _kind(words: Sequence[str], decimal: str, fractions: bool) -> EdgeKind:
    known = [w for w in words if not _missing(w)]
    numbers = np.array([_number(w, decimal) for w in known])
    texts = int(np.isnan(numbers).sum())
    if known and texts * 2 >= len(known):
        return "names"
    if texts or len(known) < len(words) or len(words) < 2:
        return "values"
    with np.errstate(over="ignore"):  # of two huge numbers
        steps = np.diff(numbers)
    whole = bool(np.all(numbers % 1 == 0))
    if whole and np.all(steps == 1) and numbers[0] in (0, 1):
        return "count"
    first, last = float(numbers[0]), float(numbers[-1])
    if len(words) >= _LONG and bool(np.all(steps > 0)) and (first <= 0 or last > _GROWTH * first or first > _LATE):
        return "rising"
    return "ids" if whole and fractions and len(np.unique(numbers)) == len(numbers) else "values"


def _name_samples(words: Sequence[str]) -> bool:
    """Whether an edge names samples, not trials: t0, t1, ... or 16.7 ms."""
    rest = words[1:]
    return len(rest) > 1 and sum(bool(_SAMPLE_NAME.fullmatch(w)) for w in rest) * 2 > len(rest)
