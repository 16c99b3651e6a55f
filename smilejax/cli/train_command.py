"""`smilejax train`: a classifier trained, judged on held-out participants, and saved."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, DataError, SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import (
    READING,
    Crops,
    Data,
    MappingFile,
    Preset,
    Reading,
    RecipeOrPreset,
    cleaning,
    cleaning_of_faces,
    training_of_faces,
    training_options,
)
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import Classifier, ReadSettings, TrainingSettings, check_seed, to_json
from smilejax.settings.classifier_names import SEEDS, has_network, has_seeds

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from smilejax.classifiers.classifier import TrialInfo
    from smilejax.prediction.train_members import Members, MembersToTrain
    from smilejax.preprocess import Dataset
    from smilejax.preprocess.any_recipe import AnyRecipe
    from smilejax.recordings.any_recording import AnyRecording
    from smilejax.training import EpochProgress, RunResult

    Mask = npt.NDArray[np.bool_]

TRAINING, PARTICIPANTS = 1, 2
"""Folded into the key of a seed: for the training, and for which participants are held out. `simulated` uses 0 and 3."""

FEWEST = 3
"""Held-out participants whose accuracies are compared: with two the test could hardly find anything (our choice)."""
COMMON = ("epochs", "learning_rate", "class_weights")
"""Settings of a training that help shows first."""


@dataclass(frozen=True)
class TrainArguments:
    """Train a classifier, judge it on held-out participants, and save it.

    By default the model is an ensemble of a few networks that differ in their seed alone. One split of the participants says
    little about how well recordings can be classified: `smilejax evaluate` says more.
    """

    data: Data
    """Files or folders with the recordings."""
    out: Annotated[Path, Arg(metavar="FOLDER")]
    """Folder for the model, its settings and its history."""
    preset: Preset = "default"
    """Settings: default (these learn) or report (those of the project report, its recipe too)."""
    recipe_name: RecipeOrPreset = None
    """Recipe of cleaning: default (this project's choices), report (the project report's), kret2019 (Kret & Sjak-Shie 2019) or
    minimal (plausible range, short gaps, baseline). By default that of `preset`; single options override it."""
    holdout: Annotated[float, Arg(metavar="PROPORTION")] = 0.25
    """Proportion of participants held out, 0 to below 1; 0 trains on all and judges on none."""
    classifier: Classifier = "network"
    """What is trained: network; combined (the mean of the network's and MiniRocket's log odds); rocket (MiniRocket);
    features (logistic regression on pupil features); or dynamics (of faces: the same on smile dynamics)."""
    seeds: int = SEEDS
    """Networks trained, from 1 up, whose probabilities the model averages."""
    seed: int = 0
    """Seed of the split and of the first training, 0 to 2**32 - 1."""
    stills: Annotated[bool, Arg(heading=READING)] = False
    """Of videos of faces, take the frame at the apex of each smile alone: a model of these answers for photos."""
    crops: Crops = None
    """Of faces, the folder of crops that `smilejax track --crops` wrote with the table: a network of these pictures is trained
    (cnn, or --network convlstm)."""
    overwrite: bool = False
    """Replace a model saved there."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Annotated[Recipe, cleaning()] = field(default_factory=Recipe)
    face_recipe: Annotated[FaceRecipe, cleaning_of_faces()] = field(default_factory=FaceRecipe)
    training: Annotated[TrainingSettings, training_options("epochs", "learning_rate", "class_weights")] = field(
        default_factory=TrainingSettings
    )
    face_training: Annotated[TrainingSettings, training_of_faces()] = field(default_factory=TrainingSettings.faces)


def run(arguments: TrainArguments) -> None:
    """Train with participants held out, and save."""
    check_seed(arguments.seed)
    if not 0 <= arguments.holdout < 1:
        raise SettingsError(setting="holdout", rule="at least 0 and below 1", value=arguments.holdout)
    from smilejax.cli import print_trials, terminal
    from smilejax.cli.by_kind import apexes, cropped, recipe_for, training_for
    from smilejax.cli.outputs import print_written
    from smilejax.cli.recordings_read import read_recordings
    from smilejax.prediction import checkpoint
    from smilejax.recordings.both_classes import require_both_classes

    checkpoint.check_model_folder(arguments.out, overwrite=arguments.overwrite)
    trials = apexes(read_recordings(arguments.data, arguments.read, mapping=arguments.mapping), stills=arguments.stills)
    trials = cropped(trials, arguments.crops, arguments.face_recipe.crop_side)
    print_trials.findings(trials)
    require_both_classes(trials, "training")

    import jax
    import numpy as np

    from smilejax.prediction.predictor import trial_info
    from smilejax.prediction.train_model import predictor_of
    from smilejax.preprocess.cleaning import settle
    from smilejax.splits import hold_out_participants
    from smilejax.training.plans.memory import check_enough_to_begin

    check_enough_to_begin()
    key = jax.random.key(arguments.seed)
    with terminal.working("preprocessing"):
        chosen = recipe_for(trials, arguments.recipe, arguments.face_recipe, arguments.recipe_name, arguments.preset)
        recipe = settle(chosen, trials)
        info = trial_info(trials, recipe)
    dataset = info.dataset
    print_trials.baseline(trials, chosen)
    print_trials.kept(trials, dataset)
    held = np.zeros(len(trials), bool)
    if arguments.holdout:
        _require_two_people(trials, dataset)
        held = hold_out_participants(dataset, arguments.holdout, key=jax.random.fold_in(key, PARTICIPANTS)).test[0]
    training = training_for(trials, arguments.training, arguments.face_training)
    wanted = _wanted(arguments, training, info, held)
    members = _trained(wanted)
    record = _record(arguments, trials, dataset, held, members)
    by_time = _by_elapsed_time(wanted, members, held) if training.truncate_from < 1 and _causal(recipe, trials) else []
    record["by_elapsed_time"] = by_time
    path = predictor_of(members, wanted, trials, recipe, record).save(arguments.out, overwrite=arguments.overwrite)
    _print_members(wanted, members)
    _print_result(members.logits, trials, dataset, held)
    if by_time:
        from smilejax.cli.stream_command import print_by_elapsed_time

        print_by_elapsed_time(by_time)
    print_written([path])


def _require_two_people(trials: "AnyRecording", dataset: "Dataset") -> None:
    """Raise `DataError` where nobody would be left to train on; of faces in their words."""
    used = zip(trials.participant, dataset.kept, trials.label, strict=True)
    people = len({who for who, kept, label in used if kept and label >= 0})
    if people < 2:
        kind = trials.kind
        raise DataError(
            f"to hold out {kind.participants}, two are needed who have labelled {kind.trials} that are kept; there is "
            f"{people}.",
            hint=f"{SETTING.holdout} 0 trains on all, and judges on none.",
            setting="holdout",
        )


def _wanted(arguments: TrainArguments, training: TrainingSettings, info: "TrialInfo", held: "Mask") -> "MembersToTrain":
    import jax
    import numpy as np

    from smilejax.prediction.train_members import MembersToTrain
    from smilejax.prediction.train_model import member_seeds

    labelled = np.asarray(info.dataset.y) >= 0
    return MembersToTrain(
        info,
        arguments.classifier,
        training,
        member_seeds(arguments.classifier, arguments.seed, arguments.seeds),
        lambda seed: jax.random.fold_in(jax.random.key(seed), TRAINING),
        labelled & ~held,
        labelled & held,
    )


def _trained(wanted: "MembersToTrain") -> "Members":
    """Train, with a bar over epochs where there is one network only: several are trained at the same time."""
    from smilejax.cli import terminal
    from smilejax.prediction.train_members import train_members

    number = len(wanted.seeds)
    if not has_network(wanted.classifier):
        with terminal.working("training"):
            return train_members(wanted, {})
    if number > 1:
        with terminal.working(f"training {number} networks"):
            return train_members(wanted, {}, curves=True)
    with _epochs(wanted.settings.epochs) as on_epoch_end:
        return train_members(wanted, {}, curves=True, on_epoch_end=on_epoch_end)


@contextmanager
def _epochs(total: int) -> Iterator[Callable[["EpochProgress"], None]]:
    """A bar over epochs. Yields what `train` is to call after each epoch."""
    from smilejax.cli import terminal

    with terminal.bar() as progress:
        task = progress.add_task("compiling", total=total)

        def show(now: "EpochProgress") -> None:
            held = now.validation_accuracy
            seen = f", held-out accuracy {held:.0%}" if held == held else ""  # NaN where none is held out
            words = f"training: loss {now.train_loss:.3f}, accuracy {now.train_accuracy:.0%}{seen}"
            progress.update(task, completed=now.epoch, description=words)

        yield show


def _causal(recipe: "AnyRecipe", trials: "AnyRecording") -> bool:
    """Whether the recipe could clean these recordings while they are made: else no score of a part is that of a stream."""
    from smilejax.prediction.stream import check_causal

    if not isinstance(recipe, Recipe):
        return False
    try:
        check_causal(recipe, rate_hz=trials.rate_hz, in_mm=trials.unit == "mm")
    except SettingsError:
        return False
    return True


def _by_elapsed_time(wanted: "MembersToTrain", members: "Members", held: "Mask") -> list[dict[str, float]]:
    """Scores of the held-out trials as they go on; none where there are too few, or the classifier is no network alone."""
    import dataclasses

    import numpy as np

    from smilejax.evaluation.elapsed_time import elapsed_scores, of_model

    dataset = wanted.info.dataset
    y = np.asarray(dataset.y)
    rows = np.flatnonzero(held & dataset.kept & (y >= 0))
    if wanted.classifier != "network" or members.variables is None or not len(rows):
        return []
    x, valid = np.asarray(dataset.x)[rows], np.asarray(dataset.valid)[rows]
    p, steps = of_model(members.variables, members.count, x, valid, model=wanted.settings.model)
    scores = elapsed_scores(p, y[rows], np.ones(len(rows), bool), steps * 1000 / dataset.rate_hz)
    return [dataclasses.asdict(one) for one in scores]


def _record(
    arguments: TrainArguments, trials: "AnyRecording", dataset: "Dataset", held: "Mask", members: "Members"
) -> dict[str, object]:
    """What is kept with the model about its making."""
    from smilejax.cli.outputs import command_line
    from smilejax.cli.recordings_read import shown_paths

    read = {
        "path": shown_paths(arguments.data),
        "sha256": _digests(arguments.data if arguments.crops is None else (*arguments.data, arguments.crops)),
        "read": to_json(arguments.read),
    }
    return {
        "command": command_line(),
        "seed": arguments.seed,
        "holdout": arguments.holdout,
        "data": read,
        "source": trials.source.as_json(),
        "trials": _roles(trials, dataset, held),
        "classifier": arguments.classifier,
        "seeds": len(members.logits) + members.diverged,
        "diverged": members.diverged,
        "history": {} if members.result is None else _history(members.result),
    }


def _roles(trials: "AnyRecording", dataset: "Dataset", held: "Mask") -> list[dict[str, object]]:
    """What each trial was used for, and which proportion of it was valid."""
    import numpy as np

    from smilejax.preprocess.trial_status import TrialStatus

    valid, status = np.asarray(dataset.proportion_valid), np.asarray(dataset.status)
    return [
        {
            "participant": trials.participant[row],
            "trial": trials.trial[row],
            "used": ("held out" if held[row] else "trained")
            if status[row] == TrialStatus.KEPT
            else TrialStatus(int(status[row])).words,
            "proportion_valid": round(float(valid[row]), 4),
        }
        for row in range(len(trials))
    ]


def _history(result: "RunResult") -> dict[str, list[float | None]]:
    """Loss and accuracy of the networks per epoch, mean over seeds that did not diverge; null where no trial was held out."""
    import numpy as np

    from smilejax.training import RunStatus

    ok = np.asarray(result.status) == RunStatus.OK
    columns = {
        "train_loss": result.train.loss,
        "train_accuracy": result.train.accuracy,
        "held_out_loss": result.validation.loss,
        "held_out_accuracy": result.validation.accuracy,
    }
    means = {name: values[ok].mean(0).tolist() if ok.any() else [] for name, values in columns.items()}
    return {name: [value if value == value else None for value in values] for name, values in means.items()}


def _digests(paths: Sequence[Path]) -> dict[str, str]:
    """SHA-256 of each file, and of each file in a folder; by its name, or by its path where there are several paths."""
    from smilejax._util.json_files import sha256_of_file

    found: dict[str, str] = {}
    for path in paths:
        for file in [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file()):
            name = file.name if path.is_file() else file.relative_to(path).as_posix()
            found[name if len(paths) == 1 else str(file)] = sha256_of_file(file)
    return found


def _print_members(wanted: "MembersToTrain", members: "Members") -> None:
    """What the model is made of."""
    from smilejax._util.number_text import several
    from smilejax.cli import terminal

    number = len(members.logits)
    what = {
        "network": several(number, "network"),
        "combined": f"{several(number, 'network')}, each combined with the same MiniRocket",
        "rocket": "MiniRocket",
        "features": "logistic regression on pupil features",
        "dynamics": "logistic regression on smile dynamics",
    }[wanted.classifier]
    seeds = f"seed {wanted.seeds[0]}" if len(wanted.seeds) == 1 else f"seeds {wanted.seeds[0]} to {wanted.seeds[-1]}"
    words = f"The model is {what} ({seeds})" if has_seeds(wanted.classifier) else f"The model is {what}"
    if number > 1:
        words += ", whose probabilities are averaged; --seeds 1 trains one"
    if members.diverged:
        words += f". {several(members.diverged, 'training')} diverged and left out"
    terminal.paragraph(f"{words}.")


def _print_result(logits: "npt.NDArray[np.float32]", trials: "AnyRecording", dataset: "Dataset", held: "Mask") -> None:
    """Balanced accuracy, accuracy and the larger class's share at the end; then what one split leaves open."""
    import numpy as np

    from smilejax._util.likelier_class import likelier_class
    from smilejax._util.number_text import percent
    from smilejax.cli import terminal
    from smilejax.evaluation.metrics import measure
    from smilejax.evaluation.statistics import split_score
    from smilejax.prediction.ensemble import probability_of
    from smilejax.recordings.wording import Wording

    kind, worded = trials.kind, Wording(trials.kind.name, trials.class_names)
    who = "partici-\npants" if kind.participants == "participants" else kind.participants
    numbers = ("number", who, "loss", "balanced\naccuracy", "accuracy", "larger class")
    table = terminal.table("After training", kind.trials, *numbers, right=numbers)
    usable = dataset.kept & (trials.label >= 0)
    probability = probability_of(list(logits.astype(np.float64)))
    p = likelier_class(probability[:, 1] - probability[:, 0])
    of_true = np.where(trials.label == 1, probability[:, 1], probability[:, 0])
    for name, mask in (("trained on", ~held & usable), ("held out", held & usable)):
        count = int(mask.sum())
        if count == 0:
            continue
        reached = measure(p, trials.label, mask)
        label = int(trials.label[mask].mean() > 0.5)
        share = float((trials.label[mask] == label).mean())
        table.add_row(
            name,
            str(count),
            str(len({trials.participant[i] for i in np.flatnonzero(mask)})),
            f"{-np.log(np.maximum(of_true[mask], np.finfo(np.float64).tiny)).mean():.4g}",
            percent(float(reached.balanced_accuracy)),
            percent(float(reached.accuracy)),
            f"{trials.class_names[label]} {share:.1%}",
        )
    terminal.printed(table)
    terminal.paragraph(
        "Balanced accuracy is the mean of the two classes' accuracies; always predicting one class gives 50%. The larger "
        "class's share is the accuracy of always predicting that class."
    )
    scored = held & usable
    if scored.any():
        split = split_score(int((p == trials.label)[scored].sum()), int(scored.sum()))
        watched = "Held-out participants may have watched stimuli that are in the training set." if kind.watches else ""
        terminal.paragraph(
            worded(
                f"The 95% interval of the held-out accuracy is {split.low:.1%} to {split.high:.1%}. It holds for one split and "
                "this training, and takes trials as independent. Trials of one participant or of one stimulus are not, so the "
                f"true uncertainty is larger. {watched}"
            ).strip()
        )
        terminal.paragraph(worded(_participants(p == trials.label, trials, scored)))


def _participants(correct: "Mask", trials: "AnyRecording", scored: "Mask") -> str:
    """Whether held-out participants differ in accuracy."""
    import numpy as np

    from smilejax._util.number_text import p_words
    from smilejax.evaluation.statistics import ALPHA, participants_differ

    codes = np.unique(np.array(trials.participant, dtype=str)[scored], return_inverse=True)[1]
    if codes.max() + 1 < FEWEST:
        return f"Whether participants differ in accuracy cannot be judged with fewer than {FEWEST} of them held out."
    found = participants_differ(correct[scored], codes)
    if np.isnan(found.sd):
        return "Whether participants differ in accuracy cannot be tested with these trials."
    if found.p <= ALPHA:
        return f"The accuracies of the held-out participants differ by more than chance (p = {p_words(found.p)})."
    return (
        f"No difference between the accuracies of the held-out participants was found (p = {p_words(found.p)}); with few "
        "participants, one could be missed."
    )


COMMAND = Command(
    "train",
    TrainArguments,
    run,
    examples=(
        "smilejax train recording.csv --out my-model",
        "smilejax train recording.csv --out my-model --epochs 60 --class-weights balanced",
        "smilejax train recording.csv --out my-model --classifier combined",
        "smilejax train recording.csv --out report-model --preset report --seeds 1",
    ),
)
