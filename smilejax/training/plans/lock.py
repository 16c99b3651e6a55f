"""One process at a time in a folder, by a lock that the system takes away from whoever ends, however it ends."""

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
"""The file that is locked; and the one whose being there is the lock, where files cannot be locked."""
UNLOCKABLE = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What file systems answer that have no locks, as Lustre mounted without them."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder that is there.

    Raises:
        OutputError: another process holds it, with its number and machine; or no file can be made there.
    """
    with contextlib.ExitStack() as letting_go:
        try:
            _take(folder, letting_go)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}. Name another place.") from error
        yield


def _take(folder: Path, letting_go: contextlib.ExitStack) -> None:
    handle = None if fcntl is None else _locked(folder / LOCK)
    if handle is not None:
        letting_go.callback(os.close, handle)
        # Removed while it is still locked (the last to come is the first to be called): one who opened it before finds, once
        # it has the lock, that its file is no more in the folder, and opens the one that is (`_locked`). Removed after
        # letting go, it could be another's, and two would hold two files.
        letting_go.callback((folder / LOCK).unlink, missing_ok=True)
        os.ftruncate(handle, 0)
        os.write(handle, _own_name())
        return
    path = folder / EXCLUSIVE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        _refuse(path, f" If it is no more, remove {path}.")
    letting_go.callback(path.unlink, missing_ok=True)
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
    except OSError:  # let go of at this moment
        process = machine = ""
    holder = f"process {process} on {machine}" if machine else "another process"
    raise OutputError(f"{holder} works in {path.parent}. Wait for it, or name another folder.{hint}")
