"""Dropout at a rate that may be traced."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def drop(h: Float[Array, "*D"], rate: Float[Array, ""] | float, key: Array) -> Float[Array, "*D"]:
    """Inverted dropout at a rate that may be traced, which Flax's own may not: runs of a plan may differ in it.

    Arguments:
        h: `f32[...]`, activations. rate: 0 to below 1. key: typed PRNG key.
    """
    keep = 1.0 - jnp.asarray(rate, h.dtype)
    return jnp.where(jax.random.bernoulli(key, keep, h.shape), h / keep, 0.0)
