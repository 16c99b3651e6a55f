"""The steps composed: `Trials` -> `Dataset`, all trials in one compiled call.

The order is fixed, and is the one `Recipe` states. Rates and lengths are settled on the host; inside, every step sees one
trial and is vmapped over N.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from smilejax.dataset import Dataset, codes
from smilejax.errors import SettingsError
from smilejax.preprocess.baseline import subtract_baseline
from smilejax.preprocess.channels import features
from smilejax.preprocess.eyes import lanes_of, select
from smilejax.preprocess.filling import fill_linear
from smilejax.preprocess.lowpass import lowpass
from smilejax.preprocess.marking import out_of_range, start
from smilejax.preprocess.rejection import judge, share_measured
from smilejax.preprocess.resampling import resample
from smilejax.preprocess.trace import Trace
from smilejax.settings import Recipe, samples_in
from smilejax.trials import Trials


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Cleaned:
    """What the steps made of N trials, before channels are chosen.

    Arguments:
        trace: pupil and reasons of `lanes`, `[N, T, L]`, at the recipe's rate.
        measured: `f32[N]`, share measured and accepted, before filling.
        baseline: `f32[N, L]`, what was subtracted, in the recording's unit; 0 without a baseline step.
        verdict: `i32[N]`, a `Verdict`.
    """

    trace: Trace
    measured: Float[Array, "*N"]
    baseline: Float[Array, "*N L"]
    verdict: Int[Array, "*N"]


def settle(recipe: Recipe, trials: Trials) -> Recipe:
    """The recipe with what it leaves to the recording filled in: duration and rate; range only where the unit is mm.

    Raises:
        SettingsError: the recipe contradicts the recording: cut-off above Nyquist, resampling above the rate, a
            duration or baseline shorter than a sample or longer than the trial.
    """
    rate = trials.rate_hz
    settled = replace(
        recipe,
        duration_ms=trials.duration_ms if recipe.duration_ms is None else recipe.duration_ms,
        resample_hz=rate if recipe.resample_hz is None else recipe.resample_hz,
        range_mm=recipe.range_mm if trials.unit == "mm" else None,
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
    """Run every step of the recipe on every trial. For what the model sees, use `prepare`.

    Raises:
        SettingsError: the recipe does not fit the recording.
    """
    settled = settle(recipe, trials)
    pupil, length = _cropped(trials, settled)
    return _clean_all(pupil, length, recipe=settled, rate_hz=trials.rate_hz)


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
    settled = settle(recipe, trials)
    return prepare_settled(trials, settled)


def prepare_settled(trials: Trials, recipe: Recipe) -> Dataset:
    """`prepare` for a recipe that is settled, as a saved model's is; the recording may then have any rate."""
    check_fits(recipe, trials.rate_hz)
    pupil, length = _cropped(trials, recipe)
    cleaned, x, valid = _prepare_all(pupil, length, recipe=recipe, rate_hz=trials.rate_hz)
    n = len(trials)
    return Dataset(
        x=x,
        valid=valid,
        y=jnp.asarray(trials.label),
        participant=jnp.asarray(codes(trials.participant, n)),
        stimulus=jnp.asarray(codes(trials.stimulus, n)),
        smiler=jnp.asarray(codes(trials.smiler, n)),
        measured=cleaned.measured,
        verdict=cleaned.verdict,
        channels=recipe.channels,
        class_names=trials.class_names,
        rate_hz=recipe.resample_hz or trials.rate_hz,
    )


def chunks(trials: Trials, recipe: Recipe, size: int) -> Iterator[tuple[slice, Cleaned, Array, Array]]:
    """The trials in chunks of one size, the last padded with empty trials: one compiled program for any number of trials.

    Yields:
        The rows of the chunk, and for those rows and the padding: what the steps made, `x f32[size, T, C]` and
        `valid bool[size, T]`.
    """
    check_fits(recipe, trials.rate_hz)
    pupil, length = _cropped(trials, recipe)
    for first in range(0, len(trials), size):
        rows = slice(first, min(first + size, len(trials)))
        padding = first + size - rows.stop
        part = np.pad(pupil[rows], ((0, padding), (0, 0), (0, 0)), constant_values=np.nan)
        lengths = np.pad(length[rows], (0, padding))
        yield rows, *_prepare_all(part, lengths, recipe=recipe, rate_hz=trials.rate_hz)


def _cropped(trials: Trials, recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Crop or pad to the recipe's duration, on the host: the compiled program then depends on rate and duration alone."""
    assert recipe.duration_ms is not None
    samples = samples_in(recipe.duration_ms, trials.rate_hz)
    pupil = np.full((len(trials), samples, 2), np.nan, np.float32)
    shared = min(samples, trials.pupil.shape[1])
    pupil[:, :shared] = trials.pupil[:, :shared]
    return pupil, np.minimum(trials.length, samples).astype(np.int32)


def clean_trial(
    pupil: Float[Array, "T 2"], length: Int[Array, ""], *, recipe: Recipe, rate_hz: float
) -> tuple[Trace, Float[Array, ""], Float[Array, " L"], Int[Array, ""]]:
    """Every step on one trial, in the recipe's order. Returns trace, share measured, baseline and verdict."""
    assert recipe.duration_ms is not None
    trace = start(pupil, length)
    if recipe.range_mm is not None:
        trace = out_of_range(trace, *recipe.range_mm)
    trace = select(trace, lanes_of(recipe.channels))
    measured = share_measured(trace)
    trace = fill_linear(trace, max_gap_ms=recipe.max_gap_ms, rate_hz=rate_hz)
    if recipe.lowpass_hz is not None:
        trace = lowpass(trace, cutoff_hz=recipe.lowpass_hz, order=recipe.lowpass_order, rate_hz=rate_hz)
    if recipe.resample_hz is not None and recipe.resample_hz != rate_hz:
        trace = resample(
            trace,
            rate_hz=rate_hz,
            target_hz=recipe.resample_hz,
            cutoff_hz=recipe.lowpass_hz,
            samples=samples_in(recipe.duration_ms, recipe.resample_hz),
        )
        rate_hz = recipe.resample_hz
    baseline, has_baseline = jnp.zeros(trace.pupil.shape[1], trace.pupil.dtype), jnp.ones((), bool)
    if recipe.baseline_ms is not None:
        trace, baseline, found = subtract_baseline(trace, baseline_ms=recipe.baseline_ms, rate_hz=rate_hz)
        has_baseline = jnp.all(found)
    return trace, measured, baseline, judge(measured, has_baseline, max_missing=recipe.max_missing)


@partial(jax.jit, static_argnames=("recipe", "rate_hz"))
def _clean_all(pupil: Array, length: Array, *, recipe: Recipe, rate_hz: float) -> Cleaned:
    return Cleaned(*jax.vmap(partial(clean_trial, recipe=recipe, rate_hz=rate_hz))(pupil, length))


@partial(jax.jit, static_argnames=("recipe", "rate_hz"))
def _prepare_all(
    pupil: Array, length: Array, *, recipe: Recipe, rate_hz: float
) -> tuple[Cleaned, Float[Array, "N T C"], Bool[Array, "N T"]]:
    def one(pupil: Array, length: Array) -> tuple[Cleaned, Array, Array]:
        cleaned = Cleaned(*clean_trial(pupil, length, recipe=recipe, rate_hz=rate_hz))
        return cleaned, *features(cleaned.trace, recipe.channels)

    return jax.vmap(one)(pupil, length)
