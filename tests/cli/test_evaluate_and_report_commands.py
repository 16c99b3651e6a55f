"""`smilejax evaluate` and `smilejax report` as a user meets them."""

import json
import shutil
import signal
import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run, started

import smilejax
from smilejax import SimulationSettings
from smilejax.cli.main import command_named
from smilejax.cli.parsing import parse_options
from smilejax.evaluation.study import load_study

pytestmark = pytest.mark.slow

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
        "--inner-proportion",
        "0.5",
    ),
    *(
        "--attribution-seeds",
        "1",
        "--draws",
        "100",
        "--epochs",
        "2",
        "--minibatch-size",
        "8",
        "--hidden",
        "4",
        "--dense",
        "6",
        "4",
    ),
    *("--resample-hz", "10"),
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = SimulationSettings(participants=4, smilers=4, duration_ms=1500)
    path = tmp_path_factory.mktemp("recording") / "recording.csv"
    trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
    smilejax.write_tidy(trials, path)
    stimuli = sorted(set(trials.stimulus or ()))
    lines = [f"{name},{k % 3}.5,{'xy'[k // 2 % 2]}" for k, name in enumerate(stimuli)]
    path.with_name("stimuli.csv").write_text("\n".join(("stimulus,luminance,room", *lines)))
    out = ["participant,trial,reason,blind", f"{trials.participant[3]},{trials.trial[3]},noise,yes"]
    path.with_name("excluded.csv").write_text("\n".join(out))
    return path


def but_one(recording: Path) -> list[str]:
    """The options that leave one trial out."""
    return ["--exclude", str(recording.with_name("excluded.csv"))]


@pytest.fixture(scope="module")
def study(recording: Path) -> Path:
    folder = recording.parent / "study"
    table = recording.with_name("stimuli.csv")
    assert run("evaluate", recording, "--out", folder, *QUICK, *but_one(recording), "--stimulus-table", table) == 0
    return folder


def test_a_study_is_whole(study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(p.name for p in study.iterdir()) == ["arrays.npz", "model", "report.html", "study.json", "tables"]
    record = json.loads((study / "study.json").read_text())
    assert record["command"].startswith("smilejax")
    assert record["versions"]["jax"] == jax.__version__
    loaded = load_study(study)
    assert loaded.recomputed() == loaded.results
    assert [one.name for one in loaded.results.covariates] == ["luminance", "room"]
    assert next(one for one in loaded.results.classifiers if one.name == "covariates").scores is not None
    assert len(pd.read_csv(study / "tables" / "stimulus_covariates.csv")) == 8
    by_hand = record["about"]["source"]["by_hand"]
    assert [(one["reason"], one["trials"], one["blind"]) for one in by_hand] == [("noise", 1, True)]
    assert sum(by_hand[0]["classes"].values()) == 1
    assert record["data"]["trials"] == 31
    said = "1 trial was excluded by hand before cleaning, blind to the class: noise (1)."
    assert said in (study / "report.html").read_text()
    assert run("predict", study / "model", recording, "--out", tmp_path / "predictions.csv") == 0
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert len(predictions) == 32
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
    assert record["verdict"]["headline"] in words
    for finding in (*record["verdict"]["findings"], *record["verdict"]["limits"]):
        assert finding in words
    assert page.read_text() == (study / "report.html").read_text()
    assert "exists already" in refused(capsys, "report", study, "--out", page)
    assert "a report is written as .html" in refused(capsys, "report", study, "--out", tmp_path / "page.pdf")


def test_refusals(study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "already holds a finished study. Name" in refused(capsys, "evaluate", recording, "--out", study)
    other = refused(capsys, "evaluate", recording, "--out", study, "--resume", *QUICK, "--max-gap-ms", "250")
    assert "other settings (there -> here): max_gap_ms 400.0 -> 250.0." in other
    same = refused(capsys, "evaluate", recording, "--out", study, "--resume", *QUICK)
    assert "already holds a finished study. Name" in same
    assert "holds no study" in refused(capsys, "report", tmp_path)
    assert "--test-seeds must be at most --seeds, which is 1; it is 2" in refused(
        capsys, "evaluate", recording, "--out", tmp_path / "new", "--seeds", "1", "--test-seeds", "2"
    )
    assert "--seeds must be a whole number from 1 up; it is 0" in refused(
        capsys, "evaluate", recording, "--out", tmp_path / "new", "--seeds", "0"
    )
    twice = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--rates", "0.1", "0.1")
    assert "--rates must be varied over different values; 0.1 stands twice." in twice
    huge = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--rates", "1e99")
    assert "--rates must be a number above 0 and at most 1e+38" in huge
    predictions = tmp_path / "predictions.csv"
    assert f"Name {study / 'model'}" in refused(capsys, "predict", study, recording, "--out", predictions)
    table = tmp_path / "stimuli.csv"
    table.write_text("stimulus,luminance\nother,70\n")
    given = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--stimulus-table", table)
    assert "every stimulus with labelled trials needs a row; 8 stimuli have none" in given
    table.write_text("picture,luminance\nother,70\n")
    given = refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--stimulus-table", table)
    assert "no column names the stimuli. Head that column 'stimulus'" in given
    assert not (tmp_path / "new").exists()
    assert "memory" in refused(capsys, "evaluate", recording, "--out", tmp_path / "new", "--memory-mib", "0")
    one_class = pd.read_csv(recording)
    one_class[one_class["label"] == "posed"].to_csv(tmp_path / "posed.csv", index=False)
    assert "trials of both classes" in refused(capsys, "evaluate", tmp_path / "posed.csv", "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_stopped_and_resumed(study: Path, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C in the middle of the trainings; --resume then ends with the same numbers."""
    folder = tmp_path / "study"
    with started("evaluate", recording, "--out", folder, *QUICK, *but_one(recording)) as process:
        end = time.monotonic() + 300
        while not list(folder.glob("runs/*/parts/*.npz")) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 130, said
    assert "--resume" in said
    assert not (folder / "study.json").exists()
    assert "--resume" in refused(capsys, "report", folder)
    assert "a study was begun" in refused(capsys, "evaluate", recording, "--out", folder, *QUICK)
    for other in ([*QUICK, *but_one(recording), "--max-gap-ms", "250"], QUICK):  # another recipe; another trial
        assert "only as it was begun" in refused(capsys, "evaluate", recording, "--out", folder, "--resume", *other)
    capsys.readouterr()
    table = recording.with_name("stimuli.csv")  # as the other study has it; it may be given when trainings have begun
    options = [*QUICK, *but_one(recording), "--stimulus-table", table]
    assert run("evaluate", recording, "--out", folder, "--resume", *options) == 0
    before_training = " ".join(capsys.readouterr().out.split()).split("Verdict")[0]
    assert "the smallest attainable p is above .050" in before_training  # 3 permutations give a p of 1/4 at least
    one, other_record = (json.loads((f / "study.json").read_text()) for f in (study, folder))
    for name in ("protocols", "permutation_test", "classifiers", "verdict", "calibration"):
        assert one[name] == other_record[name], name


@pytest.mark.parametrize(
    ("seeds", "others"), [("1", (1, 1, 1)), ("3", (1, 3, 3)), ("10", (1, 5, 3)), ("40", (1, 5, 3))]
)
def test_fewer_seeds_need_no_other_option(seeds: str, others: tuple[int, ...]) -> None:
    for given in (["--seeds", seeds], [f"--seeds={seeds}"], ["--seeds", "7", "--seeds", seeds]):
        found = parse_options(command_named("evaluate"), ["data.csv", "--out", "study", *given]).study
        assert (found.seeds, found.test_seeds, found.inner_seeds, found.attribution_seeds) == (int(seeds), *others)


def test_the_tables_behind_the_verdict(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every protocol and classifier by its label, with its own numbers; a difference stands with its interval."""
    words = printed(capsys, "report", study, "--out", study.parent / "again.html", "--overwrite")
    results = load_study(study).results
    protocols, classifiers = words.split("Limits of this study")[1].split("Other classifiers, on the folds")
    protocols = protocols.split("network tested on")[1]
    for protocol in results.protocols:
        scores = protocol.scores
        assert scores is not None
        estimate, auc = scores.interval.estimate, scores.mean_over_seeds.auc.mean
        assert estimate is not None
        assert auc is not None
        first = protocol.label.split(" stimuli")[0].split()[:3]
        assert " ".join(first) in protocols
        assert f"{estimate:.0%}" in protocols
        assert f"{auc:.2f}" in protocols
    kinds = [classifiers.index("Reference classifiers"), classifiers.index("Negative control")]
    assert kinds == sorted(kinds)
    for one in results.classifiers:
        assert one.scores is not None
        difference, score = one.scores.difference, one.scores.interval.estimate
        assert difference.estimate is not None
        assert score is not None
        rounded = round(100 * difference.estimate)
        shown = f"{score:.0%} {rounded:+d}" if rounded else f"{score:.0%} 0"
        label = one.label.split()[0]
        row = classifiers[classifiers.index(label) :][:70]
        assert shown in row, one.label
        if difference.low is not None and difference.high is not None:
            assert f"{round(100 * difference.low):+d} to" in classifiers.replace(" 0 to", " +0 to")
    assert "Always predicting" in protocols


def test_recordings_that_begin_before_onset(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a table with columns of its own and a mapping file to the report, whose time is zero at onset, and predictions."""
    names = {"participant": "who", "trial": "nr", "time_ms": "t", "label": "kind", "left_mm": "l", "right_mm": "r"}
    frame = pd.read_csv(recording).rename(columns=names).assign(t=lambda f: (f["t"] - 500).round(4))
    frame.to_csv(tmp_path / "own.csv", index=False)
    columns = [("--participant", "who"), ("--trial", "nr"), ("--time", "t"), ("--label", "kind")]
    options = [word for pair in [*columns, ("--left", "l"), ("--right", "r"), ("--unit", "mm")] for word in pair]
    mapping = ("--mapping", tmp_path / "map.toml")
    printed(capsys, "check", tmp_path / "own.csv", *options, "--save-mapping", mapping[1])
    study = tmp_path / "study"
    printed(capsys, "evaluate", tmp_path / "own.csv", *mapping, "--out", study, *QUICK, "--baseline-ms", "-200", "0")

    record = json.loads((study / "study.json").read_text())
    assert record["about"]["start_ms"] == pytest.approx(-500, abs=0.01)
    assert record["about"]["recipe"]["baseline_ms"] == [-200, 0]
    shown = np.array(record["dilation"]["time_ms"])
    assert (shown[0], shown[5]) == pytest.approx((-500, 0), abs=0.01)
    assert (record["attribution"]["time_ms"][0]) == pytest.approx(-500, abs=0.01)
    before = (shown >= -200) & (shown < 0)
    lines = np.array([one["mean"] for one in record["dilation"]["classes"].values()])
    assert np.abs(lines[:, before].mean(axis=1)).max() < 0.1 < np.abs(lines).max()  # it is subtracted there
    page = (study / "report.html").read_text()
    assert "Trials begin at \u2212500 ms; zero is their onset" in page
    assert "subtract the mean of the 200 ms before onset" in page

    # The study, and its model, keep how their recordings were read, and the model reads new ones so.
    assert record["data_from"]["read"]["participant"] == "who"
    model = smilejax.load_model(study / "model")
    assert (model.read_settings.participant, model.read_settings.trial, model.read_settings.left) == (
        "who",
        ("nr",),
        "l",
    )
    frame.assign(who=frame["who"] + "x").to_csv(tmp_path / "new.csv", index=False)
    words = printed(capsys, "predict", study / "model", tmp_path / "new.csv", "--out", tmp_path / "p.csv")
    assert "which these do not have" not in words
    assert "32 labelled trials" in words
    assert set(pd.read_csv(tmp_path / "p.csv")["participant"]) == {f"{who}x" for who in set(frame["who"])}


def test_a_plan_is_printed_and_nothing_is_written(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(recording.parent.rglob("*"))
    said = printed(capsys, "evaluate", recording, "--plan", *QUICK, "--stop-after", "2")
    assert "Permutation test: at most 3 label permutations" in said
    assert (
        "The test stops as soon as 2 permutations have scored as high as the study or higher: after 3 on average"
        in said
    )
    assert "at most 4 labellings" in said
    of_all = "t most 44 trainings for scores and tests, and 6 more for attribution and the final model"
    assert said.count(of_all) == 2  # above the table and below it: 44 runs, 4 of attribution, 2 of the final model
    assert "attributions and the report are not counted" not in said
    assert "Nothing was written." in said
    assert sorted(recording.parent.rglob("*")) == before
    assert "--out must name a folder for the study; none was named. --plan does without one" in refused(
        capsys, "evaluate", recording
    )


def test_methods_are_printed_and_nothing_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(Path(__file__).parents[1] / "fixtures" / "schema_2" / "study", study)
    before = {path: path.stat().st_mtime_ns for path in study.rglob("*")}
    words = printed(capsys, "report", study, "--methods")
    assert words.startswith("Methods The pupils of 4 participants who watched 8 stimuli of 4 smilers")
    assert (
        " Results On participants and stimuli that were not in the training set, balanced accuracy was 50.0%" in words
    )
    assert words.count("References") == 1
    assert {path: path.stat().st_mtime_ns for path in study.rglob("*")} == before
    assert "prints, and writes no file" in refused(capsys, "report", study, "--methods", "--out", tmp_path / "x.html")


def test_a_plan_says_before_that_it_takes_time(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", recording, "--plan", *QUICK) == 0
    assert "a few short trainings are timed; on some machines this takes minutes" in capsys.readouterr().err
