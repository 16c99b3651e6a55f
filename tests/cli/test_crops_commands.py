"""Crops from the command line: checked, trained on, predicted; of photos and videos they are made here."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import on_one_line, refused, run
from helpers.fake_tracker import FakeTracker, put_in_place
from helpers.made_crops import write_crops
from helpers.made_videos import write_video
from PIL import Image

from smilejax import FaceCrops, ReadSettings, load_model, read, read_crops
from smilejax.cli.media_read import faces_for

CLASSES = ("--classes", "posed", "genuine")
SIDE = ("--crop-side", "16")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("crops")
    write_crops(made, smilers=4)
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    """A model of single crops."""
    taken = ("--seeds", "1", "--epochs", "4", "--hidden", "2", "--holdout", "0.5")
    assert (
        run("train", folder / "faces.csv", *CLASSES, "--crops", folder / "crops", *SIDE, *taken, "--out", folder / "m")
        == 0
    )
    return folder / "m"


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    fake = FakeTracker()
    put_in_place(monkeypatch, fake)
    return fake


def test_check_says_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", folder / "faces.csv", *CLASSES, "--crops", folder / "crops", *SIDE) == 0
    assert "16 x 16 pixels of 3 colours, 8 frames" in " ".join(re.sub(r"[│┃]", " ", capsys.readouterr().out).split())


@pytest.mark.slow
def test_a_saved_model_answers_for_crops_to_the_same_bits(
    folder: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = load_model(model)
    assert (
        "<Predictor: classes posed and genuine, network cnn, ensemble of 1, channels crops of 16 x 16 pixels"
        in repr(kept)
    )
    again = folder / "again"
    if not again.exists():
        kept.save(again)
    outs = [folder / f"{name}.csv" for name in ("one", "two")]
    for out, saved in zip(outs, (model, again), strict=True):
        assert (
            run("predict", saved, folder / "faces.csv", "--crops", folder / "crops", "--out", out, "--overwrite") == 0
        )
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert "8 labelled videos" in capsys.readouterr().out


@pytest.mark.slow
def test_photo_and_video_go_through_the_trackers_crop(
    tracker: FakeTracker, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bright = np.full((64, 64, 3), 200, np.uint8)
    Image.fromarray(bright).save(tmp_path / "a.png")
    assert run("predict", model, tmp_path / "a.png") == 0
    photo = re.findall(r"0\.\d+", capsys.readouterr().out)[:2]
    write_video(tmp_path / "a.mp4", [bright // 2, bright, bright // 4])
    assert run("predict", model, tmp_path / "a.mp4") == 0
    shown = capsys.readouterr().out
    assert "the apex of its smile is taken" in on_one_line(shown)
    assert np.abs(np.array(photo, float) - np.array(re.findall(r"0\.\d+", shown)[:2], float)).max() < 0.02


@pytest.mark.slow
def test_crops_made_when_predicting_are_those_that_are_read(tracker: FakeTracker, model: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "v").mkdir()
    write_video(
        tmp_path / "v" / "s1_posed_1.mp4", [rng.integers(90, 200, (64, 64, 3)).astype(np.uint8) for _ in range(4)]
    )
    taken = ("--crops", tmp_path / "c", "--names", "{smiler}_{label}_*")
    assert run("track", tmp_path / "v", "--out", tmp_path / "f.csv", *taken) == 0
    made = read_crops(tmp_path / "c", read(tmp_path / "f.csv", ReadSettings(classes=("posed", "genuine"))), side=16)
    assert pd.read_csv(tmp_path / "f.csv")["crop"].tolist() == [
        f"s1_posed_1.mp4/frame_{k:06d}.png" for k in (1, 2, 3, 4)
    ]
    found, _, _ = faces_for(load_model(model), [tmp_path / "v" / "s1_posed_1.mp4"])
    assert isinstance(found, FaceCrops)
    np.testing.assert_array_equal(found.pixels, made.pixels)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--network", "cnn"), "the network cnn is given crops of faces, and none are named"),
        (SIDE, "--crop-side is for crops, and no folder of them is named"),
        (("--crops", "absent", *SIDE), "there is no such folder of crops"),
        (("--crops", "crops"), "the crop has 16 x 16 pixels, fewer than the 48 that are wanted"),
        (
            ("--crops", "crops", *SIDE, "--network", "recurrent", "--no-mirror"),
            "--network must be cnn or convlstm where crops",
        ),
        (
            ("--crops", "crops", "--crop-side", "20"),
            "--crop-side must be None, or a multiple of 8 from 16 up; it is 20",
        ),
    ],
)
def test_options_that_do_not_go_together(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    expected: str,
) -> None:
    monkeypatch.chdir(folder)
    for command in ("train", "evaluate"):
        assert expected in refused(capsys, command, "faces.csv", *CLASSES, "--out", "none", *options)


@pytest.mark.slow
def test_models_without_crops_and_crops_without_models(
    folder: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "crop_side" in refused(capsys, "predict", model, folder / "faces.csv").replace("-", "_")


@pytest.mark.weekly
def test_a_study_of_crops_finds_what_is_in_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--seeds", "1", "--permutations", "19", "--epochs", "6", "--hidden", "2")
    given = (tmp_path / "faces.csv", *CLASSES, "--crops", tmp_path / "crops", *SIDE, *few)
    write_crops(tmp_path, frames=3, smilers=6)
    for network in ("cnn", "convlstm"):
        out = tmp_path / network
        steps = ("--align", "start", "--neutral-ms", "none", "--lowpass-hz", "none", "--minibatch-size", "2")
        assert run("evaluate", *given, *steps, "--network", network, "--out", out) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "Coarse crops, logistic regression" in shown
        html = (out / "report.html").read_text()
        assert "it is of measures over time, and the network is given pictures" in html
        assert "each a crop of 16 x 16 pixels of 3 colours, and no measures. Classifiers of measures are given" in html
        assert run("predict", out / "model", *given[:1], "--crops", tmp_path / "crops") == 0
