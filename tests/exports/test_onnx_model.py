"""An ONNX model answers as smilejax does, by two runtimes, and knows what it is of."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.made_model import gappy_input, made_model

import smilejax
from smilejax import ModelSettings, Predictor, export_onnx
from smilejax._util.errors import DataError, OutputError
from smilejax.prediction.ensemble import mean_probability, members_of

onnx = pytest.importorskip("onnx")
SMALL = {"hidden": 3, "dense": (6, 4)}
CASES = {
    "velocities and means": (ModelSettings(velocity_steps=3, pool_steps=4, **SMALL), 13, 3, ("fused", "mask")),
    "as in the report": (ModelSettings(velocity_steps=0, pool_steps=1, **SMALL), 13, None, ("fused",)),
    "windows beyond the trial": (ModelSettings(velocity_steps=9, pool_steps=9, **SMALL), 5, 2, ("left", "right")),
    "gru": (ModelSettings(cell="gru", **SMALL), 13, 2, ("fused",)),
    "rnn": (ModelSettings(cell="rnn", **SMALL), 13, 2, ("fused",)),
    "one step": (ModelSettings(**SMALL), 1, 2, ("fused",)),
}


def asked(predictor: Predictor, x: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """What the predictor's networks answer; NaN for trials without a valid step."""
    members = members_of(predictor.variables, predictor.members)
    given = np.where(valid[:, :, None], x, 0)
    p = mean_probability(
        members, given, valid, model=predictor.settings.model, chunk=len(x), temperature=predictor.temperature
    )
    return np.where(valid.any(1)[:, None], p, np.nan)


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_smilejax(name: str, tmp_path: Path) -> None:
    model, steps, members, channels = CASES[name]
    predictor = made_model(model, steps=steps, members=members, channels=channels)
    file = export_onnx(predictor, tmp_path / "model.onnx")
    x, valid = gappy_input(steps, len(channels))
    wanted = asked(predictor, x, valid)
    assert np.isnan(wanted).any()
    assert steps == 1 or np.nanstd(wanted[:, 1]) > 1e-3
    from onnx.reference import ReferenceEvaluator

    answers = ReferenceEvaluator(str(file)).run(None, {"x": x, "valid": valid})[0]
    np.testing.assert_allclose(answers, wanted, atol=1e-6)
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x, "valid": valid})[0], wanted, atol=1e-6)
    alone = session.run(None, {"x": x[4:5], "valid": valid[4:5]})[0]  # any number of trials
    np.testing.assert_allclose(alone, wanted[4:5], atol=1e-6)


@pytest.mark.slow  # compiles the cleaning
def test_with_the_cleaning_it_is_predict(tmp_path: Path) -> None:
    """From recordings with gaps, one shorter and one of which nothing was measured."""
    from helpers.recordings import trials_with_gaps
    from onnx.reference import ReferenceEvaluator

    trials = trials_with_gaps()
    predictor = made_model(ModelSettings(**SMALL), steps=15)
    dataset = smilejax.prepare(trials, predictor.recipe)
    file = export_onnx(predictor, tmp_path / "model.onnx")
    p = ReferenceEvaluator(str(file)).run(None, {"x": np.asarray(dataset.x), "valid": np.asarray(dataset.valid)})[0]
    table = predictor.predict(trials)
    np.testing.assert_allclose(p, table[["p_posed", "p_genuine"]], atol=1e-5)
    assert table["p_genuine"].isna().sum() == 1


def test_metadata_says_what_goes_in(tmp_path: Path) -> None:
    predictor = made_model(ModelSettings(**SMALL), steps=15, channels=("left", "right"))
    held = onnx.load(export_onnx(predictor, tmp_path / "model.onnx"))
    about = {one.key: one.value for one in held.metadata_props}
    assert about["channels"] == "left,right"
    assert about["class_names"] == "posed,genuine"
    assert (about["unit"], float(about["rate_hz"]), int(about["steps"])) == ("mm", 10.0, 15)
    whole = json.loads(about["smilejax"])
    assert whole["recipe"] == smilejax.settings.to_json(predictor.recipe)
    assert whole["versions"]["smilejax"] == smilejax.__version__
    operators = [node.op_type for node in held.graph.node]
    assert operators.count("LSTM") == 3
    assert "Loop" not in operators


def test_other_classifiers_are_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    predictor = made_model(ModelSettings(**SMALL), steps=5)
    for classifier in ("combined", "rocket", "features", "dynamics"):
        with pytest.raises(DataError, match=f"only networks are exported as ONNX; the classifier '{classifier}'"):
            export_onnx(replace(predictor, classifier=classifier), tmp_path / "model.onnx")
    own = replace(predictor, settings=replace(predictor.settings, model=ModelSettings(network="mine")))
    with pytest.raises(DataError, match="this model's is 'mine'"):
        export_onnx(own, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_files_are_not_replaced_unasked(tmp_path: Path) -> None:
    predictor, file = made_model(ModelSettings(**SMALL), steps=5), tmp_path / "model.onnx"
    first = export_onnx(predictor, file).read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        export_onnx(predictor, file)
    assert export_onnx(predictor, file, overwrite=True).read_bytes() == first
    with pytest.raises(OutputError, match=r"is called \.onnx"):
        export_onnx(predictor, tmp_path / "model.bin")


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(OutputError, match=r"smilejax\[onnx\]"):
        export_onnx(made_model(ModelSettings(**SMALL), steps=5), tmp_path / "model.onnx")
