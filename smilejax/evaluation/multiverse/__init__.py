"""How much a result depends on the choices of cleaning: one recording, all recipes of a grid, one result each.

Multiverse analysis after Steegen et al. (2016), drawn as a specification curve after Simonsohn, Simmons & Nelson (2020).
It shows which choices a result depends on. It is no search for the best recipe: the best of many values is best by chance in
part. The difference that is followed: `evaluation.class_difference`.
"""

from smilejax.evaluation.multiverse.explore import FusedTraces, Multiverse, RecipeResults, cleaned_traces, explore
from smilejax.evaluation.multiverse.multiverse_tables import (
    Marginal,
    Overall,
    definition,
    marginals,
    overall,
    recipe_table,
    sentences,
    trace_table,
)
from smilejax.evaluation.multiverse.quick_classifier import QuickScore
from smilejax.evaluation.multiverse.recipe_grid import DEFAULT_VARY, MAX_RECIPES, RecipeGrid, SettingValue, recipe_grid

__all__ = [
    "DEFAULT_VARY",
    "MAX_RECIPES",
    "FusedTraces",
    "Marginal",
    "Multiverse",
    "Overall",
    "QuickScore",
    "RecipeGrid",
    "RecipeResults",
    "SettingValue",
    "cleaned_traces",
    "definition",
    "explore",
    "marginals",
    "overall",
    "recipe_grid",
    "recipe_table",
    "sentences",
    "trace_table",
]
