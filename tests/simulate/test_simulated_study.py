"""The simulator against what its settings say, with the truth at hand."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax._util.errors import SettingsError
from smilejax._util.keys import check_key
from smilejax.settings import SimulationSettings
from smilejax.simulate import Destruction, Simulation, signals, simulate_study, truth_table
from smilejax.simulate import simulated_study as making
from smilejax.simulate.responses import light_reflex, pupil_response
from smilejax.simulate.signals import CLEAN_MM, MEASURED_MM

QUIET = SimulationSettings(
    participants=40,
    smilers=4,
    effect_mm=0.0,
    gain_sd=0.0,
    reflex_mm=0.0,
    reflex_sd_mm=0.0,
    drift_mm=0.0,
    hippus_mm=0.0,
    eye_offset_sd_mm=0.0,
    noise_mm=0.0,
    spikes_per_minute=0.0,
    island_share=0.0,
)
"""A study in which nothing happens but blinks and losses; each test turns on what it looks at."""


def study(settings: SimulationSettings, seed: int = 0) -> Simulation:
    return simulate_study(settings, key=jax.random.key(seed))


@pytest.fixture(scope="module")
def usual() -> Simulation:
    return study(SimulationSettings(participants=40, smilers=4))


@pytest.fixture(scope="module")
def plain() -> Simulation:
    """The usual study without spikes and islands."""
    return study(SimulationSettings(participants=40, smilers=4, spikes_per_minute=0.0, island_share=0.0))


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def by_name(made: Simulation) -> dict[tuple[str, str], int]:
    """Row of each (participant, stimulus)."""
    assert made.trials.stimulus is not None
    return {who: row for row, who in enumerate(zip(made.trials.participant, made.trials.stimulus, strict=True))}


# What a study is made of.


def test_every_participant_sees_every_smile_once(usual: Simulation) -> None:
    trials, truth = usual.trials, usual.truth
    assert trials.stimulus is not None
    assert trials.smiler is not None
    assert trials.pupil.shape == truth.clean_mm.shape == truth.destroyed.shape == (320, 600, 2)
    assert len(by_name(usual)) == 320
    assert set(trials.stimulus) == {f"s{k:02d}-{kind}" for k in range(1, 5) for kind in ("posed", "genuine")}
    assert trials.participant == tuple(f"p{p:02d}" for p in range(1, 41) for _ in range(8))
    assert trials.trial == 40 * tuple(f"t{place:03d}" for place in range(1, 9))
    for row, name in enumerate(trials.stimulus):
        assert name == f"{trials.smiler[row]}-{trials.class_names[trials.label[row]]}"
        assert truth.stimulus_index[row] == 2 * (int(trials.smiler[row][1:]) - 1) + trials.label[row]
        assert truth.participant_index[row] == int(trials.participant[row][1:]) - 1
    assert trials.class_names == ("posed", "genuine")
    assert (trials.unit, trials.rate_hz, set(trials.length.tolist())) == ("mm", 60.0, {600})


def test_order_of_viewing_is_drawn_for_each_participant_and_tells_nothing_of_the_class(usual: Simulation) -> None:
    order = usual.truth.stimulus_index.reshape(40, 8)
    assert len({tuple(row) for row in order.tolist()}) > 35
    assert abs(float((usual.trials.label.reshape(40, 8) * np.arange(8)).sum(1).mean()) - 14.0) < 2.0


def test_source_names_every_setting_the_effect_first() -> None:
    source = study(replace(QUIET, participants=1, effect_mm=0.2)).trials.source
    assert (source.name, source.layout) == ("simulation", "simulated")
    assert (source.findings[0].what, source.findings[0].value, source.findings[0].how) == ("effect_mm", "0.2", "given")
    said = {f.what: (f.value, f.how) for f in source.findings}
    assert said["rate_hz"] == ("60.0", "default")
    assert said["participants"] == ("1", "given")
    assert len(said) == len(source.findings) == 26


def test_key_must_be_one_typed_key() -> None:
    several = jax.random.split(jax.random.key(0), 3)
    for key, given in ((0, "0"), (None, "None"), (jnp.zeros(2, jnp.uint32), "uint32[2]"), (several, "key<fry>[3]")):
        with pytest.raises(SettingsError) as caught:
            check_key(key)
        rule = f"key must be one typed JAX key; it is {given}. Make one with jax.random.key(seed)."
        assert str(caught.value) == rule
        with pytest.raises((SettingsError, TypeError)):  # the suite's type checks come before ours
            simulate_study(QUIET, key=key)


# Same key, same study.


def test_same_key_gives_the_same_study_bit_for_bit(usual: Simulation) -> None:
    again = study(SimulationSettings(participants=40, smilers=4))
    assert again.trials.pupil.tobytes() == usual.trials.pupil.tobytes()
    assert again.truth.clean_mm.tobytes() == usual.truth.clean_mm.tobytes()
    assert again.trials.stimulus == usual.trials.stimulus


def test_another_key_gives_another_study(usual: Simulation) -> None:
    other = study(SimulationSettings(participants=40, smilers=4), seed=1)
    assert not np.any(other.truth.gain == usual.truth.gain)
    assert not np.any(other.truth.reflex_mm == usual.truth.reflex_mm)
    assert other.trials.stimulus != usual.trials.stimulus


def test_trial_is_the_same_however_many_others_are_made(usual: Simulation) -> None:
    small = study(SimulationSettings(participants=3, smilers=2))
    np.testing.assert_array_equal(small.truth.gain, usual.truth.gain[:3])
    np.testing.assert_array_equal(small.truth.baseline_mm, usual.truth.baseline_mm[:3])
    np.testing.assert_array_equal(small.truth.reflex_mm, usual.truth.reflex_mm[:4])
    where = by_name(usual)
    rows = [where[name] for name in by_name(small)]
    np.testing.assert_array_equal(small.trials.pupil, usual.trials.pupil[rows])
    np.testing.assert_array_equal(small.truth.destroyed, usual.truth.destroyed[rows])
    for p in range(0, 12, 4):
        assert rows[p : p + 4] == sorted(rows[p : p + 4]), "order of viewing must not change when more is shown"


@pytest.mark.parametrize("rate_hz", [250.0, pytest.param(1000.0, marks=pytest.mark.weekly)])
def test_same_physical_trial_at_any_rate(rate_hz: float) -> None:
    slow = study(SimulationSettings(participants=3, smilers=2)).truth
    fast = study(SimulationSettings(participants=3, smilers=2, rate_hz=rate_hz)).truth
    every = int(np.gcd(60, int(rate_hz)))  # instants per second that both rates sample
    step_slow, step_fast = 60 // every, int(rate_hz) // every
    np.testing.assert_allclose(fast.clean_mm[:, ::step_fast], slow.clean_mm[:, ::step_slow], rtol=0, atol=1e-5)
    np.testing.assert_array_equal(fast.destroyed[:, ::step_fast], slow.destroyed[:, ::step_slow])
    # Between those instants a border may fall anywhere within a frame, so compare each slow sample with its frame.
    frame = 1 + int(rate_hz / 60)
    at = np.round(np.arange(600) * rate_hz / 60).astype(int)
    near = [fast.destroyed[:, np.clip(at + k, 0, fast.destroyed.shape[1] - 1)] for k in range(-frame, frame + 1)]
    assert np.any([n == slow.destroyed for n in near], axis=0).all()


def test_spans_of_every_kind_agree_within_a_frame_at_two_rates() -> None:
    # Spans that overlap can leave one shorter than a sample at 500 Hz; with this seed none of those is met at 60.
    settings = replace(
        QUIET, participants=6, smilers=2, losses_per_minute=20.0, spikes_per_minute=60.0, island_share=1.0
    )
    slow, fast = study(settings), study(replace(settings, rate_hz=500.0))
    np.testing.assert_allclose(fast.trials.pupil[:, ::25], slow.trials.pupil[:, ::3], rtol=0, atol=1e-5)
    at_slow, at_fast = np.arange(600) * 1000 / 60, np.arange(5000) * 2.0
    found = dict.fromkeys(Destruction, 0)
    for kind in Destruction:
        for row in range(24):
            for eye in range(2):
                here = slow.truth.destroyed[row, :, eye] == kind
                spans = runs(fast.truth.destroyed[row, :, eye] == kind)
                for a, b in spans:
                    inside = (at_fast[a] <= at_slow) & (at_slow <= at_fast[b - 1])
                    assert inside.any() or at_fast[b - 1] - at_fast[a] < 1000 / 60
                    assert here[inside].all(), "a span seen at 500 Hz is seen at 60"
                for a, b in runs(here):
                    near = [
                        (c, d) for c, d in spans if at_fast[c] - 2 < at_slow[b - 1] and at_slow[a] < at_fast[d - 1] + 2
                    ]
                    assert near, "a span seen at 60 Hz is seen at 500"
                    found[kind] += 1
                    assert abs(at_fast[near[0][0]] - at_slow[a]) <= 1000 / 60
                    assert abs(at_fast[near[-1][1] - 1] - at_slow[b - 1]) <= 1000 / 60
    assert min(found.values()) > 30


def test_old_studies_keep_every_sample() -> None:
    """Numbers from the simulator as it was before it knew spikes and islands."""
    settings = SimulationSettings(participants=2, smilers=2, losses_per_minute=12.0)
    made = study(replace(settings, spikes_per_minute=0.0, island_share=0.0), seed=7)
    assert made.trials.stimulus is not None
    assert made.trials.stimulus[:4] == ("s02-posed", "s02-genuine", "s01-genuine", "s01-posed")
    np.testing.assert_array_equal(np.bincount(made.truth.destroyed.ravel()), [8587, 164, 146, 703])
    np.testing.assert_allclose(made.truth.gain, [0.93879, 0.89668], atol=1e-5)
    gone = np.nan
    was = [[3.99367, gone], [gone, gone], [3.64633, 3.62809], [3.60665, 3.60001], [3.48587, 3.48114]]
    np.testing.assert_allclose(made.trials.pupil[1, ::120], was, atol=1e-5)
    mean = np.nanmean(made.trials.pupil.astype(np.float64), axis=1)[:4]
    was = [[3.50194, 3.47041], [3.62471, 3.57197], [3.72613, 3.71468], [3.58905, 3.57186]]
    np.testing.assert_allclose(mean, was, atol=1e-5)


def test_other_numbers_need_no_compilation() -> None:
    study(replace(QUIET, participants=2))
    before = making._draw_chunk._cache_size(), making._measure_chunk._cache_size()
    study(replace(QUIET, participants=5, effect_mm=0.7, noise_mm=0.1, baseline_mm=5.0, gain_sd=0.4), seed=9)
    assert (making._draw_chunk._cache_size(), making._measure_chunk._cache_size()) == before


# The effect.


@pytest.mark.parametrize("rate_hz", [60.0, 1000.0])
@pytest.mark.parametrize(
    ("effect_mm", "onset_ms", "t_max_ms"),
    [(0.3, 1500.0, 930.0), pytest.param(-0.2, 3000.0, 600.0, marks=pytest.mark.weekly)],
)
def test_effect_has_its_size_and_its_time(rate_hz: float, effect_mm: float, onset_ms: float, t_max_ms: float) -> None:
    count = {60.0: 12, 1000.0: 3}[rate_hz]
    settings = SimulationSettings(participants=count, smilers=2, rate_hz=rate_hz, effect_onset_ms=onset_ms)
    settings = replace(settings, effect_t_max_ms=t_max_ms)
    null, made = study(replace(settings, effect_mm=0.0)), study(replace(settings, effect_mm=effect_mm))
    extra = made.truth.clean_mm.astype(np.float64) - null.truth.clean_mm
    genuine = made.trials.label == 1
    assert not extra[~genuine].any()
    of_one = extra[genuine] / made.truth.gain[made.truth.participant_index[genuine], None, None]
    peak = np.abs(of_one).max(1)
    np.testing.assert_allclose(peak, abs(effect_mm), atol=1e-3)
    at_ms = np.abs(of_one).argmax(1) * 1000.0 / rate_hz
    np.testing.assert_allclose(at_ms, onset_ms + t_max_ms, atol=500.0 / rate_hz + 15.0)  # flat at the top in 32 bits
    before = int(onset_ms * rate_hz / 1000)
    assert np.all(np.abs(of_one[:, :before]) < 1e-6)
    assert np.sign(of_one.sum()) == np.sign(effect_mm)
    assert np.ptp(made.truth.gain) > 0.1, "gains must differ for this test to see whether they count"


def test_null_has_no_class_in_it(usual: Simulation) -> None:
    null = study(replace(QUIET, hippus_mm=0.06, drift_mm=0.08, noise_mm=0.015))
    level = null.truth.clean_mm.mean(2) - null.truth.baseline_mm[null.truth.participant_index, None]
    difference = level[null.trials.label == 1].mean(0) - level[null.trials.label == 0].mean(0)
    assert np.abs(difference).max() < 4.5 * 0.1 * np.sqrt(2 / 160)
    posed = (null.truth.destroyed[null.trials.label == 0] > 0).mean()
    genuine = (null.truth.destroyed[null.trials.label == 1] > 0).mean()
    assert abs(posed - genuine) < 0.02


def test_response_is_that_of_hoeks_and_levelt() -> None:
    time_ms = np.arange(-500, 5000, dtype=np.float32)
    response = np.asarray(pupil_response(jnp.asarray(time_ms), 930.0), np.float64)
    u = np.maximum(time_ms.astype(np.float64), 0) / 930.0
    np.testing.assert_allclose(response, u**10.1 * np.exp(10.1 * (1 - u)), atol=2e-6)
    assert response.max() == 1.0
    assert time_ms[response.argmax()] == 930
    assert not response[time_ms <= 0].any()
    half = time_ms[response >= 0.5]
    assert 680 < half[-1] - half[0] < 700  # full width at half maximum about .69 s


def test_reflex_starts_after_its_latency_and_peaks_at_one() -> None:
    time_ms = np.arange(0, 10_000, dtype=np.float32)
    light = np.asarray(light_reflex(jnp.asarray(time_ms)), np.float64)
    assert not light[:221].any()
    assert light[230] > 0
    assert abs(light.max() - 1) < 1e-6
    assert abs(int(light.argmax()) - 901) <= 10
    assert 0.6 < light[-1] < 0.7


# The sizes of everything else.


def test_participants_spread_as_stated() -> None:
    truth = study(replace(QUIET, participants=320, smilers=1, gain_sd=0.25, eye_offset_sd_mm=0.15)).truth
    assert abs(truth.baseline_mm.mean() - 3.5) < 4 * 0.5 / np.sqrt(320)
    assert truth.baseline_mm.std() == pytest.approx(0.5, rel=0.15)
    assert np.log(truth.gain).std() == pytest.approx(0.25, rel=0.15)
    assert abs(truth.gain.mean() - 1) < 4 * 0.25 / np.sqrt(320)
    assert truth.eye_offset_mm.std() == pytest.approx(0.15, rel=0.15)
    assert abs(np.corrcoef(truth.baseline_mm, truth.gain)[0, 1]) < 0.2
    offset = truth.clean_mm[..., 0] - truth.clean_mm[..., 1]
    np.testing.assert_allclose(
        offset, np.broadcast_to(truth.eye_offset_mm[truth.participant_index, None], offset.shape), atol=2e-6
    )
    level = truth.clean_mm.mean((1, 2))
    np.testing.assert_allclose(level, truth.baseline_mm[truth.participant_index], atol=1e-5)


def test_each_stimulus_has_its_reflex_scaled_by_gain() -> None:
    made = study(
        replace(QUIET, participants=2, smilers=160, baseline_mm=5.0, gain_sd=0.5, reflex_mm=0.4, reflex_sd_mm=0.1)
    ).truth
    assert made.reflex_mm.shape == (320,)
    assert abs(made.reflex_mm.mean() - 0.4) < 4 * 0.1 / np.sqrt(320)
    assert made.reflex_mm.std() == pytest.approx(0.1, rel=0.15)
    drop = made.clean_mm[:, 0, 0] - made.clean_mm[..., 0].min(1)
    expected = made.gain[made.participant_index] * made.reflex_mm[made.stimulus_index]
    np.testing.assert_allclose(drop, expected, rtol=0.002)


def spectrum(clean_mm: np.ndarray, rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean power of left eyes in 0.1 Hz steps, through a Hann window against leakage."""
    windowed = (clean_mm[..., 0] - clean_mm[..., 0].mean(1, keepdims=True)) * np.hanning(clean_mm.shape[1])
    power = (np.abs(np.fft.rfft(windowed.astype(np.float64), axis=1)) ** 2).mean(0)
    return np.fft.rfftfreq(clean_mm.shape[1], 1 / rate_hz), power / power.sum()


@pytest.mark.parametrize(("name", "low_hz", "high_hz"), [("drift_mm", 0.0, 0.3), ("hippus_mm", 0.0, 2.2)])
def test_fluctuations_have_their_size_and_band(name: str, low_hz: float, high_hz: float) -> None:
    truth = study(replace(QUIET, baseline_sd_mm=0.0, **{name: 0.05})).truth
    within = truth.clean_mm - truth.clean_mm.mean(1, keepdims=True)
    assert rms(within) == pytest.approx(0.05, rel=0.08)
    assert np.abs(truth.clean_mm.mean(1) - 3.5).max() < 1e-3, "fluctuations have mean 0 within a trial"
    hz, power = spectrum(truth.clean_mm, 60.0)
    assert power[(hz >= low_hz) & (hz <= high_hz)].sum() > 0.98
    if name == "hippus_mm":
        assert 0.3 < power[(hz > 0.5) & (hz <= 2.2)].sum() < 0.7


def test_drift_has_its_size_within_short_trials_too() -> None:
    clean = study(replace(QUIET, drift_mm=0.05, rate_hz=20.0, duration_ms=1000.0)).truth.clean_mm
    assert rms(clean - clean.mean(1, keepdims=True)) == pytest.approx(0.05, rel=0.12)


def test_noise_has_its_size_and_is_its_own_in_each_eye_and_sample() -> None:
    made = study(replace(QUIET, participants=8, noise_mm=0.015))
    good = (made.truth.destroyed == Destruction.NONE).all(2)
    noise = (made.trials.pupil - made.truth.clean_mm)[good]
    assert noise.std() == pytest.approx(0.015, rel=0.02)
    assert abs(noise.mean()) < 4 * 0.015 / np.sqrt(noise.size)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.03
    assert abs(np.corrcoef(noise[1:, 0], noise[:-1, 0])[0, 1]) < 0.03


# What is destroyed.


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and last-plus-one sample of every run of True in one trial."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def test_blinks_come_at_their_rate_and_last_their_time(plain: Simulation) -> None:
    destroyed = plain.truth.destroyed
    hidden = destroyed == Destruction.BLINK
    assert (hidden[..., 0] == hidden[..., 1]).all()
    per_ms = 12 / 60_000
    assert hidden.mean() == pytest.approx(1 - np.exp(-per_ms * 150), rel=0.15)
    inner = [(a, b) for trial in hidden[..., 0] for a, b in runs(trial) if a > 0 and b < 600]
    minutes = 320 * 10 / 60
    assert len(inner) / minutes == pytest.approx(12 * np.exp(-per_ms * 150), rel=0.12)  # less those that overlap
    lengths_ms = np.array([b - a for a, b in inner]) * 1000 / 60
    assert np.median(lengths_ms) == pytest.approx(146, abs=20)
    starts = np.concatenate([[a for a, _ in runs(trial) if a > 0] for trial in hidden[..., 0]])
    assert starts.mean() == pytest.approx(300, abs=30), "blinks must come as often late as early in a trial"
    assert hidden[:, 0, 0].sum() >= 3, "some blinks are under way at the start"


def test_losses_take_one_eye_at_a_time(plain: Simulation) -> None:
    lost = plain.truth.destroyed == Destruction.LOSS
    share = 1 - np.exp(-2 / 60_000 * 400)
    assert lost[..., 0].mean() == pytest.approx(share, rel=0.4)
    assert lost[..., 1].mean() == pytest.approx(share, rel=0.4)
    assert lost.all(2).sum() < 0.2 * lost.any(2).sum()


def test_ramps_stand_where_stated_and_fall_as_stated() -> None:
    settings = replace(QUIET, participants=3, smilers=2, rate_hz=1000.0)
    made = study(settings)
    kind, seen = made.truth.destroyed, made.trials.pupil / made.truth.clean_mm
    ramp, hidden = kind == Destruction.RAMP, kind == Destruction.BLINK
    found = 0
    for row in range(len(kind)):
        eyelid = runs((ramp | hidden)[row].any(1))
        blinks = runs(hidden[row, :, 0])
        for start, stop in eyelid:
            inside = [(a, b) for a, b in blinks if start <= a and b <= stop]
            assert inside or start == 0 or stop == kind.shape[1], "no ramp without a blink"
            whole = start > 0 and stop < kind.shape[1] and len(inside) == 1 and not (kind[row, start:stop] == 3).any()
            if not whole:
                continue
            found += 1
            (a, b) = inside[0]
            assert a - start in (59, 60)
            assert stop - b in (89, 90)
            for eye in range(2):
                closing, opening = seen[row, start:a, eye], seen[row, b:stop, eye]
                assert (np.diff(closing) < 0).all()
                assert (np.diff(opening) > 0).all()
                assert closing[0] > 0.98
                assert opening[-1] > 0.98
                assert closing[-1] == pytest.approx(signals.LID_REST, abs=0.02)
                assert opening[0] == pytest.approx(signals.LID_REST, abs=0.02)
                assert np.diff(closing) == pytest.approx(-(1 - signals.LID_REST) / 60, rel=0.02)
    assert found >= 10
    np.testing.assert_allclose(seen[kind == Destruction.NONE], 1.0, atol=1e-6)


@pytest.mark.parametrize(("sentinel", "number"), [("nan", np.nan), ("0", 0.0), ("-1", -1.0)])
def test_sentinel_stands_exactly_where_samples_are_missing(usual: Simulation, sentinel: str, number: float) -> None:
    made = study(SimulationSettings(participants=3, smilers=4, sentinel=sentinel))  # type: ignore[arg-type]
    missing = (made.truth.destroyed == Destruction.BLINK) | (made.truth.destroyed == Destruction.LOSS)
    assert missing.sum() > 100
    np.testing.assert_array_equal(made.trials.pupil[missing], np.float32(number))
    np.testing.assert_array_equal(made.trials.measured(), ~missing)
    np.testing.assert_array_equal(made.trials.pupil[~missing], usual.trials.pupil[:24][~missing])


def test_study_without_blinks_and_losses_is_whole() -> None:
    made = study(replace(QUIET, participants=2, blinks_per_minute=0.0, losses_per_minute=0.0, island_share=1.0))
    assert not made.truth.destroyed.any()
    np.testing.assert_array_equal(made.trials.pupil, made.truth.clean_mm)


# Spikes and islands: what is measured and wrong.


def test_spikes_and_islands_change_nothing_else(usual: Simulation, plain: Simulation) -> None:
    now, was = usual.truth.destroyed, plain.truth.destroyed
    become = {
        Destruction.NONE: {Destruction.NONE, Destruction.SPIKE},
        Destruction.RAMP: {Destruction.RAMP},
        Destruction.BLINK: {Destruction.BLINK, Destruction.ISLAND},
        Destruction.LOSS: {Destruction.LOSS, Destruction.ISLAND},
    }
    for kind, kinds in become.items():
        assert set(now[was == kind].tolist()) == kinds
    same = (now == was) & (now != Destruction.RAMP)  # a spike may move a ramp
    np.testing.assert_array_equal(usual.trials.pupil[same], plain.trials.pupil[same])
    np.testing.assert_array_equal(usual.truth.clean_mm, plain.truth.clean_mm)
    assert set(np.unique(was)) == set(become), "none where they are switched off"


@pytest.mark.parametrize("per_minute", [pytest.param(2.0, marks=pytest.mark.weekly), 30.0])
def test_spikes_come_at_their_rate_in_each_eye(per_minute: float) -> None:
    settings = replace(QUIET, blinks_per_minute=0.0, losses_per_minute=0.0, spikes_per_minute=per_minute)
    made = study(settings).truth.destroyed
    count = np.array([[len(runs(made[row, :, eye] > 0)) for eye in range(2)] for row in range(320)])
    mean = 320 * per_minute * (10_000 + settings.spike_ms) / 60_000
    np.testing.assert_allclose(count.sum(0), mean, atol=4 * np.sqrt(mean))
    assert count.var() == pytest.approx(mean / 320, rel=0.35)
    assert abs(np.corrcoef(count.T)[0, 1]) < 0.2
    where = np.flatnonzero(made.any((0, 2)))
    assert where.mean() == pytest.approx(300, abs=40), "spikes must come as often late as early in a trial"


@pytest.mark.parametrize(("spike_mm", "spike_ms"), [(0.5, 20.0), pytest.param(0.3, 8.0, marks=pytest.mark.weekly)])
def test_spikes_have_their_height_and_time(spike_mm: float, spike_ms: float) -> None:
    settings = replace(QUIET, participants=3, smilers=2, rate_hz=1000.0, blinks_per_minute=0.0, losses_per_minute=0.0)
    made = study(replace(settings, spikes_per_minute=60.0, spike_mm=spike_mm, spike_ms=spike_ms))
    spiked = made.truth.destroyed == Destruction.SPIKE
    added = made.trials.pupil - made.truth.clean_mm
    assert not added[~spiked].any()
    heights, whole = [], 0
    for row in range(12):
        for eye in range(2):
            for a, b in runs(spiked[row, :, eye]):
                one = added[row, a:b, eye]
                alone = np.ptp(one) < 1e-5  # else one spike ends another
                assert b - a <= spike_ms + 1 or not alone
                whole += alone and abs(b - a - spike_ms) <= 1
                heights.append(one[0])
    assert len(heights) == pytest.approx(240, abs=4 * np.sqrt(240))
    assert whole > 0.9 * len(heights)
    size = np.abs(heights)
    assert 0.5 * spike_mm - 1e-5 < size.min() < 0.55 * spike_mm
    assert 1.45 * spike_mm < size.max() < 1.5 * spike_mm + 1e-5
    assert size.mean() == pytest.approx(spike_mm, rel=0.08)
    assert np.mean(np.array(heights) > 0) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(240))


def test_a_spike_marks_what_it_changes_but_not_ramps_nor_islands() -> None:
    settings = replace(QUIET, losses_per_minute=12.0, island_share=1.0)
    without, made = study(settings), study(replace(settings, spikes_per_minute=120.0))
    was, now = without.truth.destroyed, made.truth.destroyed
    moved = (made.trials.pupil != without.trials.pupil) & made.trials.measured()
    np.testing.assert_array_equal(made.trials.measured(), without.trials.measured())
    np.testing.assert_array_equal(now == Destruction.SPIKE, moved & (was == Destruction.NONE))
    np.testing.assert_array_equal(now[now != Destruction.SPIKE], was[now != Destruction.SPIKE])
    assert moved[was == Destruction.RAMP].mean() == pytest.approx(0.04, rel=0.2), "the tracker errs on ramps too"
    assert not moved[was == Destruction.ISLAND].any()
    assert (was == Destruction.ISLAND).sum() > 1000


@pytest.mark.parametrize(
    ("per_minute", "loss_ms"), [(30.0, 400.0), pytest.param(120.0, 80.0, marks=pytest.mark.weekly)]
)
def test_islands_stand_in_blinks_and_losses_with_nothing_about_them(per_minute: float, loss_ms: float) -> None:
    settings = replace(QUIET, participants=3, smilers=2, rate_hz=1000.0, losses_per_minute=per_minute, loss_ms=loss_ms)
    made = study(replace(settings, blinks_per_minute=per_minute, island_share=1.0))
    kind, factor = made.truth.destroyed, made.trials.pupil / made.truth.clean_mm
    hidden = (kind == Destruction.BLINK) | (kind == Destruction.LOSS)
    island = kind == Destruction.ISLAND
    whole, wrong = 0, []
    for row in range(12):
        for eye in range(2):
            for a, b in runs(island[row, :, eye]):
                before, after = hidden[row, max(a - 45, 0) : a, eye], hidden[row, b : b + 45, eye]
                assert before.all()
                assert after.all()
                assert b - a <= 31
                whole += b - a >= 29
                reading = factor[row, a:b, eye]
                assert np.ptp(reading) < 1e-6
                wrong.append(reading[0])
    assert len(wrong) > 100
    assert whole > 0.7 * len(wrong), "the others are cut short where blinks and losses overlap"
    off = np.abs(np.array(wrong) - 1)
    assert 0.1 - 1e-5 < off.min() < 0.12
    assert 0.38 < off.max() < 0.4 + 1e-5
    assert np.mean(np.array(wrong) > 1) == pytest.approx(0.5, abs=2 / np.sqrt(len(wrong)))


def test_island_of_a_blink_is_in_both_eyes_and_wrong_in_each_in_its_own_way() -> None:
    made = study(replace(QUIET, losses_per_minute=0.0, island_share=1.0))
    island = made.truth.destroyed == Destruction.ISLAND
    np.testing.assert_array_equal(island[..., 0], island[..., 1])
    factor = (made.trials.pupil / made.truth.clean_mm)[island.all(2)]
    assert len(factor) > 500
    assert np.mean(np.abs(factor[:, 0] - factor[:, 1]) < 1e-3) < 0.02
    assert abs(np.corrcoef(factor.T)[0, 1]) < 0.25


def test_islands_are_in_their_share_of_the_spans_with_room() -> None:
    draws = making._draw_all(replace(QUIET, losses_per_minute=12.0, island_share=0.3), jax.random.key(5))
    for spans, islands in ((draws.blinks_ms, draws.blink_islands_ms), (draws.losses_ms, draws.loss_islands_ms)):
        (hide, show), (begin, end) = np.moveaxis(spans, 1, 0), np.moveaxis(islands, 1, 0)
        there, room = np.isfinite(begin), show - hide - 30 - 2 * 45
        assert not there[room < 0].any()
        assert (room < 0).mean() > 0.1
        assert there[room >= 0].mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / (room >= 0).sum()))
        hide, show, begin, end, room = (part[there] for part in (hide, show, begin, end, room))
        np.testing.assert_allclose(end - begin, 30, atol=0.1)  # in 32 bits, and some of these are minutes away
        assert (begin - hide).min() > 45 - 0.1
        assert (show - end).min() > 45 - 0.1
        place = (begin - hide - 45)[room > 20] / room[room > 20]
        assert place.mean() == pytest.approx(0.5, abs=4 * 0.29 / np.sqrt(len(place)))
        assert place.std() == pytest.approx(0.29, rel=0.15)


def test_islands_are_measured_and_named_in_the_table() -> None:
    made = study(SimulationSettings(participants=3, smilers=4, island_share=1.0, sentinel="0"))
    island = made.truth.destroyed == Destruction.ISLAND
    assert made.trials.measured()[island].all()
    assert (made.trials.pupil[island] > 1).all()
    table = truth_table(made)
    for eye, lane in (("left", 0), ("right", 1)):
        named = table[f"destroyed_{eye}"].to_numpy()
        assert set(named) == {"none", "blink", "ramp", "loss", "spike", "island"}
        np.testing.assert_array_equal(named == "island", island[:, :, lane].ravel())
        np.testing.assert_array_equal(named == "spike", (made.truth.destroyed[:, :, lane] == Destruction.SPIKE).ravel())


@pytest.mark.parametrize(
    ("name", "rule", "good", "bad"),
    [
        ("spikes_per_minute", "a number at least 0 and at most 120", (0, 120), (-1, 121, np.nan, "2", True)),
        ("spike_mm", "a number above 0 and at most 10", (0.01, 10), (0, 10.1, None)),
        ("spike_ms", "a number above 0 and at most 60000", (1, 60_000), (0, 60_001)),
        ("island_share", "a number at least 0 and at most 1", (0, 1), (-0.1, 1.1)),
        ("island_ms", "a number above 0", (1, 49.9), (0, np.inf)),
        (
            "island_ms",
            "below 50, the length in ms from which Kret & Sjak-Shie (2019) keep a run of samples",
            (),
            (50.0,),
        ),
    ],
)
def test_settings_of_spikes_and_islands(name: str, rule: str, good: tuple[float, ...], bad: tuple[object, ...]) -> None:
    for value in good:
        assert getattr(SimulationSettings(**{name: value}), name) == value  # type: ignore[arg-type]
    for value in bad:
        with pytest.raises(SettingsError) as caught:
            SimulationSettings(**{name: value})  # type: ignore[arg-type]
        assert str(caught.value) == f"{name} must be {rule}; it is {value!r}."


def test_room_for_blinks_is_never_used_up() -> None:
    draws = making._draw_all(replace(QUIET, participants=200, spikes_per_minute=2.0), jax.random.key(3))
    assert draws.spikes_ms[:, 0, :, -1].min() > QUIET.duration_ms
    assert draws.blinks_ms[:, 0, -1].min() > QUIET.duration_ms
    assert draws.losses_ms[:, 0, :, -1].min() > QUIET.duration_ms


@pytest.mark.parametrize("sign", [-1, 1])
def test_values_stay_plausible_at_the_ends_of_every_range(sign: int) -> None:
    extreme = dict.fromkeys(("baseline_sd_mm", "reflex_mm", "reflex_sd_mm", "drift_mm", "hippus_mm", "noise_mm"), 10.0)
    settings = replace(
        QUIET, **extreme, effect_mm=10.0 * sign, eye_offset_sd_mm=10.0, gain_sd=2.0, effect_t_max_ms=10.0
    )
    made = study(settings)
    assert np.isfinite(made.truth.clean_mm).all()
    assert CLEAN_MM[0] <= made.truth.clean_mm.min()
    assert made.truth.clean_mm.max() <= CLEAN_MM[1]
    measured = made.trials.pupil[made.trials.measured()]
    assert np.float32(MEASURED_MM[0]) <= measured.min()
    assert measured.max() <= MEASURED_MM[1]
    assert made.trials.measured().mean() > 0.9, "noise must not turn into missing samples"
    assert made.truth.baseline_mm.min() >= 2.0
    assert made.truth.baseline_mm.max() <= 7.0
    assert made.truth.gain.min() > 0
    assert made.truth.reflex_mm.min() >= 0
