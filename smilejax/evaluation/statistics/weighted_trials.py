"""Statistics of weighted trials, for a bootstrap: a weight is how often a trial was drawn."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax.evaluation.metrics import auc

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From weights `f64[D, N]` to `f64[D]`, or `f64[D, M]` where M things are measured at once; NaN where undefined."""


def balanced_accuracy_of(
    values: Float[np.ndarray, " N"] | Float[np.ndarray, "M N"], y: Int[np.ndarray, " N"]
) -> Statistic:
    """Mean over the two classes of the weighted mean of values.

    Arguments:
        values: `f[N]`, or `f[M, N]` of M classifiers at once; NaN weighs nothing.
        y: `i[N]`; trials of neither class 0 nor 1 weigh nothing.

    Example:
        >>> statistic = balanced_accuracy_of(np.array([1.0, 0.0, 1.0]), np.array([0, 0, 1]))
        >>> statistic(np.array([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])).tolist()
        [0.75, 0.875]
    """
    seen = np.isfinite(values)
    filled = np.where(seen, values, 0.0)
    classes = [(y == k).astype(np.float64) for k in (0, 1)]

    def statistic(weights: Floats) -> Floats:
        means = []
        for inside in classes:
            own = weights * inside
            total, weight = own @ filled.T, own @ seen.T.astype(np.float64)
            means.append(np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0))
        return (means[0] + means[1]) / 2

    return statistic


def auc_of(p: Float[np.ndarray, " N"], y: Int[np.ndarray, " N"]) -> Statistic:
    """Area under the ROC curve of weighted trials: over pairs of a trial of either class, ties half.

    Arguments:
        p: `f[N]`, higher for class 1; NaN weighs nothing.
        y: `i[N]`; trials of neither class 0 nor 1 weigh nothing.

    Example:
        >>> statistic = auc_of(np.array([0.2, 0.6, 0.4]), np.array([0, 0, 1]))
        >>> statistic(np.array([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])).tolist()
        [0.5, 0.75]
    """
    rows = np.flatnonzero(np.isfinite(p) & ((y == 0) | (y == 1)))
    one = y[rows] == 1

    def statistic(weights: Floats) -> Floats:
        if not len(rows):
            return np.full(len(weights), np.nan)
        own = weights[:, rows]
        return auc(p[rows][None].astype(np.float64), own * ~one, own * one)

    return statistic
