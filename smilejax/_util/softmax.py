"""Softmax on the host, and its logarithm: the bits of `scipy.special`, whose import takes longer than what it would do here."""

import numpy as np
import numpy.typing as npt


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis.

    Arguments:
        logits: `f[..., K]`. NaN gives NaN.

    Example:
        >>> softmax(np.array([0.0, 0.0])).tolist()
        [0.5, 0.5]
    """
    shifted = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(shifted / np.sum(shifted, axis=-1, keepdims=True))


def log_softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Logarithms of the probabilities along the last axis.

    Arguments:
        logits: `f[..., K]`. NaN gives NaN.

    Example:
        >>> log_softmax(np.array([0.0, -1000.0])).tolist()
        [0.0, -1000.0]
    """
    largest = np.max(logits, axis=-1, keepdims=True)
    shifted = logits - np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True)))
