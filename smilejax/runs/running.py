"""`train_runs`: every run of a plan, in chunks over the devices, kept as they end."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from smilejax.dataset import Dataset
from smilejax.errors import SettingsError
from smilejax.runs.memory import SHARE, fitted, free_bytes
from smilejax.runs.plan import Group, Plan, chunks
from smilejax.runs.processes import agreed, gathered, share_of
from smilejax.runs.results import Columns, Gathered, columns_of, result_of
from smilejax.runs.storage import Storage, load_runs, opened
from smilejax.training import Programs, RunResult

AHEAD = 2
"""Chunks on their way at a time: the devices have the next one while the host keeps the last."""


def train_runs(
    dataset: Dataset,
    plan: Plan,
    *,
    folder: Path | str | None = None,
    resume: bool = False,
    devices: Sequence[Any] | None = None,
    width: int | None = None,
    memory_bytes: int | None = None,
    parameters: bool = False,
    curves: bool = True,
    verify: bool = False,
    progress: Callable[[int], None] | None = None,
) -> RunResult:
    """Train every run of a plan.

    Run r gives the same numbers, bit for bit, alone (`train` with its key), in a plan of ten, in any chunk, and on one
    device or several of a kind: every device trains groups of one fixed width by one program.

    Arguments:
        dataset: N preprocessed trials.
        plan: R runs.
        folder: where results go as they come; None keeps them in memory only.
        resume: go on with what is in the folder. Ends with the same file as if it had never been interrupted.
        devices: all local ones by default. width: runs on each at a time, by default what suits the device.
        memory_bytes: most memory that programs may use; by default half of what is free.
        parameters: whether the trained parameters are kept too; the plan must then have one program.
        curves: whether trials are scored after every epoch, or after the last only (then E = 1).
        verify: before all else, train the first run for an epoch alone on one device, and compare the bits.
        progress: called with the number of runs that have ended, first with those that were found in the folder.

    Returns:
        The result on the host, with a leading axis R in the order of `plan.table`. A diverged run has its status, and its
        logits are those of the parameters at which it stopped.

    Raises:
        DataError: folds that do not keep their promise, or one class only, before any training.
        SettingsError: a plan that does not fit into memory, or bits that differ where `verify` is set.
        OutputError, CheckpointError: as `storage.opened`.
    """
    plan.check(dataset)
    if parameters and len(plan.groups) > 1:
        raise SettingsError(
            f"parameters can be kept of a plan with one program; this one has {len(plan.groups)}, whose parameters differ in "
            "shape or meaning. Train one plan for each, or leave parameters out."
        )
    all_epochs = int(plan.epochs(np.arange(0, len(plan), max(1, len(plan) // len(plan.variants)))).max())
    found = Gathered(len(plan), all_epochs if curves else 1)
    identity = {**plan.identity(dataset), "kept": f"{'parameters, ' if parameters else ''}{found.epochs} epochs"}
    first_process = jax.process_index() == 0
    place = (
        contextlib.nullcontext()
        if folder is None
        else opened(folder, plan, identity, resume=resume, writer=first_process)
    )
    with place as storage:
        if storage is not None and storage.finished and jax.process_count() == 1:
            (progress or (lambda done: None))(len(plan))
            return load_runs(storage.folder).result
        if storage is not None and first_process:
            _take_up(storage, found)
        done = agreed(found.done)
        if storage is not None and not first_process:
            _take_up(storage, found)  # parts that the others wrote since are theirs to give
            found.done = done
        tell = progress or (lambda done: None)
        tell(int(found.done.sum()))
        todo = share_of(np.flatnonzero(~found.done))
        budget = int(SHARE * free_bytes()) if memory_bytes is None else memory_bytes
        for group in plan.groups:
            rows = group.rows[np.isin(group.rows, todo)]
            if not len(rows):
                continue
            programs = Programs(dataset, group.settings, devices=devices, width=width)
            programs = fitted(programs, dataset, plan, group.settings, budget)
            if verify:
                _verify(dataset, plan, group, programs)
            for ended, part in _trained(dataset, plan, programs, rows, curves=curves, parameters=parameters):
                found.put(ended, part)
                if storage is not None:
                    storage.save(ended, part)
                tell(int(found.done.sum()))
        gathered(found, todo)
        if storage is not None and first_process:
            storage.finish(plan, found.columns)
    return result_of(found.columns)


def _take_up(storage: Storage, found: Gathered) -> None:
    """What was kept before; a part that is not what was written is set aside."""
    for path, part in storage.parts():
        if part is None:
            path.rename(path.with_suffix(".damaged"))
        else:
            rows = part.pop("rows")
            found.put(rows, part)


def _trained(
    dataset: Dataset,
    plan: Plan,
    programs: Programs,
    rows: npt.NDArray[np.int64],
    *,
    curves: bool,
    parameters: bool,
) -> Iterator[tuple[npt.NDArray[np.int64], Columns]]:
    """Runs of one program, chunk by chunk. Chunks hold runs of one number of epochs."""
    waiting: deque[tuple[npt.NDArray[np.int64], RunResult]] = deque()
    epochs = plan.epochs(rows)
    for number in dict.fromkeys(epochs.tolist()):
        for chunk in chunks(rows[epochs == number], programs.runs_at_once):
            result = programs.train(plan.runs(dataset, chunk), number, curves=curves)
            waiting.append((chunk, result))
            if len(waiting) >= AHEAD:
                yield _ended(*waiting.popleft(), parameters=parameters)
    while waiting:
        yield _ended(*waiting.popleft(), parameters=parameters)


def _ended(
    rows: npt.NDArray[np.int64], result: RunResult, *, parameters: bool
) -> tuple[npt.NDArray[np.int64], Columns]:
    columns = columns_of(result)
    return rows, columns if parameters else {k: v for k, v in columns.items() if not k.startswith("variables/")}


def _verify(dataset: Dataset, plan: Plan, group: Group, programs: Programs) -> None:
    """One epoch of the first run alone on one device, against the same in a full chunk, bit for bit."""
    if programs.runs_at_once == programs.shape.width:
        return  # one device: every chunk has its one width
    rows = group.rows[: programs.runs_at_once]
    alone = Programs(dataset, group.settings, devices=[programs.shape.mesh.devices.flat[0]], width=programs.shape.width)
    together = programs.train(plan.runs(dataset, rows), 1)
    single = alone.train(plan.runs(dataset, rows[:1]), 1)
    if not np.array_equal(np.asarray(together.logits)[0], np.asarray(single.logits)[0]):
        raise SettingsError(
            f"runs must give the same bits on one device and on {programs.shape.mesh.size}; for these shapes they do not. "
            "Use one device."
        )
