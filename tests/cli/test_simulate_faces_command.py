"""`smilejax simulate --faces`."""

import dataclasses
import json
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run

import smilejax
from smilejax.cli.simulate_faces_command import RENDERED
from smilejax.recordings.faces import Faces

SMALL = ("--smilers", 1, "--videos-per-class", 1, "--rate-hz", 10, "--duration-ms", 200)


def test_a_folder_of_videos_with_their_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "videos"
    assert "wrote" in printed(capsys, "simulate", "--faces", "--out", folder, *SMALL, "--effect", 0)
    names = {"001_deliberate_smile_1.mp4", "001_spontaneous_smile_1.mp4"}
    assert {path.name for path in folder.iterdir()} == names | {"truth.csv", "smiles.csv", "settings.json"}
    truth, smiles = pd.read_csv(folder / "truth.csv"), pd.read_csv(folder / "smiles.csv")
    assert set(truth["video"]) == set(smiles["video"]) == names
    assert len(truth) == 4
    assert smiles["label"].tolist() == ["posed", "genuine"]
    assert '"effect": 0' in (folder / "settings.json").read_text()
    assert "holds something already" in refused(capsys, "simulate", "--out", folder, "--faces", *SMALL)


def test_the_word_makes_it_another_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options of the one are none of the other."""
    assert run("simulate", "--faces", "--help") == 0
    assert "--videos-per-class" in capsys.readouterr().out
    assert "no option --videos-per-class" in refused(
        capsys, "simulate", "--out", tmp_path / "a.csv", "--videos-per-class", 1
    )
    assert "no option --effect-mm" in refused(capsys, "simulate", "--faces", "--out", tmp_path / "a", "--effect-mm", 1)


def test_the_name_of_a_table_gives_a_table_that_is_read_as_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "faces.csv"
    said = printed(capsys, "simulate", "--faces", "--out", out, *SMALL, "--seed", 3)
    assert said.count("wrote") == 2
    settings = dataclasses.replace(RENDERED, smilers=1, videos_per_class=1, rate_hz=10.0, duration_ms=200.0)
    true = smilejax.simulate_faces(settings, key=jax.random.key(3)).faces
    read = smilejax.read(out)
    assert isinstance(read, Faces)
    np.testing.assert_array_equal(read.values, true.values.astype(read.values.dtype))
    about = json.loads((tmp_path / "faces.csv.json").read_text())
    assert (about["seed"], about["settings"]["smilers"]) == (3, 1)
    assert "exists already" in refused(capsys, "simulate", "--faces", "--out", out, *SMALL)
    assert run("simulate", "--faces", "--out", out, *SMALL, "--seed", 4, "--overwrite") == 0
    assert not np.array_equal(smilejax.read(out).values, read.values)
    assert "'.gz' is not among those written" in refused(
        capsys, "simulate", "--faces", "--out", tmp_path / "faces.csv.gz", *SMALL
    )
