"""Frames of videos on one regular grid in time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax.recordings.faces import STILL_RATE_HZ

NEAR = 0.25
"""Of a frame: times that lie as near to a regular grid are on it, since files round them to a millisecond. Our choice."""
MAX_APART = 2.5
"""Frames between which a value is interpolated lie at most so many of the video's usual steps apart, or `PAUSE_MS`. Ours."""
PAUSE_MS = 125.0
"""Cameras slow down in poor light, to some 8 frames a second: so long a step is no loss of frames. Our choice."""

Block = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FrameGrid:
    """N videos on a grid.

    Arguments:
        rate_hz: frames per second, of all.
        values: `f64[T, C]` of each video, confidence among the columns.
        nearest: `i64[T]` of each video, which of its frames each of the grid comes from or is nearest to; -1 where none is.
        own_hz: frame rate of each video to three digits; None of a single frame.
        interpolated: videos whose frames were not on the grid, by their rows.
    """

    rate_hz: float
    values: tuple[Block, ...]
    nearest: tuple[npt.NDArray[np.int64], ...]
    own_hz: tuple[float | None, ...]
    interpolated: tuple[int, ...]


def on_grid(times_ms: list[Block], columns: list[Block]) -> FrameGrid:
    """Put the frames of N videos on one regular grid, which begins with each video's first frame.

    The rate is the median of the videos' own. Frames of a video of that rate keep their values, and those that it lacks are
    NaN; others are interpolated in time on straight lines.

    Arguments:
        times_ms: `f64[S]` of each video, rising.
        columns: `f64[S, C]` of each video, NaN where missing.
    """
    rates = [_rate_hz(t) if len(t) > 1 else None for t in times_ms]
    own_hz = tuple(None if rate is None else float(f"{rate:.3g}") for rate in rates)
    known = [rate for rate in rates if rate is not None]
    if not known:
        single = tuple(np.arange(len(one)) for one in columns)
        return FrameGrid(STILL_RATE_HZ, tuple(columns), single, own_hz, ())
    rate_hz = float(f"{np.median(known):.5g}")
    values, nearest, interpolated = [], [], []
    for row, (t, x) in enumerate(zip(times_ms, columns, strict=True)):
        at = (t - t[0]) * rate_hz / 1000
        whole = np.round(at).astype(int)
        if np.all(np.abs(at - whole) <= NEAR) and np.all(np.diff(whole) > 0):
            block = np.full((whole[-1] + 1, x.shape[1]), np.nan)
            block[whole] = x
            frame = np.full(len(block), -1)
            frame[whole] = np.arange(len(x))
        else:
            apart = max(MAX_APART * float(np.median(np.diff(at))), PAUSE_MS * rate_hz / 1000)
            block = _interpolated(at, x, apart)
            frame = _nearest(at, len(block), apart)
            interpolated.append(row)
        values.append(block)
        nearest.append(frame)
    return FrameGrid(rate_hz, tuple(values), tuple(nearest), own_hz, tuple(interpolated))


def _rate_hz(t: Block) -> float:
    """Of one video, from its steps in time without pauses: their mean, since files round times to a millisecond."""
    steps = np.diff(t)
    usual = steps[np.round(steps / np.median(steps)) == 1]
    return float(1000 / (usual if len(usual) else steps).mean())


def _nearest(at: Block, count: int, most: float) -> npt.NDArray[np.int64]:
    """The frame nearest to each of 0, 1, 2, ..., the earlier of two; -1 where none is within half of `most`."""
    wanted = np.arange(count)
    after = np.clip(np.searchsorted(at, wanted), 1, len(at) - 1)
    found = np.where(wanted - at[after - 1] <= at[after] - wanted, after - 1, after)
    return np.where(np.abs(at[found] - wanted) <= max(MAX_APART, most) / 2, found, -1)


def _interpolated(at: Block, x: Block, most: float) -> Block:
    """Values at 0, 1, 2, ... from those at other times; NaN where a neighbour is missing.

    Where the neighbours lie more than `most` apart, a frame's value stands at the one place that is nearest to it alone.
    """
    wanted = np.arange(int(np.floor(at[-1] + NEAR)) + 1)
    after = np.clip(np.searchsorted(at, wanted), 1, len(at) - 1)
    before = after - 1
    apart = at[after] - at[before]
    share = np.clip((wanted - at[before]) / apart, 0, 1)
    far = apart > most
    share = np.where(far & (np.abs(wanted - at[before]) <= 0.5), 0.0, share)
    share = np.where(far & (np.abs(wanted - at[after]) <= 0.5), 1.0, share)[:, None]
    made = np.where(share == 0, x[before], np.where(share == 1, x[after], (1 - share) * x[before] + share * x[after]))
    far &= (share[:, 0] > 0) & (share[:, 0] < 1)
    return np.where(far[:, None], np.nan, made)
