"""`smilejax export`, from folders on disk."""

from pathlib import Path

import pytest
from helpers.command_line import printed, refused
from helpers.made_model import made_model

from smilejax import ModelSettings

STUDY = Path(__file__).resolve().parents[1] / "fixtures" / "schema_2" / "study"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_model(ModelSettings(hidden=3, dense=(6, 4)), steps=15).save(tmp_path_factory.mktemp("model") / "model")


@pytest.mark.parametrize(
    ("form", "name"),
    [("onnx", "model.onnx"), pytest.param("jax", "model.jaxexport", marks=pytest.mark.slow)],
)
def test_a_model_becomes_a_file(model: Path, form: str, name: str, tmp_path: Path, capsys) -> None:
    pytest.importorskip({"onnx": "onnx", "jax": "flatbuffers"}[form])
    out = tmp_path / name
    assert f"wrote {out}" in printed(capsys, "export", model, "--format", form, "--out", out)
    assert out.stat().st_size > 1000
    assert "--overwrite" in refused(capsys, "export", model, "--format", form, "--out", out)
    printed(capsys, "export", STUDY, "--format", form, "--out", out, "--overwrite")  # a study's model


def test_a_study_becomes_a_folder(tmp_path: Path, capsys) -> None:
    for form, name in (("tables", "predictions.csv"), ("bids", "dataset_description.json")):
        out = tmp_path / form
        assert f"wrote {out}" in printed(capsys, "export", STUDY, "--format", form, "--out", out)
        assert (out / name).is_file()
        assert "--overwrite" in refused(capsys, "export", STUDY, "--format", form, "--out", out)


def test_what_does_not_go_together_is_refused(model: Path, tmp_path: Path, capsys) -> None:
    assert "holds no study" in refused(capsys, "export", model, "--format", "tables", "--out", tmp_path / "t")
    said = refused(capsys, "export", model, "--format", "onnx", "--out", tmp_path / "m.onnx", "--data", "a.csv")
    assert "--data is for --format bids alone" in said
    assert "--format must be one of" in refused(capsys, "export", model, "--format", "pickle", "--out", tmp_path / "m")
    assert not list(tmp_path.iterdir())
