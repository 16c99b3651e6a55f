"""The PyTorch model of the report, by a golden file made with PyTorch (`golden/make_torch_golden.py`)."""

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import smilejax
from smilejax import Dataset, ModelSettings, TrainingSettings
from smilejax._util.errors import SettingsError
from smilejax.preprocess.channels import CHANNELS

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "torch_report_model.npz")
X, Y = GOLDEN["x"], GOLDEN["y"]


def state_dict(which: str) -> dict[str, np.ndarray]:
    return {name.split("/")[1]: GOLDEN[name] for name in GOLDEN if name.startswith(f"{which}/")}


def dataset() -> Dataset:
    n, t, _ = X.shape
    codes = jnp.zeros(n, jnp.int32)
    return Dataset(
        x=jnp.asarray(X),
        valid=jnp.ones((n, t), bool),
        y=jnp.asarray(Y, jnp.int32),
        participant=codes,
        stimulus=codes,
        smiler=codes,
        proportion_valid=jnp.ones(n),
        status=codes,
        channels=(CHANNELS["fused"],),
        class_names=("fake", "real"),
        rate_hz=60.0,
    )


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_same_input_same_logits_and_the_way_back(cell: str) -> None:
    weights = state_dict(cell)
    variables, model = smilejax.from_torch(weights)
    assert model == replace(ModelSettings.report(), cell=cell, hidden=10, dense=(200, 20), dropout=0.0)
    np.testing.assert_allclose(smilejax.logits(variables, X, model=model), GOLDEN[f"{cell}-logits"], atol=1e-5)
    back = smilejax.to_torch(variables, model)
    assert back.keys() == weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(back[name], value, err_msg=name)


def test_thirty_steps_of_sgd_equal_pytorchs() -> None:
    """Loss after every step and all weights at the end: gradients, update, and both bias vectors."""
    settings = TrainingSettings(
        optimizer="sgd",
        learning_rate=0.5,
        epochs=30,
        minibatch_size=6,
        standardise=False,
        model=replace(ModelSettings.report(), dropout=0.0),
    )
    start, _ = smilejax.from_torch(state_dict("lstm"))
    result = smilejax.train(dataset(), settings, key=jax.random.key(0), start=start)
    np.testing.assert_allclose(result.train.loss, GOLDEN["sgd-losses"], atol=1e-6)
    for name, value in smilejax.to_torch(result.variables, settings.model).items():
        np.testing.assert_allclose(value, state_dict("sgd")[name], atol=1e-6, err_msg=name)
        moved = np.abs(state_dict("sgd")[name] - state_dict("lstm")[name]).max()
        assert moved > 1e-5, f"{name} did not move: the comparison would show nothing"


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_standardisation_is_folded_into_the_weights(cell: str) -> None:
    variables, model = smilejax.from_torch(state_dict(cell))
    variables["standardisation"] = {"mean": jnp.array([0.7]), "sd": jnp.array([2.5])}
    folded, _ = smilejax.from_torch(smilejax.to_torch(variables, model))
    assert float(folded["standardisation"]["mean"][0]) == 0.0
    expected = smilejax.logits(variables, X, model=model)
    np.testing.assert_allclose(smilejax.logits(folded, X, model=model), expected, atol=1e-5)


def test_two_cells_of_equally_many_gates_are_not_confused() -> None:
    """The weights of one cell have the shapes of another's; which it is, is said, and never guessed."""
    variables, model = smilejax.from_torch(state_dict("gru"))
    with pytest.raises(SettingsError, match=r"recurrent/cell/b_hh is \[30\] instead of \[40\]"):
        smilejax.logits(variables, X)
    with pytest.raises(SettingsError, match=r"recurrent/cell/b_hh is \[30\] instead of \[10\]"):
        smilejax.to_torch(variables, replace(model, cell="rnn"))
    with pytest.raises(SettingsError, match="variables must be"):
        smilejax.to_torch({"params": {}}, model)
    with pytest.raises(SettingsError, match="this one has velocity_steps 5 and pool_steps 1"):
        smilejax.to_torch(variables, replace(model, velocity_steps=5))


class FakeTensor:
    """Behaves as a tensor does: on a device, needing a gradient."""

    def __init__(self, value: np.ndarray) -> None:
        self.value = value

    def detach(self) -> "FakeTensor":
        return self

    def cpu(self) -> "FakeTensor":
        return self

    def numpy(self) -> np.ndarray:
        return self.value


def test_tensors_are_taken_as_they_come() -> None:
    variables, model = smilejax.from_torch({k: FakeTensor(v) for k, v in state_dict("lstm").items()})
    np.testing.assert_allclose(smilejax.logits(variables, X, model=model), GOLDEN["lstm-logits"], atol=1e-5)


def test_other_models_are_refused_with_what_differs() -> None:
    weights = state_dict("lstm")
    with pytest.raises(SettingsError, match=r"lacks fc3\.bias and has besides nothing"):
        smilejax.from_torch({k: v for k, v in weights.items() if k != "fc3.bias"})
    with pytest.raises(SettingsError, match=r"has besides lstm\.weight_ih_l1\. Only one recurrent layer"):
        smilejax.from_torch({**weights, "lstm.weight_ih_l1": weights["lstm.weight_ih_l0"]})
    with pytest.raises(SettingsError, match=r"fc3\.weight must be shaped \[2, 20\] to fit the others; it is \[3, 20\]"):
        smilejax.from_torch({**weights, "fc3.weight": np.zeros((3, 20), np.float32)})
    with pytest.raises(SettingsError, match=r"fc1\.weight must be shaped"):
        smilejax.from_torch({**weights, "fc1.weight": weights["fc1.weight"][:, :-3]})
