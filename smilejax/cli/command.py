"""What a command is: its name, its arguments, what it does, and how it is shown in help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

A = TypeVar("A")

STOPPED = "stopped; what was not finished was not written."


def _no_others(arguments: object) -> Mapping[str, str]:
    """Of a command whose options are called as its settings are."""
    return {}


def _stopped(arguments: object) -> str:
    return STOPPED


@dataclass(frozen=True)
class Command(Generic[A]):
    """A command of the command line. Each has a module of its own, which ends in one of these."""

    name: str
    """As it is typed: `train-many`."""
    arguments: type[A]
    """Dataclass from which its options are made; the first sentence of its docstring says in help what the command does."""
    run: Callable[[A], None]
    """Carries it out. Raises `SmilejaxError` for what the user can correct."""
    examples: tuple[str, ...]
    """Command lines that help ends with."""
    also_called: Callable[[A], Mapping[str, str]] = _no_others
    """Options by names of settings that stand for them in the library: `{"memory_bytes": "--memory-mib"}`."""
    stopped: Callable[[A], str] = _stopped
    """What Ctrl-C is answered with."""
    computes: bool = True
    """Whether it starts JAX, which needs room for its programs and threads."""
    forms: Mapping[str, "Command[object]"] = field(default_factory=dict)
    """Commands that this one becomes by a word: `{"--faces": ...}`, with options of their own."""

    def form(self, words: Sequence[str]) -> "tuple[Command[object], list[str]]":
        """The command that words are meant for, and its words."""
        for word, form in self.forms.items():
            if word in words:
                return form, [one for one in words if one != word]
        return cast("Command[object]", self), list(words)

    @property
    def about(self) -> str:
        """What it does, in one line."""
        return " ".join((self.arguments.__doc__ or "").split("\n\n")[0].split())
