"""From the two eyes to the lanes that the recipe asks for."""

import jax.numpy as jnp

from smilejax.preprocess.trace import Trace
from smilejax.settings import Channel


def lanes_of(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """The lanes that channels need: all but the mask; the mask alone is that of the fused pupil."""
    lanes = tuple(c for c in channels if c != "mask")
    return lanes or ("fused",)


def fuse(trace: Trace) -> Trace:
    """One lane from two eyes: their mean where both are present, the seeing one where one is.

    A sample that neither eye has keeps the lesser reason, so that `missing` in one eye and `out of range` in the other
    reads `missing`.
    """
    present = trace.present
    count = jnp.sum(present, axis=-1, keepdims=True)
    mean = jnp.sum(trace.pupil, axis=-1, keepdims=True) / jnp.maximum(count, 1).astype(trace.pupil.dtype)
    return Trace(
        pupil=jnp.where(count > 0, mean, 0.0),
        reason=jnp.min(trace.reason, axis=-1, keepdims=True),
    )


def select(trace: Trace, lanes: tuple[Channel, ...]) -> Trace:
    """The lanes named, in that order, from a trace of (left, right)."""
    fused = fuse(trace)
    parts = {
        "fused": fused,
        "left": Trace(trace.pupil[:, :1], trace.reason[:, :1]),
        "right": Trace(trace.pupil[:, 1:], trace.reason[:, 1:]),
    }
    chosen = [parts[lane] for lane in lanes]
    return Trace(
        pupil=jnp.concatenate([t.pupil for t in chosen], axis=-1),
        reason=jnp.concatenate([t.reason for t in chosen], axis=-1),
    )
