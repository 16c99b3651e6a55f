"""Studies that earlier versions wrote: 0.1.0's is refused by its schema and its numbers hold; later schemas stay readable."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import StudyError
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.figure_results import CleaningPanels
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.raw_results import (
    ClassifierPredictions,
    PermutationPredictions,
    ProtocolPredictions,
    RawResults,
)
from smilejax.evaluation.study.saved_study import load_study
from smilejax.evaluation.study.study_arrays import MEASURED_COLUMNS, Arrays, folds_of, part_of, permuted_of
from smilejax.evaluation.study.study_files import load_record
from smilejax.evaluation.study.study_record import results_to_json
from smilejax.evaluation.study.study_results import About, SourceRecord, StudyResults
from smilejax.settings import StudySettings, TrainingSettings, from_json

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
OLD = FIXTURES / "v0_1_0" / "study"
"""Written by 03116ae (0.1.0): 6 participants, 12 stimuli of 6 smilers, predictions drawn with effects of several strengths, one
run and one permutation diverged."""
SETTINGS = StudySettings(
    seeds=3,
    permutations=31,
    scheme=None,
    test_seeds=1,
    participant_folds=3,
    stimulus_folds=3,
    blocks=2,
    shuffled_folds=3,
    inner_draws=2,
    inner_proportion=0.25,
    inner_seeds=1,
    attribution_seeds=2,
    draws=200,
    level=0.95,
    alpha=0.05,
    seed=0,
)
METRICS = ("accuracy", "balanced_accuracy", "auc", "f1", "mcc", "brier", "log_loss")


@pytest.fixture(scope="module")
def old_record() -> dict:
    return json.loads((OLD / "study.json").read_text())


def test_a_study_of_0_1_0_is_refused_naming_both_schemas() -> None:
    with pytest.raises(StudyError, match=r"is of schema 1 \(smilejax study\), and this version reads schema 2 "):
        load_record(OLD)


@pytest.mark.parametrize("folder", sorted(FIXTURES.glob("schema_*/study")), ids=lambda path: path.parent.name)
def test_a_study_of_every_later_schema_is_read(folder: Path) -> None:
    study = load_study(folder)
    assert study.results.verdict.conclusion == "not judged"  # five permutations
    assert study.settings.permutations == 5
    assert study.settings.stop_after == 0  # tests could not stop early
    training = from_json(TrainingSettings, study.results.about.training)
    assert training.epochs == 2
    assert (training.model.velocity_steps, training.model.pool_steps) == (0, 1), "there was no other input then"
    written = json.loads(json.dumps(results_to_json(study.results)))
    if folder.parent.name == "schema_2":
        _count_ties_half(written["classifiers"][0], trials_of_class=16)
        assert written.pop("class_difference") is None, "it is younger than the frozen study, and computed anew below"
        _tests_never_stopped(written)
        # Written when nothing was said of what else differs between the stimuli of the classes.
        limits = written["verdict"]["limits"]
        limits.insert(
            -1, next(one for one in study.recomputed().verdict.limits if "no stimulus table was given" in one)
        )
        # A verdict is worded anew: a p was written as 0.17 then, and is .167 now.
        said = written["verdict"]
        said |= {"headline": _ANY, "findings": [_ANY] * len(said["findings"]), "limits": [_ANY] * len(limits)}
    recomputed = study.recomputed()
    assert recomputed.class_difference is not None
    _assert_close(json.loads(json.dumps(results_to_json(recomputed))), written, "")


def _tests_never_stopped(written: dict) -> None:
    """The frozen study was written before a test could stop early: how many permutations it could use was not written."""
    tests = [written["permutation_test"]["scores"]["test"]]
    tests += [
        one["scores"]["permutation_test"]["test"] for one in written["classifiers"] if one["scores"]["permutation_test"]
    ]
    for test in tests:
        assert (test["planned"], test["stop_after"], test["stopped"], test["count"]) == (None, 0, False, 5)
        test["planned"] = 5


def _count_ties_half(majority: dict, trials_of_class: int) -> None:
    """The frozen study was written when a tie (p = .5) was class 0 in the confusion; now it is half a trial of either class.

    Its only ties are the majority class's, whose folds have equally many trials of both classes: F1 was 0 and is .5, and the
    accuracies are .5 as before, since both classes are of one size.
    """
    scores = majority["scores"]["mean_over_seeds"]
    n = trials_of_class
    assert (majority["name"], scores["f1"]["mean"], scores["confusion"]) == ("majority", 0.0, [[n, 0], [n, 0]])
    scores["f1"]["mean"], scores["confusion"] = 0.5, [[n / 2, n / 2], [n / 2, n / 2]]


def test_statistics_of_frozen_predictions_are_those_of_0_1_0(old_record) -> None:
    """Every number of the old study.json from the same predictions, to 1e-6, but for what is listed here.

    What changed on purpose: stimuli are in natural order; several observers have no percentage where it rests on fewer than
    three stimuli of a class; the final model is not scaled where scaling does not help.
    """
    results = compute_results(_raw_of_0_1_0(old_record), SETTINGS)
    ours, theirs = _in_old_words(results), dict(old_record)
    for name in (
        "kind",
        "schema",
        "command",
        "versions",
        "data_from",
        "verdict",
        "about",
        "files",
        "sha256",
        "cleaning",
    ):
        theirs.pop(name)
    theirs["stimuli"] = sorted(theirs["stimuli"], key=lambda row: int(row["name"][1:]))
    few = [row["k"] for row in theirs["voting"] if row["stimuli"] < 6]
    for row in theirs["voting"]:
        if row["k"] in few:
            row.update(accuracy=None, low=None, high=None)
    helps = theirs["calibration"]["calibrated"]["log_loss"] <= theirs["calibration"]["raw"]["log_loss"]
    assert not helps
    assert results.calibration.temperature.median == pytest.approx(
        theirs["calibration"]["temperature"]["final"], abs=1e-6
    )
    theirs["calibration"]["temperature"]["final"] = 1.0
    _assert_close(ours, theirs, "")


def _assert_close(ours, theirs, path: str) -> None:
    """Every number, name and flag of `theirs`, whose texts may be worded otherwise."""
    if isinstance(theirs, dict):
        assert set(theirs) <= set(ours), f"{path}: {set(theirs) - set(ours)}"
        for name, value in theirs.items():
            _assert_close(ours[name], value, f"{path}.{name}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), path
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            _assert_close(one, other, f"{path}[{at}]")
    elif isinstance(theirs, float | int) and not isinstance(theirs, bool):
        assert ours == pytest.approx(theirs, abs=1e-6, rel=1e-6), path
    else:
        assert ours == theirs, path


def _raw_of_0_1_0(record: dict) -> RawResults:
    """The predictions of the old study under the names of now."""
    with np.load(OLD / "arrays.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    renamed = {}
    for name, values in arrays.items():
        new = "participant-and-stimulus" + name[4:] if name.startswith("both/") else name
        for was, is_now in (
            ("tested/answers", "permutations/predictions"),
            ("tested/relabelled", "permutations/permuted"),
            ("/answers/", "/predictions/"),
            ("controls/", "classifiers/"),
            ("attention/", "attribution/"),
            ("/variants", "/variant_accuracy"),
        ):
            new = new.replace(was, is_now)
        renamed[new] = values
    trials = pd.read_parquet(OLD / "tables" / "trials.parquet")
    about = record["about"]
    return RawResults(
        trials=trials.rename(columns={"measured": "proportion_valid", "verdict": "status"})[list(MEASURED_COLUMNS)],
        x=renamed["x"],
        valid=renamed["valid"],
        time_ms=renamed["time_ms"],
        protocols=tuple(_protocol(one, renamed) for one in record["protocols"]),
        permutations=PermutationPredictions(
            part_of(OutOfFold, renamed, "permutations/predictions"), permuted_of(renamed)
        ),
        classifiers=tuple(
            ClassifierPredictions(one["name"], one["words"], renamed[f"classifiers/{one['name']}"])
            for one in record["controls"]
        ),
        attribution=part_of(Attribution, renamed, "attribution"),
        cleaning=CleaningPanels("0", "t0", "mm", ()),
        about=About(
            class_names=tuple(about["class_names"]),
            channels=tuple(about["channels"]),
            simulated=False,
            unit=about["unit"],
            model_unit=about["model_unit"],
            recorded_hz=about["recorded_hz"],
            model_hz=about["model_hz"],
            source=SourceRecord("memory", "arrays", ()),
            recipe={},
            training={},
            vary={"learning_rate": (0.001, 0.003)},
            variants=({"learning_rate": 0.001}, {"learning_rate": 0.003}),
            final_variant=0,
            study={"seed": 0},
            runs=about["runs"],
            notes=(),
        ),
    )


def _protocol(one: dict, arrays: Arrays) -> ProtocolPredictions:
    name = {"both": "participant-and-stimulus"}.get(one["name"], one["name"])
    return ProtocolPredictions(
        name=name,
        folds=folds_of(arrays, name),
        predictions=part_of(OutOfFold, arrays, f"{name}/predictions"),
        curves=part_of(Curves, arrays, f"{name}/curves"),
        inner_logits=arrays.get(f"{name}/inner_logits"),
        inner=arrays.get(f"{name}/inner"),
        variant_accuracy=arrays.get(f"{name}/variant_accuracy"),
        balanced_folds=one["balanced"],
    )


def _in_old_words(results: StudyResults) -> dict:
    """Results under the names of schema 1."""
    new = results_to_json(results)
    old_names = {"participant-and-stimulus": "both"}
    calibration, choice = new["calibration"], new["hyperparameters"]
    data = new["data"]
    return {
        "class_names": new["class_names"],
        "alpha": new["alpha"],
        "level": new["level"],
        "data": {
            **data,
            "excluded": [{"verdict": e["status"], **e["classes"]} for e in data["excluded"]],
            "measured": data["proportion_valid"],
            "single": data["one_trial_per_class"],
        },
        "protocols": [_old_protocol(one, old_names) for one in new["protocols"]],
        "verdict_protocol": old_names.get(new["verdict_protocol"], new["verdict_protocol"]),
        "videos": new["known_minus_new_stimuli"],
        "test": _old_test(new["permutation_test"]["scores"]),
        "people": _old_people(new["participant_tests"]),
        "controls": [_old_control(one) for one in new["classifiers"]],
        "choice": choice,
        "calibration": {
            "done": not calibration["why_not"],
            "why_not": calibration["why_not"],
            "raw": _old_calibration(calibration["as_trained"]),
            "calibrated": _old_calibration(calibration["scaled"]),
            "temperature": calibration["temperature"],
        },
        "roc": new["roc"],
        "voting": [
            {
                **row,
                "k": row["observers"],
                "accuracy": row["balanced_accuracy"],
                "dropped": row["fewer_observers"],
                "exact": row["all_groups"],
            }
            for row in new["several_observers"]
        ],
        "participants": [_old_group(row) for row in new["participants"]],
        "stimuli": [_old_group(row) for row in new["stimuli"]],
        "curves": new["training_curves"],
        "dilation": new["dilation"],
        "attention": {**new["attribution"], "trials": list(new["attribution"]["trials"].values())},
    }


def _old_group(row: dict) -> dict:
    counts = {f"scored_{name}": count for name, count in row["scored_by_class"].items()}
    return {**row, **counts, "mean_p": row["mean_probability"], "measured": row["proportion_valid"]}


def _old_calibration(scores: dict) -> dict:
    bins = [
        {**one, "bin": at, "mean_p": one["mean_probability"], "share": one["proportion"]}
        for at, one in enumerate(scores["bins"])
    ]
    return {**scores, "bins": bins}


def _old_metrics(one: dict) -> dict:
    return {name: one[name] for name in (*METRICS, "confusion")}


def _old_protocol(one: dict, names: dict) -> dict:
    scores = one["scores"]
    return {
        **scores,
        "name": names.get(one["name"], one["name"]),
        "scores": _ANY,
        "available": True,
        "scheme": scores["fold_scheme"] if scores["fold_scheme"] != "participant and stimulus" else _ANY,
        "balanced": scores["balanced_folds"],
        "leaky": scores["leaks"],
        "why_leaky": _ANY,
        "metrics": _old_metrics(scores["mean_over_seeds"]),
        "spread": scores["accuracy_spread"],
        "why_not_inner": _ANY,
    }


def _old_test(one: dict) -> dict:
    test = {**one["test"], "floor": one["test"]["design_smallest_p"]}
    return {**one, **test, "done": True, "asked": one["requested"], "why": _ANY, "scheme": _ANY}


def _old_people(tests: dict) -> dict:
    differ = tests["between_participants"]
    return {
        "participants": tests["over_participants"],
        "pooled": tests["trials_as_independent"],
        "differ": {**differ, "people": differ["participants"]},
    }


def _old_control(one: dict) -> dict:
    scores, test = one["scores"], one["scores"]["permutation_test"]
    return {
        "name": one["name"],
        "title": _ANY,
        "words": one["description"],
        "available": True,
        "metrics": _old_metrics(scores["mean_over_seeds"]),
        "interval": scores["interval"],
        "difference": scores["difference"],
        "test": {**test["test"], "floor": test["test"]["design_smallest_p"], "p_corrected": test["p_corrected"]},
    }


class _AnyText:
    """Equal to any text: words were rewritten."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = None


_ANY = _AnyText()
