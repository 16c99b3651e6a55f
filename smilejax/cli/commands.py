"""What the commands do: each reads, calls the library, and hands what came of it to `show`."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from smilejax import readers
from smilejax._util.errors import SettingsError
from smilejax._util.files import claim
from smilejax.cli import show, terminal
from smilejax.cli.arguments import (
    CheckCommand,
    CleanCommand,
    Command,
    DemoCommand,
    EvaluateCommand,
    MultiverseCommand,
    PowerCommand,
    PredictCommand,
    ReportCommand,
    SimulateCommand,
    TrainCommand,
    TrainManyCommand,
)
from smilejax.cli.checks import note_late_effect, require_both_classes
from smilejax.cli.cleaning import clean, multiverse
from smilejax.cli.demo import demo, simulated
from smilejax.cli.many import train_many
from smilejax.cli.outputs import claim_files, command_line, write_json
from smilejax.cli.power import power
from smilejax.cli.study import evaluate, report
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings, TrainingSettings, check_seed, to_json

TRAINING, PARTICIPANTS = 1, 2
"""What is folded into the key of a seed, for the training and for who is held out. 0 is `demo.STUDY`."""


def run(command: Command) -> None:
    """Carry out a parsed command. Raises `SmilejaxError` for what the user can hint."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # orbax's storage logs to the terminal otherwise
    _keep_compiled_programs()
    actions: dict[type, Any] = {
        DemoCommand: demo,
        SimulateCommand: simulate,
        CheckCommand: check,
        CleanCommand: clean,
        TrainCommand: train,
        TrainManyCommand: train_many,
        EvaluateCommand: evaluate,
        ReportCommand: report,
        PowerCommand: power,
        PredictCommand: predict,
        MultiverseCommand: multiverse,
    }
    actions[type(command)](command)


def _keep_compiled_programs() -> None:
    """Have JAX keep what it compiles in a folder of this user's, so that the next command starts in half the time.

    Whoever can write there can run code here, so a folder that others may write to is not used. `JAX_*` settings of the
    user's own go first.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smilejax" / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
        private = about.st_uid == os.getuid() and not about.st_mode & 0o022 if hasattr(os, "getuid") else True
    except OSError:  # no home, or a read-only one: compile anew each time
        return
    if private and os.access(folder, os.W_OK):
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")


def check(command: CheckCommand) -> None:
    """Read and say what was understood."""
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read, labels="optional")
    show.findings(trials)
    show.summary(trials)


def simulate(command: SimulateCommand) -> None:
    """Write a simulated study, its settings, and its truth where asked for."""
    from smilejax.prediction.predictor import versions
    from smilejax.simulate import truth_table

    check_seed(command.seed)
    outputs = claim_files({"--out": command.out, "--truth": command.truth}, overwrite=command.overwrite)
    out, truth = outputs["--out"], outputs.get("--truth")
    about = claim(out.with_name(out.name + ".json"), overwrite=command.overwrite, what="file")
    note_late_effect(command.settings)
    with terminal.working("simulating"):
        study = simulated(command.settings, command.seed)
    with terminal.working("writing"):
        readers.write_tidy(study.trials, out, missing=command.settings.sentinel)
        if truth is not None:
            readers.write_table(truth_table(study), truth)
    write_json(about, {"settings": to_json(command.settings), "seed": command.seed, "versions": versions()})
    show.wrote([p for p in (out, truth, about) if p is not None])


def train(command: TrainCommand) -> None:
    """TrainCommand with held-out participants scored, and save."""
    check_seed(command.seed)
    if not 0 <= command.holdout < 1:
        raise SettingsError(f"holdout must be at least 0 and below 1; it is {command.holdout:g}.")
    from smilejax.prediction import checkpoint

    checkpoint.check_model_folder(command.out, overwrite=command.overwrite)
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read)
    show.findings(trials)

    import jax

    from smilejax.prediction.predictor import Predictor
    from smilejax.preprocess import prepare
    from smilejax.splits import hold_out_participants

    require_both_classes(trials)
    key = jax.random.key(command.seed)
    with terminal.working("preprocessing"):
        dataset = prepare(trials, command.recipe)
    show.kept(trials, dataset)
    held = np.zeros(len(trials), bool)
    if command.holdout:
        folds = hold_out_participants(dataset, command.holdout, key=jax.random.fold_in(key, PARTICIPANTS))
        held = folds.test[0]
    result = _trained(dataset, command.settings, jax.random.fold_in(key, TRAINING), ~held, held)
    predictor = Predictor.of(
        result,
        trials,
        command.recipe,
        command.settings,
        {
            "command": command_line(),
            "seed": command.seed,
            "holdout": command.holdout,
            "data": {"path": str(command.data), "sha256": _digest(command.data), "read": to_json(command.read)},
            "source": trials.source.as_json(),
            "trials": _roles(trials, dataset, held, ~held),
            "history": _history(result),
        },
    )
    path = predictor.save(command.out, overwrite=command.overwrite)
    show.training(result, trials, dataset, held)
    show.wrote([path])


def predict(command: PredictCommand) -> None:
    """Answer for recordings and write the table."""
    out = claim_files({"--out": command.out}, overwrite=command.overwrite, data=command.data)["--out"]
    from smilejax.prediction.predictor import load_model

    with terminal.working("loading the model"):
        predictor = load_model(command.model)
    settings = command.read
    if settings.classes not in (ReadSettings().classes, predictor.class_names):
        raise SettingsError(
            f"classes must be the model's, {' and '.join(predictor.class_names)}; they are {' and '.join(settings.classes)}. "
            "Leave out --classes."
        )
    settings = replace(settings, classes=predictor.class_names)
    with terminal.working("reading"):
        trials = readers.read(command.data, settings, labels="optional")
    notes = predictor.notes(trials)
    with terminal.working("predicting"):
        table = predictor.predict(trials)
    readers.write_table(table, out)
    show.predictions(table, notes)
    show.wrote([out])


def _trained(dataset: Any, settings: TrainingSettings, key: Any, trained: np.ndarray, held: np.ndarray) -> Any:
    import jax

    from smilejax.training import train as train_once

    labelled = np.asarray(dataset.y) >= 0
    with show.epochs(settings.epochs) as reporter:
        result = train_once(
            dataset,
            settings,
            key=key,
            train_mask=labelled & trained,
            validation_mask=labelled & held,
            reporter=reporter,
        )
        jax.block_until_ready(result)
        jax.effects_barrier()
    return result


def _roles(trials: Trials, dataset: Any, held: np.ndarray, trained: np.ndarray) -> list[dict[str, Any]]:
    """What each trial was used for, and how much of it was measured."""
    from smilejax.preprocess.trial_status import TrialStatus

    measured, status = np.asarray(dataset.proportion_valid), np.asarray(dataset.status)
    used = np.where(held, "held out", np.where(trained, "trained", "set aside"))
    return [
        {
            "participant": trials.participant[row],
            "trial": trials.trial[row],
            "used": str(used[row]) if status[row] == TrialStatus.KEPT else TrialStatus(int(status[row])).words,
            "measured": round(float(measured[row]), 4),
        }
        for row in range(len(trials))
    ]


def _history(result: Any) -> dict[str, list[float | None]]:
    """Loss and accuracy per epoch; null where no trial was held out."""
    columns = {
        "train_loss": result.train.loss,
        "train_accuracy": result.train.accuracy,
        "held_out_loss": result.validation.loss,
        "held_out_accuracy": result.validation.accuracy,
    }
    return {name: [float(v) if np.isfinite(v) else None for v in values] for name, values in columns.items()}


def _digest(path: Path) -> dict[str, str]:
    """SHA-256 of a file, or of each file of a folder."""
    files = [path] if path.is_file() else sorted(f for f in path.iterdir() if f.is_file())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
