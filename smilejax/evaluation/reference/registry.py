"""The controls, as a table: what each sees of a dataset, what it learns from a fold, what it answers to labels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Int, Key

from smilejax.evaluation.reference import logistic_regression, minirocket, ridge
from smilejax.evaluation.reference.pupil_features import known_before, pupil_channels, pupil_features
from smilejax.evaluation.reference.standardise import fit_standard
from smilejax.preprocess.dataset import Dataset


class Given(NamedTuple):
    """What controls are told of N trials."""

    dataset: Dataset
    baseline: npt.NDArray[np.float32] | None
    """`f32[N]`, level before the response in the recording's unit, NaN where not known; None where there is none."""
    length_ms: npt.NDArray[np.float32]
    """`f32[N]`."""


@dataclass(frozen=True)
class ReferenceClassifier:
    """A classifier that runs beside the network.

    Arguments:
        name: short, as tables print it.
        words: what it does and sees, for a report.
        why_not: why it cannot be run on what is given, in words; empty where it can.
        see: what it sees of all trials, as arrays `[N, ...]` or `[..., N]`. Nothing is learned here.
        learn: what a fold's training trials teach without labels: `(seen, train bool[N], key)` to arrays.
        answer: P(class 1) of all trials after each of W labellings, `f32[W, N]`: `(learned, train bool[N], labels i32[W, N])`.
            Labels of other trials than the training ones are not looked at.
    """

    name: str
    words: str
    why_not: Callable[[Given], str]
    see: Callable[[Given], Any]
    learn: Callable[[Any, Array, Array], Any]
    answer: Callable[[Any, Array, Array], Array]


def _never(given: Given) -> str:
    return ""


def _no_pupil(given: Given) -> str:
    return "" if pupil_channels(given.dataset) else "the dataset has no channel of the pupil"


def _no_kernel(given: Given) -> str:
    steps = given.dataset.x.shape[1]
    if steps < minirocket.LENGTH:
        return f"trials have {steps} steps, and a kernel is {minirocket.LENGTH} long"
    return _no_pupil(given)


def _nothing_known(given: Given) -> str:
    known = known_before(given.dataset, given.baseline, given.length_ms)
    if np.isfinite(fit_standard(jnp.asarray(known), jnp.asarray(given.dataset.kept)).sd).any():
        return ""
    return "all trials are of one length, measured alike, and no baseline is known"


def _share(learned: Any, train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> Array:
    """Counts are whole numbers, so that half of them is .5 to the last bit."""
    ones = jnp.sum(train[None] & (labels == 1), axis=1).astype(jnp.float32)
    share = ones / jnp.maximum(jnp.sum(train), 1).astype(jnp.float32)
    return jnp.broadcast_to(share[:, None], labels.shape)


def _see_traces(given: Given) -> minirocket.ChannelsFirst:
    dataset = given.dataset
    rows = [dataset.channels.index(channel) for channel in pupil_channels(dataset)]
    return minirocket.traces(dataset.x[:, :, np.array(rows)], dataset.valid)


def _learn_rocket(seen: minirocket.ChannelsFirst, train: Bool[Array, " N"], key: Key[Array, ""]) -> ridge.Gram:
    return ridge.learn(minirocket.features(seen, train, key), train)


def _learn_columns(
    seen: Array, train: Bool[Array, " N"], key: Key[Array, ""]
) -> logistic_regression.StandardisedFeatures:
    return logistic_regression.learn(seen, train)


REFERENCE_CLASSIFIERS: tuple[ReferenceClassifier, ...] = (
    ReferenceClassifier(
        name="majority",
        words="says for every trial the share of the positive class among the training trials",
        why_not=_never,
        see=lambda given: (),
        learn=lambda seen, train, key: (),
        answer=_share,
    ),
    ReferenceClassifier(
        name="baseline",
        words="logistic regression on what is known without the response: the trial's length, the share of it that was "
        "measured and, where known, the pupil's level before the response",
        why_not=_nothing_known,
        see=lambda given: jnp.asarray(known_before(given.dataset, given.baseline, given.length_ms)),
        learn=_learn_columns,
        answer=logistic_regression.answer,
    ),
    ReferenceClassifier(
        name="features",
        words="logistic regression on the usual measures of a pupil trace: mean, peak, constriction, their latencies, slope, "
        "area and variance, in four windows and the whole trial, and the baseline where known",
        why_not=_no_pupil,
        see=lambda given: pupil_features(given.dataset, given.baseline)[1],
        learn=_learn_columns,
        answer=logistic_regression.answer,
    ),
    ReferenceClassifier(
        name="rocket",
        words="MiniRocket: shares of the trial at which each of many fixed convolutions exceeds a bias, and a ridge classifier "
        "(after Dempster, Schmidt & Webb 2021)",
        why_not=_no_kernel,
        see=_see_traces,
        learn=_learn_rocket,
        answer=ridge.answer,
    ),
)
"""Every control. A contract suite runs over this table: a new entry is tested by being here."""
