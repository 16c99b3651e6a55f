"""Butterworth low-pass on each unbroken segment of a trial, zero-phase or forwards alone.

Zero-phase, a segment is filtered as `scipy.signal.sosfiltfilt` does it, with the whole segment as odd extension at both ends
(`padlen = n - 1`). So no segment is too short, no number of samples enters, and nothing passes from one side of a long gap
to the other. The extension is never laid out in memory: a filter is linear, and its state after the extension follows from
running it over the mirrored segment.
"""

from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.passes import nearest, shift
from smilejax.preprocess.signal.trace import Trace


class Filter(NamedTuple):
    """A filter of S states: z' = A z + B x, y = C z + D x; `rest` is the state at a constant input of 1.

    A is block diagonal, two states to a block and the last one alone where S is odd. A pytree: another cut-off is other
    numbers in the same compiled program.
    """

    A: Any
    B: Any
    C: Any
    D: Any
    rest: Any


def through(order: int) -> Filter:
    """The filter that changes nothing, in the shape of one of this order."""
    none = np.zeros(order, np.float32)
    return Filter(np.zeros((order, order), np.float32), none, none, np.float32(1), none)


def _poles_and_gain(order: int, cutoff_hz: float, rate_hz: float) -> tuple[list[complex], float]:
    """Poles and gain of a digital Butterworth low-pass; its zeros are -1, as many as poles.

    The prototype's poles stand on the unit circle; they are scaled to the cut-off, warped beforehand, and mapped by the
    bilinear transform. Operation by operation as `scipy.signal.butter(order, cutoff_hz, fs=rate_hz, output="zpk")` does it,
    whose bits these are: importing scipy.signal takes longer than all else that cleaning 48 trials imports.
    """
    twice = 4.0  # two times the rate, which SciPy takes to be 2 when it warps and transforms
    warped = float(twice * np.tan(np.pi * (np.float64(cutoff_hz) / (rate_hz / 2)) / 2.0))
    prototype = -np.exp(1j * np.pi * np.arange(-order + 1, order, 2, dtype=np.float64) / (2 * order))
    poles = warped * prototype
    gain = warped**order * np.real(1.0 / np.prod(twice - poles))
    return ((twice + poles) / (twice - poles)).tolist(), float(gain)


@lru_cache(maxsize=256)
def butterworth(order: int, cutoff_hz: float, rate_hz: float) -> Filter:
    """Butterworth low-pass in modal form, designed in double precision.

    In modal form (each pair of poles a scaled rotation) single precision costs about 1e-6 even at 4 Hz of 1000, where the
    coefficients of the usual direct form lose four digits. Poles and their residues come from the design in poles and zeros:
    the eigenvalues of its matrix are off by 5e-5 already at order 8 and 8 Hz of 1000.
    """
    poles, gain = _poles_and_gain(order, cutoff_hz, rate_hz)
    poles = [p for p in poles if p.imag > 1e-12] + [p for p in poles if abs(p.imag) <= 1e-12]
    every = [q for p in poles for q in ((p, p.conjugate()) if p.imag > 1e-12 else (p.real + 0j,))]
    a, b, c = np.zeros((order, order)), np.zeros(order), np.zeros(order)
    at = 0
    for pole in poles:
        others = list(every)
        others.remove(pole if pole.imag > 1e-12 else pole.real + 0j)
        residue = gain * np.prod([pole + 1.0] * order) / np.prod([pole - q for q in others])
        scale = abs(1 - pole)  # states as large as the input
        b[at] = scale
        if pole.imag > 1e-12:
            a[at : at + 2, at : at + 2] = [[pole.real, -pole.imag], [pole.imag, pole.real]]
            c[at : at + 2] = 2 * residue.real / scale, -2 * residue.imag / scale
            at += 2
        else:
            a[at, at], c[at] = pole.real, residue.real / scale
            at += 1
    rest = np.linalg.solve(np.eye(order) - a, b)
    single = partial(np.asarray, dtype=np.float32)
    return Filter(single(a), single(b), single(c), np.float32(gain), single(rest))


def lowpass(trace: Trace, *, cutoff_hz: float, order: int, rate_hz: float) -> Trace:
    """Low-pass every lane of a trace, forwards and backwards, segment by segment.

    Arguments:
        cutoff_hz: where one pass halves the power; above 0, below rate_hz / 2. Kret & Sjak-Shie 2019: 4.
        order: order of one pass; Kret & Sjak-Shie 2019: 4.
        rate_hz: sampling rate of the trace.
    """
    return apply(butterworth(order, cutoff_hz, rate_hz), trace)


def apply(f: Filter, trace: Trace) -> Trace:
    """A filter forwards and backwards over every segment of every lane."""
    filtered = _both_ways(f, trace.values, trace.present)
    return Trace(filtered, trace.reason)


def applied(f: Filter, trace: Trace, *, phase: Literal["zero", "causal"]) -> Trace:
    """A filter in both directions, or, causal, forwards alone."""
    return apply(f, trace) if phase == "zero" else apply_forwards(f, trace)


def apply_forwards(f: Filter, trace: Trace) -> Trace:
    """A filter forwards over every segment of every lane, from rest at the segment's first sample."""
    x, present = trace.values, trace.present
    first = present & ~shift(present, 1, False)
    level = nearest(x, first).value
    x = jnp.where(present, x - level, 0.0)  # relative to it the state at rest is 0
    y, _ = _run(f, x, first, tuple(jnp.zeros_like(x) for _ in range(f.rest.shape[0])))
    return Trace(jnp.where(present, y + level, 0.0), trace.reason)


State = tuple[Array, ...]
"""The S states, each an array of its own over the lanes: operations then run along lanes, not along states."""


def _both_ways(f: Filter, x: Float[Array, "T *L"], present: Bool[Array, "T *L"]) -> Float[Array, "T *L"]:
    """Names follow time: `first` and `last` mark the ends of segments."""
    first = present & ~shift(present, 1, False)
    last = present & ~shift(present, -1, False)
    level = (jnp.sum(x, axis=0) / jnp.maximum(jnp.sum(present, axis=0), 1).astype(x.dtype))[None]
    x = jnp.where(present, x - level, 0.0)
    end = nearest(x, last, ahead=True).value

    # Forwards. The odd extension before a segment is 2 x[first] - (the segment mirrored), and a constant input of 1 keeps
    # the state at `rest`: so the state at the first sample is 2 x[first] rest - (state after the mirrored segment).
    mirrored = _states_after(f, x, last, _times(end, f), reverse=True)
    given = tuple(2 * r * x - m for r, m in zip(_elements(f.rest), mirrored, strict=True))
    y, after = _run(f, x, first, given)
    # Behind the segment: 2 x[last] - mirrored, met on the way back, so it is written from right to left.
    beyond = _outputs_after(f, 2 * end - x, last, after, reverse=True)
    tail = jnp.where(last, y, beyond)
    # Backwards: over the extension (left to right here), then over the segment itself.
    entry = _states_after(f, tail, first, _times(tail, f), reverse=False)
    back, _ = _run(f, y, last, entry, reverse=True)
    return jnp.where(present, back + level, 0.0)


def _elements(vector: Array | npt.NDArray[np.floating]) -> tuple[Array | np.floating, ...]:
    """The numbers of a filter one by one; outside a compiled program they are NumPy's."""
    return tuple(vector[i] for i in range(vector.shape[0]))


def _times(x: Float[Array, "T *L"], f: Filter) -> State:
    """The resting states at constant inputs x."""
    return tuple(r * x for r in _elements(f.rest))


def _next(f: Filter, z: State, sample: Array) -> State:
    """The state after a sample: A z + B x, block by block."""
    after = []
    for i in range(len(z)):
        other = i ^ 1
        turned = f.A[i, i] * z[i] + (f.A[i, other] * z[other] if other < len(z) else 0.0)
        after.append(turned + f.B[i] * sample)
    return tuple(after)


def _output(f: Filter, z: State, sample: Array) -> Array:
    return sum((c * own for c, own in zip(_elements(f.C), z, strict=True)), f.D * sample)


def _rested(f: Filter, x: Array) -> State:
    return tuple(jnp.zeros(x.shape[1:], x.dtype) for _ in range(f.rest.shape[0]))


def _run(f: Filter, x: Array, reset: Array, given: State, *, reverse: bool = False) -> tuple[Array, State]:
    """Run the filter over x, from the given state on at each reset. Returns the output and the state after each sample."""

    def step(z: State, inputs: tuple[Array, Array, State]) -> tuple[State, tuple[Array, State]]:
        sample, here, start = inputs
        z = tuple(jnp.where(here, s, own) for s, own in zip(start, z, strict=True))
        after = _next(f, z, sample)
        return after, (_output(f, z, sample), after)

    output, after = jax.lax.scan(step, _rested(f, x), (x, reset, given), reverse=reverse)[1]
    return output, after


def _states_after(f: Filter, x: Array, reset: Array, given: State, *, reverse: bool) -> State:
    """The state before each sample, where a reset puts the given state behind its own sample, which is passed over."""

    def step(z: State, inputs: tuple[Array, Array, State]) -> tuple[State, State]:
        sample, here, start = inputs
        own = _next(f, z, sample)
        after = tuple(jnp.where(here, s, n) for s, n in zip(start, own, strict=True))
        return after, tuple(jnp.where(here, s, b) for s, b in zip(start, z, strict=True))

    before: State = jax.lax.scan(step, _rested(f, x), (x, reset, given), reverse=reverse)[1]
    return before


def _outputs_after(f: Filter, x: Array, reset: Array, given: State, *, reverse: bool) -> Array:
    """The output at each sample, where a reset puts the given state behind its own sample, which is passed over."""

    def step(z: State, inputs: tuple[Array, Array, State]) -> tuple[State, Array]:
        sample, here, start = inputs
        output = _output(f, z, sample)
        after = tuple(jnp.where(here, s, n) for s, n in zip(start, _next(f, z, sample), strict=True))
        return after, output

    output: Array = jax.lax.scan(step, _rested(f, x), (x, reset, given), reverse=reverse)[1]
    return output
