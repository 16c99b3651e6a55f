"""Spans of time that are blinks, by how long the eyes are hidden."""

import jax.numpy as jnp
from jaxtyping import Array, Bool

from smilejax.preprocess.signal.passes import at_least_samples, enclosed, in_samples, run_length

MIN_BLINK_MS, MAX_BLINK_MS = 50.0, 500.0
"""A blink hides both eyes for 50 to 500 ms (pymovements, after Nyström 2024)."""
MERGE_MS = 100.0
"""Two gaps closer than this are one blink (Hershman et al. 2018)."""


def blink_spans(hidden: Bool[Array, "T *B"], inside: Bool[Array, "T *B"], *, rate_hz: float) -> Bool[Array, "T *B"]:
    """Samples in spans as long as a blink lasts; spans that are close are one.

    Arguments:
        hidden: samples of the trial at which no eye is seen; inside: samples of the trial.
        rate_hz: sampling rate of both.
    """
    joined = hidden | (inside & enclosed(hidden, in_samples(MERGE_MS, rate_hz)))
    length = run_length(joined).astype(jnp.float32)
    return joined & (length >= at_least_samples(MIN_BLINK_MS, rate_hz)) & (length <= in_samples(MAX_BLINK_MS, rate_hz))
