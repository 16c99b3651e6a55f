"""Messages of the library in the words of the command line: settings by their options."""

import dataclasses
import re

from smilejax.preprocess.recipe import Recipe
from smilejax.settings import (
    ModelSettings,
    PowerSettings,
    ReadSettings,
    SimulationSettings,
    StudySettings,
    TrainingSettings,
)

CLASSES = (ReadSettings, Recipe, SimulationSettings, TrainingSettings, ModelSettings, StudySettings, PowerSettings)
NAMES = {f.name: f.name for cls in CLASSES for f in dataclasses.fields(cls) if f.name != "model"}
"""Settings that are options of their own name."""
OTHERS = {
    "seed": "seed",
    "holdout": "holdout",
    "folds": "folds",
    "repeats": "repeats",
    "participant_blocks": "folds",
    "stimulus_blocks": "folds",
    "memory_bytes": "memory_mib",
}
"""Arguments of functions, and the options from which they come."""
_ALL = NAMES | OTHERS
_FIRST = re.compile(rf"^({'|'.join(_ALL)})(?= must )")
_ANYWHERE = re.compile(rf"(?<![\w=-])({'|'.join(name for name in _ALL if '_' in name)})(?![\w=])")


def as_options(message: str) -> str:
    """A message about settings, with options in place of their names.

    A name of one word is a word like others, and is an option only where it says what must be how.

    Example:
        >>> as_options("epochs must be a whole number from 1 up; it is 0.")
        '--epochs must be a whole number from 1 up; it is 0.'
        >>> as_options("lower batch, or the recipe's resample_hz.")
        "lower batch, or the recipe's --resample-hz."
    """

    def option(found: re.Match[str]) -> str:
        return "--" + _ALL[found[1]].replace("_", "-")

    return _ANYWHERE.sub(option, _FIRST.sub(option, message))
