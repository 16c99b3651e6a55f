"""One classifier of two: the mean of their log odds.

This is the logarithmic opinion pool (Genest & Zidek 1986), the product of experts (Hinton 2002) of two. Log odds add up as
evidence does, as far as they are calibrated: a part that finds nothing in a training set then has log odds near 0 and little
say. MiniRocket's are: a slope is fitted to its leave-one-out decisions on the training trials (Platt 1999; `ridge`). The
network's are those that it was trained to give by cross-entropy. They are somewhat too sure, and are taken as they are: a
temperature fitted inside each fold would take twice the trainings of a permutation test and gained nothing that can be told
from noise, and neither did parts of equal spread (`experiments/compare_combinations.py`; docs/study.md).
"""

import numpy as np
from jaxtyping import Float


def log_odds_of(logits: Float[np.ndarray, "*S N 2"]) -> Float[np.ndarray, "*S N"]:
    """`f64`, log odds of class 1, from the logits of both classes."""
    return logits[..., 1].astype(np.float64) - logits[..., 0].astype(np.float64)


def as_logits(log_odds: Float[np.ndarray, "*S N"]) -> Float[np.ndarray, "*S N 2"]:
    """`f32`, logits with these log odds: minus and plus half of them."""
    half = np.asarray(log_odds / 2, np.float32)
    return np.stack([-half, half], axis=-1)


def combined_log_odds(
    first: Float[np.ndarray, "*#S N"], second: Float[np.ndarray, "*#S N"]
) -> Float[np.ndarray, "*#S N"]:
    """The mean of both; one of them may be the same for several of the other."""
    return (first + second) / 2
