"""Temperature scaling: one number by which logits are divided, so that probabilities mean what they say (Guo et al. 2017)."""

import math

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.softmax import softmax

LOWEST, HIGHEST = 0.05, 20.0
"""The range that temperatures are searched in."""
USUAL_LOG_SD = 0.5
"""Prior: two temperatures in three lie within a factor of e**0.5 of 1, and only data move the estimate away (our choice).
Without it, eight validation trials that are all classified correctly make every prediction certain: on a simulated study of
64 trials the log loss then doubled."""


def calibrated(logits: Float[np.ndarray, "*S N 2"], temperature: npt.ArrayLike) -> Float[np.ndarray, "*S N"]:
    """P(class 1) at a temperature, which broadcasts against `[*S, N]`."""
    scaled = np.asarray(logits, np.float64) / np.asarray(temperature, np.float64)[..., None]
    return softmax(scaled)[..., 1]


def ensemble_loss(temperature: float, logits: Float[np.ndarray, "S M 2"], y: Int[np.ndarray, " M"]) -> float:
    """Mean cross-entropy in nats of the mean probability over S members at a temperature.

    Arguments:
        logits: NaN where a member has no prediction (its run diverged); a trial with none at all is left out.
        y: 0 or 1.
    """
    p = calibrated(logits, np.full(logits.shape[:-1], temperature))
    there = np.isfinite(p)
    known = there.any(0)
    mean = np.where(there, p, 0.0).sum(0)[known] / there.sum(0)[known]
    of_true = np.where(y[known] == 1, mean, 1 - mean)
    return float(-np.log(np.maximum(of_true, np.finfo(np.float64).tiny)).mean())


def fit_temperature(
    logits: Float[np.ndarray, "S M 2"], y: Int[np.ndarray, " M"], *, trials: int | None = None
) -> float:
    """The likeliest temperature, `LOWEST` to `HIGHEST`, for the mean of S members on M predictions.

    It minimises `trials` x mean cross-entropy + (log temperature)**2 / (2 `USUAL_LOG_SD`**2); 1 without a prediction.
    The mean of the members is what a study reports and what its final model predicts; were each member calibrated by itself,
    their mean would be underconfident.

    Arguments:
        trials: how many different trials were predicted; None takes M. Repeated predictions of one trial are no new evidence.
    """
    from scipy.optimize import minimize_scalar

    if not len(y) or not np.isfinite(logits).any():
        return 1.0
    weight = len(y) if trials is None else trials

    def cost(log_temperature: float) -> float:
        loss = ensemble_loss(math.exp(log_temperature), logits, y)
        return weight * loss + log_temperature**2 / (2 * USUAL_LOG_SD**2)

    grid = np.linspace(math.log(LOWEST), math.log(HIGHEST), 41)
    costs = [cost(at) for at in grid]
    # The mean of several members need not have a single valley; the grid finds the deepest.
    least = int(np.argmin(costs))
    low, high = grid[max(least - 1, 0)], grid[min(least + 1, len(grid) - 1)]
    found = minimize_scalar(cost, bounds=(low, high), method="bounded")
    return float(math.exp(found.x if found.fun < costs[least] else grid[least]))
