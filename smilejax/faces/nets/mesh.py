"""Face Mesh V2: 478 landmarks of a face in an image of 256 x 256."""

from typing import Final

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from smilejax.faces.nets.layers import (
    PRECISION,
    Weights,
    convolution,
    depthwise,
    halving,
    max_pool,
    more_channels,
    pointwise,
    prelu,
    under,
)

SIZE: Final = 256
"""Height and width of the network's input, in pixels."""
_STAGES: Final = 7
"""Resolutions: 128, 64, 32, 16, 8, 4 and 2 pixels, each with four blocks of one shape."""


def find_landmarks(
    weights: Weights, image: Float[Array, "256 256 3"]
) -> tuple[Float[Array, "478 3"], Float[Array, ""]]:
    """Landmarks of the face that fills an image.

    Arguments:
        image: colours from 0 to 1.

    Returns:
        x, y and depth of each landmark in pixels of the input (depth on the same scale, smaller is nearer), and how likely
        it is that a face is there, as log odds.
    """
    x = prelu(
        convolution(image.transpose(2, 0, 1), weights["stem.kernel"], weights["stem.bias"], stride=2),
        weights["stem.slopes"],
    )
    for stage in range(_STAGES):
        if stage:
            x = _halving_block(under(weights, f"stage{stage}.halving"), x)
        x, _ = lax.scan(_residual_block, x, under(weights, f"stage{stage}.blocks"))
    landmarks, presence = (
        jnp.einsum("chw,hwck->k", x, weights[f"{head}.kernel"], precision=PRECISION) + weights[f"{head}.bias"]
        for head in ("landmarks", "presence")
    )
    return landmarks.reshape(478, 3), presence[0]


def _residual_block(x: Float[Array, "C H W"], weights: Weights) -> tuple[Float[Array, "C H W"], None]:
    inner = pointwise(x, weights["reduce.kernel"], weights["reduce.bias"])
    return _bottleneck(weights, inner, x), None


def _halving_block(weights: Weights, x: Float[Array, "C H W"]) -> Float[Array, "K h w"]:
    inner = halving(x, weights["reduce.kernel"], weights["reduce.bias"])
    return _bottleneck(weights, inner, more_channels(max_pool(x), weights["expand.bias"].shape[0]))


def _bottleneck(weights: Weights, inner: Float[Array, "B H W"], x: Float[Array, "C H W"]) -> Float[Array, "C H W"]:
    y = depthwise(prelu(inner, weights["inner_slopes"]), weights["depthwise.kernel"])
    return prelu(x + pointwise(y, weights["expand.kernel"], weights["expand.bias"]), weights["outer_slopes"])
