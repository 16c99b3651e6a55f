"""`--vary NAME=V1,V2,...`: which settings of a recipe vary, and over which values, each read by its setting's type."""

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast, get_origin, get_type_hints

from smilejax._util.errors import SETTING, SettingsError, listed
from smilejax._util.value_words import Kind, alternatives, read_value, rule_of
from smilejax.preprocess.recipe import Recipe, RecipeName

if TYPE_CHECKING:
    from smilejax.evaluation.multiverse.recipe_grid import SettingValue

JOINED = "a colon"
"""What stands between the parts of a pair, since a comma stands between values."""


def kinds() -> Mapping[str, Kind]:
    """What each setting may be; `recipe` is the recipe by its name."""
    return get_type_hints(Recipe) | {"recipe": RecipeName}


def varied_values(given: Sequence[str]) -> "dict[str, tuple[SettingValue, ...]]":
    """The settings that vary and their values, in the order given.

    Raises:
        SettingsError: naming the setting, what arrived, and the hint.

    Example:
        >>> varied_values(["lowpass_hz=none,4", "range_mm=1.5:9"])
        {'lowpass_hz': (None, 4.0), 'range_mm': ((1.5, 9.0),)}
    """
    vary: dict[str, tuple[SettingValue, ...]] = {}
    of = kinds()
    for text in given:
        name, values = _name(text), text.partition("=")[2]
        if not name or not values.strip():
            raise SettingsError(
                setting="vary",
                rule="NAME=V1,V2,...: a setting of the recipe and its values",
                value=text,
                hint=f"Write it like {SETTING.vary} max_gap_ms=250,400,inf.",
            )
        if name not in of:
            raise SettingsError(f"a recipe has no setting named {name!r}.", hint=_closest(name, of))
        if name in vary:
            values = ",".join(t.partition("=")[2] for t in given if _name(t) == name)
            raise SettingsError(
                f"{name} is varied twice.", hint=f"Give all its values at once: {SETTING.vary} {name}={values}."
            )
        vary[name] = tuple(_value(name, of[name], word.strip()) for word in values.split(","))
    return vary


def _name(text: str) -> str:
    return text.partition("=")[0].strip().removeprefix("--").replace("-", "_")


def _closest(name: str, of: Mapping[str, Kind]) -> str:
    close = difflib.get_close_matches(name, of)
    return f"Is it {' or '.join(close)}?" if close else f"It has {listed(of, most=len(of))}."


def _value(name: str, kind: Kind, word: str) -> "SettingValue":
    has_pairs = any(get_origin(one) is tuple for one in alternatives(kind))
    try:
        return cast("SettingValue", read_value(kind, word.split(":") if has_pairs else [word]))
    except ValueError:
        hint = "Write a pair like 1.5:9, and a comma between values." if has_pairs else "Separate values by commas."
        raise SettingsError(
            setting="vary", rule=f"such that each value of {name} is {rule_of(kind, JOINED)}", value=word, hint=hint
        ) from None
