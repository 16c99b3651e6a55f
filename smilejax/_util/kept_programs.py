"""Compiled programs kept on disk, so that the next process neither traces, lowers nor compiles them.

JAX keeps what XLA compiled too, but finds it by the lowered program, and tracing and lowering take seconds for a program that
then runs in a tenth of one. Here the same machine code is found by everything that it depends on (see `_key`), so that a
kept program gives the bits that a traced one gives. Whatever does not fit, is damaged or cannot be written: the program
is traced as if there were no folder, and nothing is said, since nothing but time depends on it.

A kept program is machine code and a pickle: whoever can write to the folder can run code here. The command line names a
folder of the user's own, which nobody else can write to; elsewhere nothing is kept unless `SMILEJAX_PROGRAMS` names one.
"""

import contextlib
import hashlib
import os
import pickle
import platform
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import jax
import numpy as np
from jax.experimental import serialize_executable
from jax.experimental.compilation_cache import compilation_cache

from smilejax._util import checked_cache, processor
from smilejax._util.json_files import write_bytes
from smilejax._util.sealed import sealed, unsealed

FOLDER = "SMILEJAX_PROGRAMS"
"""Environment variable that names the folder; unset or empty: nothing is kept."""
MOST_KEPT = 64
"""Programs in a folder; those used longest ago go first."""
_FILE = re.compile(r"\w+-[0-9a-f]{32}")
"""What a program's file is called; whatever else is in the folder is left alone."""
_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy")
_ENVIRONMENT = ("XLA_FLAGS", "TF_XLA_FLAGS", "SMILEJAX_NATIVE")
_NOT_IN_PROGRAMS = (
    "jax_compilation_cache_dir",
    "jax_enable_compilation_cache",
    "jax_logging_level",
    "jax_log_compiles",
)
"""Settings of JAX that no program depends on."""
_WATCHED = ("jax_disable_jit", "jax_debug_nans", "jax_debug_infs", "jax_enable_checks", "jax_check_tracer_leaks")
"""Settings of JAX under which calls are more than calls: everything is traced then."""
_compiling = Lock()
_loaded: dict[str, Callable[..., Any]] = {}
"""The programs of this process by their keys."""
checked_cache.install_if_asked()  # here, since whatever compiles much imports this

Result = TypeVar("Result")


@dataclass(frozen=True)
class KeptProgram(Generic[Result]):
    """A jitted function whose compiled programs are kept.

    Arguments:
        name: what files are called, a word.
        rooms: packages and modules of smilejax whose source the program depends on.
        jitted: the function for these arguments; checks them, and imports what tracing needs.
        described: in words, everything else that the program depends on: static arguments, and what is chosen by machine. None
            where that cannot be told, and nothing is kept.
        compiler_options: of XLA, by name. A program that has some is asked for by `kept`, since what is not kept is compiled by
            whoever asks.
    """

    name: str
    rooms: tuple[str, ...]
    jitted: Callable[..., jax.stages.Wrapped]
    described: Callable[..., str | None]
    compiler_options: tuple[tuple[str, str | bool], ...] = ()

    def __call__(self, *arguments: object, **static: object) -> Result:
        """The function's result.

        Arguments:
            arguments: trees of arrays. static: what the program is compiled for.
        """
        program, result = self._found(self._key(arguments, static), arguments, static)
        return program(*arguments) if result is None else result

    def ready(self, *arguments: object, **static: object) -> Callable[..., Result]:
        """The function for arguments like these, to be called with many of them: it is looked for once.

        Arguments:
            arguments: trees of arrays; the program takes others of the same shapes, types and places. static: as for a call.
        """
        return self._found(self._key(arguments, static), arguments, static)[0]

    def kept(self, *examples: object, **static: object) -> Callable[..., Result] | None:
        """The program for arguments like the examples; None where programs are not kept.

        Arguments:
            examples: trees of arrays, with which a program from the disk is tried; those that it donates are used up.
            static: as for a call.
        """
        key = self._key(examples, static)
        return None if key is None else self._found(key, examples, static)[0]

    def _found(
        self, key: str | None, arguments: tuple[object, ...], static: dict[str, object]
    ) -> tuple[Callable[..., Result], Result | None]:
        """The program, and its result for these arguments where it had to be called to see that it can be."""
        if key is None:
            return partial(self.jitted(*arguments, **static), **static), None
        if key not in _loaded:
            file = Path(os.environ[FOLDER]) / f"{self.name}-{key}"
            read = _read(file)
            if read is not None:
                try:
                    result: Result = jax.block_until_ready(read(*arguments))  # what cannot be run says so here
                    _loaded[key] = read
                    return read, result
                except Exception:  # read, and yet not to be called here: as if it were not there
                    pass
            lowered = self.jitted(*arguments, **static).lower(*arguments, **static)
            _loaded[key] = _compiled(lowered, dict(self.compiler_options))
            _write(file, _loaded[key])
        return _loaded[key], None

    def _key(self, arguments: tuple[object, ...], static: dict[str, object]) -> str | None:
        """A digest of everything that the program depends on; None where it is not to be kept."""
        leaves, tree = jax.tree.flatten(arguments)
        known = all(isinstance(leaf, np.ndarray | np.generic | jax.Array) for leaf in leaves)
        if not keeps_programs() or not known or not _usual_place(leaves):
            return None
        if any(getattr(jax.config, name, False) for name in _WATCHED):
            return None
        about = self.described(**static)
        if about is None:
            return None
        shapes = [(np.shape(leaf), str(leaf.dtype), getattr(leaf, "weak_type", False)) for leaf in leaves]
        parts = (
            self.name,
            about,
            repr(self.compiler_options),
            str(tree),
            str(shapes),
            _sources(self.rooms),
            _configured(),
            *_surroundings(),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def keeps_programs() -> bool:
    """Whether a folder is named."""
    return bool(os.environ.get(FOLDER))


def _usual_place(leaves: list[Any]) -> bool:
    """Whether a call is a plain one on the one CPU device of this process, outside of any transformation."""
    if jax.process_count() != 1 or jax.default_backend() != "cpu" or jax.local_device_count() != 1:
        return False
    device = jax.local_devices()[0]
    arrays = [leaf for leaf in leaves if isinstance(leaf, jax.Array)]
    return all(not isinstance(leaf, jax.core.Tracer) and leaf.devices() == {device} for leaf in arrays)


@cache
def _sources(rooms: tuple[str, ...]) -> str:
    """Digest of the source of packages and modules of smilejax, and of what was compiled for them."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(str(package).encode())
    for room in rooms:
        place = package / room
        files = place.rglob("*") if place.is_dir() else [place.with_suffix(".py")]
        for file in sorted(file for file in files if file.suffix in (".py", ".so", ".pyd")):
            digest.update(f"{file.relative_to(package)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _configured() -> str:
    """JAX's settings as they are now."""
    names = sorted(name for name in jax.config.values if name not in _NOT_IN_PROGRAMS)
    return repr([(name, str(getattr(jax.config, name, None))) for name in names])


@cache
def _surroundings() -> tuple[str, ...]:
    """Versions, environment and machine: XLA compiles for the processor that it finds, and for its number of cores."""
    device = jax.local_devices()[0]
    return (
        *(f"{name} {metadata.version(name)}" for name in _PACKAGES),
        *(f"{name} {os.environ.get(name)}" for name in _ENVIRONMENT),
        *(platform.python_version(), platform.system(), platform.machine(), platform.node(), _processor()),
        *(str(os.cpu_count()), str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None)),
        *(device.platform, device.device_kind, device.client.platform_version),
    )


def _processor() -> str:
    """What Linux says of the first core, without what changes from moment to moment."""
    lasting = ("vendor", "model", "cpu family", "stepping", "flags", "Features", "CPU")
    return "\n".join(
        f"{name}: {value}" for name, value in processor.of_first_core().items() if name.startswith(lasting)
    )


def _compiled(lowered: Any, options: dict[str, str | bool]) -> Any:
    """A program compiled here and now. One that JAX found in its own cache lacks functions when it is packed again."""
    enabled = getattr(jax.config, "jax_enable_compilation_cache", True)
    with _compiling:
        try:
            jax.config.update("jax_enable_compilation_cache", False)
            compilation_cache.reset_cache()  # or JAX goes by what it found when it first looked
            return lowered.compile(compiler_options=options or None)
        finally:
            jax.config.update("jax_enable_compilation_cache", enabled)
            compilation_cache.reset_cache()


def _read(file: Path) -> Callable[..., Any] | None:
    """The program in a file; None where there is none that is whole and can be loaded."""
    try:
        packed = unsealed(file.read_bytes())
        if packed is None:
            return None
        with contextlib.suppress(OSError):
            os.utime(file)  # so that it is not among those used longest ago
        program, into, out = pickle.loads(zlib.decompress(packed))
        device = jax.local_devices()[0]
        return serialize_executable.deserialize_and_load(program, into, out, device.client, [device])
    except Exception:  # absent, cut off, of other versions after all: trace it
        return None


def _write(file: Path, program: Any) -> None:
    """Keep a program, if it can be."""
    try:
        packed = zlib.compress(pickle.dumps(serialize_executable.serialize(program)), 1)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(file, sealed(packed))
        programs = [one for one in file.parent.iterdir() if _FILE.fullmatch(one.name) and one.is_file()]
        for old in sorted(programs, key=lambda one: one.stat().st_mtime_ns)[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except Exception:  # a full or read-only disk, a program that cannot be packed: it is traced the next time too
        return
