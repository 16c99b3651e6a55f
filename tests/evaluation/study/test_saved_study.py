"""A study on disk: what comes back, what is refused, and what is left after a stop."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.made_study import SETTINGS, make_raw_results, without_stimuli
from helpers.small_study import make_dataset

from smilejax import Covariate, StimulusTable, read_stimulus_table
from smilejax._util.errors import OutputError, StudyError
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.saved_study import begin_study, load_study, write_study
from smilejax.evaluation.study.study_files import check_study_folder, load_record
from smilejax.evaluation.study.study_record import Provenance

PROVENANCE = Provenance("smilejax evaluate x.csv --out study", {"smilejax": "0.1.0"}, None)
CLASSIFIERS = {"majority": 0.0, "rocket": 1.0}


def _saved(folder, **given):
    raw = make_raw_results(classifiers=CLASSIFIERS, **given)
    begin_study(folder, {"data": {"is": "trials"}})
    return write_study(folder, raw, compute_results(raw, SETTINGS), PROVENANCE)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A study that tests read and do not change."""
    return _saved(tmp_path_factory.mktemp("saved") / "study")


@pytest.fixture
def copy(saved, tmp_path):
    """The same, to be changed."""
    import shutil

    return shutil.copytree(saved.folder, tmp_path / "copy")


def test_all_results_follow_from_what_was_kept(saved) -> None:
    study = load_study(saved.folder)
    assert study.results == saved.results
    assert study.record.provenance == PROVENANCE
    assert study.recomputed() == study.results
    assert study.settings == SETTINGS
    assert not (saved.folder / "begun.json").exists()
    assert repr(study).startswith(f"Study({saved.folder}; ")


def test_the_same_without_stimuli(tmp_path) -> None:
    written = _saved(tmp_path / "study", dataset=without_stimuli(make_dataset(participants=8, smilers=6)))
    assert load_study(tmp_path / "study").recomputed() == written.results


def test_a_stimulus_table_is_kept_with_the_study(tmp_path) -> None:
    """What was given of each stimulus, the digest of its file, and a table that can be given again."""
    covariates = (
        Covariate("source", words=("AFEW", "MAHNOB") * 6),
        Covariate("size", numbers=tuple(k / 3 for k in range(12))),
    )
    table = StimulusTable(
        "stimuli.csv", tuple(f"v{k}" for k in range(12)), covariates, "ab" * 32, ("One row was left out.",)
    )
    raw = make_raw_results(classifiers={**CLASSIFIERS, "covariates": 1.0})
    raw = replace(raw, about=replace(raw.about, stimulus_table=table))
    written = write_study(tmp_path, raw, compute_results(raw, SETTINGS), PROVENANCE)
    study = load_study(tmp_path)
    assert study.results.about.stimulus_table == table
    assert [one.separated for one in study.results.covariates] == [True, False]
    assert study.recomputed() == study.results == written.results
    again = read_stimulus_table(tmp_path / "tables" / "stimulus_covariates.parquet")
    assert (again.stimuli, again.covariates) == (table.stimuli, covariates)
    assert "tables/stimulus_covariates.csv" in study.record.files


def test_without_a_test_or_attribution(tmp_path) -> None:
    raw = replace(make_raw_results(permutations=0, inner=False), attribution=None)
    write_study(tmp_path, raw, compute_results(raw, SETTINGS), PROVENANCE)
    study = load_study(tmp_path)
    assert study.recomputed() == study.results
    assert study.results.attribution is None
    assert study.results.permutation_test.scores is None


def test_a_test_that_stopped_comes_back(tmp_path) -> None:
    """Predictions end with the permutation at which it stopped; other classifiers' do not."""
    settings = replace(SETTINGS, stop_after=4)
    raw = make_raw_results(strength=0.0, classifiers=CLASSIFIERS, settings=settings)
    results = compute_results(raw, settings)
    used = 1 + results.permutation_test.scores.test.count
    assert used < 32
    predictions = raw.permutations.predictions
    cut = {name: getattr(predictions, name)[:used] for name in ("logits", "ok", "labels", "chosen")}
    raw = replace(raw, permutations=replace(raw.permutations, predictions=replace(predictions, **cut)))
    assert compute_results(raw, settings) == results
    write_study(tmp_path, raw, results, PROVENANCE)
    study = load_study(tmp_path)
    assert study.settings.stop_after == 4
    assert study.recomputed() == study.results == results
    assert len(study.raw.permutations.predictions.labels) == used
    assert len(study.raw.permutations.permuted) == 31
    assert set(pd.read_csv(tmp_path / "tables" / "runs.csv")["labels"]) == {"true", *map(str, range(1, used))}
    assert len(pd.read_csv(tmp_path / "tables" / "permutations.csv")) == used - 1


@pytest.mark.parametrize("digits", [30, 5000])
def test_more_labellings_than_a_number_has_digits(tmp_path, digits) -> None:
    """Of some ten thousand trials labelled one by one there are as many."""
    raw = make_raw_results()
    many = replace(raw.permutations.permuted, distinct=10**digits)
    raw = replace(raw, permutations=replace(raw.permutations, permuted=many))
    written = write_study(tmp_path, raw, compute_results(raw, SETTINGS), PROVENANCE)
    study = load_study(tmp_path)
    assert study.recomputed().permutation_test == written.results.permutation_test
    assert written.results.permutation_test.scores.distinct is None
    assert study.raw.permutations.permuted.distinct == 10**digits


def test_tables_are_tidy(saved) -> None:
    tables = saved.folder / "tables"
    trials = pd.read_csv(tables / "trials.csv")
    assert len(trials) == 96
    predicted = {"probability", "probability_scaled", "proportion_correct", "predictions"}
    assert {"participant", "trial", "stimulus", "class", "proportion_valid"} | predicted <= set(trials)
    runs = pd.read_parquet(tables / "runs.parquet")
    own = runs[(runs["plan"] == "participant-and-stimulus") & (runs["labels"] == "true")]
    scores = saved.results.verdict_scores
    assert len(own) == scores.runs
    assert np.average(own["accuracy"], weights=own["trials"]) == pytest.approx(scores.mean_over_seeds.accuracy.mean)
    assert sorted(p.name for p in tables.glob("*.csv")) == sorted(
        p.with_suffix(".csv").name for p in tables.glob("*.parquet")
    )


def test_every_row_of_a_table_has_its_own_label_and_number(saved) -> None:
    """A label that stood on another row would be a wrong result in every paper that cites the table."""
    tables, results = saved.folder / "tables", saved.results
    classifiers = pd.read_csv(tables / "classifiers.csv").set_index("name")
    assert classifiers["label"].to_dict() == {"majority": "Majority class", "rocket": "MiniRocket"}
    for one in results.classifiers:
        row = classifiers.loc[one.name]
        assert row["balanced_accuracy"] == pytest.approx(one.scores.interval.estimate)
        assert row["difference"] == pytest.approx(one.scores.difference.estimate)
        assert row["difference_low"] == pytest.approx(one.scores.difference.low)
        assert row["difference_high"] == pytest.approx(one.scores.difference.high)
        assert row["p_corrected"] == pytest.approx(one.scores.permutation_test.p_corrected)
    protocols = pd.read_csv(tables / "protocols.csv").set_index("name")
    assert protocols["label"].to_dict() == {
        "participant-and-stimulus": "New participants, new stimuli",
        "participant": "New participants, known stimuli",
        "stimulus": "Known participants, new stimuli",
        "shuffled": "Shuffled trials (leaks)",
    }
    for one in results.protocols:
        row = protocols.loc[one.name]
        assert row["balanced_accuracy"] == pytest.approx(one.scores.mean_over_seeds.balanced_accuracy.mean)
        assert row["auc"] == pytest.approx(one.scores.mean_over_seeds.auc.mean)
        assert row["interval_low"] == pytest.approx(one.scores.interval.low)


@pytest.mark.parametrize("name", ["arrays.npz", "tables/trials.parquet", "tables/runs.csv"])
def test_a_file_that_is_not_what_was_written(copy, name) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(StudyError, match=f"{re.escape(name.split('/')[-1])} is not what was written"):
        load_record(copy)
    (copy / name).unlink()
    with pytest.raises(StudyError, match="is absent from the study"):
        load_study(copy)


def test_a_number_that_was_changed(copy) -> None:
    record = copy / "study.json"
    content = json.loads(record.read_text())
    content["alpha"] = 0.5
    record.write_text(json.dumps(content))
    with pytest.raises(StudyError, match=r"study\.json is not what was written"):
        load_record(copy)


def test_a_record_cut_off(copy) -> None:
    record = copy / "study.json"
    record.write_text(record.read_text()[:1000])
    with pytest.raises(StudyError, match="cut off"):
        load_record(copy)


def test_another_schema(copy) -> None:
    record = copy / "study.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "schema": 99}))
    with pytest.raises(StudyError, match=r"schema 99 .* this version reads schema 2"):
        load_record(copy)
    record.write_text(json.dumps({"kind": "something", "schema": 2}))
    with pytest.raises(StudyError, match="something"):
        load_record(copy)
    record.write_text("[1]")
    with pytest.raises(StudyError, match="not what smilejax writes"):
        load_record(copy)


def test_no_study(tmp_path) -> None:
    with pytest.raises(StudyError, match="holds no study"):
        load_record(tmp_path / "nowhere")
    begin_study(tmp_path, {"data": {"is": "trials"}})
    with pytest.raises(StudyError, match=r"was not finished\. Continue it: smilejax evaluate \.\.\. --resume"):
        load_record(tmp_path)


def test_a_folder_is_checked_before_any_work(saved, tmp_path) -> None:
    assert check_study_folder(tmp_path / "new", resume=False) == tmp_path / "new"
    assert not (tmp_path / "new").exists()
    begin_study(tmp_path / "new", {"data": {"is": "these"}})
    with pytest.raises(OutputError, match=r"a study was begun in .* resume"):
        check_study_folder(tmp_path / "new", resume=False)
    check_study_folder(tmp_path / "new", resume=True)
    begin_study(tmp_path / "new", {"data": {"is": "these"}})
    with pytest.raises(StudyError, match=r"only as it was begun; .* data these -> others"):
        begin_study(tmp_path / "new", {"data": {"is": "others"}})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    with pytest.raises(OutputError, match="is not empty and holds no study; it is left as it is"):
        check_study_folder(tmp_path / "full", resume=True)
    with pytest.raises(OutputError, match="already holds a finished study"):
        check_study_folder(saved.folder, resume=True)


def test_a_save_that_fails_leaves_no_study(tmp_path, monkeypatch) -> None:
    raw = make_raw_results()
    results = compute_results(raw, SETTINGS)
    begin_study(tmp_path, {"data": {"is": "trials"}})
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OutputError, match="cannot be written"):
        write_study(tmp_path, raw, results, PROVENANCE)
    assert not (tmp_path / "study.json").exists()
    assert (tmp_path / "begun.json").exists()
