"""Trials with known truth: a study of smiles, recorded by a tracker that does not exist.

Every physical signal is a function of continuous time, so one key gives one physical study at any sampling rate; only
the noise of measurement is drawn sample by sample. Every draw belongs to a participant, a stimulus or a trial by
number, so that participant 3 is the same whether 3 or 300 are simulated.

What is left out, on purpose: the pupil's own response to a blink, changes across a session (fatigue, learning), gaze,
and any difference between the eyes other than a constant one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import partial
from math import ceil, log2, prod, sqrt
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Bool, Float, Float32, Int, Int32, Key, UInt8

from smilejax.responses import light_reflex, pupil_response
from smilejax.settings import SimulationSettings
from smilejax.trials import Finding, Source, Trials

CLASS_NAMES = ("posed", "genuine")
"""Names of classes 0 and 1; genuine is the positive one."""

CLEAN_MM = (1.5, 9.0)
"""Every clean pupil is clipped to this range in mm, the plausible one of Kret & Sjak-Shie (2019)."""
MEASURED_MM = (0.1, 10.0)
"""Every measured sample is clipped to this range in mm: noise must not make it read as missing. Our choice."""
BASELINE_MM = (2.0, 7.0)
"""Resting pupils are clipped to this range in mm, so that constriction and dilation both have room. Our choice."""

DRIFT_HZ, DRIFT_WAVES = (0.02, 0.1), 4
"""Band of slow drift in Hz (upper end as the setting `drift_mm` states it, lower our choice), and number of waves."""
HIPPUS_HZ, HIPPUS_WAVES = (0.1, 2.0), 12
"""Band of spontaneous fluctuation in Hz, as `SimulationSettings.hippus_mm` states it, and number of waves."""

CLOSING_MS, OPENING_MS = 60.0, 90.0
"""Time the eyelid takes to cover and to uncover the pupil in ms. Design assumption."""
LID_REST = 0.5
"""Share of the pupil's diameter still seen when the tracker gives up or finds it again. Design assumption."""
BLINK_LOG_SD = 0.3
"""Spread of the logarithm of hidden times. Design assumption: 90 % of blinks of mean 150 ms hide 88 to 235 ms."""

CHUNK_TRIALS, CHUNK_SAMPLES = 64, 2**19
"""Trials are made in chunks of 64, or fewer where they are long, so that memory stays small. The width depends on
nothing else: XLA compiles narrow and wide chunks differently, and a trial is to be the same bits among 3 or 300."""


class Destruction(IntEnum):
    """What happened to a sample. BLINK and LOSS are missing, RAMP is present and wrong; BLINK hides LOSS hides RAMP."""

    NONE = 0
    BLINK = 1  # the eyelid hides the pupil; both eyes
    RAMP = 2  # the eyelid covers part of the pupil, just before or after a blink; both eyes
    LOSS = 3  # the tracker lost this eye


@dataclass(frozen=True, eq=False)
class Truth:
    """What really happened in a simulated study of N trials, P participants and S stimuli.

    `participant_index` and `stimulus_index` say whose and what each trial was: `truth.gain[truth.participant_index]` is
    the gain of every trial. Stimulus `2 k` is the posed and `2 k + 1` the genuine smile of smiler `k`.
    """

    clean_mm: Float32[np.ndarray, "N T 2"]
    """Left and right pupil in mm without noise or artefact, within `CLEAN_MM`."""
    destroyed: UInt8[np.ndarray, "N T 2"]
    """`Destruction` of each sample."""
    participant_index: Int32[np.ndarray, " N"]
    """Participant of each trial, 0 to P - 1."""
    stimulus_index: Int32[np.ndarray, " N"]
    """Stimulus of each trial, 0 to S - 1."""
    baseline_mm: Float32[np.ndarray, " P"]
    """Resting pupil of each participant in mm, within `BASELINE_MM`, mean of the eyes."""
    gain: Float32[np.ndarray, " P"]
    """Responsiveness of each participant, above 0, mean 1; scales reflex and effect."""
    eye_offset_mm: Float32[np.ndarray, " P"]
    """Left minus right pupil of each participant in mm."""
    reflex_mm: Float32[np.ndarray, " S"]
    """Peak constriction to each stimulus in mm, from 0 up, before the participant's gain."""


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated study: what a tracker would have recorded, and what was true."""

    trials: Trials
    truth: Truth


def simulate_study(settings: SimulationSettings, *, key: Key[Array, ""]) -> Simulation:
    """Simulate a study in which every participant sees every smile once.

    The clean pupil of participant p, stimulus s at time t, before clipping to `CLEAN_MM`, is

        baseline_p + gain_p (effect_mm [genuine] response(t) - reflex_s light(t)) + drift(t) + hippus(t) +- offset_p / 2

    with plus for the left eye. The stimulus starts at t = 0. A measured sample is the clean pupil, less what an eyelid
    covers, plus noise. Rows are grouped by participant, within a participant in the order of viewing, which is drawn
    for each one; the trial's name is its place in that order (`t001`). Blinks are a Poisson process, and may overlap;
    so are the losses of each eye, `losses_per_minute` for either.

    Arguments:
        settings: the study; N = participants x 2 smilers trials of `settings.n_samples` samples.
        key: typed JAX key, as from `jax.random.key(0)`. The same key gives the same study bit for bit on one machine.

    Returns:
        Trials in mm with `settings.sentinel` in place of missing samples, and their truth.

    Raises:
        TypeError: `key` is not one typed JAX key.
        TrialsError: blinks and losses left no sample measured.

    Example:
        >>> import jax
        >>> from smilejax.settings import SimulationSettings
        >>> study = simulate_study(SimulationSettings(participants=2, smilers=3), key=jax.random.key(0))
        >>> study.trials.pupil.shape
        (12, 600, 2)
    """
    _check_key(key)
    draws = _draw_all(settings, key)
    signals = _measure_all(settings, draws, jax.random.key_impl(key))
    missing = (signals.destroyed == Destruction.BLINK) | (signals.destroyed == Destruction.LOSS)
    pupil = np.where(missing, np.float32(settings.sentinel), signals.measured_mm)
    truth = Truth(
        clean_mm=signals.clean_mm,
        destroyed=signals.destroyed,
        participant_index=draws.participant,
        stimulus_index=draws.stimulus,
        baseline_mm=_once_each(draws.baseline_mm, draws.participant),
        gain=_once_each(draws.gain, draws.participant),
        eye_offset_mm=_once_each(draws.eye_offset_mm, draws.participant),
        reflex_mm=_once_each(draws.reflex_mm, draws.stimulus),
    )
    return Simulation(_as_trials(settings, pupil, draws), truth)


def truth_table(study: Simulation) -> pd.DataFrame:
    """The truth sample by sample, in the rows that `write_tidy` gives the trials.

    Returns:
        `participant`, `trial`, `time_ms`, `clean_left_mm`, `clean_right_mm`, `destroyed_left` and `destroyed_right` (names
        of `Destruction` in lower case).
    """
    trials, truth = study.trials, study.truth
    samples = trials.pupil.shape[1]
    names = np.array([d.name.lower() for d in Destruction])
    return pd.DataFrame(
        {
            "participant": np.repeat(trials.participant, samples),
            "trial": np.repeat(trials.trial, samples),
            "time_ms": np.tile(np.arange(samples) * 1000.0 / trials.rate_hz, len(trials)),
            **{f"clean_{eye}_mm": truth.clean_mm[:, :, lane].ravel() for lane, eye in enumerate(("left", "right"))},
            **{
                f"destroyed_{eye}": names[truth.destroyed[:, :, lane].ravel()]
                for lane, eye in enumerate(("left", "right"))
            },
        }
    )


_Draw = IntEnum("_Draw", "PARTICIPANT STIMULUS ORDER WAVES BLINK_START BLINK_HIDDEN LOSS NOISE", start=0)
"""What a key is for. Only ever add at the end: then old studies keep their draws."""


class _Draws(NamedTuple):
    """All that chance decides in a trial, before time comes in; with a leading axis N, in all trials."""

    participant: Any
    stimulus: Any
    place: Any  # a participant sees the stimuli from the lowest to the highest
    baseline_mm: Any
    gain: Any
    eye_offset_mm: Any
    reflex_mm: Any
    waves: Any  # [2, W]: frequency and phase of drift and hippus, 0 to 1
    blinks_ms: Any  # [2, K]: when the eyelid hides the pupil, and when it shows it again
    losses_ms: Any  # [2, 2, K]: when the tracker loses left and right eye, and when it finds them again
    noise_key: Any  # the bare data of a key, which NumPy can hold


class _Signals(NamedTuple):
    """A trial at its samples, `[T, 2]` each; with a leading axis N, all trials."""

    clean_mm: Any
    measured_mm: Any
    destroyed: Any


_Values = dict[str, Array]
"""The numeric settings by name. As arguments, so that another effect or rate of blinks needs no compilation."""


def _values(settings: SimulationSettings) -> _Values:
    return {f.name: jnp.float32(getattr(settings, f.name)) for f in fields(settings) if f.type is float}


def _check_key(key: Any) -> None:
    if not (isinstance(key, jax.Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ()):
        given = f"{key.dtype}{list(key.shape)}" if isinstance(key, jax.Array) else repr(key)
        raise TypeError(f"key must be one typed JAX key; it is {given}. Make one with jax.random.key(seed).")


def _once_each(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """`[N]` values that repeat what belongs to participant or stimulus `index`, as one value for each of those."""
    return values[np.unique(index, return_index=True)[1]]


def _chunks(total: int, width: int) -> Iterator[np.ndarray]:
    """Row numbers of each chunk, all of one width; the last one repeats the last row to fill itself."""
    for start in range(0, total, width):
        yield np.minimum(np.arange(start, start + width, dtype=np.int32), total - 1)


def _draw_all(settings: SimulationSettings, key: Key[Array, ""]) -> _Draws:
    """The draws of all trials on the host: participants in turn, the trials of each in the order of viewing."""
    stimuli = 2 * settings.smilers
    total = settings.participants * stimuli
    draw = partial(
        _draw_chunk,
        _values(settings),
        key,
        blinks=_most_events(settings.blinks_per_minute, settings.duration_ms + _lead_ms(settings.blink_ms)),
        losses=_most_events(settings.losses_per_minute, settings.duration_ms + _lead_ms(settings.loss_ms)),
    )
    chunks = [jax.device_get(draw(rows // stimuli, rows % stimuli)) for rows in _chunks(total, CHUNK_TRIALS)]
    draws = _Draws(*(np.concatenate(parts)[:total] for parts in zip(*chunks, strict=True)))
    order = np.lexsort((draws.place, draws.participant))
    return _Draws(*(part[order] for part in draws))


def _measure_all(settings: SimulationSettings, draws: _Draws, impl: Any) -> _Signals:
    """The signals of all trials on the host; `impl` is the kind of key."""
    total, samples = len(draws.place), settings.n_samples
    time_ms = (np.arange(samples) * 1000.0 / settings.rate_hz).astype(np.float32)
    measure = partial(_measure_chunk, _values(settings), time_ms, impl=impl)
    width = min(max(CHUNK_SAMPLES // samples, 1), CHUNK_TRIALS)
    chunks = [jax.device_get(measure(_Draws(*(part[rows] for part in draws)))) for rows in _chunks(total, width)]
    return _Signals(*(np.concatenate(parts)[:total] for parts in zip(*chunks, strict=True)))


def _lead_ms(mean_ms: Any) -> Any:
    """How long before the trial events begin to happen, so that one may be under way when it starts."""
    return 4 * mean_ms + OPENING_MS


def _most_events(per_minute: float, span_ms: float) -> int:
    """Room for the events of one trial: a power of two, so that few programs serve all rates and durations.

    Eight standard deviations above the mean and eight more: a Poisson count beyond has p < 1e-9.
    """
    mean = per_minute * span_ms / 60_000
    return max(32, 1 << ceil(log2(mean + 8 * sqrt(mean) + 8)))


@partial(jax.jit, static_argnames=("blinks", "losses"))
def _draw_chunk(
    values: _Values,
    key: Key[Array, ""],
    participant: Int[Array, " N"],
    stimulus: Int[Array, " N"],
    *,
    blinks: int,
    losses: int,
) -> _Draws:
    return jax.vmap(partial(_draw_trial, values, blinks=blinks, losses=losses, key=key))(participant, stimulus)


@partial(jax.jit, static_argnames="impl")
def _measure_chunk(values: _Values, time_ms: Float[Array, " T"], draws: _Draws, *, impl: Any) -> _Signals:
    return jax.vmap(partial(_measure_trial, values, time_ms, impl=impl))(draws)


def _draw_trial(
    values: _Values,
    participant: Int[Array, ""],
    stimulus: Int[Array, ""],
    *,
    blinks: int,
    losses: int,
    key: Key[Array, ""],
) -> _Draws:
    keys = _trial_keys(participant, stimulus, key=key)
    reflex_mm = values["reflex_mm"] + values["reflex_sd_mm"] * _drawn(jax.random.normal, key=keys[_Draw.STIMULUS])
    return _Draws(
        participant,
        stimulus,
        _drawn(jax.random.uniform, key=keys[_Draw.ORDER]),
        *_participant(values, key=keys[_Draw.PARTICIPANT]),
        jnp.maximum(reflex_mm, 0.0),
        _drawn(jax.random.uniform, 2, DRIFT_WAVES + HIPPUS_WAVES, key=keys[_Draw.WAVES]),
        _blinks_ms(values, blinks, start_key=keys[_Draw.BLINK_START], hidden_key=keys[_Draw.BLINK_HIDDEN]),
        _losses_ms(values, losses, key=keys[_Draw.LOSS]),
        jax.random.key_data(keys[_Draw.NOISE]),
    )


def _trial_keys(participant: Int[Array, ""], stimulus: Int[Array, ""], *, key: Key[Array, ""]) -> Key[Array, " D"]:
    """A key for each `_Draw`: folded with the trial's participant and stimulus number, so no other trial matters."""
    draw = jnp.arange(len(_Draw), dtype=jnp.int32)
    # What belongs to a participant must be the same for every stimulus, and the other way round.
    p = jnp.where(draw == _Draw.STIMULUS, 0, participant)
    s = jnp.where(draw == _Draw.PARTICIPANT, 0, stimulus)
    fold = jax.vmap(jax.random.fold_in)  # one program for all draws: hashing is what takes long to compile
    owned: Array = fold(fold(fold(jnp.broadcast_to(key, draw.shape), draw), p), s)
    return owned


def _drawn(sampler: Callable[..., Array], *shape: int, key: Key[Array, ""]) -> Float[Array, "..."]:
    """Draws of the given shape, made flat: XLA takes twice as long to compile a draw of two axes."""
    flat: Array = sampler(key, (prod(shape),), dtype=jnp.float32)
    return flat.reshape(shape)


def _participant(
    values: _Values, *, key: Key[Array, ""]
) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """Baseline in mm, gain (lognormal, mean 1) and left-right difference in mm of one participant."""
    baseline, gain, offset = _drawn(jax.random.normal, 3, key=key)
    baseline_mm = values["baseline_mm"] + values["baseline_sd_mm"] * baseline
    mean_one = jnp.exp(values["gain_sd"] * gain - values["gain_sd"] ** 2 / 2)
    return jnp.clip(baseline_mm, *BASELINE_MM), mean_one, values["eye_offset_sd_mm"] * offset


def _starts_ms(wait: Float[Array, "*K"], per_minute: Float[Array, ""], mean_ms: Float[Array, ""]) -> Float[Array, "*K"]:
    """Starts of a Poisson process in ms, from unit exponential waits; some may lie before the trial."""
    start = jnp.cumsum(wait, axis=-1) * (60_000 / jnp.maximum(per_minute, 1e-9)) - _lead_ms(mean_ms)
    return jnp.where(per_minute > 0, start, jnp.inf)


def _blinks_ms(
    values: _Values, most: int, *, start_key: Key[Array, ""], hidden_key: Key[Array, ""]
) -> Float[Array, "2 K"]:
    """Start and end of the time each blink hides the pupil; its length is lognormal with mean `blink_ms`."""
    wait = _drawn(jax.random.exponential, most, key=start_key)
    hide = _starts_ms(wait, values["blinks_per_minute"], values["blink_ms"])
    spread = jnp.exp(BLINK_LOG_SD * _drawn(jax.random.normal, most, key=hidden_key) - BLINK_LOG_SD**2 / 2)
    return jnp.stack([hide, hide + values["blink_ms"] * spread])


def _losses_ms(values: _Values, most: int, *, key: Key[Array, ""]) -> Float[Array, "2 2 K"]:
    """Start and end of each loss of each eye; its length is exponential."""
    wait, length = _drawn(jax.random.exponential, 2, 2, most, key=key)
    lose = _starts_ms(wait, values["losses_per_minute"], values["loss_ms"])
    return jnp.stack([lose, lose + values["loss_ms"] * length])


def _measure_trial(values: _Values, time_ms: Float[Array, " T"], draws: _Draws, *, impl: Any) -> _Signals:
    """The signals of one trial from its draws."""
    evoked_mm = draws.gain * (_effect_mm(values, time_ms, draws.stimulus) - draws.reflex_mm * light_reflex(time_ms))
    mean_mm = draws.baseline_mm + evoked_mm + _spontaneous_mm(values, time_ms, draws.waves)
    left_mm, right_mm = mean_mm + draws.eye_offset_mm / 2, mean_mm - draws.eye_offset_mm / 2
    clean_mm = jnp.clip(jnp.stack([left_mm, right_mm], axis=-1), *CLEAN_MM)
    seen = _pupil_seen(time_ms, *draws.blinks_ms)
    apparent_mm = clean_mm * (LID_REST + (1 - LID_REST) * seen[:, None])
    noise = _drawn(jax.random.normal, *clean_mm.shape, key=jax.random.wrap_key_data(draws.noise_key, impl=impl))
    measured_mm = jnp.clip(apparent_mm + values["noise_mm"] * noise, *MEASURED_MM)
    return _Signals(clean_mm, measured_mm, _destruction(seen, _eyes_lost(time_ms, *draws.losses_ms)))


def _effect_mm(values: _Values, time_ms: Float[Array, " T"], stimulus: Int[Array, ""]) -> Float[Array, " T"]:
    """The extra dilation to a genuine smile, before gain; 0 for a posed one. The only place where the class matters."""
    response = pupil_response(time_ms - values["effect_onset_ms"], values["effect_t_max_ms"])
    return jnp.where(stimulus % 2 == 1, values["effect_mm"], 0.0) * response


def _spontaneous_mm(values: _Values, time_ms: Float[Array, " T"], waves: Float[Array, "2 W"]) -> Float[Array, " T"]:
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
    # 1 - sinc^2 loses its digits where a trial is a small part of a cycle; there its series is exact to .2 %.
    variance = jnp.where(x < 0.1, x**2 / 3, 1 - jnp.sinc(cycles) ** 2) / 2
    angle = 2 * np.pi * hz[None, :] * time_ms[:, None] / 1000 + start[None, :]
    return jnp.sum(jnp.cos(angle) - mean[None, :], axis=-1) / jnp.sqrt(jnp.sum(variance))


def _pupil_seen(
    time_ms: Float[Array, " T"], hide_ms: Float[Array, " K"], show_ms: Float[Array, " K"]
) -> Float[Array, " T"]:
    """How far the eyelids let the pupil be seen: 1 fully, 0 hidden, between them on the ramps, which are straight."""
    time = time_ms[:, None]
    each = jnp.maximum((hide_ms[None, :] - time) / CLOSING_MS, (time - show_ms[None, :]) / OPENING_MS)
    return jnp.clip(jnp.min(each, axis=-1, initial=1.0), 0.0, 1.0)


def _eyes_lost(
    time_ms: Float[Array, " T"], lose_ms: Float[Array, "2 K"], find_ms: Float[Array, "2 K"]
) -> Bool[Array, "T 2"]:
    time = time_ms[:, None, None]
    return jnp.any((lose_ms[None] <= time) & (time < find_ms[None]), axis=-1)


def _destruction(seen: Float[Array, " T"], lost: Bool[Array, "T 2"]) -> UInt8[Array, "T 2"]:
    """`Destruction` of each sample of one trial; what is missing goes before what is merely wrong."""
    ramp = jnp.where(seen < 1, jnp.uint8(Destruction.RAMP), jnp.uint8(Destruction.NONE))[:, None]
    kind = jnp.where(lost, jnp.uint8(Destruction.LOSS), ramp)
    return jnp.where((seen <= 0)[:, None], jnp.uint8(Destruction.BLINK), kind)


def _as_trials(settings: SimulationSettings, pupil: np.ndarray, draws: _Draws) -> Trials:
    smiler = [f"s{s // 2 + 1:02d}" for s in draws.stimulus]
    label = draws.stimulus % 2
    return Trials(
        pupil=pupil,
        length=np.full(len(pupil), settings.n_samples),
        rate_hz=settings.rate_hz,
        unit="mm",
        label=label,
        class_names=CLASS_NAMES,
        trial=tuple(f"t{row % (2 * settings.smilers) + 1:03d}" for row in range(len(pupil))),
        participant=tuple(f"p{p + 1:02d}" for p in draws.participant),
        stimulus=tuple(f"{who}-{CLASS_NAMES[k]}" for who, k in zip(smiler, label, strict=True)),
        smiler=tuple(smiler),
        source=_source(settings),
    )


def _source(settings: SimulationSettings) -> Source:
    """Where the trials came from, with every setting as a finding, the effect first."""
    ordered = sorted(fields(settings), key=lambda f: f.name != "effect_mm")
    default = SimulationSettings()
    return Source("simulation", "simulated", tuple(_finding(f.name, settings, default) for f in ordered))


def _finding(name: str, settings: SimulationSettings, default: SimulationSettings) -> Finding:
    value = getattr(settings, name)
    return Finding(name, str(value), "default" if value == getattr(default, name) else "given")
