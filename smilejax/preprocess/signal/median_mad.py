"""Order statistics that hold however wild a tenth of the samples are."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


def median(x: Float[Array, "T *L"], where: Bool[Array, "T *L"]) -> Float[Array, "*L"]:
    """Median over time of the values in each lane's mask, none of which may be negative; 0 where the mask is empty.

    Found bit by bit: the bits of a float from 0 up are in the order of its value, and counting what lies below a bound
    runs over many lanes at once. Sorting costs ten times as much on a CPU.
    """
    bits = jnp.where(where, jax.lax.bitcast_convert_type(jnp.abs(x), jnp.int32), jnp.int32(2**31 - 1))
    count = jnp.sum(where, axis=0)
    low = _ranked(bits, (count - 1) // 2)
    # The upper of the two middle values: the same one, if there are enough of them, or the next above.
    again = jnp.sum(bits <= low[None], axis=0) > count // 2
    high = jnp.where(again, low, jnp.min(jnp.where(bits > low[None], bits, jnp.int32(2**31 - 1)), axis=0))
    middle = sum((jax.lax.bitcast_convert_type(b, jnp.float32) for b in (low, high)), jnp.float32(0)) / 2
    return jnp.where(count > 0, middle, 0.0)


def _ranked(bits: Int[Array, "T *L"], rank: Int[Array, "*L"]) -> Int[Array, "*L"]:
    """The value that has `rank` values below it or equal before it: halving the range 31 times."""

    def halve(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = low + (high - low) // 2
        enough = jnp.sum(bits <= middle[None], axis=0) > rank
        return jnp.where(enough, low, middle + 1), jnp.where(enough, middle, high)

    ends = (jnp.zeros(rank.shape, jnp.int32), jnp.full(rank.shape, 2**31 - 1, jnp.int32))
    return jax.lax.fori_loop(0, 31, halve, ends)[0]


class MedianMad(NamedTuple):
    """Where values lie and how far they scatter."""

    median: Float[Array, "*L"]
    mad: Float[Array, "*L"]
    """Median absolute deviation from the median, unscaled: a normal distribution's is .6745 standard deviations."""

    def limit(self, mads: Float[Array, ""] | float) -> Float[Array, "*L"]:
        """Median + so many MAD; infinite where `mads` is, even at a MAD of 0."""
        wide = jnp.asarray(mads, jnp.float32)
        return jnp.where(jnp.isinf(wide), jnp.inf, self.median + jnp.where(jnp.isinf(wide), 0.0, wide) * self.mad)


def median_mad(x: Float[Array, "T *L"], where: Bool[Array, "T *L"]) -> MedianMad:
    """Median and MAD over time of the values in each lane's mask, none of which may be negative."""
    middle = median(x, where)
    return MedianMad(middle, median(jnp.abs(x - middle[None]), where))
