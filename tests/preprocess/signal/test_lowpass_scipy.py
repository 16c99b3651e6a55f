"""The low-pass against SciPy's zero-phase filter, segment by segment."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.compilations import in_one_program
from scipy import signal

from smilejax.preprocess.reasons import Reason
from smilejax.preprocess.signal.lowpass import lowpass
from smilejax.preprocess.signal.trace import Trace


@pytest.mark.parametrize(
    ("rate_hz", "order", "cutoff_hz"),
    [
        (60.0, 4, 4.0),
        (60.0, 3, 4.0),
        (60.0, 1, 10.0),
        (250.0, 2, 4.0),
        (1000.0, 4, 4.0),
        (1000.0, 8, 8.0),
        (2000.0, 4, 0.5),
    ],
)
def test_equals_scipy_on_every_segment(rate_hz: float, order: int, cutoff_hz: float, rng: np.random.Generator) -> None:
    """Segments from 1 sample up, at the ends and in the middle; SciPy gets each with the longest extension it takes."""
    samples = 700
    x = (4 + rng.normal(size=(samples, 3)).cumsum(axis=0) * 0.02).astype(np.float32)
    present = np.ones((samples, 3), bool)
    present[100:140, 0] = present[300, 0] = present[302, 0] = False
    present[:10, 1] = present[500:, 1] = False
    reason = np.where(present, Reason.MEASURED, Reason.MISSING).astype(np.uint8)
    trace = Trace(jnp.asarray(np.where(present, x, 0)), jnp.asarray(reason))
    ours = jax.jit(lambda t: lowpass(t, cutoff_hz=cutoff_hz, order=order, rate_hz=rate_hz))(trace)

    sections = signal.butter(order, cutoff_hz, fs=rate_hz, output="sos")
    theirs = np.zeros_like(x)
    for lane in range(3):
        edges = np.flatnonzero(np.diff(np.r_[0, present[:, lane], 0]))
        for first, end in edges.reshape(-1, 2):
            part = x[first:end, lane].astype(np.float64)
            theirs[first:end, lane] = signal.sosfiltfilt(sections, part, padlen=end - first - 1)
    np.testing.assert_allclose(ours.values, theirs, atol=1e-4)
    np.testing.assert_array_equal(ours.reason, reason)


def test_nothing_crosses_a_gap(rng: np.random.Generator) -> None:
    x = (4 + rng.normal(size=(200, 1)) * 0.1).astype(np.float32)
    reason = np.zeros((200, 1), np.uint8)
    reason[80:120] = Reason.MISSING
    run = jax.jit(lambda p, r: lowpass(Trace(p, r), cutoff_hz=4.0, order=4, rate_hz=60.0).values)
    before = run(jnp.asarray(np.where(reason == 0, x, 0)), jnp.asarray(reason))
    x[120:] += 3.0
    after = run(jnp.asarray(np.where(reason == 0, x, 0)), jnp.asarray(reason))
    np.testing.assert_allclose(before[:80], after[:80], atol=1e-5)
    np.testing.assert_allclose(before[120:] + 3.0, after[120:], atol=1e-5)


def test_a_constant_stays_itself_and_a_ripple_goes() -> None:
    t = np.arange(600) / 60
    slow, fast = np.sin(2 * np.pi * 0.5 * t), np.sin(2 * np.pi * 15 * t + 0.7)
    x = np.stack([np.full(600, 4.0), 4 + slow, 4 + fast], axis=1).astype(np.float32)
    out = in_one_program(
        lowpass, Trace(jnp.asarray(x), jnp.zeros(x.shape, jnp.uint8)), cutoff_hz=4.0, order=4, rate_hz=60.0
    )
    np.testing.assert_allclose(out.values[:, 0], 4.0, atol=1e-6)
    np.testing.assert_allclose(out.values[60:-60, 1], 4 + slow[60:-60], atol=0.01)
    np.testing.assert_allclose(out.values[60:-60, 2], 4.0, atol=0.01)
