"""Settings as fields of a page: made from the dataclass itself, so that a new setting is there without a line in here."""

import dataclasses
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar, get_args, get_origin, get_type_hints

from smilejax._util.errors import SettingsError, SmilejaxError
from smilejax._util.field_docs import field_docs
from smilejax._util.value_words import Kind, alternatives, most_words, read_value, rule_of
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.steps import STEPS
from smilejax.settings import ReadSettings

S = TypeVar("S")
UNITS = {"ms": "ms", "hz": "Hz", "mm": "mm", "s": "s", "mads": "MAD"}
"""What stands behind a number, by the last part of its setting's name."""
REACH = 4
"""A slider goes up to this many times the default, as far as the setting admits it."""
STOPS = 100
"""Of a slider."""


@dataclass(frozen=True)
class Range:
    """What a slider runs over: from, to, and by how much."""

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Field:
    """One setting on a page.

    Arguments:
        name: as Python spells it. label: as the page does. about: its docstring. kind: its type. default: of its class.
        choices: what it may be, where that is one of a few texts; empty elsewhere.
        optional: whether it may be left out (None).
    """

    name: str
    label: str
    about: str
    kind: Kind
    default: object
    choices: tuple[str, ...]
    optional: bool

    @property
    def switch(self) -> bool:
        """Whether it is on or off."""
        return self.kind is bool

    @property
    def number(self) -> bool:
        """Whether it is one number, or none."""
        return all(one in (int, float, type(None)) for one in alternatives(self.kind))

    @property
    def unit(self) -> str:
        """What stands behind a number; empty where nothing does."""
        return UNITS.get(self.name.rpartition("_")[2], "")


@dataclass(frozen=True)
class FieldGroup:
    """Fields under a heading."""

    title: str
    fields: tuple[Field, ...]


def fields_of(settings: type) -> tuple[Field, ...]:
    """A field for each setting of a dataclass, in its order."""
    hints, docs = get_type_hints(settings), field_docs(settings)
    return tuple(
        _field(one.name, hints[one.name], docs.get(one.name, ""), one.default) for one in dataclasses.fields(settings)
    )


def _field(name: str, kind: Kind, about: str, default: object) -> Field:
    kinds = alternatives(kind)
    literal = [one for one in kinds if get_origin(one) is Literal]
    rest = [one for one in kinds if one is not type(None) and get_origin(one) is not Literal]
    choices = tuple(get_args(literal[0])) if literal and not rest else ()
    return Field(name, label_of(name), about, kind, default, choices, type(None) in kinds)


def label_of(name: str) -> str:
    """A setting's name as words, without its unit.

    Example:
        >>> label_of("max_gap_ms"), label_of("lowpass_hz"), label_of("classes")
        ('max gap', 'lowpass', 'classes')
    """
    words = name.split("_")
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in UNITS else words)


@cache
def recipe_groups(recipe: type[AnyRecipe]) -> tuple[FieldGroup, ...]:
    """The settings of a recipe under the names of their steps, in the order in which the steps are done."""
    fields = {one.name: one for one in fields_of(recipe)}
    groups = []
    for step in FACE_STEPS if issubclass(recipe, FaceRecipe) else STEPS:
        own = [] if step.settings is None else [one.name for one in dataclasses.fields(step.settings)]
        found = tuple(fields.pop(name) for name in own if name in fields)
        if found:
            groups.append(FieldGroup(step.name, found))
    return tuple(groups)


GROUPS_OF_READING = {
    "Classes": ("classes", "label", "label_from"),
    "Columns": (
        "participant",
        "trial",
        "stimulus",
        "smiler",
        "time",
        "onset",
        "message",
        "left",
        "right",
        "pupil",
        "eye",
    ),
    "Units and missing samples": ("unit", "time_unit", "rate_hz", "missing", "area"),
    "Trials and time zero": ("trials_from", "events", "window_ms"),
}
"""Settings of reading that are asked for first; all others stand under "More"."""


@cache
def reading_groups() -> tuple[FieldGroup, ...]:
    """The settings of reading. What excludes trials is left out: the app has its own page for that."""
    fields = {one.name: one for one in fields_of(ReadSettings) if one.name != "exclude"}
    groups = [
        FieldGroup(title, tuple(fields.pop(name) for name in names)) for title, names in GROUPS_OF_READING.items()
    ]
    return (*groups, FieldGroup("More", tuple(fields.values())))


def typed_text(field: Field, value: object) -> str:
    """A value as its field shows it; empty for None and for no value at all."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return shlex.join(_plain(part) for part in value)
    return _plain(value)


def _plain(value: object) -> str:
    """A value as the command line takes it, every digit of a number."""
    return f"{value!r}".removesuffix(".0") if isinstance(value, float) else str(value)


def value_of(field: Field, text: str) -> object:
    """The value that a text stands for; an empty one is the default of a setting that may not be left out, else None.

    Several names stand with spaces in between, those that have spaces themselves in quotation marks; or with commas in between.

    Raises:
        SettingsError: it stands for none.
    """
    given = text.strip()
    if not given:
        return None if field.optional else field.default
    several = most_words(field.kind) != 1
    try:
        words = _words(given, numbers=_numbers(field)) if several else [given]
        return read_value(field.kind, words)
    except ValueError:
        raise SettingsError(setting=field.name, rule=rule_of(field.kind), value=given) from None


def _words(text: str, *, numbers: bool) -> list[str]:
    if "," in text and not numbers and not set(text) & {'"', "'"}:
        return [word.strip() for word in text.split(",") if word.strip()]
    return shlex.split(text.replace(",", " ") if numbers else text)


def _numbers(field: Field) -> bool:
    inner = [part for one in alternatives(field.kind) for part in (get_args(one) or (one,))]
    return all(one in (int, float, type(None), Ellipsis) for one in inner)


@cache
def range_of(field: Field, recipe: type[AnyRecipe]) -> Range | None:
    """What the slider of a number runs over: from 0 to some times its default, as far as the recipe's own checks admit it; None
    where there is no default to go by.

    Example:
        >>> from smilejax import Recipe
        >>> [range_of(one, Recipe) for one in fields_of(Recipe) if one.name == "max_missing"]
        [Range(low=0.0, high=1.0, step=0.02)]
    """
    base = field.default if isinstance(field.default, int | float) else None
    if not field.number or base is None or isinstance(base, bool) or not 0 < base < float("inf"):
        return None
    whole = int in alternatives(field.kind)

    def admits(value: float) -> bool:
        return _admits(recipe, field.name, int(value) if whole else value)

    step = 1.0 if whole else _step(base)
    stops = round(REACH * base / step)
    middle = min(max(round(base / step), 1), stops - 1)
    if not admits(step * middle):
        return None
    low = step * _last(lambda at: admits(step * at), middle, 0)
    high = step * _last(lambda at: admits(step * at), middle, stops)
    if not whole and high < 1.5 * base:  # a limit close by, as that of a proportion: finer
        step = round(high / STOPS, 12)
        low = 0.0 if admits(0.0) else step
    return Range(round(low, 12), round(high, 12), step)


def _last(admits: Callable[[int], bool], inside: int, end: int) -> int:
    """The last whole number on the way from one that is admitted to an end, where all on this side of a limit are."""
    beyond = end + (1 if end >= inside else -1)
    while abs(beyond - inside) > 1:
        between = (inside + beyond) // 2
        inside, beyond = (between, beyond) if admits(between) else (inside, between)
    return inside


def _step(base: float) -> float:
    """A round number, of which some hundred make a slider."""
    rough = REACH * base / STOPS
    power = (
        10.0 ** len(str(int(rough))) / 10
        if rough >= 1
        else 10.0 ** -next(k for k in range(1, 12) if rough * 10**k >= 1)
    )
    return float(f"{power * (5 if rough >= 5 * power else 2 if rough >= 2 * power else 1):.12g}")


def _admits(recipe: type[AnyRecipe], name: str, value: float) -> bool:
    try:
        dataclasses.replace(recipe(), **{name: value})  # type: ignore[arg-type]  # checked when made
    except SettingsError:
        return False
    return True


def changed(settings: S, name: str, value: object) -> S:
    """Settings with one of them changed, checked anew.

    Raises:
        SettingsError: it cannot be.
    """
    made: S = dataclasses.replace(settings, **{name: value})  # type: ignore[type-var]  # a dataclass
    return made


@dataclass(frozen=True)
class Problem:
    """What is wrong, as a page shows it.

    Arguments:
        field: name of the setting, where it is about one. text: the rule and what arrived. hint: a likely correction, or empty.
        named: every setting that text and hint name.
    """

    field: str | None
    text: str
    hint: str
    named: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """Text and hint together."""
        return f"{self.text} {self.hint}".strip()


def problem_of(error: SmilejaxError) -> Problem:
    """An error for a page: settings are called as their fields are."""
    text, hint = error.text_and_hint(label_or_none, _plain)
    return Problem(error.setting, text, hint, error.settings_named)


def label_or_none(name: str) -> str:
    """How a page calls a setting."""
    return "none" if name == "none" else f"'{label_of(name)}'"


def options_for(settings: object, usual: object) -> list[str]:
    """The words of a command line that make these settings of the usual ones.

    Example:
        >>> from smilejax import Recipe
        >>> options_for(Recipe(lowpass_hz=None, max_gap_ms=250.0), Recipe())
        ['--max-gap-ms', '250', '--lowpass-hz', 'none']
    """
    assert dataclasses.is_dataclass(settings)
    words: list[str] = []
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        if value == getattr(usual, one.name):
            continue
        flag = "--" + one.name.replace("_", "-")
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, tuple):
            words += [flag, *map(_plain, value)]
        else:
            word = "none" if value is None else _plain(value)
            words += [f"{flag}={word}"] if word.startswith("-") else [flag, word]
    return words
