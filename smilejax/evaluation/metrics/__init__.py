"""Scores of predictions, on the host: of many runs at once, of probabilities, trial by trial, and the ROC curve.

Class 1 is the positive one. A trial is predicted to be of class 1 where its probability of class 1 is above .5, and of class 0
where it is below. A tie, .5 exactly, counts half for every score: half correct, and half a trial in either column of the
confusion (`likelier_class`). Where one class must be named (predictions of single trials), it is class 0.
"""

from smilejax.evaluation.metrics.auc import auc
from smilejax.evaluation.metrics.calibration_error import NullRange, calibration_error, calibration_null, reliability
from smilejax.evaluation.metrics.classification import Metrics, measure
from smilejax.evaluation.metrics.per_trial import PerTrial, balanced_accuracy, correct, grouped, per_trial
from smilejax.evaluation.metrics.roc_curve import operating_curve

__all__ = [
    "Metrics",
    "NullRange",
    "PerTrial",
    "auc",
    "balanced_accuracy",
    "calibration_error",
    "calibration_null",
    "correct",
    "grouped",
    "measure",
    "operating_curve",
    "per_trial",
    "reliability",
]
