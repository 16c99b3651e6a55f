"""The one rule about randomness: a typed key, handed in, never made up."""

import jax
import jax.numpy as jnp

from smilejax._util.errors import SettingsError


def check_key(key: object) -> None:
    """Refuse what is not one typed key. Old-style `PRNGKey` arrays and bare seeds are refused with the hint.

    Raises:
        SettingsError: saying what arrived.
    """
    if not (isinstance(key, jax.Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ()):
        given = f"{key.dtype}{list(key.shape)}" if isinstance(key, jax.Array) else repr(key)
        raise SettingsError(f"key must be one typed JAX key; it is {given}. Make one with jax.random.key(seed).")
