"""A strict runtime for every test, and what several tests share."""

import os
from importlib import metadata
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Compiling is most of what the suite does. Command-line tests run in processes of their own, with the flags users have.
flags = ["--xla_backend_optimization_level=0"]
if metadata.version("jaxlib").startswith("0.10."):
    flags.append("--xla_cpu_use_fusion_emitters=false")  # halves the time again; gone in 0.11, where naming it aborts
os.environ["XLA_FLAGS"] = " ".join([os.environ.get("XLA_FLAGS", ""), *flags])

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_num_cpu_devices", 2)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_file() -> Path:
    """PupillometryR's sample data, which stays out of the project."""
    path = DATA / "pupillometryr" / "pupil_data.csv"
    if not path.exists():
        pytest.skip("the real recording (PupillometryR's sample data) is not here")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261123)
