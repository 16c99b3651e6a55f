"""A network of one's own from training to prediction: in a plan with folds and permuted labels, in a checkpoint, and back."""

from pathlib import Path

import flax.linen as nn
import jax
import numpy as np
import pytest

import smilejax
from smilejax import ModelSettings, Plan, Predictor, Recipe, SimulationSettings, TrainingSettings, permute_labels
from smilejax._util.errors import CheckpointError
from smilejax.models import network
from smilejax.models.network import drop
from smilejax.training.plans.plan import key_of


class Convolution(nn.Module):
    """A convolution over time, its mean over valid steps, and a dense layer."""

    width: int

    @nn.compact
    def __call__(self, x, valid, *, dropout=0.0, key=None):
        h = nn.relu(nn.Conv(self.width, (3,))(x))
        h = h.sum(1, where=valid[:, :, None]) / valid.sum(1)[:, None].astype(h.dtype)
        return nn.Dense(2)(h if key is None else drop(h, dropout, key))


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_FACTORIES", {network.RECURRENT: network._FACTORIES[network.RECURRENT]})
    smilejax.register_network("convolution", lambda settings: Convolution(settings.hidden))


@pytest.mark.slow
@pytest.mark.usefixtures("registered")
def test_a_convolution_is_trained_saved_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = SimulationSettings(participants=4, smilers=2, duration_ms=3000.0, effect_mm=0.6, effect_onset_ms=500.0)
    trials = smilejax.simulate_study(study, key=jax.random.key(0)).trials
    dataset = smilejax.prepare(trials, Recipe(resample_hz=5.0))
    settings = TrainingSettings(
        model=ModelSettings(network="convolution", hidden=4, dropout=0.1),
        epochs=20,
        learning_rate=0.03,
        minibatch_size=4,
    )
    folds = smilejax.by_participant(dataset, folds=2, key=jax.random.key(0))
    plan = Plan(folds, settings, permuted=permute_labels(dataset, 1, key=jax.random.key(1)))
    runs = smilejax.train_runs(dataset, plan, folder=tmp_path / "runs", parameters=True)
    assert runs.status.tolist() == [0] * 4
    assert set(runs.variables["params"]) == {"Conv_0", "Dense_0"}
    assert np.abs(runs.logits[0] - runs.logits[2]).max() > 1e-2  # the same fold and seed on permuted labels
    np.testing.assert_array_equal(
        smilejax.load_runs(tmp_path / "runs").result.variables["params"]["Conv_0"]["kernel"],
        runs.variables["params"]["Conv_0"]["kernel"],
    )
    result = smilejax.train(
        dataset, settings, key=key_of(0, 0), train_mask=folds.train[0], validation_mask=folds.test[0]
    )
    # A run of a plan is the training with its key; XLA may add up a convolution in another order for two devices than for one.
    np.testing.assert_allclose(result.logits, runs.logits[0], atol=1e-3)
    assert result.train.loss[-1] < result.train.loss[0]

    predictor = smilejax.load_model(Predictor.of(result, trials).save(tmp_path / "model"))
    assert "network convolution" in repr(predictor)
    assert predictor.predict(trials)["predicted"].tolist() == [
        trials.class_names[k] for k in np.asarray(result.logits).argmax(-1)
    ]
    monkeypatch.setattr(network, "_FACTORIES", {"recurrent": network._FACTORIES["recurrent"]})
    with pytest.raises(
        CheckpointError, match=r"there is no network convolution; there are recurrent\. Import the module"
    ):
        smilejax.load_model(tmp_path / "model")
