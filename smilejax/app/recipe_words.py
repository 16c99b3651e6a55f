"""What the recipe panel says: labels that differ, a recipe's name, and what is changed in it. No page."""

from collections import Counter
from collections.abc import Iterable

from smilejax._util.errors import listed
from smilejax.app.fields import Field, fields_of
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.recipe import RECIPES, Recipe

CHANGED = "changed"
"""How a recipe is called that has no name."""


def distinct_labels(fields: Iterable[Field]) -> dict[str, str]:
    """The label of each setting by the setting's name. Where two settings would be called the same, the unit is said.

    Example:
        >>> from smilejax.app.fields import fields_of
        >>> labels = distinct_labels(fields_of(Recipe))
        >>> labels["blink_edge_ms"], labels["blink_edge_mads"], labels["max_gap_ms"]
        ('blink edge (ms)', 'blink edge (MAD)', 'max gap')
    """
    every = list(fields)
    often = Counter(one.label for one in every)
    return {one.name: f"{one.label} ({one.unit})" if often[one.label] > 1 and one.unit else one.label for one in every}


def recipe_name(recipe: AnyRecipe) -> str:
    """The name of a recipe; "changed" where it has none."""
    named = (name for name in RECIPES if isinstance(recipe, Recipe) and recipe == Recipe.named(name))
    return next(named, CHANGED)


def changes_in_words(recipe: AnyRecipe, usual: AnyRecipe) -> str:
    """In which settings a recipe is another than the usual one; empty where it is the same.

    Example:
        >>> changes_in_words(Recipe(max_gap_ms=200.0, blink_edge_ms=100.0), Recipe())
        'changed in blink edge (ms), max gap'
    """
    labels = distinct_labels(fields_of(type(usual)))
    names = [label for name, label in labels.items() if getattr(usual, name) != getattr(recipe, name)]
    return f"changed in {listed(names, 6)}" if names else ""


def recipe_note(recipe: AnyRecipe, usual: AnyRecipe, kept_from: str | None) -> str:
    """Whether a recipe is the default one, and in what it is not, in words.

    Arguments:
        usual: the default one of the recordings that are open.
        kept_from: the recordings that were open when it was changed, where others are now; None where they are the same.

    Example:
        >>> print(recipe_note(Recipe(max_gap_ms=200.0), Recipe(), "a.csv"))
        Kept from the recordings before (a.csv): changed in max gap. An evaluation started here uses it.
    """
    what = changes_in_words(recipe, usual)
    if not what:
        return "These are the defaults."
    kept = "C" + what[1:] if kept_from is None else f"Kept from the recordings before ({kept_from}): {what}"
    return f"{kept}. An evaluation started here uses it."
