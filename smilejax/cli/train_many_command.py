"""`smilejax train-many`: every fold with every seed, hyperparameter and permutation, each run's result kept."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from smilejax._util.errors import SETTING, DataError
from smilejax.cli import device_setup
from smilejax.cli.command import Command
from smilejax.cli.options import Arg, OptionGroup
from smilejax.cli.shared_arguments import (
    COMPUTER,
    Data,
    Devices,
    MappingFile,
    Memory,
    Numbers,
    Preset,
    Reading,
    RecipeOrPreset,
    called_by_lists,
    cleaning,
    cleaning_of_faces,
    listed_hyperparameters,
    training_of_faces,
    training_options,
)
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings, Scheme, TrainingSettings, check_seed
from smilejax.settings.checks import MAX_SEED, require

if TYPE_CHECKING:
    import jax
    import pandas as pd

    from smilejax.preprocess import Dataset
    from smilejax.recordings.any_recording import AnyRecording
    from smilejax.splits import Folds
    from smilejax.training.plans import Plan

FOLDS, PERMUTATIONS = range(2)
"""Folded into the key of the first seed, for folds and for permutations. Runs have keys of their own seeds."""
SHUFFLED_FOLDS = 5
"""Default number of folds of shuffled trials: leaving out one trial at a time would be hundreds of folds."""
PROCESSES = OptionGroup("Several processes", "How runs are shared between processes or machines.")
DRAWN = OptionGroup("Folds, permutations and seeds", "Repeats, units among which labels are permuted, first seed.")
RESUMABLE = "stopped; the runs that had ended are kept in {out}. The same command with --resume goes on with them."


@dataclass(frozen=True)
class TrainManyArguments:
    """Train every combination of fold, seed, hyperparameters and label permutation, and keep what each run gave.

    For studies of the network itself. To judge how well recordings can be classified, use `smilejax evaluate`.
    """

    data: Data
    """Files or folders with the recordings."""
    out: Annotated[Path, Arg(metavar="FOLDER")]
    """Folder for the results of all runs."""
    preset: Preset = "default"
    """Settings: default (these learn) or report (those of the project report, its recipe too)."""
    recipe_name: RecipeOrPreset = None
    """Recipe of cleaning: default (this project's choices), report (the project report's), kret2019 (Kret & Sjak-Shie 2019) or
    minimal (plausible range, short gaps, baseline). By default that of `preset`; single options override it."""
    split: Literal["participant", "stimulus", "participant-and-stimulus", "shuffled"] = "participant"
    """What test trials must not share with training trials. shuffled, the project report's split, keeps nothing apart: its
    scores can be too high."""
    folds: int | None = None
    """Number of folds; by default one participant or stimulus is left out at a time (shuffled: 5 folds). With
    participant-and-stimulus: number of blocks of each."""
    repeats: Annotated[int, Arg(heading=DRAWN)] = 1
    """How often trials are assigned to folds anew."""
    seeds: int = 10
    """Trainings of each fold, with seeds from `seed` on."""
    permutations: int = 0
    """Label permutations that are trained on as well. Folds are then not balanced by the labels."""
    resume: bool = False
    """Go on with what is in the folder."""
    rates: Numbers = ()
    """Learning rates to compare; `learning_rate` where none is given."""
    decays: Numbers = ()
    """Weight decays to compare (adamw); `weight_decay` where none is given."""
    dropouts: Numbers = ()
    """Dropout rates to compare; `dropout` where none is given."""
    scheme: Annotated[Scheme | None, Arg(metavar="SCHEME", heading=DRAWN)] = None
    """Units among which labels are permuted: within smiler pairs, stimulus, smiler, participant, within participant or
    trial; by default found from the design of the study."""
    seed: Annotated[int, Arg(heading=DRAWN)] = 0
    """First seed, and the seed of folds and permutations, 0 to 2**32 - 1."""
    parameters: Annotated[bool, Arg(heading=COMPUTER)] = False
    """Keep the trained parameters too."""
    devices: Devices = None
    """Number of devices, by default all; on a CPU, how many trainings at the same time, by default one for each core."""
    memory_mib: Memory = None
    """Memory that programs may use, in MiB, above 0; by default half of what is free."""
    verify: Annotated[bool, Arg(heading=COMPUTER)] = False
    """Before all else, compare the bits that one device and all devices give for the first run."""
    distributed: Annotated[bool, Arg(heading=PROCESSES)] = False
    """Share the runs with other processes; the first process writes. Under Slurm, Open MPI and Kubernetes this is enough."""
    coordinator: Annotated[str | None, Arg(metavar="HOST:PORT", heading=PROCESSES)] = None
    """Address at which the first process listens."""
    processes: Annotated[int | None, Arg(heading=PROCESSES)] = None
    """Number of processes."""
    process: Annotated[int | None, Arg(heading=PROCESSES)] = None
    """Number of this process, from 0."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)
    recipe: Annotated[Recipe, cleaning()] = field(default_factory=Recipe)
    face_recipe: Annotated[FaceRecipe, cleaning_of_faces()] = field(default_factory=FaceRecipe)
    training: Annotated[TrainingSettings, training_options()] = field(default_factory=TrainingSettings)
    face_training: Annotated[TrainingSettings, training_of_faces()] = field(default_factory=TrainingSettings.faces)

    @property
    def vary(self) -> dict[str, tuple[float, ...]]:
        """The hyperparameters that are compared, by their names."""
        return listed_hyperparameters(self.rates, self.decays, self.dropouts)

    @property
    def share(self) -> device_setup.Processes:
        """This process among others."""
        return device_setup.Processes(self.distributed, self.coordinator, self.processes, self.process)


class _Understood(NamedTuple):
    """What the options and the recording came to."""

    dataset: "Dataset"
    plan: "Plan"
    devices: "list[jax.Device]"


def run(arguments: TrainManyArguments) -> None:
    """Read, prepare, plan, train every run, and print what came of it."""
    _check(arguments)
    device_setup.find_processes(arguments.share)

    import jax

    from smilejax.cli import terminal
    from smilejax.cli.outputs import print_written
    from smilejax.training.plans import runs_table, train_runs
    from smilejax.training.plans.processes import in_step

    first = jax.process_index() == 0
    with in_step():
        dataset, plan, used = _understood(arguments, first)
    with runs_progress(len(plan), quiet=not first) as progress:
        result = train_runs(
            dataset,
            plan,
            folder=arguments.out,
            resume=arguments.resume,
            devices=used,
            memory_bytes=device_setup.memory_bytes(arguments.memory_mib),
            parameters=arguments.parameters,
            verify=arguments.verify,
            progress=progress,
            note=terminal.note,
        )
    if first:
        _print_summary(plan, runs_table(dataset, plan, result))
        print_written([arguments.out.expanduser().absolute()])


def _check(arguments: TrainManyArguments) -> None:
    """Numbers that cannot be, before anything is read."""
    check_seed(arguments.seed)
    require(arguments.seeds >= 1, "seeds", "a whole number from 1 up", arguments.seeds)
    last = arguments.seed + arguments.seeds - 1
    rule = f"such that the last seed, {SETTING.seed} + {SETTING.seeds} - 1, is at most {MAX_SEED}"
    require(last <= MAX_SEED, "seed", rule, arguments.seed, f"The last one would be {last}.")
    require(arguments.permutations >= 0, "permutations", "a whole number from 0 up", arguments.permutations)
    require(arguments.folds is None or arguments.folds >= 2, "folds", "a whole number from 2 up", arguments.folds)
    require(arguments.repeats >= 1, "repeats", "a whole number from 1 up", arguments.repeats)
    device_setup.memory_bytes(arguments.memory_mib)
    device_setup.check(arguments.devices, arguments.share)


def _understood(arguments: TrainManyArguments, first: bool) -> _Understood:
    """Everything up to the plan. The first process looks at the folder, and prints what was understood."""
    from smilejax.cli import print_trials, terminal
    from smilejax.cli.by_kind import recipe_for
    from smilejax.cli.outputs import not_begun
    from smilejax.cli.recordings_read import read_quietly
    from smilejax.preprocess import prepare
    from smilejax.recordings.both_classes import require_both_classes
    from smilejax.training.plans.saved_runs import check_runs_folder

    used = device_setup.chosen(arguments.devices)
    if first:
        begun = check_runs_folder(arguments.out, resume=arguments.resume)
        if arguments.resume and not begun:
            not_begun("plan of runs", arguments.out.expanduser().absolute())
    trials, warned = read_quietly(arguments.data, arguments.read, mapping=arguments.mapping)
    recipe = recipe_for(trials, arguments.recipe, arguments.face_recipe, arguments.recipe_name, arguments.preset)
    if first:
        print_trials.findings(trials)
        for text in warned:
            terminal.warning(text)
    require_both_classes(trials, "training")
    _require_stimuli(arguments, trials)
    with terminal.working("preprocessing"):
        dataset = prepare(trials, recipe)
    if first:
        print_trials.baseline(trials, recipe)
        print_trials.kept(trials, dataset)
    plan = plan_of(arguments, trials, dataset)
    if first:
        _print_plan(plan)
    return _Understood(dataset, plan, used)


def _require_stimuli(arguments: TrainManyArguments, trials: "AnyRecording") -> None:
    if arguments.split in ("stimulus", "participant-and-stimulus") and trials.stimulus is None:
        raise DataError(
            f"--split {arguments.split} needs the stimulus of every trial; none was found in the recording.",
            hint=f"Name its column with {SETTING.stimulus}, or use {SETTING.split} participant.",
        )


def plan_of(arguments: TrainManyArguments, trials: "AnyRecording", dataset: "Dataset") -> "Plan":
    """The plan that the options ask for."""
    import jax

    from smilejax.cli.by_kind import training_for
    from smilejax.splits import named
    from smilejax.splits.permutations import permute_labels
    from smilejax.training.plans import Plan

    key = jax.random.key(arguments.seed)
    permuted = None
    if arguments.permutations:
        permuted = permute_labels(
            dataset, arguments.permutations, scheme=arguments.scheme, key=jax.random.fold_in(key, PERMUTATIONS)
        )
    training = training_for(trials, arguments.training, arguments.face_training)
    # Balanced by the true labels, folds would suit these better than the permuted labels they are compared with.
    folds = _folds(arguments, dataset, jax.random.fold_in(key, FOLDS), stratified=permuted is None)
    return Plan(
        named(folds, participant=trials.participant, stimulus=trials.stimulus, smiler=trials.smiler),
        training,
        seeds=tuple(range(arguments.seed, arguments.seed + arguments.seeds)),
        vary=arguments.vary,
        permuted=permuted,
    )


def _folds(arguments: TrainManyArguments, dataset: "Dataset", key: "jax.Array", *, stratified: bool) -> "Folds":
    from smilejax import splits

    repeats = arguments.repeats
    if arguments.split == "shuffled":
        folds = SHUFFLED_FOLDS if arguments.folds is None else arguments.folds
        return splits.shuffle_trials(dataset, folds=folds, repeats=repeats, stratified=stratified, key=key)
    drawn = None if arguments.folds is None else key
    if arguments.split == "participant-and-stimulus":
        return splits.by_participant_and_stimulus(
            dataset,
            participant_blocks=arguments.folds,
            stimulus_blocks=arguments.folds,
            repeats=repeats,
            stratified=stratified,
            key=drawn,
        )
    by = {"participant": splits.by_participant, "stimulus": splits.by_stimulus}[arguments.split]
    return by(dataset, folds=arguments.folds, repeats=repeats, stratified=stratified, key=drawn)


def _print_plan(plan: "Plan") -> None:
    """What is about to be trained."""
    from smilejax.cli import terminal
    from smilejax.splits.permutations import where_permuted

    parts = [f"{len(plan.folds)} folds", f"{len(plan.seeds)} seed{'' if len(plan.seeds) == 1 else 's'}"]
    parts += [f"{len(values)} values of {name}" for name, values in plan.vary.items()]
    if plan.permuted is not None:
        count = len(plan.permuted)
        parts.append(f"the true labels and {count} label permutation{'' if count == 1 else 's'}")
    programs = "one program" if len(plan.groups) == 1 else f"{len(plan.groups)} programs"
    terminal.out.print(f"{len(plan)} runs: {' x '.join(parts)}; {programs}. Split by {plan.folds.scheme}.")
    if plan.folds.leaky:
        terminal.out.print(f"Balanced accuracy can be too high with this split: {plan.folds.why_leaky}.")
    if plan.permuted is not None:
        permuted = plan.permuted
        terminal.out.print(
            f"Labels are permuted {where_permuted(permuted.scheme, permuted.within_folds)}: {permuted.why}. The smallest "
            f"attainable p is {permuted.smallest_attainable_p:.3g}."
        )
    terminal.out.print()


@contextmanager
def runs_progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """How far a plan of so many runs is, with runs per second: a bar, or lines where standard error is no terminal.

    Yields what is to be called with the number of runs that have ended, first with those that had before. Of a plan that
    processes share, each counts its own runs only.
    """
    from smilejax.cli import terminal

    if quiet:
        yield lambda done: None
    elif terminal.err.is_terminal:
        with terminal.bar() as bar:
            task = bar.add_task("compiling", total=total)
            yield _counting(
                total, lambda done, of, words: bar.update(task, completed=done, total=of, description=words)
            )
    else:
        yield _counting(total, terminal.in_lines())


def _counting(total: int, show: Callable[[int, int, str], None]) -> Callable[[int], None]:
    """Hands on how many runs have ended, of how many, and in words what they are and how fast they end."""
    began, before, of, what = 0.0, -1, total, "runs"

    def ended(done: int) -> None:
        nonlocal began, before, of, what
        if before < 0:
            began, before = time.perf_counter(), done
            of, what = _own_runs(done, total)
        passed = time.perf_counter() - began
        speed = f", {(done - before) / passed:.3g} a second" if done > before and passed > 0 else ""
        show(done, of, f"{what}{speed}")

    return ended


def _own_runs(done: int, total: int) -> tuple[int, str]:
    """How many runs this process will have counted at the end, and what they are."""
    import jax
    import numpy as np

    from smilejax.training.plans.processes import share_of

    if jax.process_count() == 1:
        return total, "runs"
    return done + len(share_of(np.arange(total - done))), "runs of this process"


def _print_summary(plan: "Plan", table: "pd.DataFrame") -> None:
    """Balanced accuracy on test trials by setting, over seeds."""
    from smilejax._util.number_text import number, percent, points, span
    from smilejax.cli import terminal

    diverged = int(table["diverged"].sum())
    numbers = (
        "runs",
        *(("diverged",) if diverged else ()),
        "balanced\naccuracy",
        "sd,\npoints",
        "range",
        "accuracy",
        "train loss",
    )
    out = terminal.table("Test trials, mean over seeds", *plan.vary, "labels", *numbers, right=(*plan.vary, *numbers))
    for _, row in table.iterrows():
        out.add_row(
            *(f"{row[name]:g}" for name in plan.vary),
            str(row["labels"]),
            str(row["runs"]),
            *((str(row["diverged"]),) if diverged else ()),
            percent(row["balanced_accuracy"]),
            points(row["balanced_accuracy_sd"], sign=False),
            span(row["balanced_accuracy_low"], row["balanced_accuracy_high"], ".0%"),
            percent(row["accuracy"]),
            number(row["train_loss"], ".4g"),
        )
    terminal.printed(out)
    if diverged:
        terminal.paragraph(f"{diverged} of {table['runs'].sum()} runs diverged; they are left out of every mean.")
    larger = float(table["larger_class_proportion"].iloc[0])
    permutations = " and permutations" if plan.permuted is not None else ""
    terminal.paragraph(
        f"The larger class has {larger:.1%} of the test trials, which is the accuracy of always predicting that class; its "
        f"balanced accuracy is 50%. Each number is over all folds together, then a mean over seeds{permutations}. sd and "
        f"range are between seeds{permutations}; they are no interval for other participants."
    )


def _also_called(arguments: TrainManyArguments) -> Mapping[str, str]:
    others = {"participant_blocks": "--folds", "stimulus_blocks": "--folds", "memory_bytes": "--memory-mib"}
    return others | called_by_lists(arguments.vary)


COMMAND = Command(
    "train-many",
    TrainManyArguments,
    run,
    examples=(
        "smilejax train-many recording.csv --out runs",
        "smilejax train-many recording.csv --out runs --split participant-and-stimulus --folds 4 --permutations 19",
        "smilejax train-many recording.csv --out runs --rates 0.001 0.003 0.01 --seeds 5",
    ),
    also_called=_also_called,
    stopped=lambda arguments: RESUMABLE.format(out=arguments.out),
)
