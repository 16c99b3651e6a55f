"""Frozen dataclasses to JSON and back, by the types of their fields; strict in both directions."""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
"""What JSON can hold."""
JsonObject = dict[str, JsonValue]


class JsonTypeError(ValueError):
    """A JSON value is not what its dataclass says; the message names the field by its full path."""


def encode(value: object) -> JsonValue:
    """A dataclass, or what its fields hold, as plain JSON: tuples as lists, dataclasses as objects.

    Raises:
        JsonTypeError: a value that JSON cannot hold, NaN and infinity among them.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise JsonTypeError(
                f"JSON holds finite numbers only; {value} arrived. Use None for a number that is missing."
            )
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): encode(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [encode(part) for part in value]
    raise JsonTypeError(f"JSON cannot hold a {type(value).__name__}: {value!r}.")


def decode_dataclass(cls: type[T], data: object, path: str = "") -> T:
    """The dataclass that `encode` made `data` of. A field with a default may be absent: it is younger than the file.

    Arguments:
        path: of the value, for messages.

    Raises:
        JsonTypeError: naming a field that is unknown, missing, or of another type.
    """
    if not isinstance(data, Mapping):
        raise JsonTypeError(f"{path or cls.__name__} must be an object; it is {_short(data)}.")
    hints: dict[str, Any] = _hints(cls)  # type: ignore[arg-type]  # classes can be hashed
    where = f"{path}." if path else ""
    if unknown := [name for name in data if name not in hints]:
        raise JsonTypeError(f"{where}{unknown[0]} is no field of {cls.__name__}.")
    if missing := [name for name in hints if name not in data and name not in _optional(cls)]:  # type: ignore[arg-type]
        raise JsonTypeError(f"{where}{missing[0]} is missing.")
    return cls(**{name: _value(hints[name], value, f"{where}{name}") for name, value in data.items()})


@cache
def _hints(cls: Any) -> dict[str, Any]:  # types are values of no common type
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


@cache
def _optional(cls: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(cls) if field.default is not dataclasses.MISSING)


def _value(hint: Any, value: object, path: str) -> object:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of_union(arguments, value, path)
    if origin is Literal:
        if value not in arguments:
            raise JsonTypeError(f"{path} must be one of {', '.join(map(str, arguments))}; it is {_short(value)}.")
        return value
    if origin is tuple:
        return _tuple(arguments, value, path)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise JsonTypeError(f"{path} must be an object; it is {_short(value)}.")
        return {name: _value(arguments[1], part, f"{path}.{name}") for name, part in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return decode_dataclass(hint, value, path)
    return _plain(hint, value, path)


def _of_union(arguments: tuple[Any, ...], value: object, path: str) -> object:
    """The only unions in results are `X | None`, and `JsonValue`, which holds anything."""
    if value is None and types.NoneType in arguments:
        return None
    inner = [one for one in arguments if one is not types.NoneType]
    return _value(inner[0], value, path) if len(inner) == 1 else value


def _tuple(arguments: tuple[Any, ...], value: object, path: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise JsonTypeError(f"{path} must be a list; it is {_short(value)}.")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = (arguments[0],) * len(value)
    if len(value) != len(arguments):
        raise JsonTypeError(f"{path} must be a list of {len(arguments)}; it has {len(value)}.")
    return tuple(
        _value(one, part, f"{path}[{at}]") for at, (one, part) in enumerate(zip(arguments, value, strict=True))
    )


def _plain(hint: type, value: object, path: str) -> object:
    allowed = (int, float) if hint is float else (hint,)
    if not isinstance(value, allowed) or (isinstance(value, bool) and hint is not bool):
        raise JsonTypeError(f"{path} must be {_ARTICLE.get(hint, hint.__name__)}; it is {_short(value)}.")
    return float(value) if hint is float and isinstance(value, int) else value


_ARTICLE = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}


def _short(value: object, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else text[:most] + "..."
