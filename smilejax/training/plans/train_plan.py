"""`train_runs`: every run of a plan, in chunks over the devices, kept as they end."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SettingsError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.checks import require_kind
from smilejax.training import Programs, RunResult
from smilejax.training.plans.identity import Identity, identity_of
from smilejax.training.plans.memory import PROPORTION_USED, fitted, free_bytes
from smilejax.training.plans.plan import Group, Plan, chunks
from smilejax.training.plans.processes import found_by_any, gathered, in_step, require_one_identity, share_of
from smilejax.training.plans.run_arrays import Gathered, RunArrays, result_of, run_arrays_of
from smilejax.training.plans.saved_runs import Storage, opened

AHEAD = 2
"""Chunks on their way at a time: the devices have the next one while the host keeps the last."""


@dataclass(frozen=True)
class _Wanted:
    """What `train_runs` was asked for, besides the plan."""

    devices: Sequence[jax.Device] | None
    width: int | None
    memory_bytes: int | None
    parameters: bool
    curves: bool
    verify: bool


class _Ready(NamedTuple):
    """Rows that are to be trained, and the programs for them, compiled."""

    rows: npt.NDArray[np.int64]
    programs: Programs


def train_runs(
    dataset: Dataset,
    plan: Plan,
    *,
    folder: Path | str | None = None,
    resume: bool = False,
    devices: Sequence[jax.Device] | None = None,
    width: int | None = None,
    memory_bytes: int | None = None,
    parameters: bool = False,
    curves: bool = True,
    verify: bool = False,
    progress: Callable[[int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> RunResult:
    """Train every run of a plan.

    Every device trains groups of one fixed width by one program. On a CPU the width is 1, and run r then gives the same
    numbers, bit for bit, alone (`train` with its key), in a plan of ten, in any chunk, and on one device or several. At
    greater widths (an accelerator's, or asked for) it does so among chunks of one width on equally many devices; otherwise
    the numbers are equal to rounding at first and drift apart, as trainings do.

    Nothing is trained and nothing written before all that can be wrong has been looked at: the plan, the folder, and the
    programs of all runs that are left, compiled and fitted into memory.

    Arguments:
        dataset: N preprocessed trials.
        plan: R runs.
        folder: where results go as they come; None keeps them in memory only.
        resume: go on with what is in the folder. Ends with the same file as if it had never been interrupted.
        devices: all local ones by default. width: runs on each at a time, by default what suits the device.
        memory_bytes: most memory that programs may use, above 0; by default half of what is free.
        parameters: whether the trained parameters are kept too; the plan must then have one program.
        curves: whether trials are scored after every epoch, or after the last only (then E = 1).
        verify: before all else, train the first run of each program for an epoch alone on one device, and compare the bits.
        progress: called with the number of runs that have ended, first with those that were found in the folder. Where
            processes share a plan, those that others are at are not counted.
        note: called with what should be known and stops nothing: a part in the folder that is damaged or of another plan.

    Returns:
        The result on the host, with a leading axis R in the order of `plan.table`, in every process. A diverged run has its
        status, and its logits are those of the parameters at which it stopped.

    Raises:
        DataError: folds that do not keep their promise, or one class only, before any training.
        SettingsError: a plan that does not fit into memory, or bits that differ where `verify` is set.
        OutputError, CheckpointError: as `storage.opened`.
        SmilejaxError: another process that shares the plan stopped.
    """
    require_kind(dataset, "dataset", Dataset, "Make one with smilejax.prepare.")
    require_kind(plan, "plan", Plan)
    wanted = _Wanted(devices, width, memory_bytes, parameters, curves, verify)
    found = _all_runs(dataset, plan, wanted, folder, resume, progress or _nothing, note or _nothing)
    settings = plan.variants[0] if len(plan.variants) == 1 else None
    return replace(result_of(found.columns), settings=settings, recipe=dataset.recipe)


def _all_runs(
    dataset: Dataset,
    plan: Plan,
    wanted: _Wanted,
    folder: Path | str | None,
    resume: bool,
    report_done: Callable[[int], None],
    report_note: Callable[[str], None],
) -> Gathered:
    """Every run of the plan, those found in the folder and those trained now, in every process."""
    with contextlib.ExitStack() as holding:
        with in_step():
            _check(dataset, plan, wanted)
            needed = folder is not None or jax.process_count() > 1
            identity = _identity(dataset, plan, wanted) if needed else {}
        require_one_identity(identity)
        with in_step():
            found = Gathered(len(plan), max(s.epochs for s in plan.variants) if wanted.curves else 1)
            storage = None if folder is None else _opened(folder, identity, plan, resume, holding)
            _take_up(storage, found, report_note)
        done = found_by_any(found.done)
        with in_step():
            ready = _prepared(dataset, plan, share_of(np.flatnonzero(~done)), wanted)
        with in_step():  # of its own: what one process cannot do must not leave the folder of another behind
            if storage is not None:
                storage.begin()
        report_done(int(done.sum()))
        with in_step():
            for rows, part in _trained(dataset, plan, ready, wanted):
                found.put(rows, part)
                if storage is not None:
                    storage.save(rows, part)
                report_done(int((done | found.done).sum()))
        _finish(storage, plan, found)
    return found


def _finish(storage: Storage | None, plan: Plan, found: Gathered) -> None:
    """What the processes found, put together in each of them, and written as a whole by one."""
    gathered(found)
    with in_step():
        if storage is not None and storage.writer and not storage.finished:
            storage.finish(plan, found.columns)
    if storage is not None:
        storage.tidy()


def _nothing(_: object) -> None:
    """Where nobody wants to know."""


def _check(dataset: Dataset, plan: Plan, wanted: _Wanted) -> None:
    """Raise for what is wrong with the plan or with what was asked for."""
    plan.check(dataset)
    if wanted.parameters and len(plan.groups) > 1:
        raise SettingsError(
            f"parameters can be kept of a plan with one program; this one has {len(plan.groups)}, whose parameters differ in "
            "shape or meaning. Train one plan for each, or leave parameters out."
        )
    for name, value in (("memory_bytes", wanted.memory_bytes), ("width", wanted.width)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SettingsError(f"{name} must be a whole number from 1 up, or None; it is {value!r}.")
    if wanted.devices is not None and not len(wanted.devices):
        raise SettingsError("devices must be at least one, or None for all; there are none.")


def _identity(dataset: Dataset, plan: Plan, wanted: _Wanted) -> Identity:
    """What determines the results."""
    curves = f"curves of {max(s.epochs for s in plan.variants)} epochs" if wanted.curves else "scores of the last epoch"
    return identity_of(dataset, plan, kept=f"parameters and {curves}" if wanted.parameters else curves)


def _opened(folder: Path | str, identity: Identity, plan: Plan, resume: bool, holding: contextlib.ExitStack) -> Storage:
    """The folder of the plan, which holds nothing else."""
    writer = jax.process_index() == 0
    return holding.enter_context(opened(folder, identity, runs=len(plan), resume=resume, writer=writer))


def _take_up(storage: Storage | None, found: Gathered, note: Callable[[str], None]) -> None:
    """What was kept before."""
    if storage is None:
        return
    if storage.finished:
        found.put(np.arange(found.runs), storage.whole())
        return
    for rows, part in storage.kept(note):
        found.put(rows, part)


def _prepared(dataset: Dataset, plan: Plan, todo: npt.NDArray[np.int64], wanted: _Wanted) -> list[_Ready]:
    """Rows that are left, by program, with the programs: compiled, fitted into memory, and verified where asked for."""
    budget = int(PROPORTION_USED * free_bytes()) if wanted.memory_bytes is None else wanted.memory_bytes
    ready: list[_Ready] = []
    for group in plan.groups:
        rows = group.rows[np.isin(group.rows, todo)]
        if not len(rows):
            continue
        first = ready[0].programs if ready else None
        programs = Programs(dataset, group.settings, devices=wanted.devices, width=wanted.width, share_data_of=first)
        programs = fitted(programs, dataset, group.settings, budget)
        if wanted.verify:
            _verify(dataset, plan, group, programs)
        ready.append(_Ready(rows, programs))
    return ready


def _trained(
    dataset: Dataset, plan: Plan, ready: list[_Ready], wanted: _Wanted
) -> Iterator[tuple[npt.NDArray[np.int64], RunArrays]]:
    """Rows and what they gave, chunk by chunk, with `AHEAD` on their way. Chunks hold runs of one number of epochs."""
    waiting: deque[tuple[npt.NDArray[np.int64], Callable[[], RunResult]]] = deque()
    for rows, programs in ready:
        epochs = plan.epochs(rows)
        for number in dict.fromkeys(epochs.tolist()):
            for chunk in chunks(rows[epochs == number], programs.runs_at_once):
                runs = plan.runs(dataset, chunk)
                waiting.append(
                    (chunk, programs.submit(runs, number, curves=wanted.curves, variables=wanted.parameters))
                )
                if len(waiting) >= AHEAD:
                    yield _ended(*waiting.popleft())
    while waiting:
        yield _ended(*waiting.popleft())


def _ended(rows: npt.NDArray[np.int64], result: Callable[[], RunResult]) -> tuple[npt.NDArray[np.int64], RunArrays]:
    return rows, run_arrays_of(result())


def _verify(dataset: Dataset, plan: Plan, group: Group, programs: Programs) -> None:
    """One epoch of the first run alone on one device, against the same in a full chunk, bit for bit."""
    if programs.runs_at_once == programs.shape.width:
        return  # one device: every chunk has its one width
    rows = group.rows[: programs.runs_at_once]
    alone = Programs(dataset, group.settings, devices=programs.devices[:1], width=programs.shape.width)
    together = programs.train(plan.runs(dataset, rows), 1)
    single = alone.train(plan.runs(dataset, rows[:1]), 1)
    if not np.array_equal(np.asarray(together.logits)[0], np.asarray(single.logits)[0]):
        raise SettingsError(
            f"runs must give the same bits on one device and on {len(programs.devices)}; for these shapes they do not. "
            "Use one device."
        )
