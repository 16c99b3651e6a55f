"""One process at a time in a folder, by a lock that the system releases when its holder ends, however it ends.

The package `filelock` (4.3) was considered. On Unix its lock does not say who holds it, and its file stays in the folder
afterwards; with both added, this module would be as long as it is.
"""

import contextlib
import errno
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from smilejax._util.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK, EXCLUSIVE = "lock", "lock.exclusive"
"""The file that is locked; and the one whose existence is the lock, where files cannot be locked."""
UNLOCKABLE = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""Errors of file systems without locks, such as Lustre mounted without them."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a folder that exists.

    Raises:
        OutputError: another process holds it, with its number and machine; or no file can be made there.
    """
    with contextlib.ExitStack() as releases:
        try:
            _take(folder, releases)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}. Name another place.") from error
        yield


def _take(folder: Path, releases: contextlib.ExitStack) -> None:
    handle = None if fcntl is None else _locked(folder / LOCK)
    if handle is not None:
        releases.callback(os.close, handle)
        # Removed while it is still locked (callbacks run last first): a process that had opened it finds, once it has the
        # lock, that its file is no longer in the folder, and opens the one that is (`_locked`). Removed after the release, it
        # could be another process's, and two processes would hold two files.
        releases.callback((folder / LOCK).unlink, missing_ok=True)
        os.ftruncate(handle, 0)
        os.write(handle, _own_name())
        return
    path = folder / EXCLUSIVE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        _refuse(path, f" If that process has ended, remove {path}.")
    releases.callback(path.unlink, missing_ok=True)
    os.write(handle, _own_name())
    os.close(handle)  # Windows removes no open file


def _locked(path: Path) -> int | None:
    """A handle on the locked file; None where the file system has no locks."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in UNLOCKABLE:
                path.unlink(missing_ok=True)  # nobody can hold it
                return None
            if not isinstance(error, BlockingIOError):
                raise
            _refuse(path)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)


def _own_name() -> bytes:
    return f"{os.getpid()} {platform.node()}".encode()


def _refuse(path: Path, hint: str = "") -> NoReturn:
    try:
        process, _, machine = path.read_text(encoding="utf-8").partition(" ")
    except OSError:  # released at this moment
        process = machine = ""
    holder = f"process {process} on {machine}" if machine else "another process"
    raise OutputError(f"{holder} is working in {path.parent}. Wait for it, or name another folder.{hint}")
