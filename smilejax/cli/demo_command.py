"""`smilejax demo`: a simulated study from recordings to a report, and its model on a new recording."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, OutputError
from smilejax.cli import device_setup
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import SimulationSettings, StudySettings, TrainingSettings, check_seed

if TYPE_CHECKING:
    import pandas as pd

    from smilejax.recordings.trials import Trials

SIMULATED = SimulationSettings(participants=12, smilers=8)
OTHERS = SimulationSettings(participants=6, smilers=4)
QUICK = StudySettings(
    seeds=3,
    permutations=39,
    participant_folds=4,
    stimulus_folds=4,
    blocks=2,
    shuffled_folds=4,
    inner_seeds=2,
    attribution_seeds=1,
)
"""A study in a minute or two: fewer seeds and larger blocks than `evaluate` takes, and enough permutations for p = .025."""
TRAINED = TrainingSettings(epochs=16, learning_rate=0.006)
STUDY, RECORDING, NEXT, PREDICTIONS = "study", "recording.csv", "new.csv", "predictions.csv"


@dataclass(frozen=True)
class DemoArguments:
    """Simulate a study, evaluate it, write its report, and predict a new recording with its model. Takes a minute or two."""

    out: Annotated[Path, Arg(metavar="FOLDER")] = Path("smilejax-demo")
    """Folder for everything the demo makes."""
    seed: int = 0
    """Seed of the simulated study, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace what an earlier demo left in the folder."""


def run(arguments: DemoArguments) -> None:
    """Everything on a simulated study: the first thing a new user runs."""
    check_seed(arguments.seed)
    out = _folder(arguments.out, arguments.overwrite)

    from smilejax import readers
    from smilejax.cli import terminal
    from smilejax.cli.outputs import print_written
    from smilejax.cli.simulated import NEW, simulated
    from smilejax.cli.study_folder import StudyChoices, make_study
    from smilejax.evaluation.study.study_files import MODEL
    from smilejax.prediction.predictor import load_model

    with terminal.working("simulating a study"):
        trials = simulated(SIMULATED, arguments.seed).trials
        new = simulated(OTHERS, arguments.seed, NEW).trials
        readers.write_tidy(trials, out / RECORDING)
        readers.write_tidy(new, out / NEXT)
    _print_simulated(trials)
    choices = StudyChoices(Recipe(), TRAINED, QUICK, {})
    make_study(trials, choices, out / STUDY, data_from=None, devices=device_setup.chosen(None))
    model = out / STUDY / MODEL
    if model.exists():
        with terminal.working("predicting a new recording"):
            table = load_model(model).predict(new)
            readers.write_table(table, out / PREDICTIONS)
        _print_predictions(table, new)
    print_written([path for path in (out / RECORDING, out / NEXT, out / PREDICTIONS) if path.exists()])
    _print_next_steps(out)


def _folder(path: Path, overwrite: bool) -> Path:
    from smilejax._util.files import claim

    path = path.expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is not a folder.", hint=f"Name another with {SETTING.out}.")
    names = {entry.name for entry in path.iterdir()} if path.exists() else set()
    ours = {STUDY, RECORDING, NEXT, PREDICTIONS}
    # Only a folder that holds what a demo writes and nothing else is one: `study` alone is a common name.
    if names and not (overwrite and {RECORDING, NEXT} <= names <= ours):
        raise OutputError(
            f"{path} is not empty.",
            hint=f"Name another folder with {SETTING.out}, or give {SETTING.overwrite} to replace an earlier demo.",
        )
    claim(path / STUDY, overwrite=True, what="folder")
    if (path / STUDY).exists():
        from smilejax.evaluation.study.study_files import remove

        remove(path / STUDY)
    return path


def _print_simulated(trials: "Trials") -> None:
    from smilejax.cli import terminal

    participants, smilers = len(set(trials.participant)), len(set(trials.smiler or ()))
    missing = 1 - trials.measured().any(-1).sum() / trials.inside().sum()
    terminal.paragraph(
        f"A simulated study: {participants} participants watch {smilers} people smile, once genuinely and once posed. "
        f"{len(trials)} trials of {trials.duration_ms / 1000:g} s at {trials.rate_hz:g} Hz; {missing:.0%} of the samples are "
        f"missing. A genuine smile dilates the pupil by {SIMULATED.effect_mm:g} mm more than a posed one."
    )


def _print_predictions(table: "pd.DataFrame", new: "Trials") -> None:
    from smilejax.cli import terminal
    from smilejax.cli.predict_command import print_agreement

    terminal.out.print(
        f"The study's model on a new recording, of {len(set(new.participant))} other participants who watch "
        f"{len(set(new.smiler or ()))} other people smile:"
    )
    print_agreement(table, new)


def _print_next_steps(out: Path) -> None:
    from smilejax.cli import terminal
    from smilejax.cli.outputs import short_path

    here = short_path(out)
    terminal.out.print(f"Open {here / STUDY / 'report.html'}. Next, with these files or with your own:")
    for command in (
        f"smilejax check {here / RECORDING}",
        f"smilejax evaluate {here / RECORDING} --out my-study",
        f"smilejax predict {here / STUDY}/model {here / NEXT} --out predictions.csv",
    ):
        terminal.out.print(f"  {command}", soft_wrap=True)


COMMAND = Command("demo", DemoArguments, run, examples=("smilejax demo", "smilejax demo --out elsewhere --seed 1"))
