"""Tables of a study: numbers are those of its results, every column is described, and no cell is a formula."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.exported_study import made_study

from smilejax import Study, export_tables
from smilejax._util.errors import OutputError
from smilejax.exports.columns import Column, DescribedTable, guarded, unguarded
from smilejax.exports.result_tables import result_tables

NAMES = {"p0": "=cmd()", "p1": "+1", "p2": "@x", "t0": "-1", "t1": "'quoted'", "v0": 'a,b\n"c"'}


@pytest.fixture(scope="module")
def study() -> Study:
    return made_study()


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_tables(study, tmp_path_factory.mktemp("export") / "tables")


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=True)


def test_the_dictionary_lists_exactly_the_columns(folder: Path) -> None:
    held = {path.stem: pd.read_csv(path, nrows=0).columns.tolist() for path in folder.glob("*.csv")}
    rows = read(folder, "data_dictionary")
    del held["data_dictionary"]
    assert {name: part["column"].tolist() for name, part in rows.groupby("table")} == held
    as_json = json.loads((folder / "data_dictionary.json").read_text())
    assert {name: list(table["columns"]) for name, table in as_json.items()} == held
    assert rows["meaning"].str.endswith(".").all()
    for name, table in as_json.items():
        assert table["rows"] == len(read(folder, name))


def test_cells_are_what_the_dictionary_says(folder: Path) -> None:
    types = {"whole number": "iu", "number": "fiu", "true or false": "b"}
    for row in read(folder, "data_dictionary").to_dict("records"):
        column = read(folder, row["table"])[row["column"]]
        if row["type"] in types and column.notna().all() and len(column):
            assert column.dtype.kind in types[row["type"]], row
        if row["empty"] == "never":
            assert column.notna().all(), row
        if row["range"] == "0 to 1":
            assert column.dropna().between(0, 1).all(), row


def test_numbers_are_those_of_the_study(study: Study, folder: Path) -> None:
    results, raw = study.results, study.raw
    scores = read(folder, "scores")
    for protocol in results.protocols:
        own = scores[(scores["protocol"] == protocol.name) & (scores["kind"] == "judged")].set_index("metric")
        assert protocol.scores is not None
        for metric, row in own.iterrows():
            assert row["value"] == protocol.scores.mean_over_seeds.of(metric).mean
            assert row["ensemble"] == getattr(protocol.scores.ensemble, metric)
        interval = protocol.scores.interval
        limits = own.loc["balanced_accuracy", ["low", "high"]].astype(object).tolist()
        assert [None if pd.isna(limit) else limit for limit in limits] == [interval.low, interval.high]
    differences = read(folder, "differences").set_index("second")
    for other in results.classifiers:
        assert other.scores is not None
        assert differences.loc[other.name, "value"] == other.scores.difference.estimate
        tested = other.scores.permutation_test
        assert (
            pd.isna(differences.loc[other.name, "p_corrected"])
            if tested is None
            else (differences.loc[other.name, "p_corrected"] == tested.p_corrected)
        )
    test = results.permutation_test.scores
    assert test is not None
    assert read(folder, "permutations")["balanced_accuracy"].tolist() == list(test.null)
    assert read(folder, "permutation_test")["p"].tolist() == [test.test.p]
    for name, groups in (("participants", results.participants), ("stimuli", results.stimuli)):
        assert read(folder, name)["mean_probability"].tolist() == [one.mean_probability for one in groups]
    predictions, (folds, made) = read(folder, "predictions"), raw.verdict_protocol.made()
    own = predictions[predictions["protocol"] == raw.verdict_protocol.name]
    p = np.where(np.asarray(folds.test)[:, None, :], made.probability()[0], np.nan)
    assert len(own) == np.isfinite(p).sum()
    own = own.assign(first=own["fold"].map(list(folds.names).index), trial=own["trial"].str[1:].astype(int))
    assert own["probability"].tolist() == p[own["first"], own["seed"], own["trial"]].tolist()


def test_names_are_no_formulas_and_can_be_had_back(tmp_path: Path) -> None:
    study = made_study(NAMES)
    folder = export_tables(study, tmp_path / "tables")
    plain = export_tables(made_study(), tmp_path / "plain")
    for name in ("trials", "predictions", "participants", "stimuli", "quality"):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        texts = [c for c in table if c in ("participant", "trial", "stimulus")]
        for column in texts:
            assert not table[column].str.match(r"[=+\-@\t\r\n]").any()
        numbers = table.drop(columns=texts)
        before = pd.read_csv(plain / f"{name}.csv", dtype=str, keep_default_na=False).drop(columns=texts)
        if name not in ("participants", "stimuli"):  # which are in order of their names
            pd.testing.assert_frame_equal(numbers, before)
    table = pd.read_csv(folder / "trials.csv", dtype=str, keep_default_na=False)
    for column in ("participant", "trial", "stimulus"):
        assert table[column].map(unguarded).tolist() == study.raw.trials[column].tolist()
    assert [unguarded(guarded(text)) for text in ("", "'", "''a", "=", "b")] == ["", "'", "''a", "=", "b"]


def test_folders_are_replaced_only_when_asked_and_only_exports(study: Study, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputError):
            export_tables(study, other, overwrite=overwrite)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    folder = export_tables(study, tmp_path / "tables")
    with pytest.raises(OutputError, match="exists already"):
        export_tables(study, folder)
    export_tables(study, folder, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"other", "tables"}


def test_nothing_is_left_half_written(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("smilejax.exports.study_tables_folder.json_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        export_tables(study, tmp_path / "tables")
    assert not list(tmp_path.iterdir())


def test_a_row_that_is_not_described_is_refused() -> None:
    with pytest.raises(ValueError, match="besides what is described"):
        DescribedTable("t", "", (Column("a", "A."),), ({"a": 1.0, "b": 2.0},)).frame()


def test_a_study_of_another_classifier_speaks_of_no_networks(study: Study) -> None:
    assert "networks that were not trained on it" in result_tables(study)[0].about
    about = replace(study.results.about, study={**study.results.about.study, "classifier": "rocket"})
    record = replace(study.record, results=replace(study.results, about=about))
    tables = result_tables(replace(study, record=record))
    assert "classifiers that were not trained on it" in tables[0].about
    assert tables[1].about == "One trial by MiniRocket, trained without it."


def test_a_table_without_rows_says_why(study: Study, tmp_path: Path) -> None:
    none = replace(study.record.results, stimuli=())
    without = replace(study, record=replace(study.record, results=none))
    made = export_tables(without, tmp_path / "tables")
    about = json.loads((made / "data_dictionary.json").read_text())
    assert about["stimuli"]["about"] == "One stimulus; there is no row, since the recordings name no stimuli."
    assert about["participants"]["about"] == "One participant."
