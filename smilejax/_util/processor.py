"""What this machine's processor is, as far as Linux says it."""

import platform
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
_MADE = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")
"""Lines by which a compiler chooses what to compile for, of x86 and of ARM. Steppings and clocks are left out."""
_FEATURES = ("flags", "Features")
_ARITHMETIC = ("fma", "avx", "amx", "f16c", "sse4", "asimd", "sve", "bf16", "neon", "vfp")
"""Beginnings of the features that say how numbers are computed: widths of vectors, fused multiplication and addition."""


@cache
def of_first_core() -> dict[str, str]:
    """What Linux says of the first core, by heading; empty elsewhere."""
    try:
        with CPUINFO.open(encoding="utf-8", errors="replace") as lines:
            first = lines.read(1 << 14).split("\n\n")[0]
    except OSError:
        return {}
    parted = (line.partition(":") for line in first.splitlines())
    return {heading.strip(): value.strip() for heading, _, value in parted}


def processor_words() -> str:
    """The processor as it settles how numbers are computed: `x86_64 GenuineIntel 6 143, avx avx2 fma`."""
    about = of_first_core()
    made = " ".join(about[name] for name in _MADE if name in about)
    features = " ".join(about[name] for name in _FEATURES if name in about).split()
    arithmetic = " ".join(sorted(one for one in features if one.startswith(_ARITHMETIC)))
    return ", ".join(part for part in (f"{platform.machine()} {made}".strip(), arithmetic) if part)
