"""Writing so that a crash leaves the old file or the new one, never half of either."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from smilejax._util.errors import SETTING, OutputError


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a temporary file beside `path`, flush it to disk, and put it in place in one step.

    The temporary name keeps the suffix, since writers of tables choose the format by it.

    Raises:
        OutputError: where the folder cannot be made or written.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex[:8]}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {_why(error)}.", hint="Name another place.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


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

    Leaves nothing behind: folders that are absent are made when there is something to write. Returns the absolute path.

    Raises:
        OutputError: something stands there and `overwrite` is False, a file is to replace a folder, or the folder cannot
            be made or written.
    """
    path = Path(path).expanduser().absolute()
    if what == "file" and path.is_dir():
        raise OutputError(f"{path} is a folder, where a file is to be written.", hint="Name a file.")
    if path.exists() and not overwrite:
        raise OutputError(
            f"{what} {path} exists already.", hint=f"Name another, or give {SETTING.overwrite} to replace it."
        )
    above = next(folder for folder in path.parents if folder.exists())
    probe = above / f".{uuid.uuid4().hex[:8]}.probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{what} {path} cannot be written: {_why(error)}.", hint="Name another place.") from error
    return path


def write_folder_atomically(path: Path, write: Callable[[Path], None], *, replace: bool) -> None:
    """Have `write` fill a new folder beside `path`, flush it to disk, and put it in place in one step.

    Arguments:
        path: the folder to be.
        write: fills the folder that it is given.
        replace: whether a folder that stands there is removed; without, it is refused when the new one is put in place.

    Raises:
        OutputError: where the folder cannot be made or written.
    """
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
                    f"folder {path} exists already.", hint=f"Name another, or give {SETTING.overwrite} to replace it."
                )
            path.rename(old)
        temporary.rename(path)
        sync(path.parent)
    except OSError as error:
        if old.exists() and not path.exists():
            old.rename(path)
        raise OutputError(f"{path} cannot be written: {_why(error)}.", hint="Name another place.") from error
    finally:
        for leftover in (temporary, old):
            shutil.rmtree(leftover, ignore_errors=True)
