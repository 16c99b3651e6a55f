"""How far a finding moves with the choices of cleaning: one recording, all recipes of a grid, one finding each.

Multiverse analysis after Steegen et al. (2016), drawn as a specification curve after Simonsohn, Simmons & Nelson (2020).
It shows what a finding hangs on. It is no search: whoever reports the recipe with the best value reports the luckiest one.
"""

from smilejax.evaluation.multiverse.class_difference import Contrast, Curve, Stretch
from smilejax.evaluation.multiverse.explore import Multiverse, RecipeResults, Seen, cleaned_traces, explore
from smilejax.evaluation.multiverse.multiverse_tables import (
    Marginal,
    Overall,
    marginals,
    overall,
    recipe_table,
    sentences,
    trace_table,
)
from smilejax.evaluation.multiverse.quick_classifier import Score
from smilejax.evaluation.multiverse.recipe_grid import DEFAULT_VARY, MAX_RECIPES, RecipeGrid, recipe_grid

__all__ = [
    "DEFAULT_VARY",
    "MAX_RECIPES",
    "Contrast",
    "Curve",
    "Marginal",
    "Multiverse",
    "Overall",
    "RecipeGrid",
    "RecipeResults",
    "Score",
    "Seen",
    "Stretch",
    "cleaned_traces",
    "explore",
    "marginals",
    "overall",
    "recipe_grid",
    "recipe_table",
    "sentences",
    "trace_table",
]
