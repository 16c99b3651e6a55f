"""Pupil features against plain loops over the steps of each window."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from classifiers.made_up_trials import baselines, made_up

from smilejax.classifiers import TrialInfo, pupil_features
from smilejax.classifiers.baseline_only import without_response


def plain(x: np.ndarray, valid: np.ndarray, first: int, end: int, rate_hz: float) -> list[float]:
    steps = [t for t in range(first, end) if valid[t]]
    if not steps:
        return [np.nan] * 8
    values = [float(x[t]) for t in steps]
    peak = max(steps, key=lambda t: (x[t], -t))
    least = min(steps, key=lambda t: (x[t], t))
    slope = np.polyfit(np.array(steps) / rate_hz, values, 1)[0] if len(steps) > 1 else np.nan
    return [
        np.mean(values),
        float(x[peak]),
        peak / rate_hz * 1000,
        float(x[least]),
        least / rate_hz * 1000,
        slope,
        sum(values) / rate_hz,
        np.var(values),
    ]


@pytest.mark.parametrize("rate_hz", [20.0, 60.0])
def test_features_are_those_of_plain_loops(rate_hz: float) -> None:
    data = replace(made_up(n=9, steps=30, channels=("left", "mask", "right")), rate_hz=rate_hz)
    valid = np.asarray(data.valid).copy()
    valid[0, :8], valid[1, 9:15], valid[2] = False, False, False
    data = replace(data, valid=jnp.asarray(valid), x=data.x.at[3].set(4.0))  # a flat trial: all steps are peaks
    names, found = pupil_features(data, None)
    windows = [(0, 8), (8, 15), (15, 23), (23, 30), (0, 30)]
    wanted = [
        [v for c in (0, 2) for a, b in windows for v in plain(np.asarray(data.x)[n, :, c], valid[n], a, b, rate_hz)]
        for n in range(9)
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert len(names) == len(set(names)) == 80
    assert names[:2] == (f"left mean, 0 to {8 * 1000 / rate_hz:.0f} ms", f"left peak, 0 to {8 * 1000 / rate_hz:.0f} ms")
    assert names[40 + 32 + 2] == f"right peak latency, 0 to {30 * 1000 / rate_hz:.0f} ms"


def test_windows_and_latencies_are_relative_to_onset() -> None:
    data = made_up(n=4, steps=20)
    names, found = pupil_features(data, None)
    moved, later = pupil_features(replace(data, start_ms=-300.0), None)
    assert names[0] == "fused mean, 0 to 250 ms"
    assert moved[0] == "fused mean, -300 to -50 ms"
    latency = np.array(["latency" in name for name in names])
    np.testing.assert_array_equal(np.asarray(found)[:, ~latency], np.asarray(later)[:, ~latency])
    np.testing.assert_allclose(np.asarray(found)[:, latency] - 300, np.asarray(later)[:, latency], rtol=1e-6)


def test_one_valid_step_has_no_slope() -> None:
    data = made_up(n=4, steps=20)
    valid = jnp.zeros((4, 20), bool).at[:, 7].set(True)
    names, found = pupil_features(replace(data, valid=valid), None)
    whole = dict(zip(names[-8:], np.asarray(found)[0, -8:].tolist(), strict=True))
    assert np.isnan(whole["fused slope, 0 to 1000 ms"])
    assert whole["fused peak latency, 0 to 1000 ms"] == 350
    assert whole["fused variance, 0 to 1000 ms"] == 0


def test_the_baseline_comes_first_where_known() -> None:
    data = made_up()
    names, found = pupil_features(data, baselines(data))
    assert names[0] == "baseline"
    np.testing.assert_array_equal(found[:, 0], baselines(data))
    np.testing.assert_array_equal(found[:, 1:], pupil_features(data, None)[1])


def test_what_is_known_without_the_response() -> None:
    data, length_ms = made_up(), np.arange(24, dtype=np.float32)
    np.testing.assert_array_equal(
        without_response(TrialInfo(data, baselines(data), length_ms)),
        np.stack([length_ms, np.asarray(data.proportion_valid), baselines(data)], axis=1),
    )
    assert without_response(TrialInfo(data, None, length_ms)).shape == (24, 2)
