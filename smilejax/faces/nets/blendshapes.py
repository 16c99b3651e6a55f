"""Blendshape V2: 52 movements of a face from 146 of its landmarks, by an MLP-Mixer (Tolstikhin et al. 2021,
arXiv:2105.01601)."""

from typing import Final

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from smilejax.faces.nets.layers import PRECISION, Weights, under

_EPSILON: Final = 1e-6
"""Added to the variance in a layer normalisation."""


def blendshapes(weights: Weights, points: Float[Array, "146 2"]) -> Float[Array, "52"]:
    """How far each movement is carried out, from 0 to 1.

    Arguments:
        points: x and y of the landmarks numbered in `LANDMARKS_USED`, in pixels. Where they lie and how large the face is
            makes no difference; how the head is turned does.
    """
    x = points - points.mean(axis=0, keepdims=True)
    x = 0.5 * (x / jnp.sqrt((x * x).sum(-1)).mean())
    tokens = _dense(x.T, weights, "landmarks_to_tokens").T
    x = jnp.concatenate([weights["class_token"][None, :], _dense(tokens, weights, "embedding")])
    x, _ = lax.scan(_mixer_block, x, under(weights, "blocks"))
    return jax.nn.sigmoid(_dense(x[:1], weights, "head")[0])


def _mixer_block(x: Float[Array, "97 64"], weights: Weights) -> tuple[Float[Array, "97 64"], None]:
    y = _dense(_normalised(x, weights["token_norm"]).T, weights, "token_in")
    x = x + _dense(jnp.maximum(y, 0), weights, "token_out").T
    y = _dense(_normalised(x, weights["channel_norm"]), weights, "channel_in")
    return x + _dense(jnp.maximum(y, 0), weights, "channel_out"), None


def _dense(x: Float[Array, "N C"], weights: Weights, name: str) -> Float[Array, "N K"]:
    return jnp.matmul(x, weights[f"{name}.kernel"], precision=PRECISION) + weights[f"{name}.bias"][None, :]


def _normalised(x: Float[Array, "97 64"], scale: Float[Array, "64"]) -> Float[Array, "97 64"]:
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred * centred).mean(-1, keepdims=True)
    return centred * lax.rsqrt(variance + _EPSILON) * scale[None, :]
