"""How many runs fit: the width of a group from a budget of memory and the compiled program's own account."""

import contextlib
import os
from pathlib import Path

import jax

from smilejax._util import cgroups
from smilejax._util.errors import SETTING, SettingsError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training import Programs

PROPORTION_USED = 0.5
"""Of free memory, where the caller names no number: others live on the machine too, and results take some."""
TO_BEGIN_BYTES = 800 << 20
"""What must be free before a command begins to train on the CPU: with less, a container's process is killed without a word. A
small training takes 650 MiB from JAX's start on; `evaluate` of 2000 trials ran in a cgroup of 1 GiB, and was killed in one of
800 MiB."""


def free_bytes() -> int:
    """Memory that programs could have: what the first accelerator has left, or what this process may still take.

    Without an accelerator that is the least of what the machine has, what the cgroups of its container or job leave, and what
    its own limits (`ulimit -v`, `ulimit -d`) leave.
    """
    stats = jax.local_devices()[0].memory_stats() if jax.default_backend() != "cpu" else None
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"] - stats.get("bytes_in_use", 0))
    left = (left_in_cgroup(folder) for folder in cgroups.folders("memory"))
    return max(0, min([_of_the_machine(), *(most for most in (*left, *_own_limits()) if most is not None)]))


def check_enough_to_begin() -> None:
    """See that a process which is about to train has room for JAX's compiler, and for programs.

    Raises:
        SettingsError: it has not.
    """
    if jax.default_backend() == "cpu" and (free := free_bytes()) < TO_BEGIN_BYTES:
        raise SettingsError(
            f"at least {_mib(TO_BEGIN_BYTES)} of memory must be free to train; {_mib(free)} are, by what the machine, a "
            "container or job (cgroup) and this process's limits leave.",
            hint="Close other programs, or give the container or job more.",
        )


def left_in_cgroup(folder: Path) -> int | None:
    """Bytes that a cgroup may still take, by version 2 or 1; None where it has no limit.

    What it holds of files not used lately (`inactive_file`) is given back where memory is wanted, and counts as free.
    """
    for limit, used in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        with contextlib.suppress(OSError, ValueError):  # absent, or "max"
            most, taken = (int((folder / name).read_text(encoding="ascii")) for name in (limit, used))
            stat = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines())
            return most - taken + int(stat.get("total_inactive_file", stat.get("inactive_file", 0)))
    return None


def _own_limits() -> list[int | None]:
    """Bytes left below this process's limits of address space and of data."""
    try:
        import resource

        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except (ImportError, OSError):  # Windows; macOS, which does not keep to such limits
        return []
    taken = {
        name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest
    }
    limits = ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData"))
    soft = [(resource.getrlimit(number)[0], taken[name]) for number, name in limits if name in taken]
    return [limit - used for limit, used in soft if limit != resource.RLIM_INFINITY]


def _of_the_machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):  # not Linux
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 * 2**30


def fitted(programs: Programs, dataset: Dataset, settings: TrainingSettings, budget_bytes: int) -> Programs:
    """The programs, or the same for narrower groups, where those would need more than the budget.

    What is trained at the same time on a CPU shares its memory; every accelerator has its own.

    Raises:
        SettingsError: not one run fits.
    """
    needed = programs.memory_bytes() * programs.devices.count(programs.devices[0])
    if needed <= budget_bytes:
        return programs
    width = int(programs.shape.width * budget_bytes / needed)
    if width < 1:
        raise SettingsError(
            f"one run on each of {len(programs.devices)} device(s) must fit into memory; it needs "
            f"{_mib(needed / programs.shape.width)}, and {_mib(budget_bytes)} may be used.",
            hint=f"Raise {SETTING.memory_bytes}, use fewer {SETTING.devices}, or lower {SETTING.minibatch_size}, "
            f"{SETTING.hidden} or {SETTING.dense}, or the recipe's {SETTING.resample_hz}.",
        )
    narrower = Programs(dataset, settings, devices=programs.devices, width=width, share_data_of=programs)
    return fitted(narrower, dataset, settings, budget_bytes)


def _mib(number: int | float) -> str:
    """Bytes in MiB, for a message."""
    mib = number / 2**20
    return f"{mib:.0f} MiB" if mib >= 10 else f"{mib:.2g} MiB"
