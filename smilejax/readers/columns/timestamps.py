"""A column of time as timestamps: numbers, clock times, dates with a zone, or spans of time."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import Time, TimeUnit
from smilejax.settings import ReadSettings


def time_of_column(table: RawTable, column: int, unit: TimeUnit | None, settings: ReadSettings) -> Time:
    """Timestamps of a column; dates and spans become whole nanoseconds.

    Arguments:
        unit: that the heading names.

    Raises:
        ReadError: naming the first cell that is no time.
    """
    dated = _from_dates(table, column)
    if dated is not None:
        return Time(dated, "ns")
    values = cell_values.exact_numbers(table, column, settings.decimal, settings.thousands)
    if settings.time_unit is not None:
        return Time(values, settings.time_unit, "given")
    return Time(values, unit)


def _from_dates(table: RawTable, column: int) -> npt.NDArray[np.int64] | None:
    """Nanoseconds of dates, clock times or spans, or None where the column holds numbers."""
    cells = table.cells[column]
    if not len(cells):
        return None
    if pd.api.types.is_datetime64_any_dtype(cells.dtype) or pd.api.types.is_timedelta64_dtype(cells.dtype):
        return _nanoseconds(table, column, cells)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return None
    first = cell_values.plain(cells.iloc[0])
    if ":" not in first:
        return None
    texts = cells.astype(str).str.strip()
    clock_only = texts.str.match(r"^\d{1,3}:\d{2}(:\d{2}([.,]\d+)?)?$").all()
    try:
        if clock_only:
            return _nanoseconds(table, column, pd.to_timedelta(_with_hours(texts.str.replace(",", ".", regex=False))))
        return _nanoseconds(table, column, pd.Series(pd.to_datetime(texts, format="ISO8601", utc=True)))
    except (ValueError, OverflowError) as error:
        raise ReadError(
            f"{table.at(0)}, column {cell_values.heading(table, column)}: {first!r} is no time that is read: numbers, dates "
            f"as 2024-05-01T10:00:00.123Z, or clock times as 10:00:00.123 ({str(error).splitlines()[0][:120]})."
        ) from error


def _with_hours(texts: "pd.Series[str]") -> "pd.Series[str]":
    """`05:30` is minutes and seconds."""
    return texts.where(texts.str.count(":") == 2, "00:" + texts)


def _nanoseconds(table: RawTable, column: int, values: "pd.Series[Any]") -> npt.NDArray[np.int64]:
    """Whole nanoseconds of a column of dates or spans (pandas types the two apart, hence Any)."""
    if (none := values.isna().to_numpy()).any():
        row = int(np.argmax(none))
        place = f"{table.at(row)}, column {cell_values.heading(table, column)}"
        raise ReadError(f"{place}: every sample needs a time; this row has none. Remove the row.")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    kind = "timedelta64[ns]" if pd.api.types.is_timedelta64_dtype(values.dtype) else "datetime64[ns]"
    return values.to_numpy().astype(kind).astype(np.int64)


def within(
    time: npt.NDArray[np.generic], start: npt.NDArray[np.generic], end: npt.NDArray[np.generic]
) -> npt.NDArray[np.bool_]:
    """`bool[S]`: which of the timestamps lie in one of the spans, ends included. Spans may overlap."""
    order = np.argsort(time, kind="stable")
    clock = time[order]
    change = np.zeros(len(time) + 1, np.int64)
    ok = start <= end  # type: ignore[operator]
    np.add.at(change, np.searchsorted(clock, start[ok], "left"), 1)  # type: ignore[call-overload]
    np.add.at(change, np.searchsorted(clock, end[ok], "right"), -1)  # type: ignore[call-overload]
    inside = np.empty(len(time), np.bool_)
    inside[order] = np.cumsum(change[:-1]) > 0
    return inside
