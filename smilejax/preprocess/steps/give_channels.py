"""Give the model: the channels that are made of the finished lanes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING, listed
from smilejax.preprocess.channels import CHANNELS, DRIVE, ChannelName, Sources, channel_named, lanes_of
from smilejax.preprocess.steps.step import Described, Known, Step, by
from smilejax.settings.checks import hold_tuple, require, require_number

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

HOEKS = "Hoeks & Levelt 1993"


@dataclass(frozen=True)
class GiveChannelsSettings:
    """Settings of the step `channels`."""

    drive_n: float = 10.1
    """Shape n of the pupil's impulse response, for the channel drive (Hoeks & Levelt 1993: 10.1)."""
    drive_t_max_ms: float = 930.0
    """Time to peak of the pupil's impulse response in ms, for the channel drive (Hoeks & Levelt 1993: 930)."""
    channels: tuple[ChannelName, ...] = ("fused",)
    """What the model sees: fused (mean of the eyes), left, right, drive (what drove the pupil), mask (1 where measured)."""


def channel_values(
    trace: Trace, channels: tuple[str, ...], *, rate_hz: float, response: tuple[float, float] = (10.1, 930.0)
) -> tuple[Float[Array, "T C *B"], Bool[Array, "T *B"]]:
    """Channels `f32[T, C]` in the order asked for, and `valid bool[T]`: steps at which every lane is present.

    A step at which a lane is absent is not valid: the model passes over it, and no zero stands in for a pupil.

    Arguments:
        trace: the lanes of these channels, in the order of `lanes_of`.
        rate_hz: sampling rate of the trace.
        response: of the drive, n and time to peak in ms.
    """
    import jax.numpy as jnp

    sources = Sources(trace, lanes_of(channels), rate_hz, *response)
    valid = jnp.all(trace.present, axis=1)
    x = jnp.stack([CHANNELS[name].values(sources) for name in channels], axis=1)
    return jnp.where(valid[:, None], x, 0.0), valid


def _named(channel: str) -> str:
    """A channel as it is set, and what it is."""
    words = channel_named(channel).words
    return f"{channel} ({words})" if words else channel


class _GiveChannels(Step["Recipe"]):
    name = "channels"
    causal = True
    settings = GiveChannelsSettings
    compiled = ("channels", "drive_n", "drive_t_max_ms")
    shown = False

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "drive_n", 0, open_low=True)
        require_number(recipe, "drive_t_max_ms", 0, open_low=True)
        hold_tuple(recipe, "channels")
        channels = recipe.channels
        ok = len(channels) > 0 and len(set(channels)) == len(channels) and set(channels) <= set(CHANNELS)
        require(ok, "channels", f"different ones of {listed(CHANNELS)}", channels)

    def why_not_causal(self, recipe: Recipe, *, rate_hz: float, in_mm: bool) -> str:
        if DRIVE.name not in recipe.channels:
            return ""
        return f"The channel {DRIVE.name} is found from the whole trial: take other {SETTING.channels}."

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if DRIVE.name in recipe.channels:
            shape = f"deconvolve with n = {recipe.drive_n:g} and a peak at {recipe.drive_t_max_ms:g} ms"
            yield Described(DRIVE.name, shape, by(HOEKS, (recipe.drive_n, recipe.drive_t_max_ms) == (10.1, 930)))
        yield Described(self.name, f"keep {listed(map(_named, recipe.channels))} as the cleaned signal", "")

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        response = (program.settings.drive_n, program.settings.drive_t_max_ms)
        x, valid = channel_values(state.trace, program.channels, rate_hz=program.model_hz, response=response)
        return replace(state, x=x, valid=valid)


GIVE_CHANNELS = _GiveChannels()
