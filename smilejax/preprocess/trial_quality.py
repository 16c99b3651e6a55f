"""What a trial's recording is worth, in numbers."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from smilejax.preprocess.reasons import PUPIL_REASONS, Reason
from smilejax.preprocess.signal.median_mad import median
from smilejax.preprocess.signal.passes import run_length, shift
from smilejax.preprocess.signal.trace import Trace, inside

NORMAL_MAD = 1.4826
"""Standard deviations in one MAD of a normal distribution."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Quality:
    """One trial, or N: what was measured and how well, before gaps were filled.

    Arguments:
        proportion_valid: `f32[]`, proportion of the trial at which every lane was measured and accepted, 0 to 1.
        seen: `f32[2]`, the same of the left and of the right eye.
        counts: `i32[2, K]`, samples of each eye by `PUPIL_REASONS`, after one eye was filled from the other.
        blinks: `i32[]`, spans of 50 to 500 ms in which no eye was seen for a blink or for a reason the file does not give.
        longest_gap_ms: `f32[]`, longest time in which no eye was measured.
        pairs: `i32[]`, samples measured in both eyes.
        correlation: `f32[]`, Pearson correlation of the two eyes over these, -1 to 1; 0 below three of them.
        noise: `f32[2]`, standard deviation of one sample about its two neighbours' mean, scaled to that of white noise,
            for each eye in the recording's unit; 0 where no three samples in a row were measured.
    """

    proportion_valid: Float[Array, "..."]
    seen: Float[Array, "..."]
    counts: Int[Array, "..."]
    blinks: Int[Array, "..."]
    longest_gap_ms: Float[Array, "..."]
    pairs: Int[Array, "..."]
    correlation: Float[Array, "..."]
    noise: Float[Array, "..."]


def assess(
    eyes: Trace, marked: Trace, proportion_valid: Float[Array, "*B"], blink: Bool[Array, "T *B"], *, rate_hz: float
) -> Quality:
    """The quality of one trial.

    Arguments:
        eyes: both eyes as filled from each other; marked: as they were before that.
        proportion_valid: proportion of the trial at which every lane was measured and accepted.
        blink: `bool[T, *B]`, from `hidden_by_blinks`.
        rate_hz: sampling rate of both.
    """
    seen = marked.reason == Reason.MEASURED.code
    within = inside(marked)
    samples = jnp.maximum(jnp.sum(within, axis=0), 1).astype(jnp.float32)
    none = within & ~jnp.any(seen, axis=1)
    longest = jnp.max(jnp.where(none, run_length(none), 0), axis=0)
    pairs, correlation = _correlation(marked.values, seen)
    return Quality(
        proportion_valid=proportion_valid,
        seen=jnp.sum(seen, axis=0).astype(jnp.float32) / samples[None],
        counts=jnp.stack([jnp.sum(eyes.reason == r.code, axis=0, dtype=jnp.int32) for r in PUPIL_REASONS], axis=1),
        blinks=jnp.sum(blink & ~shift(blink, 1, False), axis=0, dtype=jnp.int32),
        longest_gap_ms=longest.astype(jnp.float32) * (1000 / rate_hz),
        pairs=pairs,
        correlation=correlation,
        noise=_noise(marked.values, seen),
    )


def _correlation(pupil: Float[Array, "T 2 *B"], seen: Bool[Array, "T 2 *B"]) -> tuple[Array, Array]:
    """Samples in both eyes, and how far the eyes go together over these."""
    both = jnp.all(seen, axis=1, keepdims=True)
    pairs = jnp.sum(both, axis=0, dtype=jnp.int32)
    mean = jnp.sum(jnp.where(both, pupil, 0.0), axis=0) / jnp.maximum(pairs, 1).astype(pupil.dtype)
    d = jnp.where(both, pupil - mean[None], 0.0)
    power = jnp.sum(d**2, axis=0)
    scale = jnp.sqrt(power[0] * power[1])
    known = (pairs[0] >= 3) & (scale > 0)
    r = jnp.sum(d[:, 0] * d[:, 1], axis=0) / jnp.where(known, scale, 1.0)
    return pairs[0], jnp.where(known, jnp.clip(r, -1.0, 1.0), 0.0)


def _noise(x: Float[Array, "T *L"], seen: Bool[Array, "T *L"]) -> Float[Array, "*L"]:
    before, after = shift(x, 1, 0.0), shift(x, -1, 0.0)
    three = seen & shift(seen, 1, False) & shift(seen, -1, False)
    # Of white noise the difference to the mean of two others has 1.5 times the variance.
    return NORMAL_MAD * median(jnp.abs(x - (before + after) / 2), three) / jnp.sqrt(jnp.float32(1.5))
