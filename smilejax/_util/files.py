"""Writing so that a crash leaves the old file or the new one, never half of either."""

import contextlib
import errno
import os
import re
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from smilejax._util.errors import SETTING, OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TEMPORARY = re.compile(r"\.[0-9a-f]{8}\.partial(\..*)?")
SPARE_BYTES = 10
"""Bytes that a file's name leaves free: what is written beside it is called after it, as `.faces.csv.tracked`."""


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a temporary file beside `path`, flush it to disk, and put it in place in one step.

    The temporary name keeps the suffix, since writers of tables choose the format by it. A symbolic link stays one: the file
    that it names is replaced. A file that is replaced hands on who may read it.

    Raises:
        OutputError: where the folder cannot be made or written.
    """
    real = Path(os.path.realpath(path))
    temporary = real.with_name(f".{uuid.uuid4().hex[:8]}.partial{path.suffix}")
    holding = contextlib.ExitStack()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        holding.enter_context(_in_use(temporary))
        write(temporary)
        if real.exists():
            shutil.copymode(real, temporary)
        sync(temporary)
        os.replace(temporary, real)
        sync(real.parent)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {_why(error)}.", hint="Name another place.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        holding.close()


@contextlib.contextmanager
def _in_use(temporary: Path) -> Iterator[None]:
    """Make a temporary file and hold a lock on it, which the system releases when this process ends, however it ends."""
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT, 0o666)
    if fcntl is None:  # Windows removes and replaces no open file
        os.close(handle)
        yield
        return
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files in a folder that writes left which were killed; those that another process is writing stay.

    Where there are no such locks (Windows, some network file systems), all stay.
    """
    if fcntl is None or not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if not _TEMPORARY.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
            continue
        with contextlib.suppress(OSError):
            handle = os.open(entry.path, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(entry.path)
            finally:
                os.close(handle)


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "what would be its folder is a file"
    return error.strerror or str(error)


def sync(path: Path) -> None:
    """Flush a file or folder to disk; a rename survives a power loss only when its folder was flushed too."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def claim(path: Path, *, overwrite: bool, what: str) -> Path:
    """Check, before any work, that `path` may be written: nothing stands there, and its folder takes files.

    What writes that were killed left beside it is removed.

    Leaves nothing behind: folders that are absent are made when there is something to write. Returns the absolute path.

    Raises:
        OutputError: something stands there and `overwrite` is False, a file is to replace a folder, or the folder cannot
            be made or written.
    """
    try:
        path = Path(path).expanduser().absolute()
        _check_place(path, overwrite=overwrite, what=what)
        remove_leftovers(Path(os.path.realpath(path)).parent)
    except OSError as error:
        raise OutputError(f"{what} {path} cannot be written: {_why(error)}.", hint="Name another place.") from error
    except (RuntimeError, ValueError) as error:  # no such user's home; a name with a null character
        raise OutputError(f"{what} {str(path)!r} cannot be written: {error}.", hint="Name another place.") from error
    return path


def _check_place(path: Path, *, overwrite: bool, what: str) -> None:
    """Raise, as `claim` or as the system does, where a file or folder cannot be written at an absolute path."""
    real = Path(os.path.realpath(path))  # what a symbolic link names is what is written
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        mode = os.stat(path).st_mode
        if what == "file" and stat.S_ISDIR(mode):
            raise OutputError(f"{path} is a folder, where a file is to be written.", hint="Name a file.")
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise OutputError(f"{path} is neither a file nor a folder; it is left as it is.", hint="Name another.")
        if not overwrite:
            raise OutputError(
                f"{what} {path} exists already.", hint=f"Name another, or give {SETTING.overwrite} to replace it."
            )
    above = next(folder for folder in real.parents if folder.exists())
    _check_length(real, above)
    probe = above / f".{uuid.uuid4().hex[:8]}.probe"
    probe.touch()
    probe.unlink()


def _check_length(path: Path, above: Path) -> None:
    """Raise where a name is longer than the file system of `above`, a folder that exists, takes."""
    try:
        most, most_in_all = os.pathconf(above, "PC_NAME_MAX"), os.pathconf(above, "PC_PATH_MAX")
    except (AttributeError, ValueError, OSError):  # Windows, and systems that do not say
        most, most_in_all = 255, 4096
    names = [os.fsencode(part) for part in path.relative_to(above).parts]
    if any(len(name) > most - SPARE_BYTES for name in names) or len(os.fsencode(path)) > most_in_all - 10 * SPARE_BYTES:
        raise OSError(errno.ENAMETOOLONG, f"a name has at most {most - SPARE_BYTES} bytes here")


def write_folder_atomically(path: Path, write: Callable[[Path], None], *, replace: bool) -> None:
    """Have `write` fill a new folder beside `path`, flush it to disk, and put it in place in one step.

    Arguments:
        path: the folder to be.
        write: fills the folder that it is given.
        replace: whether a folder that stands there is removed; without, it is refused when the new one is put in place.

    Raises:
        OutputError: where the folder cannot be made or written.
    """
    shown, path = path, Path(os.path.realpath(path))  # a symbolic link stays one
    unique = uuid.uuid4().hex[:8]
    temporary, old = path.with_name(f".{unique}.partial"), path.with_name(f".{unique}.replaced")
    try:
        temporary.mkdir(parents=True)
        write(temporary)
        for part in (*temporary.rglob("*"), temporary):
            sync(part)
        if path.exists():
            if not replace:
                raise OutputError(
                    f"folder {shown} exists already.", hint=f"Name another, or give {SETTING.overwrite} to replace it."
                )
            path.rename(old)
        temporary.rename(path)
        sync(path.parent)
    except OSError as error:
        if old.exists() and not path.exists():
            old.rename(path)
        raise OutputError(f"{shown} cannot be written: {_why(error)}.", hint="Name another place.") from error
    finally:
        for leftover in (temporary, old):
            shutil.rmtree(leftover, ignore_errors=True)
