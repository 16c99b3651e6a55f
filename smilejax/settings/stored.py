"""Settings to JSON and back."""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from smilejax._util.errors import SettingsError, listed
from smilejax._util.typed_json import JsonObject, JsonValue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")


def to_json(settings: "DataclassInstance") -> JsonObject:
    """A settings value as plain JSON: infinity as the text `inf`, tuples as lists."""
    return {name: _plain(value) for name, value in dataclasses.asdict(settings).items()}


def _plain(value: object) -> JsonValue:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return "inf" if value == math.inf else value
    raise TypeError(f"a setting cannot be a {type(value).__name__}")


def from_json(cls: type[S], data: Mapping[str, object]) -> S:
    """The settings value that `to_json` wrote, of this version or of one that had fewer settings (the class's
    `younger`).

    Raises:
        SettingsError: unknown or missing names, or a value out of its range.
    """
    if not isinstance(data, Mapping):
        raise SettingsError(f"{cls.__name__} must be written as a JSON object; it is {data!r}.")
    data = dict(getattr(cls, "younger", {})) | dict(data)
    types = get_type_hints(cls)
    names = {field.name for field in dataclasses.fields(cls)}
    if unknown := set(data) - names:
        raise SettingsError(f"{cls.__name__} has no setting named {listed(sorted(unknown))}.")
    if absent := names - set(data):
        raise SettingsError(f"{cls.__name__} lacks {listed(sorted(absent))}.")
    return cls(**{name: _rich(types[name], value) for name, value in data.items()})


def _rich(kind: object, value: object) -> object:
    """A value as the setting holds it, from JSON."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return from_json(kind, value)  # type: ignore[arg-type]
    if isinstance(value, list):
        return tuple(value)
    # Only a number can have been infinite; a column may well be called `inf`.
    return math.inf if value == "inf" and kind is float else value
