"""One classifier of two: the mean of their log odds, each part with the same weight.

The mean of log odds is the logarithmic opinion pool (Genest & Zidek 1986). It needs log odds that mean the same in both parts.
MiniRocket's are calibrated: a slope fitted to leave-one-out decisions on the training trials (Platt 1999; `ridge`). A network
that has been trained for long is too sure of itself, and in the plain mean it would drown the other part. So its log odds are
multiplied by one number, which makes their root mean square over the training trials that of MiniRocket's over the same
trials. The number needs no label, no further training and no trial that is not trained on.
"""

import numpy as np
from jaxtyping import Bool, Float

SMALLEST = 1e-12
"""Root mean square below which log odds are taken to be 0 everywhere."""


def log_odds_of(logits: Float[np.ndarray, "*S N 2"]) -> Float[np.ndarray, "*S N"]:
    """Log odds of class 1, from the logits of both classes."""
    return logits[..., 1].astype(np.float64) - logits[..., 0].astype(np.float64)


def as_logits(log_odds: Float[np.ndarray, "*S N"]) -> Float[np.ndarray, "*S N 2"]:
    """`f32`, logits with these log odds: minus and plus half of them."""
    half = np.asarray(log_odds / 2, np.float32)
    return np.stack([-half, half], axis=-1)


def scale_of(
    first: Float[np.ndarray, "*S N"], second: Float[np.ndarray, "*S N"], train: Bool[np.ndarray, "*S N"]
) -> Float[np.ndarray, "*S"]:
    """What the first log odds are multiplied by: the ratio of root mean squares over the training trials, second to first.

    1 where the first are 0 throughout, or not finite.
    """
    ours, theirs = (np.sqrt((np.where(train, odds, 0.0) ** 2).sum(-1)) for odds in (first, second))
    usable = np.isfinite(ours) & (ours > SMALLEST)
    scale: Float[np.ndarray, "*S"] = np.where(usable, theirs / np.where(usable, ours, 1.0), 1.0)
    return scale


def combined_log_odds(
    first: Float[np.ndarray, "*S N"], second: Float[np.ndarray, "*S N"], scale: Float[np.ndarray, "*S"]
) -> Float[np.ndarray, "*S N"]:
    """The mean of both, after the first were multiplied by their scale."""
    return (first * scale[..., None] + second) / 2
