"""`Trace`: one trial on its way through the steps, and `Reason`: why each sample is what it is."""

import enum
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


class Reason(enum.IntEnum):
    """Why a sample is what it is. It stays with the sample to the end of the pipeline."""

    MEASURED = 0
    MISSING = 1
    OUT_OF_RANGE = 2
    FILLED = 3
    OUTSIDE = 4

    @property
    def words(self) -> str:
        """The reason as tables print it."""
        return self.name.lower().replace("_", " ")


def is_present(reason: Int[Array, "*S"]) -> Bool[Array, "*S"]:
    """Whether samples with these reasons carry a value: measured or filled."""
    return (reason == Reason.MEASURED) | (reason == Reason.FILLED)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trace:
    """One trial: T samples of L lanes. Lanes are the eyes (left, right), and after fusing those the recipe asks for.

    Arguments:
        pupil: `f32[T, L]`, in the recording's unit; always finite, and 0 wherever `present` is False, so that no NaN can
            reach a sum or a gradient.
        reason: `i32[T, L]`, a `Reason` for each sample.
    """

    pupil: Float[Array, "*N T L"]
    reason: Int[Array, "*N T L"]

    @property
    def present(self) -> Bool[Array, "*N T L"]:
        """Samples that carry a value: measured or filled."""
        return is_present(self.reason)

    @property
    def inside(self) -> Bool[Array, "*N T"]:
        """Samples that belong to the trial."""
        return jnp.all(self.reason != Reason.OUTSIDE, axis=-1)


def mark(trace: Trace, where: Bool[Array, "T L"], reason: Reason) -> Trace:
    """Give the samples of a mask a reason that takes their value away."""
    return Trace(
        pupil=jnp.where(where, 0.0, trace.pupil),
        reason=jnp.where(where, jnp.int32(reason), trace.reason),
    )
