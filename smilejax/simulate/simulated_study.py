"""A whole study: the trials of all participants, in chunks, as `Trials` and their truth."""

from collections.abc import Iterator
from dataclasses import fields
from functools import partial

import jax
import numpy as np
from jaxtyping import Array, Float, Int, Key

from smilejax._util.keys import check_key
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import Trials
from smilejax.settings import SimulationSettings
from smilejax.settings.checks import require
from smilejax.simulate.draws import Draws, KeyImpl, Values, draw_trial, lead_ms, most_events, values_of
from smilejax.simulate.signals import Signals, measure_trial
from smilejax.simulate.truth import CLASS_NAMES, Destruction, Simulation, Truth

CHUNK_TRIALS, CHUNK_SAMPLES = 64, 2**19
"""Trials are simulated in chunks of 64, or fewer where they are long, to limit memory. The width depends on nothing else:
XLA compiles narrow and wide chunks differently, and a trial must be the same bits among 3 trials and among 300."""


def simulate_study(settings: SimulationSettings, *, key: Key[Array, ""]) -> Simulation:
    """Simulate a study in which every participant watches every stimulus once.

    The clean pupil of participant p, stimulus s at time t, before clipping to `CLEAN_MM`, is

        baseline_p + gain_p (effect_mm [genuine] response(t) - reflex_s light(t)) + drift(t) + hippus(t) +- offset_p / 2

    with plus for the left eye. The stimulus starts at t = 0. A measured sample is the clean pupil, less what an eyelid
    covers, plus spikes, plus noise; in an island it is a false pupil, the true one times a factor, plus noise. Rows are
    grouped by participant, within a participant in the order of viewing, which is drawn for each one; the trial's name
    is its place in that order (`t001`). Blinks are a Poisson process, and may overlap; so are the losses of each eye,
    `losses_per_minute` for either. So are its spikes, but a spike ends where the next begins.

    Arguments:
        settings: the study; N = participants x 2 smilers trials of `settings.n_samples` samples.
        key: typed JAX key, as from `jax.random.key(0)`. The same key gives the same study bit for bit on one machine.

    Returns:
        Trials in mm with `settings.sentinel` in place of missing samples, and their truth.

    Raises:
        SettingsError: `key` is not one typed JAX key.
        TrialsError: blinks and losses left no sample measured.

    Example:
        >>> import jax
        >>> from smilejax.settings import SimulationSettings
        >>> study = simulate_study(SimulationSettings(participants=2, smilers=3), key=jax.random.key(0))
        >>> study.trials.pupil.shape
        (12, 600, 2)
    """
    check_key(key)
    require(isinstance(settings, SimulationSettings), "settings", "a SimulationSettings", settings)
    draws = _draw_all(settings, key)
    signals = _measure_all(settings, draws, jax.random.key_impl(key))
    missing = (signals.destroyed == Destruction.BLINK) | (signals.destroyed == Destruction.LOSS)
    pupil = np.where(missing, np.float32(settings.sentinel), signals.measured_mm)
    truth = Truth(
        clean_mm=np.asarray(signals.clean_mm),
        destroyed=np.asarray(signals.destroyed),
        participant_index=np.asarray(draws.participant),
        stimulus_index=np.asarray(draws.stimulus),
        baseline_mm=_once_each(draws.baseline_mm, draws.participant),
        gain=_once_each(draws.gain, draws.participant),
        eye_offset_mm=_once_each(draws.eye_offset_mm, draws.participant),
        reflex_mm=_once_each(draws.reflex_mm, draws.stimulus),
    )
    return Simulation(_as_trials(settings, pupil, draws), truth)


def _once_each(values: Array | np.ndarray, index: Array | np.ndarray) -> np.ndarray:
    """`[N]` values that repeat what belongs to participant or stimulus `index`, as one value for each of those."""
    return np.asarray(values)[np.unique(np.asarray(index), return_index=True)[1]]


def _chunks(total: int, width: int) -> Iterator[np.ndarray]:
    """Row numbers of each chunk, all of one width; the last one repeats the last row to fill itself."""
    for start in range(0, total, width):
        yield np.minimum(np.arange(start, start + width, dtype=np.int32), total - 1)


def _draw_all(settings: SimulationSettings, key: Key[Array, ""]) -> Draws:
    """The draws of all trials on the host: participants in turn, the trials of each in the order of viewing."""
    stimuli = 2 * settings.smilers
    total = settings.participants * stimuli
    draw = partial(
        _draw_chunk,
        values_of(settings),
        key,
        blinks=most_events(settings.blinks_per_minute, settings.duration_ms + lead_ms(settings.blink_ms)),
        losses=most_events(settings.losses_per_minute, settings.duration_ms + lead_ms(settings.loss_ms)),
        spikes=most_events(settings.spikes_per_minute, settings.duration_ms + lead_ms(settings.spike_ms)),
    )
    chunks = [jax.device_get(draw(rows // stimuli, rows % stimuli)) for rows in _chunks(total, CHUNK_TRIALS)]
    draws: Draws = jax.tree.map(lambda *parts: np.concatenate(parts)[:total], *chunks)
    order = np.lexsort((draws.place, draws.participant))
    in_order: Draws = jax.tree.map(lambda part: part[order], draws)
    return in_order


def _measure_all(settings: SimulationSettings, draws: Draws, impl: KeyImpl) -> Signals:
    """The signals of all trials on the host; `impl` is the kind of key."""
    total, samples = len(draws.place), settings.n_samples
    time_ms = (np.arange(samples) * 1000.0 / settings.rate_hz).astype(np.float32)
    measure = partial(_measure_chunk, values_of(settings), time_ms, impl=impl)
    width = min(max(CHUNK_SAMPLES // samples, 1), CHUNK_TRIALS)
    chunks = [jax.device_get(measure(Draws(*(part[rows] for part in draws)))) for rows in _chunks(total, width)]
    signals: Signals = jax.tree.map(lambda *parts: np.concatenate(parts)[:total], *chunks)
    return signals


@partial(jax.jit, static_argnames=("blinks", "losses", "spikes"))
def _draw_chunk(
    values: Values,
    key: Key[Array, ""],
    participant: Int[Array, " N"],
    stimulus: Int[Array, " N"],
    *,
    blinks: int,
    losses: int,
    spikes: int,
) -> Draws:
    draw = partial(draw_trial, values, blinks=blinks, losses=losses, spikes=spikes, key=key)
    return jax.vmap(draw)(participant, stimulus)


@partial(jax.jit, static_argnames="impl")
def _measure_chunk(values: Values, time_ms: Float[Array, " T"], draws: Draws, *, impl: KeyImpl) -> Signals:
    return jax.vmap(partial(measure_trial, values, time_ms, impl=impl))(draws)


def _as_trials(settings: SimulationSettings, pupil: np.ndarray, draws: Draws) -> Trials:
    smiler = [f"s{s // 2 + 1:02d}" for s in draws.stimulus]
    label = np.asarray(draws.stimulus) % 2
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
