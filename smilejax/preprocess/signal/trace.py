"""`Trace`: one trial on its way through the steps, and `Reason`: why each sample is what it is."""

import enum
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, UInt8


class Reason(enum.IntEnum):
    """Why a sample is what it is. It stays with the sample to the end of the pipeline, and is saved by number."""

    MEASURED = 0
    MISSING = 1
    OUT_OF_RANGE = 2
    TOO_FAST = 3
    OFF_TREND = 4
    ISLAND = 5
    PADDED = 6
    BLINK = 7
    FILLED = 8
    FROM_OTHER_EYE = 9
    OUTSIDE = 10

    @property
    def words(self) -> str:
        """The reason as tables print it."""
        return _WORDS.get(self, self.name.lower().replace("_", " "))

    @property
    def code(self) -> Array:
        """The reason as traces hold it."""
        return jnp.uint8(self.value)


_WORDS = {
    Reason.OFF_TREND: "off the trend line",
    Reason.PADDED: "padded edge",
    Reason.FILLED: "filled from its neighbours",
    Reason.FROM_OTHER_EYE: "filled from the other eye",
    Reason.OUTSIDE: "outside the trial",
}

PRESENT = (Reason.MEASURED, Reason.FILLED, Reason.FROM_OTHER_EYE)
"""Reasons of samples that carry a value."""


def is_present(reason: UInt8[Array, "*S"]) -> Bool[Array, "*S"]:
    """Whether samples with these reasons carry a value: measured or filled."""
    present = reason == PRESENT[0].code
    for other in PRESENT[1:]:
        present = present | (reason == other.code)
    return present


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trace:
    """One trial on its way: T samples of L lanes. Lanes are the eyes (left, right), and after fusing what the recipe asks for.

    Steps take `[T, L]`, or `[T, L, B]` for B trials side by side: time first, since passes run over time, and lanes and trials
    next to each other behind it. What the pipeline gives back has trials first, `[N, T, L]`.

    Arguments:
        pupil: `f32[T, L, *B]`, in the recording's unit; always finite, and 0 wherever `present` is False, so that no NaN can
            reach a sum or a gradient.
        reason: `u8[T, L, *B]`, a `Reason` for each sample.
    """

    pupil: Float[Array, "*S"]
    reason: UInt8[Array, "*S"]

    @property
    def present(self) -> Bool[Array, "*S"]:
        """Samples that carry a value: measured or filled."""
        return is_present(self.reason)


def inside(trace: Trace) -> Bool[Array, "T *B"]:
    """Samples that belong to the trial, by a trace as steps see it."""
    return jnp.all(trace.reason != Reason.OUTSIDE.code, axis=1)


def mark(trace: Trace, where: Bool[Array, "*S"], reason: Reason) -> Trace:
    """Give the samples of a mask a reason that takes their value away."""
    return Trace(
        pupil=jnp.where(where, 0.0, trace.pupil),
        reason=jnp.where(where, reason.code, trace.reason),
    )


def along(values: Array, like: Array) -> Array:
    """Numbers for time `[T]`, with axes of length 1 behind, so that they go with an array over time of more axes."""
    return values.reshape(-1, *[1] * (like.ndim - 1))


def across(values: Array | float, like: Array) -> Array:
    """Numbers for trials `[*B]`, or one for all, with axes of length 1 in front, so that they go with `[T, L, *B]`."""
    numbers = jnp.asarray(values)
    return numbers.reshape(*[1] * (like.ndim - numbers.ndim), *numbers.shape)
