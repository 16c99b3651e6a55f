"""Channels: what a model can be given of each step in time, as objects. Their functions import jax when called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from smilejax.preprocess.sample_reason import MEASURED
from smilejax.recordings.face_measures import face_measure

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from smilejax.preprocess.signal.trace import Trace


@dataclass(frozen=True)
class Lane:
    """A pupil that channels are made of.

    Arguments:
        name: in names of columns.
        eye: 0 for the left and 1 for the right eye; None for both fused.
        colour: in figures, `#RRGGBB` (Okabe & Ito 2008).
    """

    name: str
    eye: int | None
    colour: str


FUSED = Lane("fused", None, "#000000")
LEFT = Lane("left", 0, "#0072B2")
RIGHT = Lane("right", 1, "#D55E00")
EYES = (LEFT, RIGHT)


class Sources(NamedTuple):
    """What channels of pupils are made from."""

    trace: Trace
    """`[T, L]`, or `[T, L, B]`."""
    lanes: tuple[Lane, ...]
    """What the L lanes are."""
    rate_hz: float
    drive_n: float
    drive_t_max_ms: float


def _no_values(sources: Sources) -> Float[Array, "T *B"]:
    raise NotImplementedError("this channel does not come from a pupil")


@dataclass(frozen=True)
class Channel:
    """One channel of a `Dataset`, of pupils or of any other signal.

    Arguments:
        name: in options, in `study.json` and in names of features.
        words: as a report says it; the name where empty.
        mask: whether it is 0 or 1 and says which samples were measured; otherwise it is a signal.
        standardised: whether training may scale it to mean 0 and standard deviation 1. A mask is not.
        level: whether its values are the level of what was measured, so that their mean over a baseline's window is one.
        lane: the pupil it is made of; None for a mask, which looks at all lanes, and for what is not a pupil.
        values: makes it, `[T]` or `[T, B]`.

    Example:
        >>> Channel("lip corner distance", words="distance of the lip corners").standardised
        True
    """

    name: str
    words: str = ""
    mask: bool = False
    standardised: bool = True
    level: bool = True
    lane: Lane | None = None
    values: Callable[[Sources], Float[Array, "T *B"]] = field(default=_no_values, repr=False)

    def __str__(self) -> str:
        return self.name

    @property
    def described(self) -> str:
        """`words`, or the name where there are none."""
        return self.words or self.name


def mask_channel(name: str, words: str = "", values: Callable[[Sources], Float[Array, "T *B"]] = _no_values) -> Channel:
    """A channel of 0 and 1 that says which samples were measured."""
    return Channel(name, words, mask=True, standardised=False, level=False, values=values)


def _pupil(lane: Lane) -> Callable[[Sources], Float[Array, "T *B"]]:
    def values(sources: Sources) -> Float[Array, "T *B"]:
        return sources.trace.values[:, sources.lanes.index(lane)]

    return values


def _drive(sources: Sources) -> Float[Array, "T *B"]:
    """What drove the fused pupil: deconvolved with its response to an impulse."""
    from smilejax.preprocess.signal.deconvolution import drive

    at = sources.lanes.index(FUSED)
    x, present = sources.trace.values[:, at], sources.trace.present[:, at]
    return drive(x, present, rate_hz=sources.rate_hz, n=sources.drive_n, t_max_ms=sources.drive_t_max_ms)


def _measured(sources: Sources) -> Float[Array, "T *B"]:
    """1 where every lane was measured, 0 where one was filled."""
    import jax.numpy as jnp

    return jnp.all(sources.trace.reason == MEASURED.code, axis=1).astype(sources.trace.values.dtype)


ChannelName = Literal["fused", "left", "right", "drive", "mask"]
"""Names of the channels in `CHANNELS`, for options."""
FUSED_PUPIL = Channel("fused", "pupil, both eyes together", lane=FUSED, values=_pupil(FUSED))
DRIVE = Channel("drive", "what drove the pupil", level=False, lane=FUSED, values=_drive)
MASK = mask_channel("mask", "which samples were measured", _measured)
CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        FUSED_PUPIL,
        Channel("left", "pupil, left eye", lane=LEFT, values=_pupil(LEFT)),
        Channel("right", "pupil, right eye", lane=RIGHT, values=_pupil(RIGHT)),
        DRIVE,
        MASK,
    )
}
"""What a recipe can give of a pupil, by name."""


def lanes_of(channels: Iterable[str]) -> tuple[Lane, ...]:
    """The lanes that channels need, each once; the fused one for a mask alone."""
    lanes = (CHANNELS[name].lane for name in channels)
    return tuple(dict.fromkeys(lane for lane in lanes if lane is not None)) or (FUSED,)


def mask_of(channels: Iterable[Channel]) -> Channel | None:
    """The mask among channels, or None."""
    return next((channel for channel in channels if channel.mask), None)


def channel_named(name: str) -> Channel:
    """The channel of a pupil with this name; a measure of a face, or a signal of this name, where there is none."""
    return CHANNELS.get(name, Channel(name, words=face_measure(name).words))
