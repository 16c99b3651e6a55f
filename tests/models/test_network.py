"""The network against plain loops, on input in which order and length matter."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax._util.errors import SettingsError
from smilejax.models import network
from smilejax.settings import ModelSettings

T, C, H = 9, 2, 5
LENGTHS = np.array([9, 4, 1, 7])
VALID = np.arange(T)[None, :] < LENGTHS[:, None]
VALID[3, 2] = False  # a hole in the middle


def by_scan(settings: ModelSettings) -> network.Network:
    """The network by the scan that defines it."""
    return network.Network(network.RecurrentNetwork(settings))


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def plain_step(cell: str, p: dict, h, c, x):
    """One step of a cell, from the textbook, gate by gate."""
    a = x @ p["w_ih"] + p["b_ih"]
    b = h @ p["w_hh"] + p["b_hh"]
    n = h.shape[0]
    if cell == "lstm":
        i, f, g, o = (a + b)[:n], (a + b)[n : 2 * n], (a + b)[2 * n : 3 * n], (a + b)[3 * n :]
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        return sigmoid(o) * jnp.tanh(c), c
    if cell == "gru":
        r, z = sigmoid((a + b)[:n]), sigmoid((a + b)[n : 2 * n])
        return (1 - z) * jnp.tanh(a[2 * n :] + r * b[2 * n :]) + z * h, c
    return jnp.tanh(a + b), c


def plain_logits(settings: ModelSettings, variables: dict, x, valid):
    """The whole network as Python loops over trials and steps; steps that are not valid are skipped."""
    p, out = variables["params"], []
    for row in range(x.shape[0]):
        h, c, outputs = jnp.zeros(settings.hidden), jnp.zeros(settings.hidden), []
        for t in range(x.shape[1]):
            if valid[row, t]:
                scaled = (x[row, t] - variables["standardisation"]["mean"]) / variables["standardisation"]["sd"]
                h, c = plain_step(settings.cell, p["recurrent"]["cell"], h, c, scaled)
                outputs.append(h)
            else:
                outputs.append(jnp.zeros(settings.hidden))
        h1 = sigmoid(jnp.concatenate(outputs) @ p["fc1"]["kernel"] + p["fc1"]["bias"])
        h2 = sigmoid(h1 @ p["fc2"]["kernel"] + p["fc2"]["bias"])
        out.append(h2 @ p["fc3"]["kernel"] + p["fc3"]["bias"])
    return jnp.stack(out)


def case(cell: str, rng: np.random.Generator):
    settings = replace(ModelSettings.report(), cell=cell, hidden=H, dense=(7, 6))
    variables = network.init(settings, samples=T, channels=C, key=jax.random.key(3))
    variables["standardisation"] = {"mean": jnp.array([0.4, -0.2]), "sd": jnp.array([0.7, 1.9])}
    x = jnp.asarray(rng.normal(size=(4, T, C)).astype(np.float32))
    return settings, variables, x


def squares(logits_of):
    """Logits, and the gradient of the sum of their squares in the variables, in one compiled call."""

    @jax.jit
    def both(variables, x):
        def loss(variables):
            logits = logits_of(variables, x)
            return jnp.sum(logits**2), logits

        return jax.grad(loss, has_aux=True)(variables)

    return both


@pytest.mark.parametrize("cell", ["lstm", *(pytest.param(cell, marks=pytest.mark.slow) for cell in ("gru", "rnn"))])
def test_equals_plain_loops_in_values_and_gradients_and_order_matters(cell: str, rng: np.random.Generator) -> None:
    settings, variables, x = case(cell, rng)
    valid, net = jnp.asarray(VALID), by_scan(settings)
    with jax.numpy_rank_promotion("allow"):
        wanted, expected = squares(lambda v, x: plain_logits(settings, v, x, VALID))(variables, x)
    found = squares(lambda v, x: net.apply(v, x, valid))
    gradient, logits = found(variables, x)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    np.testing.assert_allclose(network.logits(variables, x, valid, model=settings), expected, atol=1e-6)
    for path, leaf in jax.tree_util.tree_leaves_with_path(gradient):
        other = wanted
        for key in path:
            other = other[key.key]
        np.testing.assert_allclose(leaf, other, atol=2e-5, err_msg=jax.tree_util.keystr(path))
    _, backwards = found(variables, jnp.where(valid[:, :, None], x[:, ::-1], x))
    assert np.abs(np.asarray(logits - backwards)).max() > 1e-4


def test_padding_changes_neither_logits_nor_gradient(rng: np.random.Generator) -> None:
    settings, variables, x = case("lstm", rng)
    valid, net = jnp.asarray(VALID), by_scan(settings)
    both = squares(lambda v, x: net.apply(v, x, valid))
    first = both(variables, x)
    for filler in (np.nan, np.inf, 1e30, -7.0):
        second = both(variables, jnp.where(valid[:, :, None], x, filler))
        for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True):
            assert np.isfinite(np.asarray(b)).all()
            np.testing.assert_array_equal(a, b)


def test_initial_weights_have_pytorchs_distribution() -> None:
    """Uniform within +-1/sqrt(H) for the cell and +-1/sqrt(inputs) for dense layers, biases too."""
    settings = replace(ModelSettings.report(), hidden=50, dense=(300, 40))
    p = network.init(settings, samples=30, channels=1, key=jax.random.key(0))["params"]
    bounds = {"fc1": 1500**-0.5, "fc2": 300**-0.5, "fc3": 40**-0.5}
    for name, bound in bounds.items():
        for part in ("kernel", "bias"):
            values = np.asarray(p[name][part])
            assert np.abs(values).max() <= bound
            if values.size > 100:
                assert np.abs(values).max() > 0.97 * bound
                assert abs(values.std() - bound / 3**0.5) < 0.1 * bound
    for name, values in p["recurrent"]["cell"].items():
        assert 0.95 * 50**-0.5 < np.abs(np.asarray(values)).max() <= 50**-0.5, name


def test_dropout_scales_and_zeroes_and_is_off_without_a_key(rng: np.random.Generator) -> None:
    h = jnp.ones((200, 50))
    dropped = np.asarray(network.drop(h, 0.2, jax.random.key(0)))
    assert set(np.unique(dropped).round(4)) == {0.0, 1.25}
    assert abs((dropped == 0).mean() - 0.2) < 0.02
    settings, variables, x = case("lstm", rng)
    net, valid = by_scan(settings), jnp.ones(x.shape[:2], bool)
    trained = jax.jit(lambda rate, key: net.apply(variables, x, valid, dropout=rate, key=key))  # a traced rate
    off = jax.jit(lambda rate: net.apply(variables, x, valid, dropout=rate))
    np.testing.assert_array_equal(off(0.5), off(0.0))
    on = [trained(0.5, jax.random.key(k)) for k in (0, 1)]
    assert np.abs(np.asarray(on[0] - on[1])).max() > 0
    np.testing.assert_allclose(trained(0.0, jax.random.key(0)), off(0.0), atol=1e-6)


def test_wrong_input_is_refused_with_its_shape(rng: np.random.Generator) -> None:
    settings, variables, x = case("lstm", rng)
    message = r"variables must fit .* \(8 steps, 2 channels\); params/fc1/kernel is \[45, 7\] instead of \[40, 7\]"
    with pytest.raises(SettingsError, match=message):
        network.logits(variables, x[:, :8], model=settings)
    with pytest.raises(SettingsError, match=r"x must be shaped \[N trials, T steps, C channels\]; it is \[4, 9\]"):
        network.logits(variables, x[:, :, 0], model=settings)
    with pytest.raises(SettingsError, match=r"valid must be bool\[4, 9\]; it is float32\[4, 9\]"):
        network.logits(variables, x, x[:, :, 0], model=settings)
    with pytest.raises(SettingsError, match="params/fc1/bias is absent"):
        network.logits({"params": {}}, x, model=settings)


def test_second_call_compiles_nothing(rng: np.random.Generator) -> None:
    settings, variables, x = case("gru", rng)
    network.logits(variables, x, model=settings)
    compiled = network.logits_program._cache_size()
    network.logits(variables, x + 1, model=settings)
    assert network.logits_program._cache_size() == compiled
