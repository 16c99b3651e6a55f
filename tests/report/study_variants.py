"""A simulated study, its long series thinned so that it can be kept here, and ones that lack something or mean harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Study = dict[str, Any]
STUDY: Study = json.loads((Path(__file__).parent / "study.json").read_text())
NASTY = ("<script>alert(1)</script>", "\"&'<i>n</i>{{ 7 * 7 }}</script><b>%{y}")


def bare(study: Study) -> Study:
    """Everything that may be absent is."""
    for name in ("roc", "attribution", "curves", "dilation", "cleaning", "choice", "people"):
        study[name] = None
    for name in ("voting", "participants", "stimuli", "controls"):
        study[name] = []
    for name in ("kind", "schema", "command", "versions"):
        del study[name]
    study["calibration"] = {"done": False, "why_not": "no fold has validation trials to spare"}
    study["test"] = {"done": False, "why_not": "no permutation was asked for"}
    study["data"] |= {
        "stimuli": None,
        "smilers": None,
        "excluded": [{"verdict": "too short", "posed": 1, "genuine": 0}],
    }
    return study


def one_protocol(study: Study) -> Study:
    """Stimuli were not recorded: two protocols cannot be, and a control failed."""
    for one in study["protocols"]:
        if one["name"] in ("participant-and-stimulus", "stimulus"):
            why = "splitting by stimulus needs the stimulus of every trial"
            one.clear()
            one |= {
                "name": "participant-and-stimulus",
                "scores": "people and stimuli",
                "available": False,
                "why_not": why,
            }
    study["verdict_protocol"] = "participant"
    control = study["controls"][1]
    kept = {name: control[name] for name in ("name", "words")}
    control.clear()
    control |= {**kept, "available": False, "why_not": "no trial has a baseline"}
    return study


def no_relabellings(study: Study) -> Study:
    """A test of none: done, with nothing to compare with."""
    study["test"] |= {
        "null": [],
        "count": 0,
        "at_least": 0,
        "p": 1.0,
        "null_mean": None,
        "null_low": None,
        "null_high": None,
    }
    return study


def diverged(study: Study) -> Study:
    """No run gave an answer, so that nothing has an estimate."""
    for one in (*study["protocols"], *study["controls"]):
        for name in ("interval", "difference"):
            if name in one:
                one[name] |= {"estimate": None, "low": None, "high": None}
        for name, metric in one["metrics"].items():
            if name != "confusion":
                metric |= {"mean": None, "sd": None}
        one["metrics"]["confusion"] = [[0.0, 0.0], [0.0, 0.0]]
        if "score_spread" in one:
            one["score_spread"] = dict.fromkeys(one["score_spread"])
            one |= {"trials_scored": 0, "diverged": one["runs"]}
            one["ensemble"] = dict.fromkeys(one["ensemble"])
    study["test"] |= dict.fromkeys(("observed", "null_mean", "null_low", "null_high"))
    study["test"] |= {"null": [None] * 7, "p": 1.0, "at_least": 7, "diverged": 7}
    for part in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        study["curves"][part] = {name: [None] * study["curves"]["epochs"] for name in ("mean", "low", "high")}
    for channel in study["attribution"]["channels"].values():
        for one in channel.values():
            one |= {"mean": [None] * len(one["mean"]), "sd": [None] * len(one["sd"])}
    for one in study["attribution"]["occlusion"]:
        one |= {"loss_rise": None, "sd": None}
    for one in (*study["participants"], *study["stimuli"]):
        one |= {"accuracy": None, "balanced_accuracy": None, "mean_p": None, "scored": 0}
    study |= {"roc": None, "voting": [], "people": {"participants": None, "pooled": None}}
    study["calibration"] = {"done": True, "why_not": "", "temperature": {"folds": [1.0], "final": 1.0}}
    return study


def chosen(study: Study) -> Study:
    """Three settings to choose among, one of which never answered."""
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
    study["choice"] = {
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
                "difference": dict.fromkeys((*difference, "p_corrected")),
            },
        ],
    }
    study["about"]["vary"] = {"learning_rate": [0.001, 0.003, 10.0]}
    return study


def found(study: Study) -> Study:
    """The other outcomes' look."""
    study["verdict"] |= {"outcome": "found", "limits": [], "findings": []}
    return study


def hostile(study: Study) -> Study:
    """Names that would be markup, script, or a template."""
    first, second = NASTY
    study["class_names"] = [first, second]
    for name in ("classes", "kept_classes"):
        study["data"][name] = dict(zip(NASTY, study["data"][name].values(), strict=True))
    study["data"]["excluded"] = [{"verdict": NASTY[0], first: 1, second: 2}]
    study["data"]["notes"] = [NASTY[0]]
    study["dilation"]["classes"] = dict(zip(NASTY, study["dilation"]["classes"].values(), strict=True))
    for name, channel in study["attribution"]["channels"].items():
        study["attribution"]["channels"][name] = dict(zip(NASTY, channel.values(), strict=True))
    for one in (*study["participants"], *study["stimuli"]):
        one["name"] = NASTY[0] + one["name"]
        one |= {
            f"scored_{name}": one[f"scored_{plain}"] for name, plain in zip(NASTY, ("posed", "genuine"), strict=True)
        }
    study["verdict"] |= {"headline": NASTY[1], "findings": [NASTY[0]], "limits": [NASTY[1]]}
    study["cleaning"] |= {"participant": NASTY[0], "trial": NASTY[1]}
    study["about"]["source"] = {
        "name": NASTY[0],
        "layout": NASTY[1],
        "findings": [{"what": NASTY[0], "value": NASTY[1], "how": ""}],
    }
    return study | {"command": f"smilejax evaluate '{NASTY[0]}'", "versions": {"smilejax": NASTY[1]}}


VARIANTS: dict[str, Callable[[Study], Study]] = {
    one.__name__: one for one in (bare, one_protocol, no_relabellings, diverged, chosen, found, hostile)
}
