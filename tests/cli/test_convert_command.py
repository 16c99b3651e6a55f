"""`smilejax convert` as a user meets it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.awkward_trials import assert_equal, awkward_trials
from helpers.command_line import printed, refused, run
from helpers.drawn_faces import drawn_faces

import smilejax
from smilejax.readers import read, write_tidy
from smilejax.readers.faces.tidy_faces import tidy_faces
from smilejax.settings import ReadSettings


@pytest.fixture
def recording(tmp_path):
    """A table of recordings, and the trials in it."""
    trials = awkward_trials()
    path = tmp_path / "pupil.csv"
    write_tidy(trials, path)
    return path, trials


def back(path):
    return read(path, labels="optional")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".xlsx"])
def test_a_tidy_copy_reads_back_bit_for_bit(capsys, recording, tmp_path, suffix):
    path, trials = recording
    out = tmp_path / f"copy{suffix}"
    assert f"copy{suffix}.json" in printed(capsys, "convert", path, "--to", "tidy", out)
    assert_equal(trials, back(out))


def test_a_bids_copy_reads_back_bit_for_bit(capsys, recording, tmp_path):
    path, trials = recording
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study")
    assert_equal(trials, back(tmp_path / "study"))


def test_there_and_back_again(capsys, recording, tmp_path):
    path, trials = recording
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study")
    printed(capsys, "convert", tmp_path / "study", "--to", "tidy", tmp_path / "again.parquet")
    assert_equal(trials, back(tmp_path / "again.parquet"))


def test_options_of_reading(capsys, tmp_path):
    trials = replace(awkward_trials(), class_names=("Easy", "Hard"))
    write_tidy(trials, tmp_path / "pupil.csv")
    printed(capsys, "convert", tmp_path / "pupil.csv", "--to", "bids", tmp_path / "study", "--classes", "Hard", "Easy")
    heads, first, *_ = (tmp_path / "study/sub-01/beh/sub-01_task-view_events.tsv").read_text().splitlines()
    assert dict(zip(heads.split("\t"), first.split("\t"), strict=True))["trial_type"] == "Hard"


def test_where_it_came_from(capsys, recording, tmp_path):
    path, _ = recording
    sums = {"pupil.csv": hashlib.sha256(path.read_bytes()).hexdigest()}
    printed(capsys, "convert", path, "--to", "tidy", tmp_path / "copy.parquet", "--rate-hz", "60")
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study", "--rate-hz", "60")
    beside = json.loads((tmp_path / "copy.parquet.json").read_text())
    inside = json.loads((tmp_path / "study" / "dataset_description.json").read_text())["Provenance"]
    for kept in (beside, inside):
        assert kept["sha256"] == sums
        assert kept["settings"]["rate_hz"] == 60
        assert kept["source"]["layout"] == "tidy"
        assert any(finding["what"] == "rate" for finding in kept["source"]["findings"])
        assert kept["smilejax"]


def test_a_folder_is_known_by_the_digests_of_its_files(capsys, recording, tmp_path):
    path, _ = recording
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study")
    printed(capsys, "convert", tmp_path / "study", "--to", "tidy", tmp_path / "copy.csv")
    sums = json.loads((tmp_path / "copy.csv.json").read_text())["sha256"]
    name = "sub-01/beh/sub-01_task-view_recording-eye1_physio.tsv.gz"
    assert sums[name] == hashlib.sha256((tmp_path / "study" / name).read_bytes()).hexdigest()


def test_description_of_a_data_set(capsys, recording, tmp_path):
    path, _ = recording
    given = tmp_path / "given.json"
    given.write_text('{"Name": "Smiles", "License": "CC0", "Authors": ["A. Person", "B. Person"]}')
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study", "--description", given)
    about = json.loads((tmp_path / "study" / "dataset_description.json").read_text())
    assert (about["Name"], about["License"], about["Authors"]) == ("Smiles", "CC0", ["A. Person", "B. Person"])
    for text in ("{", "[1]"):
        given.write_text(text)
        message = refused(capsys, "convert", path, "--to", "bids", tmp_path / "other", "--description", given)
        assert "--description names a JSON file" in message
    assert "--to bids" in refused(capsys, "convert", path, "--to", "tidy", tmp_path / "a.csv", "--description", given)
    assert not (tmp_path / "other").exists()


def test_what_stands_there_is_kept_unless_it_may_be_replaced(capsys, recording, tmp_path):
    path, trials = recording
    for kind, out in (("tidy", tmp_path / "copy.csv"), ("bids", tmp_path / "study")):
        printed(capsys, "convert", path, "--to", kind, out)
        assert "exists already" in refused(capsys, "convert", path, "--to", kind, out)
        printed(capsys, "convert", path, "--to", kind, out, "--overwrite")
        assert_equal(trials, back(out))


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("tidy", "copy.docx", "is not among those written"),
        ("nwb", "copy", "--to must be bids or tidy"),
        ("tidy", "pupil.csv", "must not be the recording itself"),
        ("bids", ".", "must not hold one another"),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_any_work(capsys, recording, tmp_path, kind, name, message):
    path, _ = recording
    before = path.read_bytes()
    assert message in refused(capsys, "convert", path, "--to", kind, tmp_path / name, "--overwrite")
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["pupil.csv"]


def test_trials_without_labels_are_converted(capsys, recording, tmp_path):
    path, trials = recording
    write_tidy(replace(trials, label=np.full(5, -1)), path, missing="NA")
    printed(capsys, "convert", path, "--to", "bids", tmp_path / "study")
    assert (back(tmp_path / "study").label == -1).all()


@pytest.mark.parametrize("out", ["tidy copy.parquet", "tidy copy.csv", "bids study"])
def test_a_window_around_messages_reads_back_bit_for_bit(capsys, tmp_path, out):
    """Trials that messages cut out of one recording, from 400 ms before onset on, with labels, stimuli and blinks."""
    n = np.arange(400)
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"id": "p1", "time_ms": n * 10, "left_mm": rng.uniform(3, 4, 400).round(3)})
    frame["right_mm"] = frame["left_mm"] + 0.1
    frame.loc[150:160, ["left_mm", "right_mm"]] = np.nan
    frame["blink"] = ((n >= 148) & (n <= 162)).astype(int)
    frame["message"] = ""
    frame.loc[[50, 150, 250], "message"] = ["ONSET_posed_v1", "ONSET_genuine_v2", "ONSET_posed_v3"]
    frame.to_csv(tmp_path / "a.csv", index=False)
    cut = ("--trials-from", "ONSET_{label}_{stimulus}", "--window-ms", "-400", "600")
    kind, name = out.split()
    printed(capsys, "convert", tmp_path / "a.csv", *cut, "--to", kind, tmp_path / name)
    pattern = ReadSettings(trials_from="ONSET_{label}_{stimulus}", window_ms=(-400, 600))
    trials = read(tmp_path / "a.csv", pattern)
    assert (trials.start_ms, trials.stimulus, trials.label.tolist()) == (-400, ("v1", "v2", "v3"), [0, 1, 0])
    assert trials.blink is not None
    assert trials.blink.any()
    assert_equal(trials, back(tmp_path / name))


def test_faces_become_a_table_and_no_bids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces = drawn_faces()
    table = tidy_faces(faces)
    table["age"] = np.where(table["smiler"] == faces.participant[0], 20, 30)
    table.to_csv(tmp_path / "faces.csv", index=False)
    out = tmp_path / "copy.parquet"
    assert run("convert", tmp_path / "faces.csv", "--columns", "age", "--to", "tidy", out) == 0
    capsys.readouterr()
    again = smilejax.read(out, ReadSettings(columns=("age",)))
    assert again.trial == faces.trial
    np.testing.assert_array_equal(again.values, smilejax.read(table, ReadSettings(columns=("age",))).values)
    assert set(again.columns[0].values) == {"20", "30"}
    said = refused(capsys, "convert", tmp_path / "faces.csv", "--to", "bids", tmp_path / "bids")
    assert "`convert --to tidy`" in said or "`--to tidy` writes a table of them" in said
    assert not (tmp_path / "bids").exists()
