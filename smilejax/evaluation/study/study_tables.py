"""A study as tidy tables: one row per trial, participant, stimulus, protocol, control, run."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from smilejax.evaluation.metrics import balanced, right
from smilejax.evaluation.study.compute_scores import METRICS
from smilejax.evaluation.study.figure_data import trial_table
from smilejax.evaluation.study.out_of_fold import OutOfFold
from smilejax.evaluation.study.raw_results import RawResults

Numbers = dict[str, Any]


def tables_of(material: RawResults, numbers: Numbers) -> dict[str, pd.DataFrame]:
    """Tables by name. What each column is: docs/study.md."""
    found = {
        "trials": trial_table(material),
        "participants": pd.DataFrame(numbers["participants"]),
        "stimuli": pd.DataFrame(numbers["stimuli"]),
        "protocols": pd.DataFrame([_row(one) for one in numbers["protocols"]]),
        "controls": pd.DataFrame([_row(one) for one in numbers["controls"]]),
        "runs": pd.DataFrame(list(_runs(material))),
        "permutations": pd.DataFrame({"balanced_accuracy": numbers["test"].get("null", [])}, dtype="float64"),
    }
    return {name: table for name, table in found.items() if len(table.columns)}


def _row(one: Numbers) -> Numbers:
    """A protocol or a control in one row: its texts and counts, metrics and interval."""
    row: Numbers = {
        name: value for name, value in one.items() if isinstance(value, str | int | bool) and name != "why_leaky"
    }
    if not one["available"]:
        return row
    for name in METRICS:
        row[name] = one["metrics"][name]["mean"]
        row[f"{name}_sd"] = one["metrics"][name]["sd"]
    row |= {name: one["interval"][name] for name in ("estimate", "low", "high")}
    if "difference" in one:
        row |= {f"lead_{name}": one["difference"][name] for name in ("estimate", "low", "high")}
        row["p"] = one["test"]["p"] if one["test"] else None
    return row


def _runs(material: RawResults) -> Iterator[Numbers]:
    """Every run that a score or the test rests on."""
    for one in material.scored:
        if one.answers is not None and one.folds is not None:
            yield from _of(one.name, one.folds.names, one.folds.test, one.answers, material)
    folds = material.verdict_protocol.folds
    if material.tested.answers is not None and folds is not None:
        yield from _of("test", folds.names, folds.test, material.tested.answers, material)


def _of(
    name: str, folds: tuple[str, ...], test: np.ndarray, answers: OutOfFold, material: RawResults
) -> Iterator[Numbers]:
    first = int(material.about["study"]["seed"])
    p = answers.probability()
    for labelling, fold, seed in np.ndindex(*answers.ok.shape):
        scored = test[fold]
        y = answers.labels[labelling]
        hit = np.where(scored, right(p[labelling, fold, seed], y), np.nan)
        yield {
            "plan": name,
            "labels": "true" if labelling == 0 else str(labelling),
            "fold": folds[fold],
            "seed": first + seed,
            "settings": int(answers.chosen[labelling, fold]),
            "status": "ok" if answers.ok[labelling, fold, seed] else "diverged",
            "trials": int((scored & (y >= 0)).sum()),
            "accuracy": float(np.nanmean(hit)) if np.isfinite(hit).any() else np.nan,
            "balanced_accuracy": float(balanced(hit, y)),
        }
