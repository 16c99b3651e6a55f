"""From the words of a command line to a command and its arguments. Nothing heavy is imported in here.

Every word is read once. Options that were not given are absent, so that a recipe, a preset or a number of seeds can settle the
defaults of others (`SettingsGroup.base`) after all words were read.
"""

import argparse
import difflib
from collections.abc import Iterable, Sequence
from typing import NoReturn, TypeVar

from smilejax._util.errors import SettingsError, listed
from smilejax._util.value_words import how_many, most_words, read_value, rule_of
from smilejax.cli.command import Command
from smilejax.cli.help_page import command_help
from smilejax.cli.options import Option, made, options_of

A = TypeVar("A")
JOINT = "\x1f"
"""Between the words of a value that were put into one; nobody types it."""


class UsageError(SettingsError):
    """The words are no command line of this program."""


def parse_options(command: Command[A], words: Sequence[str]) -> A:
    """The arguments of a command.

    Raises:
        UsageError: an option that there is not, or one without its value.
        SettingsError: a value that cannot be.
        SystemExit: with 0, after help was printed.
    """
    parser = _Parser(command)
    found, unknown = parser.parse_known_args(_joined(words, options_of(command.arguments)))
    if unknown:
        raise UsageError(_unknown(command, unknown))
    return made(command.arguments, given(options_of(command.arguments), vars(found)))


def given(options: Iterable[Option], words: dict[str, object]) -> dict[str, object]:
    """The values of the options that were given.

    Raises:
        SettingsError: words that are no value of their option.
    """
    return {option.name: _value(option, words[option.name]) for option in options if option.name in words}


def _value(option: Option, words: object) -> object:
    if isinstance(words, bool):
        return words
    if option.arg.repeated:
        assert isinstance(words, list)
        return tuple(words)
    texts = (words.split(JOINT) if _varies(option) else [words]) if isinstance(words, str) else words
    assert isinstance(texts, list)
    try:
        return read_value(option.kind, texts)
    except ValueError:
        raise SettingsError(setting=option.name, rule=rule_of(option.kind), value=" ".join(texts)) from None


def _varies(option: Option) -> bool:
    """Whether an option takes one word or some other fixed number, as a number or two do."""
    return how_many(option.kind) is None and most_words(option.kind) is not None


def _joined(words: Sequence[str], options: Iterable[Option]) -> list[str]:
    """The command line with the words of each option that takes one or two in one word, behind an equals sign.

    They are as many of the words that follow as can be its value: `--baseline-ms -200 0 recording.csv` leaves the file. Where
    none can, all up to the next option are, for the message.
    """
    varied = {option.flag: option for option in options if not option.arg.positional and _varies(option)}
    left, made = list(words), []
    while left:
        word = left.pop(0)
        flag, _, first = word.partition("=")
        if flag not in varied or not (left or first):
            made.append(word)
            continue
        if first:
            left.insert(0, first)
        count = _count(varied[flag], left)
        made.append(f"{flag}={JOINT.join(left[:count])}")
        del left[:count]
    return made


def _count(option: Option, words: Sequence[str]) -> int:
    most = most_words(option.kind) or 1
    for count in range(min(most, len(words)), 0, -1):
        try:
            read_value(option.kind, words[:count])
        except ValueError:
            continue
        return count
    following = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    return min(most, following) if following else 0


def _unknown(command: Command[A], words: Sequence[str]) -> str:
    first = words[0].partition("=")[0]
    help_ = f"`smilejax {command.name} --help-all` lists every option."
    if not first.startswith("--"):
        return f"{command.name} takes no further {first!r}. Paths stand together, before the options. {help_}"
    flags = [option.flag for option in options_of(command.arguments)]
    close = difflib.get_close_matches(first, flags)
    return f"{command.name} has no option {first}. {f'Is it {listed(close)}? ' if close else ''}{help_}"


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving, and has the help of `help_page`."""

    def __init__(self, command: Command[A]) -> None:
        super().__init__(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
        self._name = command.name
        options = options_of(command.arguments)
        for option in options:
            self._add(option)
        for flags, everything in ((("-h", "--help"), False), (("--help-all",), True)):
            self.add_argument(*flags, action=_Help, command=command, everything=everything)

    def _add(self, option: Option) -> None:
        if option.kind is bool:
            action = "store_true" if option.own else argparse.BooleanOptionalAction
            self.add_argument(option.flag, dest=option.name, action=action)  # type: ignore[arg-type]
            return
        if option.arg.positional:
            many = how_many(option.kind) is None
            absent = "*" if many else "?"
            given = "+" if many else None
            self.add_argument(option.name, metavar=option.flag, nargs=given if option.required else absent)
            return
        if option.arg.repeated:
            self.add_argument(option.flag, dest=option.name, action="append")
            return
        count = 1 if _varies(option) else how_many(option.kind)
        self.add_argument(
            option.flag, dest=option.name, required=option.required, nargs={None: "+", 1: None}.get(count, count)
        )

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(f"{message}. `smilejax {self._name} --help` shows how it is used.")


class _Help(argparse.Action):
    """Prints help with the defaults of what was given before it, and leaves."""

    def __init__(
        self, option_strings: Sequence[str], dest: str, default: str, command: Command[object], everything: bool
    ) -> None:
        super().__init__(option_strings, dest, nargs=0, default=default)
        self._command, self._everything = command, everything

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        before = given(options_of(self._command.arguments), vars(namespace))
        print(command_help(self._command, before, everything=self._everything))
        parser.exit()
