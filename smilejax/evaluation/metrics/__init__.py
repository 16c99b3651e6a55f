"""Scores of predictions, on the host: of many runs at once, of probabilities, trial by trial, and the ROC curve.

Class 1 is the positive one (genuine). A trial is answered 1 where its probability of class 1 is above .5; at exactly .5 the
answer is 0, as the first of two equal logits is. Trial by trial such a tie is half right (`right`), whatever the label is.
"""

from smilejax.evaluation.metrics.calibration_error import NullRange, calibration_error, calibration_null, reliability
from smilejax.evaluation.metrics.classification import Metrics, measure
from smilejax.evaluation.metrics.per_trial import PerTrial, balanced, grouped, per_trial, right
from smilejax.evaluation.metrics.roc_curve import operating_curve

__all__ = [
    "Metrics",
    "NullRange",
    "PerTrial",
    "balanced",
    "calibration_error",
    "calibration_null",
    "grouped",
    "measure",
    "operating_curve",
    "per_trial",
    "reliability",
    "right",
]
