"""What a network is given of a trial: its samples, or how fast they change."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


def network_input(
    x: Float[Array, "B T C"], valid: Bool[Array, "B T"], velocity_steps: int
) -> tuple[Float[Array, "B T C"], Bool[Array, "B T"]]:
    """The samples of each trial, or their velocity: the mean of the next samples minus the mean of those before.

    A slow drift, and how large a pupil was at the beginning, then matter little, and dilations and constrictions much.

    Arguments:
        x: `f32[B, T, C]`; what stands where `valid` is False (NaN included) is not looked at.
        valid: `bool[B, T]`.
        velocity_steps: 0 for the samples, else k: the velocity at step t is the mean of steps t to t + k - 1 minus the mean
            of steps t - k to t - 1, over the valid ones of each.

    Returns:
        What the network is given, 0 where it is not valid, and where it is: a velocity is, where both sides have a valid step.
    """
    x = jnp.where(valid[:, :, None], x, 0.0)
    if not velocity_steps:
        return x, valid
    count = valid.astype(x.dtype)[:, :, None]
    (after, n_after), (before, n_before) = (
        tuple(_window_sum(values, velocity_steps, ahead) for values in (x, count)) for ahead in (True, False)
    )
    there = (n_after > 0) & (n_before > 0)
    velocity = after / jnp.maximum(n_after, 1.0) - before / jnp.maximum(n_before, 1.0)
    return jnp.where(there, velocity, 0.0), there[:, :, 0]


def _window_sum(values: Float[Array, "B T C"], steps: int, ahead: bool) -> Float[Array, "B T C"]:
    """Sums over the next steps, this one included, or over as many before it; outside a trial is nothing."""
    pad = (0, steps - 1) if ahead else (steps, -1)
    return jax.lax.reduce_window(values, 0.0, jax.lax.add, (1, steps, 1), (1, 1, 1), ((0, 0), pad, (0, 0)))
