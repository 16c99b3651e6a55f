"""`State`: what steps hand on to one another."""

from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import Array, Bool, Float, Int

from smilejax.preprocess.signal.median_mad import MedianMad
from smilejax.preprocess.signal.trace import Trace


class DilationSpeeds(NamedTuple):
    """How speeds are measured in this trial, and how they scatter."""

    usual: MedianMad
    min_per_s: Float[Array, ""] | float
    span_ms: float


@dataclass(frozen=True)
class State:
    """One trial on its way through the steps, or B trials next to each other.

    Arguments:
        trace: the trial as it is now; before the first step, the samples of both eyes as recorded.
        length: `i32[*B]`, samples that belong to the trial.
        limits: `f32[2, *B]`, the lowest and the highest plausible pupil.
        blink: `bool[T, 2, *B]`, what the tracker calls a blink.
        marked: both eyes when the last step that takes samples away was done.
        eyes: both eyes before they are fused: marked, and filled from each other.
        speeds: of both eyes.
        proportion_valid: `f32[*B]`, see `Quality`.
        status: `i32[*B]`, a `TrialStatus`.
        baseline, blink_response: `f32[L, *B]`, see `Cleaned`.
        x: `f32[M, C, *B]` and valid: `bool[M, *B]`, what the model sees.
    """

    trace: Trace
    length: Int[Array, "*B"]
    limits: Float[Array, "2 *B"]
    blink: Bool[Array, "T 2 *B"]
    marked: Trace
    eyes: Trace
    speeds: DilationSpeeds | None = None
    proportion_valid: Float[Array, "*B"] | None = None
    status: Int[Array, "*B"] | None = None
    baseline: Float[Array, "L *B"] | None = None
    blink_response: Float[Array, "L *B"] | None = None
    x: Float[Array, "M C *B"] | None = None
    valid: Bool[Array, "M *B"] | None = None

    @property
    def measured_speeds(self) -> DilationSpeeds:
        """`speeds`, once they are measured."""
        assert self.speeds is not None
        return self.speeds
