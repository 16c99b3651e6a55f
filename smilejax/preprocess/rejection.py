"""Whether a trial may be used: decided before anything is filled."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from smilejax.dataset import Verdict
from smilejax.preprocess.trace import Reason, Trace


def share_measured(trace: Trace) -> Float[Array, ""]:
    """Share of the trial's samples at which every lane was measured, 0 to 1; before filling.

    Lanes are what the model sees: the fused pupil needs one eye at a time, the channels left and right need both.
    """
    measured = jnp.all(trace.reason == Reason.MEASURED, axis=-1)
    inside = jnp.sum(trace.inside)
    return jnp.sum(measured).astype(jnp.float32) / jnp.maximum(inside, 1).astype(jnp.float32)


def judge(measured: Float[Array, ""], has_baseline: Bool[Array, ""], *, max_missing: float) -> Int[Array, ""]:
    """The `Verdict` on a trial of which the share `measured` was measured; the first rule that applies."""
    # Shares are counts over a length: half a sample in a million is rounding, not data.
    too_much = 1.0 - measured > max_missing + 1e-6
    kept = jnp.where(has_baseline, jnp.int32(Verdict.KEPT), jnp.int32(Verdict.NO_BASELINE))
    kept = jnp.where(too_much, jnp.int32(Verdict.TOO_MUCH_MISSING), kept)
    return jnp.where(measured > 0, kept, jnp.int32(Verdict.NOTHING_MEASURED))
