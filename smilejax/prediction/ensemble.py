"""Class probabilities of one model or of several: the softmax of each, averaged. The one place for predictor and estimator."""

from collections.abc import Sequence

import jax
import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from smilejax.models.network import Variables, logits
from smilejax.settings import ModelSettings


def members_of(variables: Variables, count: int | None) -> list[Variables]:
    """The variables of each of `count` members, which have a leading axis of that length; None for a single model without."""
    if count is None:
        return [variables]
    return [jax.tree.map(lambda leaf, at=at: leaf[at], variables) for at in range(count)]


def mean_probability(
    members: Sequence[Variables],
    x: npt.ArrayLike,
    valid: npt.ArrayLike,
    *,
    model: ModelSettings,
    chunk: int,
    temperature: float = 1.0,
) -> npt.NDArray[np.float64]:
    """`f64[N, 2]`, the probabilities of each class, averaged over members.

    Arguments:
        members: the variables of each.
        x: `f32[N, T, C]`, what the network sees. valid: `bool[N, T]`, which steps are there.
        model: the network's settings.
        chunk: trials that run at a time, 1 or more; the last chunk is padded, so that any number of trials is one program.
        temperature: what logits are divided by, above 0.
    """
    of_members = [softmax(_logits(one, x, valid, model, chunk) / temperature, axis=-1) for one in members]
    mean: npt.NDArray[np.float64] = np.mean(of_members, axis=0)
    return mean


def _logits(
    variables: Variables, x: npt.ArrayLike, valid: npt.ArrayLike, model: ModelSettings, chunk: int
) -> npt.NDArray[np.float64]:
    steps, there = np.asarray(x), np.asarray(valid)
    n = len(steps)
    surplus = -n % chunk
    steps = np.concatenate([steps, np.zeros((surplus, *steps.shape[1:]), steps.dtype)])
    there = np.concatenate([there, np.zeros((surplus, *there.shape[1:]), bool)])
    parts = [slice(first, first + chunk) for first in range(0, n, chunk)]
    return np.concatenate([np.asarray(logits(variables, steps[p], there[p], model=model), np.float64) for p in parts])[
        :n
    ]
