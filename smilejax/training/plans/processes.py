"""Several processes or machines: each trains its share, and all get the whole. JAX finds Slurm, Open MPI and Kubernetes.

Whatever waits for all processes is in here. One that stopped while the others wait would leave them waiting, so work between
two such places is done `in_step`: they go on together, or stop together.
"""

import contextlib
import json
from collections.abc import Iterator

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, SettingsError, SmilejaxError, listed
from smilejax.training.plans.identity import Identity, differences
from smilejax.training.plans.run_arrays import Gathered

MAX_MESSAGE_BYTES = 4000
"""Bytes of an error message that are sent to the other processes: enough for any of ours, should it name two long paths."""


@contextlib.contextmanager
def in_step() -> Iterator[None]:
    """A stretch of work that every process ends well, or else none goes on.

    Raises:
        What the work raises, in the process where it did. SmilejaxError in the others, naming that process and its message.
    """
    if jax.process_count() == 1:
        yield
        return
    own: Exception | None = None
    try:
        yield
    except Exception as error:
        own = error
    said = _exchanged("" if own is None else _words(own))
    if own is not None:
        raise own
    if stopped := [f"process {number} said: {text}" for number, text in enumerate(said) if text]:
        raise SmilejaxError(f"the processes that share a plan go on together or stop together; {listed(stopped)}")


def require_one_identity(identity: Identity) -> None:
    """Refuse processes that were given other data or settings, or whose programs or machines give other numbers.

    Arguments:
        identity: of the plan, as this process has it.

    Raises:
        SettingsError: in every process, naming what differs from the first.
    """
    if jax.process_count() == 1:
        return
    every: list[Identity] = [json.loads(text) for text in _exchanged(json.dumps(identity), most=None)]
    for number, other in enumerate(every):
        if differing := differences(every[0], other):
            raise SettingsError(
                f"processes that share a plan must give the same numbers; between process 0 and process {number} these "
                f"differ: {listed(differing)}.",
                hint="Give all the same data, options, versions and flags, on the same kind of machine.",
            )


def share_of(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The rows that this process trains; none, where there are fewer than processes and others take them."""
    share: npt.NDArray[np.int64] = np.array_split(rows, jax.process_count())[jax.process_index()]
    return share


def found_by_any(done: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """`bool[R]`: the runs that had ended before, as any process found them. All must divide the same ones that are left."""
    if jax.process_count() == 1:
        return done
    found: npt.NDArray[np.bool_] = np.any(_all_gathered(done.astype(np.int32)) > 0, axis=0)
    return found


def gathered(found: Gathered) -> None:
    """Give every process what the others trained, or found. Nothing to do where there is one.

    So the folder need not be one that all see: what a process alone had found there reaches the others too.
    """
    if jax.process_count() == 1:
        return
    have = _all_gathered(found.done.astype(np.int32)) > 0
    own = np.flatnonzero(have[jax.process_index()] & (have.argmax(0) == jax.process_index()))
    most = int(_all_gathered(np.int32(len(own))).max())
    rows = np.full(most, -1, np.int32)  # 64-bit whole numbers would be cut to 32 on the way
    rows[: len(own)] = own
    all_rows = _all_gathered(rows).reshape(-1)
    _shape_as_others(found)
    for _, values in sorted(found.columns.items()):
        part = np.zeros((most, *values.shape[1:]), values.dtype)
        part[: len(own)] = values[own]
        every = _all_gathered(part).reshape(-1, *values.shape[1:])
        values[all_rows[all_rows >= 0]] = every[all_rows >= 0]
    found.done[all_rows[all_rows >= 0]] = True


def _shape_as_others(found: Gathered) -> None:
    """Have a process that trained nothing make the arrays that the others have, to be filled."""
    own = {name: (values.shape[1:], values.dtype.str) for name, values in found.columns.items()}
    for text in _exchanged(json.dumps(own), most=None):
        for name, (shape, dtype) in json.loads(text).items():
            if name not in found.columns:
                found.columns[name] = np.zeros((found.runs, *shape), dtype)


def _exchanged(text: str, most: int | None = MAX_MESSAGE_BYTES) -> list[str]:
    """What every process has to say, in their order."""
    content = np.frombuffer(text.encode()[:most], np.uint8)
    longest = int(_all_gathered(np.int32(len(content))).max())
    if longest == 0:
        return [""] * jax.process_count()
    padded = np.zeros(longest, np.uint8)
    padded[: len(content)] = content
    every = _all_gathered(padded)
    return [bytes(row).rstrip(b"\0").decode(errors="ignore") for row in every]


def _all_gathered(values: np.ndarray | np.int32) -> np.ndarray:
    """Arrays of one shape from all processes, with a leading axis of processes.

    Raises:
        SettingsError: the processes have different numbers of devices, which all of them see.
    """
    from jax.experimental import multihost_utils

    of_process = np.bincount([device.process_index for device in jax.devices()], minlength=jax.process_count())
    if len(set(of_process.tolist())) > 1:
        raise SettingsError(
            f"processes that share a plan must have equally many devices; they have {listed(of_process)}.",
            hint=f"Give each the same number ({SETTING.devices}).",
        )
    return np.asarray(multihost_utils.process_allgather(values))


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, SmilejaxError) else f"{type(error).__name__}: {error}"
