"""Out of range: values that no pupil has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smilejax._util.errors import SETTING
from smilejax.preprocess.sample_reason import SampleReason
from smilejax.preprocess.steps.step import KRET, OURS, Described, Known, Step, by
from smilejax.settings.checks import require_number, require_pair

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Array, Float

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State
    from smilejax.recordings.trials import Trials

OUT_OF_RANGE = SampleReason("OUT_OF_RANGE", 2, "out of range", "#D55E00", rank=60)

MAX_PUPIL = 1e6
"""No tracker writes a larger pupil in any unit (areas in pixels reach some 10,000); beyond, sums in single precision fail."""


@dataclass(frozen=True)
class PlausibleRangeSettings:
    """Settings of the step `out of range`. None marks no value that is above 0."""

    range_mm: tuple[float, float] | None = (1.5, 9.0)
    """Plausible pupil in mm, ends included (Kret & Sjak-Shie 2019). Only where the unit is mm."""
    range_mads: float | None = 12.0
    """Plausible pupil in other units: the participant's median ± this many MAD (8 standard deviations; our choice)."""


def plausible_limits(trials: Trials, recipe: Recipe) -> npt.NDArray[np.float32]:
    """`f32[N, 2]`: the lowest and the highest plausible pupil of each trial, in the recording's unit.

    In mm those of the recipe. In other units the median of all that was measured of this participant ± `range_mads` MAD,
    both eyes together: arbitrary units depend on the camera and on where the head was. Labels are not looked at. Found on the
    host, before anything is compiled.
    """
    result = np.tile(np.array([0, MAX_PUPIL], np.float32), (len(trials), 1))
    if trials.unit == "mm":
        if recipe.range_mm is not None:
            result[:] = recipe.range_mm
        return result
    if recipe.range_mads is None:
        return result
    measured, participants = trials.measured(), np.array(trials.participant)
    for participant in dict.fromkeys(trials.participant):
        rows = participants == participant
        values = trials.pupil[rows][measured[rows]]
        if len(values):
            middle = np.median(values)
            reach = recipe.range_mads * np.median(np.abs(values - middle))
            if reach > 0:  # more than half of the samples equal: no scale to judge by
                result[rows] = max(middle - reach, 0), middle + reach
    return result


def out_of_range(trace: Trace, low: Float[Array, "*B"] | float, high: Float[Array, "*B"] | float) -> Trace:
    """Mark values below `low` or above `high` (in the recording's unit; both ends are plausible) as out of range.

    1.5 and 9 mm are what Kret & Sjak-Shie (2019) take; `limits` finds them for other units.
    """
    from smilejax.preprocess.signal.trace import across, mark

    beyond = (trace.values < across(low, trace.values)) | (trace.values > across(high, trace.values))
    return mark(trace, trace.present & beyond, OUT_OF_RANGE.code)


class _PlausibleRange(Step["Recipe"]):
    name = "out of range"
    causal = True
    settings = PlausibleRangeSettings
    off = (("range_mm", None), ("range_mads", None))
    reasons = (OUT_OF_RANGE,)

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "range_mads", 0, open_low=True, optional=True)
        require_pair(recipe, "range_mm", optional=True)

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.range_mm is not None and known.in_mm is not False:
            within = f"mark pupils outside {recipe.range_mm[0]:g} to {recipe.range_mm[1]:g} mm"
            source = by(KRET, recipe.range_mm == (1.5, 9.0))
            yield Described(self.name, within + ("" if known.in_mm else ", where the unit is mm"), source)
        if recipe.range_mads is not None and known.in_mm is not True:
            within = f"mark pupils outside the participant's median ± {recipe.range_mads:g} MAD"
            yield Described(self.name, within + (", in units other than mm" if known.in_mm is None else ""), OURS)

    def why_not_causal(self, recipe: Recipe, *, rate_hz: float, in_mm: bool) -> str:
        if in_mm or recipe.range_mads is None:
            return ""
        none = f"{SETTING.range_mads} {SETTING.none}"
        return f"In other units than mm the range is found in all of a participant's samples. Leave it out: {none}."

    def included(self, recipe: Recipe, rate_hz: float) -> bool:
        return True  # without a range, `limits` are those of any pupil

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        assert state.limits is not None
        return replace(state, trace=out_of_range(state.trace, state.limits[0], state.limits[1]))


PLAUSIBLE_RANGE = _PlausibleRange()
