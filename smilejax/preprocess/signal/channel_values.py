"""From a finished trace to what the model sees."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.recipe import Channel
from smilejax.preprocess.signal.deconvolution import drive
from smilejax.preprocess.signal.eyes import lanes_of
from smilejax.preprocess.signal.trace import Reason, Trace


def features(
    trace: Trace, channels: tuple[Channel, ...], *, rate_hz: float, response: tuple[float, float] = (10.1, 930.0)
) -> tuple[Float[Array, "T C *B"], Bool[Array, "T *B"]]:
    """Channels `f32[T, C]` in the order asked for, and `valid bool[T]`: steps at which every lane is present.

    The mask channel is 1 where every lane was measured and 0 where one was filled. The drive is that of the fused pupil,
    deconvolved with the response's n and time to peak in ms. A step at which a lane is absent is not valid: the model passes
    over it, and no zero stands in for a pupil.
    """
    lanes = lanes_of(channels)

    def column(channel: Channel) -> Array:
        if channel == "mask":
            return jnp.all(trace.reason == Reason.MEASURED.code, axis=1).astype(trace.pupil.dtype)
        lane = lanes.index("fused" if channel == "drive" else channel)
        x, present = trace.pupil[:, lane], trace.present[:, lane]
        if channel == "drive":
            return drive(x, present, rate_hz=rate_hz, n=response[0], t_max_ms=response[1])
        return x

    valid = jnp.all(trace.present, axis=1)
    return jnp.where(valid[:, None], jnp.stack([column(c) for c in channels], axis=1), 0.0), valid
