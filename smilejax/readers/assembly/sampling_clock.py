"""A trial's clock, fitted to its timestamps: every step between rows is so many sampling intervals. Pure NumPy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

SAME_RATE = 0.01
"""Trials whose rates differ by more than this proportion are never of one rate, however short."""

MAX_DRIFT = 0.5
"""Samples by which a trial may drift from the common grid by its end before it is resampled by its own clock."""

MAX_JITTER = 0.1
"""Share of a sampling interval by which a sample may be early or late and still keep its value."""

_COHERENT_ROWS = 128
"""Rows on which the rate of an uneven clock is first looked for: enough to go on from, few enough to be quick."""

_ROUNDING = 0.51
"""Share of the clock's last digit by which rounding moves a timestamp, with a little room."""


@dataclass(frozen=True, eq=False)
class TrialClock:
    """A trial's rows on its own clock: seconds since its first row, grid index and rate.

    `off` is how far rows are from their place at most, `slack` how far they may be; both in sampling intervals.
    """

    seconds: F64
    index: I64
    rate_hz: float
    off: float
    slack: float


def tick_of(values: F64) -> float:
    """The last digit of a clock: 1 for whole numbers, 0.001 for three decimals, 0 where none is seen."""
    some = values[:10_000]
    for decimals in range(7):
        scaled = some * 10.0**decimals
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-4):
            return float(10.0**-decimals)
    return 0.0


def fit_clock(seconds: F64, common_step: float, tick: float) -> TrialClock:
    """Fit a trial's clock: whole numbers of intervals between rows, then the line through all of them."""
    steps = np.diff(seconds)
    step = common_step if _fits(steps, common_step, tick) else float(np.median(steps))
    near = (steps > 0.5 * step) & (steps < 1.5 * step)
    interval = float(steps[near].mean()) if near.any() else step
    index = np.concatenate(([0.0], np.cumsum(np.maximum(np.round(steps / interval), 1.0))))
    clock = _fitted(seconds, index, tick)
    if clock.off > clock.slack and (again := _coherent_index(seconds, interval)) is not None:
        clock = min(clock, _fitted(seconds, again, tick), key=lambda c: c.off)
    return clock


def _fitted(seconds: F64, index: F64, tick: float) -> TrialClock:
    interval, origin = _line(index, seconds)
    off = float(np.max(np.abs((seconds - origin) / interval - index)))
    slack = min(max(MAX_JITTER, _ROUNDING * tick / interval), 0.45)
    return TrialClock(seconds, index.astype(np.int64), 1 / interval, off, slack)


def _coherent_index(seconds: F64, interval: float) -> F64 | None:
    """Grid index of every row where single steps are too uneven to be counted, or None where no regular clock is seen.

    The rate is the one at which the timestamps keep the same phase best, |sum exp(2 pi i f t)|, within a tenth of
    1 / interval. It is found on the first rows and made precise on ever more of them.
    """
    first = seconds[:_COHERENT_ROWS]
    spread = int(0.2 * first[-1] / interval * 4) + 2
    if spread > 20 * _COHERENT_ROWS:
        return None
    rates = (1 + np.linspace(-0.1, 0.1, spread)) / interval
    phases = np.exp(2j * np.pi * np.outer(rates, first)).sum(axis=1)
    best = int(np.argmax(np.abs(phases)))
    interval = float(1 / rates[best])
    origin = float(np.angle(phases[best])) / (2 * np.pi) * interval
    rows = len(first) // 2
    while True:
        rows = min(2 * rows, len(seconds))
        for _ in range(2):
            index = np.round((seconds[:rows] - origin) / interval)
            if np.any(np.diff(index) < 1):
                return None
            interval, origin = _line(index, seconds[:rows])
        if rows == len(seconds):
            return np.asarray(index - index[0], np.float64)


def _fits(steps: F64, common: float, tick: float) -> bool:
    """Whether a trial has the common interval though many rows may be absent: steps are multiples, some single."""
    count = np.round(steps / common)
    close = (np.abs(steps / common - count) <= max(MAX_JITTER, tick / common)) & (count >= 1)
    return bool(close.mean() >= 0.9 and (count == 1).mean() >= 0.1)


def _line(index: F64, seconds: F64) -> tuple[float, float]:
    """Slope and origin of the least-squares line through the clock; the slope is the sampling interval in seconds."""
    i, t = index - index.mean(), seconds - seconds.mean()
    slope = float(i @ t / (i @ i))
    return slope, float(seconds.mean() - slope * index.mean())


def tolerance(clock: TrialClock, tick: float) -> float:
    """How far a trial's rate may be from another's, as a proportion: not so far that its last sample drifts by more than
    `MAX_DRIFT` samples. Short trials on a coarse or uneven clock do not show their rate well, and get room for it."""
    samples = float(clock.index[-1])
    return min(SAME_RATE, MAX_DRIFT / samples) + tick / float(clock.seconds[-1]) + 2 * min(clock.off, 0.5) / samples
