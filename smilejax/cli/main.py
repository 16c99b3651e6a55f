"""Dispatch, with the exit codes: 0 done, 2 for what the user can hint, 130 after Ctrl-C."""

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial

from smilejax import __version__
from smilejax._util.errors import SettingsError, SmilejaxError
from smilejax.cli.arguments import EvaluateCommand, TrainManyCommand
from smilejax.cli.options import as_options
from smilejax.cli.parsing import parse

USER_ERROR, INTERRUPTED = 2, 130
STOPPED = "stopped; what was not finished was not written."
RESUMABLE = "stopped; the runs that had ended are kept in {out}. The same command with --resume goes on with them."


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Errors a user can hint are one message, without traceback."""
    arguments = list(sys.argv[1:] if args is None else args)
    if arguments == ["--version"]:
        print(f"smilejax {__version__}")
        return 0
    stopped = STOPPED
    try:
        command = parse(arguments)
        stopped = (
            RESUMABLE.format(out=command.out) if isinstance(command, TrainManyCommand | EvaluateCommand) else STOPPED
        )
        from smilejax.cli import commands  # rich and the readers, only once the arguments are understood

        _interruptibly(partial(commands.run, command), stopped)
    except SmilejaxError as error:
        # What --vary takes are names of settings, and not options.
        named = isinstance(error, SettingsError) and not any(word.startswith("--vary") for word in arguments)
        return _complain(as_options(str(error)) if named else str(error), USER_ERROR)
    except KeyboardInterrupt:
        return _complain(stopped, INTERRUPTED)
    except BrokenPipeError:  # whoever read the help went away, as in `smilejax --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _complain("the output cannot be written: there is no space left where it goes.", USER_ERROR)
    return 0


def _interruptibly(work: Callable[[], None], stopped: str) -> None:
    """Run work in a thread of its own, so that Ctrl-C is heard at once, and answered by what is to be said then.

    A compiled program hears no signal until it is done, and ending the interpreter under one that reports its epochs to
    Python crashes. So Ctrl-C leaves without clean-up; every file is written in one step, and none can be left half done.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    except KeyboardInterrupt:
        cursor = "\x1b[?25h" if sys.stderr.isatty() else ""  # a progress bar hides it
        _complain(stopped + cursor, INTERRUPTED)
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    if raised:
        raise raised[0]


def _complain(message: str, code: int) -> int:
    print(f"smilejax: {message}", file=sys.stderr)
    return code
