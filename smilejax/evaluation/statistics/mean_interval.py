"""Means over participants or trials, and differences of two means, with t intervals, at each step of a course."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Floats = npt.NDArray[np.float64]


class MeanInterval(NamedTuple):
    """A mean, its t interval, and the two-sided p of a mean of 0; each `f64[...]` without the axis of units."""

    mean: Floats
    low: Floats
    high: Floats
    p: Floats


def mean_interval(values: Float[np.ndarray, "U *T"], *, level: float = 0.95, min_units: int = 2) -> MeanInterval:
    """Mean over units, with a t interval.

    Arguments:
        values: `f[U, ...]`, of each unit; NaN is left out.
        level: of the interval. min_units: with fewer, interval and p are NaN.
    """
    count, mean, error = _moments(values)
    return _interval(mean, error, np.asarray(count - 1), level, np.asarray(count >= min_units))


def welch_interval(
    values: Float[np.ndarray, "U *T"], less: Float[np.ndarray, "V *T"], *, level: float = 0.95, min_units: int = 2
) -> MeanInterval:
    """Mean of `values` minus mean of `less`, with Welch's interval (1947), which allows unequal variances.

    Arguments:
        values, less: `f[U, ...]`, `f[V, ...]`, of independent units; NaN is left out.
        level: of the interval. min_units: with fewer on either side, interval and p are NaN.
    """
    (n_a, mean_a, error_a), (n_b, mean_b, error_b) = _moments(values), _moments(less)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.asarray((error_a + error_b) ** 2 / (error_a**2 / (n_a - 1) + error_b**2 / (n_b - 1)))
    enough = np.asarray(np.minimum(n_a, n_b) >= min_units)
    return _interval(np.asarray(mean_a - mean_b), np.asarray(error_a + error_b), df, level, enough)


def _moments(values: Float[np.ndarray, "U *T"]) -> tuple[Floats, Floats, Floats]:
    """Number, mean, and squared standard error over the first axis, of what is finite."""
    there = np.isfinite(values)
    count = np.asarray(there.sum(0), np.float64)
    nan = np.full(count.shape, np.nan)
    mean = np.divide(np.where(there, values, 0.0).sum(0), count, out=nan.copy(), where=count > 0)
    squares = np.where(there, (values - mean) ** 2, 0.0).sum(0)
    variance = np.divide(squares, count - 1, out=nan.copy(), where=count > 1)
    return count, mean, np.divide(variance, count, out=nan, where=count > 0)


def _interval(
    mean: Floats, squared_error: Floats, df: Floats, level: float, enough: npt.NDArray[np.bool_]
) -> MeanInterval:
    from scipy import stats  # half a second

    error = np.sqrt(squared_error)
    # Where all units are equal there are no degrees of freedom to speak of, and the interval has no width.
    half = stats.t.ppf(0.5 + level / 2, np.where(squared_error > 0, df, 1)) * error
    half = np.where(enough, half, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(enough, 2 * stats.t.sf(np.abs(mean / error), df), np.nan)
    return MeanInterval(mean, mean - half, mean + half, p)
