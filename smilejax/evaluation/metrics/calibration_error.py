"""Calibration: of the trials predicted with a probability of 80%, are 80% of that class?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax.evaluation.metrics.check_predictions import check_scored
from smilejax.evaluation.metrics.per_trial import correct

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NullRange:
    """Where a statistic lies by chance alone: its median, and the middle 95% from `low` to `high`."""

    median: float
    low: float
    high: float


def calibration_error(p: Float[np.ndarray, " N"], y: Int[np.ndarray, " N"], *, bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): by how much confidence and accuracy differ.

    `sum over bins of (trials in the bin / N) * |accuracy - mean confidence|`. Confidence is the probability of the
    predicted class, .5 to 1, in bins of equal width over 0 to 1, each with its upper edge; of ten bins two classes fill five.

    It is never 0 in a small sample: with perfect probabilities drawn evenly from Beta(2, 2) and ten bins, its mean is .12
    at 35 trials, .074 at 100 and .033 at 500. Compare it with `calibration_null`.

    Returns:
        0 to 1; NaN without trials.

    Raises:
        ValueError: a p outside 0 to 1, a y other than 0 and 1, or bins below 1.
    """
    _check(p, y, bins)
    confidence, hit = _predicted(p[None], y[None])
    return float(_errors(confidence, hit, bins)[0])


def calibration_null(
    p: Float[np.ndarray, " N"], *, bins: int = 10, draws: int = 2000, seed: int | np.random.Generator
) -> NullRange:
    """The calibration error of a perfectly calibrated model with these probabilities: labels are drawn by them.

    Arguments:
        p: `f[N]`, probability of class 1.
        draws: how many sets of N labels.
        seed: of the drawing.

    Returns:
        Median and middle 95% over draws; NaN without trials.

    Raises:
        ValueError: as `calibration_error`.
    """
    _check(p, np.zeros(len(p), np.int64), bins)
    y = (np.random.default_rng(seed).random((draws, len(p))) < p).astype(np.int64)
    errors = _errors(*_predicted(np.broadcast_to(p, y.shape), y), bins)
    median, low, high = np.quantile(errors, (0.5, 0.025, 0.975))
    return NullRange(float(median), float(low), float(high))


def reliability(p: Float[np.ndarray, " N"], y: Int[np.ndarray, " N"], *, bins: int = 10) -> "pd.DataFrame":
    """The reliability diagram as a table: in bins of the probability of class 1, how often it was class 1.

    Of class 1, and not of the predicted class as in `calibration_error`: the diagram then shows which class is predicted too
    often.

    Returns:
        One row per bin, empty ones too: bin (from 0), low, high (its edges; the upper one belongs to it), mean_p,
        proportion (of class 1), count. mean_p and proportion are NaN where count is 0.

    Raises:
        ValueError: as `calibration_error`.
    """
    import pandas as pd

    _check(p, y, bins)
    place = _bin(p, bins)
    count = np.bincount(place, minlength=bins)
    mean_p, proportion = (
        np.divide(np.bincount(place, v, bins), count, out=np.full(bins, np.nan), where=count > 0) for v in (p, y)
    )
    edges = np.linspace(0, 1, bins + 1)
    columns = {"bin": np.arange(bins), "low": edges[:-1], "high": edges[1:], "mean_p": mean_p, "proportion": proportion}
    return pd.DataFrame({**columns, "count": count})


def _check(p: npt.NDArray[np.floating], y: npt.NDArray[np.integer], bins: int) -> None:
    if bins < 1:
        raise ValueError(f"bins must be a whole number from 1 up; it is {bins}.")
    check_scored(p, y, np.ones(p.shape, bool))


def _bin(p: npt.NDArray[np.floating], bins: int) -> npt.NDArray[np.int64]:
    """The bin of each value: equal widths over 0 to 1, the upper edge included, 0 in the first."""
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p)


def _predicted(p: npt.NDArray[np.floating], y: npt.NDArray[np.integer]) -> tuple[Floats, Floats]:
    """Confidence in the predicted class, and whether it is the label: 1, 0, or .5 for a tie."""
    p = p.astype(np.float64)
    return np.maximum(p, 1 - p), correct(p, y)


def _errors(confidence: Floats, hit: Floats, bins: int) -> Floats:
    """`f64[D]`, from `[D, N]`: the bins' sums of confidence minus hit, without sign, over N."""
    draws, n = confidence.shape
    if n == 0:
        return np.full(draws, np.nan)
    place = _bin(confidence, bins) + bins * np.arange(draws)[:, None]
    gaps = np.bincount(place.ravel(), (confidence - hit).ravel(), draws * bins).reshape(draws, bins)
    return np.abs(gaps).sum(1) / n
