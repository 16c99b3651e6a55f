"""A stream answers as `predict` does for the trial so far, however its samples are cut."""

import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from helpers.made_model import made_model
from helpers.recordings import trials_with_gaps

import smilejax
from smilejax import ModelSettings, Predictor, Recipe, Trials
from smilejax._util.errors import DataError, DataWarning, SettingsError
from smilejax.prediction.ensemble import mean_probability, members_of
from smilejax.prediction.running_network import RunningNetwork
from smilejax.prediction.stream import WAITING, PredictionStream, StreamedStep, check_causal

SMALL = ModelSettings(hidden=3, dense=(6, 4))
CAUSAL = replace(Recipe.causal(), duration_ms=1500.0, resample_hz=10.0)


def streamed(model: ModelSettings = SMALL, **changes: object) -> Predictor:
    predictor = made_model(model, steps=15)
    settings = replace(predictor.settings, truncate_from=0.2)
    return replace(predictor, recipe=CAUSAL, settings=settings, **changes)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return streamed()


@pytest.fixture(scope="module")
def trials() -> Trials:
    return trials_with_gaps()


@pytest.mark.parametrize(
    "model",
    [
        SMALL,
        replace(SMALL, velocity_steps=0, pool_steps=1),
        replace(SMALL, cell="gru", velocity_steps=2, pool_steps=4),
        replace(SMALL, cell="rnn", velocity_steps=20, pool_steps=20),
    ],
    ids=str,
)
def test_the_state_that_is_carried_is_that_of_the_network(model: ModelSettings) -> None:
    """For every prefix of trials with gaps, of one and of several networks."""
    rng = np.random.default_rng(0)
    for members in (None, 2):
        predictor = made_model(model, steps=15, members=members)
        valid = rng.random(15) < 0.7
        x = np.where(valid[:, None], rng.normal(size=(15, 1)), 0).astype(np.float32)
        running = RunningNetwork(
            predictor.variables, members, model, temperature=predictor.temperature, steps=15, channels=1
        )
        until = np.arange(15)[None, :] <= np.arange(15)[:, None]
        parts = members_of(predictor.variables, members)
        whole = np.where(until[:, :, None], x[None], 0)
        wanted = mean_probability(parts, whole, until & valid, model=model, chunk=15, temperature=predictor.temperature)
        found = []
        for step in range(15):
            running.give(x[step], bool(valid[step]))
            found.append(running.probability())
        np.testing.assert_allclose(found, wanted, atol=1e-6)
        assert np.std(wanted[:, 1]) > 1e-4


def pieces(n: int, sizes: Iterator[int]) -> list[slice]:
    cut, at = [], 0
    while at < n:
        size = min(next(sizes), n - at)
        cut.append(slice(at, at + size))
        at += size
    return cut


@pytest.mark.slow  # compiles the cleaning, twice
def test_any_way_of_cutting_gives_the_same_bits_and_predicts_probability(predictor: Predictor, trials: Trials) -> None:
    table = predictor.predict(trials)
    rng = np.random.default_rng(1)
    answered = 0
    for row in range(len(trials)):
        n = int(trials.length[row])
        pupil, time_ms = trials.pupil[row, :n], 5000 + np.arange(n) * 1000 / 60
        whole = predictor.stream().push(pupil)
        single, cut = predictor.stream(), predictor.stream()
        one_by_one = [step for sample in pupil for step in single.push(sample)]
        some = pieces(n, iter(lambda: int(rng.integers(0, 9)), None))
        by_pieces = [step for part in some for step in cut.push(pupil[part], time_ms[part])]
        assert repr(one_by_one) == repr(whole) == repr(by_pieces)
        assert len(whole) == -(-n // 6)
        p = whole[-1].probability
        if p is None:
            assert np.isnan(table["p_genuine"][row])
            continue
        answered += 1
        assert p[1] == pytest.approx(table["p_genuine"][row], abs=1e-5)
    assert answered == len(trials) - 1


@pytest.mark.slow  # compiles the cleaning
def test_at_every_step_it_is_predict_for_the_trial_so_far(predictor: Predictor, trials: Trials) -> None:
    row = 1
    said = predictor.stream().push(trials.pupil[row])
    assert said[0].status == WAITING
    assert said[0].probability is None
    for step in said[1::3]:
        n = round(step.time_ms * 60 / 1000) + 1
        pupil = trials.pupil[[row]].copy()
        pupil[:, n:] = np.nan
        shorter = replace(trials.take([row]), pupil=pupil, length=np.array([n], np.int32))
        found = predictor.predict(shorter).iloc[0]
        assert step.probability is not None
        assert step.probability[1] == pytest.approx(found["p_genuine"], abs=1e-5)
        assert (step.status, step.proportion_valid) == (found["status"], pytest.approx(found["proportion_valid"]))


class Noted(PredictionStream):
    """A stream that notes its samples and cleans none."""

    def _step(self, step: int) -> StreamedStep:
        return StreamedStep(float(step), None, "noted", 1.0)


def test_samples_that_the_clock_leaves_out_are_not_measured(predictor: Predictor) -> None:
    stream = Noted(predictor)
    times = np.array([0, 1, 2, 5, 6, 13]) * 1000 / 60
    said = stream.push(np.full((6, 2), 3.0), times)
    assert [step.time_ms for step in said] == [0.0, 1.0, 2.0]
    measured = np.isfinite(stream._pupil[0, :14, 0])
    assert np.flatnonzero(measured).tolist() == [0, 1, 2, 5, 6, 13]


def pushed(stream: PredictionStream, size: int, apart_ms: float) -> int:
    """Twelve samples so far apart in pieces of a size; how many the trial then has."""
    for first in range(0, 12, size):
        stream.push(np.full((size, 2), 3.0), np.arange(first, first + size) * apart_ms)
    return stream.samples


def test_bad_input_is_refused_and_nothing_of_it_taken(predictor: Predictor) -> None:
    stream = Noted(predictor)
    stream.push(np.full((3, 2), 3.0), [100.0, 116.7, 133.3])
    for times, words in (
        ([150.0, 120.0], "must follow each other by 16.67 ms"),
        ([133.3, 150.0], "must follow each other"),
        ([150.0, np.nan], "must be finite"),
        ([150.0], "one for each of 2"),
        (None, "must go on with times"),
    ):
        with pytest.raises(DataError, match=words):
            stream.push(np.full((2, 2), 3.0), times)
    for pupil, words in (
        (np.full((2, 3), 3.0), "2 eyes"),
        (np.array([[np.inf, 1.0]]), "infinity"),
    ):
        with pytest.raises(DataError, match=words):
            stream.push(pupil, [150.0] * len(pupil))
    assert stream.samples == 3
    for size in (1, 3, 12):  # however they are cut
        with pytest.raises(DataError, match="of a rate of about 20 Hz"):
            pushed(Noted(predictor), size, apart_ms=50.0)
        assert pushed(Noted(predictor), size, apart_ms=1000 / 60) == 12
    with pytest.raises(DataError, match="must follow each other"):
        Noted(predictor).push(np.full((9, 2), 3.0), np.arange(9) * 2.0)
    assert Noted(predictor).push(np.zeros((0, 2))) == []


def test_samples_beyond_the_models_duration_are_counted(predictor: Predictor) -> None:
    stream = Noted(predictor)
    assert len(stream.push(np.full((95, 2), 3.0))) == 15
    assert stream.over
    assert stream.push(np.full((4, 2), 3.0)) == []
    assert (stream.samples, stream.surplus) == (90, 9)


def test_a_recipe_that_waits_for_later_samples_is_refused(predictor: Predictor) -> None:
    default = replace(predictor, recipe=replace(Recipe(), duration_ms=1500.0, resample_hz=10.0))
    with pytest.raises(
        SettingsError, match=r"low-pass: It runs backwards too. Give lowpass_phase causal.*recipe_name causal"
    ):
        default.stream()
    changes = {"lowpass_phase": "zero", "interpolation": "linear", "channels": ("drive",), "blink_response": True}
    for name, value in changes.items():
        words = {"channels": "channels", "blink_response": "Leave it out: blink_response False"}.get(name, name)
        with pytest.raises(SettingsError, match=words):
            check_causal(replace(CAUSAL, **{name: value}), rate_hz=60.0, in_mm=True)
    with pytest.raises(SettingsError, match=r"Give resample_hz 10\.4.* or another whole part of 125 Hz"):
        check_causal(CAUSAL, rate_hz=125.0, in_mm=True)
    with pytest.raises(SettingsError, match="range_mads None"):
        check_causal(replace(CAUSAL, range_mads=12.0), rate_hz=60.0, in_mm=False)
    check_causal(CAUSAL, rate_hz=500.0, in_mm=False)


def test_models_that_cannot_be_streamed_are_refused(predictor: Predictor) -> None:
    with pytest.raises(DataError, match="this model is 'rocket'"):
        replace(predictor, classifier="rocket").stream()
    with pytest.raises(DataError, match="of faces"):
        replace(predictor, recipe=smilejax.FaceRecipe()).stream()
    with pytest.raises(SettingsError, match="rate_hz must be a number above 0"):
        predictor.stream(-1.0)


def test_a_network_that_met_whole_trials_alone_is_warned_of(predictor: Predictor) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predictor.stream()
    whole = replace(predictor, settings=replace(predictor.settings, truncate_from=1.0))
    with pytest.warns(DataWarning, match="truncate_from"):
        whole.stream()
