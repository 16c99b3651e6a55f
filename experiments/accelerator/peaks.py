"""What a device can do at most, and what share of it trainings use. Pure arithmetic, but for `measured`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from smilejax import TrainingSettings

MIB = 2**20


@dataclass(frozen=True)
class Peaks:
    """The most that a device does in a second.

    Arguments:
        gigabytes: moved between the device and its memory, 1e9 bytes.
        teraflops: 1e12 operations on float32 as XLA multiplies them unless told otherwise: on these GPUs by tensor cores in
            TF32, without sparsity.
        source: where the numbers are from.
    """

    gigabytes: float
    teraflops: float
    source: str


_H100 = "NVIDIA H100 data sheet"
_A100 = "NVIDIA A100 data sheet, June 2021"
PEAKS = {
    "NVIDIA H100 80GB HBM3": Peaks(3350, 494.5, _H100),  # half of the 989 with sparsity
    "NVIDIA H100 PCIe": Peaks(2000, 378, _H100),
    "NVIDIA H100 NVL": Peaks(3900, 417.5, _H100),
    "NVIDIA H200": Peaks(4800, 494.5, "NVIDIA H200 data sheet"),
    "NVIDIA A100-SXM4-40GB": Peaks(1555, 156, "NVIDIA A100 40GB data sheet, 2020"),
    "NVIDIA A100-PCIE-40GB": Peaks(1555, 156, "NVIDIA A100 40GB data sheet, 2020"),
    "NVIDIA A100-SXM4-80GB": Peaks(2039, 156, _A100),
    "NVIDIA A100 80GB PCIe": Peaks(1935, 156, _A100),
}
"""By `jax.Device.device_kind`, exactly: a slice of a GPU (MIG) has another kind, and a part of its peaks."""


def measured(device: jax.Device, *, size: int, mebibytes: int) -> Peaks:
    """What one large matrix product and one large copy reach on a device.

    Arguments:
        size: rows and columns of the matrices. mebibytes: size of what is copied.
    """
    a = jax.device_put(np.ones((size, size), np.float32), device)
    product = jax.jit(jnp.matmul).lower(a, a).compile()
    flat = jax.device_put(np.ones(mebibytes * MIB // 4, np.float32), device)
    copy = jax.jit(lambda v: v + 1.0).lower(flat).compile()
    flops = 2 * size**3 / _least_seconds(lambda: product(a, a))
    moved = 2 * flat.nbytes / _least_seconds(lambda: copy(flat))
    return Peaks(moved / 1e9, flops / 1e12, f"measured: product of {size} x {size}, copy of {mebibytes} MiB")


def _least_seconds(work: Callable[[], jax.Array], repeats: int = 5) -> float:
    """Seconds of the quickest of a few calls, after a first one that is not timed."""
    work().block_until_ready()
    took: list[float] = []
    for _ in range(repeats):
        before = time.perf_counter()
        work().block_until_ready()
        took.append(time.perf_counter() - before)
    return min(took)


def inputs_of_dense(settings: TrainingSettings, steps: int) -> int:
    """Numbers of one trial that the first dense layer is given."""
    model = settings.model
    return -(-steps // model.pool_steps) * model.hidden


def parameter_count(settings: TrainingSettings, steps: int, channels: int) -> int:
    """Parameters of the recurrent network with an LSTM, both biases of the cell included."""
    model = settings.model
    widths = (inputs_of_dense(settings, steps), *model.dense, 2)
    dense = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    return 4 * model.hidden * (channels + model.hidden + 2) + dense


def flops_of_step(settings: TrainingSettings, steps: int, channels: int) -> int:
    """Multiplications and additions of the matrix products of one step of training, one model: once forwards, twice backwards.

    Arguments:
        steps: T, time steps of a trial. channels: C.
    """
    model = settings.model
    widths = (inputs_of_dense(settings, steps), *model.dense, 2)
    dense = sum(inputs * outputs for inputs, outputs in pairwise(widths))
    recurrent = steps * 4 * model.hidden * (channels + model.hidden)
    return 3 * 2 * settings.minibatch_size * (dense + recurrent)


def bytes_of_step(settings: TrainingSettings, steps: int, channels: int) -> int:
    """Least traffic of one step of training, one model, in bytes: parameters, gradient and the optimiser's moments, float32.

    Parameters are read forwards and backwards, the gradient is written; then Adam reads parameters, gradient and two moments
    and writes three of them, and plain SGD reads two and writes one. What layers hand on to each other is left out.
    """
    of_optimizer = (
        3 if settings.optimizer == "sgd" and not settings.momentum else 5 if settings.optimizer == "sgd" else 7
    )
    return 4 * (3 + of_optimizer) * parameter_count(settings, steps, channels)


@dataclass(frozen=True)
class Shares:
    """Shares of a device's peaks, 0 to 1."""

    bandwidth: float
    arithmetic: float


def shares(
    runs_per_second: float, steps_per_run: int, settings: TrainingSettings, peaks: Peaks, *, steps: int, channels: int
) -> Shares:
    """What trainings use of a device's peaks, by what they need at least.

    Arguments:
        steps_per_run: steps of the optimiser in a run. steps: T, time steps of a trial. channels: C.
    """
    rate = runs_per_second * steps_per_run
    return Shares(
        rate * bytes_of_step(settings, steps, channels) / (peaks.gigabytes * 1e9),
        rate * flops_of_step(settings, steps, channels) / (peaks.teraflops * 1e12),
    )
