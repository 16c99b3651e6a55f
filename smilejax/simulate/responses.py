"""Impulse responses of the pupil: pure functions of time, for the simulator and for the cleaning steps that fit them."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

RESPONSE_SHAPE = 10.1
"""n of the pupil's impulse response (Hoeks & Levelt 1993)."""
REFLEX_LATENCY_MS = 220.0
"""No response to light begins before this many ms (Mathôt et al. 2018)."""
REFLEX_CONSTRICT_MS, REFLEX_RECOVER_MS, REFLEX_SUSTAINED = 180.0, 1500.0, 0.5
"""Time constants of constriction and recovery in ms, and the sustained proportion. Design assumptions."""
REFLEX_PEAK = 0.7807716
"""Peak of the unscaled reflex for these constants, 901 ms after the light; recomputed by a test."""


BLINK_GAMMAS = ((-0.604, 8.337, 0.115), (0.419, 15.433, 0.178))
"""Size, shape and scale in s of the two gamma densities in the response to a blink (Knapen et al. 2016, by hedfpy)."""
BLINK_TROUGH = 0.7644056
"""Depth of the unscaled response for these, 843 ms after the blink; recomputed by a test."""


def pupil_response(
    time_ms: Float[Array, " T"], t_max_ms: Float[Array, ""] | float, n: float = RESPONSE_SHAPE
) -> Float[Array, " T"]:
    """The pupil's response to an impulse at time 0, scaled to a peak of 1 at `t_max_ms`.

    `u^n exp(n (1 - u))` with `u = t / t_max`, 0 before t = 0 (Hoeks & Levelt 1993).
    """
    u = time_ms / t_max_ms
    safe = jnp.where(u > 0, u, 1.0)  # the logarithm must not be given zero, even where it is not used
    return jnp.where(u > 0, jnp.exp(n * (jnp.log(safe) + 1 - safe)), 0.0)


def light_reflex(time_ms: Float[Array, " T"]) -> Float[Array, " T"]:
    """Constriction to a light that is switched on at time 0 and stays on, scaled to a peak of 1.

    `(1 - exp(-u / 180))^2 (r + (1 - r) exp(-u / 1500)) / peak` with u = t - 220 ms and r = 0.5, 0 before u = 0. A
    design assumption, not a fit: 220 ms of latency, a trough at 0.9 s, recovery to about two thirds within some seconds.
    """
    u = jnp.maximum(time_ms - REFLEX_LATENCY_MS, 0.0)
    constrict = (1 - jnp.exp(-u / REFLEX_CONSTRICT_MS)) ** 2
    return constrict * (REFLEX_SUSTAINED + (1 - REFLEX_SUSTAINED) * jnp.exp(-u / REFLEX_RECOVER_MS)) / REFLEX_PEAK


def blink_response(time_ms: Float[Array, " T"]) -> Float[Array, " T"]:
    """The pupil's response to a blink that ends at time 0, scaled to a trough of -1.

    The sum of two gamma densities (Knapen et al. 2016): a constriction with its trough at 0.84 s and a dilation with its
    peak at 2.6 s.
    """
    t = time_ms / 1000

    def density(shape: float, scale: float) -> Array:
        safe = jnp.where(t > 0, t, 1.0)
        log = (shape - 1) * jnp.log(safe) - safe / scale - math.lgamma(shape) - shape * math.log(scale)
        return jnp.where(t > 0, jnp.exp(log), 0.0)

    return sum((size * density(shape, scale) for size, shape, scale in BLINK_GAMMAS), jnp.zeros_like(t)) / BLINK_TROUGH
