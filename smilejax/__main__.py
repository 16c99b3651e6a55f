"""`python -m smilejax`, and the command `smilejax`."""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def start_command() -> int:
    """Run the command line and return its exit code. Ctrl-C is answered in one line while Python still imports, too."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where a shell has it ignored
    if heard:
        signal.signal(signal.SIGINT, _leave)
    from smilejax.cli import main as command_line

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return command_line()


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: an import that is broken off leaves a traceback, or half a module and an error about that."""
    print("smilejax: stopped before anything was done.", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    raise SystemExit(start_command())
