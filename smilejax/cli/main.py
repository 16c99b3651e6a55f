"""Parse and dispatch, with the exit codes: 0 done, 2 for what the user can mend, 130 after Ctrl-C."""

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import tyro

from smilejax import __version__
from smilejax.cli.arguments import Check, Command, Demo, Predict, Simulate, Train
from smilejax.errors import SmilejaxError
from smilejax.settings import Recipe, TrainingSettings

MENDABLE, INTERRUPTED = 2, 130
STOPPED = "stopped; what was not finished was not written."


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Errors a user can mend are one message, without traceback."""
    arguments = list(sys.argv[1:] if args is None else args)
    if arguments == ["--version"]:
        print(f"smilejax {__version__}")
        return 0
    try:
        command = parse(arguments)
        from smilejax.cli import commands  # rich and the readers, only once the arguments are understood

        _interruptibly(partial(commands.run, command))
    except SmilejaxError as error:
        return _complain(str(error), MENDABLE)
    except KeyboardInterrupt:
        return _complain(STOPPED, INTERRUPTED)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _complain("the output cannot be written: there is no space left where it goes.", MENDABLE)
    return 0


def _interruptibly(work: Callable[[], None]) -> None:
    """Run work in a thread of its own, so that Ctrl-C is heard at once.

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
        _complain(STOPPED + cursor, INTERRUPTED)
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    if raised:
        raise raised[0]


def parse(arguments: list[str]) -> Command:
    """The command that the arguments name. Help and usage errors leave through `SystemExit`, with 0 and 2."""
    command: Command = tyro.cli(
        _commands(arguments),
        prog="smilejax",
        description="Tell genuine from posed smiles by the pupils of those who watch them.",
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
    )
    return command


def _commands(arguments: list[str]) -> Any:
    """The union of commands. The preset settles the defaults, so it is looked up before the rest is parsed."""
    report = "--preset=report" in arguments or (
        "report" in arguments[1:] and arguments[arguments.index("report") - 1] == "--preset"
    )
    train: dict[str, Any] = {}
    if report:
        train["default"] = Train(
            data=tyro.MISSING,
            out=tyro.MISSING,
            preset="report",
            recipe=Recipe.report(),
            settings=TrainingSettings.report(),
        )
    return (
        Annotated[Demo, tyro.conf.subcommand("demo")]
        | Annotated[Simulate, tyro.conf.subcommand("simulate")]
        | Annotated[Check, tyro.conf.subcommand("check")]
        | Annotated[Train, tyro.conf.subcommand("train", **train)]
        | Annotated[Predict, tyro.conf.subcommand("predict")]
    )


def _complain(message: str, code: int) -> int:
    print(f"smilejax: {message}", file=sys.stderr)
    return code
