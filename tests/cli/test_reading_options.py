"""How recordings are read on the command line: several paths, mapping files, warnings, and names as they are."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import DATA
from helpers.command_line import on_one_line, printed, refused, run

import smilejax
from smilejax._util.errors import ReadError, SettingsError
from smilejax.cli.main import command_named
from smilejax.cli.parsing import parse_options
from smilejax.cli.predict_command import _read_as_the_model

SMALL = ["--epochs", "1", "--hidden", "2", "--dense", "4", "2", "--holdout", "0"]


def table(people: str = "ab", samples: int = 90, **columns: object) -> pd.DataFrame:
    """Two trials of each person, one of each class."""
    parts = []
    for who in people:
        for number, label in enumerate(("posed", "genuine")):
            t = np.arange(samples)
            left = (3 + 0.2 * number + 0.1 * np.sin(t / 5 + number)).round(4)
            parts.append(
                pd.DataFrame(
                    {"subject": who, "trial": f"t{number}", "time_ms": t * 1000 / 60, "left": left, "label": label}
                )
            )
    return pd.concat(parts, ignore_index=True).assign(**columns)


def written(path: Path, frame: pd.DataFrame) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path


def test_the_options_of_reading_are_read() -> None:
    words = [
        *(
            "check",
            "a.csv",
            "b.csv",
            "--trial",
            "block",
            "trial",
            "--names-from",
            "file: {participant}",
            "sheet: {trial}",
        ),
        *("--label-from", "sheet: A* = fake, * = real", "--trials-from", "ONSET_{trial}", "--events", "e.csv"),
        *("--window-ms", "-1000", "8000", "--join", "x.csv", "y.csv", "--exclude", "z.csv", "--area", "--unit", "m"),
        *("--thousands", ",", "--recorded-eye", "left", "--missing", "-1", "-9.5"),
    ]
    got = parse_options(command_named("check"), words[1:])
    assert got.data == (Path("a.csv"), Path("b.csv"))  # type: ignore[attr-defined]
    read = got.read  # type: ignore[attr-defined]
    assert read.trial == ("block", "trial")
    assert read.names_from == ("file: {participant}", "sheet: {trial}")
    assert read.label_from == "sheet: A* = fake, * = real"
    assert (read.trials_from, read.events, read.window_ms) == ("ONSET_{trial}", "e.csv", (-1000.0, 8000.0))
    assert (read.join, read.exclude, read.area, read.unit) == (("x.csv", "y.csv"), "z.csv", True, "m")
    assert (read.thousands, read.recorded_eye, read.missing) == (",", "left", (-1.0, -9.5))


def test_several_paths_are_one_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (written(tmp_path / f"{who}.csv", table(who)) for who in "ab")
    out = printed(capsys, "check", one, two)
    assert "4 trials, 2 participants" in out
    assert run("clean", one, two, "--quality", tmp_path / "q.csv") == 0
    assert len(pd.read_csv(tmp_path / "q.csv")) == 4
    said = refused(capsys, "clean", one, two, "--out", two, "--overwrite")
    assert "--out must not be the recording itself" in said
    assert "no further 'x'" in refused(capsys, "check", one, "--rate-hz", "60", "x")


def test_tables_that_are_read_are_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", table())
    out = written(tmp_path / "x.csv", pd.DataFrame({"participant": ["a"], "trial": ["t0"], "reason": ["asleep"]}))
    said = refused(capsys, "clean", path, "--exclude", out, "--out", out, "--overwrite")
    assert "must not be the recording itself" in said
    for command in (("clean",), ("check",), ("multiverse", "--recipe", "minimal", "--vary", "max_missing=0.5,0.9")):
        words = printed(capsys, command[0], path, *command[1:], "--exclude", out)
        assert "excluded: asleep" in words
        assert "1 trial (1 posed)" in words


def test_a_mapping_is_written_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", table().rename(columns={"left": "x", "label": "y"}))
    mapping = tmp_path / "map.toml"
    options = ("--pupil", "x", "--label", "y")
    first = printed(capsys, "check", path, *options, "--save-mapping", mapping)
    assert "wrote" in first
    second = printed(capsys, "check", path, "--mapping", mapping)
    assert "2 posed, 2 genuine" in first
    assert "2 posed, 2 genuine" in second
    assert "exists already" in refused(capsys, "check", path, *options, "--save-mapping", mapping)
    assert "called .toml" in refused(capsys, "check", path, "--save-mapping", tmp_path / "map.txt")
    over = printed(capsys, "check", path, "--mapping", mapping, "--classes", "genuine", "posed")
    assert "2 genuine, 2 posed" in over
    mapping.write_text("lable = 'y'")
    assert "map.toml, line 1: 'lable' is no setting" in refused(capsys, "clean", path, "--mapping", mapping)


def test_warnings_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", table("pP"))
    capsys.readouterr()
    assert run("clean", path) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("warning: copies of recordings: the file holds the same pupils in 2 trials")
    assert second.startswith("warning: participants that look alike: 'p' and 'P'")
    assert run("check", path) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "if they are one, give them one name in the file" in on_one_line(shown.out)
    assert "warning: participants that look alike" in shown.out


@pytest.mark.filterwarnings("ignore:copies of recordings")  # both people have one course
def test_a_model_reads_new_recordings_in_its_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = table().rename(columns={"left": "x", "label": "y", "subject": "who was it"})
    options = ("--pupil", "x", "--label", "y", "--participant", "who was it")
    model = tmp_path / "model"
    assert run("train", written(tmp_path / "a.csv", own), *options, "--out", model, *SMALL) == 0
    kept = json.loads((model / "model.json").read_text())["record"]["made"]["source"]["read"]
    assert kept["given"] == {"pupil": "x", "label": "y", "participant": "who was it"}
    assert kept["recognised"]["time"] == "time_ms"
    out = tmp_path / "p.csv"
    new = written(tmp_path / "new.csv", own.assign(**{"who was it": own["who was it"] + "2"}))
    words = printed(capsys, "predict", model, new, "--out", out)
    answers = pd.read_csv(out)
    assert list(answers.columns[:3]) == ["trial", "participant", "label"]
    written_out = pd.read_csv(out, dtype=str)["p_genuine"]
    assert written_out.str.replace(".", "").str.lstrip("0").str.len().max() <= 9  # the digits that 32 bits hold
    assert answers["label"].tolist() == ["posed", "genuine", "posed", "genuine"]
    assert set(answers["participant"]) == {"a2", "b2"}
    hits = [int((answers["predicted"] == name)[answers["label"] == name].sum()) for name in ("posed", "genuine")]
    assert f"{hits[0]} of 2 posed and {hits[1]} of 2 genuine predicted as such" in words
    assert "which these do not have" not in words
    other = written(tmp_path / "other.csv", table().drop(columns="label").rename(columns={"left": "x"}))
    words = printed(capsys, "predict", model, other, "--out", out, "--overwrite")
    assert "read by participant 'who was it', which these do not have" in words
    assert pd.read_csv(out)["label"].isna().all()
    trials = smilejax.read(new, smilejax.load_model(model).read_settings, labels="optional")
    assert len(trials) == 4


def test_rejected_trials_are_written_without_values(tmp_path: Path) -> None:
    frame = table()
    frame.loc[(frame["subject"] == "a") & (frame["trial"] == "t0") & (frame.index % 5 > 0), "left"] = np.nan
    assert run("clean", written(tmp_path / "a.csv", frame), "--out", tmp_path / "o.csv") == 0
    cleaned = pd.read_csv(tmp_path / "o.csv")
    rejected = cleaned["status"] != "kept"
    assert set(zip(cleaned["participant"][rejected], cleaned["trial"][rejected], strict=True)) == {("a", "t0")}
    assert cleaned.loc[rejected, "fused_mm"].isna().all()
    assert cleaned.loc[~rejected, "fused_mm"].notna().any()
    digits = cleaned["fused_mm"].dropna().map(lambda v: len(f"{abs(v)!r}".replace(".", "").lstrip("0")))
    assert digits.max() <= 9


def test_a_continuous_recording_is_told_how_to_be_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = table("a", samples=600).drop(columns=["trial", "label"])[:1200]
    frame["time_ms"] = np.arange(len(frame)) * 20
    frame["message"] = ""
    frame.loc[::300, "message"] = ["ONSET_Easy1", "ONSET_Hard1", "ONSET_Easy2", "ONSET_Hard2"]
    path = written(tmp_path / "a.csv", frame)
    words = printed(capsys, "check", path)
    assert "--trials-from 'ONSET_{stimulus}' --label-from 'stimulus: Easy* = Easy, Hard* = Hard' would cut 4" in words
    pattern, rule = "ONSET_{stimulus}", "stimulus: Easy* = Easy, Hard* = Hard"
    cut = printed(capsys, "check", path, "--trials-from", pattern, "--label-from", rule, "--classes", "Easy", "Hard")
    assert "4 trials, 1 participant, 4 stimuli" in cut
    assert "2 Easy, 2 Hard" in cut
    by_label = smilejax.ReadSettings(classes=("Easy", "Hard"), trials_from="ONSET_{label:letters}{stimulus}")
    shared = {found.what: found.value for found in smilejax.read(path, by_label).source.findings}
    assert shared["stimuli with trials of both classes"] == "2 of 2: '1', '2'"
    assert f"as '{pattern}'" in refused(capsys, "train", path, "--out", tmp_path / "m")


def test_names_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "o:x:[b].csv", table(("a:m:", "[b]x[/b]")))  # type: ignore[arg-type]
    words = printed(capsys, "check", path, "--classes", "posed", "genuine")
    assert "o:x:[b].csv,readastidy" in "".join(words.split())
    words = printed(
        capsys, "clean", path, "--out", tmp_path / "o:x:.csv", "--show-trial", "t0", "--show-participant", "a:m:"
    )
    assert "o:x:.csv" in words
    assert "a:m:" in words
    assert "[b]x[/b]" in words


def test_colons_in_names(capsys: pytest.CaptureFixture[str]) -> None:
    path = DATA / "cases" / "colons_in_names.csv"
    if not path.exists():
        pytest.skip("the file colons_in_names.csv is not here")
    trials = smilejax.read(path, labels="optional")
    words = printed(capsys, "clean", path)
    assert any(":" in name for name in trials.participant)
    for name in trials.participant:
        assert name in words


def test_a_missing_label_says_that_prediction_needs_none(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", table().drop(columns="label"))
    with pytest.raises(ReadError, match=r"to be predicted need none: read\(\.\.\., labels='optional'\)"):
        smilejax.read(path)


def test_a_layout_for_the_files_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for who in "ab":
        written(tmp_path / "data" / f"{who}.csv", table(who))
    assert "4 trials, 2 participants" in printed(capsys, "check", tmp_path / "data", "--layout", "tidy")


def test_what_a_model_kept_and_a_layout_does_not_use_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model of a text file with a decimal comma reads a workbook, whose numbers have none."""
    path = tmp_path / "a.xlsx"
    table().to_excel(path, index=False)
    kept = smilejax.ReadSettings(decimal=",", pupil="left")
    trials, notes = _read_as_the_model([path], smilejax.ReadSettings(), kept, None)
    assert len(trials) == 4
    assert notes == ["the model's recordings were read by decimal ',', which these do not have"]
    with pytest.raises(SettingsError, match="decimal is not used by the layout tidy"):  # given anew, it is refused
        _read_as_the_model([path], smilejax.ReadSettings(decimal=","), kept, None)
