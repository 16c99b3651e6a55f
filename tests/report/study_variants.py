"""A simulated study, its long series thinned so that it can be kept here, and studies that lack something or are hostile."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smilejax.evaluation.study.study_record import StudyRecord, record_from_json
from smilejax.report import page

Study = dict[str, Any]
STUDY: Study = json.loads((Path(__file__).parent / "study.json").read_text())
NASTY = ("<script>alert(1)</script>", "\"&'<i>n</i>{{ 7 * 7 }}</script><b>%{y}")


def fresh() -> Study:
    """A copy, to be changed at will."""
    return copy.deepcopy(STUDY)


def record_of(study: Study) -> StudyRecord:
    """The record that a report is made of."""
    return record_from_json(study)


def page_of(study: Study) -> str:
    """The page of a study."""
    return page(record_of(study))


def bare(study: Study) -> Study:
    """Everything that may be absent is."""
    for name in (
        "roc",
        "attribution",
        "training_curves",
        "hyperparameters",
        "known_minus_new_stimuli",
        "class_difference",
    ):
        study[name] = None
    for name in ("several_observers", "participants", "stimuli", "classifiers"):
        study[name] = []
    for course in (*study["dilation"]["classes"].values(), study["dilation"]["difference"]):
        course |= {part: [None] * len(values) for part, values in course.items()}
    study["cleaning"]["steps"] = [{**step, "changed": 0} for step in study["cleaning"]["steps"]]
    study |= {"command": "", "versions": {}}
    study["calibration"] = {
        "why_not": "no fold has validation trials to spare",
        "as_trained": None,
        "scaled": None,
        "temperature": None,
    }
    study["permutation_test"] = {"why_not": "no permutation was requested", "scores": None}
    study["participant_tests"] |= {"over_participants": None, "trials_as_independent": None}
    excluded = [{"status": "too short", "classes": {"posed": 1, "genuine": 0}}]
    study["data"] |= {"stimuli": None, "smilers": None, "excluded": excluded, "majority": None}
    study["about"]["simulated"] = False
    return study


def one_protocol(study: Study) -> Study:
    """Stimuli were not recorded, so that two protocols are not possible; and a classifier could not be run."""
    for one in study["protocols"]:
        if one["name"] in ("participant-and-stimulus", "stimulus"):
            one |= {"why_not": "splitting by stimulus needs the stimulus of every trial", "scores": None}
    study["verdict_protocol"] = "participant"
    difference = study["class_difference"]
    difference["interval"] |= {"low": None, "high": None, "units": {"participants": 2, "stimuli": 0, "trials": 16}}
    difference |= {"over": "trials", "why_no_interval": "fewer than 3 participants have trials of both classes."}
    difference["course_test"] = {"why_not": "there are 2 participants. Record more participants.", "scores": None}
    study["classifiers"][1] |= {"why_not": "no trial has a baseline", "scores": None}
    return study


def no_permutations(study: Study) -> Study:
    """A test with no permutation: made, with nothing to compare with."""
    scores = study["permutation_test"]["scores"]
    scores["null"] = []
    scores["test"] |= {
        "planned": 0,
        "stopped": False,
        "count": 0,
        "at_least": 0,
        "p": 1.0,
        "null_mean": None,
        "null_low": None,
        "null_high": None,
    }
    return study


def one_permutation(study: Study) -> Study:
    """One permutation has no mean and no spread."""
    scores = study["permutation_test"]["scores"]
    scores["null"] = [0.46]
    scores["test"] |= {
        "planned": 1,
        "stopped": False,
        "count": 1,
        "at_least": 0,
        "p": 0.5,
        "null_mean": 0.46,
        "null_low": 0.46,
        "null_high": 0.46,
    }
    return study


def stopped_early(study: Study) -> Study:
    """A study that shows nothing, whose test needed 23 of 99 permutations; other classifiers use all."""
    scores = study["permutation_test"]["scores"]
    scores["null"] = [0.38 + 0.01 * at for at in range(23)]
    scores |= {"requested": 99, "distinct": 924, "runs": 24 * 16}
    stopped = {"planned": 99, "count": 23, "stop_after": 10, "stopped": True, "at_least": 10, "p": 10 / 23}
    scores["test"] |= stopped | {"observed": 0.51, "smallest_p": 0.01, "reachable": True, "null_mean": 0.49}
    scores["test"] |= {"null_low": 0.385, "null_high": 0.595, "design_smallest_p": 1 / 924}
    for one in study["classifiers"]:
        if one["scores"] is not None and one["scores"]["permutation_test"] is not None:
            one["scores"]["permutation_test"]["test"] |= {"planned": 99, "count": 99, "smallest_p": 0.01}
    return study


def one_seed(study: Study) -> Study:
    """One seed has no spread."""
    study["training_curves"]["seeds"] = 1
    for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        study["training_curves"][name] |= {"low": None, "high": None}
    study["attribution"]["seeds"] = 1
    for channel in study["attribution"]["channels"].values():
        for one in channel.values():
            one["sd"] = [None] * len(one["sd"])
    for one in study["attribution"]["occlusion"]:
        one["sd"] = None
    for protocol in study["protocols"]:
        for name, metric in protocol["scores"]["mean_over_seeds"].items():
            if name != "confusion":
                metric["sd"] = None
    return study


def diverged(study: Study) -> Study:
    """No run produced a prediction, so that nothing has an estimate."""
    for one in (*study["protocols"], *study["classifiers"]):
        scores = one["scores"]
        for name in ("interval", "difference"):
            if name in scores:
                scores[name] |= {"estimate": None, "low": None, "high": None}
        for name, metric in scores["mean_over_seeds"].items():
            if name != "confusion":
                metric |= {"mean": None, "sd": None}
        scores["mean_over_seeds"]["confusion"] = [[0.0, 0.0], [0.0, 0.0]]
        if "accuracy_spread" in scores:
            names = ("mean", "sd_seeds", "low", "high", "sd_folds", "var_seeds", "var_folds", "var_residual")
            scores["accuracy_spread"] |= dict.fromkeys(names)
            scores |= {"trials_scored": 0, "diverged": scores["runs"]}
            scores["ensemble"] |= dict.fromkeys(
                ("accuracy", "balanced_accuracy", "auc", "f1", "mcc", "brier", "log_loss")
            )
    test = study["permutation_test"]["scores"]
    test |= {"null": [None] * 7, "diverged_runs": 7}
    test["test"] |= dict.fromkeys(("observed", "null_mean", "null_low", "null_high"))
    test["test"] |= {"p": 1.0, "at_least": 7, "diverged": 7}
    curves = study["training_curves"]
    for part in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        curves[part] = {name: [None] * curves["epochs"] for name in ("mean", "low", "high")}
    for channel in study["attribution"]["channels"].values():
        for one in channel.values():
            one |= {"mean": [None] * len(one["mean"]), "sd": [None] * len(one["sd"])}
    for one in study["attribution"]["occlusion"]:
        one |= {"loss_rise": None, "sd": None}
    for one in (*study["participants"], *study["stimuli"]):
        one |= {"accuracy": None, "balanced_accuracy": None, "mean_probability": None, "scored": 0}
    study |= {"roc": None, "several_observers": []}
    study["participant_tests"] |= {"over_participants": None, "trials_as_independent": None}
    study["calibration"] |= {"as_trained": None, "scaled": None, "temperature": None}
    return study


def chosen(study: Study) -> Study:
    """Three settings to choose among, of which one always diverged."""
    difference = {
        "mean": 0.0312,
        "se": 0.02,
        "t": 1.5,
        "df": 15,
        "p": 0.15,
        "low": -0.012,
        "high": 0.075,
        "level": 0.95,
    }
    nothing = {name: None if isinstance(value, float) else value for name, value in difference.items()}
    study["hyperparameters"] = {
        "folds": 16,
        "settings": [
            {"settings": {"learning_rate": 0.001}, "chosen": 4, "accuracy": 0.75, "difference": None},
            {
                "settings": {"learning_rate": 0.003},
                "chosen": 12,
                "accuracy": 0.78,
                "difference": {**difference, "p_corrected": 0.3},
            },
            {
                "settings": {"learning_rate": 10.0},
                "chosen": 0,
                "accuracy": None,
                "difference": {**nothing, "level": 0.95, "p_corrected": None},
            },
        ],
    }
    study["about"]["vary"] = {"learning_rate": [0.001, 0.003, 10.0]}
    return study


def attributable(study: Study) -> Study:
    """The look of the best conclusion."""
    scores = study["class_difference"]["course_test"]["scores"]
    scores |= {"p": 0.002, "smallest_p": 0.0005}
    scores["clusters"] = [
        {"from_ms": 500.0, "to_ms": 600.0, "mass": 6.8, "p": 0.5},
        {"from_ms": 1750.0, "to_ms": 3400.0, "mass": 151.2, "p": 0.002},
    ]
    study["verdict"] |= {"conclusion": "attributable", "limits": [], "findings": []}
    return study


def hostile(study: Study) -> Study:
    """Names that would be markup, script, or a template."""
    first, second = NASTY
    renamed = {"posed": first, "genuine": second}
    for holder in (study, study["about"]):
        holder["class_names"] = [first, second]
    for name in ("classes", "kept_classes"):
        study["data"][name] = dict(zip(NASTY, study["data"][name].values(), strict=True))
    study["data"]["excluded"] = [{"status": NASTY[0], "classes": {first: 1, second: 2}}]
    study["data"]["notes"] = [NASTY[0]]
    study["data"]["majority"]["name"] = NASTY[1]
    study["dilation"]["classes"] = dict(zip(NASTY, study["dilation"]["classes"].values(), strict=True))
    study["attribution"]["trials"] = dict(zip(NASTY, study["attribution"]["trials"].values(), strict=True))
    for name, channel in study["attribution"]["channels"].items():
        study["attribution"]["channels"][name] = dict(zip(NASTY, channel.values(), strict=True))
    for one in (*study["participants"], *study["stimuli"]):
        one["name"] = NASTY[0] + one["name"]
        one["scored_by_class"] = {renamed[name]: n for name, n in one["scored_by_class"].items()}
    study["verdict"] |= {"headline": NASTY[1], "findings": [NASTY[0]], "limits": [NASTY[1]]}
    study["cleaning"] |= {"participant": NASTY[0], "trial": NASTY[1]}
    finding = {"what": NASTY[0], "value": NASTY[1], "how": ""}
    by_hand = [{"reason": NASTY[0], "trials": 4, "classes": {first: 1, second: 2}, "blind": None}]
    study["about"]["source"] = {"name": NASTY[0], "layout": NASTY[1], "findings": [finding], "by_hand": by_hand}
    return study | {"command": f"smilejax evaluate '{NASTY[0]}'", "versions": {"smilejax": NASTY[1]}}


VARIANTS: dict[str, Callable[[Study], Study]] = {
    one.__name__: one
    for one in (
        bare,
        one_protocol,
        no_permutations,
        one_permutation,
        stopped_early,
        one_seed,
        diverged,
        chosen,
        attributable,
        hostile,
    )
}
