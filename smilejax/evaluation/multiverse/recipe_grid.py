"""The recipes of a multiverse: all combinations of some settings around a base recipe."""

import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

from smilejax._util.errors import SettingsError, listed
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.recipe import RECIPES, Recipe, RecipeName, varied
from smilejax.recordings.trials import Trials

SettingValue = str | bool | int | float | tuple[float | str, ...] | None
"""A value of one setting of a recipe; under the name "recipe", the name of a recipe."""

MAX_RECIPES = 2000
"""Largest number of recipes in a grid by default: at half a second each, a quarter of an hour."""

DEFAULT_VARY: dict[str, tuple[SettingValue, ...]] = {
    "recipe": ("default", "kret2019", "minimal"),
    "max_gap_ms": (250.0, 400.0, math.inf),
    "interpolation": ("linear", "pchip"),
    "baseline_ms": (None, 200.0, 500.0),
    "max_missing": (0.25, 0.5),
}
"""108 recipes of choices on which published work differs.

Detection of artefacts: our steps, those of Kret & Sjak-Shie (2019), or the plausible range alone. Gaps filled: up to 250 ms
(Kret & Sjak-Shie), 400 (PuPl) or all (the project report). Linear or monotone cubic interpolation. No baseline, 200 ms
(the light reflex starts then) or 500. Trials with more than a quarter or half missing are rejected (published limits: .20 to
.75). The low-pass does not vary: resampling to 10 Hz cuts at 4 Hz whether or not a low-pass at 4 Hz (Kret & Sjak-Shie) came
before, so that half of the recipes would be copies of the other half.
"""

COMMON = ("duration_ms", "resample_hz", "channels", "baseline", "drive_n", "drive_t_max_ms")
"""Settings that all recipes of a grid have in common: differences compare only on one grid of time and in one unit."""


@dataclass(frozen=True)
class RecipeGrid:
    """R recipes around a base recipe. Made by `recipe_grid`.

    Arguments:
        vary: the settings that vary, and their values.
        recipes: R recipes, none twice. The base is one of them: where it is no combination of `vary`, it is put last.
        choices: R rows, the values of the settings that vary, in the order of `vary`.
        base: row of the base recipe.
        apart: whether the base is no combination of `vary`. It is then run and shown, but is part of no average.
        dropped: combinations that contradict themselves or do not fit the recording, each with the rule it breaks.
    """

    vary: dict[str, tuple[SettingValue, ...]]
    recipes: tuple[Recipe, ...]
    choices: tuple[tuple[SettingValue, ...], ...]
    base: int
    apart: bool
    dropped: tuple[tuple[tuple[SettingValue, ...], str], ...] = ()

    def __len__(self) -> int:
        return len(self.recipes)

    @property
    def combinations(self) -> range:
        """Rows of the combinations: all, or all but the base where it stands apart."""
        return range(len(self) - self.apart)

    def rows_with(self, name: str, value: SettingValue) -> list[int]:
        """Rows of the combinations in which a setting has a value."""
        at = list(self.vary).index(name)
        return [row for row in self.combinations if self.choices[row][at] == value]


def recipe_grid(
    base: Recipe,
    vary: Mapping[str, Sequence[SettingValue]] = DEFAULT_VARY,
    trials: Trials | None = None,
    *,
    most: int = MAX_RECIPES,
) -> RecipeGrid:
    """All combinations of some settings around a base recipe.

    Arguments:
        base: what does not vary, and the recipe that the others are compared with. The pupil seen is the fused one.
        vary: for each setting its values. `recipe` varies too: its values are names, and a combination is then the recipe
            of that name with the other settings put on top.
        trials: the recording, if combinations that do not fit it are to be dropped here.
        most: largest number of combinations.

    Returns:
        The recipes. Combinations that break a rule between settings are dropped and listed.

    Raises:
        SettingsError: an unknown setting, a value that is in no combination possible, too many combinations, or a base
            that does not fit the recording.

    Example:
        >>> from smilejax import Recipe
        >>> grid = recipe_grid(Recipe(), {"max_gap_ms": (250, 400), "lowpass_hz": (None, 4, 10)})
        >>> len(grid), grid.choices[grid.base]
        (6, (400.0, 4.0))
    """
    base = replace(base, channels=("fused",))
    _fit(base, trials)
    values = _checked_values(base, vary, most)
    kept: dict[tuple[SettingValue, ...], Recipe] = {}
    dropped: list[tuple[tuple[SettingValue, ...], str]] = []
    for chosen in itertools.product(*values.values()):
        try:
            recipe = _combined(base, dict(zip(values, chosen, strict=True)))
            _fit(recipe, trials)
        except SettingsError as error:
            dropped.append((chosen, str(error)))
        else:
            kept[chosen] = recipe
    _require_each_value_somewhere(values, kept, dropped)
    recipes, choices = tuple(kept.values()), tuple(kept)
    if base in recipes:
        return RecipeGrid(values, recipes, choices, recipes.index(base), False, tuple(dropped))
    own = tuple(_name_of(base) if name == "recipe" else getattr(base, name) for name in values)
    return RecipeGrid(values, (*recipes, base), (*choices, own), len(recipes), True, tuple(dropped))


def _combined(base: Recipe, chosen: dict[str, SettingValue]) -> Recipe:
    settings = {name: value for name, value in chosen.items() if name != "recipe"}
    if "recipe" not in chosen:
        return varied(base, **settings)
    # In one go: a named recipe without a baseline is no contradiction where one is put on top.
    named = Recipe.named(cast(RecipeName, chosen["recipe"]))
    return varied(named, **{name: getattr(base, name) for name in COMMON}, **settings)


def _fit(recipe: Recipe, trials: Trials | None) -> None:
    if trials is not None:
        settle(recipe, trials)


def _name_of(base: Recipe) -> str:
    for name in RECIPES:
        # Some named recipes cannot have what the base has in common with all: `report` has no baseline to give percent of.
        with suppress(SettingsError):
            if _combined(base, {"recipe": name}) == base:
                return name
    return "other"


def _checked_values(
    base: Recipe, vary: Mapping[str, Sequence[SettingValue]], most: int
) -> dict[str, tuple[SettingValue, ...]]:
    """Values of each setting as recipes hold them, none twice."""
    if not vary:
        raise SettingsError(
            "a grid must vary at least one setting; none was given. Leave vary out for the default grid."
        )
    if common := sorted(set(vary) & set(COMMON)):
        raise SettingsError(
            f"{listed(COMMON)} must be the same in all recipes of a grid, or their differences could not be compared; "
            f"it varies {listed(common)}. Run once for each value."
        )
    values = {}
    for name, given in vary.items():
        if name != "recipe":
            varied(base, **{name: getattr(base, name, None)})  # refuses an unknown name
        if isinstance(given, str) or not given:
            raise SettingsError(f"{name} must be varied over a list of at least one value; it is {given!r}.")
        values[name] = tuple(dict.fromkeys(_held(name, value) for value in given))
    _require_few(values, most)
    return values


def _held(name: str, value: SettingValue) -> SettingValue:
    """A value as recipes hold it: a list as a tuple, a whole number as the float it will be."""
    if isinstance(value, list):
        value = tuple(value)
    if isinstance(value, int) and not isinstance(value, bool) and name != "lowpass_order":
        return float(value)
    return value


def _require_few(values: dict[str, tuple[SettingValue, ...]], most: int) -> None:
    count = math.prod(map(len, values.values()))
    if count <= most:
        return
    product = " x ".join(f"{name} {len(given)}" for name, given in values.items())
    # The settings with most values first, until the rest will do.
    without, left = [], count
    for name in sorted(values, key=lambda name: -len(values[name])):
        if left <= most:
            break
        without.append(name)
        left //= len(values[name])
    raise SettingsError(
        f"a grid must have at most {most} combinations; these are {count} ({product}). "
        f"Give fewer values; without {listed(without)} there are {left}."
    )


def _require_each_value_somewhere(
    values: dict[str, tuple[SettingValue, ...]],
    kept: dict[tuple[SettingValue, ...], Recipe],
    dropped: list[tuple[tuple[SettingValue, ...], str]],
) -> None:
    """A value that no combination can have is a mistake, not a contradiction: its first error is the one to read."""
    for at, given in enumerate(values.values()):
        for value in given:
            if not any(chosen[at] in (value,) for chosen in kept):  # `in` finds NaN too
                raise SettingsError(next(why for chosen, why in dropped if chosen[at] in (value,)))
