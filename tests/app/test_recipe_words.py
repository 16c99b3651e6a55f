"""What the recipe panel says."""

import dataclasses

import pytest

from smilejax import FaceRecipe, Recipe
from smilejax.app.fields import fields_of, recipe_groups
from smilejax.app.recipe_words import distinct_labels, recipe_name, recipe_note


@pytest.mark.parametrize("recipe", [Recipe, FaceRecipe])
def test_no_two_settings_are_called_the_same(recipe: type) -> None:
    labels = distinct_labels(field for group in recipe_groups(recipe) for field in group.fields)
    assert len(set(labels.values())) == len(labels)
    assert distinct_labels(fields_of(Recipe))["range_mm"] == "range (mm)"


def test_a_recipe_without_a_name_is_called_changed() -> None:
    assert recipe_name(Recipe.minimal()) == "minimal"
    assert recipe_name(Recipe(max_gap_ms=1.0)) == "changed"
    assert recipe_name(FaceRecipe()) == "changed"


def test_what_is_changed_is_said() -> None:
    changed = dataclasses.replace(Recipe(), max_gap_ms=1.0, blink_edge_mads=3.0)
    assert recipe_note(Recipe(), Recipe(), "a.csv") == "These are the defaults."
    assert recipe_note(changed, Recipe(), None).startswith("Changed in blink edge (MAD), max gap.")
    kept = recipe_note(changed, Recipe(), "a.csv")
    assert kept.startswith("Kept from the recordings before (a.csv): changed in blink edge (MAD), max gap.")
