"""The tracker's blinks: spans that the file itself calls blinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smilejax.preprocess.sample_reason import SampleReason
from smilejax.preprocess.steps.step import Described, Known, Step
from smilejax.settings.checks import require_flag

if TYPE_CHECKING:
    from jaxtyping import Array, Bool

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

BLINK = SampleReason("BLINK", 7, "blink", "#CC79A7", rank=40)
"""The steps `partial blinks` and `blink edges` mark with it too."""


@dataclass(frozen=True)
class TrackerBlinksSettings:
    """Settings of the step `tracker's blinks`."""

    tracker_blinks: bool = True
    """Whether spans that the tracker calls blinks are taken as such."""


def tracker_blinks(trace: Trace, blink: Bool[Array, "*S"]) -> Trace:
    """Mark what the tracker says is a blink."""
    from smilejax.preprocess.signal.trace import mark

    return mark(trace, blink & trace.present, BLINK.code)


class _TrackerBlinks(Step["Recipe"]):
    name = "tracker's blinks"
    causal = True
    settings = TrackerBlinksSettings
    off = (("tracker_blinks", False),)
    reasons = (BLINK,)

    def check(self, recipe: Recipe) -> None:
        require_flag(recipe, "tracker_blinks")

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.tracker_blinks:
            yield Described(self.name, "mark what the file says is a blink", "")

    def included(self, recipe: Recipe, rate_hz: float) -> bool:
        return True  # where the step is left out, or the file names no blinks, the pipeline hands in none

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        assert state.blink is not None
        return replace(state, trace=tracker_blinks(state.trace, state.blink))


TRACKER_BLINKS = _TrackerBlinks()
