"""Pages of the command line, from the commands themselves."""

import inspect
import re
from collections.abc import Iterator, Mapping

from smilejax.cli.command import Command
from smilejax.cli.commands import COMMANDS
from smilejax.cli.help_page import HelpEntry, help_entries

HEADINGS = "=-~"


def all_commands() -> Mapping[str, Command[object]]:
    """Commands as they are typed, with those that a word makes of them: `simulate`, `simulate --faces`."""
    found: dict[str, Command[object]] = {}
    for command in COMMANDS:
        found[command.name] = command
        found |= {f"{command.name} {word}": form for word, form in command.forms.items()}
    return found


def pages() -> dict[str, str]:
    """The text of each page, by its name."""
    return {f"commands/{_file(typed)}": "\n".join(_page(typed, one)) for typed, one in all_commands().items()}


def index() -> str:
    """The page that lists them."""
    rows = [
        f"   * - :doc:`smilejax {typed} <commands/{_file(typed)}>`\n     - {_escaped(one.about)}"
        for typed, one in all_commands().items()
    ]
    names = [f"   commands/{_file(typed)}" for typed in all_commands()]
    return "\n".join(
        [
            *_heading("Command line", 0),
            "What `smilejax COMMAND --help-all` prints, made from the same source.",
            "",
            *[".. list-table::", "   :widths: 28 72", "", *rows, ""],
            *[".. toctree::", "   :hidden:", "", *names, ""],
        ]
    )


def _page(typed: str, command: Command[object]) -> Iterator[str]:
    yield from _heading(f"smilejax {typed}", 0)
    yield from (_escaped(inspect.cleandoc(command.arguments.__doc__ or "")), "")
    yield from (".. code-block:: console", "", *(f"   $ {line}" for line in command.examples), "")
    yield from (f".. program:: smilejax {typed}", "")
    for group in help_entries(command):
        yield from _heading(group.name, 1)
        if group.about:
            yield from (_escaped(group.about), "")
        for entry in group.entries:
            yield from _entry(entry)


def _entry(entry: HelpEntry) -> Iterator[str]:
    yield from (f".. option:: {entry.given}", "", f"   {_escaped(entry.about)}", "")


def _heading(text: str, level: int) -> list[str]:
    return [text, HEADINGS[level] * len(text), ""]


def _file(typed: str) -> str:
    return typed.replace(" --", "-")


def _escaped(text: str) -> str:
    """Text as it is: stars, bars and underscores are no markup; what stands in backticks is code."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"``{part}``" if at % 2 else re.sub(r"([\\*|_])", r"\\\1", part) for at, part in enumerate(parts))
