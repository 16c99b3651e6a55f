"""A recipe in words: its steps in the order in which they are done, with their numbers and where these come from."""

from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.steps import STEPS
from smilejax.preprocess.steps.step import Described, Known


def steps(
    recipe: AnyRecipe, rate_hz: float | None = None, *, in_mm: bool | None = None, start_ms: float | None = None
) -> list[Described]:
    """What a recipe does, in the order of its docstring. Steps that it leaves out are not listed.

    Arguments:
        recipe: what is described.
        rate_hz: the recording's rate: whether there is anything to resample then shows. None where it is not known.
        in_mm: whether the unit is mm, on which the plausible range depends; None where it is not known.
        start_ms: time of the recording's first samples relative to onset; None where it is not known.

    Example:
        >>> import smilejax
        >>> for step in steps(smilejax.Recipe.report()):
        ...     print(f"{step.name}: {step.does}")
        missing: take NaN, zero and negative numbers as not measured
        fuse the eyes: average the eyes; where one is absent, take the other
        reject: leave out trials of which nothing was measured
        fill gaps: fill gaps of any length with straight lines
        channels: keep fused (pupil, both eyes together) as the cleaned signal
    """
    table = FACE_STEPS if isinstance(recipe, FaceRecipe) else STEPS
    known = Known(rate_hz, in_mm, start_ms)
    return [described for step in table for described in step.words(recipe, known)]
