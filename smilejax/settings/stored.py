"""Settings to JSON and back."""

import dataclasses
import math
from typing import Any, TypeVar, get_type_hints

from smilejax._util.errors import SettingsError, listed
from smilejax.settings.training_settings import ModelSettings

S = TypeVar("S")


def to_json(settings: Any) -> dict[str, Any]:
    """A settings value as plain JSON: infinity as the text `inf`, tuples as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v) for v in value]
        return "inf" if value == math.inf else value

    return {k: plain(v) for k, v in dataclasses.asdict(settings).items()}


def from_json(cls: type[S], data: dict[str, Any]) -> S:
    """The settings value that `to_json` wrote. Raises `SettingsError` on unknown or missing names."""
    if not isinstance(data, dict):
        raise SettingsError(f"{cls.__name__} must be written as a JSON object; it is {data!r}.")
    hints = get_type_hints(cls)  # a dataclass may hold its types as text
    types = {f.name: hints[f.name] for f in dataclasses.fields(cls)}  # type: ignore[arg-type]  # a dataclass
    if unknown := set(data) - set(types):
        raise SettingsError(f"{cls.__name__} has no setting named {listed(sorted(unknown))}.")
    if absent := set(types) - set(data):
        raise SettingsError(f"{cls.__name__} lacks {listed(sorted(absent))}.")

    def rich(name: str, value: Any) -> Any:
        if types[name] is ModelSettings:
            return from_json(ModelSettings, value)
        if isinstance(value, list):
            return tuple(value)
        # Only a number can have been infinite; a column may well be called `inf`.
        return math.inf if value == "inf" and types[name] is float else value

    return cls(**{k: rich(k, v) for k, v in data.items()})
