"""Reference classifiers and negative controls of a study, on its folds and under its permutations."""

from dataclasses import replace

import jax
import numpy as np

from smilejax._util.nan_mean import nan_mean
from smilejax.classifiers import MASK_ONLY, run_reference_classifiers
from smilejax.evaluation.study.out_of_fold import Trainer, mean_over_folds, out_of_fold_predictions
from smilejax.evaluation.study.preparation import REFERENCE_CLASSIFIERS, PreparedStudy
from smilejax.evaluation.study.raw_results import ClassifierPredictions
from smilejax.recordings.recording import length_ms
from smilejax.settings import TrainingSettings

LEVEL_MS = 200.0
"""Span whose mean is the level of a trial without a baseline, in ms: the light reflex starts later."""


def classifiers(prepared: PreparedStudy) -> list[ClassifierPredictions]:
    """The classifiers that are no network, on the same folds and under the same permutations."""
    dataset, folds = prepared.dataset, prepared.chosen.folds
    assert folds is not None
    truth = np.asarray(dataset.y)[None]
    made = prepared.permuted
    labels = truth if made is None else np.concatenate([truth, made.labels])
    key = jax.random.fold_in(jax.random.key(prepared.settings.seed), REFERENCE_CLASSIFIERS)
    results = run_reference_classifiers(
        dataset,
        folds,
        labels,
        baseline=pupil_baseline(prepared),
        length_ms=length_ms(prepared.trials),
        key=key,
        covariates=None if prepared.covariates is None else prepared.covariates.values,
    )
    return [
        ClassifierPredictions(one.name, one.words, np.zeros((0, 0, 0)), one.why_not)
        if not one.applicable
        else ClassifierPredictions(one.name, one.words, mean_over_folds(one.probability[:, :, None], folds.test, 1))
        for one in results
    ]


def pupil_baseline(prepared: PreparedStudy) -> np.ndarray | None:
    """`f32[N]`, the level before the response, mean of the channels: what the recipe subtracted, or left in."""
    if prepared.data.baseline is not None:
        return prepared.data.baseline
    channels = [at for at, channel in enumerate(prepared.dataset.channels) if channel.level]
    if not channels:
        return None
    steps = max(1, round(LEVEL_MS * prepared.dataset.rate_hz / 1000))
    x, valid = np.asarray(prepared.dataset.x)[:, :steps, channels], np.asarray(prepared.dataset.valid)[:, :steps, None]
    return nan_mean(np.where(valid, x, np.nan), 1).mean(1).astype(np.float32)


def mask_alone(trainer: Trainer, prepared: PreparedStudy, settings: TrainingSettings) -> ClassifierPredictions:
    """Negative control: the network with the settings that most folds chose, given only which samples are missing."""
    folds = prepared.chosen.folds
    assert folds is not None
    own = replace(trainer, dataset=prepared.masked, settings=settings, vary={})
    plan = own.plan(folds, prepared.seeds[: prepared.settings.test_seeds])
    predictions = out_of_fold_predictions(prepared.masked, plan, own.train(plan, MASK_ONLY.name))
    return ClassifierPredictions(
        MASK_ONLY.name, MASK_ONLY.words, mean_over_folds(predictions.probability(), folds.test, 1)
    )
