"""Processes that a test starts, signals, and ends, whatever happens."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import smilejax

DEFAULT_INTERRUPT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Run before the command, in its process: setting it between fork and exec is not safe next to JAX's threads."""
SAME_PACKAGE = os.pathsep.join([str(Path(smilejax.__file__).parents[1]), str(Path(__file__).parents[1])])
"""PYTHONPATH of a process that must compute the bits that the test does: this package, whatever else a path holds, and helpers.

A checkout that was not built lacks the kernel, and the numbers of the two differ in their last bits.
"""
_started: list[subprocess.Popen[str]] = []


def start_child(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    stdin: int | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int | None = subprocess.STDOUT,
) -> subprocess.Popen[str]:
    """Start a process in a group of its own, within `children_ended`; unless told otherwise, one pipe takes all it prints.

    SIGINT has its default action there: a suite that runs in the background of a script, or under `nohup`, ignores it, and its
    children would inherit that.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", DEFAULT_INTERRUPT, *command],
        env=None if environment is None else dict(environment),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
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
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        del _started[before:]
