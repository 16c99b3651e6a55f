"""Several tests at once: with twenty, one in twenty finds something by luck."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Holm:
    """Adjusted p values `f64[K]`, and how many tests they are adjusted for (`count`)."""

    adjusted: Float[np.ndarray, " K"]
    count: int


def holm(p: Float[np.ndarray, " K"]) -> Holm:
    """Holm's step-down adjustment (1979): judged by .05, the chance of any false finding is at most .05.

    The smallest of m is multiplied by m, the next by m - 1 and so on; none falls below one before it, none exceeds 1. Holds
    however the tests depend on each other.

    Arguments:
        p: `f[K]`; NaN stays NaN and is not counted.

    Raises:
        ValueError: a p below 0 or above 1.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).adjusted.tolist()
        [0.03, 0.06, 0.06]
    """
    if ((p < 0) | (p > 1)).any():
        raise ValueError(f"a p must lie from 0 to 1; {p[(p < 0) | (p > 1)][0]} arrived. Give p values, not statistics.")
    adjusted = np.array(p, np.float64)
    rows = np.flatnonzero(np.isfinite(adjusted))
    rows = rows[np.argsort(adjusted[rows], kind="stable")]
    steps = adjusted[rows] * np.arange(len(rows), 0, -1)
    adjusted[rows] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return Holm(adjusted, len(rows))
