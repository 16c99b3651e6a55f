"""The steps do what they say, and the pipeline composes them in the order the recipe states."""

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from helpers.compilations import in_one_program

import smilejax
from smilejax import Reason, Recipe, Trials, TrialStatus
from smilejax._util.errors import SettingsError
from smilejax.preprocess import clean, prepare
from smilejax.preprocess import pipeline as pipeline_module
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.program import Program, shared
from smilejax.preprocess.reasons import PRECEDENCE
from smilejax.preprocess.signal.lowpass import lowpass
from smilejax.preprocess.signal.resampling import resample
from smilejax.preprocess.signal.trace import inside
from smilejax.preprocess.steps.baseline import correct_baseline
from smilejax.preprocess.steps.fill_gaps import fill
from smilejax.preprocess.steps.fuse_eyes import fuse
from smilejax.preprocess.steps.missing import start
from smilejax.preprocess.steps.plausible_range import out_of_range
from smilejax.settings import samples_in

ORDER = tuple(reason.code for reason in PRECEDENCE)
BARE = replace(Recipe.report(), max_gap_ms=0.0, channels=("fused", "mask"))
PLAIN = replace(Recipe.minimal(), lowpass_hz=4.0)
"""Range, filling, low-pass, rate and baseline; nothing that looks for artefacts."""


def trace_of(*eyes: list[float], length: int | None = None):
    pupil = np.array(eyes, np.float32).T
    return in_one_program(start, pupil, np.int32(len(pupil) if length is None else length))


def trials_of(pupil: np.ndarray, rate_hz: float = 60.0, unit: str = "mm", length: np.ndarray | None = None) -> Trials:
    n = len(pupil)
    names = tuple(f"t{i}" for i in range(n))
    return Trials(
        pupil=pupil.astype(np.float32),
        length=np.full(n, pupil.shape[1]) if length is None else length,
        rate_hz=rate_hz,
        unit=unit,
        label=np.arange(n) % 2,
        class_names=("posed", "genuine"),
        trial=names,
        participant=tuple(f"p{i % 3}" for i in range(n)),
    )


def ramp(n: int = 4, samples: int = 120) -> np.ndarray:
    """Every sample of every eye of every trial is different."""
    t = np.arange(samples) / samples
    return np.stack([np.stack([3 + 0.1 * i + t, 2.5 + 0.1 * i + t**2], axis=-1) for i in range(n)])


def test_missing_marks_and_range() -> None:
    nan = math.nan
    trace = trace_of([3.0, nan, 0.0, -1.0, 1.4, 9.1, 1.5, 9.0, 3.0], [3.0] * 9, length=8)
    trace = out_of_range(trace, 1.5, 9.0)
    m, x, r, o = Reason.MEASURED, Reason.MISSING, Reason.OUT_OF_RANGE, Reason.OUTSIDE
    assert np.asarray(trace.reason)[:, 0].tolist() == [m, x, x, x, r, r, m, m, o]
    assert np.asarray(trace.values)[:, 0].tolist() == [3.0, 0, 0, 0, 0, 0, 1.5, 9.0, 0]


def test_fusing_averages_two_and_takes_one() -> None:
    trace = in_one_program(fuse, trace_of([2.0, math.nan, 3.0, -1.0], [4.0, 5.0, 0.0, -1.0]), precedence=ORDER)
    assert np.asarray(trace.values)[:, 0].tolist() == [3.0, 5.0, 3.0, 0.0]
    assert np.asarray(trace.reason)[:, 0].tolist() == [Reason.MEASURED] * 3 + [Reason.MISSING]


@pytest.mark.parametrize(("rate_hz", "max_gap_ms"), [(60.0, 50.0), (1000.0, 3.0)])
def test_gaps_up_to_the_limit_are_filled_and_longer_ones_are_not(rate_hz: float, max_gap_ms: float) -> None:
    """Three samples are 50 ms at 60 Hz and 3 ms at 1000 Hz."""
    nan = math.nan
    eye = [nan, 2.0, nan, nan, nan, 6.0, 5.0, nan, nan, nan, nan, 1.0, nan, nan]
    filled = in_one_program(fill, trace_of(eye), max_gap_ms=max_gap_ms, rate_hz=rate_hz)
    expected = [2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 5.0, 0, 0, 0, 0, 1.0, 1.0, 1.0]
    np.testing.assert_allclose(np.asarray(filled.values)[:, 0], expected, atol=1e-6)
    reasons = np.asarray(filled.reason)[:, 0]
    assert reasons[[0, 2, 3, 4, 12, 13]].tolist() == [Reason.FILLED] * 6
    assert reasons[7:11].tolist() == [Reason.MISSING] * 4


def test_filling_equals_numpy_interp(rng: np.random.Generator) -> None:
    eye = 3 + rng.normal(size=300).cumsum() * 0.02
    eye[rng.random(300) < 0.4] = np.nan
    filled = in_one_program(fill, trace_of(list(eye)), max_gap_ms=math.inf, rate_hz=60.0)
    at = np.flatnonzero(~np.isnan(eye))
    np.testing.assert_allclose(np.asarray(filled.values)[:, 0], np.interp(np.arange(300), at, eye[at]), atol=2e-6)


def test_a_gap_at_the_end_of_a_short_trial_ends_with_the_trial() -> None:
    nan = math.nan
    trace = trace_of([1.0, 2.0, nan, nan, 7.0, 8.0], length=4)
    filled = in_one_program(fill, trace, max_gap_ms=2 / 60 * 1000, rate_hz=60.0)
    assert np.asarray(filled.values)[:, 0].tolist() == [1.0, 2.0, 2.0, 2.0, 0.0, 0.0]


def test_baseline_is_the_mean_of_its_window_only() -> None:
    trace = trace_of([2.0, 4.0, math.nan, 9.0, 5.0], [math.nan, math.nan, math.nan, 1.0, 2.0])
    out, baseline = in_one_program(correct_baseline, trace, first=0, end=3)
    assert baseline.level.tolist() == [3.0, 0.0]
    assert baseline.found.tolist() == [True, False]
    np.testing.assert_allclose(baseline.measured, [2 / 3, 0.0], atol=1e-6)
    assert np.asarray(out.values)[:, 0].tolist() == [-1.0, 1.0, 0.0, 6.0, 2.0]
    assert np.asarray(out.values)[:, 1].tolist() == [0.0, 0.0, 0.0, 1.0, 2.0]


def test_resampling_takes_values_at_the_new_times() -> None:
    """A straight line stays one: value equals time at any rate, up and down, and beyond a trial's end nothing is."""
    t_ms = np.arange(60) * 1000 / 60
    trace = trace_of(list(1 + t_ms / 1000), length=30)
    up = in_one_program(resample, trace, rate_hz=60.0, target_hz=150.0, cutoff_hz=None)
    assert np.asarray(inside(up)).sum() == 75
    new_ms = np.arange(75) * 1000 / 150
    np.testing.assert_allclose(np.asarray(up.values)[:75, 0], 1 + np.minimum(new_ms, t_ms[29]) / 1000, atol=1e-5)
    down = in_one_program(resample, trace, rate_hz=60.0, target_hz=20.0, cutoff_hz=4.0)
    np.testing.assert_allclose(np.asarray(down.values)[:10, 0], 1 + np.arange(10) * 50 / 1000, atol=1e-5)
    assert np.asarray(inside(down)).tolist() == [True] * 10 + [False] * 10


def test_downsampling_does_not_alias() -> None:
    """A 25 Hz ripple, sampled at 20 Hz without a filter, would pass for one of 5 Hz."""
    t = np.arange(600) / 60
    trace = trace_of(list(3 + 0.5 * np.sin(2 * np.pi * 25 * t + 0.4)))
    down = np.asarray(in_one_program(resample, trace, rate_hz=60.0, target_hz=20.0, cutoff_hz=None).values)[20:-20, 0]
    assert np.abs(down - 3).max() < 0.01


def test_resampling_keeps_filled_and_missing_samples_distinct() -> None:
    nan = math.nan
    trace = in_one_program(fill, trace_of([1.0, 2.0, nan, 4.0, nan, nan, nan, 8.0]), max_gap_ms=20.0, rate_hz=60.0)
    up = in_one_program(resample, trace, rate_hz=60.0, target_hz=120.0, cutoff_hz=None)
    m, f, x = Reason.MEASURED, Reason.FILLED, Reason.MISSING
    assert np.asarray(up.reason)[:, 0].tolist() == [m, m, m, f, f, f, m, x, x, x, x, x, x, x, m, m]


def test_the_real_file_equals_pupillometryr(real_file) -> None:
    """PupillometryR's own numbers: mean of the eyes, linear filling of all gaps, 100 ms baseline; to 1e-4 mm."""
    trials = smilejax.read(real_file, smilejax.ReadSettings(classes=("Easy", "Hard")))
    recipe = replace(Recipe.report(), baseline_ms=100.0)
    ours = np.asarray(clean(trials, recipe).trace.values)[:, :, 0]
    theirs = pd.read_csv(real_file.with_name("reference.csv.gz"))
    by_trial = {(str(i), t): rows.sort_values("Time")["baselined"] for (i, t), rows in theirs.groupby(["ID", "Trial"])}
    assert len(by_trial) == len(trials) == 48
    for row, name in enumerate(zip(trials.participant, trials.trial, strict=True)):
        np.testing.assert_allclose(ours[row], by_trial[name], atol=1e-4, err_msg=str(name))


def test_channels_hold_what_they_name() -> None:
    pupil = ramp()
    pupil[1, 10:20, 0] = np.nan
    pupil[1, 15:18, 1] = np.nan
    recipe = replace(BARE, channels=("mask", "right", "fused", "left"))
    dataset = prepare(trials_of(pupil), recipe)
    x = np.asarray(dataset.x)
    assert x.shape == (4, 120, 4)
    whole = np.r_[0, 2, 3]
    np.testing.assert_allclose(x[whole, :, 1], pupil[whole, :, 1], atol=1e-6)
    np.testing.assert_allclose(x[whole, :, 2], pupil[whole].mean(-1), atol=1e-6)
    np.testing.assert_allclose(x[whole, :, 3], pupil[whole, :, 0], atol=1e-6)
    assert (x[1, 10:20] == 0).all()
    assert np.flatnonzero(~np.asarray(dataset.valid)[1]).tolist() == list(range(10, 20))


def test_filled_samples_are_valid_but_not_in_the_mask() -> None:
    pupil = ramp()
    pupil[2, 30:33] = np.nan
    dataset = prepare(trials_of(pupil), replace(BARE, max_gap_ms=60.0, channels=("fused", "mask")))
    assert np.asarray(dataset.valid).all()
    assert np.flatnonzero(np.asarray(dataset.x)[2, :, 1] == 0).tolist() == [30, 31, 32]


def test_rejection_counts_before_filling_and_says_why() -> None:
    pupil = ramp(5)
    pupil[1, :60] = np.nan  # exactly half: kept
    pupil[2, :61] = np.nan  # more: rejected
    pupil[3] = np.nan
    pupil[4, :20] = np.nan  # a third, but the baseline is missing
    recipe = replace(PLAIN, max_gap_ms=50.0, baseline_ms=100.0)
    dataset = prepare(trials_of(pupil), recipe)
    statuses = [TrialStatus(v) for v in np.asarray(dataset.status).tolist()]
    assert statuses == [
        TrialStatus.KEPT,
        TrialStatus.NO_BASELINE,
        TrialStatus.TOO_MUCH_MISSING,
        TrialStatus.NOTHING_MEASURED,
        TrialStatus.NO_BASELINE,
    ]
    np.testing.assert_allclose(np.asarray(dataset.proportion_valid), [1, 60 / 120, 59 / 120, 0, 100 / 120], atol=1e-6)
    filled = prepare(trials_of(pupil), replace(PLAIN, max_gap_ms=math.inf, baseline_ms=100.0))
    assert np.asarray(filled.status)[[1, 2]].tolist() == [TrialStatus.KEPT, TrialStatus.TOO_MUCH_MISSING]


def test_cropping_and_padding_to_a_duration() -> None:
    pupil = ramp(2)
    trials = trials_of(pupil, length=np.array([120, 40]))
    cropped = prepare(trials, replace(BARE, duration_ms=1000.0, channels=("left",)))
    assert cropped.x.shape == (2, 60, 1)
    np.testing.assert_allclose(np.asarray(cropped.x)[0, :, 0], pupil[0, :60, 0], atol=1e-6)
    assert np.asarray(cropped.valid).sum(1).tolist() == [60, 40]
    padded = prepare(trials, replace(BARE, duration_ms=3000.0, channels=("left",)))
    assert padded.x.shape == (2, 180, 1)
    assert np.asarray(padded.valid).sum(1).tolist() == [120, 40]
    assert (np.asarray(padded.x)[~np.asarray(padded.valid)] == 0).all()


def test_millimetre_limits_leave_arbitrary_units_alone() -> None:
    pupil = ramp() * 300
    assert np.asarray(prepare(trials_of(pupil, unit="au"), PLAIN).proportion_valid).tolist() == [1.0] * 4
    for lowest, proportion in ((3.0, 1.0), (4.2, 0.0)):
        narrower = replace(PLAIN, range_mm=(lowest, 9.0))
        np.testing.assert_allclose(np.asarray(prepare(trials_of(ramp()), narrower).proportion_valid)[0], proportion)


def test_no_trial_sees_another(rng: np.random.Generator) -> None:
    """A canary: what is done to one trial does not change when all others do."""
    pupil = ramp(6, 90)
    before = prepare(trials_of(pupil), Recipe(baseline_ms=100.0))
    pupil[1:] = 4 + rng.normal(size=pupil[1:].shape) * 0.5
    after = prepare(trials_of(pupil), Recipe(baseline_ms=100.0))
    np.testing.assert_array_equal(np.asarray(before.x)[0], np.asarray(after.x)[0])


def test_one_compiled_call_and_none_the_second_time() -> None:
    program = pipeline_module._run_blocks
    first, second = ramp(3, 90), ramp(3, 90) + 0.5
    prepare(trials_of(first), Recipe(baseline_ms=120.0))
    compiled = program._cache_size()
    prepare(trials_of(second), Recipe(baseline_ms=120.0))
    assert program._cache_size() == compiled


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(lowpass_hz=30.0), r"lowpass_hz must be below half the recording's rate of 60 Hz; it is 30\.0\."),
        (Recipe(resample_hz=100.0), r"resample_hz must be at most the recording's rate of 60 Hz; it is 100\.0\."),
        (
            Recipe(baseline_ms=26.0),
            r"baseline_ms must be at least one sample long, which at 10 Hz is 100 ms; it is 26\.0\.",
        ),
        (
            Recipe(baseline="z", baseline_ms=990.0),
            r"baseline_ms must be at least 10 samples long where baseline is z, which at 10 Hz is 1000 ms; it is 990\.0\. "
            r"A standard deviation of so few",
        ),
        (
            Recipe(baseline="z", resample_hz=None, baseline_ms=(0.0, 100.0)),
            r"baseline_ms must be at least 10 samples long where baseline is z, which at 60 Hz is 166\.7 ms",
        ),
        (
            Recipe(duration_ms=9.0, baseline_ms=None, resample_hz=None),
            r"duration_ms must be at least one sample long, which at 60 Hz.* it is 9",
        ),
        (Recipe(baseline_ms=5000.0), r"baseline_ms must be inside the trial of 2000 ms; it is 5000"),
    ],
)
def test_a_recipe_that_does_not_fit_the_recording_is_refused(recipe: Recipe, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        prepare(trials_of(ramp()), recipe)


def test_channels_of_two_eyes_need_both_eyes() -> None:
    """One eye missing: no zero passes for a pupil, and a trial without it, or without its baseline, is rejected."""
    pupil = ramp(4)
    pupil[1, :, 0] = np.nan  # no left eye
    pupil[2, :30, 1] = np.nan  # no right baseline, a quarter missing
    pupil[3, 60:90, 0] = np.nan
    two = replace(BARE, channels=("left", "right", "mask"), baseline_ms=100.0)
    dataset = prepare(trials_of(pupil), two)
    statuses = [TrialStatus(v) for v in np.asarray(dataset.status).tolist()]
    assert statuses == [TrialStatus.KEPT, TrialStatus.NOTHING_MEASURED, TrialStatus.NO_BASELINE, TrialStatus.KEPT]
    np.testing.assert_allclose(np.asarray(dataset.proportion_valid), [1, 0, 0.75, 0.75])
    assert np.flatnonzero(~np.asarray(dataset.valid)[3]).tolist() == list(range(60, 90))
    fused = prepare(trials_of(pupil), replace(two, channels=("fused", "mask")))
    assert np.asarray(fused.status).tolist() == [TrialStatus.KEPT] * 4
    assert np.asarray(fused.valid).all()


def test_the_pipeline_is_its_steps_in_the_stated_order(rng: np.random.Generator) -> None:
    """With gaps and noise, from range to baseline: composed by hand, one after another, it gives the same. Steps that look for
    artefacts are held in their order by the plain reference, tests/preprocess/test_plain_cleaning.py."""
    pupil = ramp(3, 240) + 0.05 * rng.normal(size=(3, 240, 2))
    pupil[0, 40:50, 0] = np.nan
    pupil[0, 45:60, 1] = np.nan
    pupil[1, 100:104] = 9.9
    pupil[2, 30:90] = -1
    trials = trials_of(pupil, length=np.array([240, 200, 240]))
    recipe = replace(PLAIN, max_gap_ms=200.0, lowpass_hz=3.0, lowpass_order=3, resample_hz=25.0, baseline_ms=160.0)
    cleaned = clean(trials, recipe)

    @jax.jit
    def by_hand(pupil, length):
        trace = out_of_range(start(pupil, length), 1.5, 9.0)
        trace = fuse(trace, ORDER)
        trace = fill(trace, max_gap_ms=200.0, rate_hz=60.0)
        trace = lowpass(trace, cutoff_hz=3.0, order=3, rate_hz=60.0)
        trace = resample(trace, rate_hz=60.0, target_hz=25.0, cutoff_hz=3.0)
        return correct_baseline(trace, first=0, end=4)

    for row in range(3):
        trace, baseline = by_hand(jnp.asarray(trials.pupil[row]), jnp.int32(trials.length[row]))
        np.testing.assert_allclose(cleaned.trace.values[row], trace.values, atol=1e-5)
        np.testing.assert_array_equal(cleaned.trace.reason[row], trace.reason)
        np.testing.assert_allclose(cleaned.baseline[row], baseline.level, atol=1e-5)
    assert (np.asarray(cleaned.trace.reason)[2] == Reason.MISSING).sum() == 25
    assert (np.asarray(cleaned.trace.reason)[0] == Reason.FILLED).sum() > 0


def test_a_low_pass_above_the_new_nyquist_does_not_stand_in_for_the_anti_alias() -> None:
    t = np.arange(600) / 60
    pupil = np.repeat((3 + 0.5 * np.sin(2 * np.pi * 8 * t + 0.4))[None, :, None], 2, axis=2)
    recipe = replace(BARE, lowpass_hz=12.0, resample_hz=10.0, channels=("fused",))
    out = np.asarray(clean(trials_of(pupil), recipe).trace.values)[0, 10:-10, 0]
    assert np.abs(out - 3).max() < 0.02


@pytest.mark.parametrize(
    ("rate_hz", "samples"),
    [(25.0, 124), (25.0, 595), (60.0, 592), (60.0, 601), (333.33, 604), (333.33, 595), (1000.0, 592), (1000.0, 601)],
)
def test_a_models_number_of_steps_does_not_hang_on_the_recordings_rate(rate_hz: float, samples: int) -> None:
    duration_ms = samples * 1000 / 60
    n = int(duration_ms * rate_hz / 1000)
    trials = trials_of(3 + np.random.default_rng(0).random((1, n, 2)), rate_hz=rate_hz)
    recipe = replace(BARE, duration_ms=duration_ms, resample_hz=20.0, channels=("fused",))
    settled = settle(recipe, trials)
    program = Program.of(settled, rate_hz)
    numbers, given = program.numbers(settled, in_mm=True, start_ms=0.0), pipeline_module.inputs(trials, settled)
    # The shape alone: nothing is compiled.
    x = jax.eval_shape(lambda: pipeline_module._run_blocks(numbers, given, program=program, block=1)[1])
    assert x.shape[1] == samples_in(duration_ms, 20.0)


@pytest.mark.slow
def test_recipes_that_differ_in_numbers_share_a_program(rng: np.random.Generator) -> None:
    """A step that a recipe leaves out gets numbers that change nothing, in a program made for recipes that have it."""
    pupil = ramp(6, 240) + 0.01 * rng.normal(size=(6, 240, 2))
    pupil[0, 40:50] = np.nan
    pupil[1, 60:64, 0] += 0.8
    pupil[2, 100:120, 1] = np.nan
    pupil[3, 100:130] = np.nan
    pupil[3, 110:112] = 2.0
    trials = trials_of(pupil)
    recipes = [
        Recipe(),
        Recipe.kret2019(),
        Recipe.minimal(),
        Recipe(speed_mads=None, other_eye_ms=None, lowpass_hz=None),
        Recipe(lowpass_hz=2.0, max_gap_ms=50.0, baseline_ms=400.0, max_missing=0.05),
    ]
    settled = [settle(recipe, trials) for recipe in recipes]
    programs = shared([Program.of(recipe, trials.rate_hz) for recipe in settled])
    assert len(set(programs)) == 1
    compiled = pipeline_module._run_blocks._cache_size()
    made = [
        pipeline_module.run_program(
            program,
            program.numbers(recipe, in_mm=True, start_ms=0.0),
            pipeline_module.inputs(trials, recipe),
            len(trials),
        )
        for recipe, program in zip(settled, programs, strict=True)
    ]
    assert pipeline_module._run_blocks._cache_size() == compiled + 1
    for recipe, (together, x, _) in list(zip(settled, made, strict=True))[:3]:
        own = prepare(trials, recipe)
        np.testing.assert_allclose(x, own.x, atol=5e-6)
        np.testing.assert_array_equal(together.status, own.status)
        np.testing.assert_array_equal(together.marked, clean(trials, recipe).marked)
