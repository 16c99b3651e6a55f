"""What the commands take: dataclasses from which tyro makes the options. Their docstrings are the help texts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, get_args

from tyro.conf import FlagCreatePairsOff, Positional, UseAppendAction, arg

from smilejax.preprocess.recipe import Recipe, RecipeName
from smilejax.settings import PowerSettings, ReadSettings, Scheme, SimulationSettings, StudySettings, TrainingSettings

Switch = Annotated[bool, FlagCreatePairsOff]
"""Off unless given. Settings that can be either get a pair of options, since the recipe named settles their default."""
File = Annotated[Path | None, arg(metavar="FILE")]
Preset = Literal["default", "report"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
Base = Annotated[
    RecipeName,
    arg(
        name="recipe",
        help="Recipe to start from; single options override it. default: our choices. report: the project report's. "
        "kret2019: Kret & Sjak-Shie (2019) with their numbers. minimal: plausible range, short gaps, baseline.",
    ),
]
Reading = Annotated[
    ReadSettings,
    arg(help="How the file is to be read. What is left at none is recognised or inferred, and said."),
]
Cleaning = Annotated[
    Recipe,
    arg(
        help="What is done to every trial, in the order in which `smilejax clean` lists it; none leaves a step out. "
        "The defaults are those of the recipe named by --recipe."
    ),
]
Varied = Annotated[
    tuple[str, ...],
    UseAppendAction,
    arg(
        metavar="NAME=V1,V2,...",
        help="A recipe's setting and the values it takes in turn: max_gap_ms=250,400,inf, or lowpass_hz=none,4, or "
        "range_mm=1.5:9,2:8, or recipe=default,kret2019 for the recipe itself. Without any: 216 recipes of choices on which "
        "published work differs.",
    ),
]


@dataclass(frozen=True)
class DemoCommand:
    """SimulateCommand a study, train, save, predict on held-out trials, and print how well that went."""

    out: Path = Path("smilejax-demo")
    """Folder for everything the demo makes."""
    seed: int = 0
    """Seed of the study and of the training, 0 to 2**32 - 1."""
    overwrite: Switch = False
    """Replace what an earlier demo left in the folder."""


@dataclass(frozen=True)
class SimulateCommand:
    """SimulateCommand a study with known truth and write it as a tidy table: one row per sample."""

    out: Path
    """File to write: .csv, .tsv, .parquet or .xlsx. Settings and seed go beside it as FILE.json."""
    truth: Path | None = None
    """File for the truth, in the same formats: clean pupil, and what destroyed each sample."""
    settings: SimulationSettings = field(default_factory=SimulationSettings)
    seed: int = 0
    """Seed of the study, 0 to 2**32 - 1."""
    overwrite: Switch = False
    """Replace existing files."""


@dataclass(frozen=True)
class CheckCommand:
    """Read recordings and say what was understood: columns, unit, missing values, rate, classes. Writes nothing."""

    data: Positional[Path]
    """File or folder with the recordings."""
    read: Reading = field(default_factory=ReadSettings)


@dataclass(frozen=True)
class CleanCommand:
    """CleanCommand recordings by a recipe, and say what it did and what is left."""

    data: Positional[Path]
    """File or folder with the recordings; labels are not needed."""
    base: Base = "default"
    show_trial: Annotated[str | None, arg(metavar="TRIAL")] = None
    """Trial to tell more of: its quality, and with --plot a figure."""
    show_participant: Annotated[str | None, arg(metavar="PARTICIPANT")] = None
    """Whose trial, where several participants have one of that name."""
    plot: File = None
    """Figure of that trial: recorded, cleaned, and the reason for every sample; .png, .svg or .pdf."""
    out: File = None
    """Table of the cleaned data, one row per trial and step: .csv, .tsv, .parquet or .xlsx."""
    samples: File = None
    """Table of the samples as recorded, each with its reasons, in the same formats."""
    quality: File = None
    """Table of what each trial is worth, one row per trial, in the same formats."""
    overwrite: Switch = False
    """Replace existing files."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Cleaning = field(default_factory=Recipe)


@dataclass(frozen=True)
class TrainCommand:
    """TrainCommand on recordings, score held-out participants, and save the model."""

    data: Positional[Path]
    """File or folder with the recordings."""
    out: Path
    """Folder for the model, its settings and its history."""
    preset: Preset = "default"
    """default: settings that learn. report: those of the project report, its recipe too. Single options override either."""
    base: Base = "default"
    holdout: float = 0.25
    """Share of participants scored and never trained on, 0 to below 1; 0 trains on all and scores none."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Cleaning = field(default_factory=Recipe)
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    seed: int = 0
    """Seed of the split and of the training, 0 to 2**32 - 1."""
    overwrite: Switch = False
    """Replace a model saved there."""


@dataclass(frozen=True)
class Processes:
    """One process of several that share a plan. Under Slurm, Open MPI or Kubernetes `--distributed` alone is enough."""

    distributed: Switch = False
    """Take a share of the runs; the first process writes."""
    coordinator: Annotated[str | None, arg(metavar="HOST:PORT")] = None
    """Where the first process listens; found by itself under Slurm, Open MPI and Kubernetes."""
    processes: int | None = None
    """How many processes there are."""
    process: int | None = None
    """Which one this is, from 0."""


@dataclass(frozen=True)
class TrainManyCommand:
    """TrainCommand on every fold with every seed, rate and permutation; keep what each run gave."""

    data: Positional[Path]
    """File or folder with the recordings."""
    out: Path
    """Folder for the results of the runs; they are there as they end, and --resume goes on with them."""
    preset: Preset = "default"
    """default: settings that learn. report: those of the project report, its recipe too. Single options override either."""
    base: Base = "default"
    split: Literal["participant", "stimulus", "participant-and-stimulus", "shuffled"] = "participant"
    """What a scored trial must not share with a trained one. shuffled is the report's, and leaks."""
    folds: int | None = None
    """Folds; none leaves out one participant or stimulus at a time (5 where shuffled). With both: blocks of either."""
    repeats: int = 1
    """How often trials are dealt into folds anew."""
    seeds: int = 10
    """Trainings of each fold: seeds 0 to this less 1, from --seed on."""
    rates: tuple[float, ...] = ()
    """Learning rates to compare; --learning-rate where none is given."""
    decays: tuple[float, ...] = ()
    """Weight decays to compare (adamw)."""
    dropouts: tuple[float, ...] = ()
    """Dropout rates to compare."""
    permutations: int = 0
    """Trainings on permuted labels beside each on the true ones. Folds are then dealt without a look at the labels."""
    scheme: Scheme | None = None
    """Among what labels are permuted; by default where they live in the design."""
    parameters: Switch = False
    """Keep the trained parameters too."""
    resume: Switch = False
    """Go on with what is in the folder."""
    devices: int | None = None
    """Devices to use, by default all; on a CPU virtual ones, by default one for each core."""
    memory_mib: float | None = None
    """Most memory that programs may use, in MiB, above 0; by default half of what is free."""
    verify: Switch = False
    """Before all else, compare the bits that one device and all give for the first run."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Cleaning = field(default_factory=Recipe)
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    share: Processes = field(default_factory=Processes)
    seed: int = 0
    """First seed, and that of folds and permutations, 0 to 2**32 - 1."""


@dataclass(frozen=True)
class EvaluateCommand:
    """How well, how sure, compared with what: train by every protocol, test by permutation, run controls, write a report."""

    data: Positional[Path]
    """File or folder with the recordings."""
    out: Path
    """Folder for the study: numbers, tables, the model of use and report.html."""
    preset: Preset = "default"
    """default: settings that learn. report: those of the project report, its recipe too. Single options override either."""
    base: Base = "default"
    rates: tuple[float, ...] = ()
    """Learning rates to choose among, inside each fold; --learning-rate where none is given."""
    decays: tuple[float, ...] = ()
    """Weight decays to choose among (adamw), likewise."""
    dropouts: tuple[float, ...] = ()
    """Dropout rates to choose among, likewise."""
    resume: Switch = False
    """Go on with a study that was stopped."""
    devices: int | None = None
    """Devices to use; on a CPU virtual ones, by default one for each core."""
    memory_mib: float | None = None
    """Most memory that programs may use, in MiB; by default half of what is free."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Cleaning = field(default_factory=Recipe)
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    study: StudySettings = field(default_factory=StudySettings)


@dataclass(frozen=True)
class ReportCommand:
    """Make the page of a study, and print its verdict, without training again."""

    study: Positional[Path]
    """Folder that `smilejax evaluate` wrote."""
    out: File = None
    """Page to write, .html; report.html in the folder of the study, made anew, where none is named."""
    recompute: Switch = False
    """Compute every number anew from what was measured."""
    overwrite: Switch = False
    """Replace an existing page."""


@dataclass(frozen=True)
class PowerCommand:
    """How many observers would it take? SimulateCommand studies over a grid, and say how many would be significant."""

    effects: tuple[float, ...] = ()
    """Effects in mm; --effect-mm where none is given."""
    participant_counts: tuple[int, ...] = ()
    """Numbers of participants; --participants where none is given."""
    smiler_counts: tuple[int, ...] = ()
    """Numbers of smilers, each of two stimuli; --smilers where none is given."""
    out: File = None
    """Table with one row per design: .csv, .tsv, .parquet or .xlsx."""
    overwrite: Switch = False
    """Replace an existing table."""
    devices: int | None = None
    """Devices to use, as in train-many."""
    base: Base = "default"
    resample_hz: float | None = None
    """Rate at which the classifier sees a trial, in Hz; the recipe's where none is given."""
    settings: PowerSettings = field(default_factory=PowerSettings)
    simulation: SimulationSettings = field(default_factory=SimulationSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)


@dataclass(frozen=True)
class PredictCommand:
    """Answer for new recordings with a saved model, and write a table: one row per trial."""

    model: Positional[Path]
    """Folder that `smilejax train` wrote."""
    data: Positional[Path]
    """File or folder with the recordings; labels are not needed."""
    out: Path
    """Table to write: .csv, .tsv, .parquet or .xlsx."""
    read: Reading = field(default_factory=ReadSettings)
    overwrite: Switch = False
    """Replace an existing table."""


@dataclass(frozen=True)
class MultiverseCommand:
    """CleanCommand by every combination of some settings, and say how far a finding moves."""

    data: Positional[Path]
    """File or folder with the recordings."""
    base: Base = "default"
    vary: Varied = ()
    window_ms: tuple[float, float] | None = None
    """Window of the difference, in ms from the start of the trial; none takes 1000 to the end."""
    seed: int = 0
    """Seed of the folds by which the classifier is scored, 0 to 2**32 - 1."""
    out: File = None
    """Table with one row per recipe: .csv, .tsv, .parquet or .xlsx."""
    traces: File = None
    """Table with one row per recipe and step in time, in the same formats."""
    plot: File = None
    """Figure of all recipes, a specification curve: .png, .svg or .pdf."""
    overwrite: Switch = False
    """Replace existing files."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Cleaning = field(default_factory=Recipe)


Command = (
    DemoCommand
    | SimulateCommand
    | CheckCommand
    | CleanCommand
    | TrainCommand
    | TrainManyCommand
    | EvaluateCommand
    | ReportCommand
    | PowerCommand
    | PredictCommand
    | MultiverseCommand
)


def lists_of(command: TrainManyCommand | EvaluateCommand) -> dict[str, tuple[float, ...]]:
    """What --rates, --decays and --dropouts list, by the names of the settings."""
    lists = {"learning_rate": command.rates, "weight_decay": command.decays, "dropout": command.dropouts}
    return {name: values for name, values in lists.items() if values}
