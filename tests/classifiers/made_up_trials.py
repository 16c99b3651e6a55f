"""A study with gaps, unequal lengths and two pupil channels, for the reference classifiers."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from smilejax import Dataset, by_participant
from smilejax.classifiers import ReferenceResult, run_reference_classifiers
from smilejax.classifiers.video_controls import VIDEO_CONTROLS
from smilejax.preprocess.channels import Channel, channel_named
from smilejax.splits import Folds

KEY = jax.random.key(7)
CORNERS = ("lip_corner_left", "lip_corner_right")
EVERY = ("fused", *CORNERS, "mask")
"""Channels of pupils and faces alike, from which every classifier sees something."""


def made_up(n: int = 24, steps: int = 32, channels: tuple[str, ...] = ("fused", "mask"), seed: int = 0) -> Dataset:
    """Four participants; trials of 24 to 32 steps with gaps; class 1 rises. 1e6 stands wherever a step is not valid."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    length = rng.integers(steps - steps // 4, steps + 1, n)
    valid = np.arange(steps) < length[:, None]
    for row in range(0, n, 3):
        first = rng.integers(0, steps - 4)
        valid[row, first : first + rng.integers(1, 5)] = False
    x = (
        np.cumsum(rng.normal(size=(n, steps, len(channels))), axis=1)
        + 0.1 * y[:, None, None] * np.arange(steps)[:, None]
    )
    mask = np.array([channel == "mask" for channel in channels])
    x = np.where(mask, rng.integers(0, 2, x.shape), x + 3)
    # The face is brighter above in class 1; pictures of steps that are not valid are white.
    crops = np.repeat(rng.integers(0, 99, (n, steps, 1, 16, 3)), 16, axis=2).astype(np.uint8)
    crops[y == 1, :, :8] += 40
    crops[~valid] = 255
    return Dataset(
        x=jnp.asarray(np.where(valid[:, :, None], x, 1e6), jnp.float32),
        valid=jnp.asarray(valid),
        y=jnp.asarray(y, jnp.int32),
        participant=jnp.asarray(np.arange(n) % 4, jnp.int32),
        stimulus=jnp.asarray(np.full(n, -1, np.int32)),
        smiler=jnp.asarray(np.full(n, -1, np.int32)),
        proportion_valid=jnp.asarray(valid.sum(1) / length, jnp.float32),
        status=jnp.asarray(np.zeros(n, np.int32)),
        channels=tuple(Channel(one) if one in CORNERS else channel_named(one) for one in channels),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
        crops=jnp.asarray(crops) if channels == EVERY else None,
    )


def labellings(data: Dataset, count: int, seed: int = 0) -> np.ndarray:
    """`i32[L, N]`, the true labels and permutations of them."""
    rng = np.random.default_rng(seed)
    y = np.asarray(data.y)
    return np.stack([y, *(rng.permutation(y) for _ in range(count - 1))]).astype(np.int32)


def lengths_ms(data: Dataset) -> np.ndarray:
    steps = data.x.shape[1] - np.argmax(np.asarray(data.valid)[:, ::-1], axis=1)
    return (steps * 1000 / data.rate_hz).astype(np.float32)


def baselines(data: Dataset, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3.5, 0.5, len(data)).astype(np.float32)


def covariates(data: Dataset, seed: int = 0) -> np.ndarray:
    """`f64[N, 3]`: a number, and two words as columns of 0 and 1."""
    rng = np.random.default_rng(seed)
    word = rng.integers(0, 2, len(data))
    return np.stack([rng.normal(70, 5, len(data)), word, 1 - word], axis=1)


def of_videos(data: Dataset, seed: int = 0) -> dict[str, np.ndarray]:
    """`f64[N]` for each property of a video that a negative control reads."""
    rng = np.random.default_rng(seed)
    names = {column for one in VIDEO_CONTROLS for column in one.see.keywords["columns"]}
    return {name: rng.normal(1.0, 0.2, len(data)) for name in sorted(names)}


def run(
    name: str, data: Dataset, folds: Folds | None = None, labels: np.ndarray | None = None, **more: Any
) -> ReferenceResult:
    """One reference classifier on folds by participant."""
    (found,) = run_reference_classifiers(
        data,
        by_participant(data) if folds is None else folds,
        np.asarray(data.y)[None] if labels is None else labels,
        **{
            "baseline": baselines(data),
            "length_ms": lengths_ms(data),
            "covariates": covariates(data),
            "video": of_videos(data),
            "key": KEY,
            "only": [name],
        }
        | more,
    )
    return found


def subset(folds: Folds, rows: list[int]) -> Folds:
    """Some of the folds."""
    masks = {part: folds.part(part)[rows] for part in ("train", "validation", "test")}
    return replace(folds, names=tuple(folds.names[r] for r in rows), repeat=folds.repeat[rows], **masks)
