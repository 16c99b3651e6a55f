"""`evaluate`: train what was prepared, and collect what came of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.class_quality import class_warnings
from smilejax.evaluation.study import cleaning_panels, hyperparameters
from smilejax.evaluation.study.attribution import Attribution, attribute
from smilejax.evaluation.study.comparisons import classifiers, level, mask_alone
from smilejax.evaluation.study.final_model import FinalModel, train_final
from smilejax.evaluation.study.hyperparameters import InnerValidation, train_inner
from smilejax.evaluation.study.out_of_fold import Trainer, curves_of, out_of_fold_predictions
from smilejax.evaluation.study.prepare_study import PreparedStudy, inner_key, length_ms
from smilejax.evaluation.study.protocols import Protocol
from smilejax.evaluation.study.raw_results import ClassifierPredictions, RawResults, Scored, Tested
from smilejax.preprocess.cleaned_tables import unit_of
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.quality_tables import trial_quality
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.settings import to_json
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels
from smilejax.training import RunResult
from smilejax.training.plans import Plan
from smilejax.training.plans.plan import setting_of
from smilejax.training.plans.runs_table import hits


def evaluate(
    prepared: PreparedStudy,
    *,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
    said: Callable[[str], None] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[RawResults, FinalModel | None]:
    """Train everything, and collect what came of it.

    Arguments:
        folder: where runs are kept as they end, below `runs/`; trainings that are there already are not done again.
        progress: told how many more runs have ended. said: told what is being done.
        options: further ones of `train_runs`: `devices`, `width`, `memory_bytes`.

    Returns:
        The material, and the model of use, which is None where all its runs diverged.
    """
    tell, options = said or (lambda words: None), dict(options or {})
    trainer = Trainer(prepared.dataset, prepared.training, prepared.vary, folder, progress or (lambda n: None), options)
    tell("training")
    scored = tuple(_scored(one, trainer, prepared) for one in prepared.protocols)
    tested = _tested(trainer, prepared)
    tell("running controls")
    controls = (*classifiers(prepared), mask_alone(trainer, prepared, prepared.variants[_favourite(scored)]))
    tell("asking what was looked at")
    devices = {name: value for name, value in options.items() if name in ("devices", "width")}
    attribution = _attention(prepared, scored, devices)
    tell("training the final model")
    final = train_final(prepared.dataset, prepared.variants[_favourite(scored)], prepared.seeds, devices)
    tell("cleaning one trial step by step")
    material = _material(prepared, scored, tested, controls, attribution, favourite=_favourite(scored))
    return material, final


def _scored(one: Protocol, trainer: Trainer, prepared: PreparedStudy) -> Scored:
    """Train one protocol on the true labels."""
    if one.folds is None:
        return Scored(one.name, None, one.why_not)
    inner, why_not = None, "It is done for the protocol of the verdict alone."
    if prepared.several or one is prepared.chosen:
        inner, why_not = _inner(trainer, one.folds, prepared, f"{one.name}-inner")
    chosen = np.zeros((1, len(one.folds)), np.int32) if inner is None else inner.chosen()
    plan = trainer.plan(one.folds, prepared.seeds)
    result = trainer.train(plan, one.name, curves=True)
    taken = None if inner is None else inner.of(chosen[0])
    return Scored(
        name=one.name,
        folds=one.folds,
        answers=out_of_fold_predictions(trainer.dataset, plan, result, chosen),
        curves=curves_of(plan, result, chosen[0]),
        inner_logits=taken,
        inner=None if inner is None else inner.validation,
        why_not_inner=why_not,
        variants=_variant_accuracy(plan, result, trainer.dataset),
        balanced=one.balanced,
    )


def _variant_accuracy(plan: Plan, result: RunResult, dataset: Dataset) -> np.ndarray:
    """`f64[V, F]`, accuracy on the trials that each fold scores, mean over seeds that ended well."""
    variants, _, folds, seeds = plan.shape
    of_runs = nan_mean(hits(dataset, plan, result), -1)
    return nan_mean(of_runs.reshape(variants, folds, seeds), -1)


def _inner(
    trainer: Trainer, folds: Folds, prepared: PreparedStudy, name: str, permuted: PermutedLabels | None = None
) -> tuple[InnerValidation | None, str]:
    key = inner_key(prepared.settings)
    if prepared.several:  # that it can be was settled before
        return train_inner(trainer, folds, prepared.settings, name, key=key, permuted=permuted), ""
    return hyperparameters.try_inner(trainer, folds, prepared.settings, name, key=key)


def _tested(trainer: Trainer, prepared: PreparedStudy) -> Tested:
    """Train the truth and its permutations, each with its own choice of settings."""
    if prepared.permuted is None:
        return Tested(None, None, prepared.why_not)
    folds = prepared.chosen.folds
    assert folds is not None
    chosen = None
    if prepared.several:
        inner, _ = _inner(trainer, folds, prepared, "test-inner", prepared.permuted)
        chosen = None if inner is None else inner.chosen()
    plan = trainer.plan(folds, prepared.seeds[: prepared.settings.test_seeds], prepared.permuted)
    result = trainer.train(plan, "test")
    return Tested(out_of_fold_predictions(trainer.dataset, plan, result, chosen), prepared.permuted)


def _attention(prepared: PreparedStudy, scored: tuple[Scored, ...], devices: dict[str, Any]) -> Attribution | None:
    count = prepared.settings.attribution_seeds
    own = next(one for one in scored if one.name == prepared.chosen.name)
    assert own.folds is not None
    assert own.answers is not None
    if not count or not own.answers.ok[0, :, :count].any():
        return None
    plan = Plan(own.folds, prepared.training, seeds=prepared.seeds[:count], vary=prepared.vary)
    return attribute(prepared.dataset, plan, own.answers.chosen[0], devices)


def _favourite(scored: tuple[Scored, ...]) -> int:
    """The setting that most folds of the verdict's protocol chose."""
    own = next(one for one in scored if one.folds is not None)
    assert own.answers is not None
    return int(np.bincount(own.answers.chosen[0]).argmax())


def _material(
    prepared: PreparedStudy,
    scored: tuple[Scored, ...],
    tested: Tested,
    controls: tuple[ClassifierPredictions, ...],
    attribution: Attribution | None,
    *,
    favourite: int,
) -> RawResults:
    trials, dataset, recipe = prepared.trials, prepared.dataset, settle(prepared.recipe, prepared.trials)
    quality = trial_quality(trials, prepared.cleaned, recipe)
    about = {
        "class_names": list(trials.class_names),
        "channels": [channel.name for channel in dataset.channels],
        "unit": trials.unit,
        "model_unit": unit_of(trials, recipe),
        "recorded_hz": trials.rate_hz,
        "model_hz": dataset.rate_hz,
        "source": trials.source.as_json(),
        "recipe": to_json(recipe),
        "training": to_json(prepared.training),
        "vary": {name: list(values) for name, values in prepared.vary.items()},
        "variants": [{name: setting_of(one, name) for name in prepared.vary} for one in prepared.variants],
        "favourite": favourite,
        "study": to_json(prepared.settings),
        "runs": prepared.runs,
        "notes": class_warnings(quality),
    }
    return RawResults(
        trials=_table(prepared),
        x=np.asarray(dataset.x),
        valid=np.asarray(dataset.valid),
        time_ms=np.arange(dataset.x.shape[1]) * 1000 / dataset.rate_hz,
        scored=scored,
        tested=tested,
        controls=controls,
        attribution=attribution,
        steps=cleaning_panels.panels(trials, prepared.cleaned, prepared.recipe),
        about=about,
    )


def _table(prepared: PreparedStudy) -> pd.DataFrame:
    trials, dataset = prepared.trials, prepared.dataset
    n = len(trials)
    classes = [trials.class_names[k] if k >= 0 else None for k in trials.label]
    baseline = level(prepared)
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
        }
    )
