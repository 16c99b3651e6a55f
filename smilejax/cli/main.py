"""From a command line to what it does, with the exit codes: 0 done, 2 for what the user can correct, 130 after Ctrl-C."""

import difflib
import errno
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from smilejax._util.errors import SmilejaxError, listed
from smilejax._util.value_words import quoted
from smilejax.cli import process_setup
from smilejax.cli.command import STOPPED, Command
from smilejax.cli.commands import COMMANDS
from smilejax.cli.help_page import program_help
from smilejax.cli.options import names_of, options_of
from smilejax.cli.parsing import UsageError, parse_options

A = TypeVar("A")
DESCRIPTION = (
    "Classify genuine and posed smiles by the pupils of those who watch them or the faces of those who smile, or any two kinds "
    "of stimulus by the pupils; and say how sure that is."
)
USER_ERROR, INTERRUPTED = 2, 130


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Errors a user can correct are one message, without traceback."""
    words = list(sys.argv[1:] if args is None else args)
    process_setup.have_every_text_printed()
    try:
        return _answer(words)
    except SmilejaxError as error:
        return _complain(error.in_words(value=quoted), USER_ERROR)
    except KeyboardInterrupt:
        return _complain(STOPPED, INTERRUPTED)
    except BrokenPipeError:  # whoever read the output went away, as in `smilejax --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, MemoryError, RuntimeError, ValueError) as error:
        if (said := _of_the_system(error)) is None:
            raise
        return _complain(said, USER_ERROR)
    return 0


OF_THE_SYSTEM = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENAMETOOLONG, errno.ELOOP, errno.ESTALE}
"""What a system says of a file that it will not read or write, and that the user can see to; no fault of this package."""


def _of_the_system(error: OSError | MemoryError | RuntimeError | ValueError) -> str | None:
    """What to say of what the system refused, or JAX of its variables; None where it is a fault of this package."""
    if isinstance(error, ValueError):
        return process_setup.what_jax_cannot_read(error)
    if isinstance(error, RuntimeError) and not str(error).startswith("RESOURCE_EXHAUSTED"):  # XLA's, of memory
        return None
    if isinstance(error, MemoryError | RuntimeError):
        return "there is not enough memory for this. Close other programs, or give fewer recordings or runs at a time."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the output cannot be written: there is no space left where it goes."
    if error.errno in OF_THE_SYSTEM:
        return f"{error.filename or 'a file'} cannot be used: {error.strerror}."
    return None


def _answer(words: list[str]) -> int:
    """Help, the version, or a command."""
    first = words[0] if words else "--help"
    if first in ("-h", "--help"):
        print(program_help(DESCRIPTION, COMMANDS))
        return 0 if words else USER_ERROR
    if first == "--version":
        process_setup.set_up()
        from smilejax.cli.version import version_text  # and with it jax

        print(version_text())
        return 0
    return _carry_out(*command_named(first).form(words[1:]))


def command_named(name: str) -> Command[object]:
    """A command by its name.

    Raises:
        UsageError: there is none.
    """
    for command in COMMANDS:
        if command.name == name:
            return command
    close = difflib.get_close_matches(name, [command.name for command in COMMANDS])
    hint = f"Is it {' or '.join(close)}?" if close else f"There are {listed((c.name for c in COMMANDS), most=20)}."
    raise UsageError(f"there is no command {name!r}. {hint}")


def _carry_out(command: Command[A], words: Sequence[str]) -> int:
    names: Mapping[str, str] = names_of(options_of(command.arguments))
    stopped = STOPPED
    try:
        arguments = parse_options(command, words)
        names = {**names, **command.also_called(arguments)}
        stopped = command.stopped(arguments)
        process_setup.set_up(alone=not getattr(arguments, "distributed", False), computes=command.computes)
        _interruptibly(partial(command.run, arguments), stopped)
    except SmilejaxError as error:
        return _complain(error.in_words(name=lambda name: names.get(name, name), value=quoted), USER_ERROR)
    except KeyboardInterrupt:
        return _complain(stopped, INTERRUPTED)
    return 0


def _interruptibly(work: Callable[[], None], stopped: str) -> None:
    """Run work in a thread of its own, so that Ctrl-C is heard at once, and answered by `stopped`.

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
