"""The causal forms of low-pass and filling: against SciPy, and sample by sample."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from smilejax import Reason
from smilejax.preprocess.signal.lowpass import applied, butterworth
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.steps.fill_gaps import fill


def trace_of(x: np.ndarray) -> Trace:
    present = np.isfinite(x)
    reason = np.where(present, np.uint8(Reason.MEASURED), np.uint8(Reason.MISSING))
    return Trace(jnp.asarray(np.where(present, x, 0), jnp.float32), jnp.asarray(reason))


@pytest.mark.parametrize("order", [4, pytest.param(1, marks=pytest.mark.slow), pytest.param(5, marks=pytest.mark.slow)])
def test_the_causal_low_pass_is_scipys_from_rest(order: int) -> None:
    rng = np.random.default_rng(order)
    x = (3.5 + 0.1 * rng.normal(size=(120, 2)).cumsum(axis=0) / 4).astype(np.float32)
    x[40:55, 0] = np.nan
    x[:7, 1] = np.nan
    got = np.asarray(applied(butterworth(order, 4.0, 60.0), trace_of(x), phase="causal").values)
    sos = signal.butter(order, 4.0, fs=60.0, output="sos")
    for lane, segments in ((0, [slice(0, 40), slice(55, 120)]), (1, [slice(7, 120)])):
        for part in segments:
            own = x[part, lane].astype(np.float64)
            wanted, _ = signal.sosfilt(sos, own, zi=signal.sosfilt_zi(sos) * own[0])
            np.testing.assert_allclose(got[part, lane], wanted, atol=2e-6)
    assert (got[~np.isfinite(x)] == 0).all()


def test_the_last_value_is_held_for_so_long() -> None:
    x = np.array([np.nan, 3.0, np.nan, np.nan, 4.0, np.nan, np.nan, np.nan, np.nan, 5.0, np.nan], np.float32)[:, None]
    got = fill(trace_of(x), max_gap_ms=50.0, rate_hz=60.0, method="hold")  # three samples
    np.testing.assert_array_equal(got.values[:, 0], [0, 3, 3, 3, 4, 4, 4, 4, 0, 5, 5])
    filled = np.asarray(got.reason)[:, 0] == Reason.FILLED
    np.testing.assert_array_equal(np.flatnonzero(filled), [2, 3, 5, 6, 7, 10])
    none = fill(trace_of(x), max_gap_ms=0.0, rate_hz=60.0, method="hold")
    np.testing.assert_array_equal(none.values[:, 0], np.nan_to_num(x[:, 0]))
