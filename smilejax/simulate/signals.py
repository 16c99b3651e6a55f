"""The signals of a trial over time, from its draws: pure functions of continuous time, except for the noise."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from smilejax.simulate.draws import (
    DRIFT_HZ,
    DRIFT_WAVES,
    HIPPUS_HZ,
    ISLAND_CLEAR_MS,
    OPENING_MS,
    Draws,
    KeyImpl,
    Values,
    drawn,
)
from smilejax.simulate.responses import light_reflex, pupil_response
from smilejax.simulate.truth import Destruction

CLEAN_MM = (1.5, 9.0)
"""Every clean pupil is clipped to this range in mm, the plausible one of Kret & Sjak-Shie (2019)."""

MEASURED_MM = (0.1, 10.0)
"""Every measured sample is clipped to this range in mm: noise must not make it read as missing. Our choice."""

CLOSING_MS = 60.0
"""Time the eyelid takes to cover the pupil in ms. Design assumption."""

LID_REST = 0.5
"""Proportion of the pupil's diameter still visible when the tracker loses it or finds it again. Design assumption."""


class Signals(NamedTuple):
    """A trial at its samples, `[T, 2]` each; with a leading axis N, all trials, then NumPy's on the host."""

    clean_mm: Array
    measured_mm: Array
    destroyed: Array


def measure_trial(values: Values, time_ms: Float[Array, " T"], draws: Draws, *, impl: KeyImpl) -> Signals:
    """The signals of one trial from its draws."""
    evoked_mm = draws.gain * (_effect_mm(values, time_ms, draws.stimulus) - draws.reflex_mm * light_reflex(time_ms))
    mean_mm = draws.baseline_mm + evoked_mm + _spontaneous_mm(values, time_ms, draws.waves)
    left_mm, right_mm = mean_mm + draws.eye_offset_mm / 2, mean_mm - draws.eye_offset_mm / 2
    clean_mm = jnp.clip(jnp.stack([left_mm, right_mm], axis=-1), *CLEAN_MM)
    seen = _pupil_seen(time_ms, *draws.blinks_ms)
    lost = jnp.any(_within(time_ms, draws.losses_ms), axis=-1)
    in_blink = _false_pupil(time_ms, draws.blinks_ms[:, None], draws.blink_islands_ms[:, None], draws.blink_islands)
    in_loss = _false_pupil(time_ms, draws.losses_ms, draws.loss_islands_ms, draws.loss_islands)
    false = jnp.maximum(in_blink, in_loss)
    false = jnp.where(jnp.isinf(false), 0.0, false)
    spike_mm = jnp.where(false > 0, 0.0, _spike_mm(time_ms, draws.spikes_ms, draws.spikes_mm))
    apparent_mm = clean_mm * jnp.where(false > 0, false, LID_REST + (1 - LID_REST) * seen[:, None])
    noise = drawn(jax.random.normal, *clean_mm.shape, key=jax.random.wrap_key_data(draws.noise_key, impl=impl))
    measured_mm = jnp.clip(apparent_mm + values["noise_mm"] * noise + spike_mm, *MEASURED_MM)
    return Signals(clean_mm, measured_mm, _destruction(seen, lost, spike_mm != 0, false > 0))


def _effect_mm(values: Values, time_ms: Float[Array, " T"], stimulus: Int[Array, ""]) -> Float[Array, " T"]:
    """The extra dilation to a genuine smile, before gain; 0 for a posed one. The only place where the class matters."""
    response = pupil_response(time_ms - values["effect_onset_ms"], values["effect_t_max_ms"])
    return jnp.where(stimulus % 2 == 1, values["effect_mm"], 0.0) * response


def _spontaneous_mm(values: Values, time_ms: Float[Array, " T"], waves: Float[Array, "2 W"]) -> Float[Array, " T"]:
    """Drift and hippus, the same in both eyes."""
    fluctuate = partial(_fluctuation, time_ms, values["duration_ms"])
    drift, hippus = fluctuate(DRIFT_HZ, waves[:, :DRIFT_WAVES]), fluctuate(HIPPUS_HZ, waves[:, DRIFT_WAVES:])
    return drift * values["drift_mm"] + hippus * values["hippus_mm"]


def _fluctuation(
    time_ms: Float[Array, " T"], duration_ms: Float[Array, ""], band_hz: tuple[float, float], waves: Float[Array, "2 W"]
) -> Float[Array, " T"]:
    """A sum of equal sinusoids with mean 0 and, in the mean square over phases, standard deviation 1 within the trial.

    `waves` are uniform draws of frequency and phase from 0 to 1; frequencies are log-uniform in the band, so that power
    falls as 1 / f. Over a trial of length D the wave `cos(2 pi f t + a)` has mean `cos(a + pi f D) sinc(f D)` and, over
    phases, variance `(1 - sinc(f D)^2) / 2`. In closed form, since a mean over samples would depend on the rate.
    """
    low, high = band_hz
    hz = low * (high / low) ** waves[0]
    start = 2 * np.pi * waves[1]
    cycles = hz * duration_ms / 1000
    mean = jnp.cos(start + np.pi * cycles) * jnp.sinc(cycles)
    x = np.pi * cycles
    # 1 - sinc^2 loses its digits where a trial is a small part of a cycle; there its series is exact to .2%.
    variance = jnp.where(x < 0.1, x**2 / 3, 1 - jnp.sinc(cycles) ** 2) / 2
    angle = 2 * np.pi * hz[None, :] * time_ms[:, None] / 1000 + start[None, :]
    return jnp.sum(jnp.cos(angle) - mean[None, :], axis=-1) / jnp.sqrt(jnp.sum(variance))


def _pupil_seen(
    time_ms: Float[Array, " T"], hide_ms: Float[Array, " K"], show_ms: Float[Array, " K"]
) -> Float[Array, " T"]:
    """Visible proportion of the pupil: 1 with open eyelids, 0 in a blink, linear on the ramps between."""
    time = time_ms[:, None]
    each = jnp.maximum((hide_ms[None, :] - time) / CLOSING_MS, (time - show_ms[None, :]) / OPENING_MS)
    return jnp.clip(jnp.min(each, axis=-1, initial=1.0), 0.0, 1.0)


def _within(time_ms: Float[Array, " T"], span_ms: Float[Array, "2 E K"]) -> Bool[Array, "T E K"]:
    """Whether each instant lies in each span, from its start to just before its end."""
    time = time_ms[:, None, None]
    return (span_ms[0][None] <= time) & (time < span_ms[1][None])


def _spike_mm(
    time_ms: Float[Array, " T"], span_ms: Float[Array, "2 2 K"], height_mm: Float[Array, "2 K"]
) -> Float[Array, "T 2"]:
    """What spikes add to each eye; spikes of one eye do not overlap."""
    return jnp.sum(jnp.where(_within(time_ms, span_ms), height_mm[None], 0.0), axis=-1)


def _false_pupil(
    time_ms: Float[Array, " T"],
    hidden_ms: Float[Array, "2 E K"],
    islands_ms: Float[Array, "2 E K"],
    false: Float[Array, "2 K"],
) -> Float[Array, "T 2"]:
    """False pupil in the islands of blinks or losses in each eye, relative to the true one; 0 where there is none.

    Infinity where a blink or loss hides the islands of others that overlap it: wherever it has no island itself, and for at
    least `ISLAND_CLEAR_MS`. The visible part of an island therefore has a gap of that length on either side, also where
    spans overlap: it ends where its own span keeps clear, or where another span begins.
    """
    hide, show = hidden_ms
    hidden = _within(time_ms, jnp.stack([hide, jnp.maximum(show, hide + ISLAND_CLEAR_MS)]))
    island = _within(time_ms, islands_ms)
    return jnp.max(jnp.where(island, false[None], jnp.where(hidden, jnp.inf, 0.0)), axis=-1)


def _destruction(
    seen: Float[Array, " T"], lost: Bool[Array, "T 2"], spiked: Bool[Array, "T 2"], false: Bool[Array, "T 2"]
) -> UInt8[Array, "T 2"]:
    """`Destruction` of each sample of one trial, in the order of precedence that it states, from the last to the first."""
    kind = jnp.full(lost.shape, Destruction.NONE, jnp.uint8)
    for here, what in (
        (spiked, Destruction.SPIKE),
        ((seen < 1)[:, None], Destruction.RAMP),
        (lost, Destruction.LOSS),
        ((seen <= 0)[:, None], Destruction.BLINK),
        (false, Destruction.ISLAND),
    ):
        kind = jnp.where(here, jnp.uint8(what), kind)
    return kind
