"""From the recording's rate to the model's."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, UInt8

from smilejax.preprocess.sample_reason import MEASURED, OUTSIDE
from smilejax.preprocess.signal.lowpass import Filter, apply, butterworth
from smilejax.preprocess.signal.trace import Trace, along, is_present
from smilejax.settings import samples_in

ANTI_ALIAS_SHARE = 0.8
"""Cut-off of the anti-aliasing filter as a proportion of the new Nyquist frequency: our choice, as in SciPy's `decimate`."""
ANTI_ALIAS_ORDER = 8
"""Its order (SciPy's `decimate` takes an 8th-order filter too)."""


def anti_alias(rate_hz: float, target_hz: float, cutoff_hz: float | None) -> Filter | None:
    """The low-pass that must come before resampling, or None where none need: going up, or after one at `cutoff_hz`."""
    edge = ANTI_ALIAS_SHARE * target_hz / 2
    if target_hz < rate_hz and (cutoff_hz is None or cutoff_hz > edge):
        return butterworth(ANTI_ALIAS_ORDER, edge, rate_hz)
    return None


def resample(
    trace: Trace, *, rate_hz: float, target_hz: float, cutoff_hz: float | None, samples: int | None = None
) -> Trace:
    """Sample the trace at multiples of 1 / target_hz from its first sample on, on straight lines between samples.

    Going down, an anti-aliasing low-pass comes first, unless an earlier low-pass at `cutoff_hz` did its work.
    A new sample is present where the samples around it are; it is filled if one of them was, and otherwise takes the
    reason of the absent one.

    Arguments:
        rate_hz: rate of the trace; target_hz: the new one, above 0.
        cutoff_hz: cut-off of the low-pass that the trace has been through, or None.
        samples: how many to give; None gives as many as stand for the same time. A model's number is settled by its
            duration, and must not hang on the rate of the recording.
    """
    before = anti_alias(rate_hz, target_hz, cutoff_hz)
    if before is not None:
        trace = apply(before, trace)
    return sample_at(trace, rate_hz=rate_hz, target_hz=target_hz, samples=samples)


def sample_at(trace: Trace, *, rate_hz: float, target_hz: float, samples: int | None = None) -> Trace:
    """`resample` without the anti-aliasing filter."""
    given = trace.values.shape[0]
    if samples is None:
        samples = max(1, samples_in(given * 1000 / rate_hz, target_hz))
    # Positions on the host, in double precision: single loses a sample after some minutes at 1000 Hz.
    at = np.arange(samples) * (rate_hz / target_hz)
    whole = np.round(at)
    at = np.where(np.abs(at - whole) < 1e-6, whole, at)
    low = np.minimum(np.floor(at).astype(np.int32), given - 1)
    high = np.minimum(np.ceil(at).astype(np.int32), given - 1)
    share = along(jnp.asarray((at - low).astype(np.float32).clip(0.0, 1.0)), trace.values)
    before, after = trace.reason[low], trace.reason[high]
    # The last sample inside a trial has no successor; it stands for the time up to the trial's end.
    behind = after == OUTSIDE.code
    after, share = jnp.where(behind, before, after), jnp.where(behind, 0.0, share)
    value = trace.values[low] + share * (trace.values[high] - trace.values[low])
    reason = _joined(before, after)
    return Trace(jnp.where(is_present(reason), value, 0.0), reason)


def _joined(before: UInt8[Array, "*S"], after: UInt8[Array, "*S"]) -> UInt8[Array, "*S"]:
    """Reason of a value made of two samples: an absent one decides, then a filled one."""
    filled = jnp.where(before == MEASURED.code, after, before)
    return jnp.where(is_present(before), jnp.where(is_present(after), filled, after), before)
