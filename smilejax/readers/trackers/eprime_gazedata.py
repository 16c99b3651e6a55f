"""E-Prime with Tobii's extensions: .gazedata tables, of which there are two generations with different headings and marks."""

from dataclasses import replace

import numpy as np

from smilejax._util.errors import ReadError
from smilejax.readers.columns import (
    column_roles,
    headings,
    own_columns,
    table_columns,
    tracker_clocks,
    tracker_columns,
    validity_marks,
)
from smilejax.readers.columns.column_roles import ColumnRoles
from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples, TimeUnit
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "eprime-gazedata"
WORDS = "gaze data of E-Prime's extensions for Tobii"
SOFTWARE = "E-Prime 2 and 3 with the extensions for Tobii (.gazedata, TSV), and what writes their headings"
LIMITS = "messages only as changes of CurrentObject or of a column that is named"
USES = (ADDED | PUPILS) - {"onset"}

NEW = ("pupildiameterlefteye", "pupildiameterrighteye")
OLD = ("diameterpupillefteye", "diameterpupilrighteye")
"""Headings of the extensions for Tobii Pro (validity 1 or 0), and of those before them (validity 0, good, to 4, lost)."""

WORD_ORDER = ("lefteyepupildiameter", "righteyepupildiameter")
"""Headings of .gazedata that other programs wrote in the same form; they count beside a clock or a mark of E-Prime's."""

SPELLED: dict[column_roles.Role, tuple[str, ...]] = {
    "participant": ("subject",),
    "trial": ("trialid",),
    "time": ("tettime", "rttime", "timestampsecandtimestampmicrosec"),
    "left": (NEW[0], OLD[0], WORD_ORDER[0]),
    "right": (NEW[1], OLD[1], WORD_ORDER[1]),
    "message": ("currentobject", "tag"),
}
CLOCKS = ("tettime", "rttime")
"""The tracker's clock, and that of E-Prime in ms, at which it received the sample."""

_HALVES = ("timestampsec", "timestampmicrosec")
"""Whole seconds, and the microseconds above them: a clock in two columns, used where there is no other."""

_NO_NUMBER = r"[+-]?1[.,]#(?:IND|INF|QNAN|SNAN)\d*"
"""How programs of that time write that a number is none: `-1.#IND`."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a table with a heading `PupilDiameterLeftEye` or `DiameterPupilLeftEye` (or right)."""
    if given.frame is None and not given.is_file:
        return False
    heads = given.heads
    marked = headings.find(heads, "tettime", "validitylefteye", "validityrighteye") is not None
    return headings.find(heads, *NEW, *OLD, *(WORD_ORDER if marked else ())) is not None


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read E-Prime's gaze data.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    loaded = raw_table.load_table(given, settings.sheet, unfinished_end=True)
    table, none = _without_ind(raw_table.without_empty_rows(raw_table.headed(loaded)))
    table = _with_whole_clock(table, settings)
    heads = table.heads or ()
    roles = tracker_columns.roles_of(table, settings, SPELLED)
    settings, decimal = tracker_columns.with_decimal_comma(table, roles, settings)
    pupil, _ = table_columns.pupils(table, roles, settings)
    clock, how = _clock(table, roles, settings)
    roles.at["time"] = clock.column
    validity = tracker_columns.validity_columns(heads, ("pupilvalidity{eye}eye", "validity{eye}eye"))
    new = headings.find(heads, *NEW) is not None
    expected: validity_marks.Polarity = "one is good" if new else "low is good"
    marks, said = validity_marks.invalid(table, validity, pupil, expected, sure=False)
    clocks = [headings.find(heads, name) for name in CLOCKS]
    return tracker_columns.samples_of(
        table,
        roles,
        settings,
        time=clock.time,
        invalid=marks,
        findings=(*table.findings, *none, *clock.findings(roles.findings), *decimal, *how, *said),
        others=[*clocks, *validity.values()],
    )


def _without_ind(table: RawTable) -> tuple[RawTable, tuple[Finding, ...]]:
    """The table with `-1.#IND` and the like as empty cells."""
    cells, count = table.cells.copy(), 0
    for column in cells.columns:
        if cells[column].dtype.kind in "iufb":
            continue
        texts = cells[column].astype(str)
        found = texts.str.strip().str.fullmatch(_NO_NUMBER, case=False).to_numpy(dtype=np.bool_)
        if found.any():
            cells.loc[found, column] = ""
            count += int(np.count_nonzero(found))
    if not count:
        return table, ()
    value = f"{count} cells such as -1.#IND are no numbers; they count as empty"
    return RawTable(table.name, cells, table.heads, table.line, table.place, table.findings), (
        Finding("missing", value, "recognised"),
    )


def _with_whole_clock(table: RawTable, settings: ReadSettings) -> RawTable:
    """The table with the two halves of its clock as one column of microseconds, where it has no other clock."""
    heads = table.heads or ()
    seconds, rest = (headings.find(heads, half) for half in _HALVES)
    if seconds is None or rest is None or settings.time is not None or headings.find(heads, *CLOCKS) is not None:
        return table
    whole = 1e6 * own_columns.numbers_of(table, seconds, settings) + own_columns.numbers_of(table, rest, settings)
    cells = table.cells.copy()
    cells[len(heads)] = whole
    return replace(table, cells=cells, heads=(*heads, WHOLE_CLOCK))


WHOLE_CLOCK = "TimestampSec and TimestampMicrosec"
"""How messages name the clock that stands in two columns."""


def _clock(
    table: RawTable, roles: ColumnRoles, settings: ReadSettings
) -> tuple[tracker_clocks.ClockColumn, tuple[Finding, ...]]:
    heads = table.heads or ()
    every = np.ones(len(table.line), np.bool_)
    tet, rt = (headings.find(heads, name) for name in CLOCKS)
    whole = headings.find(heads, WHOLE_CLOCK)
    if whole is not None and settings.time is None:
        return tracker_clocks.choose(table, [(whole, "us")], every, settings), ()
    if roles.at.get("time", -1) not in (tet, rt) and (settings.time is not None or (tet is None and rt is None)):
        if "time" not in roles.at:
            raise ReadError(
                f"{table.name}: no column with the time was recognised. {column_roles.option('time', heads)}"
            )
        return tracker_clocks.choose(table, [(roles.at["time"], roles.time_unit)], every, settings), ()
    candidates: list[tuple[int, TimeUnit | None]] = []
    said: tuple[Finding, ...] = ()
    if tet is not None:
        unit = None if rt is None else _unit_beside(table, tet, rt, settings)
        candidates.append((tet, unit))
        if unit is not None:
            said = (Finding("unit of TETTime", f"{unit}, as it runs beside RTTime in ms", "inferred"),)
    if rt is not None:
        candidates.append((rt, "ms"))
    if settings.time is not None:
        candidates = [one for one in candidates if one[0] == roles.at["time"]]
    clock = tracker_clocks.choose(table, candidates, every, settings)
    return clock, said if clock.column == tet else ()


def _unit_beside(table: RawTable, tet: int, rt: int, settings: ReadSettings) -> TimeUnit | None:
    """The unit of TETTime, by how much faster it runs than RTTime, which is in ms; None where that is no power of 1000."""
    try:
        steps = [np.diff(own_columns.numbers_of(table, column, settings)) for column in (tet, rt)]
    except ReadError:
        return None
    both = (steps[0] > 0) & (steps[1] > 0)
    if not both.any():
        return None
    ratio = float(np.median(steps[0][both])) / float(np.median(steps[1][both]))
    units: dict[TimeUnit, float] = {"s": 1e-3, "ms": 1.0, "us": 1e3, "ns": 1e6}
    return next((unit for unit, times in units.items() if 0.5 < ratio / times < 2), None)
