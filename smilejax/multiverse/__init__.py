"""How far a finding moves with the choices of cleaning: one recording, all recipes of a grid, one finding each.

Multiverse analysis after Steegen et al. (2016), drawn as a specification curve after Simonsohn, Simmons & Nelson (2020).
It shows what a finding hangs on. It is no search: whoever reports the recipe with the best value reports the luckiest one.
"""

from smilejax.multiverse.contrast import Contrast, Curve, Stretch
from smilejax.multiverse.grid import DEFAULT_VARY, MAX_RECIPES, RecipeGrid, recipe_grid
from smilejax.multiverse.running import Multiverse, Outcome, Seen, explore, traces
from smilejax.multiverse.scoring import Score
from smilejax.multiverse.summary import Marginal, Overall, marginals, overall, recipe_table, sentences, trace_table

__all__ = [
    "DEFAULT_VARY",
    "MAX_RECIPES",
    "Contrast",
    "Curve",
    "Marginal",
    "Multiverse",
    "Outcome",
    "Overall",
    "RecipeGrid",
    "Score",
    "Seen",
    "Stretch",
    "explore",
    "marginals",
    "overall",
    "recipe_grid",
    "recipe_table",
    "sentences",
    "trace_table",
    "traces",
]
