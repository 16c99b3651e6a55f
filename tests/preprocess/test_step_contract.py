"""Every preprocessing step, run over every kind of trial and rate. A step entered in the table is tested by being there."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import Recipe, SimulationSettings, Trials, TrialStatus, simulate_study
from smilejax.preprocess import clean
from smilejax.preprocess.pipeline import prepare
from smilejax.preprocess.recipe import RECIPES
from smilejax.preprocess.rejection import proportion_valid
from smilejax.preprocess.signal.baseline import correct_baseline
from smilejax.preprocess.signal.blink_response import take_out_blink_response
from smilejax.preprocess.signal.blinks import mark_blink_edges, mark_partial_blinks, tracker_blinks
from smilejax.preprocess.signal.channel_values import features
from smilejax.preprocess.signal.edges import islands, pad_gaps
from smilejax.preprocess.signal.eyes import fuse, select
from smilejax.preprocess.signal.filling import fill
from smilejax.preprocess.signal.lowpass import lowpass
from smilejax.preprocess.signal.marking import out_of_range, start
from smilejax.preprocess.signal.other_eye import fill_from_other_eye
from smilejax.preprocess.signal.resampling import resample
from smilejax.preprocess.signal.speed import speeds, too_fast
from smilejax.preprocess.signal.trace import Reason, Trace
from smilejax.preprocess.signal.trend import off_trend
from smilejax.preprocess.trial_quality import assess, hidden_by_blinks

Step = Callable[[Trace, float], Trace]
SPEED = {"min_per_s": 1.0, "span_ms": 1000 / 60}


def _usual(t: Trace, rate: float):
    return speeds(t, span_ms=1000 / 60, max_gap_ms=200.0, rate_hz=rate)


def _some(t: Trace) -> jnp.ndarray:
    """A blink every fifty samples, as a tracker might report it."""
    at = jnp.arange(t.pupil.shape[0]) % 50 < 5
    return jnp.broadcast_to(at.reshape(-1, *[1] * (t.pupil.ndim - 1)), t.pupil.shape)


STEPS: dict[str, Step] = {
    "out_of_range": lambda t, rate: out_of_range(t, 1.5, 9.0),
    "tracker_blinks": lambda t, rate: tracker_blinks(t, _some(t)),
    "mark_partial_blinks": lambda t, rate: mark_partial_blinks(
        t, _usual(t, rate), max_ms=500.0, mads=16.0, rate_hz=rate, **SPEED
    ),
    "mark_blink_edges": lambda t, rate: mark_blink_edges(
        t, _usual(t, rate), blink_edge_ms=150.0, blink_merge_ms=100.0, mads=2.0, rate_hz=rate, **SPEED
    ),
    "too_fast": lambda t, rate: too_fast(t, _usual(t, rate), mads=16.0, max_gap_ms=200.0, rate_hz=rate, **SPEED),
    "too_fast, no floor": lambda t, rate: too_fast(
        t, _usual(t, rate), mads=16.0, max_gap_ms=200.0, rate_hz=rate, span_ms=1000 / 60, min_per_s=0.0
    ),
    "pad_gaps": lambda t, rate: pad_gaps(t, pad_ms=50.0, shortest_ms=75.0, longest_ms=2000.0, rate_hz=rate),
    "off_trend": lambda t, rate: off_trend(t, mads=16.0, min_share=0.0, cutoff_hz=16.0, passes=4, rate_hz=rate),
    "islands": lambda t, rate: islands(t, shorter_ms=50.0, apart_ms=40.0, rate_hz=rate),
    "other eye": lambda t, rate: fill_from_other_eye(t, smooth_ms=200.0, rate_hz=rate),
    "other eye, not averaged": lambda t, rate: fill_from_other_eye(t, smooth_ms=0.0, rate_hz=rate),
    "fuse": lambda t, rate: fuse(t),
    "select": lambda t, rate: select(t, ("right", "fused", "left")),
    "fill 250 ms": lambda t, rate: fill(t, max_gap_ms=250.0, rate_hz=rate),
    "fill all": lambda t, rate: fill(t, max_gap_ms=float("inf"), rate_hz=rate),
    "fill by pchip": lambda t, rate: fill(t, max_gap_ms=float("inf"), rate_hz=rate, method="pchip"),
    "fill by four points": lambda t, rate: fill(t, max_gap_ms=float("inf"), rate_hz=rate, method="four-point"),
    "blink response": lambda t, rate: take_out_blink_response(t, _some(t)[:, 0], rate_hz=rate)[0],
    "lowpass": lambda t, rate: lowpass(t, cutoff_hz=4.0, order=4, rate_hz=rate),
    "lowpass, odd order": lambda t, rate: lowpass(t, cutoff_hz=10.0, order=3, rate_hz=rate),
    "resample down": lambda t, rate: resample(t, rate_hz=rate, target_hz=20.0, cutoff_hz=None),
    "resample up": lambda t, rate: resample(t, rate_hz=rate, target_hz=rate * 1.5, cutoff_hz=None),
    "baseline": lambda t, rate: correct_baseline(t, baseline_ms=200.0, rate_hz=rate)[0],
    "baseline, median, percent": lambda t, rate: correct_baseline(
        t, baseline_ms=200.0, rate_hz=rate, statistic="median", correction="percent"
    )[0],
    "baseline, z": lambda t, rate: correct_baseline(t, baseline_ms=200.0, rate_hz=rate, correction="z")[0],
}
MARKS = tuple(STEPS)[:9]
"""Steps that only take samples away."""
RATES = (60.0, 500.0)


def _wave(rate_hz: float, seconds: float = 2.0) -> np.ndarray:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    left = 3.5 + 0.4 * np.sin(2 * np.pi * 0.5 * t + 0.3) + 0.1 * t
    return np.stack([left, left - 0.2], axis=1).astype(np.float32)


def _degenerate(rate_hz: float) -> dict[str, tuple[np.ndarray, int]]:
    wave = _wave(rate_hz)
    n = len(wave)
    nothing, one, left = np.full_like(wave, np.nan), np.full_like(wave, np.nan), wave.copy()
    one[n // 3, 0] = 3.0
    left[:, 1] = np.nan
    every_other, zeros, huge = wave.copy(), np.zeros_like(wave), wave.copy()
    every_other[::2] = np.nan
    huge[n // 2] = 3e38
    gap = wave.copy()
    gap[n // 4 : n // 2] = -1.0
    return {
        "whole": (wave, n),
        "nothing measured": (nothing, n),
        "one sample": (one, n),
        "left eye only": (left, n),
        "constant": (np.full_like(wave, 4.0), n),
        "every other sample": (every_other, n),
        "zeros": (zeros, n),
        "a huge value": (huge, n),
        "a long gap of -1": (gap, n),
        "four samples": (wave, 4),
        "one sample long": (wave, 1),
        "empty": (wave, 0),
    }


KINDS = tuple(_degenerate(60.0))


def _started(rate_hz: float) -> Trace:
    """All kinds of trial side by side, `[T, 2, B]`."""
    trials = _degenerate(rate_hz)
    pupil = jnp.asarray(np.stack([p for p, _ in trials.values()], axis=-1))
    return start(pupil, jnp.asarray([n for _, n in trials.values()], jnp.int32))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", STEPS)
def test_no_trial_breaks_a_step(name: str, rate: float) -> None:
    """Finite everywhere, zero where nothing is present, reasons from the enum; for all kinds of trial at all rates."""
    before = _started(rate)
    out = jax.jit(lambda t: STEPS[name](t, rate))(before)
    value, reason, present = (np.asarray(a) for a in (out.pupil, out.reason, out.present))
    assert np.isfinite(value).all()
    assert (value[~present] == 0).all()
    assert reason.dtype == np.uint8
    assert set(np.unique(reason)) <= {int(r) for r in Reason}
    if name in MARKS:
        left = np.asarray(before.present) & present
        assert not (present & ~np.asarray(before.present)).any()
        np.testing.assert_array_equal(value[left], np.asarray(before.pupil)[left])
        np.testing.assert_array_equal(reason[~np.asarray(before.present)], np.asarray(before.reason)[~before.present])
    if "baseline" not in name:
        assert (value[present] > 0).all()


@pytest.mark.parametrize("name", STEPS)
def test_a_trial_alone_equals_the_trial_among_others(name: str) -> None:
    """No step looks at another trial: side by side and alone give the same, whatever the neighbours hold."""
    together = jax.jit(lambda t: STEPS[name](t, 60.0))(_started(60.0))
    one = jax.jit(lambda p, n: STEPS[name](start(p, n), 60.0))
    for row, (kind, (pupil, length)) in enumerate(_degenerate(60.0).items()):
        alone = one(jnp.asarray(pupil), jnp.int32(length))
        np.testing.assert_allclose(np.asarray(together.pupil)[..., row], alone.pupil, atol=2e-6, err_msg=kind)
        np.testing.assert_array_equal(np.asarray(together.reason)[..., row], alone.reason, err_msg=kind)


@pytest.mark.parametrize("name", STEPS)
def test_what_lies_behind_the_trial_does_not_matter(name: str) -> None:
    """Padding may hold anything, NaN included."""
    padded = np.stack([_wave(60.0)] * 4, axis=-1)
    padded[70:] = [0.0, np.nan, 5.0, -1.0]
    out = jax.jit(lambda p, n: STEPS[name](start(p, n), 60.0))(jnp.asarray(padded), jnp.full(4, jnp.int32(70)))
    for other in range(1, 4):
        np.testing.assert_array_equal(out.pupil[..., 0], out.pupil[..., other])
        np.testing.assert_array_equal(out.reason[..., 0], out.reason[..., other])


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_pure(name: str) -> None:
    """The same trace gives the same answer twice, bit for bit, and is left as it was."""
    trace = start(jnp.asarray(_wave(60.0)), jnp.int32(100))
    before = np.asarray(trace.pupil).copy(), np.asarray(trace.reason).copy()
    step = jax.jit(partial(lambda t, rate: STEPS[name](t, rate), rate=60.0))
    first, second = step(trace), step(trace)
    np.testing.assert_array_equal(first.pupil, second.pupil)
    np.testing.assert_array_equal(trace.pupil, before[0])
    np.testing.assert_array_equal(trace.reason, before[1])


@pytest.mark.parametrize("name", ["out_of_range", "mark_blink_edges", "pad_gaps", "islands", "fill 250 ms", "lowpass"])
def test_a_step_takes_the_same_samples_at_every_rate(name: str) -> None:
    """Thresholds are times, not counts of samples: present samples agree at 60 to 1000 Hz to within one 60 Hz frame."""
    gaps_ms = ((300, 430), (500, 530), (700, 1000), (1500, 1690))
    masks = {}
    for rate in (60.0, 120.0, 250.0, 500.0, 1000.0):
        wave = _wave(rate)
        t_ms = np.arange(len(wave)) * 1000 / rate
        for low, high in gaps_ms:
            wave[(t_ms >= low) & (t_ms < high)] = np.nan
        wave[(t_ms >= 850) & (t_ms < 880)] = 3.0  # an island
        out = jax.jit(lambda p, n, r=rate: STEPS[name](start(p, n), r))(jnp.asarray(wave), jnp.int32(len(wave)))
        at = np.round(np.arange(120) / 60 * rate).astype(int).clip(max=len(wave) - 1)
        masks[rate] = np.asarray(out.present)[at]
    for rate, mask in masks.items():
        assert not _beyond_a_frame(masks[60.0], mask).any(), (name, rate)


def _beyond_a_frame(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Samples `[T, ...]` of two masks at 60 Hz that differ, and that no edge of either within a frame explains."""

    def near(m: np.ndarray) -> np.ndarray:
        edge = np.ones_like(m[:1])
        return m | np.concatenate([m[1:], edge]) | np.concatenate([edge, m[:-1]])

    return (a & ~near(b)) | (~a & ~near(~b))


def test_a_recording_gives_the_same_mask_at_every_rate() -> None:
    """The same physical trials, noise drawn anew: at 60 to 1000 Hz the recipe takes the same samples to within a frame.

    All but three in ten thousand: where a gap is as long as the shortest that is padded, or a change as fast as the slowest
    that is too fast, noise decides.
    """
    masks = {}
    for rate in (60.0, 250.0, 1000.0):
        settings = SimulationSettings(participants=4, smilers=4, rate_hz=rate, spike_ms=40.0, noise_mm=0.01)
        trials = simulate_study(settings, key=jax.random.key(3)).trials
        marked = np.asarray(clean(trials, Recipe()).marked) != Reason.MEASURED
        at = np.round(np.arange(600) / 60 * rate).astype(int).clip(max=marked.shape[1] - 1)
        masks[rate] = np.moveaxis(marked[:, at], 1, 0)
    assert 0.05 < masks[60.0].mean() < 0.1
    for rate, mask in masks.items():
        assert _beyond_a_frame(masks[60.0], mask).mean() < 5e-4, rate


def _trials(rate_hz: float, unit: str = "mm", scale: float = 1.0) -> Trials:
    kinds = {name: trial for name, trial in _degenerate(rate_hz).items() if trial[1] >= 4}
    return Trials(
        pupil=np.minimum(np.stack([p for p, _ in kinds.values()]), 1e30) * np.float32(scale),
        length=np.array([n for _, n in kinds.values()]),
        rate_hz=rate_hz,
        unit=unit,
        label=np.arange(len(kinds)) % 2,
        class_names=("posed", "genuine"),
        trial=tuple(kinds),
        participant=("p",) * len(kinds),
    )


RECIPE_CASES = {
    **{name: Recipe.named(name) for name in RECIPES},
    "two eyes, a drive, a response": Recipe(
        channels=("left", "right", "drive", "mask"), blink_response=True, interpolation="pchip"
    ),
    "z": Recipe(baseline="z", baseline_statistic="median", interpolation="four-point", lowpass_order=5),
}


@pytest.mark.parametrize(
    ("name", "rate"), [(name, 60.0) for name in RECIPE_CASES] + [("default", 500.0), ("default", 12.0)]
)
def test_no_trial_breaks_a_recipe(name: str, rate: float) -> None:
    """Nothing that is not finite leaves the pipeline; a trial without a pupil is rejected, and says why."""
    recipe = RECIPE_CASES[name]
    if rate == 12.0:
        recipe = replace(recipe, resample_hz=None)
    trials = _trials(rate)
    cleaned, dataset = clean(trials, recipe), prepare(trials, recipe)
    for path, leaf in jax.tree_util.tree_leaves_with_path((cleaned, dataset)):
        assert np.isfinite(np.asarray(leaf, np.float64)).all(), path
    verdicts = dict(zip(trials.trial, (TrialStatus(int(v)) for v in dataset.status), strict=True))
    for kind in ("nothing measured", "zeros"):
        assert verdicts[kind] == TrialStatus.NOTHING_MEASURED
    assert verdicts["one sample"] != TrialStatus.KEPT or name == "report"  # which rejects nothing that holds a sample
    assert verdicts["whole"] == TrialStatus.KEPT
    if "left" not in recipe.channels:
        assert verdicts["left eye only"] == TrialStatus.KEPT
    x, valid = np.asarray(dataset.x), np.asarray(dataset.valid)
    assert (x[~valid] == 0).all()
    quality = cleaned.quality
    samples = np.asarray(quality.counts).sum(-1)
    assert (samples == cleaned.eyes.pupil.shape[1]).all()


@pytest.mark.parametrize("unit", ["au", "px"])
def test_arbitrary_units_have_limits_of_their_own(unit: str) -> None:
    """The same recording in thousandths of a millimetre: the same marks but for the range, and no number of mm is used."""
    mm, other = clean(_trials(60.0), Recipe()), clean(_trials(60.0, unit, 1000.0), Recipe())
    whole = KINDS.index("whole")
    np.testing.assert_array_equal(mm.marked[whole], other.marked[whole])
    np.testing.assert_allclose(mm.trace.pupil[whole] * 1000, other.trace.pupil[whole], atol=2e-2)


def test_every_measure_of_a_step_is_there() -> None:
    """What the pipeline reports beside the trace has the shape of its trials."""
    t = _started(60.0)
    hidden = hidden_by_blinks(t, rate_hz=60.0)
    quality = assess(t, t, proportion_valid(t), hidden, rate_hz=60.0)
    assert quality.counts.shape == (2, len(Reason), len(KINDS))
    assert quality.noise.shape == (2, len(KINDS))
    x, valid = features(fuse(t), ("drive", "fused", "mask"), rate_hz=60.0)
    assert x.shape == (t.pupil.shape[0], 3, len(KINDS))
    assert valid.shape == (t.pupil.shape[0], len(KINDS))


def test_a_trial_gives_the_same_numbers_among_any_others() -> None:
    """Bit for bit alone and among twenty, in the first block and in the last; one block and two agree to rounding."""
    settings = SimulationSettings(participants=5, smilers=2, duration_ms=3000.0)
    trials = simulate_study(settings, key=jax.random.key(0)).trials
    alone = clean(trials.take([7]), Recipe())
    few = clean(trials, Recipe())
    # The same twenty, fifteen times over.
    wide = clean(
        Trials(
            pupil=np.tile(trials.pupil, (15, 1, 1)),
            length=np.tile(trials.length, 15),
            rate_hz=trials.rate_hz,
            unit="mm",
            label=np.tile(trials.label, 15),
            class_names=trials.class_names,
            trial=tuple(f"t{i}" for i in range(300)),
            participant=trials.participant * 15,
        ),
        Recipe(),
    )
    for a, b, c in zip(*map(jax.tree.leaves, (alone, few, wide)), strict=True):
        np.testing.assert_array_equal(a[0], b[7])
        # XLA unrolls a loop over a single block, and then rounds a few sums otherwise.
        np.testing.assert_allclose(b, c[:20], atol=2e-6)
        np.testing.assert_array_equal(c[:20], c[280:])
