"""Runs as compiled programs over devices: one for their beginning, one for an epoch, however many runs and epochs there are.

What a run gives must not depend on the runs next to it. Training is chaotic: a last-bit difference grows to tenths of a
weight in a hundred steps, and XLA compiles a lone run, a narrow and a wide group differently. So every device works on a
group of one fixed width, the last one padded with repetitions, and the epoch is the program: a plan of one run or of
ten thousand, on one device or several, goes through the same one, and on a CPU, where groups are of one run, so does `train`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array

from smilejax.models.native import lstm_kernel
from smilejax.models.network import Standardisation, Variables, registrations
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training.epochs import logits_of, scores_of, status_of, train_epoch
from smilejax.training.run import EpochProgress, OnEpochEnd, Run, RunResult, Scores, standardised_channels
from smilejax.training.train_state import TrainState, fit_standardisation, initial_state, program_of

CPU_WIDTH, ACCELERATOR_WIDTH = 1, 256
"""Runs that a device trains at a time. On a CPU one: its parameters stay in the cache, and XLA then gives the same bits on
one device and on several, which it was seen not to do from two up (jax 0.10.2: last bits differ between the programs of one
and of two devices at widths of 2, 4 and 8). An accelerator is idle without hundreds; its width is cut to its memory."""
MAX_COMPILED = 64
compiled: dict[tuple[object, ...], jax.stages.Compiled] = {}
"""Programs of epochs by what they are for, at most `MAX_COMPILED`; the oldest goes first."""


@dataclass(frozen=True)
class Shape:
    """What a program is compiled for, share_data_ofs the shapes of the data. Hashable, static in `jit`."""

    settings: TrainingSettings
    mesh: Mesh
    width: int
    native: bool
    registrations: int
    """How often a network had been replaced by another of its name."""


class Programs:
    """The compiled programs for runs on one dataset with one kind of settings.

    Arguments:
        dataset: N trials; laid out on every device once.
        settings: fixes the program; what `Run` carries, and the number of epochs, may differ between calls.
        devices: all local ones by default, one run (or group of runs) on each.
        width: runs on each device at a time; None takes what suits it.
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
        used = list(jax.local_devices() if devices is None else devices)
        mesh = jax.make_mesh((len(used),), ("r",), axis_types=(AxisType.Auto,), devices=used)
        self.shape = Shape(program_of(settings), mesh, width or usual_width(), lstm_kernel.usable(), registrations())
        self.dataset = dataset
        self.x: Array
        self.valid: Array
        self.standardisations: dict[bytes, Standardisation]
        if share_data_of is not None:
            self.x, self.valid, self.standardisations = (
                share_data_of.x,
                share_data_of.valid,
                share_data_of.standardisations,
            )
            return
        self.standardisations = {}
        self.x, self.valid = jax.device_put((dataset.x, dataset.valid), NamedSharding(mesh, P()))

    @property
    def runs_at_once(self) -> int:
        """Runs of one call."""
        return self.shape.width * self.shape.mesh.size

    def train(
        self,
        runs: Run,
        epochs: int,
        *,
        start: Variables | None = None,
        curves: bool = True,
        on_epoch_end: OnEpochEnd | None = None,
    ) -> RunResult:
        """Train R runs, at most `runs_at_once`.

        Arguments:
            runs: with a leading axis R. epochs: from 1 up.
            start: parameters to go on from, each leaf with a leading axis R; None begins anew.
            curves: whether trials are scored after every epoch, or after the last one only (E is then 1).
            on_epoch_end: called after each epoch with the scores of the first run.

        Returns:
            The result with a leading axis R, on the devices.
        """
        given = runs.train.shape[0]
        state = self._initial(runs, start)
        runs = self._padded(runs)
        scores, logits = [], None
        for number in range(1, epochs + 1):
            scored = curves or number == epochs
            epoch = self._epoch(runs, state, scored=scored)
            state, logits, now = epoch(self.x, self.valid, runs, state)
            if scored:
                scores.append(now)
            if on_epoch_end is not None and scored:
                on_epoch_end(_progress(number, epochs, now))
        assert logits is not None  # one epoch at least, and the last is scored
        status = _status(state, scores[-1][0], shape=self.shape)
        training, validation = jax.tree.map(lambda *parts: jnp.stack(parts, axis=1), *scores)
        result = RunResult(training, validation, logits, status, state.variables)
        return jax.tree.map(lambda leaf: leaf[:given], result)

    def memory_bytes(self, runs: Run) -> int:
        """What the epoch's program needs on each device for a full call, as XLA reports it; compiles it."""
        state = self._initial(runs, None)
        analysis = self._epoch(self._padded(runs), state, scored=True).memory_analysis()
        assert analysis is not None  # CPUs and GPUs report it
        return int(
            analysis.temp_size_in_bytes
            + analysis.argument_size_in_bytes
            + analysis.output_size_in_bytes
            - analysis.alias_size_in_bytes
        )

    def _initial(self, runs: Run, start: Variables | None) -> TrainState:
        """Runs before their first step, padded, on the devices."""
        fits = self.shape.settings.standardise and start is None
        fitted = self._padded(self._standardisation(np.asarray(runs.train))) if fits else None
        start = None if start is None else self._padded(start)
        return _begin(self.x, self._padded(runs), fitted, start, shape=self.shape)

    def _standardisation(self, train: np.ndarray) -> Standardisation:
        """The standardisation of each run, by one program of its own for one run on one device, once for each fold.

        Within the program of several devices XLA adds the terms of so large a sum in another order than in that of one.
        """
        for mask in train:
            if mask.tobytes() not in self.standardisations:
                channels = standardised_channels(self.dataset)
                fitted = _standardisation(self.dataset.x, self.dataset.valid, jnp.asarray(mask), standardised=channels)
                self.standardisations[mask.tobytes()] = jax.tree.map(np.asarray, fitted)
        each = [self.standardisations[mask.tobytes()] for mask in train]
        stacked: Standardisation = jax.tree.map(lambda *parts: np.stack(parts), *each)
        return stacked

    def _epoch(self, runs: Run, state: TrainState, *, scored: bool) -> jax.stages.Compiled:
        """The compiled epoch. Compiled ahead of its first call, since it can then say what memory it needs."""
        what = (self.shape, self.x.shape, runs.key.dtype, scored)
        if what not in compiled:
            if len(compiled) >= MAX_COMPILED:
                compiled.pop(next(iter(compiled)))
            lowered = _epoch.lower(self.x, self.valid, runs, state, shape=self.shape, scored=scored)
            compiled[what] = lowered.compile()
        return compiled[what]

    def _padded(self, tree: Any) -> Any:
        """Leaves `[R, ...]` padded to `runs_at_once` with repetitions of the last, each device's part on it."""

        def pad(given: jax.typing.ArrayLike) -> Array:
            leaf = jnp.asarray(given)
            surplus = self.runs_at_once - leaf.shape[0]
            return jnp.concatenate([leaf, jnp.repeat(leaf[-1:], surplus, axis=0)]) if surplus else leaf

        return jax.device_put(jax.tree.map(pad, tree), NamedSharding(self.shape.mesh, P("r")))


def usual_width() -> int:
    """Runs that a device of this machine is best given at a time."""
    return CPU_WIDTH if jax.default_backend() == "cpu" else ACCELERATOR_WIDTH


def _over_runs(function: Callable[..., Any], shape: Shape, shared: tuple[Array, ...], *given: Any) -> Any:
    """A function of one run, for the runs of every device: called where there is one, vmapped where there are more.

    Arguments:
        function: takes what is shared, then what is a run's own.
        shared: arrays that all runs have in common. given: trees with a leading axis of runs.
    """

    def group(shared: tuple[Array, ...], *given: Any) -> Any:
        of_run = partial(function, *shared)
        if shape.width > 1:
            return jax.vmap(of_run)(*given)
        one = of_run(*jax.tree.map(lambda leaf: leaf[0], given))
        return jax.tree.map(lambda leaf: leaf[None], one)

    specs = (P(), *[P("r")] * len(given))
    return jax.shard_map(group, mesh=shape.mesh, in_specs=specs, out_specs=P("r"), check_vma=False)(shared, *given)


_standardisation = partial(jax.jit, static_argnames="standardised")(fit_standardisation)


@partial(jax.jit, static_argnames="shape")
def _begin(
    x: Array, runs: Run, standardisation: Standardisation | None, start: Variables | None, *, shape: Shape
) -> TrainState:
    state: TrainState = _over_runs(
        partial(initial_state, settings=shape.settings), shape, (x,), runs, standardisation, start
    )
    return state


@partial(jax.jit, static_argnames=("shape", "scored"), donate_argnames="state")
def _epoch(
    x: Array, valid: Array, runs: Run, state: TrainState, *, shape: Shape, scored: bool
) -> tuple[TrainState, Array | None, tuple[Scores, Scores] | None]:
    def epoch(x: Array, valid: Array, run: Run, state: TrainState) -> tuple[Any, ...]:
        state = train_epoch(x, valid, run, state, settings=shape.settings)
        if not scored:
            return state, None, None
        logits = logits_of(x, valid, state, settings=shape.settings)
        return state, logits, scores_of(logits, run)

    epochs: tuple[Any, ...] = _over_runs(epoch, shape, (x, valid), runs, state)
    return epochs


@partial(jax.jit, static_argnames="shape")
def _status(state: TrainState, training: Scores, *, shape: Shape) -> Array:
    return jax.vmap(status_of)(state, training)


def _progress(epoch: int, epochs: int, scores: tuple[Scores, Scores]) -> EpochProgress:
    values = (value for group in scores for value in (group.loss[0], group.accuracy[0]))
    return EpochProgress(epoch, epochs, *(float(np.asarray(value)) for value in values))
