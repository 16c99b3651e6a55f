"""Other implementations on the same input: the plain reference, SciPy, PupillometryR, Python packages for pupils."""

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy import interpolate, signal

import smilejax
from cleaning import peers
from cleaning.against_truth import RAW, cleaned_on_host
from cleaning.plain import ROOT, plain_cleaning
from cleaning.tables import heading, table
from smilejax import Reason, Recipe, SimulationSettings, Trials, clean, simulate_study
from smilejax.preprocess.recipe import RECIPES
from smilejax.preprocess.signal.lowpass import lowpass
from smilejax.preprocess.signal.resampling import resample
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.steps.fill_gaps import fill

REAL = ROOT.parent / "shared" / "data" / "pupillometryr"
TOLERANCE_MM = 1e-4


def run(trials: int, seed: int) -> None:
    """Print the tables of this section."""
    heading(
        "Independent implementations",
        "The largest difference in mm between what smilejax gives and what another implementation gives on the same input. "
        f"Comparable ones are to agree to {TOLERANCE_MM:g} mm; what differs by definition is listed below them.",
    )
    few = max(10, min(trials, 100))
    study = simulate_study(
        SimulationSettings(participants=few // 10, smilers=5, rate_hz=60.0), key=jax.random.key(seed)
    )
    fast = simulate_study(SimulationSettings(participants=2, smilers=5, rate_hz=500.0), key=jax.random.key(seed))
    both = (study.trials, fast.trials)
    same = [row for rows in (_plain_rows, _scipy_rows) for trials_of_rate in both for row in rows(trials_of_rate)]
    same += _pupillometryr_rows()
    table(
        ["what", "against", "values", "largest difference, mm", f"within {TOLERANCE_MM:g}"],
        [[what, by, f"{n}", f"{d:.1e}", "yes" if d <= TOLERANCE_MM else "**no**"] for what, by, n, d in same],
        text=2,
    )
    print("\n**Not the same by definition**")
    table(
        ["what", "against", "why", "root mean square difference, mm", "largest, mm"],
        [[what, by, why, f"{rms:.1e}", f"{most:.1e}"] for what, by, why, rms, most in _differing_rows(study.trials)],
        text=3,
    )
    peers.compare(max(10, min(trials, 300)), seed)


Row = tuple[str, str, int, float]


def _plain_rows(trials: Trials) -> list[Row]:
    """Whole recipes against the plain reference; samples whose marks differ are counted, and their trials left out."""
    plain, rows = plain_cleaning(), []
    for name in RECIPES:
        recipe = Recipe.named(name)
        ours = cleaned_on_host(trials, recipe)
        unlike, most, values = 0, 0.0, 0
        for i in range(len(trials)):
            theirs = plain.plain_clean(trials.pupil[i], int(trials.length[i]), recipe, rate_hz=trials.rate_hz)
            differing = np.count_nonzero(ours.marked[i] != theirs["marked"])
            unlike += differing
            if not differing:
                most = max(most, float(np.abs(ours.values[i] - theirs["pupil"]).max()))
                values += theirs["pupil"].size
        marks = f"{unlike} of {ours.marked.size} marks differ"
        rows.append((f"recipe `{name}`, {trials.rate_hz:g} Hz: {marks}", "the plain reference", values, most))
    return rows


def _fused(trials: Trials) -> tuple[np.ndarray, np.ndarray]:
    """`[T, N]` values and reasons of the fused pupil as marked by `default`, not filled."""
    bare = replace(Recipe(), max_gap_ms=0.0, **RAW)
    cleaned = cleaned_on_host(trials, bare)
    return cleaned.values[..., 0].T, cleaned.reason[..., 0].T


def _scipy_rows(trials: Trials) -> list[Row]:
    x, reason = _fused(trials)
    rate_hz, present = trials.rate_hz, (reason == Reason.MEASURED) | (reason == Reason.FROM_OTHER_EYE)
    trace = Trace(jnp.asarray(x), jnp.asarray(reason))
    t = np.arange(len(x))
    filled = {
        method: np.asarray(fill(trace, max_gap_ms=np.inf, rate_hz=rate_hz, method=method).values)
        for method in ("linear", "pchip")
    }
    linear, cubic = np.zeros_like(x), np.zeros_like(x)
    for lane in range(x.shape[1]):
        at = np.flatnonzero(present[:, lane])
        linear[:, lane] = np.interp(t, at, x[at, lane])
        cubic[:, lane] = interpolate.PchipInterpolator(at, x[at, lane].astype(np.float64))(t.clip(at[0], at[-1]))
    ours = np.asarray(lowpass(trace, cutoff_hz=4.0, order=4, rate_hz=rate_hz).values)
    theirs = _by_segment(x, present, rate_hz)
    rows = [
        ("low-pass 4 Hz, order 4, every segment", "SciPy `sosfiltfilt`, `padlen=n-1`", (ours - theirs)[present]),
        ("filling on lines", "NumPy `interp`", filled["linear"] - linear),
        ("filling by monotone cubics", "SciPy `PchipInterpolator`", filled["pchip"] - cubic),
    ]
    return [(f"{what}, {rate_hz:g} Hz", by, d.size, _most(d)) for what, by, d in rows]


def _by_segment(x: np.ndarray, present: np.ndarray, rate_hz: float) -> np.ndarray:
    sections = signal.butter(4, 4.0, fs=rate_hz, output="sos")
    out = np.zeros_like(x)
    for lane in range(x.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], present[:, lane], [False]))))
        for first, end in edges.reshape(-1, 2):
            part = x[first:end, lane].astype(np.float64)
            out[first:end, lane] = signal.sosfiltfilt(sections, part, padlen=end - first - 1)
    return out


def _pupillometryr_rows() -> list[Row]:
    if not (REAL / "reference.csv.gz").exists():
        print("\nPupillometryR's reference is not here and is left out.")
        return []
    import pandas as pd

    trials = real_trials()
    theirs = pd.read_csv(REAL / "reference.csv.gz")
    by_trial = {(str(i), t): rows.sort_values("Time") for (i, t), rows in theirs.groupby(["ID", "Trial"])}
    order = list(zip(trials.participant, trials.trial, strict=True))
    steps = {
        "mean of the eyes": ("mean", replace(Recipe.report(), max_gap_ms=0.0)),
        "... gaps filled on lines": ("interp", Recipe.report()),
        "... less the mean of the first 100 ms": ("baselined", replace(Recipe.report(), baseline_ms=100.0)),
    }
    rows = []
    for what, (column, recipe) in steps.items():
        ours = np.asarray(clean(trials, recipe).trace.values)[..., 0]
        reference = np.stack([by_trial[name][column].to_numpy(np.float64) for name in order])
        known = np.isfinite(reference)
        difference = (ours - reference)[known]
        rows.append((f"real recording, {what}", "PupillometryR 0.0.5, run in R", difference.size, _most(difference)))
    return rows


def real_trials() -> Trials:
    """PupillometryR's sample data, where it is."""
    return smilejax.read(Path(REAL / "pupil_data.csv"), smilejax.ReadSettings(classes=("Easy", "Hard")))


def _differing_rows(trials: Trials) -> list[tuple[str, str, str, float, float]]:
    """What others do otherwise on purpose, on trials with all gaps filled."""
    x, reason = _fused(trials)
    whole = fill(Trace(jnp.asarray(x), jnp.asarray(reason)), max_gap_ms=np.inf, rate_hz=60.0)
    raw = np.asarray(whole.values)
    smooth = lowpass(whole, cutoff_hz=4.0, order=4, rate_hz=60.0)
    sections = signal.butter(4, 4.0, fs=60.0, output="sos")
    usual = signal.sosfiltfilt(sections, raw.astype(np.float64), axis=0)
    cut = 60
    after = {hz: np.asarray(resample(smooth, rate_hz=60.0, target_hz=hz, cutoff_hz=4.0).values) for hz in (20.0, 25.0)}
    alone = np.asarray(resample(whole, rate_hz=60.0, target_hz=20.0, cutoff_hz=None).values)
    level = raw.mean(axis=0)
    poly = signal.resample_poly(np.asarray(smooth.values, np.float64) - level, 5, 12, axis=0, padtype="line") + level
    decimated = signal.decimate(raw.astype(np.float64) - level, 3, axis=0, zero_phase=True) + level
    edges = np.asarray(smooth.values) - usual
    rows = [
        (
            "low-pass, first and last second",
            "`sosfiltfilt`, its default `padlen`",
            "it extends a segment by 15 samples at either end, we by the whole segment",
            np.concatenate([edges[:cut], edges[-cut:]]),
        ),
        ("low-pass, all between", "the same", "nothing: the extension has died away", edges[cut:-cut]),
        (
            "60 to 20 Hz after the low-pass",
            "every third sample",
            "nothing: new samples fall on old ones",
            after[20.0] - np.asarray(smooth.values)[::3],
        ),
        (
            "60 to 25 Hz after the low-pass, without the first and last second",
            "SciPy `resample_poly`, 5 / 12",
            "straight lines between samples, against an interpolating filter",
            (after[25.0] - poly)[25:-25],
        ),
        (
            "60 to 20 Hz without a low-pass, without the first and last second",
            "SciPy `decimate`, zero-phase, on the trace less its mean",
            "Butterworth against Chebyshev, of order 8 to .8 of the new Nyquist frequency; Chebyshev's ripple takes 1.1% off "
            "a constant, hence less the mean",
            (alone - decimated)[cut // 3 : -cut // 3],
        ),
    ]
    return [(what, by, why, float(np.sqrt(np.mean(d.astype(np.float64) ** 2))), _most(d)) for what, by, why, d in rows]


def _most(difference: np.ndarray) -> float:
    return float(np.abs(difference).max())
