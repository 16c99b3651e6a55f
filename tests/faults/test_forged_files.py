"""Files that somebody made to do harm: refused before memory is taken, and no code is run."""

import io
import json
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from smilejax._util import npz_files
from smilejax._util.errors import CheckpointError
from smilejax._util.npz_files import read_npz
from smilejax.prediction import checkpoint
from smilejax.prediction.checkpoint import load_checkpoint, save_checkpoint
from smilejax.prediction.predictor import load_model
from smilejax.prediction.zipped import unzipped

FREE_BYTES = 2**20


@pytest.fixture(autouse=True)
def little_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a bomb need not be large."""
    monkeypatch.setattr(npz_files, "FREE_BYTES", FREE_BYTES)


def packed(**arrays: object) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def archive(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as file:
        for name, held in members.items():
            file.writestr(name, held)
    return content.getvalue()


def header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": dtype, "fortran_order": False, "shape": shape})
    return content.getvalue()


class Harm:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.path,)


def test_arrays_come_back() -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array("text"), "c": np.zeros(10**5)}
    there = read_npz(packed(**arrays))
    assert all(np.array_equal(there[name], values) for name, values in arrays.items())


@pytest.mark.parametrize(
    "content",
    [
        archive({"a.npy": header((10**6, 10**6))}),
        archive({"a.npy": header((10**9, 10**9, 10**9))}),
        archive({"a.npy": header((-1,))}),
        archive({"a.npy": header((1,), "|O") + pickle.dumps([1])}),
        archive({"a.npy": b"no array"}),
        archive({"a.npy": header((1,))[:-20]}),
        archive({"a.npy": header((FREE_BYTES // 4 + 1,)) + bytes(FREE_BYTES + 4)}),  # a zip bomb
        b"",
        b"PK" + bytes(50),
    ],
    ids=["8 TB", "a shape beyond any", "a shape below 0", "pickle", "no array", "cut off", "bomb", "empty", "no zip"],
)
def test_forged_arrays_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot|claims|magic|shape|header|does not"):
        read_npz(content)


def test_no_pickle_is_run(tmp_path: Path) -> None:
    target = tmp_path / "harm"
    with pytest.raises(ValueError, match="claims"):
        read_npz(packed(a=np.array([Harm(target)], dtype=object)))
    assert not target.exists()


def resigned(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    """Change a model's record and sign it anew, as whoever knows the format can."""
    content = json.loads((path / "model.json").read_text())
    content.pop("sha256")
    change(content)
    (path / "model.json").write_bytes(checkpoint._signed(content))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_checkpoint(tmp_path / "model", {"a": np.arange(3, dtype=np.float32)}, {})


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"shape": [10**6, 10**6], "dtype": "float32"}, "do not hold"),
        ({"shape": [3], "dtype": "object"}, "object"),
        ({"shape": [30], "dtype": "float32"}, "shape"),
        ({"shape": ["x"], "dtype": "float32"}, "cannot be read"),
        ({"shape": [3], "dtype": "no type"}, "cannot be read"),
        ([], "cannot be read"),
    ],
)
def test_shapes_that_the_files_do_not_hold(model: Path, about: object, said: str) -> None:
    resigned(model, lambda content: content["arrays"].update(a=about))
    with pytest.raises(CheckpointError, match=said):
        load_checkpoint(model)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "arrays-00000000/../../outside"])
def test_files_outside_the_model_are_not_read(model: Path, name: str) -> None:
    (model.parent / "outside").write_text("secret")
    resigned(model, lambda content: content["files"].update({name: "0" * 64}))
    with pytest.raises(CheckpointError, match=r"altered|missing"):
        load_checkpoint(model)


@pytest.mark.parametrize("folder", ["..", "/", "arrays-0000000g", 7])
def test_a_folder_that_is_none_of_ours(model: Path, folder: object) -> None:
    resigned(model, lambda content: content.update(folder=folder))
    with pytest.raises(CheckpointError, match="altered"):
        load_checkpoint(model)


def test_zipped_models_that_claim_too_much_or_lead_outside(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="too large"):
        unzipped(archive({"a": bytes(FREE_BYTES + 1)}), tmp_path / "x")
    with pytest.raises(CheckpointError, match="outside"):
        unzipped(archive({"../a": b"x"}), tmp_path / "x")
    assert not (tmp_path / "a").exists()


FROZEN = Path(__file__).parents[1] / "fixtures" / "model_schema_2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record["settings"]["model"].update(hidden=10**9), "hidden 1000000000"),
        (lambda record: record["settings"]["model"].update(dense=[10**9, 4]), "dense"),
        (lambda record: record["recipe"].update(resample_hz=1e12), "steps"),
        (lambda record: record["recipe"].update(duration_ms=1e15), "steps"),
    ],
)
def test_settings_that_ask_for_more_than_the_arrays_hold(tmp_path: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "model"
    shutil.copytree(FROZEN, copy)
    assert load_model(copy).class_names
    resigned(copy, lambda content: change(content["record"]))
    with pytest.raises(CheckpointError, match=said):
        load_model(copy)
