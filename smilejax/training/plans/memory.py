"""How many runs fit: the width of a group from a budget of memory and the compiled program's own account."""

import os
from pathlib import Path

import jax

from smilejax._util.errors import SETTING, SettingsError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training import Programs

PROPORTION_USED = 0.5
"""Of free memory, where the caller names no number: others live on the machine too, and results take some."""


def free_bytes() -> int:
    """Memory that programs could have: what the first accelerator has left, or what the machine has."""
    stats = jax.local_devices()[0].memory_stats() if jax.default_backend() != "cpu" else None
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"] - stats.get("bytes_in_use", 0))
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
