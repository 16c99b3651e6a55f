"""Devices, memory and processes: settled before JAX's backend starts, looked at when it has."""

import contextlib
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING, SettingsError
from smilejax.settings.checks import require

if TYPE_CHECKING:
    import jax

MOST_PER_CORE = 8
"""Largest number of virtual CPU devices for each core. From two for each core on they take turns, and gain nothing."""


@dataclass(frozen=True)
class Processes:
    """One process of several that share a plan."""

    distributed: bool = False
    """Whether there are others; the first process writes."""
    coordinator: str | None = None
    """HOST:PORT at which the first process listens; found by itself under Slurm, Open MPI and Kubernetes."""
    processes: int | None = None
    """How many there are."""
    process: int | None = None
    """Which of them this is, from 0."""


ALONE = Processes()


def check(devices: int | None, share: Processes = ALONE) -> None:
    """Check what can be checked without JAX.

    Raises:
        SettingsError: a number out of its range, or options that need others.
    """
    most = MOST_PER_CORE * cores()
    rule = f"a whole number from 1 to {most} ({MOST_PER_CORE} for each core)"
    require(devices is None or 1 <= devices <= most, "devices", rule, devices)
    if not share.distributed:
        _check_alone(share)
        return
    number = share.processes
    require(number is None or number >= 1, "processes", "a whole number from 1 up", number)
    top = " up" if number is None else f" to {number - 1}, one less than {SETTING.processes}"
    ok = share.process is None or 0 <= share.process < (number or share.process + 1)
    require(ok, "process", f"a whole number from 0{top}", share.process)
    address = share.coordinator
    ok = address is None or (":" in address and address.rpartition(":")[2].isdecimal() and address[0] != ":")
    require(ok, "coordinator", "HOST:PORT", address, "Name the machine of process 0 and a free port on it.")


def _check_alone(share: Processes) -> None:
    for name in ("coordinator", "processes", "process"):
        if getattr(share, name) is not None:
            raise SettingsError(
                setting=name,
                rule=f"given together with {SETTING.distributed}",
                hint=f"Without it this process would train everything alone. "
                f"Add {SETTING.distributed}, or leave {SETTING(name)} out.",
            )


def set_up_devices(devices: int | None, share: Processes = ALONE) -> None:
    """Have JAX make the devices and find the other processes.

    On a CPU one virtual device for each core, unless the user's own settings say otherwise; accelerators do not heed it.
    """
    import jax

    if devices is not None or not _users_own():
        with contextlib.suppress(RuntimeError):  # where a program calls this one, the backend is up with what it has
            jax.config.update("jax_num_cpu_devices", devices or cores())
    if share.distributed:
        try:
            jax.distributed.initialize(share.coordinator, share.processes, share.process)
        except (ValueError, RuntimeError) as error:
            raise SettingsError(
                f"the processes cannot find each other: {str(error).splitlines()[0]}",
                hint=f"Give {SETTING.coordinator} HOST:PORT, {SETTING.processes} and {SETTING.process}.",
            ) from error


def chosen(devices: int | None) -> "list[jax.Device]":
    """The devices of this process to use.

    Raises:
        SettingsError: there are fewer.
    """
    import jax

    there = jax.local_devices()
    rule = f"at most {len(there)}, the number of {there[0].platform} devices here"
    require(devices is None or devices <= len(there), "devices", rule, devices, "Leave it out to use all.")
    return list(there[:devices])


def memory_bytes(mib: float | None) -> int | None:
    """The memory that programs may use in bytes, from MiB; None where none was given.

    Raises:
        SettingsError: no number above 0.
    """
    require(mib is None or (math.isfinite(mib) and mib > 0), "memory_mib", "a number above 0", mib)
    return None if mib is None else math.ceil(mib * 2**20)


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS, Windows


def _users_own() -> bool:
    """Whether the number of CPU devices was set in the environment."""
    flags = os.environ.get("XLA_FLAGS", "")
    return "JAX_NUM_CPU_DEVICES" in os.environ or "xla_force_host_platform_device_count" in flags
