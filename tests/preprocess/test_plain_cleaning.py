"""Every cleaning step, and the recipes composed of them, against the plain reference in `tests/helpers/plain_cleaning.py`.

Steps are given the same single-precision trace each, so that a difference is the step's own. Decisions may differ where the
two precisions fall on either side of a threshold: in no more than one sample of 10,000.
"""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.compilations import in_one_program
from helpers.examples import at_most
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import smilejax
from smilejax.preprocess.cleaning import clean
from smilejax.preprocess.program import Program
from smilejax.preprocess.reasons import PRECEDENCE, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.signal import speed
from smilejax.preprocess.signal.lowpass import Filter, apply, lowpass
from smilejax.preprocess.signal.resampling import sample_at
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.steps.baseline import correct_baseline
from smilejax.preprocess.steps.blink_edges import mark_blink_edges
from smilejax.preprocess.steps.fill_gaps import fill
from smilejax.preprocess.steps.fuse_eyes import fuse
from smilejax.preprocess.steps.gap_edges import pad_gaps
from smilejax.preprocess.steps.islands import islands
from smilejax.preprocess.steps.missing import start
from smilejax.preprocess.steps.other_eye import fill_from_other_eye
from smilejax.preprocess.steps.partial_blinks import mark_partial_blinks
from smilejax.preprocess.steps.plausible_range import out_of_range
from smilejax.preprocess.steps.reject_missing import proportion_valid
from smilejax.preprocess.steps.too_fast import too_fast
from smilejax.preprocess.steps.tracker_blinks import tracker_blinks
from smilejax.preprocess.steps.trend_line import off_trend
from smilejax.recordings.trials import Trials


def _plain() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "helpers" / "plain_cleaning.py"
    spec = importlib.util.spec_from_file_location("plain_cleaning", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plain = _plain()

ORDER = tuple(reason.code for reason in PRECEDENCE)
DEFAULT, KRET = Recipe(), Recipe.kret2019()
# Without lower limits a constant's rounding errors are its MAD: these are below any real threshold.
STRICT = replace(KRET, min_speed_per_s=1e-3, min_trend_proportion=1e-4)
MARKS = ("tracker", "partial blinks", "blink edges", "speed", "pad", "trend", "islands")
FILLS = ("linear", "pchip", "four-point")
BASELINES = {
    name: {"statistic": name.split()[0], "correction": name.split()[1]}
    for name in ("mean subtract", "median percent", "mean z")
}
SHORT = 64
"""Samples of a hand-made or hostile trial: one shape, compiled once."""


def _numbers(recipe: Recipe, samples: int, rate_hz: float) -> dict[str, dict[str, np.ndarray]]:
    settled = replace(recipe, duration_ms=samples * 1000 / rate_hz, resample_hz=20.0)
    return Program.of(settled, rate_hz).numbers(settled, in_mm=True, start_ms=0.0)


@cache
def _compiled_steps(rate_hz: float):
    """Every step on what the step before it gave; the numbers of a recipe are traced."""
    span = {"span_ms": DEFAULT.speed_span_ms, "rate_hz": rate_hz}

    @jax.jit
    def steps(n, pupil, length, blink):
        speeds, out = {**span, **n["dilation speeds"]}, {}
        out["start"] = t = start(pupil, length)
        out["range"] = t = out_of_range(t, 1.5, 9.0)
        out["tracker"] = t = tracker_blinks(t, blink)
        usual = speed.speeds(t, max_gap_ms=200.0, **span)
        out["partial blinks"] = t = mark_partial_blinks(t, usual, **n["partial blinks"], **speeds)
        out["blink edges"] = t = mark_blink_edges(t, usual, **n["blink edges"], **speeds)
        out["speed"] = t = too_fast(t, usual, max_gap_ms=200.0, **n["too fast"], **speeds)
        out["pad"] = t = pad_gaps(t, rate_hz=rate_hz, **n["padded edges"])
        out["trend"] = t = off_trend(t, cutoff_hz=16.0, passes=4, rate_hz=rate_hz, **n["off the trend"])
        out["islands"] = t = islands(t, rate_hz=rate_hz, **n["islands"])
        out["other eye"] = t = fill_from_other_eye(t, smooth_ms=n["other eye"]["smooth_ms"], rate_hz=rate_hz)
        out["fuse"] = t = fuse(t, ORDER)
        share = proportion_valid(t)
        for method in FILLS:
            out[method] = fill(t, rate_hz=rate_hz, method=method, **n["fill gaps"])
        out["lowpass"] = t = apply(Filter(**n["low-pass"]), out["linear"])
        out["resample"] = t = sample_at(t, rate_hz=rate_hz, target_hz=20.0)
        out["resample 27"] = sample_at(t, rate_hz=rate_hz, target_hz=27.0)
        levels = {}
        for name, how in BASELINES.items():
            out[name], level = correct_baseline(t, first=n["baseline"]["first"], end=n["baseline"]["end"], **how)
            levels[name] = tuple(level)
        # Jaxtyping lets no trace hold NumPy's arrays.
        return {name: (t.values, t.reason) for name, t in out.items()}, tuple(usual), share, levels

    return steps


def _check_steps(pupil: np.ndarray, length: np.ndarray, blink: np.ndarray, recipe: Recipe, rate_hz: float) -> int:
    """Compare every step on trials `[N, T, 2]`. Returns how many decisions differ."""
    numbers = _numbers(recipe, pupil.shape[1], rate_hz)
    behind = [jnp.asarray(np.moveaxis(a, 0, -1)) for a in (pupil, blink)]
    out, usual, share, levels = jax.tree.map(
        np.asarray, _compiled_steps(rate_hz)(numbers, behind[0], jnp.asarray(length), behind[1])
    )
    differing = 0
    for i in range(len(pupil)):
        ours = {name: (p[..., i], r[..., i]) for name, (p, r) in out.items()}
        for eye in range(2):
            differing += _check_marks(
                {name: (p[:, eye], r[:, eye]) for name, (p, r) in ours.items() if p.shape[1] == 2},
                pupil[i, :, eye],
                blink[i, :, eye],
                int(length[i]),
                (usual[0][eye, i], usual[1][eye, i]),
                recipe,
                rate_hz,
            )
        _equal(
            ours["other eye"],
            plain.fill_from_other_eye(*ours["islands"], smooth_ms=recipe.other_eye_ms, rate_hz=rate_hz),
            "other eye",
        )
        _equal(ours["fuse"], plain.fuse(*ours["other eye"]), "fuse")
        np.testing.assert_allclose(share[i], plain.proportion_valid(ours["fuse"][1]), rtol=1e-6)
        lane = {name: (p[:, 0], r[:, 0]) for name, (p, r) in ours.items() if p.shape[1] == 1}
        for method in FILLS:
            filled = plain.fill(*lane["fuse"], max_gap_ms=recipe.max_gap_ms, rate_hz=rate_hz, method=method)
            _equal(lane[method], filled, method)
        order = {"cutoff_hz": recipe.lowpass_hz, "order": recipe.lowpass_order}
        _equal(lane["lowpass"], plain.lowpass(*lane["linear"], **order, rate_hz=rate_hz), "lowpass")
        for name, before, target in (("resample", "lowpass", 20.0), ("resample 27", "resample", 27.0)):
            _equal(lane[name], plain.sample_at(*lane[before], rate_hz=rate_hz, target_hz=target), name)
        for name, how in BASELINES.items():
            value, *level = plain.correct_baseline(
                *lane["resample"], baseline_ms=recipe.baseline_ms, rate_hz=20.0, **how
            )
            np.testing.assert_allclose([own[0, i] for own in levels[name]], level, atol=1e-5, err_msg=name)
            # Where a window hardly varies, z divides by little: the level's rounding grows as the level in those units.
            before = lane["resample"][0]
            largest, moved = np.abs(value).max(), np.abs(np.where(before > 0, before - level[0], 0.0)).max()
            in_sd = level[0] * largest / moved if how["correction"] == "z" and moved > 0 else 0.0
            _equal(lane[name], (value, lane["resample"][1]), name, atol=2e-6 * max(5.0, largest, 0.1 * in_sd))
    return differing


def _check_marks(ours, raw, blink, length, usual, recipe, rate_hz) -> int:
    """One eye of one trial through the steps that mark."""
    span = {"span_ms": recipe.speed_span_ms, "rate_hz": rate_hz}
    floor = {"min_per_s": recipe.min_speed_per_s}
    low, high = recipe.pad_gaps_ms
    np.testing.assert_allclose(usual, plain.speeds(*ours["tracker"], max_gap_ms=200.0, **span), rtol=2e-4, atol=1e-4)
    walk = {
        "blink_edge_ms": recipe.blink_edge_ms or 0.0,
        "blink_merge_ms": recipe.blink_merge_ms if recipe.blink_edge_ms else 0.0,
    }
    line = {"mads": recipe.trend_mads, "min_share": recipe.min_trend_proportion, "cutoff_hz": 16.0, "passes": 4}
    theirs = {
        "start": plain.start(raw, length),
        "range": plain.out_of_range(*ours["start"], 1.5, 9.0),
        "tracker": plain.tracker_blinks(*ours["range"], blink),
        "partial blinks": plain.mark_partial_blinks(
            *ours["tracker"], usual, max_ms=recipe.partial_blink_ms or 0.0, mads=recipe.speed_mads, **floor, **span
        ),
        "blink edges": plain.mark_blink_edges(
            *ours["partial blinks"], usual, mads=recipe.blink_edge_mads, **walk, **floor, **span
        ),
        "speed": plain.too_fast(*ours["blink edges"], usual, mads=recipe.speed_mads, max_gap_ms=200.0, **floor, **span),
        "pad": plain.pad_gaps(*ours["speed"], pad_ms=recipe.pad_ms, shortest_ms=low, longest_ms=high, rate_hz=rate_hz),
        "trend": plain.off_trend(*ours["pad"], **line, rate_hz=rate_hz),
        "islands": plain.islands(
            *ours["trend"], shorter_ms=recipe.island_ms, apart_ms=recipe.island_gap_ms, rate_hz=rate_hz
        ),
    }
    differing = 0
    for name, (value, reason) in theirs.items():
        same = ours[name][1] == reason
        differing += np.count_nonzero(~same)
        np.testing.assert_array_equal(ours[name][0][same], value[same], err_msg=name)
    return differing


def _equal(ours, theirs, name: str, atol: float = 1e-5) -> None:
    np.testing.assert_array_equal(ours[1], theirs[1], err_msg=name)
    np.testing.assert_allclose(ours[0], theirs[0], atol=atol, err_msg=name)


@cache
def _study(rate_hz: float) -> Trials:
    wild = smilejax.SimulationSettings(
        participants=3,
        smilers=2,
        rate_hz=rate_hz,
        duration_ms=6000.0 if rate_hz < 100 else 4000.0,
        blinks_per_minute=25.0,
        losses_per_minute=6.0,
        spikes_per_minute=8.0,
        island_share=0.8,
    )
    return smilejax.simulate_study(wild, key=jax.random.key(5)).trials


def _clean_alike(trials: Trials, recipe: Recipe) -> tuple[np.ndarray, float]:
    """Compare whole recipes on all trials. Returns the reasons that JAX marked, and the share of differing decisions."""
    cleaned = clean(trials, recipe)
    marked, eyes, trace = np.asarray(cleaned.marked), cleaned.eyes, cleaned.trace
    ours = {
        "eyes_reason": (eyes.reason, 0),
        "reason": (trace.reason, 0),
        "status": (cleaned.status, 0),
        "eyes_pupil": (eyes.values, 1e-5),
        "pupil": (trace.values, 2e-5),
        "baseline": (cleaned.baseline, 2e-5),
    }
    for name in ("proportion_valid", "seen", "counts", "blinks", "longest_gap_ms", "pairs", "correlation", "noise"):
        ours[name] = (getattr(cleaned.quality, name), 1e-4)
    ours = {name: (np.asarray(values), atol) for name, (values, atol) in ours.items()}
    samples, differing, decisions = int(trials.length.max()), 0, 0
    for i in range(len(trials)):
        theirs = plain.plain_clean(
            trials.pupil[i, :samples],
            int(trials.length[i]),
            recipe,
            rate_hz=trials.rate_hz,
            blink=None if trials.blink is None else trials.blink[i, :samples],
        )
        unlike = np.count_nonzero(marked[i] != theirs["marked"])
        differing, decisions = differing + unlike, decisions + marked[i].size
        if unlike == 0:
            for name, (values, atol) in ours.items():
                np.testing.assert_allclose(values[i], theirs[name], rtol=1e-5 if atol else 0, atol=atol, err_msg=name)
    return marked, differing / decisions


# ------------------------------------------------------------------------------------------------------------ simulated


@pytest.mark.weekly
@pytest.mark.parametrize("rate_hz", [60.0, 250.0])
def test_every_step_on_simulated_trials(rate_hz: float) -> None:
    trials = _study(rate_hz)
    blink = np.zeros(trials.pupil.shape, bool)
    blink[::2, 100:110] = True
    for recipe in (DEFAULT, KRET):
        assert _check_steps(trials.pupil, trials.length, blink, recipe, rate_hz) <= 1e-4 * blink.size


@pytest.mark.parametrize(
    ("name", "rate_hz"),
    [("default", 60.0), pytest.param("causal", 60.0, marks=pytest.mark.slow)]
    + [pytest.param(name, 60.0, marks=pytest.mark.weekly) for name in ("kret2019", "minimal", "report")]
    + [pytest.param("default", 250.0, marks=pytest.mark.weekly)],
)
def test_recipes_on_simulated_trials(name: str, rate_hz: float) -> None:
    marked, unlike = _clean_alike(_study(rate_hz), Recipe.named(name))
    assert unlike <= 1e-4
    if name in ("default", "kret2019"):
        expected = {Reason.MEASURED, Reason.MISSING, Reason.TOO_FAST, Reason.ISLAND, Reason.PADDED}
        assert expected <= set(np.unique(marked)), "the study does not try the steps"


# ------------------------------------------------------------------------------------------------------------ hand-made


def _hand_made(rate_hz: float, rng: np.random.Generator) -> dict[str, tuple[np.ndarray, int]]:
    """Short trials that try the edges of the steps."""
    t = np.arange(SHORT) / rate_hz

    def wave() -> np.ndarray:
        x = 3.5 + 0.2 * np.sin(2 * np.pi * 0.7 * t)
        return np.stack([x, x - 0.2], axis=1) + rng.normal(size=(SHORT, 2)) * 0.01

    trials = {name: (wave(), SHORT) for name in ("whole", "gap at either end", "dip", "blink", "two gaps", "islands")}
    trials["gap at either end"][0][:6] = trials["gap at either end"][0][-7:] = np.nan
    trials["dip"][0][20:28] *= 0.6
    blink = trials["blink"][0]
    blink[30:37] = np.nan
    blink[27:30] *= np.array([0.9, 0.75, 0.6])[:, None]
    blink[37:40] *= np.array([0.6, 0.75, 0.9])[:, None]
    gaps = trials["two gaps"][0]
    gaps[20:24] = gaps[28:33] = gaps[50, 0] = np.nan
    gaps[34, 1] = 3.0
    lone = trials["islands"][0]
    lone[10:45] = np.nan
    lone[[20, 30, 31]] = 3.4
    for ms, dip in ((500, "longest dip"), (517, "longer than a dip")):
        trials[dip] = wave(), SHORT
        trials[dip][0][12 : 13 + round(ms * 0.06)] *= 0.6
    # The samples that the two ends of a dip are measured by: 50 ms outside them, and one further in and out.
    edge = int(50 * rate_hz / 1000 + 0.5)
    for away in (edge - 1, edge, edge + 1):
        for side, at in (("before", 24 - away), ("after", 31 + away)):
            trials[f"dip with a low sample {away} {side}"] = wave(), SHORT
            trials[f"dip with a low sample {away} {side}"][0][24:32] *= 0.6
            trials[f"dip with a low sample {away} {side}"][0][at] *= 0.55
    # Lengths on either side of a limit at 60 Hz: merged gaps, filled gaps, islands, what separates them.
    for many in (6, 7):
        trials[f"gaps {many} apart"] = wave(), SHORT
        trials[f"gaps {many} apart"][0][[*range(20, 25), *range(25 + many, 29 + many)]] = np.nan
    for many in (20, 21, 22, 23, 24, 25):
        trials[f"gap of {many}"] = wave(), SHORT
        trials[f"gap of {many}"][0][20 : 20 + many] = np.nan
    for many in (2, 3, 12, 13):
        for apart in (2, 3, 10, 11):
            trials[f"island of {many}, {apart} apart"] = wave(), SHORT
            trials[f"island of {many}, {apart} apart"][0][[*range(20, 30), *range(30 + many, 30 + many + apart)]] = (
                np.nan
            )
    for many in (2, 3):
        trials[f"eyes together {many} times"] = wave(), SHORT
        trials[f"eyes together {many} times"][0][:30, 0] = np.nan
        trials[f"eyes together {many} times"][0][30 + many :, 1] = np.nan
    slow = wave()
    slow[30:37] = np.nan
    slow[17:30] *= np.linspace(1, 0.5, 13)[:, None]
    slow[37:50] *= np.linspace(0.5, 1, 13)[:, None]
    trials["a long way"] = slow, SHORT
    nothing, one, jumps, eye = (np.full((SHORT, 2), np.nan), np.full((SHORT, 2), np.nan), wave(), wave())
    one[40, 0] = 3.0
    jumps[[5, 30, 63]] += 1.0
    jumps[45:47, 1] -= 0.7
    eye[:, 1] = np.nan
    alternating, turns = wave(), wave()
    alternating[::2] = np.nan
    turns[::2, 0] = turns[1::2, 1] = np.nan
    values = wave()
    values[10:16] = np.array([0.0, -1.0, np.inf, 3e6, 1.2, 9.5])[:, None]
    trials |= {
        "nothing": (nothing, SHORT),
        "one sample": (one, SHORT),
        "jumps": (jumps, SHORT),
        "one eye": (eye, SHORT),
        "alternating": (alternating, SHORT),
        "eyes in turns": (turns, SHORT),
        "other values": (values, SHORT),
        "shorter": (wave(), 37),
        "four samples": (wave(), 4),
        "nearly whole": (wave(), SHORT - 1),
    }
    return trials


@pytest.mark.parametrize("rate_hz", [60.0, pytest.param(250.0, marks=pytest.mark.weekly)])
def test_every_step_on_hand_made_trials(rate_hz: float, rng: np.random.Generator) -> None:
    trials = _hand_made(rate_hz, rng)
    blink = np.zeros((SHORT, 2), bool)
    blink[50:53, 0] = True
    for recipe in (DEFAULT, STRICT):
        for name, (pupil, length) in trials.items():
            given = (pupil[None].astype(np.float32), np.array([length], np.int32), blink[None])
            assert _check_steps(*given, recipe, rate_hz) == 0, name


@pytest.mark.weekly
def test_the_default_recipe_on_hand_made_trials(rng: np.random.Generator) -> None:
    made = _hand_made(60.0, rng)
    n = len(made)
    pupil = np.stack([p for p, _ in made.values()]).astype(np.float32)
    pupil[~np.isfinite(pupil)] = np.nan
    names = tuple(str(i) for i in range(n))
    length, label = np.array([length for _, length in made.values()], np.int32), np.zeros(n, np.int32)
    blink = np.zeros(pupil.shape, bool)
    blink[3, 50:53] = True
    trials = Trials(pupil, length, 60.0, "mm", label, ("posed", "genuine"), names, names, blink=blink)
    assert _clean_alike(trials, DEFAULT)[1] == 0


# -------------------------------------------------------------------------------------------------------------- hostile

KINDS = ("good", "good", "good", "missing", "zero", "dip", "spike", "low", "huge", "one eye")


@st.composite
def hostile(draw) -> tuple[np.ndarray, int, np.ndarray]:
    """Runs of good and of all kinds of bad samples; values scatter, so that no threshold is met exactly."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = draw(st.sampled_from([0.003, 0.03, 0.2]))
    if draw(st.integers(0, 9)) == 0:
        x = np.full((SHORT, 2), draw(st.sampled_from([2.0, 3.7, 8.9])))
    else:
        x = 3.5 + 0.3 * np.sin(np.arange(SHORT)[:, None] / 15) + rng.normal(size=(SHORT, 2)) * noise
    if draw(st.booleans()):
        at = 0
        for kind, many in draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 20)), max_size=16)):
            here = slice(at, at + many)
            x[here] = {
                "good": x[here],
                "missing": np.nan,
                "zero": 0.0,
                "dip": x[here] * 0.7,
                "spike": x[here] + 1,
                "low": 1.49,
                "huge": 2e6,
                "one eye": np.where([True, False], x[here], np.nan),
            }[kind]
            at += many
    else:
        share = draw(st.sampled_from([0.02, 0.2, 0.5, 0.9, 0.98, 1.0]))
        x[rng.random((SHORT, 2)) < share] = np.nan
    length = draw(st.one_of(st.just(SHORT), st.integers(0, SHORT)))
    blink = (rng.random((SHORT, 2)) < 0.05) & draw(st.booleans()) & (np.arange(SHORT) < length)[:, None]
    return x.astype(np.float32), length, blink


@settings(max_examples=at_most(120), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(hostile(), st.just(60.0), st.sampled_from([DEFAULT, STRICT]))
def test_every_step_on_hostile_trials(
    trial: tuple[np.ndarray, int, np.ndarray], rate_hz: float, recipe: Recipe
) -> None:
    pupil, length, blink = trial
    assert _check_steps(pupil[None], np.array([length], np.int32), blink[None], recipe, rate_hz) == 0


# -------------------------------------------------------------------------------------------------- known disagreements


def test_the_trend_line_of_a_trial_does_not_depend_on_the_padding() -> None:
    rate_hz, n = 250.0, 250
    rng = np.random.default_rng(0)
    x = 3.5 + 0.3 * np.sin(2 * np.pi * 0.7 * np.arange(n) / rate_hz) + rng.normal(size=n) * 0.01
    x[-2:] -= 0.12
    run = jax.jit(lambda t: off_trend(t, mads=16.0, min_share=0.02, cutoff_hz=16.0, passes=4, rate_hz=rate_hz).reason)
    reasons = []
    for samples in (n, 2 * n):
        padded = np.full(samples, np.nan, np.float32)
        padded[:n] = x
        pupil, reason = plain.start(padded, n)
        reasons.append(np.asarray(run(Trace(jnp.asarray(pupil[:, None]), jnp.asarray(reason[:, None]))))[:n, 0])
    np.testing.assert_array_equal(*reasons)


@pytest.mark.parametrize(("order", "cutoff_hz", "rate_hz"), [(8, 8.0, 1000.0), (8, 8.0, 2000.0), (8, 3.0, 1000.0)])
def test_lowpass_of_high_order_at_high_rates(order: int, cutoff_hz: float, rate_hz: float) -> None:
    x = (3.5 + 0.4 * np.sin(np.arange(900) / 150)).astype(np.float32)
    reason = np.zeros(900, np.uint8)
    trace = Trace(jnp.asarray(x[:, None]), jnp.asarray(reason[:, None]))
    ours = in_one_program(lowpass, trace, cutoff_hz=cutoff_hz, order=order, rate_hz=rate_hz)
    theirs, _ = plain.lowpass(x, reason, cutoff_hz=cutoff_hz, order=order, rate_hz=rate_hz)
    np.testing.assert_allclose(np.asarray(ours.values)[:, 0], theirs, atol=1e-4)


def test_a_constant_pupil_is_never_too_fast() -> None:
    x = np.full((250, 1), 3.6, np.float32)
    reason = np.zeros((250, 1), np.uint8)
    x[100:125], reason[100:125] = 0, Reason.MISSING
    trace = Trace(jnp.asarray(x), jnp.asarray(reason))
    span = {"span_ms": KRET.speed_span_ms, "max_gap_ms": 200.0, "rate_hz": 250.0}
    out = jax.jit(lambda trace: too_fast(trace, speed.speeds(trace, **span), mads=16.0, min_per_s=0.0, **span))(trace)
    assert not np.any(np.asarray(out.reason) == Reason.TOO_FAST)
