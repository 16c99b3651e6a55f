"""Fuse the eyes: from the two eyes to the lanes that the recipe's channels are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from smilejax.preprocess.channels import Lane, lanes_of
from smilejax.preprocess.steps.step import Described, Known, Step

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State


def fuse(trace: Trace, precedence: Sequence[np.uint8]) -> Trace:
    """One lane from two eyes: their mean where both are present, the seeing one where one is.

    Arguments:
        precedence: codes of all reasons; of two, the sample keeps the one that comes first.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.trace import Trace

    present = trace.present
    count = jnp.sum(present, axis=1, keepdims=True)
    mean = jnp.sum(trace.values, axis=1, keepdims=True) / jnp.maximum(count, 1).astype(trace.values.dtype)
    reason = jnp.full(count.shape, precedence[-1])
    for stronger in reversed(precedence):
        reason = jnp.where(jnp.any(trace.reason == stronger, axis=1, keepdims=True), stronger, reason)
    return Trace(values=jnp.where(count > 0, mean, 0.0), reason=reason)


def select(trace: Trace, lanes: Sequence[Lane], precedence: Sequence[np.uint8]) -> Trace:
    """The lanes given, in that order, from a trace of (left, right)."""
    import jax.numpy as jnp

    from smilejax.preprocess.signal.trace import Trace

    def one(lane: Lane) -> Trace:
        if lane.eye is None:
            return fuse(trace, precedence)
        return Trace(trace.values[:, lane.eye : lane.eye + 1], trace.reason[:, lane.eye : lane.eye + 1])

    chosen = [one(lane) for lane in lanes]
    return Trace(
        values=jnp.concatenate([t.values for t in chosen], axis=1),
        reason=jnp.concatenate([t.reason for t in chosen], axis=1),
    )


class _FuseEyes(Step["Recipe"]):
    name = "fuse the eyes"
    causal = True

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if any(lane.eye is None for lane in lanes_of(recipe.channels)):
            yield Described(self.name, "average the eyes; where one is absent, take the other", "")

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        lanes = lanes_of(program.channels)
        return replace(state, eyes=state.trace, trace=select(state.trace, lanes, program.precedence))


FUSE_EYES = _FuseEyes()
