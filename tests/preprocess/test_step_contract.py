"""Every preprocessing step, run over every kind of trial and rate. A step entered in the table is tested by being there."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import Reason, Recipe, SimulationSettings, Trials, TrialStatus, simulate_study
from smilejax.preprocess import clean
from smilejax.preprocess.cleaning import prepare
from smilejax.preprocess.program import Program
from smilejax.preprocess.reasons import PUPIL_REASONS
from smilejax.preprocess.recipe import RECIPES
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.state import State
from smilejax.preprocess.steps import STEPS
from smilejax.preprocess.steps.blink_response import hidden_by_blinks
from smilejax.preprocess.steps.dilation_speeds import DILATION_SPEEDS
from smilejax.preprocess.steps.give_channels import channel_values
from smilejax.preprocess.steps.missing import MISSING_SAMPLES
from smilejax.preprocess.steps.reject_missing import REJECT_MISSING, proportion_valid
from smilejax.preprocess.steps.step import Step
from smilejax.preprocess.trial_quality import Quality, assess

EVERY = Recipe(channels=("left", "right", "mask"), blink_response=True, pad_ms=50.0, max_gap_ms=250.0)
"""A recipe with every step; its lanes are the eyes, so that any step can come right after the first."""
VARIANTS: dict[str, tuple[str, Recipe]] = {
    "too fast, no lower limit": ("too fast", replace(EVERY, min_speed_per_s=0.0)),
    "other eye, not averaged": ("other eye", replace(EVERY, other_eye_ms=0.0)),
    "fuse into three lanes": ("fuse the eyes", replace(EVERY, channels=("right", "fused", "left"))),
    "fuse into one lane": ("fuse the eyes", replace(EVERY, channels=("fused",))),
    "fill all": ("fill gaps", replace(EVERY, max_gap_ms=np.inf)),
    "fill by pchip": ("fill gaps", replace(EVERY, max_gap_ms=np.inf, interpolation="pchip")),
    "fill by four points": ("fill gaps", replace(EVERY, max_gap_ms=np.inf, interpolation="four-point")),
    "fill by hold": ("fill gaps", replace(EVERY, max_gap_ms=100.0, interpolation="hold")),
    "low-pass, causal": ("low-pass", replace(EVERY, lowpass_phase="causal")),
    "low-pass, odd order": ("low-pass", replace(EVERY, lowpass_hz=10.0, lowpass_order=3)),
    "resample up": ("resample", replace(EVERY, resample_hz=90.0)),
    "baseline, median, percent": ("baseline", replace(EVERY, baseline="percent", baseline_statistic="median")),
    "baseline, z": ("baseline", replace(EVERY, baseline="z", baseline_ms=1000.0)),
}
BY_NAME = {step.name: step for step in STEPS}
CASES: dict[str, tuple[Step, Recipe]] = {
    **{step.name: (step, EVERY) for step in STEPS},
    **{name: (BY_NAME[step], recipe) for name, (step, recipe) in VARIANTS.items()},
}
RATES = (60.0, pytest.param(500.0, marks=pytest.mark.weekly))
SECONDS = 1.5

Run = Callable[[jax.Array, jax.Array], State]


def _program(recipe: Recipe, rate_hz: float) -> Program:
    return Program.of(replace(recipe, duration_ms=1000 * SECONDS), rate_hz)


def _numbers(recipe: Recipe, rate_hz: float) -> dict[str, dict[str, jax.Array]]:
    return jax.tree.map(jnp.asarray, _program(recipe, rate_hz).numbers(recipe, in_mm=True, start_ms=0.0))


def _raw(pupil: jax.Array, length: jax.Array) -> State:
    """What the first step gets, with a blink every fifty samples, as a tracker might report it."""
    at = jnp.arange(pupil.shape[0]) % 50 < 5
    blink = jnp.broadcast_to(at.reshape(-1, *[1] * (pupil.ndim - 1)), pupil.shape)
    raw = Trace(pupil, jnp.full(pupil.shape, MEASURED.code))
    limits = jnp.stack([jnp.full(length.shape, 1.5), jnp.full(length.shape, 9.0)])
    return State(raw, length, limits=limits, blink=blink, marked=raw, eyes=raw)


def _run(step: Step, state: State, recipe: Recipe, rate_hz: float) -> State:
    """One step on raw samples, after the three without which others do not go."""
    program, numbers = _program(recipe, rate_hz), _numbers(recipe, rate_hz)
    for one in (MISSING_SAMPLES, DILATION_SPEEDS, REJECT_MISSING, step):
        if one is not MISSING_SAMPLES or state.trace is state.marked:  # missing samples are looked for once
            state = one.run(state, numbers.get(one.name, {}), program)
    return state


@cache
def compiled(name: str, rate_hz: float) -> Run:
    """A case as a compiled function of pupil and length."""
    step, recipe = CASES[name]
    return jax.jit(lambda pupil, length: _leaves(_run(step, _raw(pupil, length), recipe, rate_hz)))


def _leaves(state: State) -> dict[str, object]:
    """What a step leaves, as a pytree."""
    return {"trace": state.trace, "status": state.status, "x": state.x, "baseline": state.baseline}


def _wave(rate_hz: float, seconds: float = SECONDS) -> np.ndarray:
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


def _all_kinds(rate_hz: float) -> tuple[jax.Array, jax.Array]:
    """All kinds of trial next to each other, `[T, 2, B]`, and their lengths."""
    trials = _degenerate(rate_hz)
    pupil = jnp.asarray(np.stack([p for p, _ in trials.values()], axis=-1))
    return pupil, jnp.asarray([n for _, n in trials.values()], jnp.int32)


@cache
def _started(rate_hz: float) -> Trace:
    return compiled(MISSING_SAMPLES.name, rate_hz)(*_all_kinds(rate_hz))["trace"]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", CASES)
def test_no_trial_breaks_a_step(name: str, rate: float) -> None:
    """Finite everywhere, zero where nothing is present, reasons from the table; for all kinds of trial at all rates."""
    step, before = CASES[name][0], _started(rate)
    out = compiled(name, rate)(*_all_kinds(rate))["trace"]
    value, reason, present = (np.asarray(a) for a in (out.values, out.reason, out.present))
    assert np.isfinite(value).all()
    assert (value[~present] == 0).all()
    assert reason.dtype == np.uint8
    assert set(np.unique(reason)) <= {int(r) for r in Reason}
    if step.takes_away:
        left = np.asarray(before.present) & present
        assert not (present & ~np.asarray(before.present)).any()
        np.testing.assert_array_equal(value[left], np.asarray(before.values)[left])
        np.testing.assert_array_equal(reason[~np.asarray(before.present)], np.asarray(before.reason)[~before.present])
        new = set(np.unique(reason[np.asarray(before.present) & ~present]))
        assert new <= {own.number for own in step.reasons}
    if step.name != "baseline":
        assert (value[present] > 0).all()


@pytest.mark.parametrize("name", CASES)
def test_a_trial_is_the_same_whatever_is_beside_it(name: str) -> None:
    """No step looks at another trial: each half of the kinds gives the same beside the other half and beside whole trials."""
    pupil, length = _all_kinds(60.0)
    run = compiled(name, 60.0)
    together = run(pupil, length)
    first = np.arange(len(KINDS)) < len(KINDS) // 2
    for kept in (first, ~first):
        apart = run(jnp.where(kept, pupil, pupil[..., :1]), jnp.where(kept, length, length[0]))
        for ours, theirs in zip(jax.tree.leaves(together), jax.tree.leaves(apart), strict=True):
            np.testing.assert_array_equal(np.asarray(ours)[..., kept], np.asarray(theirs)[..., kept])


@pytest.mark.parametrize("name", CASES)
def test_what_lies_behind_the_trial_does_not_matter(name: str) -> None:
    """Padding may hold anything, NaN included."""
    padded = np.stack([_wave(60.0)] * len(KINDS), axis=-1)
    padded[70:] = np.resize([0.0, np.nan, 5.0, -1.0], len(KINDS))
    out = compiled(name, 60.0)(jnp.asarray(padded), jnp.full(len(KINDS), jnp.int32(70)))
    for leaf in map(np.asarray, jax.tree.leaves(out)):
        np.testing.assert_array_equal(leaf, np.repeat(leaf[..., :1], len(KINDS), axis=-1))


CUT = 50
"""A sample behind the baseline's window, from which on samples are changed."""
NOT_SHOWN = {"blink response", "resample up", "blink edges", "padded edges", "islands", "partial blinks", "fill gaps"}
"""Steps that are not causal, which these trials need not show."""


@pytest.mark.parametrize("name", CASES)
def test_a_causal_step_does_not_look_ahead(name: str) -> None:
    """What a step gives up to a time stays the same, bit for bit, when later samples change or the trial ends there."""
    step, recipe = CASES[name]
    pupil, length = _all_kinds(60.0)
    noise = np.random.default_rng(5).uniform(2.0, 6.0, pupil[CUT:].shape).astype(np.float32)
    other = jnp.asarray(np.concatenate([np.asarray(pupil[:CUT]), noise]))
    whole, run = jnp.full_like(length, pupil.shape[0]), compiled(name, 60.0)
    first = run(pupil, whole)
    changed = [run(other, whole), run(pupil, jnp.full_like(length, jnp.int32(CUT)))]
    steps = np.asarray(first["trace"].values).shape[0]
    rate_hz = 60.0 * steps / pupil.shape[0]
    until = int(np.floor((CUT - 1) / 60.0 * rate_hz + 1e-6)) + 1

    def up_to(found: dict[str, object]) -> list[np.ndarray]:
        parts = [found["trace"]] if found["x"] is None else [found["trace"], found["x"]]
        return [np.asarray(leaf)[:until] for leaf in jax.tree.leaves(parts)]

    same = all(np.array_equal(a, b) for one in changed for a, b in zip(up_to(first), up_to(one), strict=True))
    settled = replace(
        recipe, duration_ms=1000 * SECONDS, resample_hz=rate_hz if name == "resample" else recipe.resample_hz
    )
    why_not = step.why_not_causal(settled, rate_hz=60.0, in_mm=True)
    assert same if not why_not else (not same or name in NOT_SHOWN), why_not


def impurities(step: Step, recipe: Recipe) -> list[str]:
    """What a step does beyond giving a function of its arguments: it is traced twice, with the same arguments."""
    program, numbers = _program(recipe, 60.0), _numbers(recipe, 60.0)
    given = numbers.get(step.name, {})
    before, found, texts = dict(given), [], []

    def once(pupil: jax.Array, length: jax.Array, given: Mapping[str, jax.Array]) -> dict[str, object]:
        state = _raw(pupil, length)
        if step is not MISSING_SAMPLES:
            state = MISSING_SAMPLES.run(state, {}, program)
        for one in (DILATION_SPEEDS, REJECT_MISSING):
            state = one.run(state, numbers[one.name], program)
        held = dict(vars(state))
        after = step.run(state, given, program)
        if any(vars(state)[name] is not value for name, value in held.items()):
            found.append("changes its state")
        return _leaves(after)

    for _ in range(2):
        # A function of its own each time: tracing is cached by function.
        traced = jax.make_jaxpr(lambda *args: once(*args))(*_all_kinds(60.0), given)
        texts.append((str(traced), [np.asarray(c).tobytes() for c in traced.consts]))
        if traced.effects:
            found.append("has effects")
    if texts[0] != texts[1]:
        found.append("differs from call to call")
    if given.keys() != before.keys() or any(given[name] is not value for name, value in before.items()):
        found.append("changes its numbers")
    return found


@pytest.mark.parametrize("name", CASES)
def test_steps_are_pure(name: str) -> None:
    """Traced twice, a step is the same computation, has no effects, and leaves what it is given as it was."""
    assert impurities(*CASES[name]) == []


COUNT, NOISE = itertools.count(), np.random.default_rng(0)


class _Counts(Step):
    name = "counts its calls"

    def run(self, state, numbers, program):
        return replace(state, trace=Trace(state.trace.values * next(COUNT), state.trace.reason))


class _Draws(Step):
    name = "draws numbers"

    def run(self, state, numbers, program):
        noise = jnp.asarray(NOISE.random(state.trace.values.shape), jnp.float32)
        return replace(state, trace=Trace(state.trace.values + noise, state.trace.reason))


class _Prints(Step):
    name = "prints"

    def run(self, state, numbers, program):
        jax.debug.print("{}", state.trace.values[0, 0, 0])
        return state


class _Changes(Step):
    name = "changes what it is given"

    def run(self, state, numbers, program):
        object.__setattr__(state, "trace", Trace(state.trace.values + 1, state.trace.reason))
        return state


@pytest.mark.parametrize(
    ("step", "found"),
    [
        (_Counts(), "differs from call to call"),
        (_Draws(), "differs from call to call"),
        (_Prints(), "has effects"),
        (_Changes(), "changes its state"),
    ],
)
def test_an_impure_step_is_found(step: Step, found: str) -> None:
    assert found in impurities(step, EVERY)


@pytest.mark.parametrize("name", ["out of range", "blink edges", "padded edges", "islands", "fill gaps", "low-pass"])
def test_a_step_takes_the_same_samples_at_every_rate(name: str) -> None:
    """Thresholds are times, not counts of samples: present samples agree at 60 to 1000 Hz to within one 60 Hz frame."""
    gaps_ms = ((300, 430), (500, 530), (700, 1000), (1150, 1340))
    masks = {}
    for rate in (60.0, 1000.0):
        wave = _wave(rate)
        t_ms = np.arange(len(wave)) * 1000 / rate
        for low, high in gaps_ms:
            wave[(t_ms >= low) & (t_ms < high)] = np.nan
        wave[(t_ms >= 850) & (t_ms < 880)] = 3.0  # an island
        many = jnp.asarray(np.repeat(wave[..., None], len(KINDS), axis=-1))  # as many as elsewhere: compiled once
        out = compiled(name, rate)(many, jnp.full(len(KINDS), jnp.int32(len(wave))))["trace"]
        at = np.round(np.arange(90) / 60 * rate).astype(int).clip(max=len(wave) - 1)
        masks[rate] = np.asarray(out.present)[at, :, 0]
    for rate, mask in masks.items():
        assert not _beyond_a_frame(masks[60.0], mask).any(), (name, rate)


def _beyond_a_frame(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Samples `[T, ...]` of two masks at 60 Hz that differ, and that no edge of either within a frame explains."""

    def near(m: np.ndarray) -> np.ndarray:
        edge = np.ones_like(m[:1])
        return m | np.concatenate([m[1:], edge]) | np.concatenate([edge, m[:-1]])

    return (a & ~near(b)) | (~a & ~near(~b))


MARKS_ONLY = Recipe(other_eye_ms=None, max_gap_ms=0.0, lowpass_hz=None, resample_hz=None, baseline_ms=None)
"""The default recipe's marks, and nothing that comes after them: less to compile."""


@pytest.mark.weekly
def test_a_recording_gives_the_same_mask_at_every_rate() -> None:
    """The same physical trials, noise drawn anew: at 60 and 1000 Hz the recipe takes the same samples to within a frame.

    All but three in ten thousand: where a gap is as long as the shortest that is padded, or a change as fast as the slowest
    that is too fast, noise decides.
    """
    masks = {}
    for rate in (60.0, 1000.0):
        settings = SimulationSettings(participants=4, smilers=4, rate_hz=rate, spike_ms=40.0, noise_mm=0.01)
        trials = simulate_study(settings, key=jax.random.key(3)).trials
        marked = np.asarray(clean(trials, MARKS_ONLY).marked) != Reason.MEASURED
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
    "two eyes, a drive, a response, z": Recipe(
        channels=("left", "right", "drive", "mask"),
        blink_response=True,
        interpolation="pchip",
        baseline="z",
        baseline_ms=1000.0,
        baseline_statistic="median",
        lowpass_order=5,
    ),
}


@pytest.mark.parametrize(
    ("name", "rate"),
    [(name, 60.0) for name in ("default", "minimal")]
    + [
        pytest.param(name, 60.0, marks=pytest.mark.weekly)
        for name in RECIPE_CASES
        if name not in ("default", "minimal")
    ]
    + [
        pytest.param("default", 500.0, marks=pytest.mark.weekly),
        pytest.param("default", 12.0, marks=pytest.mark.weekly),
    ],
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
    statuses = dict(zip(trials.trial, (TrialStatus(int(v)) for v in dataset.status), strict=True))
    for kind in ("nothing measured", "zeros"):
        assert statuses[kind] == TrialStatus.NOTHING_MEASURED
    assert statuses["one sample"] != TrialStatus.KEPT or name == "report"  # which rejects nothing that holds a sample
    assert statuses["whole"] == TrialStatus.KEPT
    if "left" not in recipe.channels:
        assert statuses["left eye only"] == TrialStatus.KEPT
    x, valid = np.asarray(dataset.x), np.asarray(dataset.valid)
    assert (x[~valid] == 0).all()
    quality = cleaned.quality
    samples = np.asarray(quality.counts).sum(-1)
    assert (samples == cleaned.eyes.values.shape[1]).all()


@pytest.mark.parametrize("unit", ["au", "px"])
def test_arbitrary_units_have_limits_of_their_own(unit: str) -> None:
    """The same recording in thousandths of a millimetre: the same marks but for the range, and no number of mm is used."""
    mm, other = clean(_trials(60.0), Recipe()), clean(_trials(60.0, unit, 1000.0), Recipe())
    whole = KINDS.index("whole")
    np.testing.assert_array_equal(mm.marked[whole], other.marked[whole])
    np.testing.assert_allclose(mm.trace.values[whole] * 1000, other.trace.values[whole], atol=2e-2)


def test_every_measure_of_a_step_is_there() -> None:
    """What the pipeline reports with the trace has the shape of its trials."""
    t = _started(60.0)

    @jax.jit
    def measured(t: Trace) -> Quality:
        return assess(t, t, proportion_valid(t), hidden_by_blinks(t, rate_hz=60.0), rate_hz=60.0)

    quality = measured(t)
    assert quality.counts.shape == (2, len(PUPIL_REASONS), len(KINDS))
    assert quality.noise.shape == (2, len(KINDS))
    fused = compiled("fuse into one lane", 60.0)(*_all_kinds(60.0))["trace"]
    x, valid = jax.jit(lambda fused: channel_values(fused, ("drive", "fused", "mask"), rate_hz=60.0))(fused)
    assert x.shape == (t.values.shape[0], 3, len(KINDS))
    assert valid.shape == (t.values.shape[0], len(KINDS))


@pytest.mark.weekly
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
