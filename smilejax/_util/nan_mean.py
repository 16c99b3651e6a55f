"""Means of what is known: runs that diverged and trials that were not scored are NaN."""

import numpy as np
import numpy.typing as npt


def nan_mean(values: npt.NDArray[np.floating], axis: int | tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Mean over axes of what is no NaN; NaN where all is.

    Arguments:
        values: `f[...]`. axis: one or several.
    """
    known = np.isfinite(values)
    count = known.sum(axis)
    total = np.where(known, values, 0.0).sum(axis)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(count), np.nan), where=count > 0))
