"""A study as a BIDS derivative: names, sidecars and numbers."""

import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.exported_study import RECIPE, made_study, recordings_of

import smilejax
from smilejax import Study, Trials, export_bids
from smilejax._util.errors import DataError, OutputError

ENTITY = re.compile(
    r"(sub-[0-9A-Za-z]+_)?task-view(_recording-[a-z]+_physio|_events|_desc-predictions_beh)\.(tsv|tsv\.gz|json)"
)
TOP = {
    "README.md",
    "dataset_description.json",
    "descriptions.json",
    "descriptions.tsv",
    "participants.json",
    "participants.tsv",
}


@pytest.fixture(scope="module")
def study() -> Study:
    """With what its recipe makes of its recordings."""
    made = made_study()
    given = smilejax.prepare(recordings_of(made), RECIPE)
    own = {"x": np.asarray(given.x), "valid": np.asarray(given.valid), "time_ms": 100.0 * np.arange(given.x.shape[1])}
    return replace(made, raw=replace(made.raw, **own))


@pytest.fixture(scope="module")
def recordings(study: Study) -> Trials:
    return recordings_of(study)


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_bids(study, tmp_path_factory.mktemp("export") / "derivative")


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", na_values=["n/a"], keep_default_na=False)


def test_every_file_is_called_as_bids_wants(folder: Path) -> None:
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert names > TOP
    assert all(ENTITY.fullmatch(name) for name in names - TOP)
    about = json.loads((folder / "dataset_description.json").read_text())
    assert about["DatasetType"] == "derivative"
    assert about["GeneratedBy"][0]["Name"] == "smilejax"
    assert about["GeneratedBy"][0]["Version"] == smilejax.__version__
    described = {f"desc-{re.search('desc-([a-z]+)', name)[1]}" for name in names - TOP if "desc-" in name}
    assert set(table(folder / "descriptions.tsv")["desc_id"]) == described


def test_every_column_is_described(folder: Path) -> None:
    shared = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    for path in folder.rglob("*.tsv"):
        sidecar = re.sub("sub-[^_]*_", "", path.name).replace(".tsv", ".json")
        assert set(table(path).columns) <= set(shared[sidecar]), path.name


def test_predictions_are_the_studys(study: Study, folder: Path) -> None:
    parts = [table(path).assign(participant=path.parts[-3][4:]) for path in sorted(folder.rglob("*_beh.tsv"))]
    found = pd.concat(parts, ignore_index=True)
    raw = study.raw.trials.reset_index(drop=True)
    assert found["participant"].tolist() == raw["participant"].tolist()
    assert found["trial"].tolist() == raw["trial"].tolist()
    wanted = smilejax.evaluation.study.group_data.trial_table(study.raw)["probability"]
    np.testing.assert_array_equal(found["probability"], wanted)
    people = table(folder / "participants.tsv")
    assert people["participant_id"].tolist() == ["sub-p0", "sub-p1", "sub-p2", "sub-p3"]
    assert people["balanced_accuracy"].tolist() == [one.balanced_accuracy for one in study.results.participants]


@pytest.mark.slow  # compiles the cleaning
def test_traces_are_the_cleaned_ones(study: Study, recordings: Trials, tmp_path: Path) -> None:
    folder = export_bids(study, tmp_path / "derivative", recordings=recordings)
    test_every_file_is_called_as_bids_wants(folder)
    test_every_column_is_described(folder)
    cleaned = smilejax.clean(recordings, RECIPE)
    events = table(folder / "sub-p0/beh/sub-p0_task-view_events.tsv")
    stem = folder / "sub-p0/beh/sub-p0_task-view_recording-cleanedfused_physio"
    about = json.loads(Path(f"{stem}.json").read_text())
    assert (about["RecordedEye"], about["SamplingFrequency"]) == ("cyclopean", 10.0)
    text = gzip.decompress(Path(f"{stem}.tsv.gz").read_bytes()).decode()
    physio = pd.read_csv(io.StringIO(text), sep="\t", header=None, names=about["Columns"], na_values=["n/a"])
    assert events["duration"].tolist() == [1.0, 1.0, 0.7, 1.0, 1.0, 1.0]
    seen = 0
    for row, event in enumerate(events.to_dict("records")):
        first, count = round(event["onset"] * 10), round(event["duration"] * 10)
        assert physio["timestamp"][first] == event["onset"] * 1000
        own = physio["pupil_size"].to_numpy()[first : first + count]
        wanted = np.asarray(cleaned.trace.values)[row, :count, 0]
        there = np.asarray(cleaned.trace.present)[row, :count, 0]
        np.testing.assert_allclose(own[there], wanted[there], rtol=1e-6)
        assert np.isnan(own[~there]).all()
        seen += int(there.sum())
    assert seen == physio["pupil_size"].notna().sum() > 30


def test_names_that_are_no_labels_are_numbered_and_kept(tmp_path: Path) -> None:
    names = {"p0": "Anna", "p1": "anna", "p2": "a b", "p3": "é"}
    folder = export_bids(made_study(names), tmp_path / "derivative")
    people = table(folder / "participants.tsv")
    assert people["participant_id"].tolist() == ["sub-01", "sub-02", "sub-03", "sub-04"]
    assert people["participant_name"].tolist() == list(names.values())
    assert sorted(path.name for path in folder.glob("sub-*")) == ["sub-01", "sub-02", "sub-03", "sub-04"]
    assert not list(folder.rglob("*physio*"))


def test_other_recordings_are_refused(study: Study, recordings: Trials, tmp_path: Path) -> None:
    fewer = replace(
        recordings,
        **{
            name: getattr(recordings, name)[1:]
            for name in ("pupil", "length", "label", "participant", "trial", "stimulus")
        },
    )
    with pytest.raises(DataError, match="24 trials, they have 23"):
        export_bids(study, tmp_path / "derivative", recordings=fewer)
    swapped = replace(recordings, label=1 - recordings.label)
    with pytest.raises(DataError, match="label differ"):
        export_bids(study, tmp_path / "derivative", recordings=swapped)
    moved = recordings.pupil.copy()
    moved[3, :, 0] *= np.linspace(1, 1.2, moved.shape[1], dtype=np.float32)
    with pytest.raises(DataError, match="have the study's trials and other pupils"):
        export_bids(study, tmp_path / "derivative", recordings=replace(recordings, pupil=moved))
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_table_gives_back_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        export_bids(made_study({"t3": "n/a"}), tmp_path / "derivative")


def test_other_folders_are_left(study: Study, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        export_bids(study, tmp_path, overwrite=True)
    folder = export_bids(study, tmp_path / "derivative")
    with pytest.raises(OutputError, match="exists already"):
        export_bids(study, folder)
    export_bids(study, folder, overwrite=True)
