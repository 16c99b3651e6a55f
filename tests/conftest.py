"""A strict runtime for every test, and what several tests share."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Compiling is most of what the suite does. Command-line tests run in processes of their own, with the flags users have.
# One piece of a program at a time: cutting small ones up for several threads costs more than the threads gain.
flags = ["--xla_backend_optimization_level=0", "--xla_cpu_parallel_codegen_split_count=1"]
if metadata.version("jaxlib").startswith("0.10."):
    flags.append("--xla_cpu_use_fusion_emitters=false")  # halves the time again; gone in 0.11, where naming it aborts
os.environ["XLA_FLAGS"] = " ".join([os.environ.get("XLA_FLAGS", ""), *flags])
# `python -m smilejax` in a test runs the package that the test imports. Without this it takes the one in the working
# folder, which in a checkout that was not built lacks the kernel: the numbers of the two differ in their last bits.
os.environ["PYTHONSAFEPATH"] = "1"

# One folder of compiled programs for all workers of a run: the first makes it, and the others inherit its name. Whoever names
# a folder before keeps it: a later run finds in it what this one compiled. Processes that tests start have one of their own in
# it: those that are killed may leave half a program, of which JAX warns, and a warning is an error here.
PROGRAMS = "SMILEJAX_TEST_PROGRAMS"
OURS = PROGRAMS not in os.environ
if OURS:
    os.environ[PROGRAMS] = tempfile.mkdtemp(prefix="smilejax-tests-")
os.environ["JAX_COMPILATION_CACHE_DIR"] = str(Path(os.environ[PROGRAMS]) / "of-processes")
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.1"
os.environ["SMILEJAX_PROGRAMS"] = ""  # none is kept but by the tests of that

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from helpers.examples import LOOKS_AT_ALL  # noqa: E402
from hypothesis import settings  # noqa: E402

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_compilation_cache_dir", os.environ[PROGRAMS])
jax.config.update("jax_traceback_in_locations_limit", 0)  # where an operation was written is noted at some cost

# How many examples a property has that names no number itself; once a week hypothesis has its own 100.
# None has to be fast: a machine may be busy.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("all", deadline=None)
settings.load_profile("all" if LOOKS_AT_ALL else "quick")


# Garbage is collected less often: going again and again through what was imported takes some 7% of the suite's time.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Leave what was imported out of what the collection of garbage goes through."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Remove what was compiled, where it was made."""
    if OURS:
        shutil.rmtree(os.environ.pop(PROGRAMS), ignore_errors=True)


FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests may run as root, which its sandbox refuses
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)


DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


MAPS = Path("/proc/self/maps")  # of Linux
MOST_MAPS = 36_000


@pytest.fixture(scope="module", autouse=True)
def programs_are_let_go() -> Iterator[None]:
    """Let compiled programs go before they use up a process's memory maps.

    Every program that XLA has compiled for the CPU holds some, jax keeps programs until it is told otherwise, and Linux
    gives a process 65,530 (`vm.max_map_count`); at the next one the compiler crashes. A module here takes up to 22,000.
    """
    yield
    if MAPS.exists() and MAPS.read_bytes().count(b"\n") > MOST_MAPS:
        jax.clear_caches()


@pytest.fixture(scope="session")
def real_file() -> Path:
    """PupillometryR's sample data, which stays out of the project."""
    path = DATA / "pupillometryr" / "pupil_data.csv"
    if not path.exists():
        pytest.skip("the real recording (PupillometryR's sample data) is not here")
    return path


def _in_data(*parts: str, what: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{what} is not here")
    return path


@pytest.fixture(scope="session")
def sample_file() -> Path:
    """PupillometryR's sample data."""
    return _in_data("pupillometryr", "pupil_data.csv", what="PupillometryR's sample data")


@pytest.fixture(scope="session")
def cases_folder() -> Path:
    """Small files on which an earlier version failed."""
    return _in_data("cases", what="the folder of failing cases")


@pytest.fixture(scope="session")
def smiles_folder() -> Path:
    """The recordings that the project report was about."""
    return _in_data("smiles", what="the folder with the report's own recordings")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261123)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, started once."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        why = "the page is not opened: chromium and chromedriver are not both here"
        if os.environ.get("SMILEJAX_BROWSER") == "required":
            pytest.fail(f"{why}, and SMILEJAX_BROWSER=required")
        pytest.skip(why)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()
