"""Several processes or machines: each trains its share, and all get the whole. JAX finds Slurm, Open MPI and Kubernetes."""

import jax
import numpy as np
import numpy.typing as npt

from smilejax.runs.results import Gathered


def share_of(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The rows that this process trains; all of them where there are fewer than processes, so that none waits for nothing."""
    if len(rows) < jax.process_count():
        return rows
    share: npt.NDArray[np.int64] = np.array_split(rows, jax.process_count())[jax.process_index()]
    return share


def agreed(done: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which runs had ended before, as the first process found it: all must divide the same ones."""
    if jax.process_count() == 1:
        return done
    from jax.experimental import multihost_utils

    first: npt.NDArray[np.bool_] = np.asarray(multihost_utils.broadcast_one_to_all(done.astype(np.int32))) > 0
    return first


def gathered(found: Gathered, own: npt.NDArray[np.int64]) -> None:
    """Give every process what the others trained. Nothing to do where there is one."""
    if jax.process_count() == 1:
        return
    from jax.experimental import multihost_utils

    most = int(np.max(multihost_utils.process_allgather(np.int32(len(own)))))
    rows = np.full(most, -1, np.int64)
    rows[: len(own)] = own
    # 64-bit whole numbers would be cut to 32 on the way.
    all_rows = np.asarray(multihost_utils.process_allgather(rows.astype(np.int32))).reshape(-1)
    for _, values in sorted(found.columns.items()):
        part = np.zeros((most, *values.shape[1:]), values.dtype)
        part[: len(own)] = values[own]
        every = np.asarray(multihost_utils.process_allgather(part)).reshape(-1, *values.shape[1:])
        values[all_rows[all_rows >= 0]] = every[all_rows >= 0]
    found.done[all_rows[all_rows >= 0]] = True
