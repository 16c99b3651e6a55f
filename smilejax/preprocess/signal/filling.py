"""Values for gaps, from the neighbouring samples of the same trial."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.passes import NEVER, Nearest, nearest, shift
from smilejax.preprocess.signal.trace import along


def _sides(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> tuple[Nearest, Nearest]:
    return nearest(x, present), nearest(x, present, ahead=True)


def _share(before: Nearest, after: Nearest) -> Float[Array, "T *L"]:
    """How far each sample lies on the way between its neighbours, 0 to 1."""
    width = jnp.maximum(before.apart + after.apart, 1)
    return before.apart.astype(jnp.float32) / width.astype(jnp.float32)


def _held(value: Float[Array, "T *L"], before: Nearest, after: Nearest) -> Float[Array, "T *L"]:
    """The value where there are two neighbours, that of the one where there is one."""
    value = jnp.where(before.apart >= NEVER, after.value, value)
    return jnp.where(after.apart >= NEVER, before.value, value)


def between(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "T *L"]:
    """Straight lines between present samples, level beyond the first and the last; 0 where there is none."""
    before, after = _sides(x, present)
    return _held(before.value + _share(before, after) * (after.value - before.value), before, after)


def pchip(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "T *L"]:
    """The monotone cubic through the present samples, as `scipy.interpolate.PchipInterpolator`; level beyond the ends."""
    before, after = _sides(x, present)
    slope = _slopes(x, present)
    left, right = nearest(slope, present).value, nearest(slope, present, ahead=True).value
    s = _share(before, after)
    width = (before.apart + after.apart).astype(x.dtype)
    rise = after.value - before.value
    cubic = before.value + s**2 * (3 - 2 * s) * rise + width * s * (1 - s) * ((1 - s) * left - s * right)
    return _held(jnp.where(present, x, cubic), before, after)


def _slopes(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "T *L"]:
    """The monotone cubic's slope at each present sample, per sample."""
    before, after = _sides(x, present)
    h0, h1 = shift(before.apart, 1, NEVER) + 1, shift(after.apart, -1, NEVER) + 1
    first, last = h0 > NEVER, h1 > NEVER
    w0, w1 = h0.astype(x.dtype), h1.astype(x.dtype)
    d0 = (x - shift(before.value, 1, 0.0)) / w0
    d1 = (shift(after.value, -1, 0.0) - x) / w1
    same = d0 * d1 > 0
    weighted = (2 * w1 + w0) / jnp.where(same, d0, 1.0) + (w1 + 2 * w0) / jnp.where(same, d1, 1.0)
    inner = jnp.where(same, 3 * (w0 + w1) / jnp.where(same, weighted, 1.0), 0.0)
    # At the ends a parabola through three samples, kept monotone: the neighbour's interval is what the neighbour knows.
    far_w1, far_d1 = (shift(nearest(v, present, ahead=True).value, -1, 0.0) for v in (w1, d1))
    far_w0, far_d0 = (shift(nearest(v, present).value, 1, 0.0) for v in (w0, d0))
    at_first = _end_slope(w1, far_w1, d1, far_d1)
    at_last = _end_slope(w0, far_w0, d0, far_d0)
    slope = jnp.where(first, at_first, jnp.where(last, at_last, inner))
    return jnp.where(present & ~(first & last), slope, 0.0)


def _end_slope(h0: Array, h1: Array, d0: Array, d1: Array) -> Array:
    """Slope at an end sample from its own interval (h0, d0) and the next one (h1, d1)."""
    alone = h1 >= NEVER  # two samples in all: a straight line
    slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    slope = jnp.where((jnp.sign(d0) != jnp.sign(d1)) & (jnp.abs(slope) > 3 * jnp.abs(d0)), 3 * d0, slope)
    slope = jnp.where(jnp.sign(slope) != jnp.sign(d0), 0.0, slope)
    return jnp.where(alone, d0, slope)


def four_point(x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "T *L"]:
    """A cubic through four equally spaced samples, the inner two the gap's neighbours; a line where one is absent."""
    before, after = _sides(x, present)
    t = along(jnp.arange(x.shape[0]), x)
    width = jnp.where((before.apart < NEVER) & (after.apart < NEVER), before.apart + after.apart, 0)
    early, late = t - before.apart - width, t + after.apart + width
    there = (width > 0) & (early >= 0) & (late < x.shape[0])
    early, late = jnp.where(there, early, 0), jnp.where(there, late, 0)

    def at(values: Array, index: Array) -> Array:
        return jnp.take_along_axis(values, index, axis=0)

    there = there & at(present, early) & at(present, late)
    s = _share(before, after)
    cubic = (
        -at(x, early) * s * (s - 1) * (s - 2) / 6
        + before.value * (s + 1) * (s - 1) * (s - 2) / 2
        - after.value * (s + 1) * s * (s - 2) / 2
        + at(x, late) * (s + 1) * s * (s - 1) / 6
    )
    return jnp.where(there & ~present, cubic, between(x, present))
