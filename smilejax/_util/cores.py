"""How many cores this process should keep busy, where several processes may share a machine."""

import math
import os
from pathlib import Path

from smilejax._util import cgroups
from smilejax._util.errors import SettingsError

VARIABLE = "SMILEJAX_CORES"
"""Environment variable that says how many cores to use; it goes before everything else."""
SHARES = ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS")
"""Environment variables by which schedulers and users limit a process."""


def cores() -> int:
    """Cores to use: `SMILEJAX_CORES`, or the least of what is known of this process's share; at least one.

    Known are the cores that it may run on (Linux; elsewhere those of the machine), the quota of its container (cgroup),
    and `SLURM_CPUS_PER_TASK` and `OMP_NUM_THREADS` where they are whole numbers from 1 up. No number depends on it, only time.

    Raises:
        SettingsError: `SMILEJAX_CORES` is no whole number from 1 up.
    """
    if wanted := os.environ.get(VARIABLE):
        if (number := _count(wanted)) is None:
            raise SettingsError(
                f"{VARIABLE} must be a whole number from 1 up; it is {wanted!r}.",
                hint="Set it to how many cores this process may use, or unset it.",
            )
        return number
    limits = (cores_to_run_on(), _quota(), *(_count(os.environ.get(name, "")) for name in SHARES))
    return min((limit for limit in limits if limit), default=1)


def cores_to_run_on() -> int | None:
    """Cores that the system lets this process run on, whatever its share of them; of the machine where it does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()  # macOS, Windows


def _count(text: str) -> int | None:
    """A whole number from 1 up; of a list of them, as OpenMP takes, the first."""
    first = text.split(",")[0].strip()
    return int(first) if first.isascii() and first.isdecimal() and int(first) else None


def _quota() -> int | None:
    """Whole cores within this process's quota, at least one: the least of its cgroup and of those around it."""
    shares = [share for folder in cgroups.folders("cpu") if (share := _share(folder))]
    return max(1, math.floor(min(shares))) if shares else None


def _share(folder: Path) -> float | None:
    """Processors that a cgroup may use on average, by version 2 or 1; None where it is not limited."""
    try:
        if (both := folder / "cpu.max").is_file():
            quota, period = both.read_text().split()
        else:
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(quota) / int(period) if int(quota) > 0 and int(period) > 0 else None
    except (OSError, ValueError):  # absent, or "max"
        return None
