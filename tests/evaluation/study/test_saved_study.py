"""A study on disk: what comes back, what is refused, and what is left after a stop."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from helpers.made_study import SETTINGS, make_material, without_stimuli
from helpers.small_study import make_dataset

from smilejax._util.errors import OutputError, StudyError
from smilejax.evaluation.study import compute_results, load_numbers, load_study
from smilejax.evaluation.study.saved_study import begin, check_study_folder, save

MADE = {"command": "smilejax evaluate x.csv --out study", "versions": {"smilejax": "0.1.0"}}
REFERENCE_CLASSIFIERS = {"majority": 0.0, "rocket": 1.0}


def _saved(folder, **given):
    material = make_material(controls=REFERENCE_CLASSIFIERS, **given)
    begin(folder, {"data": {"is": "trials"}})
    return save(folder, material, compute_results(material, SETTINGS), MADE)


@pytest.mark.parametrize("stimuli", [True, False])
def test_all_numbers_follow_from_what_was_kept(tmp_path, stimuli) -> None:
    dataset = make_dataset(participants=8, smilers=6)
    written = _saved(tmp_path / "study", dataset=dataset if stimuli else without_stimuli(dataset))
    study = load_study(tmp_path / "study")
    assert study.numbers == written.numbers
    again = study.recomputed()
    for name, value in again.items():
        assert value == study.numbers[name], name
    assert study.settings == SETTINGS
    assert not (tmp_path / "study" / "begun.json").exists()


def test_without_a_test_or_attention(tmp_path) -> None:
    from dataclasses import replace

    material = replace(make_material(permutations=0, inner=False), attribution=None)
    save(tmp_path, material, compute_results(material, SETTINGS), MADE)
    study = load_study(tmp_path)
    assert study.recomputed() == {name: study.numbers[name] for name in study.recomputed()}
    assert study.numbers["attribution"] is None
    assert not study.numbers["test"]["done"]


@pytest.mark.parametrize("digits", [30, 5000])
def test_more_labellings_than_a_number_has_digits(tmp_path, digits) -> None:
    """Of some ten thousand trials labelled one by one there are as many."""
    from dataclasses import replace

    material = make_material()
    many = replace(material.tested.permuted, distinct=10**digits)
    material = replace(material, tested=replace(material.tested, permuted=many))
    written = save(tmp_path, material, compute_results(material, SETTINGS), MADE)
    study = load_study(tmp_path)
    assert study.recomputed()["test"] == written.numbers["test"]
    assert written.numbers["test"]["distinct"] is None
    assert study.material.tested.permuted.distinct == 10**digits


def test_tables_are_tidy(tmp_path) -> None:
    written = _saved(tmp_path)
    trials = pd.read_csv(tmp_path / "tables" / "trials.csv")
    assert len(trials) == 96
    assert {"participant", "trial", "stimulus", "class", "p", "p_calibrated", "hit_rate", "answers"} <= set(trials)
    runs = pd.read_parquet(tmp_path / "tables" / "runs.parquet")
    own = runs[(runs["plan"] == "participant-and-stimulus") & (runs["labels"] == "true")]
    assert len(own) == written.numbers["protocols"][0]["runs"]
    assert np.average(own["accuracy"], weights=own["trials"]) == pytest.approx(
        written.numbers["protocols"][0]["metrics"]["accuracy"]["mean"]
    )
    assert sorted(p.name for p in (tmp_path / "tables").glob("*.csv")) == sorted(
        p.with_suffix(".csv").name for p in (tmp_path / "tables").glob("*.parquet")
    )
    controls = pd.read_csv(tmp_path / "tables" / "controls.csv")
    assert controls["name"].tolist() == list(REFERENCE_CLASSIFIERS)
    assert controls["lead_estimate"].tolist() == [c["difference"]["estimate"] for c in written.numbers["controls"]]


@pytest.mark.parametrize("name", ["arrays.npz", "tables/trials.parquet", "tables/runs.csv"])
def test_a_file_that_is_not_what_was_written(tmp_path, name) -> None:
    _saved(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StudyError, match=f"{re.escape(name.split('/')[-1])} is not what was written"):
        load_numbers(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(StudyError, match="is absent from the study"):
        load_study(tmp_path)


def test_a_record_cut_off(tmp_path) -> None:
    _saved(tmp_path)
    record = tmp_path / "study.json"
    record.write_text(record.read_text()[:1000])
    with pytest.raises(StudyError, match="cut off"):
        load_numbers(tmp_path)


def test_another_version(tmp_path) -> None:
    _saved(tmp_path)
    record = tmp_path / "study.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "schema": 99}))
    with pytest.raises(StudyError, match=r"schema 99 .* this version reads schema 1"):
        load_numbers(tmp_path)
    record.write_text(json.dumps({"kind": "something", "schema": 1}))
    with pytest.raises(StudyError, match="something"):
        load_numbers(tmp_path)
    record.write_text("[1]")
    with pytest.raises(StudyError, match="not what smilejax writes"):
        load_numbers(tmp_path)


def test_no_study(tmp_path) -> None:
    with pytest.raises(StudyError, match="holds no study"):
        load_numbers(tmp_path / "nowhere")
    begin(tmp_path, {"data": {"is": "trials"}})
    with pytest.raises(StudyError, match=r"was not finished\. Go on with it: smilejax evaluate \.\.\. --resume"):
        load_numbers(tmp_path)


def test_a_place_is_checked_before_any_work(tmp_path) -> None:
    assert check_study_folder(tmp_path / "new", resume=False) == tmp_path / "new"
    assert not (tmp_path / "new").exists()
    begin(tmp_path / "new", {"data": {"is": "these"}})
    with pytest.raises(OutputError, match=r"a study was begun in .* --resume"):
        check_study_folder(tmp_path / "new", resume=False)
    check_study_folder(tmp_path / "new", resume=True)
    begin(tmp_path / "new", {"data": {"is": "these"}})
    with pytest.raises(StudyError, match=r"only as it was begun; .* data these -> others"):
        begin(tmp_path / "new", {"data": {"is": "others"}})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    with pytest.raises(OutputError, match="is not empty and holds no study; it is left as it is"):
        check_study_folder(tmp_path / "full", resume=True)
    _saved(tmp_path / "done")
    with pytest.raises(OutputError, match="a study stands in"):
        check_study_folder(tmp_path / "done", resume=True)


def test_a_save_that_fails_leaves_no_study(tmp_path, monkeypatch) -> None:
    material = make_material()
    numbers = compute_results(material, SETTINGS)
    begin(tmp_path, {"data": {"is": "trials"}})
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OutputError, match="cannot be written"):
        save(tmp_path, material, numbers, MADE)
    assert not (tmp_path / "study.json").exists()
    assert (tmp_path / "begun.json").exists()
