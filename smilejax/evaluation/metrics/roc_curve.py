"""The ROC curve: true and false positive rate at each threshold."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax.evaluation.metrics.check_predictions import check_scored

Floats = npt.NDArray[np.float64]


class OperatingCurve(NamedTuple):
    """Points of a ROC curve, `f64[K]` each, from (0, 0) to (1, 1)."""

    fpr: Floats
    """Share of class 0 that is predicted to be of class 1; NaN without class 0."""
    tpr: Floats
    """Share of class 1 that is predicted to be of class 1; NaN without class 1."""
    thresholds: Floats
    """Trials with p at or above it are predicted to be of class 1; falls from infinity, where none is."""


def operating_curve(p: Float[np.ndarray, " N"], y: Int[np.ndarray, " N"]) -> OperatingCurve:
    """The ROC curve at every threshold that matters: points on a straight line between two others are left out.

    Equals scikit-learn's `roc_curve`.

    Raises:
        ValueError: no trials, a p outside 0 to 1, or a y other than 0 and 1.
    """
    if len(p) == 0:
        raise ValueError("a ROC curve needs at least one scored trial; none arrived.")
    check_scored(p, y, np.ones(len(p), bool))
    order = np.argsort(-p, kind="stable")
    p, y = p[order], y[order]
    last = np.flatnonzero(np.append(p[1:] != p[:-1], True))  # tied trials share a threshold
    tp = np.cumsum(y == 1)[last]
    fp = last + 1 - tp
    bend = (np.diff(fp, 2) != 0) | (np.diff(tp, 2) != 0)
    kept = np.r_[True, bend, True][: len(last)]
    fp, tp, at = (np.r_[start, v[kept]] for start, v in ((0, fp), (0, tp), (np.inf, p[last].astype(np.float64))))
    with np.errstate(invalid="ignore"):  # 0 / 0 where a class is absent
        return OperatingCurve(fp / np.float64(fp[-1]), tp / np.float64(tp[-1]), at)
