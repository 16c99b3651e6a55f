"""What a network is given of a trial: its samples, how fast they change, or crops of a face."""

from typing import NamedTuple, TypedDict

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Num, UInt8

from smilejax._util.errors import SETTING, SettingsError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import ModelSettings

COLOURS = 3


class TrialShape(TypedDict, total=False):
    """What the parameters of a network depend on.

    Arguments:
        samples: steps of a trial. channels: of each step; of crops its colours. side: height and width of crops; left out of
            other trials.
    """

    samples: int
    channels: int
    side: int


class NetworkData(NamedTuple):
    """N trials as a network sees them.

    Arguments:
        x: `f32[N, T, C]`, or `u8[N, T, S, S, 3]` of crops, 0 to 255. valid: `bool[N, T]`.
        standardised: for each channel or colour, whether it is.
    """

    x: Num[Array, "N T ..."]
    valid: Bool[Array, "N T"]
    standardised: tuple[bool, ...]


def network_data(dataset: Dataset, model: ModelSettings) -> NetworkData:
    """What the network that settings name is given of a dataset: its crops, or its channels.

    Raises:
        SettingsError: the network needs crops, and the dataset has none.
    """
    if not model.of_pictures:
        return NetworkData(dataset.x, dataset.valid, tuple(channel.standardised for channel in dataset.channels))
    if dataset.crops is None:
        raise SettingsError(
            f"the network {model.network} is given crops of faces, and these trials have none.",
            hint=f"Give the folder that `smilejax track` wrote ({SETTING.crops}), or another {SETTING.network}.",
            setting="network",
        )
    return NetworkData(dataset.crops, dataset.valid, (True,) * COLOURS)


def shape_of(x: Num[Array | np.ndarray, "N T ..."]) -> TrialShape:
    """The shape of trials `[N, T, C]` or, of crops, `[N, T, S, S, 3]`."""
    if x.ndim == 5:
        return {"samples": x.shape[1], "channels": x.shape[4], "side": x.shape[2]}
    return {"samples": x.shape[1], "channels": x.shape[2]}


def crops_input(
    x: UInt8[Array, "B T S S C"] | Float[Array, "B T S S C"], valid: Bool[Array, "B T"]
) -> Float[Array, "B T S S C"]:
    """Crops as numbers from 0 to 1, and 0 where a frame is not valid. Those with 8 bits are divided by 255."""
    numbers = x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x
    return jnp.where(valid[:, :, None, None, None], numbers, 0.0)


def network_input(
    x: Float[Array, "B T C"], valid: Bool[Array, "B T"], velocity_steps: int
) -> tuple[Float[Array, "B T C"], Bool[Array, "B T"]]:
    """The samples of each trial, or their velocity: the mean of the next samples minus the mean of those before.

    A slow drift, and how large a pupil was at the beginning, then matter little, and dilations and constrictions much.

    Arguments:
        x: `f32[B, T, C]`; what stands where `valid` is False (NaN included) is not looked at.
        valid: `bool[B, T]`.
        velocity_steps: 0 for the samples, else k: the velocity at step t is the mean of steps t to t + k - 1 minus the mean
            of steps t - k to t - 1, over the valid ones of each.

    Returns:
        What the network is given, 0 where it is not valid, and where it is: a velocity is, where both sides have a valid step.
    """
    x = jnp.where(valid[:, :, None], x, 0.0)
    if not velocity_steps:
        return x, valid
    count = valid.astype(x.dtype)[:, :, None]
    (after, n_after), (before, n_before) = (
        tuple(_window_sum(values, velocity_steps, ahead) for values in (x, count)) for ahead in (True, False)
    )
    there = (n_after > 0) & (n_before > 0)
    velocity = after / jnp.maximum(n_after, 1.0) - before / jnp.maximum(n_before, 1.0)
    return jnp.where(there, velocity, 0.0), there[:, :, 0]


def _window_sum(values: Float[Array, "B T C"], steps: int, ahead: bool) -> Float[Array, "B T C"]:
    """Sums over the next steps, this one included, or over as many before it; outside a trial is nothing."""
    pad = (0, steps - 1) if ahead else (steps, -1)
    return jax.lax.reduce_window(values, 0.0, jax.lax.add, (1, steps, 1), (1, 1, 1), ((0, 0), pad, (0, 0)))
