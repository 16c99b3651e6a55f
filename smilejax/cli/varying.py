"""`--vary NAME=V1,V2,...`: which settings of a recipe vary, and over which values, each read by its setting's type."""

import difflib
import types
from collections.abc import Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from smilejax._util.errors import SettingsError, listed
from smilejax.preprocess.recipe import Recipe, RecipeName

KINDS: dict[str, Any] = get_type_hints(Recipe) | {"recipe": RecipeName}
"""What each setting may be; `recipe` is the recipe by its name."""


def varied_values(given: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The settings that vary and their values, in the order given.

    Raises:
        SettingsError: naming the setting, what arrived, and the hint.

    Example:
        >>> varied_values(["lowpass_hz=none,4", "range_mm=1.5:9"])
        {'lowpass_hz': (None, 4.0), 'range_mm': ((1.5, 9.0),)}
    """
    vary: dict[str, tuple[Any, ...]] = {}
    for text in given:
        name, values = _name(text), text.partition("=")[2]
        if not name or not values.strip():
            raise SettingsError(
                f"vary must be NAME=V1,V2,...: a setting of the recipe and its values; it is {text!r}. "
                "Write it like --vary max_gap_ms=250,400,inf."
            )
        if name not in KINDS:
            raise SettingsError(f"vary: a recipe has no setting named {name!r}. {_closest(name)}")
        if name in vary:
            raise SettingsError(
                f"vary: {name} is given twice. Give all its values at once: "
                f"--vary {name}={','.join(t.partition('=')[2] for t in given if _name(t) == name)}."
            )
        vary[name] = tuple(_value(name, word.strip()) for word in values.split(","))
    return vary


def _name(text: str) -> str:
    return text.partition("=")[0].strip().removeprefix("--").replace("-", "_")


def _closest(name: str) -> str:
    close = difflib.get_close_matches(name, KINDS)
    return f"Is it {' or '.join(close)}?" if close else f"It has {listed(KINDS, most=len(KINDS))}."


def _value(name: str, word: str) -> Any:
    for kind in _alternatives(KINDS[name]):
        try:
            return _read(kind, word)
        except ValueError:
            continue
    raise SettingsError(f"vary {name}: a value must be {_rule(KINDS[name])}; it is {word!r}. {_hint(KINDS[name])}")


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The types of a union, or a type alone."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _read(kind: Any, word: str) -> Any:
    """A value of one type. Raises `ValueError` where a word is none."""
    if kind is type(None) or kind is bool:
        names: dict[str, Any] = {"none": None} if kind is type(None) else {"true": True, "false": False}
        if word.lower() not in names:
            raise ValueError(word)
        return names[word.lower()]
    if get_origin(kind) is tuple:
        parts = word.split(":")
        inner = get_args(kind)
        if inner[-1] is not Ellipsis and len(parts) != len(inner):
            raise ValueError(word)
        return tuple(_read(inner[0], part) for part in parts)
    if get_origin(kind) is Literal:
        if word not in get_args(kind):
            raise ValueError(word)
        return word
    return kind(word)


def _rule(kind: Any) -> str:
    """What may be written for a setting."""
    return " or ".join(_rule_of_one(one) for one in _alternatives(kind))


def _rule_of_one(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {listed(get_args(kind))}"
    if get_origin(kind) is tuple:
        return "names joined by colons" if get_args(kind)[-1] is Ellipsis else "two numbers joined by a colon"
    return {type(None): "none", bool: "true or false", int: "a whole number", float: "a number (inf is one)"}[kind]


def _hint(kind: Any) -> str:
    if any(get_origin(one) is tuple for one in _alternatives(kind)):
        return "Write a pair like 1.5:9, and a comma between values."
    return "Part values by commas."
