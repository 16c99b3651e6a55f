"""Tell genuine from posed smiles by the pupils of those who watch them, with JAX and Flax.

Names are loaded when first used, so that `import smilejax` is quick and imports neither jax nor orbax.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # for type checkers and editors; a test holds it against the table below
    from smilejax.controls import ControlResult as ControlResult
    from smilejax.controls import pupil_features as pupil_features
    from smilejax.controls import run_controls as run_controls
    from smilejax.dataset import Dataset as Dataset
    from smilejax.dataset import Verdict as Verdict
    from smilejax.errors import SmilejaxError as SmilejaxError
    from smilejax.model import logits as logits
    from smilejax.predictor import Predictor as Predictor
    from smilejax.predictor import load as load
    from smilejax.preprocess import Reason as Reason
    from smilejax.preprocess import clean as clean
    from smilejax.preprocess import prepare as prepare
    from smilejax.readers import read as read
    from smilejax.readers import write_tidy as write_tidy
    from smilejax.relabelling import Relabelled as Relabelled
    from smilejax.relabelling import Relabelling as Relabelling
    from smilejax.relabelling import check_classes as check_classes
    from smilejax.relabelling import relabel as relabel
    from smilejax.relabelling import scheme_of as scheme_of
    from smilejax.runs import Plan as Plan
    from smilejax.runs import SavedRuns as SavedRuns
    from smilejax.runs import load_runs as load_runs
    from smilejax.runs import train_runs as train_runs
    from smilejax.settings import ModelSettings as ModelSettings
    from smilejax.settings import PowerSettings as PowerSettings
    from smilejax.settings import ReadSettings as ReadSettings
    from smilejax.settings import Recipe as Recipe
    from smilejax.settings import SimulationSettings as SimulationSettings
    from smilejax.settings import StudySettings as StudySettings
    from smilejax.settings import TrainingSettings as TrainingSettings
    from smilejax.simulate import Destruction as Destruction
    from smilejax.simulate import Simulation as Simulation
    from smilejax.simulate import Truth as Truth
    from smilejax.simulate import simulate_study as simulate_study
    from smilejax.simulate import truth_table as truth_table
    from smilejax.splits import Folds as Folds
    from smilejax.splits import by_participant as by_participant
    from smilejax.splits import by_participant_and_stimulus as by_participant_and_stimulus
    from smilejax.splits import by_smiler as by_smiler
    from smilejax.splits import by_stimulus as by_stimulus
    from smilejax.splits import check_folds as check_folds
    from smilejax.splits import hold_out as hold_out
    from smilejax.splits import hold_out_participants as hold_out_participants
    from smilejax.splits import hold_out_smilers as hold_out_smilers
    from smilejax.splits import hold_out_trials as hold_out_trials
    from smilejax.splits import inner_validation as inner_validation
    from smilejax.splits import shuffle_trials as shuffle_trials
    from smilejax.study import Study as Study
    from smilejax.study import evaluate as evaluate
    from smilejax.study import load_study as load_study
    from smilejax.study import numbers_of as numbers_of
    from smilejax.study import prepare_study as prepare_study
    from smilejax.torch_weights import from_torch as from_torch
    from smilejax.torch_weights import to_torch as to_torch
    from smilejax.training import Progress as Progress
    from smilejax.training import RunResult as RunResult
    from smilejax.training import Status as Status
    from smilejax.training import train as train
    from smilejax.trials import Finding as Finding
    from smilejax.trials import Source as Source
    from smilejax.trials import Trials as Trials

_HOMES = {
    "Trials": "trials",
    "Finding": "trials",
    "Source": "trials",
    "SmilejaxError": "errors",
    "ReadSettings": "settings",
    "SimulationSettings": "settings",
    "Recipe": "settings",
    "ModelSettings": "settings",
    "TrainingSettings": "settings",
    "read": "readers",
    "write_tidy": "readers",
    "simulate_study": "simulate",
    "Simulation": "simulate",
    "Truth": "simulate",
    "truth_table": "simulate",
    "Destruction": "simulate",
    "Dataset": "dataset",
    "Verdict": "dataset",
    "Reason": "preprocess",
    "clean": "preprocess",
    "prepare": "preprocess",
    "hold_out_participants": "splits",
    "hold_out_smilers": "splits",
    "Plan": "runs",
    "train_runs": "runs",
    "load_runs": "runs",
    "SavedRuns": "runs",
    "Folds": "splits",
    "by_participant": "splits",
    "by_participant_and_stimulus": "splits",
    "by_smiler": "splits",
    "by_stimulus": "splits",
    "check_folds": "splits",
    "hold_out": "splits",
    "hold_out_trials": "splits",
    "inner_validation": "splits",
    "shuffle_trials": "splits",
    "Relabelled": "relabelling",
    "Relabelling": "relabelling",
    "relabel": "relabelling",
    "scheme_of": "relabelling",
    "check_classes": "relabelling",
    "logits": "model",
    "from_torch": "torch_weights",
    "to_torch": "torch_weights",
    "train": "training",
    "RunResult": "training",
    "Status": "training",
    "Progress": "training",
    "Predictor": "predictor",
    "load": "predictor",
    "ControlResult": "controls",
    "Study": "study",
    "StudySettings": "settings",
    "PowerSettings": "settings",
    "evaluate": "study",
    "load_study": "study",
    "numbers_of": "study",
    "prepare_study": "study",
    "pupil_features": "controls",
    "run_controls": "controls",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'smilejax' has no attribute {name!r}")
    value = getattr(import_module(f"smilejax.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
