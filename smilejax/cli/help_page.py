"""Help, in the width of the terminal: the few common options first, the rest under headings, examples at the end."""

import re
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from smilejax._util.value_words import how_many, words_of
from smilejax.cli.command import Command
from smilejax.cli.options import Given, Option, base_of, groups_of, names_of, options_of, with_defaults

A = TypeVar("A")
NARROWEST, WIDEST = 60, 100
UNSHOWN = (None, (), "default")
"""Defaults that help says in words or not at all."""
COMMAND_WIDTH, OPTION_WIDTH = 14, 24
"""Of the left of two columns."""
_NONE = re.compile(r"\bNone\b")
_QUOTED = re.compile(r"`([a-z][a-z0-9_]*)`")


def program_help(description: str, commands: Sequence[Command[object]]) -> str:
    """What `smilejax --help` prints."""
    lines = ["Usage: smilejax COMMAND [OPTIONS]", "", *_paragraph(description), "", "Commands"]
    for command in commands:
        lines += _entry(command.name, command.about, COMMAND_WIDTH)
    lines += ["", "Options"]
    lines += _entry("--help", "Show this page.", COMMAND_WIDTH)
    version = "Show the versions of smilejax, Python and jax, the kernel (native or scan), and the devices."
    lines += _entry("--version", version, COMMAND_WIDTH)
    lines += ["", "Try first", "  smilejax demo", "", "Each command has its own help: smilejax COMMAND --help"]
    return "\n".join(lines)


@dataclass(frozen=True)
class HelpEntry:
    """An option in help: how it is given (`--rate-hz HZ`), and what it does, with its default."""

    given: str
    about: str


@dataclass(frozen=True)
class HelpGroup:
    """A heading of help with its options. about: one sentence, empty for the common options."""

    name: str
    about: str
    entries: tuple[HelpEntry, ...]


def help_entries(command: Command[A], given: Given | None = None) -> list[HelpGroup]:
    """Every option of a command as `--help-all` has it: the common ones under "Options", the others under their headings.

    Arguments:
        given: options that stood before; the defaults are those with them.
    """
    options = options_of(command.arguments)
    defaults, names = _defaults(command, options, given or {}), names_of(options)

    def entries(shown: list[Option]) -> tuple[HelpEntry, ...]:
        return tuple(_of_option(option, defaults, names) for option in shown)

    common = sorted((option for option in options if option.common), key=lambda option: not option.required)
    groups = [HelpGroup("Options", "", entries(common))]
    rest = [option for option in options if not option.common]
    for heading in dict.fromkeys(option.arg.heading for option in rest if option.arg.heading is not None):
        under = [option for option in rest if option.arg.heading == heading]
        groups.append(HelpGroup(heading.name, heading.about, entries(under)))
    return groups


def command_help(command: Command[A], given: Given, *, everything: bool) -> str:
    """What `smilejax COMMAND --help` and `--help-all` print.

    Arguments:
        given: options that stood before; the defaults shown are those with them.
        everything: whether all options are listed.
    """
    options = options_of(command.arguments)
    common, *rest = help_entries(command, given)
    lines = [*_usage(command, options), "", *_paragraph(_docstring(command)), ""]
    lines += ["Options"] if any(not option.required for option in options) else []
    for entry in common.entries:
        lines += _entry(entry.given, entry.about)
    lines += _entry("--help", "Show this page." if not everything else "Show the common options only.")
    if rest and not everything:
        lines += _entry("--help-all", "Show every option.")
        lines += ["", f"Further options, shown by `smilejax {command.name} --help-all`"]
    for group in rest:
        if everything:
            lines += ["", group.name, *_paragraph(group.about, "  ")]
            for entry in group.entries:
                lines += _entry(entry.given, entry.about)
        else:
            number = f"{len(group.entries)} option{'' if len(group.entries) == 1 else 's'}"
            lines += _entry(group.name, f"{number}. {group.about}")
    lines += ["", "Examples", *(f"  {line}" for line in command.examples)]
    return "\n".join(lines)


def _docstring(command: Command[A]) -> str:
    return command.arguments.__doc__ or ""


def _defaults(command: Command[A], options: tuple[Option, ...], given: Given) -> dict[str, object]:
    """The default of each option, with what was given before."""
    values = with_defaults(options, given)
    bases = {name: base_of(command.arguments, name, values) for name in groups_of(command.arguments)}
    found: dict[str, object] = {}
    for option in options:
        value = option.default
        if not option.own:
            value = bases[option.place[0]]
            for name in option.place[1:]:
                value = getattr(value, name)
        found[option.name] = value
    return found


def _usage(command: Command[A], options: tuple[Option, ...]) -> list[str]:
    needed = [
        _place(option) if option.arg.positional else f"{option.flag} {option.metavar}"
        for option in options
        if option.required
    ]
    more = [f"[{option.flag}]" for option in options if option.arg.positional and not option.required]
    return [" ".join(["Usage: smilejax", command.name, *needed, *more, "[OPTIONS]"])]


def _place(option: Option) -> str:
    return option.flag if how_many(option.kind) == 1 else f"{option.flag} ..."


def _of_option(option: Option, defaults: dict[str, object], names: dict[str, str]) -> HelpEntry:
    about = _QUOTED.sub(lambda found: names.get(found[1], found[1]), option.about)
    about = _NONE.sub("none", about)  # as the command line writes it
    default = defaults[option.name]
    if option.kind is bool:
        if option.own:
            return HelpEntry(option.flag, about)
        state = "on" if default else "off"
        return HelpEntry(f"{option.flag}, --no-{option.flag[2:]}", f"{about} (default: {state})")
    if not option.required and option.shows_default and default not in UNSHOWN:
        about = f"{about} (default: {words_of(default)})"
    return HelpEntry(option.flag if option.arg.positional else f"{option.flag} {option.metavar}", about)


def _entry(left: str, right: str, width: int = OPTION_WIDTH) -> list[str]:
    """A name and what it is, in two columns; a long name has a line of its own."""
    lines = textwrap.wrap(right, _width() - width, break_on_hyphens=False) or [""]
    rest = [" " * width + line for line in lines]
    if len(left) + 4 > width:
        return [f"  {left}", *rest]
    return [f"  {left}".ljust(width) + lines[0], *rest[1:]]


def _paragraph(text: str, indent: str = "") -> list[str]:
    lines: list[str] = []
    for part in text.split("\n\n"):
        lines += ["", *textwrap.wrap(" ".join(part.split()), _width(), initial_indent=indent, subsequent_indent=indent)]
    return lines[1:]


def _width() -> int:
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
