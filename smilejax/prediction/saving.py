"""What surrounds a save: who is saving in a folder at this moment, and what Orbax logs of a save that fails."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def saving_in(folder: Path, when_alone: Callable[[], None]) -> Iterator[None]:
    """Hold a folder, which exists, as one in which a model is being saved; several processes may.

    The system lets go when a process ends, however it ends, and nothing is left in the folder.

    Arguments:
        when_alone: called first where no other process saves there, so that whatever is unfinished is nobody's. It is not
            called where that cannot be known, as on file systems without locks and under Windows.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            when_alone()
        _lock(handle, fcntl.LOCK_SH)  # waits for another's `when_alone` only
        yield
    finally:
        os.close(handle)


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def orbax_silent() -> Iterator[None]:
    """Have the threads in which Orbax writes log no traceback: what they raise, the save raises too."""

    def of_others(record: logging.LogRecord) -> bool:
        return f"{os.sep}orbax{os.sep}" not in record.pathname

    logger = logging.getLogger("absl")
    logger.addFilter(of_others)
    try:
        yield
    finally:
        logger.removeFilter(of_others)
