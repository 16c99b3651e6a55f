"""The layers of which the three networks are made, for one image `f32[H, W, C]`.

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


def per_channel(values: Float[Array, "C"]) -> Float[Array, "1 1 C"]:
    """One number for each channel, shaped to be used on an image."""
    return values[None, None, :]


def pointwise(
    image: Float[Array, "H W C"], kernel: Float[Array, "C K"], bias: Float[Array, "K"]
) -> Float[Array, "H W K"]:
    """Convolution of 1 x 1."""
    return jnp.einsum("hwc,ck->hwk", image, kernel, precision=PRECISION) + per_channel(bias)


def pad_same(image: Float[Array, "H W C"], size: int, stride: int) -> Float[Array, "h w C"]:
    """Zeros around an image as TensorFlow's `SAME` puts them: where their number is odd, the greater part is below
    and right."""
    rows, columns = (max((-(-n // stride) - 1) * stride + size - n, 0) for n in image.shape[:2])
    return jnp.pad(image, ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0)))


def shifted(image: Float[Array, "h w C"], size: int, stride: int) -> list[list[Float[Array, "H W C"]]]:
    """What each position of a kernel sees of a padded image: one image for each row and column of the kernel."""
    height, width = ((n - size) // stride + 1 for n in image.shape[:2])
    return [
        [
            image[row : row + (height - 1) * stride + 1 : stride, column : column + (width - 1) * stride + 1 : stride]
            for column in range(size)
        ]
        for row in range(size)
    ]


def depthwise(image: Float[Array, "H W C"], kernel: Float[Array, "3 3 C"], *, stride: int = 1) -> Float[Array, "h w C"]:
    """Each channel convolved with a 3 x 3 kernel of its own, zeros around; without a bias."""
    views = shifted(pad_same(image, 3, stride), 3, stride)
    products = [views[row][column] * per_channel(kernel[row, column]) for row in range(3) for column in range(3)]
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total


def convolution(
    image: Float[Array, "H W C"], kernel: Float[Array, "k k C K"], bias: Float[Array, "K"], *, stride: int
) -> Float[Array, "h w K"]:
    """Convolution of any size with zeros around, for the few channels of a photograph."""
    size = kernel.shape[0]
    views = shifted(pad_same(image, size, stride), size, stride)
    stacked = jnp.concatenate([view for row in views for view in row], axis=-1)
    return pointwise(stacked, kernel.reshape(-1, kernel.shape[-1]), bias)


def blocks_of_2(image: Float[Array, "H W C"]) -> Float[Array, "h 2 w 2 C"]:
    """An image cut into blocks of 2 x 2."""
    height, width, channels = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, channels)


def halving(
    image: Float[Array, "H W C"], kernel: Float[Array, "2 2 C K"], bias: Float[Array, "K"]
) -> Float[Array, "h w K"]:
    """Convolution of 2 x 2 at every second place."""
    return jnp.einsum("hawbc,abck->hwk", blocks_of_2(image), kernel, precision=PRECISION) + per_channel(bias)


def max_pool(image: Float[Array, "H W C"]) -> Float[Array, "h w C"]:
    """The largest value of each 2 x 2 pixels."""
    return blocks_of_2(image).max(axis=(1, 3))


def more_channels(image: Float[Array, "H W C"], channels: int) -> Float[Array, "H W K"]:
    """An image with channels of zeros added until there are so many."""
    return jnp.pad(image, ((0, 0), (0, 0), (0, channels - image.shape[-1])))


def relu(image: Float[Array, "H W C"]) -> Float[Array, "H W C"]:
    """Zero where a value is below zero."""
    return jnp.maximum(image, 0)


def prelu(image: Float[Array, "H W C"], slopes: Float[Array, "C"]) -> Float[Array, "H W C"]:
    """Times the channel's slope where a value is below zero."""
    return jnp.where(image >= 0, image, image * per_channel(slopes))


def under(weights: Weights, name: str) -> dict[str, Float[Array, "..."]]:
    """Weights whose names begin with `name.`, without that beginning."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
