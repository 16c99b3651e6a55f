"""Zero-phase Butterworth low-pass on each unbroken segment of a trial.

A segment is filtered as `scipy.signal.sosfiltfilt` does it, with the whole segment as odd extension at both ends
(`padlen = n - 1`). So no segment is too short, no number of samples enters, and nothing passes from one side of a long gap
to the other. The extension is never laid out in memory: a filter is linear, and its state after the extension follows from
running it over the mirrored segment.
"""

from functools import lru_cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.trace import Trace


class Filter(NamedTuple):
    """A filter of S states: z' = A z + B x, y = C z + D x; `rest` is the state at a constant input of 1."""

    A: np.ndarray
    B: np.ndarray
    C: np.ndarray
    D: np.float32
    rest: np.ndarray


@lru_cache(maxsize=64)
def butterworth(order: int, cutoff_hz: float, rate_hz: float) -> Filter:
    """Butterworth low-pass in modal form, designed by SciPy in double precision.

    In modal form (each pole pair a scaled rotation) single precision costs about 1e-6 even at 4 Hz of 1000, where the
    coefficients of the usual direct form lose four digits.
    """
    from scipy import signal  # a third of a second, and only recipes with a filter need it

    a, b, c, d = _in_series(signal.butter(order, cutoff_hz, fs=rate_hz, output="sos"))
    values, vectors = np.linalg.eig(a)
    columns = []
    for i, value in enumerate(values):
        if abs(value.imag) < 1e-12:
            columns.append(vectors[:, i].real)
        elif value.imag > 0:
            columns += [vectors[:, i].real, vectors[:, i].imag]
    t = np.stack(columns, axis=1)
    a, b, c = np.linalg.solve(t, a @ t), np.linalg.solve(t, b), c @ t
    rest = np.linalg.solve(np.eye(len(b)) - a, b)
    single = partial(np.asarray, dtype=np.float32)
    return Filter(single(a), single(b), single(c), np.float32(d), single(rest))


def _in_series(sections: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """State space of second-order sections one after another. By way of polynomials, high orders lose their digits."""
    a, b, c, d = np.zeros((0, 0)), np.zeros(0), np.zeros(0), 1.0
    for b0, b1, b2, _, a1, a2 in sections:
        own_a = np.array([[-a1, 1.0], [-a2, 0.0]])
        own_b, own_c = np.array([b1 - a1 * b0, b2 - a2 * b0]), np.array([1.0, 0.0])
        top = np.concatenate([a, np.zeros((len(b), len(own_b)))], axis=1)
        a = np.concatenate([top, np.concatenate([np.outer(own_b, c), own_a], axis=1)])
        b, c, d = np.concatenate([b, own_b * d]), np.concatenate([b0 * c, own_c]), b0 * d
    return a, b, c, float(d)


def lowpass(trace: Trace, *, cutoff_hz: float, order: int, rate_hz: float) -> Trace:
    """Low-pass every lane of a trace, forwards and backwards, segment by segment.

    Arguments:
        cutoff_hz: where one pass halves the power; above 0, below rate_hz / 2. Kret & Sjak-Shie 2019: 4.
        order: order of one pass; Kret & Sjak-Shie 2019: 4.
        rate_hz: sampling rate of the trace.
    """
    f = butterworth(order, cutoff_hz, rate_hz)
    filtered = jax.vmap(partial(_both_ways, f), in_axes=(1, 1), out_axes=1)(trace.pupil, trace.present)
    return Trace(filtered, trace.reason)


def _both_ways(f: Filter, x: Float[Array, " T"], present: Bool[Array, " T"]) -> Float[Array, " T"]:
    """One lane. Names follow time: `first` and `last` mark the ends of segments."""
    off = jnp.zeros(1, bool)
    first = present & ~jnp.concatenate([off, present[:-1]])
    last = present & ~jnp.concatenate([present[1:], off])
    level = jnp.sum(x) / jnp.maximum(jnp.sum(present), 1).astype(x.dtype)
    x = jnp.where(present, x - level, 0.0)
    end = _hold(x, last, reverse=True)

    # Forwards. The odd extension before a segment is 2 x[first] - (the segment mirrored), and a constant input of 1 keeps
    # the state at `rest`: so the state at the first sample is 2 x[first] rest - (state after the mirrored segment).
    mirrored = _run(f, x, last, _times(end, f.rest), reverse=True, reset_before=False).before
    y = _run(f, x, first, _times(2 * x, f.rest) - mirrored)
    # Behind the segment: 2 x[last] - mirrored, met on the way back, so it is written from right to left.
    beyond = _run(f, 2 * end - x, last, y.after, reverse=True, reset_before=False)
    tail = jnp.where(last, y.output, beyond.output)
    # Backwards: over the extension (left to right here), then over the segment itself.
    entry = _run(f, tail, first, _times(tail, f.rest)).before
    back = _run(f, y.output, last, entry, reverse=True)
    return jnp.where(present, back.output + level, 0.0)


def _times(x: Float[Array, " T"], rest: np.ndarray) -> Float[Array, "T S"]:
    """The resting states at constant inputs x."""
    return x[:, None] * rest[None, :]


def _hold(x: Float[Array, " T"], at: Bool[Array, " T"], *, reverse: bool) -> Float[Array, " T"]:
    """The value of x at the nearest marked sample behind (or, with reverse, ahead)."""

    def step(held: Array, inputs: tuple[Array, Array]) -> tuple[Array, Array]:
        held = jnp.where(inputs[1], inputs[0], held)
        return held, held

    return jax.lax.scan(step, jnp.zeros((), x.dtype), (x, at), reverse=reverse)[1]


class _Pass(NamedTuple):
    before: Float[Array, "T S"]
    after: Float[Array, "T S"]
    output: Float[Array, " T"]


def _run(
    f: Filter,
    x: Float[Array, " T"],
    reset: Bool[Array, " T"],
    state: Float[Array, "T S"],
    *,
    reverse: bool = False,
    reset_before: bool = True,
) -> _Pass:
    """Run the filter over x; where `reset` is set, the state becomes `state` there.

    With `reset_before` the sample at the reset is filtered from that state; without, it is passed over: the state holds
    from the next sample on, and `before` shows it at the reset itself.
    """

    def step(z: Array, inputs: tuple[Array, Array, Array]) -> tuple[Array, tuple[Array, Array, Array]]:
        sample, at_reset, given = inputs
        z = jnp.where(at_reset, given, z)
        after = jnp.sum(f.A * z[None, :], axis=1) + f.B * sample
        output = jnp.sum(f.C * z) + f.D * sample
        if not reset_before:
            after = jnp.where(at_reset, given, after)
        return after, (z, after, output)

    return _Pass(*jax.lax.scan(step, jnp.zeros_like(f.rest), (x, reset, state), reverse=reverse)[1])
