"""Any Flax module can take the network's place, by a name."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import ModelSettings, register_network
from smilejax._util.errors import SettingsError
from smilejax.models import network
from smilejax.models.network import drop


class Mean(nn.Module):
    """Logits from each channel's mean over valid steps, and from a constant by which two of them differ."""

    constant: float = 0.0

    @nn.compact
    def __call__(self, x, valid, *, dropout=0.0, key=None):
        mean = x.sum(1) / valid.sum(1, keepdims=True).astype(x.dtype)
        if key is not None:
            mean = drop(mean, dropout, key)
        return nn.Dense(2)(mean) + self.constant


class WithStatistics(nn.Module):
    @nn.compact
    def __call__(self, x, valid):
        return nn.BatchNorm(use_running_average=False)(nn.Dense(2)(x.sum(1)))


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_FACTORIES", {network.RECURRENT: network._FACTORIES[network.RECURRENT]})


@pytest.mark.usefixtures("registered")
def test_a_registered_network_is_standardised_masked_and_dropped(rng: np.random.Generator) -> None:
    register_network("mean", lambda settings: Mean())
    assert network.networks() == ("recurrent", "mean")
    settings = ModelSettings(network="mean", velocity_steps=0)
    net = network.network_of(settings)
    variables = network.init(settings, samples=6, channels=2, key=jax.random.key(0))
    variables["standardisation"] = {"mean": jnp.array([3.0, -1.0]), "sd": jnp.array([2.0, 0.5])}
    x = rng.normal(size=(4, 6, 2)).astype(np.float32)
    valid = rng.random((4, 6)) < 0.7
    valid[:, 0] = True
    kernel = variables["params"]["Dense_0"]["kernel"]
    z = np.where(valid[:, :, None], (x - [3.0, -1.0]) / [2.0, 0.5], 0.0)
    expected = z.sum(1) / valid.sum(1, keepdims=True) @ kernel
    holes = np.where(valid[:, :, None], x, np.nan)
    np.testing.assert_allclose(network.logits(variables, holes, valid, model=settings), expected, atol=1e-5)
    dropped = net.apply(variables, jnp.asarray(x), jnp.asarray(valid), dropout=0.999, key=jax.random.key(0))
    np.testing.assert_allclose(dropped, 0.0, atol=1e-6)
    with pytest.raises(
        SettingsError, match=r"variables must fit .*params/Dense_0/kernel is \[2, 2\] instead of \[1, 2\]"
    ):
        network.logits(variables, x[:, :, :1], model=settings)


@pytest.mark.usefixtures("registered")
def test_names_are_checked_and_taken_once() -> None:
    register_network("mean", lambda settings: Mean())
    with pytest.raises(
        SettingsError, match=r"there is a network mean already\. Choose another name, or give overwrite"
    ):
        register_network("mean", lambda settings: Mean())
    for overwrite in (False, True):
        with pytest.raises(SettingsError, match=r"there is a network recurrent already\. Choose another name\.$"):
            register_network("recurrent", lambda settings: Mean(), overwrite=overwrite)
    with pytest.raises(SettingsError, match="network must be a name of letters"):
        register_network("my network", lambda settings: Mean())
    with pytest.raises(SettingsError, match=r"there is no network conv; there are recurrent, mean\. Import the module"):
        network.network_of(ModelSettings(network="conv"))


@pytest.mark.slow
@pytest.mark.usefixtures("registered")
def test_a_replaced_network_is_not_taken_from_what_was_compiled() -> None:
    settings, x = ModelSettings(network="mean"), np.zeros((1, 3, 1), np.float32)
    register_network("mean", lambda settings: Mean())
    variables = network.init(settings, samples=3, channels=1, key=jax.random.key(0))
    before, times = network.logits(variables, x, model=settings), network.registrations()
    register_network("mean", lambda settings: Mean(constant=1.0), overwrite=True)
    np.testing.assert_array_equal(network.logits(variables, x, model=settings), before + 1)
    assert network.registrations() == times + 1


@pytest.mark.usefixtures("registered")
def test_a_network_with_more_than_parameters_is_refused() -> None:
    register_network("statistics", lambda settings: WithStatistics())
    with pytest.raises(SettingsError, match="parameters only; WithStatistics also has batch_stats"):
        network.init(ModelSettings(network="statistics"), samples=3, channels=1, key=jax.random.key(0))
