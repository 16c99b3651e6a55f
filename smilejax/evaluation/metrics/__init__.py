"""Scores of predictions, on the host: of many runs at once, of probabilities, trial by trial, and the ROC curve.

Class 1 is the positive one. A trial is predicted to be of class 1 where its probability of class 1 is above .5; at exactly .5
it is predicted to be of class 0, as the first of two equal logits is. Trial by trial such a tie counts half (`correct`),
whatever the label is.
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
