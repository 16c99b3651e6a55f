"""The layers of which the three networks are made, for one image `f32[C, H, W]`.

Channels come first: with few channels and many pixels, XLA computes that faster on a CPU, and compiles it sooner,
than channels last.

A depthwise convolution is written as nine shifted products. XLA has an operation for it (a convolution in groups), but on the
CPU its compiled form is wrong for some numbers of channels (jaxlib 0.10.2: off by up to half of the output's range at those of
this detector), and slower where it is right; `tests/faces/test_layers.py` compares ours with NumPy. Convolutions of
1 x 1 and those that do not overlap are matrix products.
"""

from collections.abc import Mapping

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

Weights = Mapping[str, Float[Array, "..."]]
"""Weights of one network by name."""

PRECISION = lax.Precision.HIGHEST
"""Accelerators otherwise multiply in fewer bits than the f32 in which these networks were compared with LiteRT."""


def per_channel(values: Float[Array, "C"]) -> Float[Array, "C 1 1"]:
    """One number for each channel, shaped to be used on an image."""
    return values[:, None, None]


def pointwise(
    image: Float[Array, "C H W"], kernel: Float[Array, "C K"], bias: Float[Array, "K"]
) -> Float[Array, "K H W"]:
    """Convolution of 1 x 1."""
    return jnp.einsum("chw,ck->khw", image, kernel, precision=PRECISION) + per_channel(bias)


def pad_same(image: Float[Array, "C H W"], size: int, stride: int) -> Float[Array, "C h w"]:
    """Zeros around an image as TensorFlow's `SAME` puts them: where their number is odd, the greater part is below
    and right.
    """
    rows, columns = (max((-(-n // stride) - 1) * stride + size - n, 0) for n in image.shape[1:])
    return jnp.pad(image, ((0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)))


def shifted_views(image: Float[Array, "C h w"], size: int, stride: int) -> list[Float[Array, "C H W"]]:
    """What each position of a kernel sees of a padded image: one image for each, row by row."""
    height, width = ((n - size) // stride + 1 for n in image.shape[1:])
    return [
        image[:, row : row + (height - 1) * stride + 1 : stride, column : column + (width - 1) * stride + 1 : stride]
        for row in range(size)
        for column in range(size)
    ]


def depthwise(image: Float[Array, "C H W"], kernel: Float[Array, "3 3 C"], *, stride: int = 1) -> Float[Array, "C h w"]:
    """Each channel convolved with a 3 x 3 kernel of its own, zeros around; without a bias."""
    views = shifted_views(pad_same(image, 3, stride), 3, stride)
    products = [view * per_channel(weights) for view, weights in zip(views, kernel.reshape(9, -1), strict=True)]
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total


def convolution(
    image: Float[Array, "C H W"], kernel: Float[Array, "k k C K"], bias: Float[Array, "K"], *, stride: int
) -> Float[Array, "K h w"]:
    """Convolution of any size with zeros around, for the few channels of a photograph."""
    size = kernel.shape[0]
    stacked = jnp.concatenate(shifted_views(pad_same(image, size, stride), size, stride))
    return pointwise(stacked, kernel.reshape(-1, kernel.shape[-1]), bias)


def quarters(image: Float[Array, "C H W"]) -> list[Float[Array, "C h w"]]:
    """Of each 2 x 2 pixels the upper left, the upper right, the lower left and the lower right one."""
    return shifted_views(image, 2, 2)


def halving(
    image: Float[Array, "C H W"], kernel: Float[Array, "2 2 C K"], bias: Float[Array, "K"]
) -> Float[Array, "K h w"]:
    """Convolution of 2 x 2 at every second place."""
    return pointwise(jnp.concatenate(quarters(image)), kernel.reshape(-1, kernel.shape[-1]), bias)


def max_pool(image: Float[Array, "C H W"]) -> Float[Array, "C h w"]:
    """The largest value of each 2 x 2 pixels."""
    one, two, three, four = quarters(image)
    return jnp.maximum(jnp.maximum(one, two), jnp.maximum(three, four))


def more_channels(image: Float[Array, "C H W"], channels: int) -> Float[Array, "K H W"]:
    """An image with channels of zeros added until there are so many."""
    return jnp.pad(image, ((0, channels - image.shape[0]), (0, 0), (0, 0)))


def relu(image: Float[Array, "C H W"]) -> Float[Array, "C H W"]:
    """Zero where a value is below zero."""
    return jnp.maximum(image, 0)


def prelu(image: Float[Array, "C H W"], slopes: Float[Array, "C"]) -> Float[Array, "C H W"]:
    """Times the channel's slope where a value is below zero."""
    return jnp.where(image >= 0, image, image * per_channel(slopes))


def under(weights: Weights, name: str) -> dict[str, Float[Array, "..."]]:
    """Weights whose names begin with `name.`, without that beginning."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
