"""From the dataclass of a command's arguments to its options, and from given options back to the dataclass."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeVar, get_args, get_origin, get_type_hints

from smilejax._util.errors import NOT_GIVEN
from smilejax._util.field_docs import field_docs
from smilejax._util.value_words import Kind, placeholder

A = TypeVar("A")
S = TypeVar("S")
Given = Mapping[str, object]
"""Values of a command's options by the names of their fields: those that were given, and the defaults of the command's own."""
UNITS = {"ms": "MS", "hz": "HZ", "mm": "MM", "mib": "MIB"}
"""Placeholders of numbers with a unit, by the last part of the name."""


@dataclass(frozen=True)
class OptionGroup:
    """A heading of help: its name, and one sentence on what its options settle."""

    name: str
    about: str


@dataclass(frozen=True)
class Arg:
    """How a field of a command becomes an option, where its name and its type do not say so."""

    flag: str = ""
    """Name of the option, where it is not the field's: `--recipe`."""
    metavar: str = ""
    """What stands for the value in help."""
    positional: bool = False
    """Whether it is given by its place, without a name."""
    repeated: bool = False
    """Whether each use adds a value."""
    heading: OptionGroup | None = None
    """Heading of `--help-all` under which it stands; None for an option that `--help` shows."""


@dataclass(frozen=True)
class SettingsGroup:
    """A field of a command that holds settings, each of which becomes an option."""

    heading: OptionGroup
    """Heading of its options in `--help-all`."""
    base: Callable[[Given], object] | None = None
    """The settings over which given options are laid, from everything that was given; None for the defaults."""
    common: tuple[str, ...] = ()
    """Options that `--help` shows."""
    metavars: Mapping[str, str] = field(default_factory=dict)
    """What stands for values in help, by name."""
    abouts: Mapping[str, str] = field(default_factory=dict)
    """Help that replaces that of a setting, by name; the default of such a setting is not shown."""


@dataclass(frozen=True)
class Option:
    """One option of a command."""

    name: str
    """Name of the field, which errors speak of."""
    kind: Kind
    """Type of its value."""
    about: str
    """Help text."""
    arg: Arg
    """How it is given."""
    place: tuple[str, ...]
    """Fields that lead to it from the command: `("training", "model", "hidden")`."""
    default: object = NOT_GIVEN
    """Default of the command's own options; those of settings have that of their base."""
    common: bool = True
    """Whether `--help` shows it."""
    shows_default: bool = True
    """Whether help shows its default."""
    also: tuple[tuple[str, ...], ...] = ()
    """Further places of the same setting: settings of another kind of recording have some names in common."""

    @property
    def flag(self) -> str:
        """Name as given: `--resample-hz`, or the placeholder of one that is given by its place."""
        if self.arg.positional:
            return self.arg.metavar or self.name.upper()
        return self.arg.flag or "--" + self.name.replace("_", "-")

    @property
    def metavar(self) -> str:
        """What stands for the value in help."""
        shown = placeholder(self.kind)
        unit = UNITS.get(self.name.rpartition("_")[2])
        return self.arg.metavar or (shown if unit is None else shown.replace("NUMBER", unit))

    @property
    def own(self) -> bool:
        """Whether it is the command's own, and no setting."""
        return len(self.place) == 1

    @property
    def required(self) -> bool:
        """Whether the command cannot do without it."""
        return self.own and self.default is NOT_GIVEN


def options_of(arguments: type) -> tuple[Option, ...]:
    """The options of a command, in the order of its fields."""
    found: dict[str, Option] = {}
    for option in _options(arguments):
        if option.name in found:
            first = found[option.name]
            found[option.name] = dataclasses.replace(first, also=(*first.also, option.place))
        else:
            found[option.name] = option
    return tuple(found.values())


def groups_of(arguments: type) -> dict[str, SettingsGroup]:
    """The fields of a command that hold settings, with how they are shown."""
    found = {
        name: _marker(hint, SettingsGroup) for name, hint in get_type_hints(arguments, include_extras=True).items()
    }
    return {name: group for name, group in found.items() if group is not None}


def _options(arguments: type) -> Iterator[Option]:
    hints, docs = get_type_hints(arguments, include_extras=True), field_docs(arguments)
    for one in dataclasses.fields(arguments):
        hint, place = hints[one.name], (one.name,)
        group = _marker(hint, SettingsGroup)
        if group is not None:
            yield from _settings(_bare(hint), group, place)
            continue
        arg = _marker(hint, Arg) or Arg()
        about, default = docs.get(one.name, ""), NOT_GIVEN if one.default is dataclasses.MISSING else one.default
        yield Option(one.name, _bare(hint), about, arg, place, default, common=arg.heading is None)


def _settings(kind: Kind, group: SettingsGroup, place: tuple[str, ...]) -> Iterator[Option]:
    assert isinstance(kind, type)
    hints, docs = get_type_hints(kind), field_docs(kind)
    for one in dataclasses.fields(kind):
        inner = (*place, one.name)
        if dataclasses.is_dataclass(hints[one.name]):
            yield from _settings(hints[one.name], group, inner)
            continue
        arg = Arg(metavar=group.metavars.get(one.name, ""), heading=group.heading)
        common = one.name in group.common
        about, own = docs.get(one.name, ""), group.abouts.get(one.name)
        help_text, shows = about if own is None else own, own is None
        yield Option(one.name, hints[one.name], help_text, arg, inner, common=common, shows_default=shows)


def _bare(hint: object) -> Kind:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _marker(hint: object, kind: type[S]) -> S | None:
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, kind)), None)


def names_of(options: tuple[Option, ...]) -> dict[str, str]:
    """How settings are called on the command line: the options by the names of their fields."""
    own = {option.flag.removeprefix("--").replace("-", "_"): option.flag for option in options if option.arg.flag}
    return own | {option.name: option.flag for option in options}


def with_defaults(options: tuple[Option, ...], given: Given) -> Given:
    """What was given, and the defaults of the command's own options."""
    own = {option.name: option.default for option in options if option.own and option.default is not NOT_GIVEN}
    return own | dict(given)


def base_of(arguments: type, name: str, values: Given) -> object:
    """The settings in field `name` of a command as they are before its single options."""
    group, kind = groups_of(arguments)[name], _bare(get_type_hints(arguments, include_extras=True)[name])
    assert isinstance(kind, type)
    return kind() if group.base is None else group.base(values)


def made(arguments: type[A], given: Given) -> A:
    """A command's arguments from the options that were given.

    Raises:
        SettingsError: a setting is out of its range.
    """
    options = options_of(arguments)
    values = with_defaults(options, given)
    fields = {option.name: values[option.name] for option in options if option.own}
    for name in groups_of(arguments):
        changes = [
            (place[1:], given[option.name])
            for option in options
            if option.name in given
            for place in (option.place, *option.also)
            if place[0] == name
        ]
        fields[name] = laid_over(base_of(arguments, name, values), changes)
    return arguments(**fields)


def laid_over(base: object, changes: list[tuple[tuple[str, ...], object]]) -> object:
    """Settings with some of them changed all at once, those of settings inside them too, and checked anew.

    Arguments:
        changes: for each the names of the fields that lead to it, and its value.
    """
    assert dataclasses.is_dataclass(base)
    assert not isinstance(base, type)
    direct = {place[0]: value for place, value in changes if len(place) == 1}
    for name in dict.fromkeys(place[0] for place, _ in changes if len(place) > 1):
        inner = [(place[1:], value) for place, value in changes if place[0] == name and len(place) > 1]
        direct[name] = laid_over(getattr(base, name), inner)
    changed: object = dataclasses.replace(base, **direct)
    return changed
