"""The missing-data mask alone: a negative control that the network itself is trained on."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Shaped

from smilejax._util.errors import DataError, listed
from smilejax.classifiers.classifier import Comparison
from smilejax.preprocess.channels import MASK, mask_of
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.recipe import Recipe, varied

MASK_ONLY = Comparison(
    name="mask",
    label="Missing-data mask",
    kind="negative control",
    words="the same network, given only which samples are missing",
)
"""Not fitted here: a study trains the network with the settings of the verdict on `mask_only(dataset)`."""


def mask_recipe(recipe: Recipe) -> Recipe:
    """The recipe with the channel mask added as the last one, unless it has it; nothing else is changed.

    The other channels stay: with left and right, the mask marks where both were measured; alone it would be that of the
    fused eyes.
    """
    return recipe if MASK.name in recipe.channels else varied(recipe, channels=(*recipe.channels, MASK.name))


def mask_only(dataset: Dataset, *, length_ms: Shaped[Array | np.ndarray, " N"] | None = None) -> Dataset:
    """The dataset with the missing-data mask as its only channel: 1 where measured, 0 where filled or missing.

    Every step inside the trial is valid, so that none is skipped: gaps that were too long to be filled are zeros as well.

    Arguments:
        dataset: N trials with the channel mask among others; see `mask_recipe`.
        length_ms: `f32[N]`, length of each trial in ms. None takes the last valid step as the end of a trial: a gap at its
            end is then skipped.

    Raises:
        DataError: there is no channel mask.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, mask_recipe(smilejax.Recipe(channels=("fused",))))
        >>> [channel.name for channel in mask_only(dataset).channels]
        ['mask']
    """
    channel = mask_of(dataset.channels)
    if channel is None:
        raise DataError(
            f"the mask must be among the dataset's channels; they are {listed(dataset.channels)}. It cannot be derived from "
            "the others: prepare the trials again by mask_recipe(recipe)."
        )
    at = dataset.channels.index(channel)
    mask = jnp.where(dataset.valid, dataset.x[:, :, at], 0.0)[:, :, None]
    return replace(dataset, x=mask, valid=_inside(dataset, length_ms), channels=(channel,))


def mask_as_signal(dataset: Dataset) -> Dataset:
    """A dataset whose only channels are masks, with these as signals, so that classifiers which leave masks out see them; any
    other dataset as it is."""
    if not all(channel.mask for channel in dataset.channels):
        return dataset
    return replace(dataset, channels=tuple(replace(channel, mask=False) for channel in dataset.channels))


def _inside(dataset: Dataset, length_ms: Shaped[Array | np.ndarray, " N"] | None) -> Bool[Array, "N T"]:
    """Steps before the trial's end."""
    until_last_valid = jnp.cumsum(dataset.valid[:, ::-1], axis=1)[:, ::-1] > 0
    if length_ms is None:
        return until_last_valid
    # Half a step more, so that a length that is not a whole number of steps keeps the last one that begins inside it.
    steps = np.floor(np.asarray(length_ms, np.float64) * dataset.rate_hz / 1000 + 0.5).astype(np.int32)
    return until_last_valid | jnp.asarray(np.arange(dataset.x.shape[1])[None, :] < steps[:, None])
