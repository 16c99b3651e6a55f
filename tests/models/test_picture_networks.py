"""Networks of crops: against plain NumPy and Flax's own cells, over runs, over time, and with frames that are not there."""

from dataclasses import replace
from functools import cache, partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.compilations import in_one_program

from smilejax import ModelSettings, logits, register_network
from smilejax._util.errors import SettingsError
from smilejax.models import network
from smilejax.models.convolution import ProductConvLSTMCell, SameConv, patches
from smilejax.models.network_input import crops_input

CNN = replace(ModelSettings.crops(), hidden=2, dense=(5, 4))
CONVLSTM = replace(CNN, network="convlstm")
BOTH = pytest.mark.parametrize("settings", [CNN, CONVLSTM], ids=lambda one: one.network)
RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (3, 4, 16, 16, 3)).astype(np.uint8)
VALID = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], bool)


@cache
def variables(settings: ModelSettings) -> network.Variables:
    """Fresh ones, whose standardisation changes something, and so do their biases."""
    made = network.init(settings, samples=4, channels=3, side=16, key=jax.random.key(0))
    params = jax.tree.map(lambda leaf: leaf + 0.05, made["params"])
    return {
        "params": params,
        "standardisation": {"mean": jnp.array([0.4, 0.5, 0.6]), "sd": jnp.array([0.2, 0.3, 0.25])},
    }


def plain_conv(x: np.ndarray, layer: dict[str, np.ndarray]) -> np.ndarray:
    """A convolution pixel by pixel, of one picture."""
    kernel, bias = np.asarray(layer["kernel"], np.float64), np.asarray(layer["bias"], np.float64)
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    found = np.zeros((*x.shape[:2], kernel.shape[3]))
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            around = padded[row : row + 3, column : column + 3]
            found[row, column] = np.tensordot(around, kernel, axes=3) + bias
    return found


def plain_means(x: np.ndarray, by: int) -> np.ndarray:
    rows = [x[at : at + by].mean(0) for at in range(0, x.shape[0], by)]
    return np.stack([np.stack([row[at : at + by].mean(0) for at in range(0, x.shape[1], by)]) for row in rows])


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def plain_features(frames: list[np.ndarray], settings: ModelSettings, p: dict) -> np.ndarray:
    """What goes to the dense layers, of the valid frames of one trial."""
    if settings.network == "cnn":
        found = []
        for h in frames:
            for stage in (1, 2, 3):
                h = plain_means(np.maximum(plain_conv(h, p[f"conv{stage}"]), 0), 2)
            found.append(h.ravel())
        return np.mean(found, 0) if found else np.zeros(2 * 2 * 8)
    c = h = np.zeros((8, 8, 2))
    for frame in frames:
        x = plain_means(np.maximum(plain_conv(frame, p["conv1"]), 0), 2)
        cell = p["recurrent"]["cell"]
        i, g, f, o = np.split(plain_conv(x, cell["ih"]) + plain_conv(h, cell["hh"]), 4, axis=-1)
        c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return plain_means(h, 4).ravel()


@BOTH
def test_logits_are_those_of_plain_numpy(settings: ModelSettings) -> None:
    made = variables(settings)
    p = jax.tree.map(np.asarray, made["params"])
    mean, sd = (np.asarray(made["standardisation"][name]) for name in ("mean", "sd"))
    expected = []
    for trial, valid in zip(X, VALID, strict=True):
        h = plain_features([(frame / 255 - mean) / sd for frame in trial[valid]], settings, p)
        for layer in ("fc1", "fc2"):
            h = np.maximum(h @ p[layer]["kernel"] + p[layer]["bias"], 0)
        expected.append(h @ p["fc3"]["kernel"] + p["fc3"]["bias"])
    found = logits(made, X, VALID, model=settings)
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.ptp(np.asarray(found)) > 0.01


def test_convolution_and_cell_are_those_of_flax() -> None:
    x, key = jnp.asarray(RNG.normal(size=(2, 6, 8, 3)), jnp.float32), jax.random.key(1)
    ours, theirs = SameConv(5), nn.Conv(5, (3, 3))
    own, flax = ProductConvLSTMCell(4, (3, 3)), nn.ConvLSTMCell(4, (3, 3))
    carry = tuple(jnp.asarray(RNG.normal(size=(2, 6, 8, 4)), jnp.float32) for _ in range(2))

    def all_of(conv: nn.Module, cell: nn.Module, x: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple:
        p, q = conv.init(key, x), cell.init(key, carry, x)
        return p, q, conv.apply(p, x), cell.apply(q, carry, x)

    made, expected = (
        in_one_program(all_of_theirs, x, carry)
        for all_of_theirs in (partial(all_of, ours, own), partial(all_of, theirs, flax))
    )
    assert jax.tree.structure(made) == jax.tree.structure(expected)
    for one, other in zip(jax.tree.leaves(made), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_patches_lie_row_by_row() -> None:
    x = jnp.arange(9.0).reshape(1, 3, 3, 1)
    found = np.asarray(patches(x))[0]
    assert found[1, 1].tolist() == list(range(9))
    assert found[0, 0].tolist() == [0, 0, 0, 0, 0, 1, 0, 3, 4]


def test_the_order_of_frames_counts_for_convlstm_alone() -> None:
    for settings, counts in ((CNN, False), (CONVLSTM, True)):
        made, every = variables(settings), np.ones((3, 4), bool)
        forth, back = (np.asarray(logits(made, x, every, model=settings)) for x in (X, X[:, ::-1]))
        assert (np.abs(forth - back).max() > 1e-3) == counts


@BOTH
def test_frames_that_are_not_valid_change_nothing(settings: ModelSettings) -> None:
    made = variables(settings)
    other = np.where(VALID[:, :, None, None, None], X, 255 - X)
    np.testing.assert_array_equal(logits(made, X, VALID, model=settings), logits(made, other, VALID, model=settings))

    def loss(x: jax.Array) -> jax.Array:
        return network.network_of(settings).apply(made, x, jnp.asarray(VALID)).sum()

    slope = np.asarray(in_one_program(jax.grad(loss), jnp.where(VALID[:, :, None, None, None], X / 255.0, jnp.nan)))
    assert np.isfinite(slope).all()
    assert not slope[~VALID].any()
    assert slope[VALID].any()


@BOTH
def test_vmapped_over_parameters_is_the_loop(settings: ModelSettings) -> None:
    """Runs of a group: a convolution would become a grouped one, which this machine's XLA has computed wrongly before."""
    made = [jax.tree.map(lambda leaf, by=by: leaf * by, variables(settings)) for by in (1.0, 0.9, 1.2)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *made)
    one = network.network_of(settings).apply
    together = jax.jit(jax.vmap(lambda v: one(v, jnp.asarray(X), jnp.asarray(VALID))))(stacked)
    for found, alone in zip(together, made, strict=True):
        np.testing.assert_allclose(found, logits(alone, X, VALID, model=settings), atol=1e-5)


def test_eight_bits_are_from_0_to_1() -> None:
    found = crops_input(jnp.asarray([0, 51, 255], jnp.uint8).reshape(1, 1, 1, 1, 3), jnp.ones((1, 1), bool))
    np.testing.assert_allclose(np.asarray(found).ravel(), [0, 0.2, 1])


@pytest.mark.parametrize(
    ("settings", "side", "expected"),
    [
        (CNN, 0, "the network is given crops whose sides are multiples of 8 pixels; these trials are 3 channels"),
        (CNN, 20, "these trials are crops of 20 x 20 pixels"),
        (ModelSettings(), 16, "the network is given channels, and no crops; these trials are crops of 16 x 16"),
    ],
)
def test_trials_of_another_shape(settings: ModelSettings, side: int, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        network.init(settings, samples=4, channels=3, side=side, key=jax.random.key(0))


def test_variables_of_another_size_and_names_that_are_taken() -> None:
    made = variables(CNN)
    with pytest.raises(SettingsError, match=r"x must be shaped \[N trials, T steps, S pixels, S pixels, 3 colours\]"):
        logits(made, X[..., 0], model=CNN)
    wrong = jax.eval_shape(lambda: network.init(CNN, samples=4, channels=3, side=24, key=jax.random.key(0)))
    with pytest.raises(
        SettingsError, match=r"crops of 16 x 16 pixels\); params/fc1/kernel is \[72, 5\] instead of \[32, 5\]"
    ):
        logits(wrong, X, model=CNN)
    with pytest.raises(SettingsError, match="there is a network cnn already"):
        register_network("cnn", lambda settings: nn.Dense(2), overwrite=True)
