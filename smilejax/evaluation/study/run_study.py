"""`evaluate`: train what was prepared, and collect what came of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.nan_mean import nan_mean
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.study import hyperparameters
from smilejax.evaluation.study.attribution import Attribution, attribute
from smilejax.evaluation.study.comparisons import classifiers, mask_alone, network_alone, pupil_baseline
from smilejax.evaluation.study.final_model import FinalModel, train_final
from smilejax.evaluation.study.hyperparameters import InnerValidation, inner_folds, train_inside
from smilejax.evaluation.study.out_of_fold import (
    Trainer,
    TrainOptions,
    curves_of,
    out_of_fold_predictions,
)
from smilejax.evaluation.study.preparation import PreparedStudy, inner_key
from smilejax.evaluation.study.protocols import Protocol
from smilejax.evaluation.study.raw_results import (
    ClassifierPredictions,
    PermutationPredictions,
    ProtocolPredictions,
    RawResults,
    column_title,
)
from smilejax.evaluation.study.study_results import About, SourceFinding, SourceRecord
from smilejax.evaluation.study.train_permutations import PermutationTrainings, train_permutations
from smilejax.evaluation.study.trainers import CombinedTrainer, trainer_of
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.kept_columns import kept_column
from smilejax.recordings.kinds import kind_of
from smilejax.recordings.recording import length_ms
from smilejax.recordings.source import Source
from smilejax.settings import to_json
from smilejax.settings.checks import require_kind
from smilejax.settings.classifier_names import has_network
from smilejax.splits import Folds
from smilejax.training import RunResult
from smilejax.training.plans import Plan
from smilejax.training.plans.plan import setting_of
from smilejax.training.plans.runs_table import hits
from smilejax.training.programs import DeviceOptions

SIMULATED = "simulated"
"""Layout of a `Source` that is the simulator."""


def evaluate(
    prepared: PreparedStudy,
    *,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
    spared: Callable[[int], None] | None = None,
    note: Callable[[str], None] | None = None,
    options: TrainOptions | None = None,
) -> tuple[RawResults, FinalModel | None]:
    """Train everything, and collect what came of it.

    Arguments:
        folder: where runs are kept as they end, below `runs/`; trainings that are there already are not repeated.
        progress: called with the number of further runs that have ended. spared: called with the number of runs that a
            permutation test which stopped early did without; both together come to `prepared.runs`. note: called with what is
            being done, in words.
        options: where runs are trained, and with how much memory.

    Returns:
        What was measured, and the final model, which is None where all its runs diverged.
    """
    require_kind(prepared, "prepared", PreparedStudy, "Make one with smilejax.prepare_study.")
    report, options = note or (lambda words: None), options or {}
    trainer = trainer_of(prepared, folder=folder, progress=progress or (lambda n: None), options=options)
    report("training")
    made = [_protocol(one, trainer, prepared) for one in prepared.protocols]
    protocols, parts = tuple(one for one, _ in made), [part for _, part in made if part is not None]
    permutations = _permutations(trainer, prepared, spared)
    final_variant = _most_chosen(protocols)
    report("training reference classifiers and negative controls")
    simple = classifiers(prepared)
    report("training on the missing-data mask alone")
    others = (*simple, mask_alone(trainer, prepared, prepared.variants[final_variant]), *parts)
    report("computing attribution")
    where: DeviceOptions = {"devices": options.get("devices"), "width": options.get("width")}
    attribution = _attribution(prepared, protocols, where)
    report("training the final model")
    final = train_final(prepared, prepared.variants[final_variant], where)
    report("cleaning one trial step by step")
    dataset = prepared.dataset
    raw = RawResults(
        trials=_table(prepared),
        x=np.asarray(dataset.x),
        valid=np.asarray(dataset.valid),
        time_ms=dataset.time_ms,
        protocols=protocols,
        permutations=permutations,
        classifiers=others,
        attribution=attribution,
        cleaning=prepared.data.cleaning(),
        about=_about(prepared, final_variant),
    )
    return raw, final


def _protocol(
    one: Protocol, trainer: Trainer, prepared: PreparedStudy
) -> tuple[ProtocolPredictions, ClassifierPredictions | None]:
    """Train one protocol on the true labels; of that of the verdict also what networks reach alone that are part of more."""
    if one.folds is None:
        return ProtocolPredictions(one.name, None, one.why_not), None
    inner, why_not = None, "only the protocol of the verdict has inner validation trials."
    if prepared.several or one is prepared.chosen:
        inner, why_not = _inner(trainer, one.folds, prepared, f"{one.name}-inner")
    chosen = np.zeros((1, len(one.folds)), np.int32) if inner is None else inner.chosen()
    plan = trainer.plan(one.folds, prepared.seeds)
    network = None
    if isinstance(trainer, CombinedTrainer):
        network, result = trainer.train_parts(plan, one.name, curves=True)
    else:
        result = trainer.train(plan, one.name, curves=True)
    made = ProtocolPredictions(
        name=one.name,
        folds=one.folds,
        predictions=out_of_fold_predictions(trainer.dataset, plan, result, chosen),
        curves=curves_of(plan, result, chosen[0]) if has_network(prepared.settings.classifier) else None,
        inner_logits=None if inner is None else inner.of(chosen[0]),
        inner=None if inner is None else inner.validation,
        why_no_inner_validation=why_not,
        variant_accuracy=_variant_accuracy(plan, result, trainer.dataset),
        balanced_folds=one.balanced,
    )
    if network is None or one is not prepared.chosen:
        return made, None
    return made, network_alone(out_of_fold_predictions(trainer.dataset, plan, network, chosen), one.folds)


def _variant_accuracy(plan: Plan, result: RunResult, dataset: Dataset) -> npt.NDArray[np.float64]:
    """`f64[V, F]`, accuracy on the trials that each fold scores, mean over seeds that did not diverge."""
    variants, _, folds, seeds = plan.shape
    of_runs = nan_mean(hits(dataset, plan, result), -1)
    return nan_mean(of_runs.reshape(variants, folds, seeds), -1)


def _inner(trainer: Trainer, folds: Folds, prepared: PreparedStudy, name: str) -> tuple[InnerValidation | None, str]:
    key = inner_key(prepared.settings)
    if prepared.several:  # `prepare_study` has made sure that it is possible
        inside = inner_folds(folds, trainer.dataset, prepared.settings, key=key)
        return train_inside(trainer, inside, prepared.settings, name), ""
    return hyperparameters.try_inner(trainer, folds, prepared.settings, name, key=key)


def _permutations(
    trainer: Trainer, prepared: PreparedStudy, spared: Callable[[int], None] | None
) -> PermutationPredictions:
    """Train the true labels and as many permutations as the test needs, each with its own choice of hyperparameters."""
    settings, folds = prepared.settings, prepared.chosen.folds
    if prepared.permuted is None:
        return PermutationPredictions(None, None, prepared.why_not)
    assert folds is not None
    tested = PermutationTrainings(
        trainer.for_many_plans(),
        folds,
        seeds=prepared.seeds[: settings.test_seeds],
        permuted=prepared.permuted,
        stop_after=settings.stop_after,
        inside=inner_folds(folds, trainer.dataset, settings, key=inner_key(settings)) if prepared.several else None,
        settings=settings,
    )
    # All permutations of a classifier that is only fitted cost little more than one of them.
    least = (
        None if has_network(settings.classifier) else len(folds) * settings.test_seeds * (1 + len(prepared.permuted))
    )
    return PermutationPredictions(train_permutations(tested, least_runs=least, spared=spared), prepared.permuted)


def _attribution(
    prepared: PreparedStudy, protocols: tuple[ProtocolPredictions, ...], options: DeviceOptions
) -> Attribution | None:
    count = prepared.settings.attribution_seeds
    folds, predictions = next(one for one in protocols if one.name == prepared.chosen.name).made()
    if not count or not predictions.ok[0, :, :count].any():
        return None
    plan = Plan(folds, prepared.training, seeds=prepared.seeds[:count], vary=prepared.vary)
    return attribute(prepared.dataset, plan, predictions.chosen[0], options)


def _most_chosen(protocols: tuple[ProtocolPredictions, ...]) -> int:
    """The hyperparameter setting that most folds of the verdict's protocol chose."""
    _, predictions = next(one for one in protocols if one.folds is not None).made()
    return int(np.bincount(predictions.chosen[0]).argmax())


def _about(prepared: PreparedStudy, final_variant: int) -> About:
    trials, dataset = prepared.trials, prepared.dataset
    return About(
        class_names=trials.class_names,
        channels=tuple(channel.name for channel in dataset.channels),
        simulated=trials.source.layout == SIMULATED,
        unit=trials.unit,
        model_unit=prepared.data.model_unit,
        recorded_hz=trials.rate_hz,
        model_hz=dataset.rate_hz,
        source=source_record(trials.source),
        recipe=prepared.data.recipe,
        training=to_json(prepared.training),
        vary={name: tuple(_plain(value) for value in values) for name, values in prepared.vary.items()},
        variants=tuple({name: _plain(setting_of(one, name)) for name in prepared.vary} for one in prepared.variants),
        final_variant=final_variant,
        study=to_json(prepared.settings),
        runs=prepared.runs,
        notes=prepared.data.notes(),
        start_ms=dataset.start_ms,
        stimulus_table=None if prepared.covariates is None else prepared.covariates.table,
        recording=kind_of(prepared.trials).name,
    )


def _plain(value: JsonValue) -> JsonValue:
    """A setting as JSON gives it back: tuples as lists."""
    return list(value) if isinstance(value, tuple) else value


def source_record(source: Source) -> SourceRecord:
    """Where the recording came from, as results hold it."""
    return SourceRecord(
        source.name,
        source.layout,
        tuple(SourceFinding(f.what, f.value, f.how) for f in source.findings),
        source.by_hand,
    )


def _table(prepared: PreparedStudy) -> pd.DataFrame:
    trials, dataset = prepared.trials, prepared.dataset
    n = len(trials)
    classes = [trials.class_names[k] if k >= 0 else None for k in trials.label]
    baseline = pupil_baseline(prepared)
    own = (*prepared.settings.by, *((prepared.settings.folds_from,) if prepared.settings.folds_from else ()))
    kept = {column_title(name): np.array(kept_column(trials, name, setting="by"), dtype=object) for name in own}
    return pd.DataFrame(
        {
            "participant": np.array(trials.participant, dtype=object),
            "trial": np.array(trials.trial, dtype=object),
            "stimulus": np.array(trials.stimulus or [None] * n, dtype=object),
            "smiler": np.array(trials.smiler or [None] * n, dtype=object),
            "label": trials.label.astype(np.int32),
            "class": np.array(classes, dtype=object),
            "status": [TrialStatus(int(code)).words for code in np.asarray(dataset.status)],
            "kept": dataset.kept,
            "proportion_valid": np.asarray(dataset.proportion_valid, np.float64),
            "length_ms": length_ms(trials).astype(np.float64),
            "baseline": np.full(n, np.nan) if baseline is None else baseline.astype(np.float64),
            **kept,
        }
    )
