"""Layers against NumPy."""

import jax
import numpy as np
import pytest

from smilejax.faces.nets import layers
from smilejax.faces.nets.detector import anchors


def depthwise(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """A depthwise convolution, position by position; TensorFlow's padding."""
    height, width = (-(-n // stride) for n in image.shape[:2])
    total = [(out - 1) * stride + 3 - n for out, n in zip((height, width), image.shape[:2], strict=True)]
    padded = np.pad(image, [(n // 2, n - n // 2) for n in total] + [(0, 0)])
    out = np.zeros((height, width, image.shape[2]), np.float32)
    for row in range(height):
        for column in range(width):
            seen = padded[row * stride : row * stride + 3, column * stride : column * stride + 3]
            out[row, column] = (seen * kernel).sum((0, 1))
    return out


def test_depthwise_under_jit(rng: np.random.Generator) -> None:
    """XLA's own convolution in groups is wrong at some of these numbers of channels (jaxlib 0.10.2, CPU)."""
    cases = [(c, 1) for c in (24, 28, 32, 36, 42, 48, 56, 64, 72, 80, 88, 96, 8, 16)] + [(c, 2) for c in (28, 42, 88)]
    images = [rng.normal(size=(8, 8, c)).astype(np.float32) for c, _ in cases]
    kernels = [rng.normal(size=(3, 3, c)).astype(np.float32) for c, _ in cases]

    @jax.jit
    def all_of_them(images: list[jax.Array], kernels: list[jax.Array]) -> list[jax.Array]:
        return [layers.depthwise(i, k, stride=s) for i, k, (_, s) in zip(images, kernels, cases, strict=True)]

    first = [image.transpose(2, 0, 1) for image in images]
    for found, image, kernel, (_, stride) in zip(all_of_them(first, kernels), images, kernels, cases, strict=True):
        np.testing.assert_allclose(found, depthwise(image, kernel, stride).transpose(2, 0, 1), atol=1e-5)


@pytest.mark.parametrize(("size", "stride", "height"), [(3, 2, 8), (5, 2, 7)])
def test_convolution(size: int, stride: int, height: int, rng: np.random.Generator) -> None:
    image = rng.normal(size=(height, height, 3)).astype(np.float32)
    kernel = rng.normal(size=(size, size, 3, 4)).astype(np.float32)
    bias = rng.normal(size=4).astype(np.float32)
    found = jax.jit(layers.convolution, static_argnames="stride")(image.transpose(2, 0, 1), kernel, bias, stride=stride)
    out = -(-height // stride)
    total = max((out - 1) * stride + size - height, 0)
    padded = np.pad(image, [(total // 2, total - total // 2)] * 2 + [(0, 0)])
    for row in range(out):
        for column in range(out):
            at = (slice(row * stride, row * stride + size), slice(column * stride, column * stride + size))
            np.testing.assert_allclose(
                found[:, row, column], np.einsum("hwc,hwck->k", padded[at], kernel) + bias, atol=1e-4
            )


def test_halving_and_pooling(rng: np.random.Generator) -> None:
    image = rng.normal(size=(4, 6, 3)).astype(np.float32)
    kernel = rng.normal(size=(2, 2, 3, 5)).astype(np.float32)
    found = jax.jit(layers.halving)(image.transpose(2, 0, 1), kernel, np.zeros(5, np.float32))
    pooled = jax.jit(layers.max_pool)(image.transpose(2, 0, 1))
    for row in range(2):
        for column in range(3):
            block = image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            np.testing.assert_allclose(found[:, row, column], np.einsum("hwc,hwck->k", block, kernel), atol=1e-5)
            np.testing.assert_array_equal(pooled[:, row, column], block.max((0, 1)))


def test_prelu() -> None:
    image = np.asarray([[[-2.0, 3.0]], [[-2.0, 3.0]]], np.float32)
    found = jax.jit(layers.prelu)(image, np.asarray([0.5, 2.0], np.float32))
    np.testing.assert_array_equal(found, [[[-1.0, 3.0]], [[-4.0, 3.0]]])


def test_anchors() -> None:
    found = anchors()
    assert found.shape == (896, 2)
    np.testing.assert_allclose(
        found[[0, 1, 2, 32, 512, 517, 518]] * 128, [[4, 4]] * 2 + [[12, 4], [4, 12]] + [[8, 8]] * 2 + [[24, 8]]
    )
