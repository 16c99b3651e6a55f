"""Devices and processes of `train-many`: settled before JAX's backend starts, looked at when it has."""

import contextlib
import math
import os
from typing import Any

from smilejax._util.errors import SettingsError
from smilejax.cli.arguments import Processes
from smilejax.settings.checks import require

MOST_PER_CORE = 8
"""Virtual CPU devices for each core that are taken for meant. Already from two up they take turns, and gain nothing."""


def check(devices: int | None, share: Processes) -> None:
    """Whether the options can be meant, as far as can be told without JAX.

    Raises:
        SettingsError: naming the option.
    """
    most = MOST_PER_CORE * cores()
    require(
        devices is None or 1 <= devices <= most,
        "--devices",
        f"a whole number from 1 to {most} ({MOST_PER_CORE} for each core)",
        devices,
    )
    given = {"--coordinator": share.coordinator, "--processes": share.processes, "--process": share.process}
    if not share.distributed:
        if alone := [option for option, value in given.items() if value is not None]:
            raise SettingsError(
                f"{' and '.join(alone)} must come with --distributed; without it this process would train everything "
                "alone. Add --distributed, or leave them out."
            )
        return
    number = share.processes
    require(number is None or number >= 1, "--processes", "a whole number from 1 up", number)
    top = "" if number is None else f" to {number - 1}, one less than --processes"
    ok = share.process is None or 0 <= share.process < (number or share.process + 1)
    require(ok, "--process", f"a whole number from 0{top or ' up'}", share.process)
    address = share.coordinator
    ok = address is None or (":" in address and address.rpartition(":")[2].isdecimal() and address[0] != ":")
    require(ok, "--coordinator", "HOST:PORT", address, "Name the machine of process 0 and a free port on it.")


def settle(devices: int | None, share: Processes) -> None:
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
                f"the processes cannot find each other: {str(error).splitlines()[0]} Give --coordinator HOST:PORT, "
                "--processes and --process."
            ) from error


def chosen(devices: int | None) -> list[Any]:
    """The devices of this process to use.

    Raises:
        SettingsError: there are fewer.
    """
    import jax

    there = jax.local_devices()
    require(
        devices is None or devices <= len(there),
        "--devices",
        f"at most {len(there)}, the {there[0].platform} devices that are here",
        devices,
        "Leave it out to use all.",
    )
    return list(there[:devices])


def memory_bytes(mib: float | None) -> int | None:
    """What --memory-mib allows, in bytes; None where it was not given.

    Raises:
        SettingsError: no number above 0.
    """
    require(mib is None or (math.isfinite(mib) and mib > 0), "--memory-mib", "a number above 0", mib)
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
