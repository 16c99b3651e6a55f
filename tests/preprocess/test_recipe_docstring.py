"""What the docstring of `Recipe` lists follows its steps: no setting that is gone, and no step left out."""

import dataclasses
import re

from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps import STEPS

SETTINGS = {field.name for field in dataclasses.fields(Recipe)}
LISTED = set(re.findall(r"`(\w+)`", (Recipe.__doc__ or "").split("`Recipe.named`")[0]))


def test_every_setting_listed_exists() -> None:
    assert LISTED <= SETTINGS
    assert len(LISTED) > 15


def test_every_setting_that_turns_a_step_off_is_listed() -> None:
    off = {name for step in STEPS for name, value in step.off if value is None}
    assert off
    assert off <= LISTED
