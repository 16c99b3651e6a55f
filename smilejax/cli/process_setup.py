"""What a command line settles of its process before any work: streams, variables that change numbers, caches, platform."""

import gc
import io
import os
import sys
from pathlib import Path

from smilejax._util.cores import cores_to_run_on
from smilejax._util.errors import SettingsError, listed

FIXED = (
    "JAX_ENABLE_X64",
    "JAX_EXPLICIT_X64_DTYPES",
    "JAX_THREEFRY_PARTITIONABLE",
    "JAX_DEFAULT_PRNG_IMPL",
    "JAX_ENABLE_CUSTOM_PRNG",
    "JAX_RANDOM_SEED_OFFSET",
    "JAX_HIGH_DYNAMIC_RANGE_GUMBEL",
    "JAX_NUMPY_DTYPE_PROMOTION",
    "JAX_NUMPY_RANK_PROMOTION",
    "JAX_DEFAULT_DEVICE",
    "JAX_DISABLE_JIT",
    "JAX_DISABLE_MOST_OPTIMIZATIONS",
)
"""Variables that change what JAX computes. A command line goes by JAX's defaults whatever they say, so that the same command
gives the same numbers in every shell. What remains, such as XLA_FLAGS, is kept with what can be resumed, and compared."""
PLATFORMS = ("JAX_PLATFORMS", "JAX_PLATFORM_NAME")


LEAST_ADDRESSES_GB, MORE_FOR_A_CORE_GB = 3.0, 0.1
"""Address space that JAX reserves for programs and threads, most of which is never used; with less, its threads end the process
without a word that could be caught. On two cores a small training ran within 3.2 GiB, and not within 2.8."""


def set_up(*, alone: bool = True, computes: bool = False) -> None:
    """Settle all of it but the streams, which errors in the options need already.

    Arguments:
        alone: whether JAX's backend may start now; one process of several must find the others first, and then call
            `check_platform` itself.
        computes: whether JAX will compute in this process.

    Raises:
        SettingsError: JAX does not find the platform that it is told to use, or the process's limit leaves it no room.
    """
    gc.set_threshold(
        50_000, 20, 50
    )  # going again and again through what is imported takes a twentieth of a short command
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # orbax's storage logs otherwise
    for name in FIXED:
        os.environ.pop(name, None)
    _keep_programs()
    if computes:
        check_addresses()
    if alone:
        check_platform()


def have_every_text_printed() -> None:
    r"""Write what a stream's encoding lacks as `\u03b1`, as where output goes to a file under Windows: a name may be Greek."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def _keep_programs() -> None:
    """Have what is compiled be kept, by JAX and by `smilejax._util.kept_programs`.

    Compiled programs go into a folder of this user's, so that the next command starts in a fraction of the time. Whoever can
    write there can run code here, so a folder that others may write to is not used. Settings of the user's own go first.
    """
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smilejax" / "programs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
        private = about.st_uid == os.getuid() and not about.st_mode & 0o022 if hasattr(os, "getuid") else True
    except (OSError, RuntimeError):  # no home, or a read-only one: compile anew each time
        return
    if private and os.access(folder, os.W_OK):
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
        os.environ.setdefault("SMILEJAX_CHECKED_CACHE", "1")
        os.environ.setdefault("SMILEJAX_PROGRAMS", str(folder / "loaded-at-once"))


def check_addresses() -> None:
    """See that JAX has room for its programs and threads where the process's address space is limited.

    Raises:
        SettingsError: the limit is too low.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    needed = int((LEAST_ADDRESSES_GB + MORE_FOR_A_CORE_GB * (cores_to_run_on() or 1)) * 2**30)
    if limit != resource.RLIM_INFINITY and limit < needed:
        raise SettingsError(
            f"this process may have {limit / 2**30:.2g} GiB of address space (ulimit -v), and JAX reserves about "
            f"{needed / 2**30:.2g} for its programs and threads, most of which it never uses.",
            hint="Raise that limit, or limit memory by a cgroup (systemd-run, Slurm, a container), which counts what is used.",
        )


def what_jax_cannot_read(error: ValueError) -> str | None:
    """What to say where importing JAX failed on one of its environment variables; None of another error."""
    said = str(error)
    if "for environment 'JAX_" not in said and "for JAX flag jax_" not in said:
        return None
    given = sorted(name for name in os.environ if name.startswith("JAX_"))
    return f"JAX cannot read one of its environment variables ({listed(given)}): {said}. Correct or unset it."


def check_platform() -> None:
    """Where the user chose a platform other than the CPU, see that it is there. Starts JAX's backend then.

    Raises:
        SettingsError: it is not.
    """
    name = next((name for name in PLATFORMS if os.environ.get(name, "cpu") not in ("", "cpu")), None)
    if name is None:
        return
    import jax

    try:
        jax.devices()
    except Exception as error:  # RuntimeError, or AssertionError, by what is installed
        said = str(error).splitlines()[0].partition(" (set JAX_PLATFORMS")[0] if str(error) else "it is not installed"
        raise SettingsError(
            f"{name} is {os.environ[name]!r}, and JAX cannot use that here: {said.rstrip('.')}.",
            hint=f"Unset {name} to use what there is, or set it to cpu.",
        ) from error
