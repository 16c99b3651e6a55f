"""Timestamps to one regular grid for all trials. Pure NumPy.

A trial's clock is fitted first: every step between rows is so many sampling intervals, more than one where rows are
absent. Samples that stand where the clock expects them keep their values; only where they do not, or where trials were
recorded at different rates, are values computed. `clock.py` fits the clocks, `placing.py` puts the samples in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.column_roles import TimeUnit
from smilejax.readers.grid_samples import Placed, place
from smilejax.readers.rows import Rows
from smilejax.readers.sampling_clock import F64, SAME_RATE, Clock, fit_clock, tick_of, tolerance
from smilejax.recordings.source import Finding
from smilejax.recordings.trials import MIN_SAMPLES

SECONDS: dict[TimeUnit, float] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

PLAUSIBLE_HZ = (10.0, 2500.0)
"""Rates of eye trackers. The range is narrow enough that a step is plausible in one unit of time only."""

NOMINAL_HZ = (
    *(10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, 100, 120, 125, 128, 150, 180, 200, 220, 240, 250, 256, 300, 350, 400),
    *(500, 512, 600, 700, 800, 1000, 1200, 1250, 1500, 2000),
)
"""Rates that trackers are sold with: a measured rate within `SNAP` of one is taken for it."""

SNAP = 1e-3
"""Clocks printed with few digits (16.67 ms) and real quartzes are off by less than this share."""

SPARSE = 0.25
"""A trial with less than this share of the usual rate has lost its rows rather than been recorded slower: trackers of one
study differ by a factor of two or four (60 and 120 Hz, 250 and 1000). Our choice."""

MAX_SPAN = 20
"""A trial whose grid has more than this many times its rows holds a jump in time, not lost samples."""

MAX_TIME = 1e18
"""No trial lasts longer in any unit: 30 years in nanoseconds. Larger numbers would overflow further on."""

MAX_HZ = 1e6
"""No clock of a tracker ticks faster; below 1 / MAX_HZ seconds a step is not told from rounding."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Pupil on one grid: `f32[N, T, 2]` with NaN where missing, blinks `bool[N, T, 2]` where reported, `i32[N]` samples
    per trial, and the rate."""

    pupil: npt.NDArray[np.float32]
    blink: npt.NDArray[np.bool_] | None
    length: npt.NDArray[np.int32]
    rate_hz: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class Time:
    """Timestamps of all rows, `i64[S]` or `f64[S]`, in `unit` where that is known.

    `how` tells who named the unit: the caller or a heading.
    """

    values: npt.NDArray[np.int64] | F64
    unit: TimeUnit | None = None
    how: Literal["given", "recognised"] = "recognised"


def to_grid(
    rows: Rows,
    pupil: F64,
    time: Time | None,
    rate_hz: float | None = None,
    blink: npt.NDArray[np.bool_] | None = None,
) -> Grid:
    """Put the rows of all trials on one regular grid.

    Arguments:
        rows: which of the S rows belong to which trial.
        pupil: `f64[S, 2]`, NaN where missing.
        time: timestamps; their meaning is within a trial only. None where rows follow each other at `rate_hz`.
        rate_hz: samples per second. With `time` it is checked against it.
        blink: `bool[S, 2]`, in which rows the tracker reports a blink; None where it reports none.

    Raises:
        ReadError: a trial is too short, time stands still, goes back or jumps, or rate and time contradict each other.
    """
    _check_long_enough(rows)
    if time is None:
        if rate_hz is None:
            raise ReadError(
                f"{rows.file}: without a time the samples per second must be given: {SETTING.rate_hz} NUMBER"
            )
        as_they_are = [Placed(pupil[s], None if blink is None else blink[s]) for s in rows.slices()]
        return _padded(as_they_are, rate_hz, (Finding("rate", f"{rate_hz:.6g} Hz", "given"),))
    _check_increasing(rows, time.values)
    relative = _since_first(rows, time.values)
    step = float(np.median(np.concatenate([np.diff(relative[s]) for s in rows.slices()])))
    unit, unit_finding = _unit(rows, time, step)
    tick = tick_of(relative) * SECONDS[unit]
    seconds = relative * SECONDS[unit]
    clocks = [fit_clock(seconds[s], step * SECONDS[unit], tick) for s in rows.slices()]
    for trial, clock in enumerate(clocks):
        _check_span(rows, trial, clock)
    target, rate_findings = _common_rate(rows, clocks, tick, rate_hz)
    placed = [
        place(clock, pupil[s], None if blink is None else blink[s], target, tick)
        for clock, s in zip(clocks, rows.slices(), strict=True)
    ]
    _check_pieces(rows, placed)
    ways = [p.way for p in placed]
    return _padded(placed, target, (unit_finding, *rate_findings, *_placing_findings(clocks, ways)))


def _check_long_enough(rows: Rows) -> None:
    counts = np.diff(rows.start)
    for trial in np.flatnonzero(counts < MIN_SAMPLES)[:1].tolist():
        raise ReadError(
            f"{rows.file}, {rows.span(trial)}: a trial must have at least {MIN_SAMPLES} samples; {rows.name[trial]} "
            f"has {counts[trial]}. Remove it, or check the columns of trial and participant: "
            f"{SETTING.trial}, {SETTING.participant}"
        )


def _check_pieces(rows: Rows, placed: Sequence[Placed]) -> None:
    for trial, piece in enumerate(p.pupil for p in placed):
        if len(piece) < MIN_SAMPLES:
            raise ReadError(
                f"{rows.file}, {rows.span(trial)}: {rows.name[trial]} lasts {len(piece)} samples at the lowest rate of "
                f"the file; at least {MIN_SAMPLES} are needed. Remove it."
            )


def _inner(rows: Rows) -> npt.NDArray[np.bool_]:
    """`bool[S - 1]`: which rows are followed by one of the same trial."""
    inner = np.ones(rows.start[-1] - 1, np.bool_)
    inner[rows.start[1:-1] - 1] = False
    return inner


def _check_increasing(rows: Rows, values: npt.NDArray[np.int64] | F64) -> None:
    if (absent := ~np.isfinite(values)).any():
        row = int(np.argmax(absent))
        raise ReadError(f"{rows.at(row)}: every sample needs a time; this row has none. Remove the row.")
    back = (values[1:] <= values[:-1]) & _inner(rows)
    if back.any():
        row = int(np.argmax(back)) + 1
        what = "stands still" if values[row] == values[row - 1] else "goes back"
        raise ReadError(
            f"{rows.at(row)}: time must increase within a trial; in {rows.name[rows.trial_of(row)]} it {what}, from "
            f"{values[row - 1]} in {rows.place} {rows.line[row - 1]} to {values[row]} here. If several trials share "
            f"this name, name the columns that identify a trial: {SETTING.trial}, {SETTING.participant}, {SETTING.time}"
        )


def _since_first(rows: Rows, values: npt.NDArray[np.int64] | F64) -> F64:
    """Time since the trial's first row. Whole numbers are subtracted as such: nanoseconds exceed what f64 tells "
    "apart."""
    with np.errstate(over="ignore", invalid="ignore"):
        since = values - np.repeat(values[rows.start[:-1]], np.diff(rows.start))
    if (wild := ~np.isfinite(since) | (since < 0) | (since > MAX_TIME)).any():
        row = int(np.argmax(wild))
        raise ReadError(
            f"{rows.at(row)}: the time {values[row]} is too far from the first of its trial. Check the column: {SETTING.time}"
        )
    return since.astype(np.float64)


def _unit(rows: Rows, time: Time, step: float) -> tuple[TimeUnit, Finding]:
    low, high = PLAUSIBLE_HZ
    # A clock's last digit makes single steps uneven: a little room at both ends.
    likely: TimeUnit | None = next((u for u, s in SECONDS.items() if 0.9 / high <= step * s <= 1.1 / low), None)
    if time.unit is None:
        if likely is None:
            raise ReadError(
                f"{rows.file}: the unit of time cannot be told: the step from row to row is {step:g}, which is a rate "
                f"of {low:g} to {high:g} Hz in no unit. Name it: {SETTING.time_unit} ms"
            )
        return likely, Finding("time unit", f"{likely} (median step {step:.6g})", "inferred")
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


def _check_span(rows: Rows, trial: int, clock: Clock) -> None:
    samples, there = float(clock.seconds[-1]) * clock.rate_hz + 1, len(clock.index)
    if max(samples, clock.index[-1] + 1) > MAX_SPAN * there:
        row = int(rows.start[trial] + 1 + np.argmax(np.diff(clock.seconds)))
        raise ReadError(
            f"{rows.at(row)}: time jumps within {rows.name[trial]}: {there} rows span {clock.seconds[-1]:.6g} s, which "
            f"is {samples:.0f} samples at {clock.rate_hz:.4g} Hz. If these are two trials, their names must differ; "
            f"check {SETTING.trial} and {SETTING.time_unit}"
        )


def _snapped(rate_hz: float) -> float:
    nearest = min(NOMINAL_HZ, key=lambda nominal: abs(nominal - rate_hz))
    # Ten digits: what the rounding of printed timestamps leaves.
    return float(nearest) if abs(rate_hz / nearest - 1) <= SNAP else float(f"{rate_hz:.10g}")


def _common_rate(
    rows: Rows, clocks: list[Clock], tick: float, given: float | None
) -> tuple[float, tuple[Finding, ...]]:
    rates = np.array([c.rate_hz for c in clocks])
    middle = float(np.median(rates))
    if all(abs(c.rate_hz / middle - 1) <= tolerance(c, tick) for c in clocks):
        target = _snapped(float(sum(c.index[-1] for c in clocks) / sum(c.index[-1] / c.rate_hz for c in clocks)))
        findings = (Finding("rate", f"{target:.6g} Hz", "inferred"),)
    else:
        slowest = int(rates.argmin())
        if rates[slowest] < SPARSE * middle:
            raise ReadError(
                f"{rows.file}, {rows.span(slowest)}: {rows.name[slowest]} has {rates[slowest]:.4g} samples a second, where "
                f"most trials have {middle:.4g}: all others would be brought down to it. Take it out of the file, or read "
                "the two kinds of trial apart."
            )
        target = _snapped(float(rates.min()))
        found = listed(f"{rate:.4g}" for rate in sorted({_snapped(r) for r in rates}))
        findings = (
            Finding("rate", f"{target:.6g} Hz, the lowest of {found} Hz; faster trials are averaged", "inferred"),
        )
    if given is None:
        return target, findings
    if abs(target / given - 1) > SAME_RATE:
        raise ReadError(
            f"{rows.file}: the rate was given as {given:g} Hz, but the time column says {target:.4g} Hz. Leave out "
            f"{SETTING.rate_hz}, or name the unit of time: {SETTING.time_unit}"
        )
    return given, (Finding("rate", f"{given:.6g} Hz (the time column says {target:.6g} Hz)", "given"),)


def _placing_findings(clocks: Sequence[Clock], ways: Sequence[str]) -> tuple[Finding, ...]:
    kept = [c for c, way in zip(clocks, ways, strict=True) if way != "averaged"] or clocks
    jitter_ms = round(max(1000 * c.off / c.rate_hz for c in kept), 6)  # below a nanosecond it is rounding
    samples, there = sum(int(c.index[-1]) + 1 for c in clocks), sum(len(c.index) for c in clocks)
    findings = [Finding("largest jitter", f"{jitter_ms:.3g} ms", "inferred")]
    if absent := samples - there:
        findings.append(
            Finding("absent rows", f"{absent} of {samples} samples ({absent / samples:.1%}) have no row", "inferred")
        )
    for way in ("interpolated", "averaged"):
        if n := ways.count(way):
            findings.append(Finding(f"trials {way}", f"{n} of {len(ways)}", "inferred"))
    return tuple(findings)


def _padded(placed: Sequence[Placed], rate_hz: float, findings: tuple[Finding, ...]) -> Grid:
    length = np.array([len(p.pupil) for p in placed], np.int32)
    pupil = np.full((len(placed), int(length.max()), 2), np.nan, np.float32)
    blink = np.zeros(pupil.shape, np.bool_)
    with np.errstate(over="ignore"):
        for row, piece in enumerate(placed):
            pupil[row, : length[row]] = piece.pupil
            if piece.blink is not None:
                blink[row, : length[row]] = piece.blink
    return Grid(pupil, None if placed[0].blink is None else blink, length, rate_hz, findings)
