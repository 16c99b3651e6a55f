"""One training: what it is as data (`run`), what it does (`learning`), its compiled programs (`programs`), and `train`."""

from smilejax.training.learning import train_run
from smilejax.training.programs import Programs
from smilejax.training.run import MAX_LOSS, Progress, Reporter, Run, RunResult, Scores, Status, make_run
from smilejax.training.single import train

__all__ = [
    "MAX_LOSS",
    "Programs",
    "Progress",
    "Reporter",
    "Run",
    "RunResult",
    "Scores",
    "Status",
    "make_run",
    "train",
    "train_run",
]
