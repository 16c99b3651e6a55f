"""BlazeFace, short range: where faces may be in an image of 128 x 128 (Bazarevsky et al. 2019, arXiv:1907.05047)."""

from typing import Final

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import lax
from jaxtyping import Array, Float

from smilejax.faces.nets.layers import (
    Weights,
    convolution,
    depthwise,
    max_pool,
    more_channels,
    per_channel,
    pointwise,
    relu,
    under,
)

SIZE: Final = 128
"""Height and width of the network's input, in pixels."""
_STAGES: Final = 4
"""Resolutions: 64, 32, 16 and 8 pixels. The heads for small faces look at the third, those for large ones at the last."""


def anchors() -> npt.NDArray[np.float32]:
    """`f32[896, 2]`: x and y of the places from which boxes are measured, as proportions of the input.

    Two to each cell of 8 x 8 pixels, then six to each of 16 x 16.
    """
    centres = []
    for cells, each in ((SIZE // 8, 2), (SIZE // 16, 6)):
        middle = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(middle, middle, indexing="ij")
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], -1), each, axis=0))
    return np.concatenate(centres).astype(np.float32)


def detect(weights: Weights, image: Float[Array, "128 128 3"]) -> tuple[Float[Array, "896"], Float[Array, "896 16"]]:
    """Scores and boxes of 896 candidates.

    Arguments:
        image: colours from -1 to 1.

    Returns:
        scores as log odds, and boxes in pixels of the input relative to their anchor: centre x and y, width, height, then x
        and y of the right eye, left eye, nose tip, mouth, right ear and left ear.
    """
    x = relu(convolution(image.transpose(2, 0, 1), weights["stem.kernel"], weights["stem.bias"], stride=2))
    features = []
    for stage in range(_STAGES):
        if stage:
            x = _halving_block(under(weights, f"stage{stage}.halving"), x)
        x, _ = lax.scan(_residual_block, x, under(weights, f"stage{stage}.blocks"))
        features.append(x)
    heads = [
        pointwise(seen, weights[f"{kind}{cells}.kernel"], weights[f"{kind}{cells}.bias"])
        for kind in ("score", "box")
        for cells, seen in ((16, features[2]), (8, features[3]))
    ]
    scores = jnp.concatenate([head.transpose(1, 2, 0).ravel() for head in heads[:2]])
    return scores, jnp.concatenate([head.transpose(1, 2, 0).reshape(-1, 16) for head in heads[2:]])


def _residual_block(x: Float[Array, "C H W"], weights: Weights) -> tuple[Float[Array, "C H W"], None]:
    return relu(x + _separable(weights, x, stride=1)), None


def _halving_block(weights: Weights, x: Float[Array, "C H W"]) -> Float[Array, "K h w"]:
    y = _separable(weights, x, stride=2)
    return relu(more_channels(max_pool(x), y.shape[0]) + y)


def _separable(weights: Weights, x: Float[Array, "C H W"], *, stride: int) -> Float[Array, "K h w"]:
    y = depthwise(x, weights["depthwise.kernel"], stride=stride) + per_channel(weights["depthwise.bias"])
    return pointwise(y, weights["pointwise.kernel"], weights["pointwise.bias"])
