"""Runs as two compiled programs, one for their beginning and one for epochs, however many runs and epochs there are.

What a run gives must not depend on the runs next to it. Training is chaotic: a last-bit difference grows to tenths of a
weight in a hundred steps, and XLA compiles a lone run, a narrow and a wide group differently. So every device works on
groups of one fixed width, the last one padded with repetitions, and the program goes on by as many epochs as it is told: a plan
of one run or of ten thousand goes through the same one, and on a CPU, where groups are of one run, so does `train`.

On a CPU a program keeps to one core, and one thread for each core calls it: small programs gain nothing from XLA's own
threads. Every accelerator is driven by one thread.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from smilejax._util.cores import cores
from smilejax._util.kept_programs import KeptProgram, keeps_programs
from smilejax.models.kept_logits import what_makes_the_network
from smilejax.models.native import lstm_kernel
from smilejax.models.network import Variables, registrations
from smilejax.models.network_input import network_data
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training.epochs import logits_of, scores_of, status_of, train_epoch
from smilejax.training.run import EpochProgress, OnEpochEnd, Run, RunResult, Scores
from smilejax.training.train_state import TrainState, fit_standardisation, initial_state, program_of

CPU_WIDTH, ACCELERATOR_WIDTH = 1, 256
"""Runs that a program trains at a time. On a CPU one: its parameters stay in the cache. An accelerator is idle without
hundreds; its width is cut to its memory."""
ONE_CORE: tuple[tuple[str, str | bool], ...] = (("xla_cpu_multi_thread_eigen", False),)
"""Options of XLA by which a CPU program keeps to one core."""
MAX_COMPILED = 64
compiled: dict[tuple[object, ...], jax.stages.Compiled] = {}
"""Programs by what they are for, at most `MAX_COMPILED`; the oldest goes first."""
_workers: dict[tuple[jax.Device, int], ThreadPoolExecutor] = {}
"""Threads that call the programs of a device."""


class DeviceOptions(TypedDict, total=False):
    """Where runs are trained; see `Programs`."""

    devices: Sequence[jax.Device] | None
    width: int | None


@dataclass(frozen=True)
class Shape:
    """What a program is compiled for, the shapes of the data apart. Hashable, static in `jit`."""

    settings: TrainingSettings
    standardised: tuple[bool, ...]
    width: int
    native: bool
    registrations: int
    """How often a network had been replaced by another of its name."""


class Programs:
    """The compiled programs for runs on one dataset with one kind of settings.

    Arguments:
        dataset: N trials; laid out on every device once.
        settings: fixes the program; what `Run` carries, and the number of epochs, may differ between calls.
        devices: one run (or group of runs) goes to each at a time; by default all accelerators, or the CPU once for each core.
            The virtual devices of a CPU are one: there it is their number that counts.
        width: runs in a group; None takes what suits the device.
        share_data_of: programs for the same dataset and devices, whose copy of the data on the devices is used.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: TrainingSettings,
        *,
        devices: Sequence[jax.Device] | None = None,
        width: int | None = None,
        share_data_of: "Programs | None" = None,
    ) -> None:
        self.devices = places(devices)
        x, valid, standardised = network_data(dataset, settings.model)
        self.shape = Shape(
            program_of(settings),
            standardised,
            width or usual_width(),
            lstm_kernel.usable(),
            registrations(),
        )
        self.dataset = dataset
        self.data: dict[jax.Device, tuple[Array, Array]] = (
            share_data_of.data
            if share_data_of is not None
            else {device: jax.device_put((x, valid), device) for device in self.devices}
        )

    @property
    def runs_at_once(self) -> int:
        """Runs of one call."""
        return self.shape.width * len(self.devices)

    def train(
        self,
        runs: Run,
        epochs: int,
        *,
        start: Variables | None = None,
        curves: bool = True,
        on_epoch_end: OnEpochEnd | None = None,
    ) -> RunResult:
        """Train R runs, at most `runs_at_once`, and wait for them.

        Arguments:
            runs: with a leading axis R. epochs: from 1 up.
            start: parameters to go on from, each leaf with a leading axis R; None begins anew.
            curves: whether trials are scored after every epoch, or after the last one only (E is then 1).
            on_epoch_end: called after each epoch with the scores of the first run.

        Returns:
            The result with a leading axis R: of one group on its device, of several on the host.
        """
        if runs.train.shape[0] <= self.shape.width:
            return self._group(self.devices[0], runs, start, epochs, curves, True, on_epoch_end)
        return self.submit(runs, epochs, start=start, curves=curves)()

    def submit(
        self, runs: Run, epochs: int, *, start: Variables | None = None, curves: bool = True, variables: bool = True
    ) -> Callable[[], RunResult]:
        """Have R runs trained, at most `runs_at_once`, while the caller goes on. Arguments as `train`.

        Arguments:
            variables: whether trained parameters are fetched from the device; None stands in their place otherwise.

        Returns:
            What waits for the runs and gives their result, with a leading axis R, on the host.
        """
        given, width = runs.train.shape[0], self.shape.width
        for device in dict.fromkeys(self.devices):  # before threads ask for the same program at once
            self._compiled(device, runs.key)
        waiting: list[Future[RunResult]] = []
        for place, first in enumerate(range(0, given, width)):
            device = self.devices[place]
            group = partial(jax.tree.map, lambda leaf, at=slice(first, first + width): leaf[at])
            threads = self.devices.count(device)
            part = None if start is None else group(start)
            waiting.append(
                workers(device, threads).submit(self._fetched, device, group(runs), part, epochs, curves, variables)
            )

        def result() -> RunResult:
            parts = [one.result() for one in waiting]
            return jax.tree.map(lambda *leaves: np.concatenate(leaves), *parts) if len(parts) > 1 else parts[0]

        return result

    def memory_bytes(self) -> int:
        """What the program of epochs needs for a full call on one device, as XLA reports it; compiles it."""
        analysis = self._compiled(self.devices[0]).memory_analysis()
        assert analysis is not None  # CPUs and GPUs report it
        return int(
            analysis.temp_size_in_bytes
            + analysis.argument_size_in_bytes
            + analysis.output_size_in_bytes
            - analysis.alias_size_in_bytes
        )

    def _fetched(self, *given: Any) -> RunResult:
        """The result of a group, on the host."""
        result: RunResult = jax.tree.map(np.asarray, self._group(*given))
        return result

    def _group(
        self,
        device: jax.Device,
        runs: Run,
        start: Variables | None,
        epochs: int,
        curves: bool,
        variables: bool,
        on_epoch_end: OnEpochEnd | None = None,
    ) -> RunResult:
        """Train the runs of one group on one device."""
        given = runs.train.shape[0]
        x, valid = self.data[device]
        runs = self._padded(runs, device)
        start = None if start is None else self._padded(start, device)
        state = _BEGIN(x, valid, runs, start, shape=self.shape)
        program, step = self._compiled(device, runs.key), 1 if curves else epochs
        scores: list[tuple[Scores, Scores]] = []
        for number in range(step, epochs + 1, step):
            state, logits, status, now = program(x, valid, runs, state, np.int32(step))
            scores.append(now)
            if on_epoch_end is not None:
                on_epoch_end(_progress(number, epochs, now))
        training, validation = jax.tree.map(lambda *parts: jnp.stack(parts, axis=1), *scores)
        result = RunResult(training, validation, logits, status, state.variables if variables else None)
        return jax.tree.map(lambda leaf: leaf[:given], result) if given < self.shape.width else result

    def _compiled(self, device: jax.Device, key: Array | None = None) -> jax.stages.Compiled:
        """The program of epochs for keys of a kind. Compiled ahead of its first call, since it can then say its memory."""
        x, _ = self.data[device]
        key = jax.random.key(0) if key is None else key
        what = (self.shape, x.shape, device, key.dtype)
        if what not in compiled:
            if len(compiled) >= MAX_COMPILED:
                compiled.pop(next(iter(compiled)))
            compiled[what] = self._kept(device, key) or self._traced(device, key)
        return compiled[what]

    def _traced(self, device: jax.Device, key: Array) -> jax.stages.Compiled:
        """The program of epochs, compiled here and now."""
        x, valid = self.data[device]
        runs = jax.eval_shape(partial(_described, n=x.shape[0], width=self.shape.width, impl=jax.random.key_impl(key)))
        state = jax.eval_shape(partial(_begin, shape=self.shape), x, valid, runs, None)
        lowered = _epochs.lower(x, valid, runs, state, np.int32(1), shape=self.shape)
        return lowered.compile(compiler_options=dict(ONE_CORE) if device.platform == "cpu" else None)

    def _kept(self, device: jax.Device, key: Array) -> Any:
        """The program of epochs from the disk, if programs are kept there. It is tried with no epoch of an empty run."""
        if not keeps_programs() or device.platform != "cpu":
            return None
        x, valid = self.data[device]
        runs = _described(x.shape[0], self.shape.width, jax.random.key_impl(key))
        state = _BEGIN(x, valid, runs, None, shape=self.shape)
        return _EPOCHS.kept(x, valid, runs, state, np.int32(0), shape=self.shape)

    def _padded(self, tree: Any, device: jax.Device) -> Any:
        """Leaves `[R, ...]` on a device, padded to a group's width with repetitions of the last."""

        def pad(given: jax.typing.ArrayLike) -> Array:
            leaf = jnp.asarray(given)
            surplus = self.shape.width - leaf.shape[0]
            return jnp.concatenate([leaf, jnp.repeat(leaf[-1:], surplus, axis=0)]) if surplus else leaf

        return jax.device_put(jax.tree.map(pad, tree), device)


def places(devices: Sequence[jax.Device] | None) -> tuple[jax.Device, ...]:
    """Where groups are trained, a device as often as it trains groups at the same time; see `Programs`."""
    local = jax.local_devices()
    if (local[0] if devices is None else devices[0]).platform != "cpu":
        return tuple(local if devices is None else devices)
    return (local[0] if devices is None else devices[0],) * (cores() if devices is None else len(devices))


def workers(device: jax.Device, threads: int) -> ThreadPoolExecutor:
    """The threads that drive a device."""
    if (device, threads) not in _workers:
        _workers[device, threads] = ThreadPoolExecutor(threads, thread_name_prefix="smilejax")
    return _workers[device, threads]


def usual_width() -> int:
    """Runs that a device of this machine is best given at a time."""
    return CPU_WIDTH if jax.default_backend() == "cpu" else ACCELERATOR_WIDTH


def _over_runs(function: Callable[..., Any], shape: Shape, *given: Any) -> Any:
    """A function of one run, for the runs of a group: called where it is one, vmapped where there are more.

    Arguments:
        given: trees with a leading axis of runs.
    """
    if shape.width > 1:
        return jax.vmap(function)(*given)
    one = function(*jax.tree.map(lambda leaf: leaf[0], given))
    return jax.tree.map(lambda leaf: leaf[None], one)


@partial(jax.jit, static_argnames="shape")
def _begin(x: Array, valid: Array, runs: Run, start: Variables | None, *, shape: Shape) -> TrainState:
    """Runs before their first step."""

    def begin(run: Run, start: Variables | None) -> TrainState:
        fits = shape.settings.standardise and start is None
        fitted = fit_standardisation(x, valid, run.train, shape.standardised, shape.settings.model) if fits else None
        return initial_state(x, run, fitted, start, settings=shape.settings)

    state: TrainState = _over_runs(begin, shape, runs, start)
    return state


@partial(jax.jit, static_argnames="shape", donate_argnames="state")
def _epochs(
    x: Array, valid: Array, runs: Run, state: TrainState, count: Int[Array, ""], *, shape: Shape
) -> tuple[TrainState, Array, Array, tuple[Scores, Scores]]:
    """Runs after a number of further epochs: their state, logits of all trials, status, and scores."""
    settings = shape.settings

    def epochs(run: Run, state: TrainState) -> tuple[Any, ...]:
        state = jax.lax.fori_loop(0, count, lambda _, now: train_epoch(x, valid, run, now, settings=settings), state)
        logits = logits_of(x, valid, state, settings=settings)
        scores = scores_of(logits, run)
        return state, logits, status_of(state, scores[0]), scores

    after: tuple[TrainState, Array, Array, tuple[Scores, Scores]] = _over_runs(epochs, shape, runs, state)
    return after


def _about(*, shape: Shape) -> str | None:
    """In words, what a kept program depends on."""
    network = what_makes_the_network(shape.settings.model)
    return None if network is None else f"{shape!r}, {network}"


_ROOMS = ("_util", "settings", "models", "training")
_BEGIN: KeptProgram[TrainState] = KeptProgram("begin", _ROOMS, lambda *given, shape: _begin, _about)
_EPOCHS: KeptProgram[Any] = KeptProgram("epochs", _ROOMS, lambda *given, shape: _epochs, _about, ONE_CORE)


def _described(n: int, width: int, impl: Any) -> Run:
    """Runs of a group by their shapes."""
    mask, number, label = np.zeros((width, n), bool), np.zeros(width, np.float32), np.zeros((width, n), np.int32)
    words = jax.random.key_data(jax.random.key(0, impl=impl))
    keys = jax.random.wrap_key_data(jnp.broadcast_to(words, (width, *words.shape)), impl=impl)
    return Run(keys, *jax.device_put((mask, mask, label, number, number, number)))


def _progress(epoch: int, epochs: int, scores: tuple[Scores, Scores]) -> EpochProgress:
    values = (value for group in scores for value in (group.loss[0], group.accuracy[0]))
    return EpochProgress(epoch, epochs, *(float(np.asarray(value)) for value in values))
