"""A study as tidy tables: one row per trial, participant, stimulus, protocol, classifier, run."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.evaluation.metrics import balanced_accuracy, correct
from smilejax.evaluation.study.group_data import trial_table
from smilejax.evaluation.study.out_of_fold import OutOfFold
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.score_results import (
    METRICS,
    ClassifierResult,
    MetricsOverSeeds,
    ProtocolResult,
    ScoreInterval,
)
from smilejax.evaluation.study.study_results import GroupResult, StudyResults
from smilejax.recordings.stimulus_table import StimulusTable

Cell = str | int | float | bool | None
Row = dict[str, Cell]
CLUSTER_COLUMNS = ["from_ms", "to_ms", "mass", "p"]
"""Of the clusters of the test of the time course."""


def tables_of(raw: RawResults, results: StudyResults) -> dict[str, pd.DataFrame]:
    """Tables by name. What each column is: docs/study.md."""
    test = results.permutation_test.scores
    found = {
        "trials": trial_table(raw),
        "participants": pd.DataFrame([_group(one) for one in results.participants]),
        "stimuli": pd.DataFrame([_group(one) for one in results.stimuli]),
        "protocols": pd.DataFrame([_protocol(one) for one in results.protocols]),
        "classifiers": pd.DataFrame([_classifier(one) for one in results.classifiers]),
        "class_difference": pd.DataFrame(list(_class_difference(results))),
        "clusters": pd.DataFrame(list(_clusters(results)), columns=CLUSTER_COLUMNS),
        "runs": pd.DataFrame(list(_runs(raw))),
        "permutations": pd.DataFrame({"balanced_accuracy": [] if test is None else list(test.null)}, dtype="float64"),
        "subgroups": pd.DataFrame(list(_subgroups(results))),
        "stimulus_covariates": _covariates(results.about.stimulus_table),
    }
    return {name: table for name, table in found.items() if len(table.columns)}


def _covariates(table: StimulusTable | None) -> pd.DataFrame:
    """The covariates of each stimulus, as a stimulus table that can be given again."""
    if table is None:
        return pd.DataFrame()
    return pd.DataFrame({"stimulus": table.stimuli, **{one.name: one.values for one in table.covariates}})


def _group(one: GroupResult) -> Row:
    counts = {f"scored_{name}": count for name, count in one.scored_by_class.items()}
    return {
        "name": one.name,
        "trials": one.trials,
        "scored": one.scored,
        **counts,
        "accuracy": one.accuracy,
        "balanced_accuracy": one.balanced_accuracy,
        "mean_probability": one.mean_probability,
        "proportion_valid": one.proportion_valid,
    }


def _subgroups(results: StudyResults) -> Iterator[Row]:
    for column in results.subgroups:
        for one in column.groups:
            scores = one.balanced_accuracy
            yield {
                "column": column.column,
                "name": one.name,
                "trials": one.trials,
                "participants": one.participants,
                "kept": one.kept,
                "scored": one.scored,
                **{f"scored_{name}": count for name, count in one.scored_by_class.items()},
                "balanced_accuracy": None if scores is None else scores.estimate,
                "interval_low": None if scores is None else scores.low,
                "interval_high": None if scores is None else scores.high,
                "proportion_valid": one.proportion_valid,
                "remark": one.remark,
            }


def _class_difference(results: StudyResults) -> Iterator[Row]:
    """The class difference and the test of the time course, in one row."""
    found = results.class_difference
    if found is None:
        return
    test = found.course_test.scores
    yield {
        "channel": found.channel,
        "unit": found.unit,
        "from_ms": found.from_ms,
        "to_ms": found.to_ms,
        "over": found.over,
        "difference": found.interval.estimate,
        **_interval(found.interval, "interval"),
        "level": found.interval.level,
        "participants": found.interval.units.participants,
        "stimuli": found.interval.units.stimuli,
        "trials": found.interval.units.trials,
        "why_no_interval": found.why_no_interval,
        "course_p": None if test is None else test.p,
        "course_p_participants": None if test is None else test.p_participants,
        "course_permutations": None if test is None else test.permutations,
        "course_scheme": None if test is None else test.scheme,
        "course_why_not": found.course_test.why_not,
    }


def _clusters(results: StudyResults) -> Iterator[Row]:
    found = results.class_difference
    for one in () if found is None or found.course_test.scores is None else found.course_test.scores.clusters:
        yield {name: getattr(one, name) for name in CLUSTER_COLUMNS}


def _protocol(one: ProtocolResult) -> Row:
    row: Row = {"name": one.name, "label": one.label, "available": one.scores is not None, "why_not": one.why_not}
    if one.scores is None:
        return row
    scores = one.scores
    return {
        **row,
        "fold_scheme": scores.fold_scheme,
        "balanced_folds": scores.balanced_folds,
        "leaks": scores.leaks,
        "folds": scores.folds,
        "runs": scores.runs,
        "diverged": scores.diverged,
        "trials_scored": scores.trials_scored,
        **_metrics(scores.mean_over_seeds),
        "ensemble_balanced_accuracy": scores.ensemble.balanced_accuracy,
        **_interval(scores.interval, "interval"),
    }


def _classifier(one: ClassifierResult) -> Row:
    row: Row = {
        "name": one.name,
        "label": one.label,
        "kind": one.kind,
        "available": one.scores is not None,
        "why_not": one.why_not,
    }
    if one.scores is None:
        return row
    test = one.scores.permutation_test
    return {
        **row,
        **_metrics(one.scores.mean_over_seeds),
        **_interval(one.scores.interval, "interval"),
        "difference": one.scores.difference.estimate,
        **_interval(one.scores.difference, "difference"),
        "p": None if test is None else test.test.p,
        "p_corrected": None if test is None else test.p_corrected,
    }


def _metrics(metrics: MetricsOverSeeds) -> Row:
    """Mean over seeds of each metric, and the sd between them."""
    row: Row = {}
    for name in METRICS:
        row[name] = metrics.of(name).mean
        row[f"{name}_sd"] = metrics.of(name).sd
    return row


def _interval(interval: ScoreInterval, name: str) -> Row:
    return {f"{name}_low": interval.low, f"{name}_high": interval.high}


def _runs(raw: RawResults) -> Iterator[Row]:
    """Every run that a score or the permutation test rests on."""
    for one in raw.protocols:
        if one.predictions is not None and one.folds is not None:
            yield from _runs_of(one.name, one.folds.names, one.folds.test, one.predictions, raw)
    folds = raw.verdict_protocol.folds
    if raw.permutations.predictions is not None and folds is not None:
        yield from _runs_of("permutation test", folds.names, folds.test, raw.permutations.predictions, raw)


def _runs_of(
    plan: str, folds: tuple[str, ...], test: npt.NDArray[np.bool_], predictions: OutOfFold, raw: RawResults
) -> Iterator[Row]:
    first = raw.about.study["seed"]
    assert isinstance(first, int)
    p = predictions.probability()
    for labelling, fold, seed in np.ndindex(*predictions.ok.shape):
        scored = test[fold]
        y = predictions.labels[labelling]
        hit = np.where(scored, correct(p[labelling, fold, seed], y), np.nan)
        yield {
            "plan": plan,
            "labels": "true" if labelling == 0 else str(labelling),
            "fold": folds[fold],
            "seed": first + seed,
            "settings": int(predictions.chosen[labelling, fold]),
            "status": "ok" if predictions.ok[labelling, fold, seed] else "diverged",
            "trials": int((scored & (y >= 0)).sum()),
            "accuracy": float(np.nanmean(hit)) if np.isfinite(hit).any() else np.nan,
            "balanced_accuracy": float(balanced_accuracy(hit, y)),
        }
