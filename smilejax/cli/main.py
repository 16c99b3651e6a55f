"""From a command line to what it does, with the exit codes: 0 done, 2 for what the user can correct, 130 after Ctrl-C."""

import difflib
import errno
import gc
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from smilejax._util.errors import SmilejaxError, listed
from smilejax._util.value_words import quoted
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
    try:
        return _answer(words)
    except SmilejaxError as error:
        return _complain(error.in_words(value=quoted), USER_ERROR)
    except KeyboardInterrupt:
        return _complain(STOPPED, INTERRUPTED)
    except BrokenPipeError:  # whoever read the output went away, as in `smilejax --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _complain("the output cannot be written: there is no space left where it goes.", USER_ERROR)
    return 0


def _answer(words: list[str]) -> int:
    """Help, the version, or a command."""
    first = words[0] if words else "--help"
    if first in ("-h", "--help"):
        print(program_help(DESCRIPTION, COMMANDS))
        return 0 if words else USER_ERROR
    if first == "--version":
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
        _prepare_environment()
        _interruptibly(partial(command.run, arguments), stopped)
    except SmilejaxError as error:
        return _complain(error.in_words(name=lambda name: names.get(name, name), value=quoted), USER_ERROR)
    except KeyboardInterrupt:
        return _complain(stopped, INTERRUPTED)
    return 0


def _prepare_environment() -> None:
    """Have libraries log nothing to the terminal, and what is compiled be kept, by JAX and by `smilejax._util.kept_programs`.

    Compiled programs go into a folder of this user's, so that the next command starts in a fraction of the time. Whoever can
    write there can run code here, so a folder that others may write to is not used. Settings of the user's own go first.
    """
    gc.set_threshold(
        50_000, 20, 50
    )  # going again and again through what is imported takes a twentieth of a short command
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # orbax's storage logs otherwise
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smilejax" / "programs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
        private = about.st_uid == os.getuid() and not about.st_mode & 0o022 if hasattr(os, "getuid") else True
    except (OSError, RuntimeError):  # no home, or a read-only one: compile anew each time
        return
    if private and os.access(folder, os.W_OK):
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
        os.environ.setdefault("SMILEJAX_PROGRAMS", str(folder / "loaded-at-once"))


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
