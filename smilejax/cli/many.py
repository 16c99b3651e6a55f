"""`train-many`: a plan of runs from the command line."""

from typing import Any, NamedTuple

from smilejax import readers
from smilejax._util.errors import DataError
from smilejax.cli import devices, show, show_runs, terminal
from smilejax.cli.arguments import TrainManyCommand, lists_of
from smilejax.cli.checks import require_both_classes
from smilejax.recordings.trials import Trials
from smilejax.settings import check_seed
from smilejax.settings.checks import MAX_SEED, require

FOLDS, PERMUTATIONS = range(2)
"""What is folded into the key of the first seed, for folds and for permutations. Runs have keys of their own seeds."""
SHUFFLED_FOLDS = 5
"""Folds of shuffled trials, unless told: leaving out one trial at a time would be hundreds of folds."""


class _Understood(NamedTuple):
    """What the options and the recording came to."""

    dataset: Any
    plan: Any
    devices: list[Any]


def train_many(command: TrainManyCommand) -> None:
    """Read, prepare, plan, train every run, and say what came of it."""
    _check(command)
    devices.settle(command.devices, command.share)

    import jax

    from smilejax.training.plans import summary, train_runs
    from smilejax.training.plans.processes import in_step

    first = jax.process_index() == 0
    with in_step():
        dataset, plan, used = _understood(command, first)
    with show_runs.progress(len(plan), quiet=not first) as progress:
        result = train_runs(
            dataset,
            plan,
            folder=command.out,
            resume=command.resume,
            devices=used,
            memory_bytes=devices.memory_bytes(command.memory_mib),
            parameters=command.parameters,
            verify=command.verify,
            progress=progress,
            note=terminal.note,
        )
    if first:
        show_runs.summary(plan, summary(dataset, plan, result))
        show.wrote([command.out.expanduser().absolute()])


def _check(command: TrainManyCommand) -> None:
    """Numbers that are none, before anything is read. In the words of the options."""
    check_seed(command.seed)
    require(command.seeds >= 1, "--seeds", "a whole number from 1 up", command.seeds)
    last = command.seed + command.seeds - 1
    rule = f"such that the last seed, --seed + --seeds - 1, is at most {MAX_SEED}"
    require(last <= MAX_SEED, "--seed", rule, command.seed, f"The last one would be {last}.")
    require(command.permutations >= 0, "--permutations", "a whole number from 0 up", command.permutations)
    require(command.folds is None or command.folds >= 2, "--folds", "a whole number from 2 up", command.folds)
    require(command.repeats >= 1, "--repeats", "a whole number from 1 up", command.repeats)
    devices.memory_bytes(command.memory_mib)
    devices.check(command.devices, command.share)


def _understood(command: TrainManyCommand, first: bool) -> _Understood:
    """Everything up to the plan. The first process looks at the folder, and says what was understood."""
    from smilejax.preprocess import prepare
    from smilejax.training.plans.saved_runs import check_runs_folder

    used = devices.chosen(command.devices)
    if first:
        check_runs_folder(command.out, resume=command.resume)
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read)
    if first:
        show.findings(trials)
    require_both_classes(trials)
    _require_stimuli(command, trials)
    with terminal.working("preprocessing"):
        dataset = prepare(trials, command.recipe)
    if first:
        show.kept(trials, dataset)
    plan = _plan(command, trials, dataset)
    if first:
        show_runs.plan(plan)
    return _Understood(dataset, plan, used)


def _require_stimuli(command: TrainManyCommand, trials: Trials) -> None:
    if command.split in ("stimulus", "participant-and-stimulus") and trials.stimulus is None:
        raise DataError(
            f"--split {command.split} needs the stimulus of every trial; none was found in the recording. Name its column "
            "with --stimulus, or use --split participant."
        )


def _plan(command: TrainManyCommand, trials: Trials, dataset: Any) -> Any:
    """The plan that the options ask for."""
    import jax

    from smilejax.splits import named
    from smilejax.splits.permutations import permute_labels
    from smilejax.training.plans import Plan

    key = jax.random.key(command.seed)
    permuted = None
    if command.permutations:
        permuted = permute_labels(
            dataset, command.permutations, scheme=command.scheme, key=jax.random.fold_in(key, PERMUTATIONS)
        )
    # Balanced by the true labels, folds would fit these better than what they are compared with.
    folds = _folds(command, dataset, jax.random.fold_in(key, FOLDS), stratified=permuted is None)
    return Plan(
        named(folds, participant=trials.participant, stimulus=trials.stimulus, smiler=trials.smiler),
        command.settings,
        seeds=tuple(range(command.seed, command.seed + command.seeds)),
        vary=lists_of(command),
        permuted=permuted,
    )


def _folds(command: TrainManyCommand, dataset: Any, key: Any, *, stratified: bool) -> Any:
    from smilejax import splits

    if command.split == "shuffled":
        folds = SHUFFLED_FOLDS if command.folds is None else command.folds
        return splits.shuffle_trials(dataset, folds=folds, repeats=command.repeats, stratified=stratified, key=key)
    if command.split == "participant-and-stimulus":
        return splits.by_participant_and_stimulus(
            dataset,
            participant_blocks=command.folds,
            stimulus_blocks=command.folds,
            repeats=command.repeats,
            stratified=stratified,
            key=None if command.folds is None else key,
        )
    by = {"participant": splits.by_participant, "stimulus": splits.by_stimulus}[command.split]
    key = None if command.folds is None else key
    return by(dataset, folds=command.folds, repeats=command.repeats, stratified=stratified, key=key)
