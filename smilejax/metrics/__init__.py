"""Scores of predictions, on the host: of many runs at once, of probabilities, trial by trial, and the ROC curve.

Class 1 is the positive one (genuine). A trial is answered 1 where its probability of class 1 is above .5; at exactly .5 the
answer is 0, as the first of two equal logits is. Trial by trial such a tie is half right (`right`), whatever the label is.
"""

from smilejax.metrics.calibration import Band, calibration_error, calibration_null, reliability
from smilejax.metrics.curves import operating_curve
from smilejax.metrics.known import known_mean
from smilejax.metrics.scores import Metrics, measure
from smilejax.metrics.trials import PerTrial, balanced, grouped, per_trial, right

__all__ = [
    "Band",
    "Metrics",
    "PerTrial",
    "balanced",
    "calibration_error",
    "calibration_null",
    "grouped",
    "known_mean",
    "measure",
    "operating_curve",
    "per_trial",
    "reliability",
    "right",
]
