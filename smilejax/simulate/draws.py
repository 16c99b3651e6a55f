"""The random draws of a trial: of its participant, its stimulus, and when and how samples are destroyed. No time axis here."""

from collections.abc import Callable, Hashable
from dataclasses import fields
from enum import IntEnum
from math import ceil, log2, prod, sqrt
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from smilejax.settings import SimulationSettings

BASELINE_MM = (2.0, 7.0)
"""Resting pupils are clipped to this range in mm, which leaves room for constriction and dilation. Our choice."""

DRIFT_HZ, DRIFT_WAVES = (0.02, 0.1), 4
"""Band of slow drift in Hz (upper end as the setting `drift_mm` states it, lower our choice), and number of waves."""

HIPPUS_HZ, HIPPUS_WAVES = (0.1, 2.0), 12
"""Band of spontaneous fluctuation in Hz, as `SimulationSettings.hippus_mm` states it, and number of waves."""

OPENING_MS = 90.0
"""Time the eyelid takes to uncover the pupil in ms. Design assumption."""

BLINK_LOG_SD = 0.3
"""Standard deviation of the logarithm of the time for which a blink hides the pupil. Design assumption: 90% of blinks with
a mean of 150 ms hide it for 88 to 235 ms."""

SPIKE_SIZE = (0.5, 1.5)
"""Sizes of spikes relative to `spike_mm`, so that all exceed the noise. Design assumption."""

ISLAND_CLEAR_MS = 45.0
"""Least gap before and after an island in ms. Design assumption: a little more than the 40 ms that separate an island in
Kret & Sjak-Shie (2019), so that it is separated at any rate."""

ISLAND_ERROR = (0.1, 0.4)
"""Error of a false pupil relative to the true one, so that none is correct by chance. Design assumption."""

Draw = IntEnum(
    "Draw",
    "PARTICIPANT STIMULUS ORDER WAVES BLINK_START BLINK_HIDDEN LOSS NOISE SPIKE BLINK_ISLAND LOSS_ISLAND",
    start=0,
)
"""The purposes of keys. New ones are appended at the end only, so that existing studies keep their draws."""


KeyImpl = Hashable
"""The kind of a key, as `jax.random.key_impl` tells it."""
DurationT = TypeVar("DurationT", float, Array)


class Draws(NamedTuple):
    """All random draws of a trial, before the time axis; with a leading axis N, of all trials, then NumPy's on the host."""

    participant: Array
    stimulus: Array
    place: Array  # a participant sees the stimuli in ascending order of this number
    baseline_mm: Array
    gain: Array
    eye_offset_mm: Array
    reflex_mm: Array
    waves: Array  # [2, W]: frequency and phase of drift and hippus, 0 to 1
    blinks_ms: Array  # [2, K]: start and end of the time for which the eyelid hides the pupil
    losses_ms: Array  # [2, 2, K]: start and end of the losses of the left and right eye
    spikes_ms: Array  # [2, 2, K]: start and end of the spikes of the left and right eye
    spikes_mm: Array  # [2, K]: height of the spikes, negative for downward ones
    blink_islands_ms: Array  # [2, K]: start and end of the island within each blink; infinity for none
    blink_islands: Array  # [2, K]: diameter of the false pupil of left and right eye, relative to the true one
    loss_islands_ms: Array  # [2, 2, K]: the same for each loss of left and right eye
    loss_islands: Array  # [2, K]
    noise_key: Array  # the data of a key, which NumPy can hold


Values = dict[str, Array]
"""The numeric settings by name. They are arguments, so that another effect or blink rate needs no compilation."""


def values_of(settings: SimulationSettings) -> Values:
    """The numeric settings, by name."""
    return {f.name: jnp.float32(getattr(settings, f.name)) for f in fields(settings) if f.type is float}


def lead_ms(mean_ms: DurationT) -> DurationT:
    """How long before the trial events start, so that one can be under way when the trial begins."""
    return 4 * mean_ms + OPENING_MS


def most_events(per_minute: float, span_ms: float) -> int:
    """Room for the events of one trial: a power of two, so that few programs serve all rates and durations.

    Eight standard deviations above the mean and eight more: a Poisson count beyond has p < 1e-9.
    """
    mean = per_minute * span_ms / 60_000
    return max(32, 1 << ceil(log2(mean + 8 * sqrt(mean) + 8)))


def draw_trial(
    values: Values,
    participant: Int[Array, ""],
    stimulus: Int[Array, ""],
    *,
    blinks: int,
    losses: int,
    spikes: int,
    key: Key[Array, ""],
) -> Draws:
    """The draws of one trial, with room for the given numbers of blinks, and of losses and spikes of each eye."""
    keys = _trial_keys(participant, stimulus, key=key)
    blinks_ms = _blinks_ms(values, blinks, start_key=keys[Draw.BLINK_START], hidden_key=keys[Draw.BLINK_HIDDEN])
    losses_ms = _losses_ms(values, losses, key=keys[Draw.LOSS])
    reflex_mm = values["reflex_mm"] + values["reflex_sd_mm"] * drawn(jax.random.normal, key=keys[Draw.STIMULUS])
    return Draws(
        participant,
        stimulus,
        drawn(jax.random.uniform, key=keys[Draw.ORDER]),
        *_participant(values, key=keys[Draw.PARTICIPANT]),
        jnp.maximum(reflex_mm, 0.0),
        drawn(jax.random.uniform, 2, DRIFT_WAVES + HIPPUS_WAVES, key=keys[Draw.WAVES]),
        blinks_ms,
        losses_ms,
        *_spikes(values, spikes, key=keys[Draw.SPIKE]),
        *_blink_islands(values, blinks_ms, key=keys[Draw.BLINK_ISLAND]),
        *_loss_islands(values, losses_ms, key=keys[Draw.LOSS_ISLAND]),
        jax.random.key_data(keys[Draw.NOISE]),
    )


def _trial_keys(participant: Int[Array, ""], stimulus: Int[Array, ""], *, key: Key[Array, ""]) -> Key[Array, " D"]:
    """A key for each `Draw`: folded with the trial's participant and stimulus number, independent of other trials."""
    draw = jnp.arange(len(Draw), dtype=jnp.int32)
    # What belongs to a participant must be the same for every stimulus, and vice versa.
    p = jnp.where(draw == Draw.STIMULUS, 0, participant)
    s = jnp.where(draw == Draw.PARTICIPANT, 0, stimulus)
    fold = jax.vmap(jax.random.fold_in)  # one program for all draws: hashing takes long to compile
    owned: Array = fold(fold(fold(jnp.broadcast_to(key, draw.shape), draw), p), s)
    return owned


def drawn(sampler: Callable[..., Array], *shape: int, key: Key[Array, ""]) -> Float[Array, "..."]:
    """Draws of the given shape, drawn flat: XLA takes twice as long to compile a draw with two axes."""
    flat: Array = sampler(key, (prod(shape),), dtype=jnp.float32)
    return flat.reshape(shape)


def _participant(values: Values, *, key: Key[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """Baseline in mm, gain (lognormal, mean 1) and left-right difference in mm of one participant."""
    baseline, gain, offset = drawn(jax.random.normal, 3, key=key)
    baseline_mm = values["baseline_mm"] + values["baseline_sd_mm"] * baseline
    mean_one = jnp.exp(values["gain_sd"] * gain - values["gain_sd"] ** 2 / 2)
    return jnp.clip(baseline_mm, *BASELINE_MM), mean_one, values["eye_offset_sd_mm"] * offset


def _starts_ms(wait: Float[Array, "*K"], per_minute: Float[Array, ""], mean_ms: Float[Array, ""]) -> Float[Array, "*K"]:
    """Starts of a Poisson process in ms, from unit exponential waits; some may lie before the trial."""
    start = jnp.cumsum(wait, axis=-1) * (60_000 / jnp.maximum(per_minute, 1e-9)) - lead_ms(mean_ms)
    return jnp.where(per_minute > 0, start, jnp.inf)


def _blinks_ms(
    values: Values, most: int, *, start_key: Key[Array, ""], hidden_key: Key[Array, ""]
) -> Float[Array, "2 K"]:
    """Start and end of the time each blink hides the pupil; its length is lognormal with mean `blink_ms`."""
    wait = drawn(jax.random.exponential, most, key=start_key)
    hide = _starts_ms(wait, values["blinks_per_minute"], values["blink_ms"])
    spread = jnp.exp(BLINK_LOG_SD * drawn(jax.random.normal, most, key=hidden_key) - BLINK_LOG_SD**2 / 2)
    return jnp.stack([hide, hide + values["blink_ms"] * spread])


def _losses_ms(values: Values, most: int, *, key: Key[Array, ""]) -> Float[Array, "2 2 K"]:
    """Start and end of each loss of each eye; its length is exponential."""
    wait, length = drawn(jax.random.exponential, 2, 2, most, key=key)
    lose = _starts_ms(wait, values["losses_per_minute"], values["loss_ms"])
    return jnp.stack([lose, lose + values["loss_ms"] * length])


def _spikes(values: Values, most: int, *, key: Key[Array, ""]) -> tuple[Float[Array, "2 2 K"], Float[Array, "2 K"]]:
    """Start and end in ms of each spike of each eye, and its height in mm.

    A spike ends where the next begins, if not before: two could add up to zero.
    """
    wait, height = drawn(jax.random.uniform, 2, 2, most, key=key)  # one draw for both, since each takes long to compile
    begin = _starts_ms(-jnp.log1p(-wait), values["spikes_per_minute"], values["spike_ms"])
    following = jnp.pad(begin[:, 1:], ((0, 0), (0, 1)), constant_values=jnp.inf)
    end = jnp.minimum(begin + values["spike_ms"], following)
    return jnp.stack([begin, end]), values["spike_mm"] * _up_or_down(height, SPIKE_SIZE)


def _up_or_down(uniform: Float[Array, "*K"], size: tuple[float, float]) -> Float[Array, "*K"]:
    """A size within the bounds, with random sign, from one draw from 0 to 1."""
    low, high = size
    share = 2 * uniform - 1
    return jnp.where(share < 0, -1.0, 1.0) * (low + (high - low) * jnp.abs(share))


def _blink_islands(
    values: Values, blinks_ms: Float[Array, "2 K"], *, key: Key[Array, ""]
) -> tuple[Float[Array, "2 K"], Float[Array, "2 K"]]:
    """The islands of blinks: at the same time in both eyes, as the eyelids move together, each eye with its own error."""
    holds, place, *wrong = drawn(jax.random.uniform, 4, blinks_ms.shape[-1], key=key)
    return _islands_ms(values, blinks_ms, holds, place), 1 + _up_or_down(jnp.stack(wrong), ISLAND_ERROR)


def _loss_islands(
    values: Values, losses_ms: Float[Array, "2 2 K"], *, key: Key[Array, ""]
) -> tuple[Float[Array, "2 2 K"], Float[Array, "2 K"]]:
    """The islands of the losses of each eye."""
    holds, place, wrong = drawn(jax.random.uniform, 3, *losses_ms.shape[1:], key=key)
    return _islands_ms(values, losses_ms, holds, place), 1 + _up_or_down(wrong, ISLAND_ERROR)


def _islands_ms(
    values: Values, hidden_ms: Float[Array, "2 *K"], holds: Float[Array, "*K"], place: Float[Array, "*K"]
) -> Float[Array, "2 *K"]:
    """Start and end of the island in each hidden span, from draws from 0 to 1; infinity where there is none.

    Its position is uniform among those that leave `ISLAND_CLEAR_MS` on either side.
    """
    hide, show = hidden_ms
    room = show - hide - values["island_ms"] - 2 * ISLAND_CLEAR_MS
    there = (holds < values["island_share"]) & (room >= 0)
    begin = jnp.where(there, hide + ISLAND_CLEAR_MS + place * room, jnp.inf)
    return jnp.stack([begin, begin + values["island_ms"]])
