"""From a finished trace to what the model sees."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.eyes import lanes_of
from smilejax.preprocess.trace import Reason, Trace
from smilejax.settings import Channel


def features(trace: Trace, channels: tuple[Channel, ...]) -> tuple[Float[Array, "T C"], Bool[Array, " T"]]:
    """Channels `f32[T, C]` in the order asked for, and `valid bool[T]`: steps at which any lane is present.

    The mask channel is 1 where any lane was measured and 0 where it was filled or is absent; inside the trial it carries
    a value even where the pupil does not, but such steps stay invalid: the model passes over them.
    """
    lanes = lanes_of(channels)
    measured = jnp.any(trace.reason == Reason.MEASURED, axis=-1)
    columns = [measured.astype(trace.pupil.dtype) if c == "mask" else trace.pupil[:, lanes.index(c)] for c in channels]
    valid = jnp.any(trace.present, axis=-1)
    return jnp.where(valid[:, None], jnp.stack(columns, axis=-1), 0.0), valid
