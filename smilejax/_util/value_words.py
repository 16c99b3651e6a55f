"""Values of settings as words of a command line: read by the type of the setting, and written the same way."""

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Union, get_args, get_origin

from smilejax._util.errors import listed

Kind = object
"""The type of a setting: bool, int, float, str, Path, None, a Literal, a tuple of one of these, or a union of such types."""


def alternatives(kind: Kind) -> tuple[Kind, ...]:
    """The types of a union, or a type alone."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def read_value(kind: Kind, words: Sequence[str]) -> object:
    """The value that words stand for, by the first alternative of `kind` that takes them.

    Raises:
        ValueError: none does.

    Example:
        >>> read_value(tuple[float, float] | None, ["1.5", "9"]), read_value(float | None, ["none"])
        ((1.5, 9.0), None)
    """
    for one in sorted(alternatives(kind), key=lambda one: one is str):  # a text takes every word, so it comes last
        try:
            return _read_one(one, words)
        except ValueError:
            continue
    raise ValueError(" ".join(words))


def _read_one(kind: Kind, words: Sequence[str]) -> object:
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is not Ellipsis and len(words) != len(inner):
            raise ValueError(" ".join(words))
        return tuple(read_value(inner[0], [word]) for word in words)
    if len(words) != 1:
        raise ValueError(" ".join(words))
    (word,) = words
    if kind is type(None):
        return _among({"none": None}, word.lower())
    if kind is bool:
        return _among({"true": True, "false": False}, word.lower())
    if get_origin(kind) is Literal:
        return _among({choice: choice for choice in get_args(kind)}, word)
    if isinstance(kind, type) and kind in (int, float, str, Path):
        made: object = kind(word)
        return made
    raise TypeError(f"no option can be of type {kind!r}")


def _among(choices: dict[str, object], word: str) -> object:
    if word not in choices:
        raise ValueError(word)
    return choices[word]


def how_many(kind: Kind) -> int | None:
    """How many words a value takes; None where that varies."""
    counts = {_length(one) for one in alternatives(kind)}
    return counts.pop() if len(counts) == 1 else None


def most_words(kind: Kind) -> int | None:
    """The most words a value takes; None where there may be any number.

    Example:
        >>> most_words(float | tuple[float, float] | None), most_words(tuple[str, ...])
        (2, None)
    """
    counts = [_length(one) for one in alternatives(kind)]
    return None if None in counts else max(count for count in counts if count is not None)


def _length(kind: Kind) -> int | None:
    if get_origin(kind) is not tuple:
        return 1
    return None if get_args(kind)[-1] is Ellipsis else len(get_args(kind))


def rule_of(kind: Kind, joined: str = "") -> str:
    """What may be written for a setting.

    Arguments:
        joined: what stands between the parts of a tuple; empty for a blank.
    """
    return " or ".join(_rule_of_one(one, joined) for one in alternatives(kind))


def _rule_of_one(kind: Kind, joined: str) -> str:
    if get_origin(kind) is Literal:
        return f"one of {listed(get_args(kind), most=20)}"
    if get_origin(kind) is tuple:
        return _rule_of_tuple(get_args(kind), joined)
    simple: dict[object, str] = {
        type(None): "none",
        bool: "true or false",
        int: "a whole number",
        float: "a number (inf is one)",
        str: "a text",
        Path: "a path",
    }
    return simple[kind]


def _rule_of_tuple(inner: tuple[Kind, ...], joined: str) -> str:
    if get_origin(inner[0]) is Literal:
        of = f"names among {listed(get_args(inner[0]), most=20)}"
    else:
        of = {float: "numbers", int: "whole numbers"}.get(inner[0] if isinstance(inner[0], type) else str, "names")  # type: ignore[call-overload]
    how = f" joined by {joined}" if joined else ""
    if inner[-1] is Ellipsis:
        return f"{of}{how}"
    return f"{'two' if len(inner) == 2 else len(inner)} {of}{how}"


def placeholder(kind: Kind) -> str:
    """What stands for the value in help: `NUMBER`, `{adam,sgd}`, `A B`. None is not shown: leaving an option out means it."""
    shown = [one for one in alternatives(kind) if one is not type(None)]
    return "|".join(_placeholder_of_one(one) for one in shown)


def _placeholder_of_one(kind: Kind) -> str:
    if get_origin(kind) is Literal:
        return "{" + ",".join(map(str, get_args(kind))) + "}"
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        one = placeholder(inner[0])
        return f"{one} ..." if inner[-1] is Ellipsis else " ".join([one] * len(inner))
    named: dict[object, str] = {int: "N", float: "NUMBER", str: "NAME", Path: "PATH", bool: "{true,false}"}
    return named[kind]


def words_of(value: object) -> str:
    """A value as the command line takes it: `none`, `4`, `1.5 9`, `inf`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return " ".join(words_of(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def quoted(value: object) -> str:
    """A value for a message: as `words_of`, and texts in quotation marks."""
    return repr(value) if isinstance(value, str) else words_of(value)
