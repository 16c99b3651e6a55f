"""Processes that a test starts, signals, and ends, whatever happens."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

DEFAULT_INTERRUPT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Run before the command, in its process: setting it between fork and exec is not safe next to JAX's threads."""
_started: list[subprocess.Popen] = []


def start_child(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen:
    """Start a process in a group of its own, with one pipe for all that it prints.

    SIGINT has its default action there: a suite that runs in the background of a script, or under `nohup`, ignores it, and its
    children would inherit that.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", DEFAULT_INTERRUPT, *command],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    _started.append(process)
    return process


@contextlib.contextmanager
def children_ended() -> Iterator[None]:
    """At the end, no process that was started within is left, nor any that it started."""
    before = len(_started)
    try:
        yield
    finally:
        for process in _started[before:]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        del _started[before:]
