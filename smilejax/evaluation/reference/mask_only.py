"""The missing-data mask by itself: a network that is given nothing else must not tell the classes apart."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

from smilejax._util.errors import DataError, listed
from smilejax.preprocess.channels import MASK, mask_of
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.recipe import Recipe, varied


def mask_recipe(recipe: Recipe) -> Recipe:
    """The recipe with the channel mask, the last, unless it has it; nothing else is changed.

    Not the mask alone: of a recipe for left and right, it says where both were measured, and alone that of the fused eyes.
    """
    return recipe if MASK.name in recipe.channels else varied(recipe, channels=(*recipe.channels, MASK.name))


def mask_only(dataset: Dataset, *, length_ms: Shaped[Array | np.ndarray, " N"] | None = None) -> Dataset:
    """The dataset whose one channel is the missing-data mask: 1 where measured, 0 where filled or absent.

    Every step inside the trial is valid, so that nothing is passed over: gaps too long to be filled are zeros like others.

    Arguments:
        dataset: N trials with the channel mask among others; see `mask_recipe`.
        length_ms: `f32[N]`, length of each trial in ms. None takes the trial to end with its last valid step: a gap at its
            end is then passed over.

    Raises:
        DataError: there is no channel mask.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, mask_recipe(smilejax.Recipe(channels=("fused",))))
        >>> [channel.name for channel in mask_only(dataset).channels]
        ['mask']
    """
    channel = mask_of(dataset.channels)
    if channel is None:
        raise DataError(
            f"the mask must be among the dataset's channels; they are {listed(dataset.channels)}. It cannot be told from "
            "the others: prepare the trials again by mask_recipe(recipe)."
        )
    at = dataset.channels.index(channel)
    mask = jnp.where(dataset.valid, dataset.x[:, :, at], 0.0)[:, :, None]
    return replace(dataset, x=mask, valid=_inside(dataset, length_ms), channels=(channel,))


def _inside(dataset: Dataset, length_ms: Shaped[Array | np.ndarray, " N"] | None) -> Array:
    """`bool[N, T]`, steps before the trial's end."""
    until_last_valid = jnp.cumsum(dataset.valid[:, ::-1], axis=1)[:, ::-1] > 0
    if length_ms is None:
        return until_last_valid
    # Half a step more, so that a length that is not a whole number of steps keeps the last one that begins inside it.
    steps = np.floor(np.asarray(length_ms, np.float64) * dataset.rate_hz / 1000 + 0.5).astype(np.int32)
    return until_last_valid | jnp.asarray(np.arange(dataset.x.shape[1])[None, :] < steps[:, None])
