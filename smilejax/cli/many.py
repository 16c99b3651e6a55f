"""`train-many`: a plan of runs from the command line."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from smilejax import readers
from smilejax.cli import show, show_runs, terminal
from smilejax.cli.arguments import Processes, TrainMany
from smilejax.errors import SettingsError
from smilejax.settings import check_seed

FOLDS, RELABELLINGS = range(2)
"""What is folded into the key of the first seed, for folds and for relabellings. Runs have keys of their own seeds."""


def train_many(command: TrainMany) -> None:
    """Read, prepare, plan, train every run, and say what came of it."""
    check_seed(command.seed + max(command.seeds - 1, 0))
    if command.seeds < 1:
        raise SettingsError(f"seeds must be at least 1; it is {command.seeds}.")
    _start_devices(command)

    import jax

    from smilejax.preprocess import prepare
    from smilejax.runs import summary, train_runs

    first = jax.process_index() == 0
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read)
    if first:
        show.findings(trials)
    with terminal.working("preprocessing"):
        dataset = prepare(trials, command.recipe)
    if first:
        show.kept(trials, dataset)
    plan = _plan(command, dataset)
    if first:
        show_runs.plan(plan)
    with _progress(len(plan), quiet=not first) as progress:
        result = train_runs(
            dataset,
            plan,
            folder=command.out,
            resume=command.resume,
            memory_bytes=None if command.memory_mib is None else int(command.memory_mib * 2**20),
            parameters=command.parameters,
            verify=command.verify,
            progress=progress,
        )
    if first:
        show_runs.summary(plan, summary(dataset, plan, result))
        show.wrote([command.out.expanduser().absolute()])


def _start_devices(command: TrainMany) -> None:
    """Devices and processes must be settled before JAX's backend starts."""
    share: Processes = command.share
    if command.devices is not None and command.devices < 1:
        raise SettingsError(f"devices must be at least 1; it is {command.devices}.")
    import jax

    # One virtual device for each core, unless the user's own settings say otherwise; other backends do not heed it.
    if "JAX_NUM_CPU_DEVICES" not in os.environ or command.devices is not None:
        jax.config.update("jax_num_cpu_devices", command.devices or len(os.sched_getaffinity(0)))
    if share.distributed:
        try:
            jax.distributed.initialize(share.coordinator, share.processes, share.process)
        except (ValueError, RuntimeError) as error:
            raise SettingsError(
                f"the processes cannot find each other: {str(error).splitlines()[0]} Give --coordinator HOST:PORT, "
                "--processes and --process."
            ) from error


def _plan(command: TrainMany, dataset: Any) -> Any:
    """The plan that the options ask for."""
    import jax

    from smilejax.relabelling import relabel
    from smilejax.runs import Plan

    key = jax.random.key(command.seed)
    vary = {"learning_rate": command.rates, "weight_decay": command.decays, "dropout": command.dropouts}
    relabelled = None
    if command.relabellings:
        relabelled = relabel(dataset, command.relabellings, key=jax.random.fold_in(key, RELABELLINGS))
    return Plan(
        _folds(command, dataset, jax.random.fold_in(key, FOLDS)),
        command.settings,
        seeds=tuple(range(command.seed, command.seed + command.seeds)),
        vary={name: values for name, values in vary.items() if values},
        relabelled=relabelled,
    )


def _folds(command: TrainMany, dataset: Any, key: Any) -> Any:
    from smilejax import splits

    if command.split == "shuffled":
        return splits.shuffle_trials(dataset, folds=command.folds or 5, repeats=command.repeats, key=key)
    if command.split == "both":
        return splits.by_participant_and_stimulus(
            dataset,
            participant_blocks=command.folds,
            stimulus_blocks=command.folds,
            repeats=command.repeats,
            key=None if command.folds is None else key,
        )
    by = {"participant": splits.by_participant, "stimulus": splits.by_stimulus}[command.split]
    return by(dataset, folds=command.folds, repeats=command.repeats, key=None if command.folds is None else key)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar over runs, with runs per second. Yields what is to be called with the number of runs that have ended."""
    began, found = time.perf_counter(), 0
    if quiet:
        yield lambda done: None
        return
    with terminal.bar() as progress:
        task = progress.add_task("compiling", total=total)

        def tell(done: int) -> None:
            nonlocal began, found
            if progress.tasks[task].completed == 0:
                began, found = time.perf_counter(), done
            passed = time.perf_counter() - began
            speed = f", {(done - found) / passed:.3g} a second" if done > found and passed > 0 else ""
            progress.update(task, completed=done, description=f"runs{speed}")

        yield tell
