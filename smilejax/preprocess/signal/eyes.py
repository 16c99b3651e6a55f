"""From the two eyes to the lanes that the recipe asks for."""

import jax.numpy as jnp

from smilejax.preprocess.recipe import Channel
from smilejax.preprocess.signal.trace import Reason, Trace

PRECEDENCE = (
    Reason.OUTSIDE,
    Reason.MEASURED,
    Reason.FROM_OTHER_EYE,
    Reason.FILLED,
    Reason.BLINK,
    Reason.MISSING,
    Reason.OUT_OF_RANGE,
    Reason.TOO_FAST,
    Reason.OFF_TREND,
    Reason.PADDED,
    Reason.ISLAND,
)
"""Which of two reasons a sample made of both eyes keeps. A value goes before none, a measured one first; without a value, what
the tracker or the eyelid did goes before what a step made of it."""


def lanes_of(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """The lanes that channels need: fused for the fused pupil and its drive, left and right; fused for the mask alone."""
    lanes = tuple(dict.fromkeys("fused" if c == "drive" else c for c in channels if c != "mask"))
    return lanes or ("fused",)


def fuse(trace: Trace) -> Trace:
    """One lane from two eyes: their mean where both are present, the seeing one where one is; reasons by `PRECEDENCE`."""
    present = trace.present
    count = jnp.sum(present, axis=1, keepdims=True)
    mean = jnp.sum(trace.pupil, axis=1, keepdims=True) / jnp.maximum(count, 1).astype(trace.pupil.dtype)
    reason = jnp.full(count.shape, PRECEDENCE[-1].code)
    for stronger in reversed(PRECEDENCE):
        reason = jnp.where(jnp.any(trace.reason == stronger.code, axis=1, keepdims=True), stronger.code, reason)
    return Trace(pupil=jnp.where(count > 0, mean, 0.0), reason=reason)


def select(trace: Trace, lanes: tuple[Channel, ...]) -> Trace:
    """The lanes named, in that order, from a trace of (left, right)."""
    parts = {
        "fused": lambda: fuse(trace),
        "left": lambda: Trace(trace.pupil[:, :1], trace.reason[:, :1]),
        "right": lambda: Trace(trace.pupil[:, 1:], trace.reason[:, 1:]),
    }
    chosen = [parts[lane]() for lane in lanes]
    return Trace(
        pupil=jnp.concatenate([t.pupil for t in chosen], axis=1),
        reason=jnp.concatenate([t.reason for t in chosen], axis=1),
    )
