"""`evaluate`, `report` and `power` as a user meets them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import pandas as pd
import pytest
from helpers.command_line import refused, run

import smilejax
from smilejax import SimulationSettings
from smilejax.evaluation.study import load_study

QUICK = [
    *("--seeds", "2", "--test-seeds", "1", "--permutations", "3", "--blocks", "2", "--participant-folds", "2"),
    *(
        "--stimulus-folds",
        "2",
        "--shuffled-folds",
        "2",
        "--inner-draws",
        "1",
        "--inner-seeds",
        "1",
        "--inner-share",
        "0.5",
    ),
    *("--attribution-seeds", "1", "--draws", "100", "--epochs", "2", "--hidden", "4", "--dense", "6", "4"),
    *("--resample-hz", "10"),
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = SimulationSettings(participants=4, smilers=4, duration_ms=2000)
    path = tmp_path_factory.mktemp("recording") / "recording.csv"
    smilejax.write_tidy(smilejax.simulate_study(settings, key=jax.random.key(0)).trials, path)
    return path


@pytest.fixture(scope="module")
def study(recording: Path) -> Path:
    folder = recording.parent / "study"
    assert run("evaluate", recording, "--out", folder, *QUICK) == 0
    return folder


def test_a_study_is_whole(study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(p.name for p in study.iterdir()) == ["arrays.npz", "model", "report.html", "study.json", "tables"]
    record = json.loads((study / "study.json").read_text())
    assert record["command"].startswith("smilejax")
    assert record["versions"]["jax"] == jax.__version__
    assert load_study(study).recomputed()["protocols"] == record["protocols"]
    assert run("predict", study / "model", recording, "--out", tmp_path / "answers.csv") == 0
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert len(answers) == 32
    model = smilejax.load_model(study / "model")
    assert model.members == 2
    assert model.temperature == pytest.approx(record["calibration"]["temperature"]["final"], abs=1e-9)


def test_the_verdict_is_printed_and_a_report_made_again(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert run("report", study, "--out", page, "--recompute") == 0
    words = " ".join(capsys.readouterr().out.split())
    record = json.loads((study / "study.json").read_text())
    assert record["status"]["headline"] in words
    for finding in (*record["status"]["findings"], *record["status"]["limits"]):
        assert finding in words
    assert page.read_text() == (study / "report.html").read_text()
    assert "exists already" in refused(capsys, "report", study, "--out", page)
    assert "a report is written as .html" in refused(capsys, "report", study, "--out", tmp_path / "page.pdf")


def test_refusals(study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a study stands in" in refused(capsys, "evaluate", recording, "--out", study)
    assert "holds no study" in refused(capsys, "report", tmp_path)
    assert "--test-seeds must be at most seeds" in refused(
        capsys, "evaluate", recording, "--out", tmp_path / "new", "--seeds", "1", "--test-seeds", "2"
    )
    assert "--seeds must be a whole number from 1 up; it is 0" in refused(
        capsys, "evaluate", recording, "--out", tmp_path / "new", "--seeds", "0"
    )
    twice = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--rates", "0.1", "0.1")
    assert "--learning-rate has 0.1 twice" in twice
    huge = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--rates", "1e99")
    assert "--learning-rate must be a number above 0 and at most 1e+38" in huge
    answers = tmp_path / "answers.csv"
    assert f"Name {study / 'model'}" in refused(capsys, "predict", study, recording, "--out", answers)
    assert "memory" in refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--memory-mib", "0")
    one_class = pd.read_csv(recording)
    one_class[one_class["label"] == "posed"].to_csv(tmp_path / "posed.csv", index=False)
    assert "trials of both classes" in refused(capsys, "evaluate", tmp_path / "posed.csv", "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_stopped_and_gone_on_with(
    study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C in the middle of the trainings; --resume then ends with the same numbers."""
    folder = tmp_path / "study"
    command = [sys.executable, "-m", "smilejax", "evaluate", str(recording), "--out", str(folder), *QUICK]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    end = time.monotonic() + 120
    while not list(folder.glob("runs/*/parts/*.npz")) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "--resume" in said
    assert not (folder / "study.json").exists()
    assert "--resume" in refused(capsys, "report", folder)
    assert "a study was begun" in refused(capsys, "evaluate", recording, "--out", folder, *QUICK)
    other = [*QUICK, "--max-gap-ms", "250"]
    assert "only as it was begun" in refused(capsys, "evaluate", recording, "--out", folder, "--resume", *other)
    capsys.readouterr()
    assert run("evaluate", recording, "--out", folder, "--resume", *QUICK) == 0
    before_training = " ".join(capsys.readouterr().out.split()).split("Verdict")[0]
    assert "No outcome can be significant at 0.05" in before_training  # 3 permutations give a p of 1/4 at least
    one, other_record = (json.loads((f / "study.json").read_text()) for f in (study, folder))
    for name in ("protocols", "test", "controls", "status", "calibration"):
        assert one[name] == other_record[name], name


@pytest.mark.parametrize(
    ("seeds", "others"), [("1", (1, 1, 1)), ("3", (2, 3, 3)), ("10", (2, 5, 3)), ("40", (2, 5, 3))]
)
def test_fewer_seeds_need_no_other_option(seeds: str, others: tuple[int, ...]) -> None:
    for given in (["--seeds", seeds], [f"--seeds={seeds}"], ["--seeds", "7", "--seeds", seeds]):
        found = parse(["evaluate", "data.csv", "--out", "study", *given]).study
        assert (found.seeds, found.test_seeds, found.inner_seeds, found.attribution_seeds) == (int(seeds), *others)


def test_power_of_what_cannot_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """No number stands where none was found, and nothing is said of verdicts that there are not."""
    assert run("power", "--effects", "0", "--participant-counts", "4", "--smiler-counts", "4", "--duration-ms", "700",
               "--resample-hz", "10", "--studies", "2", "--permutations", "7", "--blocks", "2") == 0  # fmt: skip
    words = " ".join(capsys.readouterr().out.split())
    assert "nan" not in words
    assert "4 people x 4 smilers: 2 of 2 studies could not be judged: " in words
    assert "never trained on" not in words


def test_power(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "power.csv"
    grid = ["--effects", "0", "1", "--participants", "4", "--smiler-counts", "2", "6", "--duration-ms", "2500"]
    quick = [
        "--studies",
        "3",
        "--permutations",
        "19",
        "--blocks",
        "2",
        "--classifier",
        "features",
        "--resample-hz",
        "10",
    ]
    assert run("power", *grid, *quick, "--out", out) == 0
    table = pd.read_csv(out)
    assert table["effect_mm"].tolist() == [0, 1, 0, 1]
    assert table["stimuli"].tolist() == [4, 4, 12, 12]
    assert table["trials"].tolist() == [16, 16, 48, 48]
    assert (table["studies"] == 3).all()
    # Two smilers can be labelled in four ways: nothing can be significant.
    small, large = table.iloc[:2], table.iloc[2:]
    assert (small["smallest_p"] == 0.5).all()
    assert (small["power"] == 0).all()
    assert small["note"].str.contains(r"no study of this size can reach p = 0.05").all()
    assert large["smallest_p"].tolist() == pytest.approx([0.05, 0.05])
    assert large["power"].iloc[1] >= large["power"].iloc[0]
    words = " ".join(capsys.readouterr().out.split())
    assert "Chance of p up to 0.05 (3 studies each)" in words
    assert "4 people x 2 smilers: no study of this size can reach p = 0.05" in words
    assert "Studies are judged on people and stimuli that were never trained on, by 1 to 19 permutations." in words
