"""Standardised columns, learned from the training trials of one fold, and matrix products in full precision."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

MIN_SPREAD = 1e-5
"""A column whose standard deviation is below this fraction of its largest training value is constant: rounding, not data."""


class Standard(NamedTuple):
    """What is learned about P columns."""

    mean: Float[Array, " P"]
    sd: Float[Array, " P"]
    """Population standard deviation; inf for a column that is constant or nowhere known."""


def fit_standard(values: Float[Array, "N P"], train: Bool[Array, " N"]) -> Standard:
    """Mean and standard deviation of the training trials' values, without those that are NaN."""
    known = train[:, None] & ~jnp.isnan(values)
    count = jnp.maximum(jnp.sum(known, axis=0), 1).astype(values.dtype)
    mean = jnp.sum(jnp.where(known, values, 0.0), axis=0) / count
    apart = jnp.where(known, values - mean[None], 0.0)
    sd = jnp.sqrt(jnp.sum(apart**2, axis=0) / count)
    largest = jnp.max(jnp.where(known, jnp.abs(values), 0.0), axis=0)
    return Standard(mean, jnp.where(sd > MIN_SPREAD * largest, sd, jnp.inf))


def standardised(values: Float[Array, "N P"], standard: Standard) -> Float[Array, "N P"]:
    """Values in standard deviations from the training mean; 0 for a missing value and for a constant column."""
    z = (values - standard.mean[None]) / standard.sd[None]
    return jnp.where(jnp.isnan(z), 0.0, z)


def times(a: Float[Array, "W K"], b: Float[Array, "K N"]) -> Float[Array, "W N"]:
    """A matrix product in full 32 bits: accelerators use fewer by default."""
    return jnp.matmul(a, b, precision=jax.lax.Precision.HIGHEST)
