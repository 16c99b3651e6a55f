"""Where a trace starts: what is outside the trial, missing in the file, out of the plausible range."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from smilejax.preprocess.signal.trace import Reason, Trace, across, along, mark

MAX_PUPIL = 1e6
"""No tracker writes a larger pupil in any unit (areas in pixels reach some 10,000); beyond, sums in single precision fail."""


def start(pupil: Float[Array, "T L *B"], length: Int[Array, "*B"]) -> Trace:
    """A trace from raw samples: missing where not finite or not above zero, outside from `length` on.

    No pupil is zero or negative: zeros and -1 are how trackers write a lost eye (EyeLink, Eye Tribe: 0; Tobii Studio 1-2
    and PupillometryR's sample: -1).

    Arguments:
        pupil: `f32[T, L, *B]`, raw, NaN allowed.
        length: `i32[*B]`, samples that belong to the trial, 0..T.
    """
    inside = along(jnp.arange(pupil.shape[0]), pupil) < across(length, pupil)
    measured = jnp.isfinite(pupil) & (pupil > 0) & inside
    reason = jnp.where(measured, Reason.MEASURED.code, Reason.MISSING.code)
    trace = Trace(
        pupil=jnp.where(measured, pupil, 0.0),
        reason=jnp.where(inside, reason, Reason.OUTSIDE.code),
    )
    return out_of_range(trace, 0.0, MAX_PUPIL)


def out_of_range(trace: Trace, low: Float[Array, "*B"] | float, high: Float[Array, "*B"] | float) -> Trace:
    """Mark values below `low` or above `high` (in the recording's unit; both ends are plausible) as out of range.

    1.5 and 9 mm are what Kret & Sjak-Shie (2019) take; `limits` finds them for other units.
    """
    beyond = (trace.pupil < across(low, trace.pupil)) | (trace.pupil > across(high, trace.pupil))
    return mark(trace, trace.present & beyond, Reason.OUT_OF_RANGE)
