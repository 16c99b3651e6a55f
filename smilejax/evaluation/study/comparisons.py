"""Reference classifiers and negative controls of a study, on its folds and under its permutations."""

from dataclasses import replace

import jax
import numpy as np
import numpy.typing as npt

from smilejax.classifiers import MASK_ONLY, NETWORK_ALONE, registry, run_reference_classifiers
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.pupil_level import pupil_level
from smilejax.classifiers.stimulus_covariates import STIMULUS_COVARIATES
from smilejax.evaluation.study.out_of_fold import OutOfFold, Trainer, mean_over_folds, out_of_fold_predictions
from smilejax.evaluation.study.preparation import REFERENCE_CLASSIFIERS, PreparedStudy
from smilejax.evaluation.study.raw_results import ClassifierPredictions
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import length_ms
from smilejax.settings import TrainingSettings
from smilejax.splits import Folds

MASK_WORDS = "the same classifier, given only which samples are missing"
"""Of the missing-data mask, where another classifier than the network is judged."""


MASK_OF_PICTURES = "a recurrent network, given only which frames are missing"
"""Of the missing-data mask, where a network of crops is judged."""


def classifiers(prepared: PreparedStudy) -> list[ClassifierPredictions]:
    """Those that are no network and not judged themselves, on the same folds and under the same permutations."""
    dataset, folds = prepared.dataset, prepared.chosen.folds
    assert folds is not None
    truth = np.asarray(dataset.y)[None]
    made = prepared.permuted
    labels = truth if made is None else np.concatenate([truth, made.labels])
    key = jax.random.fold_in(jax.random.key(prepared.settings.seed), REFERENCE_CLASSIFIERS)
    judged, given = prepared.settings.classifier, prepared.covariates is not None
    info = TrialInfo(dataset, None, length_ms(prepared.trials), video=prepared.data.video)
    names = [
        one.name
        for one in registry.REFERENCE_CLASSIFIERS
        if one.name != judged
        and not one.why_not_for(dataset)
        and (given if one is STIMULUS_COVARIATES else one.given(info))
    ]
    results = run_reference_classifiers(
        dataset,
        folds,
        labels,
        baseline=pupil_baseline(prepared),
        length_ms=length_ms(prepared.trials),
        key=key,
        covariates=None if prepared.covariates is None else prepared.covariates.values,
        video=prepared.data.video,
        only=names,
    )
    return [
        ClassifierPredictions(one.name, one.words, np.zeros((0, 0, 0)), one.why_not)
        if not one.applicable
        else ClassifierPredictions(one.name, one.words, mean_over_folds(one.probability[:, :, None], folds.test, 1))
        for one in results
    ]


def pupil_baseline(prepared: PreparedStudy) -> npt.NDArray[np.float32] | None:
    """`f32[N]`, the pupil's level before the response, see `pupil_level`; None of faces."""
    if isinstance(prepared.trials, Faces):
        return None
    return pupil_level(prepared.dataset, prepared.data.baseline)


def mask_alone(trainer: Trainer, prepared: PreparedStudy, settings: TrainingSettings) -> ClassifierPredictions:
    """Negative control: what is judged, with the settings that most folds chose, given only which samples are missing."""
    folds = prepared.chosen.folds
    assert folds is not None
    if settings.model.of_pictures:  # a mask is no picture
        settings = replace(settings, model=TrainingSettings.faces().model, mirror=False)
    settings = replace(settings, model=replace(settings.model, velocity_steps=0))  # how much is missing counts, too
    own = trainer.given_mask(prepared.masked, settings)
    plan = own.plan(folds, prepared.seeds[: prepared.settings.test_seeds])
    predictions = out_of_fold_predictions(prepared.masked, plan, own.train(plan, MASK_ONLY.name))
    words = MASK_ONLY.words if prepared.settings.classifier == "network" else MASK_WORDS
    if prepared.training.model.of_pictures:
        words = MASK_OF_PICTURES
    return ClassifierPredictions(MASK_ONLY.name, words, mean_over_folds(predictions.probability(), folds.test, 1))


def network_alone(network: OutOfFold, folds: Folds) -> ClassifierPredictions:
    """Reference classifier of a combined one: its own networks, without the part that they were combined with."""
    return ClassifierPredictions(
        NETWORK_ALONE.name, NETWORK_ALONE.words, mean_over_folds(network.probability(), folds.test, 1)
    )
