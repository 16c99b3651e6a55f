"""Class probabilities of one model or of several: the softmax of each, averaged. The one place for predictor and estimator.

The arrays of a model by its classifier: those of the network as Flax names them, with a leading axis where there are
several; of one that is fitted those of `fit_kept` below its name; of the combined one both, below `network` and the name of
the other.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.softmax import softmax
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.combined import as_logits, combined_log_odds, log_odds_of
from smilejax.classifiers.keep_fitted import Kept, kept_log_odds
from smilejax.models.kept_logits import kept_logits
from smilejax.models.network_input import network_data
from smilejax.settings import Classifier, ModelSettings
from smilejax.settings.classifier_names import FITTED

if TYPE_CHECKING:
    from smilejax.models.network import Variables

Arrays = Mapping[str, object]
"""Of one member or, with a leading axis, of several."""


def members_of(variables: Arrays, count: int | None) -> list[Arrays]:
    """The variables of each of `count` members, which have a leading axis of that length; None for a single model without."""
    if count is None:
        return [variables]
    return [jax.tree.map(lambda leaf, at=at: leaf[at], variables) for at in range(count)]


def mean_probability(
    members: Sequence[Arrays],
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
        x: what the network sees, as in `NetworkData`. valid: `bool[N, T]`, which steps are there.
        model: the network's settings.
        chunk: trials that run at a time, 1 or more; the last chunk is padded, so that any number of trials is one program.
        temperature: what logits are divided by, above 0.
    """
    return probability_of([_logits(one, x, valid, model, chunk) for one in members], temperature)


def probability_of(logits: Sequence[npt.NDArray[np.float64]], temperature: float = 1.0) -> npt.NDArray[np.float64]:
    """`f64[N, 2]`, the probabilities of each class, averaged over members with logits `f64[N, 2]`."""
    mean: npt.NDArray[np.float64] = np.mean([softmax(one / temperature) for one in logits], axis=0)
    return mean


def member_logits(
    classifier: Classifier, variables: Arrays, count: int | None, info: TrialInfo, *, model: ModelSettings, chunk: int
) -> list[npt.NDArray[np.float64]]:
    """`f64[N, 2]` of each member.

    Arguments:
        classifier: what the model is. count: as in `members_of`, of its networks. info: N trials. model, chunk: as in
            `mean_probability`.
    """
    if classifier not in FITTED:
        x, valid, _ = network_data(info.dataset, model)
        return [_logits(one, x, valid, model, chunk) for one in members_of(variables, count)]
    name = FITTED[classifier]
    odds = [kept_log_odds(name, _kept(variables[name]), info, chunk=chunk)]
    if classifier == "combined":
        x, valid, _ = network_data(info.dataset, model)
        networks = members_of(cast(Arrays, variables["network"]), count)
        first = [log_odds_of(_logits(one, x, valid, model, chunk)) for one in networks]
        odds = [combined_log_odds(one, odds[0]) for one in first]
    return [np.asarray(as_logits(one), np.float64) for one in odds]


def _kept(arrays: object) -> Kept:
    """What was kept of a classifier that is fitted."""
    assert isinstance(arrays, Mapping)
    return {name: np.asarray(values) for name, values in arrays.items()}


def _logits(
    variables: Arrays, x: npt.ArrayLike, valid: npt.ArrayLike, model: ModelSettings, chunk: int
) -> npt.NDArray[np.float64]:
    steps, there = np.asarray(x, np.uint8 if model.of_pictures else np.float32), np.asarray(valid, bool)
    n = len(steps)
    surplus = -n % chunk
    steps = np.concatenate([steps, np.zeros((surplus, *steps.shape[1:]), steps.dtype)])
    there = np.concatenate([there, np.zeros((surplus, *there.shape[1:]), bool)])
    parts = [slice(first, first + chunk) for first in range(0, n, chunk)]
    return np.concatenate(
        [
            np.asarray(kept_logits(cast("Variables", variables), steps[p], there[p], settings=model), np.float64)
            for p in parts
        ]
    )[:n]
