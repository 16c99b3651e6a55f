"""`demo`: a simulated study from recordings to a report, and the model that comes of it asked about a new recording."""

from pathlib import Path
from typing import Any

import numpy as np

from smilejax import readers
from smilejax._util.errors import OutputError
from smilejax._util.files import claim
from smilejax.cli import devices, show, terminal
from smilejax.cli.arguments import DemoCommand, EvaluateCommand, Processes
from smilejax.cli.study import study_of
from smilejax.settings import SimulationSettings, StudySettings, TrainingSettings, check_seed, to_json

STUDY, NEW = 0, 3
"""What is folded into the key of a seed, for the simulated study and for the recording that comes after it."""
SIMULATED = SimulationSettings(participants=12, smilers=8)
NEWCOMERS = SimulationSettings(participants=6, smilers=4)
QUICK = StudySettings(
    seeds=3,
    permutations=39,
    test_seeds=1,
    participant_folds=4,
    stimulus_folds=4,
    blocks=2,
    shuffled_folds=4,
    inner_seeds=2,
    attribution_seeds=1,
)
"""A study in a minute or two: fewer seeds and larger blocks than `evaluate` takes, and enough permutations for p = .025."""
TRAINED = TrainingSettings(epochs=16, learning_rate=0.006)
FOLDER, RECORDING, NEXT, ANSWERS = "study", "recording.csv", "new.csv", "predictions.csv"


def demo(command: DemoCommand) -> None:
    """Everything on a simulated study: the first thing a new user runs."""
    check_seed(command.seed)
    out = _folder(command.out, command.overwrite)
    devices.settle(None, Processes())

    from smilejax.evaluation.study.saved_study import MODEL
    from smilejax.prediction.predictor import load_model

    with terminal.working("simulating a study"):
        trials = simulated(SIMULATED, command.seed).trials
        new = simulated(NEWCOMERS, command.seed, NEW).trials
        readers.write_tidy(trials, out / RECORDING)
        readers.write_tidy(new, out / NEXT)
    show.study(trials, SIMULATED.effect_mm)
    quick = EvaluateCommand(data=out / RECORDING, out=out / FOLDER, settings=TRAINED, study=QUICK)
    study_of(
        trials,
        quick,
        out / FOLDER,
        {"data_from": {"simulation": to_json(SIMULATED), "seed": command.seed}},
        {"devices": devices.chosen(None)},
    )
    model = out / FOLDER / MODEL
    if model.exists():
        with terminal.working("predicting a new recording"):
            table = load_model(model).predict(new)
            readers.write_table(table, out / ANSWERS)
        show.demo_scores(table, new)
    show.wrote([path for path in (out / RECORDING, out / NEXT, out / ANSWERS) if path.exists()])
    show.next_steps(out / FOLDER, out / RECORDING, out / NEXT)


def simulated(settings: SimulationSettings, seed: int, what: int = STUDY) -> Any:
    """The study of a seed."""
    import jax

    from smilejax.simulate import simulate_study

    return simulate_study(settings, key=jax.random.fold_in(jax.random.key(np.uint32(seed)), what))


def _folder(path: Path, overwrite: bool) -> Path:
    path = path.expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is not a folder. Name another with --out.")
    names = {entry.name for entry in path.iterdir()} if path.exists() else set()
    ours = {FOLDER, RECORDING, NEXT, ANSWERS}
    # Only a folder that holds what a demo writes and nothing else is one: `study` alone is a name people use.
    if names and not (overwrite and {RECORDING, NEXT} <= names <= ours):
        raise OutputError(
            f"{path} is not empty. Name another folder with --out, or give --overwrite to replace an earlier demo."
        )
    claim(path / FOLDER, overwrite=True, what="folder")
    if (path / FOLDER).exists():
        from smilejax.evaluation.study.saved_study import remove

        remove(path / FOLDER)
    return path
