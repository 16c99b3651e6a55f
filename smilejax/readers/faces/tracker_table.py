"""What tables of face trackers have in common: where the table begins, numbers and their range, time, names."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.files.raw_table import RawTable, headed, load_table, without_empty_rows
from smilejax.readers.given import Given, line_with, lowered
from smilejax.readers.samples import SECONDS, Names, TimeUnit
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

USES = frozenset(
    (
        *("participant", "trial", "label", "stimulus", "time", "time_unit", "rate_hz"),
        *("names_from", "label_from", "join", "decimal", "sheet"),
    )
)
"""Settings that are used for the table of any tracker."""
EMPTY = ("", "na", "nan", "null", "none", "-nan", "-nan(ind)")
"""How a missing number may be written, case aside."""
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A column of a tracker's table.

    Arguments:
        column: where it stands. name: of the measure, as `Faces` has it.
        low, high: the range of its scale; what lies outside is no such measure.
        words: values that are words, and the numbers that they stand for, in upper case; NaN for what is missing.
    """

    column: int
    name: str
    low: float = -np.inf
    high: float = np.inf
    words: Mapping[str, float] | None = None


def heading_line(given: Given, known: Callable[[frozenset[str]], bool]) -> int | None:
    """The first line whose headings, in lower case, are such a table's; 0 for a DataFrame or a file that is no text. None
    where there is none."""
    if given.is_folder:
        return None
    if not given.lines:
        return 0 if known(lowered(given.heads)) else None
    return line_with(given, lambda heads: known(lowered(heads)))


def loaded(given: Given, skip: int | None, settings: ReadSettings) -> RawTable:
    """The table below so many lines.

    Raises:
        ReadError: there is none, or two columns have one heading.
    """
    if skip is None:
        raise ReadError(f"{given.name}: there is no line with the headings of this layout ({SETTING.layout}).")
    return without_empty_rows(headed(load_table(given, settings.sheet, skip=skip)))


def heads_of(table: RawTable) -> dict[str, int]:
    """Column of each heading, in lower case; the first of equal ones."""
    return {head.casefold(): column for column, head in reversed(list(enumerate(table.heads or ())))}


def texts(table: RawTable, column: int) -> list[str]:
    """The cells of a column as text."""
    return ["" if cell is None or cell != cell else str(cell).strip() for cell in table.cells.iloc[:, column]]


def numbers(
    table: RawTable,
    column: int,
    settings: ReadSettings,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    words: Mapping[str, float] | None = None,
) -> F64:
    """A column of numbers within a range; NaN where a cell is empty.

    Raises:
        ReadError: with line, column and value of what is no number, or out of range.
    """
    cells = texts(table, column)
    known = words or {}
    found = np.full(len(cells), np.nan)
    head = (table.heads or ())[column]
    for row, cell in enumerate(cells):
        if cell.upper() in known:
            found[row] = known[cell.upper()]
        elif cell.casefold() not in EMPTY:
            try:
                found[row] = float(cell.replace(settings.decimal, ".") if settings.decimal != "." else cell)
            except ValueError:
                comma = f" Give {SETTING.decimal} ','." if re.fullmatch(r"-?\d+,\d+", cell) else ""
                raise ReadError(f"{table.at(row)}: {head} must be a number or empty; it is {cell!r}.{comma}") from None
            if not low <= found[row] <= high:
                raise ReadError(
                    f"{table.at(row)}: {head} must be between {low:g} and {high:g}; it is {cell}. Is it another program's "
                    "table, or in percent?"
                )
    return found


def time_ms(
    table: RawTable, known: Mapping[str, TimeUnit], settings: ReadSettings, frame: str | None = None
) -> tuple[F64 | None, Finding | None]:
    """Time of each row in ms, and how it was found; None where the table has none.

    Arguments:
        known: headings of columns with the time, in lower case, and their units; a clock (`0:01:02.500`) needs none.
        frame: heading of the column that counts frames, for `rate_hz`.
    """
    at = heads_of(table)
    own = settings.time
    if own is not None and own.casefold() not in at:
        raise ReadError(f"{table.name}: there is no column {own!r} ({SETTING.time}).", setting="time")
    head = own.casefold() if own is not None else next((name for name in known if name in at), None)
    if head is not None:
        unit = settings.time_unit or known.get(head)
        cells = texts(table, at[head])
        if any(_CLOCK.fullmatch(cell) for cell in cells):
            clock = np.array([_clock_ms(cell, table, row) for row, cell in enumerate(cells)])
            return clock, Finding("time", f"column {(table.heads or ())[at[head]]!r}, a clock", "recognised")
        if unit is None:
            raise ReadError(
                f"{table.name}: the unit of the times in column {head!r} is not known. Give {SETTING.time_unit}.",
                setting="time_unit",
            )
        values = numbers(table, at[head], settings) * SECONDS[unit] * 1000
        return values, Finding("time", f"column {(table.heads or ())[at[head]]!r}, in {unit}", "recognised")
    if settings.rate_hz is not None:
        count = np.arange(len(table.line), dtype=float)
        if frame is not None and frame in at:
            count = numbers(table, at[frame], settings)
        return count * 1000 / settings.rate_hz, Finding("time", f"frames, at {settings.rate_hz:g} Hz", "given")
    return None, None


def _clock_ms(cell: str, table: RawTable, row: int) -> float:
    if (found := _CLOCK.fullmatch(cell)) is None:
        raise ReadError(f"{table.at(row)}: the time must be as in the other rows, 0:01:02.500; it is {cell!r}.")
    hours, minutes, seconds = found.groups()
    return 1000 * (3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", ".")))


def row_names(
    table: RawTable, given: Given, settings: ReadSettings, known: Mapping[str, Sequence[str]]
) -> dict[str, Names]:
    """Names of each row: of the file, and what columns name.

    Arguments:
        known: for "video", "smiler", "label" and "stimulus" headings in lower case, the better first.
    """
    at, rows = heads_of(table), len(table.line)
    stem = PurePath(given.name).name
    for _ in range(2):  # `a.csv.gz`
        stem = PurePath(stem).stem if "." in stem else stem
    names = {"file": Names.one(stem, rows)}
    asked = {
        "video": settings.trial[0] if settings.trial else None,
        "smiler": settings.participant,
        "label": settings.label,
        "stimulus": settings.stimulus,
    }
    for role, own in asked.items():
        if own is not None and own.casefold() not in at:
            heads = listed(table.heads or (), 12)
            raise ReadError(f"{table.name}: there is no column {own!r}. There are {heads}.", setting=_SETTING[role])
        head = own.casefold() if own is not None else next((one for one in known.get(role, ()) if one in at), None)
        if head is not None:
            names[role] = Names.of(texts(table, at[head]))
    return names if "video" in names else {**names, "video": names["file"]}


OWN_COLUMNS: Mapping[str, Sequence[str]] = {
    "video": ("video",),
    "smiler": ("smiler", "participant", "subject"),
    "label": ("label", "class"),
}
"""Headings of columns that users put beside those of a tracker."""
_SETTING = {"video": "trial", "smiler": "participant", "label": "label", "stimulus": "stimulus"}


def face_rows(
    table: RawTable,
    measured: Sequence[Measured],
    settings: ReadSettings,
    *,
    names: Mapping[str, Names],
    time: tuple[F64 | None, Finding | None],
    confidence: F64 | None = None,
    found: npt.NDArray[np.bool_] | None = None,
    findings: Sequence[Finding] = (),
) -> FaceRows:
    """Rows of frames, from a tracker's columns.

    Arguments:
        found: `bool[S]`, whether a face was found; the measures of other frames are missing. None takes all.
    """
    read = (numbers(table, one.column, settings, low=one.low, high=one.high, words=one.words) for one in measured)
    values = np.stack(list(read), axis=1)
    if found is not None:
        values[~found] = np.nan
    ms, said = time
    about = Finding("measures", ", ".join(one.name for one in measured), "recognised")
    return FaceRows(
        file=table.name,
        line=np.asarray(table.line, np.int64),
        names=names,
        time_ms=ms,
        values=values,
        channels=tuple(one.name for one in measured),
        confidence=confidence,
        covariates={},
        findings=(about, *([said] if said else []), *findings),
    )
