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


class Smile(NamedTuple):
    """When the smile of a video begins, and how large it is."""

    onset_ms: Float[Array, "*B"]
    """From the video's first frame; NaN where none was found."""
    amplitude: Float[Array, "*B"]
    """Of the smile's course, from the neutral face; NaN where none was found."""


@dataclass(frozen=True)
class State:
    """One trial on its way through the steps, or B trials next to each other.

    Arguments:
        trace: the trial as it is now; before the first step, the samples of both eyes as recorded.
        length: `i32[*B]`, samples that belong to the trial.
        marked: all lanes when the last step that takes samples away was done.
        limits: of pupils `f32[2, *B]`, the lowest and the highest plausible one.
        blink: of pupils `bool[T, 2, *B]`, what the tracker calls a blink.
        eyes: both eyes before they are fused: marked, and filled from each other.
        confidence: of faces `f32[T, *B]`, how sure the tracker is of a frame; NaN where it does not say.
        smile: of faces, when the smile begins and how large it is.
        speeds: of both eyes.
        proportion_valid: `f32[*B]`, see `Quality`.
        status: `i32[*B]`, a `TrialStatus`.
        baseline, blink_response: `f32[L, *B]`, see `Cleaned`; of faces, `baseline` is the neutral face.
        x: `f32[M, C, *B]` and valid: `bool[M, *B]`, what the model sees.
    """

    trace: Trace
    length: Int[Array, "*B"]
    marked: Trace
    limits: Float[Array, "2 *B"] | None = None
    blink: Bool[Array, "T 2 *B"] | None = None
    eyes: Trace | None = None
    confidence: Float[Array, "T *B"] | None = None
    smile: Smile | None = None
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
