"""Devices, memory and processes: settled before JAX's backend starts, looked at when it has."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smilejax._util.cores import cores
from smilejax._util.errors import SETTING, SettingsError
from smilejax.cli.process_setup import check_platform
from smilejax.settings.checks import require

if TYPE_CHECKING:
    import jax

MOST_PER_CORE = 8
"""Largest number of trainings at the same time for each core. From two for each core on they take turns, and gain nothing."""


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


def find_processes(share: Processes = ALONE) -> None:
    """Have JAX find the other processes, before its backend starts."""
    if share.distributed:
        import jax

        try:
            jax.distributed.initialize(share.coordinator, share.processes, share.process)
        except (ValueError, RuntimeError) as error:
            raise SettingsError(
                f"the processes cannot find each other: {str(error).splitlines()[0]}",
                hint=f"Give {SETTING.coordinator} HOST:PORT, {SETTING.processes} and {SETTING.process}.",
            ) from error
        check_platform()


def chosen(devices: int | None) -> "list[jax.Device]":
    """The devices of this process to use: accelerators, or the CPU as often as it is to train at the same time.

    Raises:
        SettingsError: there are fewer accelerators, or there is too little memory to begin.
    """
    import jax

    from smilejax.training.plans.memory import check_enough_to_begin

    check_enough_to_begin()
    there = jax.local_devices()
    if there[0].platform == "cpu":
        return there[:1] * (devices or cores())
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
