"""Which of a table's clocks is used: the tracker's own, unless it is rounded, or stands still, and another is not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns import cell_values, timestamps
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import Time, TimeUnit
from smilejax.recordings.source import Finding, How
from smilejax.settings import ReadSettings

SAME = 0.01
"""Share of rows with the time of the row before them, above which a clock is rounded or stands still."""


@dataclass(frozen=True, eq=False)
class ClockColumn:
    """A column of time.

    Arguments:
        column: its position.
        time: of all rows, NaN where a row has none.
        finding: which column it is, and why.
        chosen: whether it was chosen of several.
    """

    column: int
    time: Time
    finding: Finding
    chosen: bool = False

    def findings(self, roles: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings of the roles of columns, with this one as that of the time where it was chosen or is the only one."""
        others = tuple(found for found in roles if found.what != self.finding.what)
        return (*others, self.finding) if self.chosen or len(others) == len(roles) else tuple(roles)


def choose(
    table: RawTable,
    candidates: Sequence[tuple[int, TimeUnit | None]],
    samples: npt.NDArray[np.bool_],
    settings: ReadSettings,
) -> ClockColumn:
    """The first of these columns that has a time for every sample and hardly repeats one, or repeats the fewest.

    Arguments:
        table: R rows.
        candidates: columns of time with their unit, the better first; at least one.
        samples: `bool[R]`, which rows are samples.
        settings: what is known beforehand; a column that it names is the only candidate.

    Raises:
        ReadError: naming the first cell that is no time.
    """
    clocks, errors = [], []
    for column, unit in candidates:
        try:
            clocks.append((column, timestamps.time_of_column(table, column, unit, settings)))
        except ReadError as error:
            errors.append(error)
    if not clocks:
        raise errors[0]
    same = [_repeats(time.values[samples]) for _, time in clocks]
    best = next((i for i, share in enumerate(same) if share <= SAME), int(np.argmin(same)))
    column, time = clocks[best]
    value = cell_values.heading(table, column)
    chosen = len(clocks) > 1
    if chosen:
        others = ", ".join(cell_values.heading(table, other) for other, _ in clocks if other != column)
        why = "" if best == 0 else "; those before it are rounded, or lack times"
        value = f"{value}, not {others}{why}; {SETTING.time} NAME takes another"
    how: How = "recognised" if settings.time is None else "given"
    sets = ("time", (table.heads or ())[column]) if chosen else None
    return ClockColumn(column, time, Finding("column: time", value, how, sets), chosen)


def _repeats(values: npt.NDArray[np.generic]) -> float:
    """Share of samples that have no time, or that of the sample before; 2 where the clock lacks a time altogether."""
    if not len(values):
        return 0.0
    if values.dtype.kind == "f":
        none = float(np.mean(np.isnan(values.astype(np.float64))))
        if none > SAME:
            return 1.0 + none
    return float(np.mean(values[1:] == values[:-1])) if len(values) > 1 else 0.0
