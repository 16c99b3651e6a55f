"""Accuracy and missing data by a column: against pandas, and what is said of groups that are small or of one class."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from helpers.made_study import SETTINGS, make_raw_results

from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.study_record import results_from_json, results_to_json
from smilejax.evaluation.study.study_tables import tables_of
from smilejax.evaluation.study.subgroups import subgroup_results, value_groups
from smilejax.exports.result_tables import result_tables
from smilejax.report.subgroups_section import SUBGROUPS

BY = dataclasses.replace(SETTINGS, by=("sex", "age", "one", "nobody"))


@pytest.fixture(scope="module")
def raw():
    made = make_raw_results(strength=0.8)
    rng = np.random.default_rng(3)
    trials = made.trials.assign(proportion_valid=rng.uniform(0.5, 1, len(made.trials)))
    who = trials["participant"].str[1:].astype(int)
    trials["column sex"] = np.where(who < 3, "m", "f")
    trials["column age"] = (20 + 3 * who).astype(str)
    trials["column one"] = trials["class"]
    trials["column nobody"] = np.where(who == 0, "", "x")
    trials.loc[who == 5, "kept"] = True
    return dataclasses.replace(made, trials=trials)


def _plain(raw, own: pd.Series) -> tuple[float, float]:
    """Balanced accuracy and proportion valid of some trials, by pandas from logits and folds."""
    protocol = raw.protocols[0]
    logits = protocol.predictions.logits[0].astype(np.float64)
    p = 1 / (1 + np.exp(logits[..., 0] - logits[..., 1]))
    rows = []
    for fold, mask in enumerate(protocol.folds.test):
        for trial in np.flatnonzero(mask & own.to_numpy()):
            rows += [(trial, raw.y[trial], float((value > 0.5) == raw.y[trial])) for value in p[fold, :, trial]]
    hits = pd.DataFrame(rows, columns=["trial", "y", "hit"])
    per_trial = hits.groupby(["y", "trial"])["hit"].mean()
    return float(per_trial.groupby("y").mean().mean()), float(raw.trials.loc[own, "proportion_valid"].mean())


def test_scores_and_valid_samples_are_those_of_pandas(raw) -> None:
    found = {one.column: one for one in subgroup_results(raw, BY)}
    assert [one.name for one in found["sex"].groups] == ["f", "m"]
    for one in found["sex"].groups:
        own = raw.trials["column sex"] == one.name
        balanced, valid = _plain(raw, own)
        assert one.balanced_accuracy.estimate == pytest.approx(balanced, abs=1e-6)
        assert one.proportion_valid == pytest.approx(valid, abs=1e-6)
        assert one.balanced_accuracy.low < balanced < one.balanced_accuracy.high
        assert (one.trials, one.kept) == (own.sum(), raw.trials.loc[own, "kept"].sum())
        assert one.participants == raw.trials.loc[own, "participant"].nunique()
        assert one.scored == sum(one.scored_by_class.values()) == own.sum()


def test_numbers_are_divided_at_quartiles_over_participants() -> None:
    ages = pd.Series(["8", "9.5", "30", "31", "40", "41", "70", "76", "", "76"])
    people = pd.Series(list("abcdefghih"))
    codes, names = value_groups(ages, people)
    means = pd.to_numeric(ages).groupby(people).mean()
    expected = pd.qcut(means.dropna(), 4, labels=False)
    for person, code in expected.items():
        assert set(codes[people == person]) == {code}
    assert names == ("8 to 9.5", "30 to 31", "40 to 41", "70 to 76", "not given")
    assert codes[8] == 4
    assert value_groups(pd.Series(["2", "10", "a"]), pd.Series(["x", "y", "z"]))[1] == ("2", "10", "a")


def test_what_limits_a_group_is_said(raw) -> None:
    found = {one.column: {group.name: group for group in one.groups} for one in subgroup_results(raw, BY)}
    assert found["sex"]["m"].remark == "small: 3 participants"
    assert found["one"]["posed"].balanced_accuracy is None
    assert found["one"]["posed"].remark == "posed only: no balanced accuracy"
    assert found["nobody"]["not given"].remark == "1 participant: no interval"
    assert found["nobody"]["x"].remark == ""
    none = dataclasses.replace(raw, trials=raw.trials.assign(**{"column sex": "f"}).assign(label=-1))
    assert subgroup_results(none, dataclasses.replace(BY, by=("sex",)))[0].groups[0].remark == "no trial was scored"


def test_they_are_in_results_tables_and_page_and_change_nothing_else(raw) -> None:
    with_groups, without = compute_results(raw, BY), compute_results(raw, SETTINGS)
    assert dataclasses.replace(with_groups, subgroups=()) == without
    assert without.subgroups == ()
    assert results_from_json(json.loads(json.dumps(results_to_json(with_groups)))) == with_groups
    table = tables_of(raw, with_groups)["subgroups"]
    assert table.loc[table["column"] == "sex", "name"].tolist() == ["f", "m"]
    assert "subgroups" not in tables_of(raw, without)
    record = dataclasses.make_dataclass("Record", ["results"])(with_groups)
    words, first, *_ = SUBGROUPS.blocks(record)
    assert "tests nothing" in words.text
    assert first.rows[1][0] == "m"
    assert first.rows[1][-1] == "small: 3 participants"
    assert "--by" in SUBGROUPS.missing(dataclasses.make_dataclass("Record", ["results"])(without))


def test_they_are_exported_with_every_column_described(raw) -> None:
    results = compute_results(raw, BY)
    tables = {one.name: one for one in result_tables(SimpleNamespace(raw=raw, results=results))}
    frame = tables["subgroups"].frame()
    assert frame["group"].tolist()[:2] == ["f", "m"]
    assert frame.loc[1, "remark"] == "small: 3 participants"
    without = SimpleNamespace(raw=raw, results=compute_results(raw, SETTINGS))
    assert "subgroups" not in {one.name for one in result_tables(without)}


@pytest.mark.parametrize(("people", "has_interval"), [(1, False), (2, False), (3, True)])
def test_a_group_of_one_or_two_has_no_interval(raw, people: int, has_interval: bool) -> None:
    """Drawn anew, one participant is always the same one: the interval would be narrower than that of a larger group."""
    names = raw.trials["participant"].unique()[:people]
    trials = raw.trials.assign(**{"column few": np.where(raw.trials["participant"].isin(names), "few", "")})
    settings = dataclasses.replace(SETTINGS, by=("few",))
    few = subgroup_results(dataclasses.replace(raw, trials=trials), settings)[0].groups[0]
    assert few.participants == people
    assert few.balanced_accuracy.estimate is not None
    assert (few.balanced_accuracy.low is not None, few.balanced_accuracy.high is not None) == (has_interval,) * 2
    assert ("no interval" in few.remark) != has_interval
