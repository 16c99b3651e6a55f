"""Many trainings as one program: a plan of runs, cut into chunks, kept on disk as they end, resumed, shared by processes."""

from smilejax.runs.plan import Plan
from smilejax.runs.running import train_runs
from smilejax.runs.storage import SavedRuns, load_runs
from smilejax.runs.summary import summary

__all__ = ["Plan", "SavedRuns", "load_runs", "summary", "train_runs"]
