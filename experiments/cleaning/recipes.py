"""What the named recipes do, in the words of `smilejax.preprocess.recipe_in_words.steps`."""

from cleaning.tables import heading
from smilejax import Recipe
from smilejax.preprocess.recipe import RECIPES, RecipeName
from smilejax.preprocess.recipe_in_words import steps


def run(trials: int, seed: int) -> None:
    """Print a table for each recipe; simulates nothing."""
    heading("Recipes", "For recordings in mm.")
    for name in RECIPES:
        print(f"\n**`{name}`**\n\n{described(name)}")


def described(name: RecipeName) -> str:
    """The table of a recipe: its steps in their order, what each does, and whose it is."""
    rows = [f"| {step.name} | {step.does} | {step.source} |" for step in steps(Recipe.named(name), in_mm=True)]
    return "\n".join(["| step | what it does | source |", "|---|---|---|", *rows])
