"""Impulse responses and what is fitted with them, against SciPy and against what was put in."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from smilejax.preprocess.reasons import Reason
from smilejax.preprocess.signal.deconvolution import drive
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.steps.blink_response import take_out_blink_response
from smilejax.simulate.responses import blink_response, pupil_response


def test_the_blink_response_has_its_trough_and_peak() -> None:
    time_ms = np.arange(8001.0)
    response = np.asarray(blink_response(jnp.asarray(time_ms, jnp.float32)))
    assert response[0] == 0
    assert response.min() == pytest.approx(-1, abs=1e-5)
    assert time_ms[response.argmin()] == pytest.approx(843, abs=2)
    assert time_ms[response.argmax()] == pytest.approx(2578, abs=3)
    assert abs(response[-1]) < 1e-3


@pytest.mark.parametrize("absent", [False, True])
def test_the_drive_equals_non_negative_least_squares(absent: bool, rng: np.random.Generator) -> None:
    """SciPy solves the same problem with the level as two columns; what is fitted is compared, since drives are not unique."""
    rate_hz, samples = 20.0, 100
    time_ms = np.arange(samples) * 1000 / rate_hz
    h = np.array([np.asarray(pupil_response(jnp.asarray(time_ms - t, jnp.float32), 930.0)) for t in time_ms]).T
    pulses = np.zeros(samples)
    pulses[[10, 11, 40, 63]] = 0.2, 0.1, 0.3, 0.15
    x = 3.5 + h @ pulses + rng.normal(size=samples) * 0.01
    present = np.ones(samples, bool)
    present[50:58] = not absent
    ours = np.asarray(
        jax.jit(lambda x, p: drive(x, p, rate_hz=rate_hz))(jnp.asarray(x, jnp.float32), jnp.asarray(present)),
        np.float64,
    )
    design = np.column_stack([h, np.ones(samples), -np.ones(samples)])[present]
    best = optimize.nnls(design, x[present])[0]
    assert (ours >= 0).all()
    fitted = h @ ours
    fitted += (x - fitted)[present].mean()
    theirs = design @ best
    np.testing.assert_allclose(fitted[present], theirs, atol=2e-3)
    misfit = np.sqrt(np.mean((fitted[present] - x[present]) ** 2))
    assert misfit < 1.02 * np.sqrt(np.mean((theirs - x[present]) ** 2))


def test_the_response_that_was_put_in_is_taken_out() -> None:
    rate_hz, samples = 60.0, 600
    blink = np.zeros(samples, bool)
    blink[[60, 61, 62, 300, 301]] = True
    lag_ms = np.arange(samples) * 1000 / rate_hz
    put_in = np.zeros(samples)
    for end in (63, 302):
        put_in[end:] += 0.1 * np.asarray(blink_response(jnp.asarray(lag_ms[: samples - end], jnp.float32)))
    clean = 3.5 + 0.0002 * np.arange(samples)
    x = np.stack([clean + put_in, clean], axis=1).astype(np.float32)
    trace = Trace(jnp.asarray(x), jnp.full(x.shape, Reason.MEASURED.code))
    out, sizes = jax.jit(lambda t, b: take_out_blink_response(t, b, rate_hz=rate_hz))(trace, jnp.asarray(blink))
    np.testing.assert_allclose(sizes, [0.1, 0.0], atol=2e-4)
    np.testing.assert_allclose(out.values, np.stack([clean, clean], axis=1), atol=1e-3)
