"""One training: as data (`run`), one step of it (`train_step`), its epochs (`epochs`), its compiled programs, and `train`."""

from smilejax.training.epochs import train_run
from smilejax.training.programs import Programs
from smilejax.training.progress import print_epochs, print_runs
from smilejax.training.run import (
    MAX_LOSS,
    EpochProgress,
    OnEpochEnd,
    Run,
    RunResult,
    RunStatus,
    Scores,
    make_run,
    standardised_channels,
)
from smilejax.training.train import train
from smilejax.training.train_state import TrainState, initial_state
from smilejax.training.train_step import Minibatch, train_step

__all__ = [
    "MAX_LOSS",
    "EpochProgress",
    "Minibatch",
    "OnEpochEnd",
    "Programs",
    "Run",
    "RunResult",
    "RunStatus",
    "Scores",
    "TrainState",
    "initial_state",
    "make_run",
    "print_epochs",
    "print_runs",
    "standardised_channels",
    "train",
    "train_run",
    "train_step",
]
