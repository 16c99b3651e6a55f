"""The recording in numbers, and its participants, stimuli and trials one by one."""

import numpy as np
import pandas as pd

from smilejax._util.natural_order import natural_order
from smilejax.evaluation.metrics import grouped
from smilejax.evaluation.statistics import voting_curve
from smilejax.evaluation.study.compute_scores import (
    ensemble_probability,
    probability_of_seeds,
    proportion_correct,
    temperatures,
)
from smilejax.evaluation.study.json_numbers import json_number, rows
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_results import (
    DataSummary,
    ExcludedTrials,
    GroupResult,
    MajorityClass,
    SeveralObservers,
)
from smilejax.settings import StudySettings

FEW_STIMULI = 3
"""Fewer stimuli of either class than this give no balanced accuracy of several observers: one stimulus would be worth half of
one class's share or more (our choice)."""

_UNSCORED = {
    **dict.fromkeys(("trials", "count_0", "count_1"), 0.0),
    **dict.fromkeys(("accuracy", "balanced_accuracy", "mean_p"), float("nan")),
}


def data_summary(raw: RawResults) -> DataSummary:
    """What was recorded, and what was left out for which reason."""
    trials, names = raw.trials, raw.about.class_names
    kept = trials[trials["kept"]]
    kept_classes = {name: int((kept["class"] == name).sum()) for name in names}
    return DataSummary(
        trials=len(trials),
        kept=len(kept),
        unlabelled=int((trials["label"] < 0).sum()),
        participants=int(trials["participant"].nunique()),
        stimuli=int(trials["stimulus"].nunique()) if raw.recorded("stimulus") else None,
        smilers=int(trials["smiler"].nunique()) if raw.recorded("smiler") else None,
        classes={name: int((trials["class"] == name).sum()) for name in names},
        kept_classes=kept_classes,
        majority=_majority(kept_classes),
        excluded=tuple(
            ExcludedTrials(str(status), {name: int((part["class"] == name).sum()) for name in names})
            for status, part in trials[~trials["kept"]].groupby("status")
        ),
        confounded=_confounded(raw),
        one_trial_per_class=_one_trial_per_class(raw),
        proportion_valid=json_number(trials["proportion_valid"].mean()),
        steps=int(raw.x.shape[1]),
        channels=raw.about.channels,
        notes=raw.about.notes,
    )


def _majority(counts: dict[str, int]) -> MajorityClass | None:
    total = sum(counts.values())
    larger = max(counts, key=lambda name: counts[name])
    return MajorityClass(larger, counts[larger] / total) if total else None


def _used(raw: RawResults) -> pd.DataFrame:
    return raw.trials[raw.trials["kept"] & (raw.trials["label"] >= 0)]


def _one_trial_per_class(raw: RawResults) -> bool:
    """Whether no participant has two trials of one class."""
    used = _used(raw)
    return bool(used.groupby(["participant", "label"]).size().max() == 1) if len(used) else True


def _confounded(raw: RawResults) -> bool:
    """Whether each participant has one label, and each stimulus too: classes differ in both at once."""
    used = _used(raw)
    if not raw.recorded("stimulus") or not len(used):
        return False
    return all(bool((used.groupby(name)["label"].nunique() == 1).all()) for name in ("participant", "stimulus"))


def group_results(raw: RawResults, column: str) -> tuple[GroupResult, ...]:
    """One row for each participant or stimulus, in natural order of their names ("2" before "10")."""
    trials, y = raw.trials, raw.y
    if not raw.recorded(column):
        return ()
    codes, names = pd.factorize(trials[column])
    share = proportion_correct(probability_of_seeds(raw.verdict_protocol), y)
    table = rows(grouped(share, ensemble_probability(raw.verdict_protocol), codes, y))
    scored = {int(row["code"]): row for row in table}
    first, second = raw.about.class_names
    found = []
    for code in sorted(range(len(names)), key=lambda at: natural_order(str(names[at]))):
        own = codes == code
        row = scored.get(code, _UNSCORED)
        found.append(
            GroupResult(
                name=str(names[code]),
                trials=int(own.sum()),
                scored=int(row["trials"]),
                scored_by_class={first: int(row["count_0"]), second: int(row["count_1"])},
                accuracy=json_number(row["accuracy"]),
                balanced_accuracy=json_number(row["balanced_accuracy"]),
                mean_probability=json_number(row["mean_p"]),
                proportion_valid=json_number(trials["proportion_valid"][own].mean()),
            )
        )
    return tuple(found)


def trial_table(raw: RawResults) -> pd.DataFrame:
    """One row per trial: what it is, and what networks that were not trained on it predicted.

    probability: of the second class, mean over seeds; probability_scaled: after temperature scaling; proportion_correct: of
    the seeds; predictions: seeds that have one.
    """
    protocol, y = raw.verdict_protocol, raw.y
    p = probability_of_seeds(protocol)
    factors = temperatures(protocol, y)
    return raw.trials.assign(
        probability=ensemble_probability(protocol),
        probability_scaled=np.nan if factors is None else ensemble_probability(protocol, factors),
        proportion_correct=proportion_correct(p, y),
        predictions=np.isfinite(p).sum(0),
    )


def several_observers(raw: RawResults, settings: StudySettings) -> tuple[SeveralObservers, ...]:
    """Predictions of k observers of a stimulus averaged; empty where stimuli were not recorded.

    Where fewer than `FEW_STIMULI` stimuli of either class have k observers, their number is given and no percentage.
    """
    p, y, stimulus = ensemble_probability(raw.verdict_protocol), raw.y, raw.codes("stimulus")
    known = np.isfinite(p) & (y >= 0) & (stimulus >= 0)
    if not known.any():
        return ()
    participant = raw.codes("participant")[known]
    table = voting_curve(p[known], y[known], stimulus[known], participant, draws=settings.draws, seed=settings.seed)
    found = []
    for row in rows(table):
        enough = min(row["stimuli_0"], row["stimuli_1"]) >= FEW_STIMULI
        found.append(
            SeveralObservers(
                observers=int(row["k"]),
                balanced_accuracy=json_number(row["balanced_accuracy"]) if enough else None,
                low=json_number(row["low"]) if enough else None,
                high=json_number(row["high"]) if enough else None,
                stimuli=int(row["stimuli"]),
                fewer_observers=int(row["dropped"]),
                all_groups=bool(row["exact"]),
            )
        )
    return tuple(found)
