"""Commands run in this process, as the tests of the command line run them."""

import pytest

from smilejax.cli import main


def run(*args: object) -> int:
    """The exit code of a command line."""
    try:
        return main([str(a) for a in args])
    except SystemExit as left:
        return int(left.code or 0)


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run a command that must end with 2 and one message, and return that message on one line."""
    capsys.readouterr()
    assert run(*args) == 2
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return " ".join(message.split())
