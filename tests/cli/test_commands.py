"""The command line as a user meets it: what is printed, what is written, and how it ends."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run, started

import smilejax
from smilejax import Recipe, TrainingSettings
from smilejax.cli import main, train_command
from smilejax.evaluation.study import load_study
from smilejax.settings import from_json

SMALL = ["--epochs", "2", "--hidden", "4", "--dense", "12", "6"]
SAMPLES = 90


def frame(trials: int = 8, samples: int = SAMPLES) -> pd.DataFrame:
    """A tidy table: every sample differs, two participants, both classes."""
    rows = []
    for trial in range(trials):
        t = np.arange(samples)
        left = 3 + 0.1 * trial + 0.3 * np.sin(t / 9 + trial) * (1 if trial % 2 else -1)
        rows.append(
            pd.DataFrame(
                {
                    "subject": f"s{trial // 4}",
                    "trial": f"t{trial}",
                    "time_ms": t * 1000 / 60,
                    "left": left.round(4),
                    "right": (left - 0.2).round(4),
                    "label": ["posed", "genuine"][trial % 2],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording.csv"
    frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    frame().to_csv(folder / "recording.csv", index=False)
    assert (
        main(
            [
                "train",
                str(folder / "recording.csv"),
                "--out",
                str(folder / "model"),
                "--holdout",
                "0.5",
                "--seeds",
                "2",
                *SMALL,
            ]
        )
        == 0
    )
    return folder / "model"


def test_check_prints_what_was_understood(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", recording) == 0
    out = capsys.readouterr().out
    for words in ("'subject'", "'time_ms'", "60 Hz", "8 trials, 2 participants", "posed", "1500"):
        assert words in out


def test_train_and_predict(trained: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((trained / "model.json").read_text())["record"]
    assert record["settings"]["epochs"] == 2
    assert record["recipe"]["duration_ms"] == 1500.0
    assert record["made"]["seed"] == 0
    assert len(record["made"]["history"]["held_out_loss"]) == 2
    assert sum(t["used"] == "held out" for t in record["made"]["trials"]) == 4
    assert len(record["made"]["data"]["sha256"]["recording.csv"]) == 64
    assert record["versions"]["smilejax"] == smilejax.__version__

    out = tmp_path / "predictions.csv"
    assert run("predict", trained, recording, "--out", out) == 0
    table = pd.read_csv(out)
    assert table["trial"].tolist() == [f"t{i}" for i in range(8)]
    np.testing.assert_allclose(table["p_posed"] + table["p_genuine"], 1)
    assert table["label"].tolist() == ["posed", "genuine"] * 4  # the truth; what was predicted stands in its own column
    assert set(table["predicted"]) <= {"posed", "genuine"}
    words = " ".join(capsys.readouterr().out.split())
    assert re.search(r"8 trials: \d predicted as (posed|genuine)", words)
    hits = [list(table["predicted"] == name)[k::2] for k, name in enumerate(("posed", "genuine"))]
    balanced = np.mean([np.mean(of_class) for of_class in hits])
    assert f"Balanced accuracy on the 8 labelled trials that the recipe keeps: {balanced:.1%}" in words
    assert "the larger class has 50.0% of the trials" in words
    assert "exists already" in refused(capsys, "predict", trained, recording, "--out", out)
    assert run("predict", trained, recording, "--out", out, "--overwrite") == 0


def test_the_scored_are_not_the_trained(trained: Path) -> None:
    """The record's roles, trained on again, give the record's history: the CLI learns from whom it says."""
    record = json.loads((trained / "model.json").read_text())["record"]
    roles = {(t["participant"], t["trial"]): t["used"] for t in record["made"]["trials"]}
    trials = smilejax.read(trained.parent / "recording.csv")
    used = np.array([roles[name] for name in zip(trials.participant, trials.trial, strict=True)])
    people = np.array(trials.participant)
    assert not set(people[used == "held out"]) & set(people[used == "trained"])
    settings = from_json(TrainingSettings, record["settings"])
    keys = [jax.random.fold_in(jax.random.key(seed), train_command.TRAINING) for seed in (0, 1)]
    dataset = smilejax.prepare(trials, from_json(Recipe, record["recipe"]))
    masks = {"train_mask": used == "trained", "validation_mask": used == "held out"}
    again = [smilejax.train(dataset, settings, key=key, **masks) for key in keys]
    for name, part in (("train_loss", "train"), ("held_out_loss", "validation")):
        mean = np.mean([getattr(one, part).loss for one in again], axis=0)
        np.testing.assert_allclose(mean, record["made"]["history"][name], atol=1e-5)


def test_predicting_needs_no_labels(trained: Path, tmp_path: Path) -> None:
    frame().drop(columns="label").to_csv(tmp_path / "new.csv", index=False)
    assert run("predict", trained, tmp_path / "new.csv", "--out", tmp_path / "a.parquet") == 0
    assert len(pd.read_parquet(tmp_path / "a.parquet")) == 8


def test_predict_says_what_it_cannot_compare(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Labels that are no class of the model, and a trial without a sample."""
    table = frame()
    table["label"] = table["label"].map({"posed": "Easy", "genuine": "Hard"})
    table.loc[table["trial"] == "t3", ["left", "right"]] = np.nan
    table.to_csv(tmp_path / "other.csv", index=False)
    words = " ".join(printed(capsys, "predict", trained, tmp_path / "other.csv", "--out", tmp_path / "a.csv").split())
    assert "8 of 8 trials have no label that is a class of the model, posed or genuine" in words
    assert "labels in the file: Easy, Hard" in words
    assert "1 trial would have been rejected in training (nothing measured) and has no prediction." in words
    assert "Balanced accuracy" not in words


def test_predict_answers_the_files_that_can_be_read(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of three is broken and one is not there: both are named, and the exit code is 2."""
    frame().to_csv(tmp_path / "good.csv", index=False)
    frame().drop(columns=["left", "right"]).to_csv(tmp_path / "broken.csv", index=False)
    files = [tmp_path / name for name in ("broken.csv", "good.csv", "absent.csv")]
    message = refused(capsys, "predict", trained, *files, "--out", tmp_path / "a.csv")
    assert "2 files could not be read, and the others are answered above." in message
    assert "broken.csv: no column with the pupil" in message
    assert "absent.csv: there is no such file" in message
    table = pd.read_csv(tmp_path / "a.csv")
    assert run("predict", trained, files[1], "--out", tmp_path / "b.csv") == 0
    pd.testing.assert_frame_equal(table[:8], pd.read_csv(tmp_path / "b.csv"))
    assert table["trial"].tolist()[8:] == ["absent.csv", "broken.csv"]
    assert table["predicted"][8:].isna().all()
    assert table["status"][8:].str.startswith("not read: ").all()
    alone = refused(capsys, "predict", trained, files[0], "--out", tmp_path / "c.csv")
    assert "could not be read, and" not in alone
    assert not (tmp_path / "c.csv").exists()


def test_help_of_predict_names_no_default_classes(capsys: pytest.CaptureFixture[str]) -> None:
    assert "The classes of the model" in " ".join(_help(capsys, "predict").split())
    assert "default: posed genuine" not in _help(capsys, "predict")
    assert "default: posed genuine" in _help(capsys, "train")
    assert "(default: none)" in _help(capsys, "train"), "that of --class-weights"


def _help(capsys: pytest.CaptureFixture[str], command: str) -> str:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return capsys.readouterr().out


def test_check_says_what_to_do_where_classes_do_not_fit(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(printed(capsys, "check", recording, "--classes", "Easy", "Hard").split())
    assert (
        "genuine, posed: neither Easy nor Hard; if these are the classes, name them: --classes genuine posed" in words
    )


@pytest.mark.slow
def test_another_rate_is_said(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fast = frame(samples=180)
    fast["time_ms"] /= 2
    fast.to_csv(tmp_path / "fast.csv", index=False)
    assert run("predict", trained, tmp_path / "fast.csv", "--out", tmp_path / "a.csv") == 0
    assert "recorded at 120 Hz, where the model's recordings had 60; resampled" in " ".join(
        capsys.readouterr().out.split()
    )


def test_simulate_writes_a_study_that_reads(tmp_path: Path) -> None:
    out, truth = tmp_path / "study.csv", tmp_path / "truth.csv"
    options = ["--participants", "2", "--smilers", "2", "--duration-ms", "1000", "--sentinel", "-1", "--seed", "5"]
    assert run("simulate", "--out", out, "--truth", truth, *options) == 0
    trials = smilejax.read(out)
    assert (len(trials), trials.rate_hz, trials.class_names) == (8, 60.0, ("posed", "genuine"))
    assert len(pd.read_csv(truth)) == len(pd.read_csv(out)) == 480
    about = json.loads((tmp_path / "study.csv.json").read_text())
    assert about["seed"] == 5
    assert about["settings"]["participants"] == 2
    again = tmp_path / "again.csv"
    assert run("simulate", "--out", again, *options) == 0
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("options", "late"),
    [
        (["--duration-ms", "1000"], True),
        (["--duration-ms", "2000"], False),
        (["--duration-ms", "1000", "--effect-mm", "0"], False),
    ],
)
def test_a_note_on_trials_that_end_before_their_effect(
    options: list[str], late: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("simulate", "--out", tmp_path / "s.csv", "--participants", "1", "--smilers", "1", *options) == 0
    assert ("trials end at 1000 ms, before the effect begins at 1500 ms" in capsys.readouterr().err) is late


def spoil(kind: str) -> pd.DataFrame:
    table = frame()
    if kind == "no time":
        return table.drop(columns="time_ms")
    if kind == "no pupil":
        return table.drop(columns=["left", "right"])
    if kind == "unknown label":
        return table.assign(label=table["label"].replace({"posed": "easy", "genuine": "hard"}))
    if kind == "one class":
        return table.assign(label="posed")
    if kind == "label changes":
        table.loc[40, "label"] = "genuine"
    elif kind == "text":
        table["left"] = table["left"].astype(object)
        table.loc[10, "left"] = "oops"
    elif kind == "backward time":
        table.loc[20, "time_ms"] = table.loc[18, "time_ms"] - 1
    elif kind == "duplicate time":
        table.loc[20, "time_ms"] = table.loc[19, "time_ms"]
    elif kind == "all missing":
        table[["left", "right"]] = -1
    elif kind == "no mm":
        return table.assign(left=table["left"] * 400, right=table["right"] * 400).rename(
            columns={"left": "left [mm]", "right": "right [mm]"}
        )
    elif kind == "short trial":
        return table[(table["trial"] != "t3") | (table["time_ms"] < 30)]
    return table


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("no time", r"bad\.csv.* time .*--time"),
        ("no pupil", r"bad\.csv.*pupil.*--pupil"),
        ("unknown label", r"bad\.csv, line 2: .*'easy'.*--classes"),
        ("one class", r"training needs trials of both classes; there are 8 posed and 0 genuine"),
        ("label changes", r"bad\.csv, line 42.*t0"),
        ("text", r"bad\.csv, line 12, column 'left'.*'oops'"),
        ("backward time", r"bad\.csv, line 22.*t0"),
        ("duplicate time", r"bad\.csv, line 22.*t0"),
        ("all missing", r"bad\.csv.*no sample|bad\.csv.*missing"),
        ("no mm", r"bad\.csv.*cannot be in mm.*--unit au"),
        ("short trial", r"bad\.csv.*t3"),
    ],
)
def test_bad_recordings(kind: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, row or trial, what was found and what to do; and nothing is written."""
    spoil(kind).to_csv(tmp_path / "bad.csv", index=False)
    said = refused(capsys, "train", tmp_path / "bad.csv", "--out", tmp_path / "model", "--holdout", "0", *SMALL)
    assert re.search(message, said), said
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"bad\.csv.*empty"),
        (b"subject,trial,time_ms,left,right,label\n", r"bad\.csv"),
        (b"just some words\nand more of them\n", r"bad\.csv"),
        (bytes(range(256)) * 20, r"bad\.csv"),
    ],
)
def test_files_that_are_no_tables(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    assert re.search(message, refused(capsys, "check", tmp_path / "bad.csv"))


def test_a_decimal_comma_is_named_and_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame().to_csv(tmp_path / "bad.csv", index=False, sep=";", decimal=",")
    assert "--decimal ," in refused(capsys, "check", tmp_path / "bad.csv")
    assert run("check", tmp_path / "bad.csv", "--decimal", ",") == 0


def test_missing_things_are_named(
    trained: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nothing.csv: there is no such file" in refused(capsys, "check", tmp_path / "nothing.csv")
    assert "there is no saved model" in refused(
        capsys, "predict", tmp_path / "no", recording, "--out", tmp_path / "a.csv"
    )
    assert "holds no model.json" in refused(capsys, "predict", tmp_path, recording, "--out", tmp_path / "a.csv")
    assert "suffix" in refused(capsys, "predict", trained, recording, "--out", tmp_path / "a.doc")
    assert "is saved at" in refused(capsys, "train", recording, "--out", trained, *SMALL)
    assert not (tmp_path / "a.csv").exists()


def test_bad_options(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model"
    assert "--epochs must be a whole number from 1 up; it is 0" in refused(
        capsys, "train", recording, "--out", out, "--epochs", 0
    )
    assert "--seed must be a whole number from 0 to 4294967295" in refused(
        capsys, "train", recording, "--out", out, "--seed", 2**32
    )
    assert "--holdout must be at least 0 and below 1; it is 1" in refused(
        capsys, "train", recording, "--out", out, "--holdout", 1
    )
    assert "--lowpass-hz must be below half" in refused(capsys, "train", recording, "--out", out, "--lowpass-hz", 40)
    assert "two different words" in refused(capsys, "check", recording, "--classes", "a", "a")
    assert run("train", recording) == 2
    assert run("dance") == 2
    assert not out.exists()


def test_a_damaged_model_is_refused(
    trained: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    victim = max((f for f in copy.glob("arrays-*/**/*") if f.is_file()), key=lambda f: f.stat().st_size)
    raw = bytearray(victim.read_bytes())
    raw[len(raw) // 2] ^= 1
    victim.write_bytes(bytes(raw))
    assert "altered after it was saved" in refused(capsys, "predict", copy, recording, "--out", tmp_path / "a.csv")


def test_an_unwritable_place_is_found_before_the_work(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "model", Path("/proc/nowhere/model")):
        said = refused(capsys, "train", recording, "--out", place, *SMALL)
        assert "cannot be written" in said
        assert "understood as" not in said


def test_predict_takes_the_models_classes(
    trained: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "predict", trained, recording, "--out", tmp_path / "a.csv", "--classes", "Easy", "Hard")
    assert "--classes must be those of the model, posed and genuine; it is Easy Hard. Leave out --classes." in said


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [2.0, 6.0])
def test_ctrl_c_is_heard_at_once_and_leaves_nothing(recording: Path, tmp_path: Path, after_s: float) -> None:
    """While it reads, compiles or trains; within a few seconds, with 130, and no model."""
    with started("train", recording, "--out", tmp_path / "model", "--epochs", 100000) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped; what was not finished was not written" in said
    assert not (tmp_path / "model").exists()


def test_a_started_command_is_ended_whatever_happens(recording: Path, tmp_path: Path) -> None:
    """A test that fails leaves no training behind."""
    with (
        pytest.raises(ZeroDivisionError),
        started("train", recording, "--out", tmp_path / "model", "--epochs", 100000) as process,
    ):
        raise ZeroDivisionError
    assert process.poll() == -signal.SIGKILL


def test_of_unequal_classes_the_larger_ones_share_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An accuracy that always predicting one class would have is not to be taken for one of the network."""
    table = frame(trials=16)
    table["label"] = np.where(table["trial"].isin(["t0", "t4", "t8", "t12"]), "genuine", "posed")
    table.to_csv(tmp_path / "unequal.csv", index=False)
    options = ["--holdout", 0.5, "--epochs", 1, "--hidden", 4, "--dense", 12, 6]
    words = printed(capsys, "train", tmp_path / "unequal.csv", "--out", tmp_path / "model", *options)
    heads, rows = words.split("After training")[1].split("Balanced accuracy is the mean")[0].split("trained on")
    assert "balanced" in heads
    for row in rows.split("held out"):
        balanced, accuracy, share = re.findall(r"[\d.]+%", row)
        assert share == "75.0%"
        assert "posed 75.0%" in row
        recalls = 2 * float(balanced.rstrip("%"))
        assert min(abs(0.75 * a + 0.25 * (recalls - a) - float(accuracy.rstrip("%"))) for a in range(101)) < 0.6


def test_a_reader_that_goes_away_and_a_full_device(recording: Path) -> None:
    check = f"{sys.executable} -m smilejax check {recording}"
    piped = subprocess.run(
        f"set -o pipefail; {check} | true",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.returncode, piped.stderr) == (0, "")
    full = subprocess.run(f"{check} > /dev/full", shell=True, capture_output=True, text=True, check=False)
    assert full.returncode == 2
    assert "no space left" in full.stderr
    assert "Traceback" not in full.stderr


def test_ctrl_c_ends_with_130(
    recording: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from smilejax import readers

    def interrupted(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(readers, "read", interrupted)
    assert run("check", recording) == 130
    assert "stopped" in capsys.readouterr().err


def test_faults_of_the_package_keep_their_traceback(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from smilejax import readers

    def broken(*args: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(readers, "read", broken)
    with pytest.raises(ZeroDivisionError):
        main(["check", str(recording)])


@pytest.mark.slow
def test_the_demo_as_a_new_user_runs_it(tmp_path: Path) -> None:
    """In a process of its own, from elsewhere, through a pipe; twice, the second time refused."""
    command = [sys.executable, "-m", "smilejax", "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "Verdict: Above chance" in words, "the defaults must find a 0.3 mm effect"
    folder = tmp_path / "smilejax-demo"
    assert sorted(p.name for p in folder.iterdir()) == ["new.csv", "predictions.csv", "recording.csv", "study"]
    assert (folder / "study" / "report.html").stat().st_size < 8e6
    table = pd.read_csv(folder / "predictions.csv")
    truth = smilejax.read(folder / "new.csv")
    labels = np.array([truth.class_names[k] for k in truth.label])
    balanced = np.mean([(table["predicted"] == name)[labels == name].mean() for name in truth.class_names])
    assert f"Balanced accuracy on the {len(table)} labelled trials that the recipe keeps: {balanced:.1%}" in words
    assert balanced > 0.7
    study = load_study(folder / "study")
    assert study.recomputed() == study.results
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_a_demo_replaces_no_other_folder(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not empty" in refused(capsys, "demo", "--out", trained.parent, "--overwrite")


def test_outputs_do_not_replace_each_other_or_the_input(
    trained: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.csv"
    assert "must be different files" in refused(capsys, "simulate", "--out", out, "--truth", out)
    assert "must not be the recording" in refused(
        capsys, "predict", trained, recording, "--out", recording, "--overwrite"
    )
    assert not out.exists()


def test_a_refused_command_leaves_no_folder(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, "train", tmp_path / "nothing.csv", "--out", tmp_path / "a" / "b" / "model")
    refused(capsys, "predict", tmp_path / "no", recording, "--out", tmp_path / "q" / "w.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["recording.csv"]


@pytest.mark.slow
def test_the_script_to_copy_from_runs(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "experiments" / "train.py"
    command = [sys.executable, str(script), "--epochs", "1", "--out", str(tmp_path / "model")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "held-out participants: balanced accuracy" in done.stdout
    assert smilejax.load_model(tmp_path / "model").class_names == ("posed", "genuine")


def test_the_real_file(real_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", real_file, "--classes", "Easy", "Hard") == 0
    out = capsys.readouterr().out
    for words in ("48 trials, 8 participants", "60 Hz", "-1: 7301", "10000"):
        assert words in out
    assert run("check", real_file) == 0
    assert "--classes Easy Hard" in " ".join(capsys.readouterr().out.replace("│", "").split())
    assert "--classes Easy Hard" in refused(capsys, "train", real_file, "--out", tmp_path / "model")
