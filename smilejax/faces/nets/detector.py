"""BlazeFace, short range: where faces may be in an image of 128 x 128 (Bazarevsky et al. 2019, arXiv:1907.05047)."""

from typing import Final

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
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
)

SIZE: Final = 128
"""Height and width of the network's input, in pixels."""
_BLOCKS: Final = 16
_HALVING: Final = (2, 5, 11)
"""Blocks that halve the resolution."""
_FINE: Final = 11
"""The heads for small faces look at what goes into this block, those for large faces at what comes out of the last one."""


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
    x = relu(convolution(image, weights["stem.kernel"], weights["stem.bias"], stride=2))
    fine = x
    for block in range(_BLOCKS):
        if block == _FINE:
            fine = x
        x = _block(weights, f"block{block}", x, halves=block in _HALVING)
    heads = [
        pointwise(features, weights[f"{kind}{cells}.kernel"], weights[f"{kind}{cells}.bias"])
        for kind in ("score", "box")
        for cells, features in ((16, fine), (8, x))
    ]
    scores = jnp.concatenate([head.ravel() for head in heads[:2]])
    return scores, jnp.concatenate([head.reshape(-1, 16) for head in heads[2:]])


def _block(weights: Weights, name: str, x: Float[Array, "H W C"], *, halves: bool) -> Float[Array, "h w K"]:
    y = depthwise(x, weights[f"{name}.depthwise.kernel"], stride=2 if halves else 1)
    y = y + per_channel(weights[f"{name}.depthwise.bias"])
    y = pointwise(y, weights[f"{name}.pointwise.kernel"], weights[f"{name}.pointwise.bias"])
    return relu(more_channels(max_pool(x) if halves else x, y.shape[-1]) + y)
