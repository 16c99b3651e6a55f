"""Logistic regression on a coarse picture of the face: does a network of crops find more than light and dark in few places?"""

from itertools import pairwise

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, UInt8

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import ReferenceClassifier, TrialInfo
from smilejax.recordings.kinds import FACE

CELLS = 6
"""Cells on a side of the coarse picture. Our choice: 36 numbers a trial."""


def _why_not(info: TrialInfo) -> str:
    return "" if _given(info) else "no crops of faces were given"


def _given(info: TrialInfo) -> bool:
    return info.dataset.crops is not None


def _see(info: TrialInfo) -> Float[Array, "N K"]:
    assert info.dataset.crops is not None
    return coarse(info.dataset.crops, info.dataset.valid)


@jax.jit
def coarse(crops: UInt8[Array, "N T S S 3"], valid: Bool[Array, "N T"]) -> Float[Array, "N K"]:
    """Mean brightness of each cell of the crops, 0 to 1, over colours and the valid frames; 0 without any.

    Cells are as equal as pixels allow.
    """
    side = crops.shape[2]
    edges = [round(at * side / CELLS) for at in range(CELLS + 1)]
    spans = [slice(low, high) for low, high in pairwise(edges)]

    def one(trial: tuple[Array, Array]) -> Array:
        pictures, there = trial
        grey = jnp.mean(pictures.astype(jnp.float32) / 255, axis=-1)
        cells = jnp.stack([jnp.mean(grey[:, row, column], axis=(1, 2)) for row in spans for column in spans], axis=1)
        weight = there.astype(jnp.float32)
        return jnp.sum(cells * weight[:, None], axis=0) / jnp.maximum(jnp.sum(weight), 1.0)

    found: Array = jax.lax.map(one, (crops, valid))
    return found


COARSE_CROPS: ReferenceClassifier[Float[Array, "N K"], logistic_regression.StandardisedFeatures] = ReferenceClassifier(
    name="coarse crops",
    label="Coarse crops, logistic regression",
    kind="reference",
    words=f"logistic regression on the mean brightness of {CELLS} x {CELLS} cells of the crops, mean over frames",
    only_for=FACE,
    why_not=_why_not,
    see=_see,
    learn=logistic_regression.fit_logistic,
    predict=logistic_regression.logistic_predictions,
    given=_given,
)
