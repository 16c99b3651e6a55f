"""Time zero in cleaning: the baseline's window relative to onset, what a length means, words, and every table's times."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from conftest import DATA
from hypothesis import given, settings
from hypothesis import strategies as st

import smilejax
from smilejax import ReadSettings, Recipe, Trials
from smilejax._util.errors import SettingsError
from smilejax.preprocess import clean, prepare
from smilejax.preprocess.cleaned_tables import sample_table, step_table
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps.baseline import chosen_window, settled_window, window_samples, window_words
from smilejax.preprocess.to_dataset import dataset_of_arrays
from smilejax.settings import from_json, to_json

PLAIN = replace(Recipe.report(), baseline_ms=200.0, min_baseline_mm=0.0)
"""The eyes averaged, gaps filled on lines, and a baseline; at the recording's rate."""


def recorded(start_ms: float, rate_hz: float = 50.0, samples: int = 100, n: int = 3) -> Trials:
    """Trials of noise, so that every sample weighs in a mean; some are missing."""
    rng = np.random.default_rng(0)
    pupil = rng.uniform(2.5, 4.5, (n, samples, 2)).astype(np.float32)
    pupil[rng.random(pupil.shape) < 0.1] = np.nan
    return Trials(
        pupil=pupil, length=np.full(n, samples), rate_hz=rate_hz, unit="mm", label=np.arange(n) % 2,
        class_names=("posed", "genuine"), trial=tuple("abcdef"[:n]), participant=("p",) * n, start_ms=start_ms,
    )  # fmt: skip


def by_hand(trials: Trials, window: tuple[float, float]) -> npt.NDArray[np.float64]:
    """The fused pupil minus its mean in a window of the time axis, sample by sample."""
    found = []
    for row in range(len(trials)):
        eyes = trials.pupil[row, : trials.length[row]].astype(np.float64)
        eyes[~(eyes > 0)] = np.nan
        fused = np.array([np.mean(pair[np.isfinite(pair)]) if np.isfinite(pair).any() else np.nan for pair in eyes])
        there = np.flatnonzero(np.isfinite(fused))
        filled = np.interp(np.arange(len(fused)), there, fused[there])
        times = [trials.start_ms + sample * 1000 / trials.rate_hz for sample in range(len(fused))]
        inside = [
            value for value, time in zip(filled, times, strict=True) if window[0] - 0.01 <= time < window[1] - 0.01
        ]
        found.append(filled - np.mean(inside))
    return np.array(found)


def same(trials: Trials, recipe: Recipe, window: tuple[float, float]) -> None:
    np.testing.assert_allclose(np.asarray(prepare(trials, recipe).x)[:, :, 0], by_hand(trials, window), atol=2e-5)


def test_the_baseline_is_of_the_samples_in_its_window() -> None:
    trials = recorded(-500.0)
    for window in ((-200.0, 0.0), (-500.0, -300.0), (-130.0, 170.0), (0.0, 200.0), (-500.0, 1500.0)):
        same(trials, replace(PLAIN, baseline_ms=window), window)


def test_samples_between_the_steps_of_a_window_fall_where_their_time_is() -> None:
    trials = recorded(-507.0)  # samples at -7 and 13 ms, none at 0
    same(trials, replace(PLAIN, baseline_ms=(-200.0, 0.0)), (-200.0, 0.0))
    assert window_samples((-200.0, 0.0), start_ms=-507.0, rate_hz=50.0) == (16, 26)


@given(
    st.floats(-3000, 3000), st.floats(1, 2000), st.floats(-5000, 1000), st.sampled_from([20.0, 30.0, 60.0, 250.0, 1000.0])
)  # fmt: skip
@settings(deadline=None)
def test_window_samples_are_those_at_from_and_before_to(
    low: float, length: float, start: float, rate_hz: float
) -> None:
    window = (low, low + length)
    first, end = window_samples(window, start_ms=start, rate_hz=rate_hz)
    times = start + np.arange(9000) * 1000 / rate_hz
    hair = 2e-3 * 1000 / rate_hz
    inside = np.flatnonzero((times >= window[0] + hair) & (times < window[1] - hair))
    assert set(inside) <= set(range(first, end))
    around = (times >= window[0] - hair) & (times < window[1] + hair)
    assert end - first == 1 or around[first : min(end, 9000)].all()


def test_a_length_in_recordings_from_their_onset_is_the_first_so_many_ms_to_the_bit() -> None:
    trials = recorded(0.0)
    assert settle(PLAIN, trials).baseline_ms == 200.0
    one, other = prepare(trials, PLAIN), prepare(trials, replace(PLAIN, baseline_ms=(0.0, 200.0)))
    assert np.asarray(one.x).tobytes() == np.asarray(other.x).tobytes()
    # The same samples, at another time: the first 200 ms given as a window are the same numbers.
    moved = prepare(replace(trials, start_ms=-300.0), replace(PLAIN, baseline_ms=(-300.0, -100.0)))
    assert np.asarray(one.x).tobytes() == np.asarray(moved.x).tobytes()


@pytest.mark.parametrize(
    ("start_ms", "window", "said"),
    [
        (-2000.0, (-200.0, 0.0), "begin at -2000 ms relative to onset; the baseline is the 200 ms before onset"),
        (-199.99, (-200.0, 0.0), "begin at -199.99 ms relative to onset; the baseline is the 200 ms before onset"),
        (-100.0, (-100.0, 100.0), "the baseline is the first 200 ms, from -100 ms, since they do not hold the 200 ms before"),
        (60.0, (60.0, 260.0), "the baseline is the first 200 ms, from 60 ms, since they do not hold the 200 ms before"),
    ],
)  # fmt: skip
def test_a_length_is_before_onset_where_the_recordings_hold_it(
    start_ms: float, window: tuple[float, float], said: str
) -> None:
    trials = recorded(start_ms, samples=150)
    settled = settle(PLAIN, trials)
    assert settled.baseline_ms == window
    assert settle(settled, trials) == settled
    assert said in chosen_window(PLAIN, trials)
    assert chosen_window(settled, trials) == ""
    assert from_json(Recipe, to_json(settled)) == settled
    same(trials, PLAIN, window)


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert chosen_window(PLAIN, recorded(0.0)) == ""
    assert chosen_window(replace(PLAIN, baseline_ms=None), recorded(-500.0)) == ""
    assert settled_window(200.0, start_ms=-900.0, end_ms=-300.0, rate_hz=60.0) == (-900.0, -700.0)


def test_a_window_in_words() -> None:
    def does(recipe: Recipe, start_ms: float | None = None) -> str:
        return next(step.does for step in steps(recipe, start_ms=start_ms) if step.name == "baseline")

    assert does(Recipe()) == "subtract the mean of the first 200 ms"
    assert does(Recipe(baseline_ms=(-200, 0), baseline_statistic="median")) == (
        "subtract the median of the 200 ms before onset"
    )
    assert does(Recipe(baseline_ms=(-500, -100))) == "subtract the mean of -500 to -100 ms from onset"
    assert does(Recipe(baseline_ms=(-100, 100)), -100.0) == "subtract the mean of the first 200 ms, from -100 ms"
    assert window_words((0.0, 200.0), start_ms=0.0) == "the first 200 ms"


@pytest.mark.parametrize("window", [(-600.0, 0.0), (1000.0, 1600.0), (-4000.0, -3000.0), (0.0, math.pi * 1000)])
def test_a_window_outside_of_the_recordings_is_refused(window: tuple[float, float]) -> None:
    with pytest.raises(SettingsError) as caught:
        clean(recorded(-500.0), replace(PLAIN, baseline_ms=window))
    said = str(caught.value)
    assert said.startswith(
        "baseline_ms must be inside the trial, which lasts from -500 to 1500 ms relative to onset; it is ("
    )
    assert "window_ms" in said


def test_a_window_that_is_too_short_or_longer_than_the_trial_is_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"at least one sample long, which at 20 Hz is 50 ms; it is \(-40\.0, 0\.0\)"
    ):
        clean(recorded(-500.0), replace(PLAIN, baseline_ms=(-40.0, 0.0), resample_hz=20.0))
    with pytest.raises(SettingsError, match="inside the trial of 300 ms"):
        replace(PLAIN, baseline_ms=(-400.0, 0.0), duration_ms=300.0)
    with pytest.raises(SettingsError, match="from -500 to -200 ms"):  # the crop counts from the first sample
        clean(recorded(-500.0), replace(PLAIN, baseline_ms=(-200.0, 0.0), duration_ms=300.0))


def test_rejection_by_the_baseline_looks_at_its_window() -> None:
    trials = recorded(-500.0)
    pupil = np.where(np.isnan(trials.pupil), np.float32(3), trials.pupil)
    pupil[0, 15:25] = np.nan  # -200 to 0 ms
    pupil[1, :10] = np.nan  # -500 to -300
    recipe = replace(PLAIN, baseline_ms=(-200.0, 0.0), max_baseline_missing=0.5)
    assert np.asarray(clean(replace(trials, pupil=pupil), recipe).status).tolist() == [4, 0, 0]


def test_all_tables_have_times_relative_to_onset() -> None:
    trials, recipe = recorded(-500.0), replace(PLAIN, resample_hz=25.0)
    cleaned = clean(trials, recipe)
    by_step, by_sample = step_table(trials, cleaned, recipe), sample_table(trials, cleaned)
    np.testing.assert_allclose(by_step["time_ms"][:50], -500 + 40.0 * np.arange(50))
    np.testing.assert_allclose(by_sample["time_ms"][:100], -500 + 20.0 * np.arange(100))
    dataset = prepare(trials, recipe)
    assert dataset.start_ms == -500.0
    np.testing.assert_array_equal(dataset.time_ms, by_step["time_ms"][:50])
    assert "from -500 ms" in repr(dataset)
    assert "(2 s, from -500 ms)" in repr(trials)
    assert "from" not in repr(recorded(0.0))
    assert trials.take([1]).start_ms == -500.0
    assert dataset_of_arrays(np.ones((3, 5, 1)), like=trials).start_ms == -500.0


def test_a_crop_is_a_length_from_the_first_sample() -> None:
    trials = recorded(-500.0)
    dataset = prepare(trials, replace(PLAIN, duration_ms=1000.0))
    assert dataset.x.shape[1] == 50
    assert (dataset.time_ms[0], dataset.time_ms[-1]) == (-500.0, 480.0)


@pytest.mark.skipif(not (DATA / "cases" / "n_neg.csv.gz").exists(), reason="shared/data is not here")
def test_recordings_from_two_seconds_before_onset_have_their_baseline_before_onset() -> None:
    trials = smilejax.read(DATA / "cases" / "n_neg.csv.gz", ReadSettings(classes=("Easy", "Hard")))
    assert trials.start_ms == pytest.approx(-1983.3333, abs=1e-3)
    assert settle(Recipe(), trials).baseline_ms == (-200.0, 0.0)
    recipe = replace(PLAIN, baseline_ms=(-200.0, 0.0))
    few = trials.take(np.flatnonzero(np.isfinite(trials.pupil).any((1, 2)))[:6])
    x = np.asarray(prepare(few, recipe).x)[:, :, 0]
    hand = by_hand(few, (-200.0, 0.0))
    np.testing.assert_allclose(x[:, : hand.shape[1]], hand, atol=2e-5)
