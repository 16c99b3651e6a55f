"""Every setting: frozen dataclasses, unit in the name, range checked at construction. No JAX in here.

Settings are hashable values: they are compared, printed, saved as JSON beside every result, and closed over by compiled
programs. What may vary between runs without changing a shape is an argument of `training.Run` instead.
"""

from smilejax.settings.checks import MAX_SEED, check_seed, samples_in
from smilejax.settings.described import Described, steps
from smilejax.settings.power import Classifier, PowerSettings
from smilejax.settings.reading import ReadSettings
from smilejax.settings.recipe import (
    CHANNELS,
    RECIPES,
    Channel,
    Correction,
    Interpolation,
    Recipe,
    RecipeName,
    Statistic,
    varied,
)
from smilejax.settings.simulation import Sentinel, SimulationSettings
from smilejax.settings.stored import from_json, to_json
from smilejax.settings.study import Scheme, StudySettings
from smilejax.settings.training import Cell, ModelSettings, Optimizer, TrainingSettings

__all__ = [
    "CHANNELS",
    "MAX_SEED",
    "RECIPES",
    "Cell",
    "Channel",
    "Classifier",
    "Correction",
    "Described",
    "Interpolation",
    "ModelSettings",
    "Optimizer",
    "PowerSettings",
    "ReadSettings",
    "Recipe",
    "RecipeName",
    "Scheme",
    "Sentinel",
    "SimulationSettings",
    "Statistic",
    "StudySettings",
    "TrainingSettings",
    "check_seed",
    "from_json",
    "samples_in",
    "steps",
    "to_json",
    "varied",
]
