"""What settles the last bits of every number besides data and settings: versions, flags, variables, processor.

Kept with whatever can be resumed, and compared when it is: results that were computed half here and half there would be
of neither.
"""

import os
from importlib import metadata

from smilejax import __version__
from smilejax._util import processor
from smilejax._util.typed_json import JsonValue

PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy")
"""Libraries whose next version may round differently."""
FLAGS = (
    "jax_enable_x64",
    "jax_threefry_partitionable",
    "jax_default_prng_impl",
    "jax_random_seed_offset",
    "jax_default_matmul_precision",
    "jax_high_dynamic_range_gumbel",
    "jax_disable_jit",
)
"""Settings of JAX under which the same program and keys give other numbers, or may."""
VARIABLES = ("XLA_FLAGS", "NVIDIA_TF32_OVERRIDE", "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE", "LIBTPU_INIT_ARGS")
"""Environment variables by which libraries compute in another way."""
_OF_NO_NUMBER = ("--xla_dump", "--xla_force_host_platform_device_count", "--xla_hlo_profile")
"""Beginnings of flags of XLA that no number depends on."""


def numerical_environment() -> dict[str, dict[str, JsonValue]]:
    """By aspect (software, flags, variables, processor), and by name."""
    import jax

    first = jax.devices()[0]
    return {
        "software": {"smilejax": __version__, **{name: metadata.version(name) for name in PACKAGES}},
        "flags": {name: _plain(getattr(jax.config, name, None)) for name in FLAGS},
        "variables": {name: value for name in VARIABLES if (value := _variable(name))},
        "processor": {"backend": first.platform, "device": first.device_kind, "processor": processor.processor_words()},
    }


def _plain(value: object) -> JsonValue:
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _variable(name: str) -> str:
    """The words of a variable in order, without those that settle no number."""
    words = os.environ.get(name, "").split()
    return " ".join(sorted(word for word in words if not word.startswith(_OF_NO_NUMBER)))
