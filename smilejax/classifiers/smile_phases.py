"""Onset, apex and offset of a smile, found by a stated rule in the course of the lip corners.

The apex frame is that of the course's maximum. The onset begins at the last frame before it at which the course has not
risen by 10 % of its amplitude, and ends where it has first risen by 90 %; the offset begins at the last frame after it at
which the course has not fallen by 10 % of its decline, and ends where it has first fallen by 90 %; between them lies the apex.
The amplitude is the rise from the least value before the apex frame, the decline the fall to the least value after it. Times
are interpolated between frames.

The rule is ours. Dibeklioglu et al. (2012), of whom we read the abstract only, are said to take the longest
continuous rise as onset and the longest continuous fall as offset; noise of one frame ends those, but not these.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

LOW, HIGH = 0.1, 0.9
"""Proportions of amplitude and decline at which onset and offset begin and end: the usual ones of a rise time."""
LEAST_DECLINE = 0.25
"""A smile that falls by less than this proportion of its amplitude before the video ends has no offset in it. Our choice."""


class SmilePhases(NamedTuple):
    """Of one video. Frames are whole numbers, times fractions of frames; an absent phase has NaN times."""

    level: Float[Array, ""]
    """Of the course before the smile, its least value."""
    amplitude: Float[Array, ""]
    decline: Float[Array, ""]
    onset: Float[Array, " 2"]
    """Times at which the onset begins and ends, in frames."""
    offset: Float[Array, " 2"]
    frames: Int[Array, " 4"]
    """Last frame before the onset, first one after it; last one before the offset, first one after it."""
    rises: Bool[Array, ""]
    """Whether there is a smile: the course rises within the video."""
    falls: Bool[Array, ""]
    """Whether its offset is in the video."""


def find_phases(course: Float[Array, " T"], valid: Bool[Array, " T"]) -> SmilePhases:
    """The phases of one smile.

    Arguments:
        course: of the lip corners; its level and unit do not matter.
        valid: frames at which it is known.
    """
    time = jnp.arange(len(course))
    high, low = jnp.where(valid, course, -jnp.inf), jnp.where(valid, course, jnp.inf)
    apex = jnp.argmax(high)
    top, before, after = high[apex], time <= apex, time >= apex
    level = jnp.min(jnp.where(before, low, jnp.inf))
    end_level = jnp.min(jnp.where(after, low, jnp.inf))
    amplitude, decline = top - level, top - end_level
    rises = jnp.any(valid) & (amplitude > 0)
    falls = rises & (decline >= LEAST_DECLINE * amplitude)

    def last(condition: Bool[Array, " T"]) -> Int[Array, ""]:
        return jnp.max(jnp.where(condition & valid, time, -1))

    def first(condition: Bool[Array, " T"]) -> Int[Array, ""]:
        return jnp.min(jnp.where(condition & valid, time, len(course) - 1))

    onset_levels = level + amplitude * jnp.array([LOW, HIGH])
    offset_levels = top - decline * jnp.array([LOW, HIGH])
    a = last(before & (course <= onset_levels[0]))
    b = first(before & (time >= a) & (course >= onset_levels[1]))
    c = last(after & (course >= offset_levels[0]))
    d = first(after & (time >= c) & (course <= offset_levels[1]))

    def crossing(frame: Int[Array, ""], step: int, level: Float[Array, ""]) -> Float[Array, ""]:
        """When the course crosses a level between a frame and its neighbour."""
        other = jnp.clip(frame + step, 0, len(course) - 1)
        way = course[other] - course[frame]
        part = jnp.where(way != 0, (level - course[frame]) / jnp.where(way != 0, way, 1.0), 0.0)
        return frame.astype(course.dtype) + step * jnp.where(valid[other] & (part >= 0) & (part <= 1), part, 0.0)

    onset = jnp.stack([crossing(a, 1, onset_levels[0]), crossing(b, -1, onset_levels[1])])
    offset = jnp.stack([crossing(c, 1, offset_levels[0]), crossing(d, -1, offset_levels[1])])
    return SmilePhases(
        level=level,
        amplitude=amplitude,
        decline=decline,
        onset=jnp.where(rises, onset, jnp.nan),
        offset=jnp.where(falls, offset, jnp.nan),
        frames=jnp.stack([a, b, c, d]),
        rises=rises,
        falls=falls,
    )


def in_onset(phases: SmilePhases, steps: int) -> Bool[Array, " T"]:
    """Frames from the last one before the onset to the first one after it."""
    return _between(phases.frames[0], phases.frames[1], steps)


def in_apex(phases: SmilePhases, steps: int) -> Bool[Array, " T"]:
    """Frames from the first one after the onset to the last one before the offset; to the video's end without one."""
    last = jnp.where(phases.falls, phases.frames[2], steps - 1)
    return _between(phases.frames[1], last, steps)


def in_offset(phases: SmilePhases, steps: int) -> Bool[Array, " T"]:
    """Frames from the last one before the offset to the first one after it."""
    return _between(phases.frames[2], phases.frames[3], steps) & phases.falls


def _between(first: Int[Array, ""], last: Int[Array, ""], steps: int) -> Bool[Array, " T"]:
    time = jnp.arange(steps)
    return (time >= first) & (time <= last)
