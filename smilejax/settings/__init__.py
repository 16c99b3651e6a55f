"""Every setting: frozen dataclasses, unit in the name, range checked at construction. No JAX in here.

Settings are hashable values: they are compared, printed, saved as JSON beside every result, and closed over by compiled
programs. What may vary between runs without changing a shape is an argument of `training.Run` instead.
"""

from smilejax.settings.checks import MAX_SEED, check_seed, samples_in
from smilejax.settings.classifier_names import Classifier, ClassifierKind
from smilejax.settings.face_simulation_settings import FaceSimulationSettings
from smilejax.settings.power_settings import PowerSettings
from smilejax.settings.read_settings import ReadSettings
from smilejax.settings.simulation_settings import Sentinel, SimulationSettings
from smilejax.settings.stored import from_json, to_json
from smilejax.settings.study_settings import Scheme, StudySettings
from smilejax.settings.training_settings import Cell, ModelSettings, Optimizer, TrainingSettings

__all__ = [
    "MAX_SEED",
    "Cell",
    "Classifier",
    "ClassifierKind",
    "FaceSimulationSettings",
    "ModelSettings",
    "Optimizer",
    "PowerSettings",
    "ReadSettings",
    "Scheme",
    "Sentinel",
    "SimulationSettings",
    "StudySettings",
    "TrainingSettings",
    "check_seed",
    "from_json",
    "samples_in",
    "to_json",
]
