"""A program of jax.export gives the bits that jax gives here, and holds what is to be known of it."""

import json
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.made_model import gappy_input, made_model
from jax import export

from smilejax import FaceRecipe, ModelSettings, Predictor, TrainingSettings, export_jax
from smilejax._util.errors import OutputError
from smilejax._util.json_files import sha256_of_bytes
from smilejax.exports.jax_program import probability_program
from smilejax.exports.network_facts import network_facts
from smilejax.models import network
from smilejax.prediction.ensemble import mean_probability, members_of

pytest.importorskip("flatbuffers")
pytestmark = pytest.mark.slow  # each program is traced for three platforms
MODEL = ModelSettings(velocity_steps=3, pool_steps=4, hidden=3, dense=(6, 4))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return made_model(MODEL, steps=13)


@pytest.fixture(scope="module")
def file(predictor: Predictor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_jax(predictor, tmp_path_factory.mktemp("export") / "model.jaxexport")


def test_the_same_bits_on_the_cpu(predictor: Predictor, file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        program = export.deserialize(bytearray(archive.read("program")))
    assert program.platforms == ("cpu", "cuda", "tpu")
    x, valid = gappy_input(13, 1)
    answers = np.asarray(program.call(x, valid))
    here = jax.jit(probability_program(network_facts(predictor, "jax.export")))(x, valid)
    np.testing.assert_array_equal(answers, np.asarray(here))
    given = np.where(valid[:, :, None], x, 0)
    asked = mean_probability(members_of(predictor.variables, 3), given, valid, model=MODEL, chunk=9, temperature=1.7)
    np.testing.assert_allclose(answers, np.where(valid.any(1)[:, None], asked, np.nan), atol=1e-6)
    assert np.nanstd(answers[:, 1]) > 1e-3
    np.testing.assert_allclose(np.asarray(program.call(x[4:6], valid[4:6])), answers[4:6], atol=1e-6)


def test_what_is_to_be_known_stands_beside_it(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        about = json.loads(archive.read("about.json"))
        assert about["sha256"] == sha256_of_bytes(archive.read("program"))
    assert about["channels"] == ["fused"]
    assert about["class_names"] == ["posed", "genuine"]
    assert (about["rate_hz"], about["steps"], about["recorded_hz"]) == (10.0, 13, 60.0)


def test_a_damaged_file_is_noticed(file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    damaged = tmp_path / "damaged.jaxexport"
    damaged.write_bytes(content)
    with zipfile.ZipFile(damaged) as archive, pytest.raises((zipfile.BadZipFile, zlib.error)):
        archive.read("program")


def test_another_suffix_is_refused(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"is called \.jaxexport"):
        export_jax(predictor, tmp_path / "model.bin")


def test_a_network_of_crops_is_given_pictures(tmp_path: Path) -> None:
    model = replace(ModelSettings.crops(), hidden=2, dense=(5, 4))
    variables = network.init(model, samples=1, channels=3, side=16, key=jax.random.key(0))
    recipe = replace(FaceRecipe.stills(), crop_side=16, duration_ms=1000.0, resample_hz=1.0, measures=("AU12",))
    predictor = Predictor(variables, recipe, TrainingSettings(model=model), ("posed", "genuine"), "intensity", 1.0)
    with zipfile.ZipFile(export_jax(predictor, tmp_path / "crops.jaxexport")) as archive:
        program = export.deserialize(bytearray(archive.read("program")))
        about = json.loads(archive.read("about.json"))
    x = np.random.default_rng(0).integers(0, 256, (3, 1, 16, 16, 3)).astype(np.uint8)
    valid = np.array([[True], [True], [False]])
    answers = np.asarray(program.call(x, valid))
    expected = mean_probability([variables], x, valid, model=model, chunk=3)
    np.testing.assert_allclose(answers[:2], expected[:2], atol=1e-6)
    assert np.isnan(answers[2]).all()
    assert (about["channels"], about["unit"]) == (["red", "green", "blue"], "0 to 255")
    assert about["inputs"]["x"].startswith("uint8 [trials, steps, side, side, 3]")
