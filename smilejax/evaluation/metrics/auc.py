"""The area under the ROC curve, of predictions of many runs, or of trials that weigh differently."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float


def auc(
    p: Float[np.ndarray, "*R N"], weight_0: npt.NDArray[np.generic], weight_1: npt.NDArray[np.generic]
) -> npt.NDArray[np.float64]:
    """Share of the weight of pairs, a trial of either class, in which class 1 has the higher p; ties count half.

    The Mann-Whitney statistic, by one sort: a trial of class 1 wins against the weight of class 0 below it and half of that
    at its own p.

    Arguments:
        p: `f[..., N]`, higher for class 1; finite.
        weight_0, weight_1: `[..., N]`, weight of each trial as one of class 0 and of class 1, 0 where it is of the other or
            of neither; masks serve. p and weights broadcast against each other.

    Returns:
        `f64[...]`; NaN where a class weighs nothing.

    Example:
        >>> label = np.array([0, 0, 1])
        >>> auc(np.array([0.2, 0.6, 0.4]), label == 0, label == 1).item()
        0.5
    """
    shape = np.broadcast_shapes(p.shape, weight_0.shape, weight_1.shape)
    order = np.argsort(p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, -1)
    zero, one = (
        np.take_along_axis(np.broadcast_to(weight, shape), np.broadcast_to(order, shape), -1).astype(np.float64)
        for weight in (weight_0, weight_1)
    )
    first, last = (np.broadcast_to(place, shape) for place in _ties(ranked))
    upto = np.concatenate([np.zeros((*shape[:-1], 1)), zero.cumsum(-1)], -1)
    wins = np.take_along_axis(upto, first, -1) + np.take_along_axis(upto, last + 1, -1)
    pairs = 2 * one.sum(-1) * zero.sum(-1)
    return np.divide((wins * one).sum(-1), pairs, out=np.full(shape[:-1], np.nan), where=pairs > 0)


def _ties(ranked: Float[np.ndarray, "*R N"]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each of sorted values the first and the last place with the same value."""
    n = ranked.shape[-1]
    place = np.broadcast_to(np.arange(n), ranked.shape)
    differs = ranked[..., 1:] != ranked[..., :-1]
    edge = np.ones((*ranked.shape[:-1], 1), bool)[..., :n]
    first = np.maximum.accumulate(np.where(np.concatenate([edge, differs], -1), place, 0), -1)
    last_place = np.where(np.concatenate([differs, edge], -1), place, n)
    last = np.flip(np.minimum.accumulate(np.flip(last_place, -1), -1), -1)
    return first, last
