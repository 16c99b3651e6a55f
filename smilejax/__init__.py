"""Classify genuine and posed smiles by the pupils of those who watch them or the faces of those who smile, with JAX and Flax.

Names are loaded when first used, so that `import smilejax` is quick and imports neither jax nor orbax.
"""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

__version__ = "0.2.0.dev0"

if TYPE_CHECKING:  # for type checkers and editors; a test holds it against the table below
    from smilejax._util.errors import SmilejaxError as SmilejaxError
    from smilejax.classifiers import ReferenceResult as ReferenceResult
    from smilejax.classifiers import pupil_features as pupil_features
    from smilejax.classifiers import run_reference_classifiers as run_reference_classifiers
    from smilejax.evaluation.study import Study as Study
    from smilejax.evaluation.study import compute_results as compute_results
    from smilejax.evaluation.study import evaluate as evaluate
    from smilejax.evaluation.study import load_study as load_study
    from smilejax.evaluation.study import methods_paragraph as methods_paragraph
    from smilejax.evaluation.study import prepare_study as prepare_study
    from smilejax.evaluation.study import results_paragraph as results_paragraph
    from smilejax.exports.bids_derivative import export_bids as export_bids
    from smilejax.exports.jax_program import export_jax as export_jax
    from smilejax.exports.onnx_model import export_onnx as export_onnx
    from smilejax.exports.study_tables_folder import export_tables as export_tables
    from smilejax.models.network import logits as logits
    from smilejax.models.network import register_network as register_network
    from smilejax.models.torch_weights import from_torch as from_torch
    from smilejax.models.torch_weights import to_torch as to_torch
    from smilejax.prediction.predictor import Predictor as Predictor
    from smilejax.prediction.predictor import load_model as load_model
    from smilejax.prediction.train_model import train_model as train_model
    from smilejax.preprocess.cleaning import clean as clean
    from smilejax.preprocess.cleaning import prepare as prepare
    from smilejax.preprocess.dataset import Dataset as Dataset
    from smilejax.preprocess.face_recipe import FaceRecipe as FaceRecipe
    from smilejax.preprocess.reasons import Reason as Reason
    from smilejax.preprocess.recipe import Recipe as Recipe
    from smilejax.preprocess.trial_status import TrialStatus as TrialStatus
    from smilejax.readers import read as read
    from smilejax.readers import read_stimulus_table as read_stimulus_table
    from smilejax.readers import write_tidy as write_tidy
    from smilejax.readers.faces.read_crops import read_crops as read_crops
    from smilejax.recordings.apex_frames import apex_frames as apex_frames
    from smilejax.recordings.face_crops import FaceCrops as FaceCrops
    from smilejax.recordings.faces import Faces as Faces
    from smilejax.recordings.recording import Recording as Recording
    from smilejax.recordings.source import Finding as Finding
    from smilejax.recordings.source import Source as Source
    from smilejax.recordings.stimulus_table import Covariate as Covariate
    from smilejax.recordings.stimulus_table import StimulusTable as StimulusTable
    from smilejax.recordings.trials import Trials as Trials
    from smilejax.settings.face_simulation_settings import FaceSimulationSettings as FaceSimulationSettings
    from smilejax.settings.power_settings import PowerSettings as PowerSettings
    from smilejax.settings.read_settings import ReadSettings as ReadSettings
    from smilejax.settings.simulation_settings import SimulationSettings as SimulationSettings
    from smilejax.settings.study_settings import StudySettings as StudySettings
    from smilejax.settings.training_settings import ModelSettings as ModelSettings
    from smilejax.settings.training_settings import TrainingSettings as TrainingSettings
    from smilejax.simulate import Destruction as Destruction
    from smilejax.simulate import FaceSimulation as FaceSimulation
    from smilejax.simulate import Simulation as Simulation
    from smilejax.simulate import SmileCourses as SmileCourses
    from smilejax.simulate import Truth as Truth
    from smilejax.simulate import face_truth_table as face_truth_table
    from smilejax.simulate import simulate_faces as simulate_faces
    from smilejax.simulate import simulate_study as simulate_study
    from smilejax.simulate import smile_courses as smile_courses
    from smilejax.simulate import truth_table as truth_table
    from smilejax.sklearn import TrialClassifier as TrialClassifier
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
    from smilejax.splits.permutations import PermutationScheme as PermutationScheme
    from smilejax.splits.permutations import PermutedLabels as PermutedLabels
    from smilejax.splits.permutations import check_classes as check_classes
    from smilejax.splits.permutations import permutation_scheme as permutation_scheme
    from smilejax.splits.permutations import permute_labels as permute_labels
    from smilejax.training import EpochProgress as EpochProgress
    from smilejax.training import Run as Run
    from smilejax.training import RunResult as RunResult
    from smilejax.training import RunStatus as RunStatus
    from smilejax.training import make_run as make_run
    from smilejax.training import train as train
    from smilejax.training import train_run as train_run
    from smilejax.training import train_step as train_step
    from smilejax.training.plans import Plan as Plan
    from smilejax.training.plans import SavedRuns as SavedRuns
    from smilejax.training.plans import load_runs as load_runs
    from smilejax.training.plans import train_runs as train_runs

_HOMES = {
    "Covariate": "recordings.stimulus_table",
    "Dataset": "preprocess.dataset",
    "Destruction": "simulate",
    "EpochProgress": "training",
    "Finding": "recordings.source",
    "FaceCrops": "recordings.face_crops",
    "FaceRecipe": "preprocess.face_recipe",
    "FaceSimulation": "simulate",
    "FaceSimulationSettings": "settings.face_simulation_settings",
    "Faces": "recordings.faces",
    "Folds": "splits",
    "ModelSettings": "settings.training_settings",
    "PermutationScheme": "splits.permutations",
    "PermutedLabels": "splits.permutations",
    "Plan": "training.plans",
    "PowerSettings": "settings.power_settings",
    "Predictor": "prediction.predictor",
    "ReadSettings": "settings.read_settings",
    "Reason": "preprocess.reasons",
    "Recipe": "preprocess.recipe",
    "Recording": "recordings.recording",
    "ReferenceResult": "classifiers",
    "Run": "training",
    "RunResult": "training",
    "RunStatus": "training",
    "SavedRuns": "training.plans",
    "Simulation": "simulate",
    "SimulationSettings": "settings.simulation_settings",
    "SmileCourses": "simulate",
    "SmilejaxError": "_util.errors",
    "Source": "recordings.source",
    "StimulusTable": "recordings.stimulus_table",
    "Study": "evaluation.study",
    "StudySettings": "settings.study_settings",
    "TrainingSettings": "settings.training_settings",
    "TrialClassifier": "sklearn",
    "TrialStatus": "preprocess.trial_status",
    "Trials": "recordings.trials",
    "Truth": "simulate",
    "apex_frames": "recordings.apex_frames",
    "by_participant": "splits",
    "by_participant_and_stimulus": "splits",
    "by_smiler": "splits",
    "by_stimulus": "splits",
    "check_classes": "splits.permutations",
    "check_folds": "splits",
    "clean": "preprocess.cleaning",
    "compute_results": "evaluation.study",
    "evaluate": "evaluation.study",
    "export_bids": "exports.bids_derivative",
    "export_jax": "exports.jax_program",
    "export_onnx": "exports.onnx_model",
    "export_tables": "exports.study_tables_folder",
    "face_truth_table": "simulate",
    "from_torch": "models.torch_weights",
    "hold_out": "splits",
    "hold_out_participants": "splits",
    "hold_out_smilers": "splits",
    "hold_out_trials": "splits",
    "inner_validation": "splits",
    "load_model": "prediction.predictor",
    "load_runs": "training.plans",
    "load_study": "evaluation.study",
    "logits": "models.network",
    "make_run": "training",
    "methods_paragraph": "evaluation.study",
    "permutation_scheme": "splits.permutations",
    "permute_labels": "splits.permutations",
    "prepare": "preprocess.cleaning",
    "prepare_study": "evaluation.study",
    "pupil_features": "classifiers",
    "read": "readers",
    "read_crops": "readers.faces.read_crops",
    "read_stimulus_table": "readers",
    "register_network": "models.network",
    "results_paragraph": "evaluation.study",
    "run_reference_classifiers": "classifiers",
    "shuffle_trials": "splits",
    "simulate_faces": "simulate",
    "simulate_study": "simulate",
    "smile_courses": "simulate",
    "to_torch": "models.torch_weights",
    "train": "training",
    "train_model": "prediction.train_model",
    "train_run": "training",
    "train_runs": "training.plans",
    "train_step": "training",
    "truth_table": "simulate",
    "write_tidy": "readers",
}

__all__, __getattr__, __dir__ = lazy_names(__name__, _HOMES)
