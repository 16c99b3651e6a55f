"""One training: what it is as data (`run`), what it does (`learning`), its compiled programs (`programs`), and `train`."""

from smilejax.training.programs import Programs
from smilejax.training.run import MAX_LOSS, EpochProgress, OnEpochEnd, Run, RunResult, RunStatus, Scores, make_run
from smilejax.training.train import train
from smilejax.training.train_state import train_run

__all__ = [
    "MAX_LOSS",
    "EpochProgress",
    "OnEpochEnd",
    "Programs",
    "Run",
    "RunResult",
    "RunStatus",
    "Scores",
    "make_run",
    "train",
    "train_run",
]
