"""Many trainings as one program: a plan of runs, cut into chunks, kept on disk as they end, resumed, shared by processes."""

from smilejax.training.plans.plan import Plan
from smilejax.training.plans.runs_table import runs_table
from smilejax.training.plans.saved_runs import SavedRuns, load_runs
from smilejax.training.plans.train_plan import train_runs

__all__ = ["Plan", "SavedRuns", "load_runs", "runs_table", "train_runs"]
