"""What a lane looks like from each of its samples: one pass over time each, so that no step needs a loop of its own.

A pass is `lax.scan` over time, on any number of lanes at once: arrays are `[T, L]`, and may have further axes. It is several
times faster on a CPU than the logarithmic scans behind `cummax`, and compiles faster. Lanes are an axis of these functions
and not left to `vmap`, which moves its axis to the front wherever a number for each lane meets an array over time: that is a
transposition of everything, there and back, and cost three quarters of the time.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

NEVER = 2**30
"""Count of samples that stands for `none`: no recording is as long."""


def in_samples(duration_ms: Float[Array, ""] | float, rate_hz: float) -> Float[Array, ""] | float:
    """A length of time in samples, not rounded, with a hair added: 250 ms at 60 Hz are 15 and must not count as 14.9999.

    Runs of samples are compared with it: n samples stand for n / rate.
    """
    return duration_ms * (rate_hz / 1000) + 1e-3


def at_least_samples(duration_ms: Float[Array, ""] | float, rate_hz: float) -> Float[Array, ""] | float:
    """`in_samples` with the hair taken off instead: for runs that must last no less than this."""
    return in_samples(duration_ms, rate_hz) - 2e-3


def shift(x: Array, samples: int, fill: Array | float | int | bool) -> Array:
    """x moved to later samples by so many (earlier, if negative), with `fill` where nothing comes in."""
    count = min(abs(samples), x.shape[0])
    edge = jnp.full((count, *x.shape[1:]), fill, x.dtype)
    if samples >= 0:
        return jnp.concatenate([edge, x[: x.shape[0] - count]])
    return jnp.concatenate([x[count:], edge])


class Nearest(NamedTuple):
    """For every sample: the nearest marked one behind (or ahead), itself included."""

    apart: Int[Array, "T *L"]
    """Samples away; `NEVER` or more where there is none."""
    value: Float[Array, "T *L"]
    """Its value; 0 where there is none."""


def nearest(x: Float[Array, "T *L"], marked: Bool[Array, "T *L"], *, ahead: bool = False) -> Nearest:
    """The nearest marked sample at or before each sample; with `ahead`, at or after it."""

    def step(
        carry: tuple[Array, Array], inputs: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        apart, value = carry
        here, own = inputs
        apart = jnp.where(here, 0, apart + 1)
        value = jnp.where(here, own, value)
        return (apart, value), (apart, value)

    start = (jnp.full(x.shape[1:], NEVER), jnp.zeros(x.shape[1:], x.dtype))
    return Nearest(*jax.lax.scan(step, start, (marked, x), reverse=ahead)[1])


class ConsecutiveSamples(NamedTuple):
    """For every sample: the run of equal marks it stands in, seen from one side."""

    place: Int[Array, "T *L"]
    """Its place in its run, from 1."""
    last: Int[Array, "T *L"]
    """Length of the run before; `NEVER` where its run is the first."""


def runs(marked: Bool[Array, "T *L"], *, ahead: bool = False, endless: bool = False) -> ConsecutiveSamples:
    """Runs of marked and of unmarked samples, counted from the left; with `ahead`, from the right.

    With `endless`, an unmarked run at the end that counting starts from counts as if it had no beginning.
    """

    def step(carry: tuple[Array, Array, Array], here: Array) -> tuple[tuple[Array, Array, Array], tuple[Array, Array]]:
        mark, place, last = carry
        same = (here == mark) | (place == 0)  # a place of 0: nothing counted yet
        last = jnp.where(same, last, place)
        place = jnp.where(same, place + 1, 1)
        return (here, place, last), (place, last)

    lanes = marked.shape[1:]
    start = (jnp.zeros(lanes, bool), jnp.full(lanes, NEVER if endless else 0), jnp.full(lanes, NEVER))
    return ConsecutiveSamples(*jax.lax.scan(step, start, marked, reverse=ahead)[1])


def run_length(marked: Bool[Array, "T *L"]) -> Int[Array, "T *L"]:
    """Length of the run of equal marks that each sample stands in, in samples."""
    return runs(marked).place + runs(marked, ahead=True).place - 1


def enclosed(marked: Bool[Array, "T *L"], most: Float[Array, ""] | float) -> Bool[Array, "T *L"]:
    """Unmarked samples in runs of at most so many that stand between two marked runs."""
    left, right = runs(marked), runs(marked, ahead=True)
    flanked = (left.last < NEVER) & (right.last < NEVER)
    return ~marked & flanked & ((left.place + right.place - 1).astype(jnp.float32) <= most)


def reach(
    source: Bool[Array, "T *L"], through: Bool[Array, "T *L"], most: Float[Array, ""] | float, *, ahead: bool = False
) -> Bool[Array, "T *L"]:
    """Samples reached from a source by searching outward over samples of `through`, at most so many.

    Walks go to the right; with `ahead`, from each source to the left. Sources themselves are not reached.
    """

    def step(covered: Array, inputs: tuple[Array, Array]) -> tuple[Array, Array]:
        starts, goes = inputs
        # Half a sample of room: a limit of 150 ms is 9 samples at 60 Hz, and 9.001 in single precision.
        on = ~starts & goes & (covered + 0.5 < most)
        covered = jnp.where(starts, 0.0, jnp.where(on, covered + 1.0, jnp.inf))
        return covered, on

    start = jnp.full(source.shape[1:], jnp.inf, jnp.float32)
    reached: Array = jax.lax.scan(step, start, (source, through), reverse=ahead)[1]
    return reached
