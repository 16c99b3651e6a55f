"""Files on disk of this and of earlier versions: read, or refused naming the schema."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import smilejax
from smilejax._util.errors import CheckpointError
from smilejax.training.plans import load_runs

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def test_a_model_of_0_1_0_is_refused_naming_its_schema() -> None:
    """Written by commit 03116ae, whose settings had other names."""
    with pytest.raises(CheckpointError, match=r"model has schema 1; this smilejax reads schema 2\. Use the version"):
        smilejax.load_model(FIXTURES / "v0_1_0" / "model")


def test_a_plan_of_0_1_0_is_refused_naming_its_schema() -> None:
    with pytest.raises(CheckpointError, match=r"plan\.json is of schema 2 .*, and this version reads schema 3"):
        load_runs(FIXTURES / "v0_1_0" / "plan")


def test_a_model_of_schema_2_is_read_and_predicts_as_it_did() -> None:
    """`make_model_and_plan.py` made it; this and every later version must read it. The cell is the record's."""
    folder = FIXTURES / "model_schema_2"
    predictor = smilejax.load_model(folder)
    assert predictor.settings.model.cell == "gru"
    assert (predictor.settings.model.network, predictor.settings.model.hidden) == ("recurrent", 2)
    assert (predictor.settings.model.velocity_steps, predictor.settings.model.pool_steps) == (0, 1)
    assert predictor.class_names == ("Easy", "Hard")
    frozen = np.load(FIXTURES / "model_schema_2_logits.npz")
    found = smilejax.logits(predictor.variables, frozen["x"], frozen["valid"], model=predictor.settings.model)
    np.testing.assert_allclose(found, frozen["logits"], atol=1e-6)


def test_a_plan_of_schema_3_is_read_as_it_was_written(tmp_path: Path) -> None:
    saved = load_runs(shutil.copytree(FIXTURES / "plan_schema_3", tmp_path / "plan"))
    assert saved.table["fold"].tolist() == ["P00", "P01"]
    assert saved.table["status"].tolist() == ["ok", "ok"]
    assert saved.record["identity"]["flags"]["is"]["jax_enable_x64"] is False
    frozen = np.load(FIXTURES / "model_schema_2_logits.npz")
    np.testing.assert_array_equal(saved.result.logits, frozen["plan_logits"])
    assert saved.result.train.loss.shape == (2, 1)
