"""Timestamps to one regular grid for all trials. Pure NumPy.

A trial's clock is fitted first: every step between rows is so many sampling intervals, more than one where rows are
absent. Samples that stand where the clock expects them keep their values; only where they do not, or where trials were
recorded at different rates, are values computed. `time_units.py` settles the unit,
`sampling_clock.py` fits the clocks, `grid_samples.py` puts the samples in place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.fast_median import fast_median
from smilejax.readers.assembly.grid_samples import Placed, place
from smilejax.readers.assembly.sampling_clock import F64, SAME_RATE, TrialClock, fit_clock, tick_of, tolerance
from smilejax.readers.assembly.time_units import AVERAGED_HZ, PLAUSIBLE_HZ, RATES, counts_samples, time_unit_of
from smilejax.readers.rows import Rows
from smilejax.readers.samples import SECONDS, Time
from smilejax.recordings.source import Finding
from smilejax.recordings.trials import MIN_SAMPLES

NOMINAL_HZ = (
    *(10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, 100, 120, 125, 128, 150, 180, 200, 220, 240, 250, 256, 300, 350, 400),
    *(500, 512, 600, 700, 800, 1000, 1200, 1250, 1500, 2000),
)
"""Rates that trackers are sold with: a measured rate within `SNAP` of one is taken for it."""

BEGINS_AT_ZERO = Finding("time zero", "the first sample of each trial", "default")
"""Where nothing says when a trial's onset was."""

SNAP = 1e-3
"""Clocks printed with few digits (16.67 ms) and real quartzes are off by less than this share."""

SPARSE = 0.25
"""A trial with less than this share of the usual rate has lost its rows rather than been recorded slower: trackers of one
study differ by a factor of two or four (60 and 120 Hz, 250 and 1000). Our choice."""
TWO_CLOCKS = 100.0
"""Trials of one recording do not differ so much in rate (trackers have 25 to 2000 Hz): one has its times in another unit, whose
factor is 1000 at least."""

MAX_SPAN = 20
"""A trial whose grid has more than this many times its rows holds a jump in time, not lost samples."""

MAX_START_S = 120.0
"""A clock whose trials all begin later than this after its zero, or earlier before it, does not count from the onset."""

MAX_TIME = 1e18
"""No trial lasts longer in any unit: 30 years in nanoseconds. Larger numbers would overflow further on."""


@dataclass(frozen=True, eq=False)
class TimeGrid:
    """Pupil on one grid: `f32[N, T, 2]` with NaN where missing, blinks `bool[N, T, 2]` where reported, `i32[N]` samples
    per trial, the rate, and the time of the first sample of all trials relative to their onset, in ms."""

    pupil: npt.NDArray[np.float32]
    blink: npt.NDArray[np.bool_] | None
    length: npt.NDArray[np.int32]
    rate_hz: float
    start_ms: float
    findings: tuple[Finding, ...]


def to_grid(
    rows: Rows,
    pupil: F64,
    time: Time | None,
    rate_hz: float | None = None,
    blink: npt.NDArray[np.bool_] | None = None,
    zero: F64 | None = None,
    window_ms: tuple[float, float] | None = None,
    stated_hz: float | None = None,
) -> TimeGrid:
    """Put the rows of all trials on one regular grid, on which time zero is the same sample of every trial.

    Arguments:
        rows: which of the S rows belong to which trial.
        pupil: `f64[S, 2]`, NaN where missing.
        time: timestamps; None where rows follow each other at `rate_hz`.
        rate_hz: samples per second. With `time` it is checked against it.
        blink: `bool[S, 2]`, in which rows the tracker reports a blink; None where it reports none.
        zero: `f64[N]`, the time of each trial's onset on the clock of its rows; None where the clock itself says it, or
            a trial begins with its onset (see `trial_starts`).
        window_ms: which part of the trials is kept, relative to onset; None for all.
        stated_hz: the rate that the file states, if any: taken where the timestamps agree with it.

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
        found = (Finding("rate", f"{rate_hz:.6g} Hz", "given"), BEGINS_AT_ZERO)
        grid = _padded(rows, as_they_are, rate_hz, np.zeros(len(as_they_are)), found)
        return _windowed(rows, grid, window_ms)
    _check_increasing(rows, time.values)
    relative = _since_first(rows, time.values)
    step = fast_median(np.diff(relative)[rows.inner()])
    if rate_hz is not None and time.unit is None and counts_samples(rows, time.values):
        scale, tick = 1 / rate_hz, 0.0
        clock_findings: tuple[Finding, ...] = (Finding("time", "counts samples", "inferred"),)
    else:
        unit, unit_finding = time_unit_of(rows, time, step)
        scale, tick, clock_findings = SECONDS[unit], tick_of(relative) * SECONDS[unit], (unit_finding,)
    seconds = relative * scale
    clocks = _clocks(rows, seconds, step * scale, tick)
    for trial, clock in enumerate(clocks):
        _check_rate(rows, trial, clock, time.how == "given")
        _check_span(rows, trial, clock)
    target, rate_findings = _common_rate(rows, clocks, tick, rate_hz, stated_hz)
    if clock_findings[0].what == "time":  # a counter says nothing of the rate
        rate_findings = (Finding("rate", f"{target:.6g} Hz", "given"),)
    placed = [
        place(clock, pupil[s], None if blink is None else blink[s], target, tick)
        for clock, s in zip(clocks, rows.slices(), strict=True)
    ]
    _check_pieces(rows, placed)
    starts, start_findings = trial_starts(rows, time.values, scale, target, zero)
    ways = [p.way for p in placed]
    findings = (*clock_findings, *rate_findings, *start_findings, *_placing_findings(clocks, ways))
    return _windowed(rows, _padded(rows, placed, target, starts, findings), window_ms)


def _clocks(rows: Rows, seconds: F64, step: float, tick: float) -> list[TrialClock]:
    """The clock of each trial. One whose rows stand in time as those of the trial before has its clock."""
    clocks: list[TrialClock] = []
    for trial in rows.slices():
        alike = clocks and np.array_equal(seconds[trial], clocks[-1].seconds)
        clocks.append(clocks[-1] if alike else fit_clock(seconds[trial], step, tick))
    return clocks


def _check_long_enough(rows: Rows) -> None:
    counts = np.diff(rows.start)
    short = np.flatnonzero(counts < MIN_SAMPLES).tolist()
    if not short:
        return
    first, others = short[0], ", and so have fewer: " + listed([rows.name[trial] for trial in short[1:]], 10)
    raise ReadError(
        f"{rows.file}, {rows.span(first)}: a trial must have at least {MIN_SAMPLES} samples; {rows.name[first]} "
        f"has {counts[first]}{others if len(short) > 1 else ''}. Leave them out ({SETTING.exclude} FILE, a table with columns "
        f"participant, trial and reason), or check what trials are made of: {SETTING.trial}, {SETTING.participant}"
    )


def _check_pieces(rows: Rows, placed: Sequence[Placed]) -> None:
    for trial, piece in enumerate(p.pupil for p in placed):
        if len(piece) < MIN_SAMPLES:
            raise ReadError(
                f"{rows.file}, {rows.span(trial)}: {rows.name[trial]} lasts {len(piece)} samples at the lowest rate of "
                f"the file; at least {MIN_SAMPLES} are needed. Remove it."
            )


def _check_increasing(rows: Rows, values: npt.NDArray[np.int64] | F64) -> None:
    if (absent := ~np.isfinite(values)).any():
        row = int(np.argmax(absent))
        raise ReadError(f"{rows.at(row)}: every sample needs a time; this row has none. Remove the row.")
    back = (values[1:] <= values[:-1]) & rows.inner()
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


def _check_span(rows: Rows, trial: int, clock: TrialClock) -> None:
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
    rows: Rows, clocks: list[TrialClock], tick: float, given: float | None, stated: float | None
) -> tuple[float, tuple[Finding, ...]]:
    rates = np.array([c.rate_hz for c in clocks])
    middle = float(np.median(rates))
    if all(abs(c.rate_hz / middle - 1) <= tolerance(c, tick) for c in clocks):
        mean = float(sum(c.index[-1] for c in clocks) / sum(c.index[-1] / c.rate_hz for c in clocks))
        target = stated if stated is not None and abs(mean / stated - 1) <= SNAP else _snapped(mean)
        findings = (Finding("rate", f"{target:.6g} Hz", "inferred"),)
    else:
        slowest, fastest = int(rates.argmin()), int(rates.argmax())
        if rates[fastest] > TWO_CLOCKS * rates[slowest]:
            raise ReadError(
                f"{rows.file}: by their times, {rows.name[slowest]} ({rows.span(slowest)}) has {rates[slowest]:.4g} samples "
                f"a second and {rows.name[fastest]} ({rows.span(fastest)}) {rates[fastest]:.4g}: their times are not "
                "in one unit. Write all times in one unit, or read the two kinds of trial apart."
            )
        if rates[slowest] < SPARSE * middle:
            raise ReadError(
                f"{rows.file}, {rows.span(slowest)}: {rows.name[slowest]} has {rates[slowest]:.4g} samples a second, where "
                f"most trials have {middle:.4g}: all others would be brought down to it. Take it out of the file, or read "
                "the two kinds of trial apart."
            )
        target = _snapped(float(rates.min()))
        found = listed(f"{rate:.4g}" for rate in sorted({_snapped(r) for r in rates}))
        findings = (
            Finding("rate", f"{target:.6g} Hz, the lowest of {found} Hz, to which all trials are brought", "inferred"),
        )
    if given is None:
        return target, findings
    if abs(target / given - 1) > SAME_RATE:
        raise ReadError(
            f"{rows.file}: the rate was given as {given:g} Hz, but the time column says {target:.4g} Hz. Leave out "
            f"{SETTING.rate_hz}, or name the unit of time: {SETTING.time_unit}",
            setting="rate_hz",
        )
    return given, (Finding("rate", f"{given:.6g} Hz (the time column says {target:.6g} Hz)", "given"),)


def _placing_findings(clocks: Sequence[TrialClock], ways: Sequence[str]) -> tuple[Finding, ...]:
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


def _check_rate(rows: Rows, trial: int, clock: TrialClock, given: bool) -> None:
    """A trial's rate must be a tracker's; where the caller gave the unit, samples may have been averaged."""
    low, high = PLAUSIBLE_HZ
    low = AVERAGED_HZ if given else low
    if not 0.9 * low <= clock.rate_hz <= 1.1 * high:
        hint = (
            f"{SETTING.time_unit} says another unit than the column has: leave it out, and the unit is inferred"
            if given
            else f"Are the times of all participants in one unit? Name it: {SETTING.time_unit}"
        )
        raise ReadError(
            f"{rows.at(int(rows.start[trial]))}: {rows.name[trial]} would have {clock.rate_hz:.4g} samples "
            f"a second; {RATES}. {hint}; where the column counts samples, give {SETTING.rate_hz}; where some are in another "
            "unit, convert them."
        )


def trial_starts(
    rows: Rows, values: npt.NDArray[np.int64] | F64, scale: float, rate_hz: float, zero: F64 | None
) -> tuple[F64, tuple[Finding, ...]]:
    """Time of each trial's first row relative to its onset, `f64[N]` in samples, and where zero lies.

    With `zero` the onsets are known. Without, a clock that starts alike in at least half of the trials starts anew with each
    of them, and its zero is their onset: a trial that begins later has lost its first rows. A clock that runs on from trial
    to trial names no onset, and a trial begins with it.
    """
    firsts = np.array([float(values[i]) for i in rows.start[:-1]])
    if zero is not None:
        # subtracted as they are: nanoseconds exceed what f64 tells apart
        relative = np.array([float(values[i] - z) for i, z in zip(rows.start[:-1], zero, strict=True)])
        starts = relative * scale * rate_hz
        return starts, (_zero_finding(starts, rate_hz, "at the onset of each trial"),)
    starts = firsts * scale * rate_hz
    usual = float(np.median(starts))
    alike = np.abs(starts - usual) < 0.75
    runs_on = (
        alike.mean() < 0.5 or abs(usual) > MAX_START_S * rate_hz or (len(starts) == 1 and abs(usual) >= 2 and usual > 0)
    )
    if runs_on:
        return np.zeros(len(starts)), (BEGINS_AT_ZERO,)
    findings = [_zero_finding(starts, rate_hz, "at 0 of the time column")]
    for trial in np.flatnonzero(~alike)[:3].tolist():
        late = 1000 * (starts[trial] - usual) / rate_hz
        what = f"{rows.name[trial]} begins {abs(late):.4g} ms {'later' if late > 0 else 'earlier'} than most"
        findings.append(Finding("trial start", f"{what}; its samples stand at their own time", "warning"))
    if (more := int((~alike).sum()) - 3) > 0:
        findings.append(Finding("trial start", f"{more} further trials begin earlier or later than most", "warning"))
    return starts, tuple(findings)


def _zero_finding(starts: F64, rate_hz: float, where: str) -> Finding:
    first, last = (1000 * t / rate_hz for t in (starts.min(), starts.max()))
    begin = f"{first:.4g} ms" if last - first < 1000 / rate_hz else f"{first:.4g} to {last:.4g} ms"
    return Finding("time zero", f"{where}; trials begin at {begin}", "inferred")


def _padded(
    rows: Rows, placed: Sequence[Placed], rate_hz: float, starts: F64, findings: tuple[Finding, ...]
) -> TimeGrid:
    """All trials on one array, each shifted by whole samples so that time zero is one sample of all.

    `starts` is the time of each first sample in samples.
    """
    first = float(starts.min())
    if abs(first - round(first)) < 0.01:  # the rounding of printed times
        first = float(round(first))
    _check_starts(rows, (starts - first) / rate_hz)
    lead = np.round(starts - first).astype(np.int64)
    off_ms = 1000 * float(np.abs(starts - first - lead).max()) / rate_hz
    if off_ms > 1:
        findings = (*findings, Finding("onsets between samples", f"moved by up to {off_ms:.3g} ms", "inferred"))
    length = np.array([n + len(p.pupil) for n, p in zip(lead, placed, strict=True)], np.int32)
    pupil = np.full((len(placed), int(length.max()), 2), np.nan, np.float32)
    blink = np.zeros(pupil.shape, np.bool_)
    with np.errstate(over="ignore"):
        for row, piece in enumerate(placed):
            pupil[row, lead[row] : length[row]] = piece.pupil
            if piece.blink is not None:
                blink[row, lead[row] : length[row]] = piece.blink
    start_ms = round(1000 * first / rate_hz, 6) + 0.0
    return TimeGrid(pupil, None if placed[0].blink is None else blink, length, rate_hz, start_ms, findings)


def _check_starts(rows: Rows, later: F64) -> None:
    """Trials whose first samples lie minutes apart, as time zero counts, are not of one design, or an onset is wrong."""
    if later.max() > MAX_START_S:
        trial, earliest = int(np.argmax(later)), int(np.argmin(later))
        raise ReadError(
            f"{rows.file}, {rows.span(trial)}: {rows.name[trial]} begins {later[trial]:.6g} s later after its onset than "
            f"{rows.name[earliest]}. Check the onsets ({SETTING.onset}, or the times of events and messages)."
        )


def _windowed(rows: Rows, grid: TimeGrid, window_ms: tuple[float, float] | None) -> TimeGrid:
    """The part of the grid in a window, from and to, in ms relative to onset: samples at `from` and after, before `to`."""
    if window_ms is None:
        return grid
    per_ms = grid.rate_hz / 1000
    first = math.ceil((window_ms[0] - grid.start_ms) * per_ms - 1e-6)
    end = math.ceil((window_ms[1] - grid.start_ms) * per_ms - 1e-6)
    if first < 0:
        earliest = f"the recordings begin at {grid.start_ms:.6g} ms"
        raise ReadError(f"{rows.file}: {SETTING.window_ms} {window_ms[0]:g} begins before the recordings; {earliest}.")
    length = np.clip(grid.length - first, 0, end - first).astype(np.int32)
    if (short := length < MIN_SAMPLES).any():
        trial = int(np.argmax(short))
        raise ReadError(
            f"{rows.file}: within {window_ms[0]:g} to {window_ms[1]:g} ms ({SETTING.window_ms}) {rows.name[trial]} has "
            f"{length[trial]} samples; at least {MIN_SAMPLES} are needed."
        )
    inside = slice(first, min(end, grid.pupil.shape[1]))
    blink = None if grid.blink is None else grid.blink[:, inside]
    finding = Finding("window", f"{window_ms[0]:g} to {window_ms[1]:g} ms relative to onset", "given")
    latest = grid.start_ms + (int(grid.length.max()) - 1) / per_ms
    if latest + 1 / per_ms < window_ms[1] - 0.5 / per_ms:
        beyond = f"no trial reaches its end at {window_ms[1]:g} ms: the last sample is at {latest:.6g} ms"
        grid = replace(grid, findings=(*grid.findings, Finding("window too long", beyond, "warning")))
    start_ms = round(grid.start_ms + first / per_ms, 6) + 0.0
    return TimeGrid(grid.pupil[:, inside], blink, length, grid.rate_hz, start_ms, (*grid.findings, finding))
