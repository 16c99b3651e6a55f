"""The unit of a column of time, by the steps between its rows: only one makes the rate of an eye tracker of them."""

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.assembly.sampling_clock import F64
from smilejax.readers.rows import Rows
from smilejax.readers.samples import SECONDS, Time, TimeUnit
from smilejax.recordings.source import Finding

PLAUSIBLE_HZ = (10.0, 2500.0)
"""Rates of eye trackers. The range is narrow enough that a step is plausible in one unit of time only."""

AVERAGED_HZ = 1.0
"""Where the unit of time is given, samples may have been averaged to this rate."""

RATES = (
    f"pupils are recorded at {PLAUSIBLE_HZ[0]:g} to {PLAUSIBLE_HZ[1]:g} Hz, and where {SETTING.time_unit} is given, averages "
    f"of {AVERAGED_HZ:g} Hz and more are read too"
)
"""Which rates are read, for errors."""

MAX_HZ = 1e6
"""No clock of a tracker ticks faster; below 1 / MAX_HZ seconds a step cannot be distinguished from rounding."""


def time_unit_of(rows: Rows, time: Time, step: float) -> tuple[TimeUnit, Finding]:
    """The unit of a column of time whose median step is `step`.

    Raises:
        ReadError: the column counts samples, or its step is plausible in no unit, or in another than its heading says.
    """
    low, high = PLAUSIBLE_HZ
    # A clock's last digit makes single steps uneven: a little room at both ends.
    if time.unit is None and counts_samples(rows, time.values):
        raise ReadError(
            f"{rows.file}: the time goes from {float(time.values.min()):g} in steps of 1: it counts "
            "samples, or milliseconds at "
            f"1000 Hz. For samples give the samples per second, {SETTING.rate_hz} NUMBER; for "
            f"milliseconds, {SETTING.time_unit} ms"
        )
    likely: TimeUnit | None = next((u for u, s in SECONDS.items() if 0.9 / high <= step * s <= 1.1 / low), None)
    if time.unit is None:
        if likely is None:
            raise ReadError(
                f"{rows.file}: the unit of time cannot be told: the step from row to row is {step:g}, which is a rate "
                f"of {low:g} to {high:g} Hz in no unit. Name it: {SETTING.time_unit} ms"
            )
        value = f"{likely} (median step {step:.6g})"
        return likely, Finding("time unit", value, "inferred", ("time_unit", likely))
    if time.how == "recognised" and likely not in (None, time.unit):
        raise ReadError(
            f"{rows.file}: the heading says that time is in {time.unit}, but steps of {step:g} {time.unit} would be "
            f"{1 / (step * SECONDS[time.unit]):.4g} Hz. Name the unit: {SETTING.time_unit} {likely}"
        )
    if step * SECONDS[time.unit] < 1 / MAX_HZ:
        raise ReadError(
            f"{rows.file}: steps of {step:g} {time.unit} are too short for a tracker. Name the unit: {SETTING.time_unit}"
        )
    return time.unit, Finding("time unit", time.unit, time.how)


def inferred_unit(file: str, values: npt.NDArray[np.int64] | F64) -> TimeUnit:
    """The unit of a running clock whose heading names none, from its median step.

    Raises:
        ReadError: the step is plausible in no unit.
    """
    steps = np.diff(values)
    steps = steps[np.isfinite(steps) & (steps > 0)]
    low, high = PLAUSIBLE_HZ
    step = float(np.median(steps)) if len(steps) else 0.0
    likely: TimeUnit | None = next((u for u, s in SECONDS.items() if 0.9 / high <= step * s <= 1.1 / low), None)
    if likely is None:
        raise ReadError(
            f"{file}: the unit of time cannot be inferred: the step from row to row is {step:g}. Name it: "
            f"{SETTING.time_unit} ms"
        )
    return likely


def counts_samples(rows: Rows, values: npt.NDArray[np.int64] | F64) -> bool:
    """Whether a column of time without a unit counts samples: whole numbers, from 0 or 1 in every trial, in steps of 1."""
    firsts = values[rows.start[:-1]]
    inner = rows.inner()
    steps = np.diff(values)[inner]
    return bool(np.isin(firsts, (0, 1)).all() and (steps == np.round(steps)).all() and np.median(steps) == 1)
