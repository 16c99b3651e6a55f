"""`Trace`: one trial on its way through the steps."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, UInt8

from smilejax.preprocess.sample_reason import FIRST_FURTHER_VALUE, OUTSIDE, VALUES


def is_present(reason: UInt8[Array, "*S"]) -> Bool[Array, "*S"]:
    """Whether samples with these reasons carry a value: measured or filled."""
    present = reason >= np.uint8(FIRST_FURTHER_VALUE)
    for number in VALUES:
        present = present | (reason == np.uint8(number))
    return present


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trace:
    """One trial on its way: T samples of L lanes. Lanes are the eyes (left, right), and after fusing what the
    recipe asks for; of faces, the measures.

    Steps take `[T, L]`, or `[T, L, B]` for B trials next to each other: time first, since passes run over time, and lanes and
    trials behind it. What the pipeline gives back has trials first, `[N, T, L]`.

    Arguments:
        values: `f32[T, L, *B]`, pupils or measures of a face, in the recording's unit; always finite, and 0 wherever `present`
            is False, so that no NaN can reach a sum or a gradient.
        reason: `u8[T, L, *B]`, a `Reason` for each sample.
    """

    values: Float[Array, "*S"]
    reason: UInt8[Array, "*S"]

    @property
    def present(self) -> Bool[Array, "*S"]:
        """Samples that carry a value: measured or filled."""
        return is_present(self.reason)


def inside(trace: Trace) -> Bool[Array, "T *B"]:
    """Samples that belong to the trial, by a trace as steps see it."""
    return jnp.all(trace.reason != OUTSIDE.code, axis=1)


def mark(trace: Trace, where: Bool[Array, "*S"], code: np.uint8) -> Trace:
    """Give the samples of a mask the code of a reason that takes their value away."""
    return Trace(values=jnp.where(where, 0.0, trace.values), reason=jnp.where(where, code, trace.reason))


def along(values: Array, like: Array) -> Array:
    """Numbers for time `[T]`, with axes of length 1 behind, so that they go with an array over time of more axes."""
    return values.reshape(-1, *[1] * (like.ndim - 1))


def across(values: Array | float, like: Array) -> Array:
    """Numbers for trials `[*B]`, or one for all, with axes of length 1 in front, so that they go with `[T, L, *B]`."""
    numbers = jnp.asarray(values)
    return numbers.reshape(*[1] * (like.ndim - numbers.ndim), *numbers.shape)
