"""Every preprocessing step, run over every kind of trial and rate. A step entered in the table is tested by being there."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax.preprocess.baseline import subtract_baseline
from smilejax.preprocess.eyes import fuse, select
from smilejax.preprocess.filling import fill_linear
from smilejax.preprocess.lowpass import lowpass
from smilejax.preprocess.marking import out_of_range, start
from smilejax.preprocess.resampling import resample
from smilejax.preprocess.trace import Reason, Trace

Step = Callable[[Trace, float], Trace]

STEPS: dict[str, Step] = {
    "out_of_range": lambda t, rate: out_of_range(t, 1.5, 9.0),
    "fuse": lambda t, rate: fuse(t),
    "select": lambda t, rate: select(t, ("right", "fused", "left")),
    "fill 250 ms": lambda t, rate: fill_linear(t, max_gap_ms=250.0, rate_hz=rate),
    "fill all": lambda t, rate: fill_linear(t, max_gap_ms=float("inf"), rate_hz=rate),
    "lowpass": lambda t, rate: lowpass(t, cutoff_hz=4.0, order=4, rate_hz=rate),
    "resample down": lambda t, rate: resample(t, rate_hz=rate, target_hz=20.0, cutoff_hz=None),
    "resample up": lambda t, rate: resample(t, rate_hz=rate, target_hz=rate * 1.5, cutoff_hz=None),
    "baseline": lambda t, rate: subtract_baseline(t, baseline_ms=200.0, rate_hz=rate)[0],
}
RATES = (60.0, 1000.0)


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


@pytest.mark.parametrize("name", STEPS)
def test_no_trial_breaks_a_step(name: str) -> None:
    """Finite everywhere, zero where nothing is present, reasons from the enum; for all kinds of trial at all rates."""
    for rate in RATES:
        trials = _degenerate(rate)
        pupil = jnp.asarray(np.stack([p for p, _ in trials.values()]))
        length = jnp.asarray([n for _, n in trials.values()], jnp.int32)
        out = jax.jit(jax.vmap(lambda p, n, r=rate: STEPS[name](start(p, n), r)))(pupil, length)
        for row, kind in enumerate(trials):
            value, reason, present = (np.asarray(a)[row] for a in (out.pupil, out.reason, out.present))
            assert np.isfinite(value).all(), f"{kind} at {rate} Hz"
            assert (value[~present] == 0).all(), f"{kind} at {rate} Hz"
            assert set(np.unique(reason)) <= {int(r) for r in Reason}, f"{kind} at {rate} Hz"


@pytest.mark.parametrize("name", STEPS)
def test_a_trial_alone_equals_the_trial_among_others(name: str) -> None:
    """No step looks at another trial: vmapped and alone give the same, whatever the neighbours hold."""
    trials = _degenerate(60.0)
    one = jax.jit(lambda p, n: STEPS[name](start(p, n), 60.0))
    pupil = jnp.asarray(np.stack([p for p, _ in trials.values()]))
    length = jnp.asarray([n for _, n in trials.values()], jnp.int32)
    together = jax.jit(jax.vmap(one))(pupil, length)
    for row in range(len(trials)):
        alone = one(pupil[row], length[row])
        np.testing.assert_allclose(np.asarray(together.pupil)[row], alone.pupil, atol=2e-6, err_msg=KINDS[row])
        np.testing.assert_array_equal(np.asarray(together.reason)[row], alone.reason, err_msg=KINDS[row])


@pytest.mark.parametrize("name", STEPS)
def test_what_lies_behind_the_trial_does_not_matter(name: str) -> None:
    """Padding may hold anything, NaN included."""
    wave = _wave(60.0)
    step = jax.jit(lambda p, n: STEPS[name](start(p, n), 60.0))
    outs = []
    for filler in (0.0, np.nan, 5.0, -1.0):
        padded = wave.copy()
        padded[70:] = filler
        outs.append(step(jnp.asarray(padded), jnp.int32(70)))
    for other in outs[1:]:
        np.testing.assert_array_equal(outs[0].pupil, other.pupil)
        np.testing.assert_array_equal(outs[0].reason, other.reason)


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


@pytest.mark.parametrize("name", ["out_of_range", "fill 250 ms", "fill all", "baseline", "lowpass"])
def test_same_physical_trial_same_mask_at_every_rate(name: str) -> None:
    """Thresholds are times, not counts of samples: present samples agree at 60 to 1000 Hz to within one 60 Hz frame."""
    gaps_ms = ((300, 430), (700, 1000), (1500, 1690))
    masks = {}
    for rate in (60.0, 250.0, 1000.0):
        wave = _wave(rate)
        t_ms = np.arange(len(wave)) * 1000 / rate
        for low, high in gaps_ms:
            wave[(t_ms >= low) & (t_ms < high)] = np.nan
        step = jax.jit(lambda p, n, r=rate: STEPS[name](start(p, n), r))
        out = step(jnp.asarray(wave), jnp.int32(len(wave)))
        at = np.round(np.arange(120) / 60 * rate).astype(int).clip(max=len(wave) - 1)
        masks[rate] = np.asarray(out.present)[at, 0]
    for rate in (250.0, 1000.0):
        differing = np.flatnonzero(masks[rate] != masks[60.0])
        edges = np.flatnonzero(np.diff(masks[60.0].astype(int)))
        assert all(np.min(np.abs(edges - d)) <= 1 for d in differing), (name, rate, differing)
