"""From a finished trace to what the model sees."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.eyes import lanes_of
from smilejax.preprocess.trace import Reason, Trace
from smilejax.settings import Channel


def features(trace: Trace, channels: tuple[Channel, ...]) -> tuple[Float[Array, "T C"], Bool[Array, " T"]]:
    """Channels `f32[T, C]` in the order asked for, and `valid bool[T]`: steps at which every lane is present.

    The mask channel is 1 where every lane was measured and 0 where one was filled. A step at which a lane is absent is not
    valid: the model passes over it, and no zero stands in for a pupil.
    """
    lanes = lanes_of(channels)
    measured = jnp.all(trace.reason == Reason.MEASURED, axis=-1)
    columns = [measured.astype(trace.pupil.dtype) if c == "mask" else trace.pupil[:, lanes.index(c)] for c in channels]
    valid = jnp.all(trace.present, axis=-1)
    return jnp.where(valid[:, None], jnp.stack(columns, axis=-1), 0.0), valid
