"""Whether a trial may be used."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from smilejax.preprocess.dataset import TrialStatus
from smilejax.preprocess.signal.trace import Reason, Trace, inside


def proportion_valid(trace: Trace) -> Float[Array, "*B"]:
    """Share of the trial's samples at which every lane was measured, 0 to 1; before gaps are filled.

    Lanes are what the model sees: the fused pupil needs one eye at a time, the channels left and right need both. An eye
    filled from the other was not measured.
    """
    measured = jnp.all(trace.reason == Reason.MEASURED.code, axis=1)
    samples = jnp.maximum(jnp.sum(inside(trace), axis=0), 1)
    return jnp.sum(measured, axis=0).astype(jnp.float32) / samples.astype(jnp.float32)


def judge(
    measured: Float[Array, "*B"],
    *,
    max_missing: Float[Array, ""] | float,
    found: Bool[Array, "*B"] | bool = True,
    dirty: Bool[Array, "*B"] | bool = False,
    small: Bool[Array, "*B"] | bool = False,
) -> Int[Array, "*B"]:
    """The `TrialStatus` on a trial; the first rule that applies.

    Arguments:
        measured: share of the trial that was measured, before filling.
        max_missing: largest share that may be missing.
        found: whether the baseline's window holds a value.
        dirty: whether too little of that window was measured.
        small: whether the baseline is implausibly small.
    """
    rules = (
        (small, TrialStatus.SMALL_BASELINE),
        (dirty, TrialStatus.DIRTY_BASELINE),
        (~jnp.asarray(found), TrialStatus.NO_BASELINE),
        # Shares are counts over a length: half a sample in a million is rounding, not data.
        (1.0 - measured > max_missing + 1e-6, TrialStatus.TOO_MUCH_MISSING),
        (measured <= 0, TrialStatus.NOTHING_MEASURED),
    )
    status = jnp.full(measured.shape, jnp.int32(TrialStatus.KEPT))
    for applies, name in rules:
        status = jnp.where(applies, jnp.int32(name), status)
    return status
