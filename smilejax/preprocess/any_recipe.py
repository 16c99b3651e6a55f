"""`AnyRecipe`: of pupils or of faces, and which of them a recording needs. No jax in here."""

from dataclasses import replace
from typing import TypeVar

from smilejax._util.errors import SettingsError
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.kinds import FACE, PUPIL, Kind

AnyRecipe = Recipe | FaceRecipe
R = TypeVar("R", bound=Recipe | FaceRecipe)
RECIPE_OF: dict[Kind, type[AnyRecipe]] = {PUPIL: Recipe, FACE: FaceRecipe}
"""The recipe of each kind of recording."""


def at_rate(recipe: R, rate_hz: float) -> R:
    """The recipe for a recording of this rate, as a model's is followed: one too slow for the low-pass needs none."""
    slow = recipe.lowpass_hz is not None and recipe.lowpass_hz >= rate_hz / 2
    return replace(recipe, lowpass_hz=None) if slow else recipe


def kind_of_recipe(recipe: AnyRecipe) -> Kind:
    """The kind of recording that a recipe is for."""
    return FACE if isinstance(recipe, FaceRecipe) else PUPIL


def check_recipe(recipe: object, kind: Kind) -> None:
    """Refuse a recipe of another kind of recording. Raises `SettingsError`."""
    wanted = RECIPE_OF[kind]
    if not isinstance(recipe, wanted):
        raise SettingsError(
            setting="recipe",
            rule=f"a {wanted.__name__}, since these are recordings of {kind.signal}",
            value=recipe,
        )
