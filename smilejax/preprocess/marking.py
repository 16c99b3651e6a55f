"""Steps that mark samples: outside the trial, missing, out of the plausible range."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from smilejax.preprocess.trace import Reason, Trace, mark

MAX_PUPIL = 1e6
"""No tracker writes a larger pupil in any unit (areas in pixels reach some 10,000); beyond, sums in single precision fail."""


def start(pupil: Float[Array, "T L"], length: Int[Array, ""]) -> Trace:
    """A trace from raw samples: missing where not finite or not above zero, outside from `length` on.

    No pupil is zero or negative: zeros and -1 are how trackers write a lost eye (EyeLink, Eye Tribe: 0; Tobii Studio 1-2
    and PupillometryR's sample: -1).

    Arguments:
        pupil: `f32[T, L]`, raw, NaN allowed.
        length: `i32[]`, samples that belong to the trial, 0..T.
    """
    inside = (jnp.arange(pupil.shape[0]) < length)[:, None]
    measured = jnp.isfinite(pupil) & (pupil > 0) & inside
    reason = jnp.where(measured, jnp.int32(Reason.MEASURED), jnp.int32(Reason.MISSING))
    trace = Trace(
        pupil=jnp.where(measured, pupil, 0.0),
        reason=jnp.where(inside, reason, jnp.int32(Reason.OUTSIDE)),
    )
    return out_of_range(trace, 0.0, MAX_PUPIL)


def out_of_range(trace: Trace, low: float, high: float) -> Trace:
    """Mark values below `low` or above `high` (in the recording's unit; both ends are plausible) as out of range."""
    beyond = (trace.pupil < low) | (trace.pupil > high)
    return mark(trace, trace.present & beyond, Reason.OUT_OF_RANGE)
