"""Align: the smile's onset becomes time zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from smilejax._util.errors import SETTING, SettingsError, listed
from smilejax._util.number_text import percent
from smilejax.preprocess.sample_reason import OUTSIDE
from smilejax.preprocess.steps.step import OURS, Described, Known, Step
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.face_measures import SMILE_MEASURES, smile_measures
from smilejax.settings.checks import require, require_choice, require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float, Int

    from smilejax.preprocess.face_recipe import FaceRecipe
    from smilejax.preprocess.program import Program
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

Align = Literal["onset", "start"]


@dataclass(frozen=True)
class AlignSettings:
    """Settings of the step `align`."""

    align: Align = "onset"
    """Faces: time zero is the smile's onset (onset), or the video's start (start). The smile's course is the mean of both lip
    corners, else of both smile blendshapes, else AU12, else the width of the mouth, relative to the neutral face; its onset is
    the frame after the last one before its maximum at which it did not exceed the onset's proportion of that (our rule)."""
    onset_proportion: float = 0.1
    """Faces: proportion of the smile's amplitude that the onset exceeds, above 0 and below 1 (our choice)."""
    before_onset_ms: float = 500.0
    """Faces: how much is kept before the onset, in ms (our choice)."""


def find_onset(
    course: Float[Array, "T *B"], present: Bool[Array, "T *B"], proportion: Float[Array, ""] | float
) -> tuple[Int[Array, "*B"], Float[Array, "*B"], Bool[Array, "*B"]]:
    """Onset frame, amplitude, and whether there is one.

    Arguments:
        course: of the smile, relative to the neutral face. present: frames at which it has a value.
        proportion: of the amplitude, which the course exceeds from its onset to its maximum.
    """
    import jax.numpy as jnp

    frames = jnp.arange(course.shape[0]).reshape(-1, *[1] * (course.ndim - 1))
    seen = jnp.where(present, course, -jnp.inf)
    amplitude, apex = jnp.max(seen, axis=0), jnp.argmax(seen, axis=0)
    below = present & (course <= (proportion * amplitude)[None]) & (frames < apex[None])
    onset = jnp.max(jnp.where(below, frames, -1), axis=0) + 1
    found = jnp.any(below, axis=0) & (amplitude > 0) & jnp.isfinite(amplitude)
    return onset, amplitude, found


def shifted(trace: Trace, first: Int[Array, "*B"], samples: int) -> Trace:
    """So many samples of each trial from a first one on, which may lie before the trial: what is not in it is outside.

    Arguments:
        first: of each trial.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.trace import Trace, along

    given = trace.values
    at = along(jnp.arange(samples), given) + first
    there = (at >= 0) & (at < given.shape[0])
    index = jnp.broadcast_to(jnp.clip(at, 0, given.shape[0] - 1), (samples, *given.shape[1:]))
    values, reason = (jnp.take_along_axis(a, index, axis=0) for a in (given, trace.reason))
    return Trace(jnp.where(there, values, 0.0), jnp.where(there, reason, OUTSIDE.code))


class _Align(Step["FaceRecipe"]):
    name = "align"
    settings = AlignSettings
    off = (("align", "start"),)
    neutral = False

    def check(self, recipe: FaceRecipe) -> None:
        require_choice(recipe, "align", get_args(Align))
        require_number(recipe, "onset_proportion", 0, open_low=True)
        below = recipe.onset_proportion < 1
        require(below, "onset_proportion", "above 0 and below 1", recipe.onset_proportion)
        require_number(recipe, "before_onset_ms", 0)

    def check_together(self, recipe: FaceRecipe) -> None:
        if recipe.align == "onset" and recipe.neutral_ms is None:
            rule = f"start where {SETTING.neutral_ms} is {SETTING.none}: an onset is found relative to the neutral face"
            raise SettingsError(setting="align", rule=rule, value=recipe.align)

    def check_rate(self, recipe: FaceRecipe, rate_hz: float) -> None:
        if recipe.align == "onset" and recipe.duration_ms is not None:
            inside = recipe.before_onset_ms < recipe.duration_ms
            rule = f"below {SETTING.duration_ms}, which is counted from the first frame kept before the onset"
            require(inside, "before_onset_ms", rule, recipe.before_onset_ms)

    def check_measures(self, recipe: FaceRecipe) -> None:
        """Refuse a settled recipe whose measures have no course of a smile. Raises `SettingsError`."""
        if recipe.align == "onset" and not smile_measures(recipe.measures or ()):
            courses = listed(" and ".join(names) for names in SMILE_MEASURES)
            raise SettingsError(
                setting="align",
                rule=f"start where no measure follows the smile ({courses})",
                value=recipe.align,
                hint=f"The measures are {listed(recipe.measures or ())}.",
            )

    def words(self, recipe: FaceRecipe, known: Known) -> Iterator[Described]:
        if recipe.align == "onset":
            course = f" of {' and '.join(smile_measures(recipe.measures))}" if recipe.measures else ""
            rule = f"{percent(recipe.onset_proportion, None)} of its maximum"
            kept = f"keep {recipe.before_onset_ms:g} ms before it"
            begin = f"begin videos at the smile's onset, where its course{course} exceeds {rule}; {kept}"
            yield Described(self.name, begin, OURS)
            yield Described("reject", "leave out videos in which no onset is found", OURS)

    def numbers(
        self, recipe: FaceRecipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        import numpy as np

        measures = recipe.measures or ()
        weight = np.array([name in smile_measures(measures) for name in measures], np.float32)
        return {
            "weight": weight / max(weight.sum(), 1),
            "proportion": recipe.onset_proportion,
            "before": round(recipe.before_onset_ms * program.rate_hz / 1000),
        }

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        import jax.numpy as jnp

        from smilejax.preprocess.signal.trace import across
        from smilejax.preprocess.state import Smile
        from smilejax.settings import samples_in

        trace, weight = state.trace, numbers["weight"]
        over_lanes = weight.reshape(1, -1, *[1] * (trace.values.ndim - 2))
        present = jnp.all(trace.present | (over_lanes == 0), axis=1)
        onset, amplitude, found = find_onset(jnp.sum(trace.values * over_lanes, axis=1), present, numbers["proportion"])
        before = numbers["before"].astype(jnp.int32)
        first = across(jnp.where(found, onset, before) - before, trace.values)
        kept = shifted(trace, first, samples_in(program.duration_ms, program.rate_hz))
        assert state.status is not None
        lost = ~found & (state.status == TrialStatus.KEPT)
        known = found & (state.status == TrialStatus.KEPT)
        nan, onset_ms = jnp.float32(jnp.nan), onset.astype(jnp.float32) * jnp.float32(1000 / program.rate_hz)
        return replace(
            state,
            trace=kept,
            status=jnp.where(lost, jnp.int32(TrialStatus.NO_ONSET), state.status),
            smile=Smile(jnp.where(known, onset_ms, nan), jnp.where(known, amplitude, nan)),
        )


ALIGN = _Align()
