"""Trials written as a BIDS data set, and read again bit for bit."""

import gzip
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.awkward_trials import assert_equal, awkward_trials
from helpers.examples import at_most
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import DataWarning, OutputError, SettingsError
from smilejax.readers import read, write_bids
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import Trials

REQUIRED = ("PhysioType", "RecordedEye", "SampleCoordinateSystem", "SamplingFrequency", "StartTime", "Columns")


def back(folder):
    return read(folder, labels="optional")


def lines(path):
    return gzip.decompress(path.read_bytes()).decode().splitlines()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "study"


@pytest.mark.parametrize("blinks", [True, False])
@pytest.mark.parametrize("unit", ["mm", "au", "px"])
@pytest.mark.parametrize("rate_hz", [29.97, 60.0, 120.0, 333.33, 1000 / 3, 1000.0])
def test_round_trip(folder, rate_hz, unit, blinks):
    t = awkward_trials(rate_hz, unit, blinks=blinks)
    write_bids(t, folder)
    assert_equal(t, back(folder))
    assert [path.name for path in folder.parent.iterdir()] == ["study"]


@pytest.mark.parametrize("start_ms", [0.0, -2000.0, -16.666667, 350.0, 8.333333])
def test_time_zero_comes_back(folder, start_ms):
    t = awkward_trials(start_ms=start_ms)
    write_bids(t, folder)
    assert back(folder).start_ms == start_ms


@settings(max_examples=at_most(60), deadline=None)
@given(
    values=st.lists(
        st.floats(min_value=float(np.float32(0.1)), max_value=9e5, width=32) | st.just(float("nan")),
        min_size=4,
        max_size=40,
    ).filter(lambda values: not all(np.isnan(values))),
    rate_hz=st.floats(min_value=20, max_value=1500),
)
@example(values=[1.1, 1.25, 0.1, 0.2], rate_hz=1499.0)  # near a rate that trackers are sold with, but stated
@example(values=[1.5, 433591.625, float("nan"), 0.1], rate_hz=249.875)  # the same, from a failure of chance
def test_every_number_comes_back(tmp_path_factory, values, rate_hz):
    t = Trials(
        pupil=np.array(values, np.float32)[None, :, None] * np.ones(2, np.float32),
        length=np.array([len(values)]),
        rate_hz=rate_hz,
        unit="au",
        label=np.array([1]),
        class_names=("posed", "genuine"),
        trial=("t",),
        participant=("p",),
    )
    folder = tmp_path_factory.mktemp("every") / "study"
    write_bids(t, folder)
    assert_equal(t, back(folder))


def test_trials_without_labels_stimuli_or_smilers(folder):
    t = replace(awkward_trials(), label=np.full(5, UNLABELLED), stimulus=None, smiler=None)
    write_bids(t, folder)
    again = back(folder)
    assert (again.label == UNLABELLED).all()
    assert again.stimulus is None
    assert again.smiler is None


def test_a_part_of_the_data_set_is_read(folder):
    t = awkward_trials(plain=True)
    write_bids(t, folder)
    both = back(folder / "sub-p1")
    assert (both.trial, both.participant) == (("a", '"d"'), ("p1", "p1"))
    one = back(folder / "sub-p1" / "beh" / "sub-p1_task-view_recording-eye2_physio.tsv.gz")
    np.testing.assert_array_equal(one.pupil[:, :, 1], t.pupil[[0, 2], :, 1])
    assert np.isnan(one.pupil[:, :, 0]).all()


def test_files_have_what_bids_requires(folder):
    write_bids(awkward_trials(), folder, description={"Name": "Smiles", "License": "CC0", "Authors": ["A. Person"]})
    about = json.loads((folder / "dataset_description.json").read_text())
    assert (about["Name"], about["License"], about["BIDSVersion"]) == ("Smiles", "CC0", "1.11.0")
    assert about["GeneratedBy"][0]["Name"] == "smilejax"
    recordings = sorted(folder.rglob("*_physio.tsv.gz"))
    assert [path.name for path in recordings] == [
        "sub-01_task-view_recording-eye1_physio.tsv.gz",
        "sub-01_task-view_recording-eye2_physio.tsv.gz",
        "sub-02_task-view_recording-eye1_physio.tsv.gz",
        "sub-03_task-view_recording-eye2_physio.tsv.gz",
    ]
    for path in recordings:
        side = json.loads(path.with_name(path.name.replace(".tsv.gz", ".json")).read_text())
        assert set(REQUIRED) <= side.keys()
        assert side["RecordedEye"] == ("left" if "eye1" in path.name else "right")
        assert side["Columns"][:4] == ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"]
        assert "diameter" in side["pupil_size"]["Description"]
        rows = [line.split("\t") for line in lines(path)]
        assert {len(row) for row in rows} == {4}
        steps = np.diff([float(row[0]) for row in rows])
        np.testing.assert_allclose(steps, 1000 / 60)  # gaps between trials have rows, too
        noted = path.with_name(path.name.replace("_physio.", "_physioevents."))
        onsets = [float(line.split("\t")[0]) for line in lines(noted)]
        assert onsets == sorted(onsets)
        assert (
            json.loads(noted.with_name(noted.name.replace(".tsv.gz", ".json")).read_text())["OnsetSource"]
            == "timestamp"
        )
    heads, *rows = (folder / "sub-01/beh/sub-01_task-view_events.tsv").read_text().splitlines()
    assert heads.split("\t")[:3] == ["onset", "duration", "trial_type"]
    assert rows[0].split("\t") == ["0.0", "1.5", "genuine", "a", "v1", "s", "0.2", "1"]


def test_participants_keep_their_names(folder):
    write_bids(awkward_trials(), folder)
    assert (folder / "participants.tsv").read_text("utf-8").splitlines() == [
        "participant_id\tparticipant_name",
        "sub-01\tP 1",
        "sub-02\tb",
        "sub-03\t\u00c5sa",
    ]
    other = folder.with_name("other")
    write_bids(awkward_trials(plain=True), other)
    assert (other / "participants.tsv").read_text("utf-8").splitlines() == [
        "participant_id",
        "sub-p1",
        "sub-b",
        "sub-x",
    ]


def test_names_that_differ_in_case_alone_are_numbered(folder):
    t = awkward_trials()
    t = replace(t, participant=tuple({"P 1": "a", "b": "A"}.get(name, "c") for name in t.participant))
    write_bids(t, folder)
    assert sorted(path.name for path in folder.glob("sub-*")) == ["sub-01", "sub-02", "sub-03"]
    with pytest.warns(DataWarning, match="look alike"):
        assert back(folder).participant == t.participant


def test_where_it_came_from_is_kept(folder):
    source = Source("pupil.csv", "tidy", (Finding("unit", "mm", "recognised"),))
    write_bids(replace(awkward_trials(), source=source), folder, provenance={"sha256": {"pupil.csv": "ab"}})
    kept = json.loads((folder / "dataset_description.json").read_text())["Provenance"]
    assert kept["source"]["findings"] == [{"what": "unit", "value": "mm", "how": "recognised"}]
    assert kept["sha256"] == {"pupil.csv": "ab"}


def test_the_same_trials_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_bids(awkward_trials(), tmp_path / name)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


@pytest.mark.parametrize("name", ["a\tb", "a\nb", " a", "", "n/a", "N/A"])
def test_names_that_tables_would_not_give_back_are_refused(folder, name):
    t = awkward_trials()
    with pytest.raises(OutputError, match="cannot be written"):
        write_bids(replace(t, trial=(name, *t.trial[1:])), folder)
    assert not folder.exists()


def test_an_existing_folder_is_replaced_only_where_it_is_ours(folder):
    t = awkward_trials()
    write_bids(t, folder)
    with pytest.raises(OutputError, match="exists already"):
        write_bids(t, folder)
    write_bids(t[:2], folder, overwrite=True)
    assert len(back(folder)) == 2
    assert [path.name for path in folder.parent.iterdir()] == ["study"]
    (folder / "dataset_description.json").write_text('{"Name": "another"}')
    with pytest.raises(OutputError, match="is not replaced"):
        write_bids(t, folder, overwrite=True)
    folder.with_name("file").write_text("text")
    with pytest.raises(OutputError, match="is a file"):
        write_bids(t, folder.with_name("file"), overwrite=True)


def test_a_crash_leaves_the_old_data_set(folder, monkeypatch):
    t = awkward_trials()
    write_bids(t, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    written = []

    def fail(path, content):
        written.append(path)
        if len(written) == 9:
            raise OSError(28, "No space left on device")
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_bids(t[:1], folder, overwrite=True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["study"]


def test_wrong_arguments(folder):
    with pytest.raises(SettingsError):
        write_bids([1], folder)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        write_bids(awkward_trials(), 3)  # type: ignore[arg-type]


def test_the_official_validator_finds_no_error(folder):
    """`pip install bids-validator-deno`; it warns of keys that BIDS recommends and trials do not hold."""
    validator = shutil.which("bids-validator-deno")
    if validator is None:
        pytest.skip("bids-validator-deno is not here")
    write_bids(awkward_trials(), folder)
    command = [validator, "--format", "json", "--max-rows", "-1", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    issues = json.loads(answer.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
