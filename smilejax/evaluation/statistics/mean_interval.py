"""A mean, or the difference between two means, with its t interval: of many columns at once, missing values left out."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class MeanInterval(NamedTuple):
    """Means of columns, `f64[...]` each; NaN where there are too few values."""

    mean: Floats
    low: Floats
    high: Floats
    p: Floats
    """Two-sided, for a true mean (or difference) of 0."""


def mean_interval(x: Floats, minus: Floats | None = None, *, level: float = 0.95, min_count: int = 2) -> MeanInterval:
    """The mean of x over its first axis; with `minus`, the mean of x minus the mean of `minus`.

    One sample: Student's t interval and test. Two samples: Welch's (1947), which allow unequal variances. Each column is
    taken by itself, so that intervals over time are pointwise.

    Arguments:
        x: `f64[U, ...]`, independent values along the first axis; NaN where missing.
        minus: `f64[V, ...]`, a second, independent sample.
        level: of the interval, above 0 and below 1.
        min_count: fewest values (of either sample) that a mean is given for, at least 2.

    Returns:
        Arrays of the other axes. Where all values are equal the interval has no width, and p is 0, or NaN for a mean of 0.

    Example:
        >>> import numpy as np
        >>> found = mean_interval(np.array([1.0, 2.0, 3.0]))
        >>> float(found.mean), round(float(found.low), 3), round(float(found.p), 3)
        (2.0, -0.484, 0.074)
    """
    n, mean, square = _moments(x, min_count)
    if minus is None:
        return _with_interval(mean, np.asarray(np.sqrt(square)), np.asarray(n - 1), level)
    m, other, other_square = _moments(minus, min_count)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.asarray((square + other_square) ** 2 / (square**2 / (n - 1) + other_square**2 / (m - 1)))
    return _with_interval(np.asarray(mean - other), np.asarray(np.sqrt(square + other_square)), df, level)


def _moments(x: Floats, min_count: int) -> tuple[Floats, Floats, Floats]:
    """Count, mean and squared standard error over the first axis; NaN where there are fewer than `min_count` values."""
    known = np.isfinite(x)
    n = np.asarray(known.sum(0), np.float64)
    enough = n >= min_count
    safe = np.maximum(n, 2)
    mean = np.where(known, x, 0.0).sum(0) / safe
    square = (np.where(known, x - mean, 0.0) ** 2).sum(0) / (safe - 1) / safe
    return n, np.where(enough, mean, np.nan), np.where(enough, square, np.nan)


def _with_interval(mean: Floats, error: Floats, df: Floats, level: float) -> MeanInterval:
    from scipy import stats  # half a second

    df = np.where(np.isfinite(error) & (df > 0), df, np.nan)
    half = np.asarray(stats.t.ppf((1 + level) / 2, df) * error)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.asarray(2 * stats.t.sf(np.abs(mean / error), df))
    return MeanInterval(np.asarray(mean), np.asarray(mean - half), np.asarray(mean + half), p)
