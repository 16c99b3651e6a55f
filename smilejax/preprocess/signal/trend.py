"""A smooth line through a trial."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float


def one_pole(
    x: Float[Array, "T *L"], inside: Bool[Array, "T *L"], *, cutoff_hz: float, rate_hz: float
) -> Float[Array, "T *L"]:
    """First-order Butterworth low-pass forwards and backwards, at rest at either end of what is inside the trial."""
    k = np.tan(np.pi * min(cutoff_hz, 0.4 * rate_hz) / rate_hz)
    gain, pole = float(k / (k + 1)), float((1 - k) / (1 + k))

    def step(carry: tuple[Array, Array], inputs: tuple[Array, Array]) -> tuple[tuple[Array, Array], Array]:
        last, y = carry
        sample, here = inputs
        y = jnp.where(here, gain * (sample + last) + pole * y, y)
        return (sample, y), y

    # Behind the trial the line stays as it is, so that the way back begins at rest at the trial's last sample.
    forwards = jax.lax.scan(step, (x[0], x[0]), (x, inside))[1]
    backwards: Array = jax.lax.scan(step, (forwards[-1], forwards[-1]), (forwards, inside), reverse=True)[1]
    return backwards
