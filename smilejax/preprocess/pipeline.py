"""The steps composed: `Trials` -> `Dataset`, all trials in one compiled call.

The order is fixed, and is the one `Recipe` states. Rates and lengths are settled on the host; inside, trials run side by side,
and no step looks from one to another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from smilejax._util.errors import SettingsError
from smilejax.preprocess.dataset import Dataset, codes
from smilejax.preprocess.program import Numbers, Program
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.rejection import judge, proportion_valid
from smilejax.preprocess.signal.baseline import correct_baseline
from smilejax.preprocess.signal.blink_response import take_out_blink_response
from smilejax.preprocess.signal.blinks import mark_blink_edges, mark_partial_blinks, tracker_blinks
from smilejax.preprocess.signal.channel_values import features
from smilejax.preprocess.signal.edges import islands, pad_gaps
from smilejax.preprocess.signal.eyes import lanes_of, select
from smilejax.preprocess.signal.filling import fill
from smilejax.preprocess.signal.limits import limits
from smilejax.preprocess.signal.lowpass import apply
from smilejax.preprocess.signal.marking import out_of_range, start
from smilejax.preprocess.signal.other_eye import fill_from_other_eye
from smilejax.preprocess.signal.resampling import sample_at
from smilejax.preprocess.signal.speed import speeds, too_fast
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.signal.trend import off_trend
from smilejax.preprocess.trial_quality import Quality, assess, hidden_by_blinks
from smilejax.recordings.trials import Trials
from smilejax.settings import samples_in

MAX_SPEED_GAP_MS = 200.0
"""No dilation speed is measured across a longer gap (Kret & Sjak-Shie 2019)."""
TREND_HZ, TREND_PASSES = 16.0, 4
"""Cut-off of the trend line in Hz, and how often it is drawn (Kret & Sjak-Shie 2019)."""
BLOCK, LONG_BLOCK, LONG_SAMPLES = 256, 32, 2400
"""Trials that a CPU works on at a time: enough lanes to fill its vectors, few enough for its cache; fewer where a trial has
more samples than `LONG_SAMPLES`. The width depends on nothing else: XLA compiles narrow and wide blocks differently, and a
trial is to give the same bits among 3 or 30,000."""


Watch = Callable[[str, Trace], None]
"""Told the name of a step and what it made."""
STAGES = (
    "missing",
    "out of range",
    "tracker's blinks",
    "partial blinks",
    "blink edges",
    "too fast",
    "padded edges",
    "off the trend",
    "islands",
    "other eye",
    "fuse the eyes",
    "fill gaps",
    "blink response",
    "low-pass",
    "resample",
    "baseline",
)
"""Steps that change samples, as `settings.described` names them, in their order."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Cleaned:
    """What the steps made of N trials, before channels are chosen.

    Arguments:
        trace: pupil and reasons of the lanes, `[N, T, L]`, at the recipe's rate.
        eyes: pupil and reasons of both eyes, `[N, T', 2]`, at the recording's rate: marked, and filled from each other.
        marked: `u8[N, T', 2]`, reasons of both eyes before that: why a sample was taken away.
        quality: what was measured, and how well.
        baseline: `f32[N, L]`, the level of the baseline window, in the recording's unit; 0 without a baseline step.
        blink_response: `f32[N, L]`, size of the response to blinks that was taken out; 0 without that step.
        status: `i32[N]`, a `TrialStatus`.
    """

    trace: Trace
    eyes: Trace
    marked: UInt8[Array, "..."]
    quality: Quality
    baseline: Float[Array, "..."]
    blink_response: Float[Array, "..."]
    status: Int[Array, "..."]


def settle(recipe: Recipe, trials: Trials) -> Recipe:
    """The recipe with what it leaves to the recording filled in: duration and rate.

    Raises:
        SettingsError: the recipe contradicts the recording: cut-off above Nyquist, resampling above the rate, a
            duration or baseline shorter than a sample or longer than the trial.
    """
    rate = trials.rate_hz
    settled = replace(
        recipe,
        duration_ms=trials.duration_ms if recipe.duration_ms is None else recipe.duration_ms,
        resample_hz=rate if recipe.resample_hz is None else recipe.resample_hz,
    )
    assert settled.resample_hz is not None
    if settled.resample_hz > rate * (1 + 1e-6):
        raise SettingsError(
            f"resample_hz must not exceed the recording's rate of {rate:g} Hz; it is {settled.resample_hz:g}. "
            f"Set it to {rate:g} or below, or to None."
        )
    check_fits(settled, rate)
    return settled


def check_fits(recipe: Recipe, rate_hz: float) -> None:
    """Refuse a settled recipe that a recording at `rate_hz` cannot follow, with the numbers. Raises `SettingsError`."""
    if recipe.lowpass_hz is not None and recipe.lowpass_hz >= rate_hz / 2:
        raise SettingsError(
            f"lowpass_hz must be below half the recording's rate of {rate_hz:g} Hz; it is {recipe.lowpass_hz:g}. "
            "Lower it, or leave the low-pass out with None."
        )
    slowest_hz = min(rate_hz, recipe.resample_hz or rate_hz)
    for name in ("duration_ms", "baseline_ms"):
        value = getattr(recipe, name)
        if value is not None and value * slowest_hz / 1000 < 1 - 1e-6:
            raise SettingsError(
                f"{name} must hold a sample at {slowest_hz:g} Hz, which is {1000 / slowest_hz:.4g} ms; it is {value:g} ms. "
                "Raise it."
            )


def clean(trials: Trials, recipe: Recipe) -> Cleaned:
    """Run every step of the recipe on every trial, in one compiled call. For what the model sees, use `prepare`.

    Raises:
        SettingsError: the recipe does not fit the recording.
    """
    return _made(trials, settle(recipe, trials))[0]


def stages(trials: Trials, recipe: Recipe) -> dict[str, Trace]:
    """What each step made of the trials, by the step's name, in the order in which they are done.

    One compiled call; for a few trials to look at, since every stage is kept.

    Returns:
        Traces `[N, T, L]`: of both eyes up to "other eye", of what the channels need from "fuse the eyes" on. "missing" is the
        recording as it was. A step that the recipe leaves out may be there and have changed nothing.

    Raises:
        SettingsError: the recipe does not fit the recording.
    """
    settled = settle(recipe, trials)
    program = Program.of(settled, trials.rate_hz)
    numbers = Numbers.of(settled, program, in_mm=trials.unit == "mm")
    seen = _stages(numbers, inputs(trials, settled), program=program)  # jit hands dicts back by the alphabet
    return {name: seen[name] for name in STAGES if name in seen}


def prepare(trials: Trials, recipe: Recipe) -> Dataset:
    """What a model sees of the trials: the recipe's steps, then its channels. One compiled call.

    Arguments:
        trials: N recordings.
        recipe: what is done to them; see its docstring for the order.

    Returns:
        A `Dataset` with all N trials, rejected ones included and marked.

    Raises:
        SettingsError: the recipe does not fit the recording.

    Example:
        >>> import jax, smilejax
        >>> settings = smilejax.SimulationSettings(participants=2, smilers=2)
        >>> study = smilejax.simulate_study(settings, key=jax.random.key(0))
        >>> smilejax.prepare(study.trials, smilejax.Recipe()).x.shape
        (8, 200, 2)
    """
    return prepare_settled(trials, settle(recipe, trials))


def prepare_settled(trials: Trials, recipe: Recipe) -> Dataset:
    """`prepare` for a recipe that is settled, as a saved model's is; the recording may then have any rate."""
    check_fits(recipe, trials.rate_hz)
    cleaned, x, valid = _made(trials, recipe)
    n = len(trials)
    return Dataset(
        x=x,
        valid=valid,
        y=jnp.asarray(trials.label),
        participant=jnp.asarray(codes(trials.participant, n)),
        stimulus=jnp.asarray(codes(trials.stimulus, n)),
        smiler=jnp.asarray(codes(trials.smiler, n)),
        measured=cleaned.quality.measured,
        status=cleaned.status,
        channels=recipe.channels,
        class_names=trials.class_names,
        rate_hz=recipe.resample_hz or trials.rate_hz,
    )


def _made(trials: Trials, settled: Recipe) -> tuple[Cleaned, Array, Array]:
    """What a settled recipe's own program makes of trials."""
    program = Program.of(settled, trials.rate_hz)
    numbers = Numbers.of(settled, program, in_mm=trials.unit == "mm")
    return run(program, numbers, inputs(trials, settled), len(trials))


class Inputs(NamedTuple):
    """What a program reads, on the host: trials cropped to the recipe's duration."""

    pupil: np.ndarray
    """`f32[N, T, 2]`, NaN where a trial is shorter."""
    length: np.ndarray
    """`i32[N]`."""
    limits: np.ndarray
    """`f32[N, 2]`, the plausible pupil."""
    blink: np.ndarray
    """`bool[N, T, 2]`, what the tracker calls a blink."""


def inputs(trials: Trials, recipe: Recipe) -> Inputs:
    """Crop or pad to the recipe's duration, on the host: the compiled program then depends on rate and duration alone."""
    assert recipe.duration_ms is not None
    n, samples = len(trials), samples_in(recipe.duration_ms, trials.rate_hz)
    pupil = np.full((n, samples, 2), np.nan, np.float32)
    blink = np.zeros((n, samples, 2), bool)
    shared = min(samples, trials.pupil.shape[1])
    pupil[:, :shared] = trials.pupil[:, :shared]
    if recipe.tracker_blinks and trials.blink is not None:
        blink[:, :shared] = trials.blink[:, :shared]
    return Inputs(pupil, np.minimum(trials.length, samples).astype(np.int32), limits(trials, recipe), blink)


def run(program: Program, numbers: Numbers, given: Inputs, n: int) -> tuple[Cleaned, Array, Array]:
    """Run a compiled program over N trials, in blocks of one width, the last padded with empty trials.

    Returns:
        What the steps made, `x f32[N, T, C]` and `valid bool[N, T]`.
    """
    block = BLOCK if program.samples <= LONG_SAMPLES else LONG_BLOCK
    if jax.default_backend() != "cpu":
        # Nothing is gained by blocks where thousands of lanes run at once.
        block = max(BLOCK, 1 << (n - 1).bit_length())
    surplus = -n % block
    if surplus:
        empty = (np.nan, 0, 1.0, False)
        given = Inputs(
            *(
                np.concatenate([a, np.full((surplus, *a.shape[1:]), fill, a.dtype)])
                for a, fill in zip(given, empty, strict=True)
            )
        )
    result = _run_blocks(numbers, given, program=program, block=block)
    return jax.tree.map(lambda leaf: leaf[:n], result) if surplus else result


@partial(jax.jit, static_argnames=("program", "block"))
def _run_blocks(
    numbers: Numbers, given: Inputs, *, program: Program, block: int
) -> tuple[Cleaned, Float[Array, "N T C"], Bool[Array, "N T"]]:
    blocks = jax.tree.map(lambda a: a.reshape(-1, block, *a.shape[1:]), given)

    def many(part: Inputs) -> tuple[Cleaned, Array, Array]:
        # Time first, trials side by side behind it: see `Trace`.
        pupil, blink = jnp.moveaxis(part.pupil, 0, -1), jnp.moveaxis(part.blink, 0, -1)
        cleaned = clean_trials(program, numbers, pupil, jnp.asarray(part.length), jnp.asarray(part.limits).T, blink)
        rate_hz = program.resample_hz or program.rate_hz
        x, valid = features(cleaned.trace, program.channels, rate_hz=rate_hz, response=program.drive)
        return jax.tree.map(lambda a: jnp.moveaxis(a, -1, 0), (cleaned, x, valid))

    mapped = jax.lax.map(many, blocks)
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), mapped)


@partial(jax.jit, static_argnames="program")
def _stages(numbers: Numbers, given: Inputs, *, program: Program) -> dict[str, Trace]:
    pupil, blink = jnp.moveaxis(given.pupil, 0, -1), jnp.moveaxis(given.blink, 0, -1)
    seen: dict[str, Trace] = {}
    length, limits = jnp.asarray(given.length), jnp.asarray(given.limits).T
    clean_trials(program, numbers, pupil, length, limits, blink, watch=seen.__setitem__)
    return jax.tree.map(lambda a: jnp.moveaxis(a, -1, 0), seen)


def clean_trials(
    program: Program,
    numbers: Numbers,
    pupil: Float[Array, "S 2 *B"],
    length: Int[Array, "*B"],
    limits: Float[Array, "2 *B"],
    blink: Bool[Array, "S 2 *B"],
    watch: Watch = lambda step, trace: None,
) -> Cleaned:
    """Every step on one trial or on B side by side, in the recipe's order. Pure; for `jit` the program is static.

    What it gives has trials behind, as what it takes; `clean` puts them first. `watch` is handed what each step made.
    """
    marked = mark_artefacts(program, numbers, pupil, length, limits, blink, watch)
    eyes = marked
    rate_hz = program.rate_hz
    if "other eye" in program.steps:
        filled = fill_from_other_eye(marked, smooth_ms=numbers.other_eye_ms, rate_hz=rate_hz)
        eyes = jax.tree.map(lambda new, old: jnp.where(numbers.fill_other_eye > 0, new, old), filled, marked)
        watch("other eye", eyes)
    hidden = hidden_by_blinks(marked, rate_hz=rate_hz)
    trace = select(eyes, lanes_of(program.channels))
    watch("fuse the eyes", trace)
    measured = proportion_valid(trace)
    trace = fill(trace, max_gap_ms=numbers.max_gap_ms, rate_hz=rate_hz, method=program.interpolation)
    watch("fill gaps", trace)
    response = jnp.zeros(trace.pupil.shape[1:], trace.pupil.dtype)
    if "blink response" in program.steps:
        trace, response = take_out_blink_response(trace, hidden, rate_hz=rate_hz)
        watch("blink response", trace)
    if "lowpass" in program.steps:
        trace = apply(numbers.lowpass, trace)
        watch("low-pass", trace)
    if "anti-alias" in program.steps:
        trace = apply(numbers.anti_alias, trace)
    if program.resample_hz is not None:
        trace = sample_at(trace, rate_hz=rate_hz, target_hz=program.resample_hz, samples=program.steps_seen)
        watch("resample", trace)
    trace, baseline, status = _rejected(program, numbers, trace, measured)
    if "baseline" in program.steps:
        watch("baseline", trace)
    return Cleaned(
        trace=trace,
        eyes=eyes,
        marked=marked.reason,
        quality=assess(eyes, marked, measured, hidden, rate_hz=rate_hz),
        baseline=baseline,
        blink_response=response,
        status=status,
    )


def mark_artefacts(
    program: Program,
    numbers: Numbers,
    pupil: Float[Array, "S 2 *B"],
    length: Int[Array, "*B"],
    limits: Float[Array, "2 *B"],
    blink: Bool[Array, "S 2 *B"],
    watch: Watch = lambda step, trace: None,
) -> Trace:
    """Both eyes of one trial with every sample that is not the pupil's marked, in the recipe's order."""
    rate_hz, steps = program.rate_hz, program.steps
    speed = {
        "min_per_s": numbers.min_speed_per_s,
        "span_ms": program.speed_span_ms,
        "rate_hz": rate_hz,
    }
    trace = start(pupil, length)
    watch("missing", trace)
    trace = out_of_range(trace, limits[0], limits[1])
    watch("out of range", trace)
    trace = tracker_blinks(trace, blink)
    watch("tracker's blinks", trace)
    # What no step uses is not computed: the compiler leaves it out.
    usual = speeds(trace, span_ms=program.speed_span_ms, max_gap_ms=MAX_SPEED_GAP_MS, rate_hz=rate_hz)
    if "partial blinks" in steps:
        trace = mark_partial_blinks(trace, usual, max_ms=numbers.partial_blink_ms, mads=numbers.speed_mads, **speed)
        watch("partial blinks", trace)
    if "blink edges" in steps:
        trace = mark_blink_edges(
            trace,
            usual,
            blink_edge_ms=numbers.blink_edge_ms,
            blink_merge_ms=numbers.blink_merge_ms,
            mads=numbers.blink_edge_mads,
            **speed,
        )
        watch("blink edges", trace)
    if "speed" in steps:
        trace = too_fast(trace, usual, mads=numbers.speed_mads, max_gap_ms=MAX_SPEED_GAP_MS, **speed)
        watch("too fast", trace)
    if "pad" in steps:
        shortest, longest = numbers.pad_gaps_ms
        trace = pad_gaps(trace, pad_ms=numbers.pad_ms, shortest_ms=shortest, longest_ms=longest, rate_hz=rate_hz)
        watch("padded edges", trace)
    if "trend" in steps:
        trace = off_trend(
            trace,
            mads=numbers.trend_mads,
            min_share=numbers.min_trend_proportion,
            cutoff_hz=TREND_HZ,
            passes=TREND_PASSES,
            rate_hz=rate_hz,
        )
        watch("off the trend", trace)
    if "islands" in steps:
        trace = islands(trace, shorter_ms=numbers.island_ms, apart_ms=numbers.island_gap_ms, rate_hz=rate_hz)
        watch("islands", trace)
    return trace


def _rejected(
    program: Program, numbers: Numbers, trace: Trace, measured: Float[Array, "*B"]
) -> tuple[Trace, Float[Array, "L *B"], Int[Array, "*B"]]:
    """The trace relative to its baseline, the baseline, and the status on the trial."""
    if "baseline" not in program.steps:
        status = judge(measured, max_missing=numbers.max_missing)
        return trace, jnp.zeros(trace.pupil.shape[1:], trace.pupil.dtype), status
    trace, baseline = correct_baseline(
        trace,
        baseline_ms=numbers.baseline_ms,
        rate_hz=program.resample_hz or program.rate_hz,
        statistic=program.baseline_statistic,
        correction=program.baseline,
    )
    status = judge(
        measured,
        max_missing=numbers.max_missing,
        found=jnp.all(baseline.found, axis=0),
        dirty=jnp.any(1.0 - baseline.measured > numbers.max_baseline_missing + 1e-6, axis=0),
        small=jnp.any(baseline.level < numbers.min_baseline, axis=0),
    )
    return trace, baseline.level, status
