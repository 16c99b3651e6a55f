"""The photograph of Grace Hopper that matplotlib ships, and the same with parts of the face moved by known amounts."""

from functools import cache

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image
from scipy.ndimage import map_coordinates


@cache
def photograph() -> np.ndarray:
    """`u8[600, 512, 3]`."""
    with get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file).convert("RGB"))


def move(image: np.ndarray, steps: list[tuple[tuple[float, float], tuple[float, float], float]]) -> np.ndarray:
    """An image with places moved: for each, its x and y, its step in pixels, and how wide the skin around it moves along.

    The step falls off from the place as a Gaussian curve. What is drawn at a place comes from where the step leads back to, so
    that it is exact at the place itself after a few iterations.
    """
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(float)
    from_x, from_y = x.copy(), y.copy()
    for _ in range(12):
        by = np.zeros((2, height, width))
        for place, step, wide in steps:
            near = np.exp(-((from_x - place[0] + 0.5) ** 2 + (from_y - place[1] + 0.5) ** 2) / (2 * wide**2))
            by += near * np.reshape(step, (2, 1, 1))
        from_x, from_y = x - by[0], y - by[1]
    out = [map_coordinates(image[..., c].astype(float), [from_y, from_x], order=1, mode="nearest") for c in range(3)]
    return np.clip(np.round(np.stack(out, -1)), 0, 255).astype(np.uint8)


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    """An image turned clockwise about its middle; what comes in from outside is as the edge."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(float)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    dx, dy = x - width / 2, y - height / 2
    at = [height / 2 - sin * dx + cos * dy, width / 2 + cos * dx + sin * dy]
    out = [map_coordinates(image[..., c].astype(float), at, order=1, mode="nearest") for c in range(3)]
    return np.clip(np.round(np.stack(out, -1)), 0, 255).astype(np.uint8)
