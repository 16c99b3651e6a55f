"""What the commands take: dataclasses from which tyro makes the options. Their docstrings are the help texts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from smilejax.settings import ReadSettings, Recipe, SimulationSettings, TrainingSettings


@dataclass(frozen=True)
class Demo:
    """Simulate a study, train, save, predict on held-out trials, and print how well that went."""

    out: Path = Path("smilejax-demo")
    """Folder for everything the demo makes."""
    seed: int = 0
    """Seed of the study and of the training, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace what an earlier demo left in the folder."""


@dataclass(frozen=True)
class Simulate:
    """Simulate a study with known truth and write it as a tidy table: one row per sample."""

    out: Path
    """File to write: .csv, .tsv, .parquet or .xlsx. Settings and seed go beside it as FILE.json."""
    truth: Path | None = None
    """File for the truth, in the same formats: clean pupil, and what destroyed each sample."""
    settings: SimulationSettings = field(default_factory=SimulationSettings)
    seed: int = 0
    """Seed of the study, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace existing files."""


@dataclass(frozen=True)
class Check:
    """Read recordings and say what was understood: columns, unit, missing values, rate, classes. Writes nothing."""

    data: Positional[Path]
    """File or folder with the recordings."""
    read: ReadSettings = field(default_factory=ReadSettings)


@dataclass(frozen=True)
class Train:
    """Train on recordings, score held-out participants, and save the model."""

    data: Positional[Path]
    """File or folder with the recordings."""
    out: Path
    """Folder for the model, its settings and its history."""
    preset: Literal["default", "report"] = "default"
    """default: settings that learn. report: those of the project report. Single options override either."""
    holdout: float = 0.25
    """Share of participants scored and never trained on, 0 to below 1; 0 trains on all and scores none."""
    read: ReadSettings = field(default_factory=ReadSettings)
    recipe: Recipe = field(default_factory=Recipe)
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    seed: int = 0
    """Seed of the split and of the training, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace a model saved there."""


@dataclass(frozen=True)
class Predict:
    """Answer for new recordings with a saved model, and write a table: one row per trial."""

    model: Positional[Path]
    """Folder that `smilejax train` wrote."""
    data: Positional[Path]
    """File or folder with the recordings; labels are not needed."""
    out: Path
    """Table to write: .csv, .tsv, .parquet or .xlsx."""
    read: ReadSettings = field(default_factory=ReadSettings)
    overwrite: bool = False
    """Replace an existing table."""


Command = Demo | Simulate | Check | Train | Predict
