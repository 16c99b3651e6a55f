"""Workbooks with one sheet per stimulus and one column per participant, one workbook for each eye (the project
report's own)."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import column_roles, eye_rows
from smilejax.readers.columns.cell_values import MISSING_WORDS, plain
from smilejax.readers.files import raw_table
from smilejax.readers.files.files_of_folder import files_of, may_hold_recordings
from smilejax.readers.given import EXCEL_SUFFIXES, Given
from smilejax.readers.samples import EYES_IN_ORDER, Eye, Names, Samples
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "observer-columns"
WORDS = "workbooks with a sheet per stimulus and a column per participant, one for each eye"
SOFTWARE = "faceLAB exports kept in Excel, as the project report's recordings"
LIMITS = "no time column: the samples per second are given"
USES = frozenset(("sheet",))

MIN_SERIES = 2
"""Columns of numbers with a name above that a sheet of this layout has at least."""

FEWEST_NUMBERS = 20
"""A sheet with fewer numbers, and no names above columns of them, describes the others."""

HEADER_ROWS = 12
"""Rows from the top among which the names of participants are looked for."""

_EYE = re.compile(r"(?i:(?<![a-z])(?:left|right|l|r)(?![a-z])|left|right)|^[LR](?=E)")


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is one such workbook, or a folder with one for each eye and no other table."""
    try:
        books = _books(given)
    except ReadError:
        return False
    return bool(books) and all(_looks_so(book) for book in books.values())


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read the workbooks of both eyes, or of one.

    Raises:
        ReadError: naming the workbook, sheet and cell that cannot be read, or the eye that is not clear.
    """
    books = _books(given)
    if not books:
        raise ReadError(
            f"{given.name}: the layout {NAME} is a workbook for each eye; none was found whose name says its eye."
        )
    series: dict[tuple[str, str], dict[Eye, npt.NDArray[np.float64]]] = {}
    findings: list[Finding] = []
    for eye, book in books.items():
        found, header, texts = _series(book, settings)
        if texts:
            value = (
                f"{listed(map(repr, texts), 6)} of {book.path.name if book.path else ''}, which hold hardly any numbers"
            )
            findings.append(Finding("sheets left out", value, "warning"))
        for key, values in found.items():
            series.setdefault(key, {})[eye] = values
        findings.append(
            Finding(
                f"{eye} eye" if len(books) > 1 else "eye",
                f"{book.path.name if book.path else ''}: {header}",
                "recognised",
            )
        )
    return _samples(given.name, series, tuple(books), findings)


def _books(given: Given) -> dict[Eye, Given]:
    """The workbooks by the eye that their names say."""
    if given.is_file and given.suffix in EXCEL_SUFFIXES:
        assert given.path is not None
        eye = eye_of(given.path.stem)
        return {} if eye is None else {eye: given}
    if not given.is_folder:
        return {}
    assert given.path is not None
    files = [Given(path) for path in may_hold_recordings(files_of(given.path))]
    if any(file.suffix not in EXCEL_SUFFIXES for file in files) or not 1 <= len(files) <= 2:
        return {}
    books = {eye: file for file in files if file.path is not None and (eye := eye_of(file.path.stem)) is not None}
    return dict(sorted(books.items())) if len(books) == len(files) else {}


def eye_of(name: str) -> Eye | None:
    """The eye that a file's name says: `left_pupil`, `pupil-R`, `LEPD` (left eye pupil dilation)."""
    found = {match[0][0].lower() for match in _EYE.finditer(name)}
    return None if len(found) != 1 else "left" if found == {"l"} else "right"


def _looks_so(book: Given) -> bool:
    """Whether a sheet holds named columns of numbers, and none of the headings of a table with one row per sample."""
    names = raw_table.sheets(book)
    if len(names) < 2:
        return False
    sheets = (raw_table.rows_of_sheet(book, name) for name in names)
    rows: list[list[Any]] = next(
        (rows for rows in sheets if _header(rows, MIN_SERIES) is not None or not _is_text(rows)), []
    )
    at = _header(rows, MIN_SERIES)
    if at is None:
        return False
    heads = [plain(value) for value in rows[at]]
    return not any(
        column_roles.is_time(h) or column_roles.squeezed(h) in column_roles.ALIASES["trial"] for h in heads if h
    )


def _header(rows: list[list[Any]], least: int = 1) -> int | None:
    """The row with the names of participants: the first with names in at least so many columns under all of which numbers
    follow."""
    for at, row in enumerate(rows[:HEADER_ROWS]):
        named = [
            c for c, value in enumerate(row) if isinstance(value, str) and value.strip() and not _is_missing(value)
        ]
        if len(named) >= least and all(_numeric_below(rows[at + 1 :], column) for column in named):
            return at
    return None


def _is_text(rows: list[list[Any]]) -> bool:
    """Whether a sheet holds hardly any numbers, as one that describes the others."""
    cells = (value for row in rows for value in row)
    numbers = (1 for value in cells if isinstance(value, int | float) and not isinstance(value, bool))
    return sum(islice(numbers, FEWEST_NUMBERS)) < FEWEST_NUMBERS


def _numeric_below(rows: list[list[Any]], column: int) -> bool:
    for row in rows:
        value = row[column] if column < len(row) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return True
        if value is not None and not (isinstance(value, str) and _is_missing(value)):
            return False
    return False


def _is_missing(value: str) -> bool:
    return value.strip().casefold() in MISSING_WORDS


def _series(
    book: Given, settings: ReadSettings
) -> tuple[dict[tuple[str, str], npt.NDArray[np.float64]], str, tuple[str, ...]]:
    """Every column of every sheet, by (sheet, participant), how the headings were found, and the sheets left out."""
    found: dict[tuple[str, str], npt.NDArray[np.float64]] = {}
    names = raw_table.sheets(book) if settings.sheet is None else (settings.sheet,)
    headers, texts = [], []
    for sheet in names:
        rows = raw_table.rows_of_sheet(book, sheet)
        at = _header(rows)
        if at is None:
            if not _is_text(rows):
                raise ReadError(
                    f"{book.name} [{sheet}]: no row with the names of participants above columns of numbers was found. Where "
                    f"the sheet holds no recordings, take it out; {SETTING.sheet} NAME reads one sheet alone."
                )
            texts += [sheet] if any(row for row in rows) else []
            continue
        headers.append(at + 1)
        for column, value in enumerate(rows[at]):
            who = plain(value)
            if not who:
                _check_empty(book, sheet, rows, at, column)
                continue
            if (sheet, who) in found:
                raise ReadError(f"{book.name} [{sheet}]: two columns are called {who!r}. Rename one.")
            values = _column(book, sheet, rows, at, column)
            if len(values):
                found[sheet, who] = values
    rows_said = listed(dict.fromkeys(str(h) for h in headers))
    said = f"{len(names) - len(texts)} sheets, names in row {rows_said}, {len(found)} series"
    return found, said, tuple(texts)


def _check_empty(book: Given, sheet: str, rows: list[list[Any]], at: int, column: int) -> None:
    for line, row in enumerate(rows[at + 1 :], at + 2):
        value = row[column] if column < len(row) else None
        if value is not None and plain(value):
            raise ReadError(
                f"{book.name} [{sheet}], row {line}: column {column + 1} holds {plain(value)!r} and has no "
                f"name in row {at + 1}."
            )


def _column(book: Given, sheet: str, rows: list[list[Any]], at: int, column: int) -> npt.NDArray[np.float64]:
    """The numbers of a column, down to its last filled cell; an empty cell above it is missing, as the text NaN is."""
    values: list[float] = []
    last = 0
    for line, row in enumerate(rows[at + 1 :], at + 2):
        value = row[column] if column < len(row) else None
        if isinstance(value, bool) or (isinstance(value, str) and value.strip() and not _is_missing(value)):
            raise ReadError(
                f"{book.name} [{sheet}], row {line}, column {plain(rows[at][column])!r}: {value!r} is no number."
            )
        if value is not None and not (isinstance(value, str) and not value.strip()):
            last = len(values) + 1
        values.append(float(value) if isinstance(value, int | float) else np.nan)
    return np.array(values[:last])


def _in_one_workbook(
    series: Mapping[tuple[str, str], Mapping[Eye, npt.NDArray[np.float64]]], eyes: tuple[Eye, ...]
) -> list[Finding]:
    """Sheets and participants of which one eye's workbook knows nothing: a name may be spelled in two ways."""
    findings = []
    for place, what in enumerate(("sheets", "participants")):
        held = {eye: dict.fromkeys(key[place] for key, of in series.items() if eye in of) for eye in eyes}
        alone = {eye: [n for n in held[eye] if any(n not in held[other] for other in eyes)] for eye in eyes}
        said = [f"{listed(map(repr, names), 6)} in that of the {eye} eye" for eye, names in alone.items() if names]
        if said:
            value = f"{' and '.join(said)} alone: are they called otherwise in the other workbook?"
            findings.append(Finding(f"{what} in one workbook", value, "warning"))
    return findings


def _samples(
    name: str,
    series: Mapping[tuple[str, str], Mapping[Eye, npt.NDArray[np.float64]]],
    eyes: tuple[Eye, ...],
    findings: list[Finding],
) -> Samples:
    pieces, lines = [], []
    differing = []
    for (sheet, who), of in series.items():
        both = np.full((max(map(len, of.values())), 2), np.nan)
        for eye, values in of.items():
            both[: len(values), EYES_IN_ORDER.index(eye)] = values
        if len({len(v) for v in of.values()}) > 1:
            differing.append(f"{sheet} of {who}")
        pieces.append(both)
        lines.append(np.arange(1, len(both) + 1))
    if not pieces:
        raise ReadError(f"{name}: the workbooks hold no series.")
    length = [len(piece) for piece in pieces]
    sheets = Names.of([sheet for sheet, _ in series]).take(np.repeat(np.arange(len(pieces)), length))
    people = Names.of([who for _, who in series]).take(np.repeat(np.arange(len(pieces)), length))
    if len(eyes) > 1:
        counts = {eye: sum(list(of) == [eye] for of in series.values()) for eye in eyes}
        both_eyes = sum(len(of) == 2 for of in series.values())
        parts = [f"{both_eyes} with both", *(f"{n} with the {eye} alone" for eye, n in counts.items() if n)]
        findings.append(Finding("eyes of trials", ", ".join(parts), "recognised"))
        findings += [*_in_one_workbook(series, eyes), *eye_rows.same_eyes(np.concatenate(pieces))]
    if differing:
        findings.append(
            Finding(
                "eyes of different length", f"{listed(differing)}: the rest of the shorter one is missing", "recognised"
            )
        )
    return Samples(
        file=name,
        place="sample",
        line=np.concatenate(lines),
        pupil=np.concatenate(pieces),
        eyes=tuple(eye for eye in EYES_IN_ORDER if eye in eyes),
        names={"participant": people, "stimulus": sheets, "sheet": sheets},
        findings=(
            *findings,
            Finding("stimulus", "the name of the sheet", "recognised"),
            Finding("participant", "the name of the column", "recognised"),
        ),
    )
