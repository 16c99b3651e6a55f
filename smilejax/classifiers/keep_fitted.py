"""What is kept of a classifier that is fitted, and its log odds for trials that it has not seen."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax.classifiers.classifier import OfferedClassifier, TrialInfo
from smilejax.classifiers.registry import OFFERED
from smilejax.classifiers.run_classifiers import key_of_classifier

Kept = Mapping[str, npt.NDArray[np.generic]]
"""Arrays by name."""


def fit_kept(
    name: str, info: TrialInfo, train: Bool[np.ndarray, " N"], labels: Int[np.ndarray, " N"], *, key: Array
) -> Kept:
    """Fit a classifier of `OFFERED` to the training trials.

    Arguments:
        info: N trials. labels: 0 or 1 wherever `train` is set; not read elsewhere.
        key: that of the same classifier in `run_log_odds`, whose log odds are those of what is kept here, to rounding.
    """
    classifier = OFFERED[name]
    found = _fit(
        classifier.see(info),
        jnp.asarray(train),
        jnp.asarray(labels, jnp.int32),
        key_of_classifier(name, key),
        classifier=classifier,
    )
    return {part: np.asarray(values) for part, values in found.items()}


def kept_log_odds(name: str, kept: Kept, info: TrialInfo, *, chunk: int) -> Float[np.ndarray, " N"]:
    """Log odds of class 1 of N trials.

    Arguments:
        chunk: trials that run at a time, 1 or more; the last chunk is padded, so that any number of trials is one program.

    Raises:
        KeyError, ValueError: what was kept is not of this classifier, or of trials of another length.
    """
    classifier, n = OFFERED[name], len(info.length_ms)
    arrays = {part: jnp.asarray(values) for part, values in kept.items()}
    rows = np.arange(-(-n // chunk) * chunk).reshape(-1, chunk)
    rows = np.where(rows < n, rows, 0)  # trials that fill the last chunk; what comes of them is left out
    found = [np.asarray(_apply(arrays, classifier.see(_of(info, part)), classifier=classifier)) for part in rows]
    return np.concatenate(found)[:n]


def _of(info: TrialInfo, rows: npt.NDArray[np.int64]) -> TrialInfo:
    """Some of the trials, as far as these classifiers see them."""
    dataset = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)[rows]), info.dataset)
    baseline = None if info.baseline is None else info.baseline[rows]
    return TrialInfo(dataset, baseline, info.length_ms[rows])


# Any: what is seen has the classifier's own types, which a compiled program takes as they are.
@partial(jax.jit, static_argnames="classifier")
def _fit(
    seen: Any,
    train: Bool[Array, " N"],
    labels: Int[Array, " N"],
    key: Key[Array, ""],
    *,
    classifier: OfferedClassifier[Any, Any],
) -> dict[str, Array]:
    return classifier.fit(seen, train, labels, key)


@partial(jax.jit, static_argnames="classifier")
def _apply(kept: dict[str, Array], seen: Any, *, classifier: OfferedClassifier[Any, Any]) -> Float[Array, " M"]:
    return classifier.apply(kept, seen)
