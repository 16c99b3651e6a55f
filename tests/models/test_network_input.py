"""What a network is given, against a plain loop."""

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import pytest
from helpers.compilations import in_one_program

from smilejax import ModelSettings
from smilejax.models import network
from smilejax.models.network_input import network_input

B, T, C = 3, 23, 2


def trials(seed: int = 0) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    x, valid = rng.normal(size=(B, T, C)).astype(np.float32), rng.random((B, T)) > 0.3
    valid[1, 15:] = False  # a shorter trial
    x[~valid] = np.nan
    return x, valid


def plain(x: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], k: int) -> tuple[np.ndarray, np.ndarray]:
    velocity, there = np.zeros_like(x), np.zeros_like(valid)
    for i in range(len(x)):
        for t in range(x.shape[1]):
            after = [x[i, s] for s in range(t, min(t + k, x.shape[1])) if valid[i, s]]
            before = [x[i, s] for s in range(max(t - k, 0), t) if valid[i, s]]
            if after and before:
                velocity[i, t], there[i, t] = np.mean(after, axis=0) - np.mean(before, axis=0), True
    return velocity, there


@pytest.mark.parametrize("steps", [1, 4, T + 5])
def test_velocity(steps: int) -> None:
    x, valid = trials()
    found, there = network_input(jnp.asarray(x), jnp.asarray(valid), steps)
    expected, expected_there = plain(x, valid, steps)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(there, expected_there)
    assert not there[:, 0].any()


def test_samples() -> None:
    x, valid = trials()
    found, there = network_input(jnp.asarray(x), jnp.asarray(valid), 0)
    np.testing.assert_array_equal(found, np.where(valid[:, :, None], x, 0))
    np.testing.assert_array_equal(there, valid)


def test_a_steady_change_has_its_own_velocity_and_a_level_has_none() -> None:
    ramp = jnp.arange(T, dtype=jnp.float32)[None, :, None] * 0.5 + 7.0
    found, there = network_input(ramp, jnp.ones((1, T), bool), 4)
    np.testing.assert_allclose(found[0, 4:-4, 0], 2.0, atol=1e-6)  # four steps lie between the middles of the two means
    assert there[0, 1:].all()


def logits_of(model: ModelSettings, x: npt.ArrayLike, valid: npt.ArrayLike) -> np.ndarray:
    variables = network.init(model, samples=T, channels=C, key=jax.random.key(0))
    net = network.network_of(model)
    return np.asarray(
        in_one_program(lambda x, valid: net.apply(variables, x, valid), jnp.asarray(x), jnp.asarray(valid))
    )


def test_a_network_of_velocities_does_not_see_a_level_and_the_reports_does() -> None:
    x, valid = trials()
    sizes = {"hidden": 3, "dense": (5, 4)}
    velocity = ModelSettings(**sizes, velocity_steps=4, pool_steps=5)
    np.testing.assert_allclose(logits_of(velocity, x + 3, valid), logits_of(velocity, x, valid), atol=1e-5)
    samples = ModelSettings(**sizes, velocity_steps=0, pool_steps=5)
    assert np.abs(logits_of(samples, x + 3, valid) - logits_of(samples, x, valid)).max() > 1e-3


def test_means_over_steps() -> None:
    """Hidden states by a step of their own, averaged by hand, through the dense layers by hand."""
    x, valid = trials()
    flat, pooled = (ModelSettings(hidden=3, dense=(5, 4), velocity_steps=0, pool_steps=p) for p in (1, 5))
    variables = network.init(pooled, samples=T, channels=C, key=jax.random.key(0))
    assert variables["params"]["fc1"]["kernel"].shape == (5 * 3, 5)  # type: ignore[index]
    module = network.network_of(flat).module
    clean = jnp.where(valid[:, :, None], x, 0.0)
    hidden = np.asarray(
        module.apply({"params": variables["params"]}, clean, jnp.asarray(valid), method=type(module)._over_time)
    )
    means = np.stack([np.pad(hidden, ((0, 0), (0, 2), (0, 0)))[:, 5 * p : 5 * p + 5].mean(1) for p in range(5)], 1)
    h = means.reshape(B, -1)
    for layer in ("fc1", "fc2"):
        part = variables["params"][layer]  # type: ignore[index]
        h = 1 / (1 + np.exp(-(h @ np.asarray(part["kernel"]) + np.asarray(part["bias"]))))
    last = variables["params"]["fc3"]  # type: ignore[index]
    found = network.logits(variables, x, valid, model=pooled)
    np.testing.assert_allclose(found, h @ np.asarray(last["kernel"]) + np.asarray(last["bias"]), atol=1e-5)
