"""`to_dataset`: the `Dataset` of any kind of recording, and of bare arrays."""

from functools import singledispatch

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.channels import Channel, mask_channel
from smilejax.preprocess.cleaning import default_recipe, prepare
from smilejax.preprocess.dataset import Dataset, LabelsAndGroups, labels_and_groups
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED, Recording
from smilejax.recordings.trials import Trials


@singledispatch
def to_dataset(recording: Recording, recipe: AnyRecipe | None = None) -> Dataset:
    """What a model sees of a recording, whatever its kind.

    `Trials` and `Faces` go through `prepare`. Another kind of recording registers a function of its own, of the same arguments:

        @to_dataset.register
        def _(lips: Lips, recipe: AnyRecipe | None = None) -> Dataset:
            return dataset_of_arrays(lips.signals, like=lips, channels=...)

    Arguments:
        recording: N trials.
        recipe: cleaning of pupils, for `Trials`, or of faces; None takes the default recipe.

    Raises:
        DataError: there is no function for this kind of recording.
    """
    raise DataError(
        f"no Dataset can be made of a {type(recording).__name__}: no function is registered for this kind of recording. "
        "Register one with `smilejax.preprocess.to_dataset.to_dataset.register`."
    )


@to_dataset.register
def _(recording: Trials, recipe: AnyRecipe | None = None) -> Dataset:
    return prepare(recording, default_recipe(recording) if recipe is None else recipe)


@to_dataset.register
def _(recording: Faces, recipe: AnyRecipe | None = None) -> Dataset:
    return prepare(recording, default_recipe(recording) if recipe is None else recipe)


def dataset_of_arrays(
    x: npt.NDArray[np.floating],
    *,
    like: Recording | None = None,
    channels: tuple[Channel, ...] | None = None,
    class_names: tuple[str, str] = ("0", "1"),
    rate_hz: float = 1.0,
) -> Dataset:
    """A `Dataset` of signals `[N, T, C]` in which NaN is a missing sample; stateless, each trial on its own.

    A trial ends with its last step that has a value in some channel. Up to there missing samples are filled: linearly
    between the neighbouring samples of the same channel, with the nearest one at either end, with 0 in a channel that has
    none. A channel "mask" is added, 1 where every channel was measured.

    Arguments:
        x: `f[N, T, C]`, finite or NaN.
        like: the recording with labels, names and rate of these N trials; None leaves labels and groups unknown.
        channels: what the C channels are; None names them "channel 1" to "channel C".
        class_names, rate_hz: without `like`.

    Returns:
        A dataset of C + 1 channels, without recipe. Trials without any value are `NOTHING_MEASURED`.

    Raises:
        DataError: another shape, infinite values, or another number of trials or channels.
    """
    x = np.asarray(x, np.float32)
    if x.ndim != 3 or 0 in x.shape:
        raise DataError(f"x must be shaped [N trials, T steps, C channels], none of them 0; it is {list(x.shape)}.")
    if np.isinf(x).any():
        raise DataError("x must be finite, or NaN where a sample is missing; it holds infinity.")
    n, steps, count = x.shape
    named = tuple(Channel(f"channel {c + 1}") for c in range(count)) if channels is None else channels
    if len(named) != count or (like is not None and len(like) != n):
        raise DataError(
            f"x must have a trial for each of the recording's, and a channel for each name; it is {list(x.shape)}, with "
            f"{len(named)} names{'' if like is None else f' and {len(like)} trials'}."
        )
    measured = np.isfinite(x)
    any_value = measured.any(2)
    length = np.where(any_value.any(1), steps - np.argmax(any_value[:, ::-1], axis=1), 0)
    valid = np.arange(steps)[None, :] < length[:, None]
    every = measured.all(2) & valid
    filled = np.where(valid[:, :, None], filled_linearly(x), np.float32(0))
    values = np.concatenate([filled, every[:, :, None].astype(np.float32)], axis=2)
    unknown = jnp.full(n, UNLABELLED, jnp.int32)
    groups: LabelsAndGroups = (
        {"y": unknown, "participant": unknown, "stimulus": unknown, "smiler": unknown}
        if like is None
        else labels_and_groups(like)
    )
    return Dataset(
        x=jnp.asarray(values),
        valid=jnp.asarray(valid),
        **groups,
        proportion_valid=jnp.asarray((every.sum(1) / np.maximum(length, 1)).astype(np.float32)),
        status=jnp.asarray(np.where(length > 0, TrialStatus.KEPT, TrialStatus.NOTHING_MEASURED).astype(np.int32)),
        channels=(*named, mask_channel("mask", "which samples were measured")),
        class_names=class_names if like is None else like.class_names,
        rate_hz=rate_hz if like is None else float(like.rate_hz),
        start_ms=0.0 if like is None else float(like.start_ms),
    )


def filled_linearly(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`f32[N, T, C]` without NaN: linear between measured samples of a channel, the nearest one before the first and after
    the last, 0 where a channel has none.
    """
    filled = x.copy()
    steps = np.arange(x.shape[1])
    for row, channel in np.argwhere(np.isnan(x).any(1)):
        there = np.flatnonzero(np.isfinite(x[row, :, channel]))
        filled[row, :, channel] = np.interp(steps, there, x[row, there, channel]) if there.size else 0.0
    return filled
