"""Convolutions of pictures as products of matrices, and the convolutional LSTM that is made of them.

On the CPU, XLA (jaxlib 0.10.2) runs a convolution inside a loop more than ten times as slowly as outside, and a training is
loops. A product of patches with the kernel takes the same time in both, and over runs becomes a batch of products, where a
convolution would become a grouped one. Parameters are those of `flax.linen.Conv`.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

KERNEL = 3
"""Height and width of every kernel, in pixels."""


class SameConv(nn.Module):
    """`flax.linen.Conv(features, (3, 3))`: the same parameters, initial distributions and, to rounding, results."""

    features: int

    @nn.compact
    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B H W F"]:
        """The convolution; what lies outside of a picture counts as 0."""
        shape = (KERNEL, KERNEL, x.shape[-1], self.features)
        kernel = self.param("kernel", nn.initializers.lecun_normal(), shape)
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,))
        return patches(x) @ kernel.reshape(-1, self.features) + bias[None, None, None, :]


def patches(x: Float[Array, "B H W C"]) -> Float[Array, "B H W P"]:
    """The 3 x 3 pixels around each pixel, row by row, their channels last; 0 outside of the picture."""
    height, width, edge = x.shape[1], x.shape[2], KERNEL // 2
    padded = jnp.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    around = [padded[:, i : i + height, j : j + width] for i in range(KERNEL) for j in range(KERNEL)]
    return jnp.concatenate(around, axis=-1)


class ProductConvLSTMCell(nn.ConvLSTMCell):
    """`flax.linen.ConvLSTMCell` with kernels of 3 x 3, its two convolutions as products: the same parameters and, to rounding,
    results (Shi et al. 2015, without the gates' view of the cell)."""

    @nn.compact
    def __call__(
        self, carry: tuple[Array, Array], inputs: Float[Array, "B H W C"]
    ) -> tuple[tuple[Array, Array], Array]:
        """The next cell and hidden state, `f32[B, H, W, F]` each, and the hidden state again."""
        c, h = carry
        gates = SameConv(4 * self.features, name="ih")(inputs) + SameConv(4 * self.features, name="hh")(h)
        i, g, f, o = jnp.split(gates, 4, axis=-1)
        c = nn.sigmoid(f + 1) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(c)
        return (c, h), h
