"""The pupil's own response to a blink: fitted and taken out."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from smilejax.preprocess.signal.passes import shift
from smilejax.preprocess.signal.trace import Trace, along
from smilejax.simulate.responses import blink_response

RESPONSE_MS = 8000.0
"""Length of the response that is laid out: it is below a thousandth of its trough by then."""


def take_out_blink_response(
    trace: Trace, blink: Bool[Array, "T *B"], *, rate_hz: float
) -> tuple[Trace, Float[Array, "L *B"]]:
    """Fit level + slope + (size x the response to this trial's blinks) to each lane, and subtract the response.

    After a blink the pupil constricts and then dilates for some four seconds (Knapen et al. 2016), which is neither the
    stimulus nor the eyelid. The response starts at the end of each blink. Least squares over the present samples; a size
    below 0 would turn the response around and is taken as 0.

    Arguments:
        trace: with gaps filled.
        blink: `bool[T, *B]`, samples hidden by a blink.
        rate_hz: sampling rate of the trace.

    Returns:
        The trace, and the size of the response of each lane, in the recording's unit.
    """
    samples = trace.pupil.shape[0]
    time_ms = np.arange(int(RESPONSE_MS * rate_hz / 1000) + 1) * (1000 / rate_hz)
    kernel = blink_response(jnp.asarray(time_ms, jnp.float32))
    ends = shift(blink, 1, False) & ~blink
    size = samples + kernel.shape[0]
    spectrum = jnp.fft.rfft(ends.astype(jnp.float32), size, axis=0) * along(jnp.fft.rfft(kernel, size), ends)
    response = jnp.fft.irfft(spectrum, size, axis=0)[:samples].astype(jnp.float32)[:, None]
    x, weight = trace.pupil, trace.present.astype(trace.pupil.dtype)

    def total(v: Array) -> Array:
        return jnp.sum(weight * v, axis=0, keepdims=True)

    def centred(v: Array) -> Array:
        return v - total(v) / jnp.maximum(total(jnp.ones_like(x)), 1.0)

    # By way of what the level and the slope leave of the response: one division instead of a system of three.
    slope, own, y = centred(along(jnp.linspace(-1.0, 1.0, samples, dtype=x.dtype), x)), centred(response), centred(x)
    own = own - slope * (total(slope * own) / jnp.maximum(total(slope**2), 1e-6))
    power = total(own**2)
    sizes = jnp.where(power > 1e-6, jnp.maximum(total(own * y) / jnp.maximum(power, 1e-6), 0.0), 0.0)
    # A pupil stays above 0, whatever is fitted to it.
    without = jnp.maximum(x - sizes * response, jnp.finfo(jnp.float32).tiny)
    return Trace(jnp.where(trace.present, without, 0.0), trace.reason), sizes[0]
