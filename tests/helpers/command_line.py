"""Commands of the command line: run in this process, or in one of their own that is ended whatever happens."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
from helpers.children import children_ended, start_child

from smilejax.cli import main


def run(*args: object) -> int:
    """The exit code of a command line."""
    try:
        return main([str(a) for a in args])
    except SystemExit as left:
        return int(left.code or 0)


def on_one_line(text: str) -> str:
    """What was printed, without the lines of tables and the breaks of paragraphs."""
    return " ".join(text.replace("│", " ").split())


def printed(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run a command that must end well; what it printed, on one line."""
    capsys.readouterr()
    assert run(*args) == 0
    return on_one_line(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run a command that must end with 2 and one message, and return that message on one line."""
    capsys.readouterr()
    assert run(*args) == 2
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return on_one_line(message)


@contextlib.contextmanager
def started(*args: object) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, which hears Ctrl-C; the process and what it started are ended at the end."""
    command = [sys.executable, "-m", "smilejax", *map(str, args)]
    with children_ended():
        yield start_child(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
