"""`smilejax train-many`: what is refused before anything is read or trained, and what is printed."""

import re
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from helpers import command_line
from helpers.drawn_faces import drawn_faces

import smilejax
from smilejax._util.cores import cores
from smilejax._util.errors import OutputError, SettingsError
from smilejax.cli import device_setup
from smilejax.cli.device_setup import Processes
from smilejax.cli.main import command_named
from smilejax.cli.parsing import parse_options
from smilejax.cli.train_many_command import plan_of, runs_progress
from smilejax.training.plans.saved_runs import PARTS, Storage

SMALL = ["--epochs", "2", "--hidden", "4", "--dense", "6", "4", "--seeds", "2"]


def frame(stimuli: bool = False) -> pd.DataFrame:
    """Three participants with names that codes would hide, four trials each."""
    rng = np.random.default_rng(0)
    rows = [
        {"participant": who, "trial": s, "stimulus": f"clip {s}", "label": ("posed", "genuine")[s % 2],
         "time_ms": t * 1000 / 60, "left": 3.5 + 0.01 * t * (s % 2) + 0.02 * rng.normal(), "right": 3.4}
        for who in ("zoe", "1", "NA-7") for s in range(4) for t in range(90)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    return table if stimuli else table.drop(columns="stimulus")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording.csv"
    frame().to_csv(path, index=False)
    return path


def run(*args: object) -> int:
    return command_line.run("train-many", *args)


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    return command_line.refused(capsys, "train-many", *args)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", "-4"], "--seed must be a whole number from 0 to 4294967295; it is -4."),
        (["--seed", str(2**32 - 3)], "is at most 4294967295; it is 4294967293. The last one would be 4294967302."),
        (["--seeds", "5000000000"], "is at most 4294967295; it is 0. The last one would be 4999999999."),
        (["--seeds", "0"], "--seeds must be a whole number from 1 up; it is 0."),
        (["--permutations", "-1"], "--permutations must be a whole number from 0 up; it is -1."),
        (["--folds", "1"], "--folds must be a whole number from 2 up; it is 1."),
        (["--repeats", "0"], "--repeats must be a whole number from 1 up; it is 0."),
        (["--memory-mib", "0"], "--memory-mib must be a number above 0; it is 0."),
        (["--memory-mib", "-5"], "--memory-mib must be a number above 0; it is -5."),
        (["--memory-mib", "inf"], "--memory-mib must be a number above 0; it is inf."),
        (["--devices", "0"], "--devices must be a whole number from 1 to"),
        (["--devices", "100000"], r"(8 for each core); it is 100000."),
        (
            ["--process", "0"],
            "--process must be given together with --distributed. Without it this process would train everything alone. Add "
            "--distributed, or leave --process out.",
        ),
        (["--coordinator", "a:1", "--processes", "2"], "--coordinator must be given together with --distributed."),
        (["--distributed", "--processes", "0"], "--processes must be a whole number from 1 up; it is 0."),
        (
            ["--distributed", "--processes", "2", "--process", "2"],
            "--process must be a whole number from 0 to 1, one less than --processes; it is 2.",
        ),
        (["--distributed", "--coordinator", "node7"], "--coordinator must be HOST:PORT; it is 'node7'."),
        (["--learning-rate", "0"], "--learning-rate must be a number above 0 and at most 1e+38; it is 0."),
        (["--resample-hz", "0"], "--resample-hz must be"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    said = refused(capsys, tmp_path / "nothing.csv", "--out", tmp_path / "runs", *options)
    assert message in said
    assert "no such file" not in said
    assert not (tmp_path / "runs").exists()


def test_a_folder_with_runs_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    assert "is not empty and holds no runs" in refused(capsys, tmp_path / "nothing.csv", "--out", tmp_path / "mine")


def test_more_accelerators_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class Accelerator:
        platform = "gpu"

    there = [Accelerator(), Accelerator()]
    monkeypatch.setattr(jax, "local_devices", lambda: there)
    with pytest.raises(
        SettingsError, match=r"at most 2, the number of gpu devices here; it is 3. Leave it out to use all"
    ):
        device_setup.chosen(3)
    assert device_setup.chosen(1) == there[:1]
    assert device_setup.chosen(None) == there


def test_a_cpu_trains_as_many_at_a_time_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = jax.local_devices()[0]
    assert device_setup.chosen(3) == [cpu] * 3
    assert device_setup.chosen(None) == [cpu] * cores()
    monkeypatch.setenv("SMILEJAX_CORES", "7")
    assert device_setup.chosen(None) == [cpu] * 7


def test_what_the_recording_lacks_is_said_in_options(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs"
    for split in ("participant-and-stimulus", "stimulus"):
        said = refused(capsys, recording, "--out", out, "--split", split)
        assert f"--split {split} needs the stimulus of every trial" in said
        assert "Name its column with --stimulus, or use --split participant." in said
    frame().assign(label="posed").to_csv(recording, index=False)
    said = refused(capsys, recording, "--out", out)
    assert "training needs trials of both classes; there are 12 posed and 0 genuine. Check the labels" in said
    assert "folds" not in said


def test_where_the_recipe_leaves_one_class_the_counts_are_said(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = frame()
    gone = (table["label"] == "genuine") & (table["time_ms"] > 100)
    table.assign(left=table["left"].where(~gone), right=table["right"].where(~gone)).to_csv(recording, index=False)
    said = refused(capsys, recording, "--out", tmp_path / "runs")
    assert (
        "of those that are kept and labelled 6 are posed and 0 genuine. Check the labels, and what the recipe" in said
    )


@pytest.mark.slow
def test_too_little_memory_leaves_nothing_and_people_keep_their_names(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a" / "runs"
    frame(stimuli=True).to_csv(recording, index=False)
    said = refused(capsys, recording, "--out", out, *SMALL, "--memory-mib", "0.001")
    assert re.search(
        r"0\.001 MiB may be used\. Raise --memory-mib, use fewer --devices, .* or the recipe's --resample-hz\.", said
    )
    assert not out.parent.exists()
    assert (
        run(
            recording,
            "--out",
            out,
            *SMALL,
            "--permutations",
            1,
            "--memory-mib",
            "500",
            "--split",
            "participant-and-stimulus",
        )
        == 0
    )
    said = " ".join(capsys.readouterr().out.split())
    assert "the true labels and 1 label permutation; one program" in said
    assert "Labels are permuted among stimuli: each of 4 stimuli has one label" in said
    table = smilejax.load_runs(out).table
    assert set(table["fold"]) == {f"{who} x clip {s}" for who in ("zoe", "1", "NA-7") for s in range(4)}
    assert "already holds runs" in refused(capsys, tmp_path / "nothing.csv", "--out", out)


def test_progress_without_a_terminal_and_a_damaged_part_are_said(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runs"

    def full(*_: object) -> None:
        raise OutputError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "finish", full)
        assert "no space" in refused(capsys, recording, "--out", out, *SMALL)
    damaged = min((out / PARTS).glob("*.npz"))
    damaged.write_bytes(b"")
    capsys.readouterr()
    assert run(recording, "--out", out, *SMALL, "--resume") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert f"Note: {damaged} is damaged; it is set aside as .damaged, and its runs are trained again." in said
    assert re.search(r"runs: 4 of 6 \(67%\) runs: 6 of 6 \(100%\), [\d.e+]+ a second$", said)
    assert set(smilejax.load_runs(out).table["fold"]) == {"zoe", "1", "NA-7"}


def test_lines_come_at_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with runs_progress(1000, quiet=False) as tell:
        for done in range(0, 1001, 2):
            tell(done)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"runs: {100 * k} of 1000 ({10 * k}%)" for k in range(11)]
    with runs_progress(0, quiet=False) as tell:
        tell(0)
    assert capsys.readouterr().err == "runs: 0 of 0 (0%)\n"


def test_a_share_counts_its_own_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax, "process_count", lambda: 3)
    with runs_progress(100, quiet=False) as tell:
        tell(10)
        tell(40)
    first, last = capsys.readouterr().err.splitlines()
    assert first == "runs of this process: 10 of 40 (25%)"  # a third of the ninety that are left
    assert last.startswith("runs of this process: 40 of 40 (100%), ")


def test_a_coordinator_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise RuntimeError("deadline exceeded\nmore")

    monkeypatch.setattr(jax.distributed, "initialize", absent)
    with pytest.raises(SettingsError, match="the processes cannot find each other: deadline exceeded Give coordinator"):
        device_setup.find_processes(Processes(distributed=True))


@pytest.mark.parametrize(("permutations", "same"), [("0", False), ("2", True)])
@pytest.mark.parametrize("split", ["shuffled", "participant"])
def test_with_permutations_folds_do_not_depend_on_the_labels(split: str, permutations: str, same: bool) -> None:
    """Folds balanced by the true labels would suit these better than the permuted ones that they are compared with."""
    study = smilejax.simulate_study(
        smilejax.SimulationSettings(participants=16, smilers=2, duration_ms=1500), key=jax.random.key(0)
    ).trials
    words = ["x", "--out", "y", "--split", split, "--folds", "4", "--permutations", permutations]
    command = parse_options(command_named("train-many"), words)
    dataset = smilejax.prepare(study, smilejax.Recipe())
    people = np.asarray(dataset.participant)
    made = []
    for of_one_label in (range(8), range(0, 16, 2)):
        labels = np.isin(people, list(of_one_label)).astype(np.int32)
        other = replace(dataset, y=jax.numpy.asarray(labels))
        made.append(plan_of(command, study, other).folds.test)
    assert np.array_equal(*made) is same


def test_of_faces_training_and_recipe_are_those_of_faces() -> None:
    faces = drawn_faces()
    command = parse_options(command_named("train-many"), ["x", "--out", "y", "--folds", "2", "--epochs", "7"])
    dataset = smilejax.prepare(faces, smilejax.FaceRecipe())
    plan = plan_of(command, faces, dataset)
    assert plan.variants == (replace(smilejax.TrainingSettings.faces(), epochs=7),)
    assert plan.folds.scheme == "participant"
