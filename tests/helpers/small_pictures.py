"""A tiny dataset of crops whose class is in their pixels, made without preprocessing."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from helpers.small_study import make_dataset

from smilejax import Dataset, ModelSettings, TrainingSettings

PICTURES = TrainingSettings(
    epochs=2, minibatch_size=4, mirror=True, model=replace(ModelSettings.crops(), hidden=2, dense=(5, 4), dropout=0.3)
)


def picture_dataset(frames: int = 2, seed: int = 0) -> Dataset:
    """24 clips; the upper half is brighter in one class. The second frame of every third is not valid."""
    rng = np.random.default_rng(seed)
    base = make_dataset(steps=frames)
    crops = rng.integers(0, 120, (len(base), frames, 16, 16, 3)).astype(np.uint8)
    crops[np.asarray(base.y) == 1, :, :8] += 100
    valid = np.ones((len(base), frames), bool)
    valid[::3, 1:] = False
    return replace(base, valid=jnp.asarray(valid), crops=jnp.asarray(np.where(valid[:, :, None, None, None], crops, 0)))
