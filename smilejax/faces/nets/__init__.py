"""The three networks of the face tracker as pure functions of their weights, one image at a time (`jax.vmap` takes many)."""
