"""The majority class: what is reached without looking at the trials."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax.classifiers.classifier import ReferenceClassifier, TrialInfo, always_possible


def _see(info: TrialInfo) -> tuple[()]:
    return ()


def _learn(seen: tuple[()], train: Bool[Array, " N"], key: Key[Array, ""]) -> tuple[()]:
    return ()


def _predict(learned: tuple[()], train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> Float[Array, "W N"]:
    """Counts are whole numbers, so that half of them is .5 to the last bit."""
    positive = jnp.sum(train[None] & (labels == 1), axis=1).astype(jnp.float32)
    proportion = positive / jnp.maximum(jnp.sum(train), 1).astype(jnp.float32)
    return jnp.broadcast_to(proportion[:, None], labels.shape)


MAJORITY: ReferenceClassifier[tuple[()], tuple[()]] = ReferenceClassifier(
    name="majority",
    label="Majority class",
    kind="reference",
    words="gives every trial the same probability: the proportion of the positive class among the training trials",
    why_not=always_possible,
    see=_see,
    learn=_learn,
    predict=_predict,
)
"""Its plain accuracy is the proportion of the larger class. Its balanced accuracy is .5 where every fold's training trials have
the same larger class, and less where they do not: a fold that leaves out more of one class is trained on more of the other,
which it then predicts for the trials left out."""
