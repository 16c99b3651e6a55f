"""Where a recording came from, and what its reader recognised, inferred or assumed on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from smilejax._util.errors import plain_text, worded
from smilejax._util.typed_json import JsonObject, JsonValue

How = Literal["given", "recognised", "inferred", "default", "warning"]


class FindingJson(TypedDict):
    """A `Finding` as JSON."""

    what: str
    value: str
    how: How


class SourceJson(TypedDict):
    """A `Source` as JSON."""

    name: str
    layout: str
    findings: list[FindingJson]
    read: NotRequired[JsonObject]


@dataclass(frozen=True)
class Finding:
    """One property of a file that its reader determined.

    Arguments:
        what: the property, as "unit" or "rate".
        value: its value, in words. `SETTING` may mark names of settings, which `value` then has as Python spells them.
        how: `given` by the caller, `recognised` from a name or heading, `inferred` from the numbers, or `default`;
            `warning` is something that the user should look at.
        sets: the reading setting that says the same, and its value, where one does: `("time_unit", "ms")`. A mapping file keeps
            it.
    """

    what: str
    value: str
    how: How
    sets: tuple[str, str | tuple[str, ...]] | None = field(default=None, compare=False)
    marked: str = field(default="", compare=False, repr=False)
    """`value` with names of settings marked; made from `value`."""

    def __post_init__(self) -> None:
        plain = plain_text(self.value)
        if plain != self.value or plain_text(self.marked) != plain:
            object.__setattr__(self, "marked", self.value)
        object.__setattr__(self, "value", plain)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "marked": self.value}  # marks are those of one process

    def in_words(self, name: Callable[[str], str]) -> str:
        """The value, with settings as `name` calls them."""
        return worded(self.marked, name)


@dataclass(frozen=True)
class ReadAs:
    """How a recording was read, as values of `ReadSettings` by their names: what was given, and what was recognised besides.

    Arguments:
        given: settings of the caller that are not the defaults.
        recognised: settings under which the file would be read in the same way: its layout, columns, units.
    """

    given: Mapping[str, JsonValue]
    recognised: Mapping[str, JsonValue]


@dataclass(frozen=True)
class ExcludedByHand:
    """Trials that a table of exclusions left out for one reason, before anything was done to them.

    Arguments:
        reason: as the table says it. trials: how many. classes: how many of each class; the others have none.
        blind: whether this was decided without knowing the class of the trials; None where the table does not say.
    """

    reason: str
    trials: int
    classes: Mapping[str, int]
    blind: bool | None


@dataclass(frozen=True)
class Source:
    """Where a recording came from.

    Arguments:
        name: a path, "DataFrame", "simulation" or "memory".
        layout: the reader that read it, "simulated" or "arrays".
        findings: everything that the reader determined, in its order.
        read: the settings of reading, to be kept with what is made of the recording; None where nothing was read.
        by_hand: the trials that were excluded by hand, by reason.
    """

    name: str
    layout: str
    findings: tuple[Finding, ...] = ()
    read: ReadAs | None = field(default=None, compare=False)
    by_hand: tuple[ExcludedByHand, ...] = field(default=(), compare=False)

    def as_json(self) -> SourceJson:
        """The source as JSON, to be stored with what is made of the recording."""
        findings: list[FindingJson] = [{"what": f.what, "value": f.value, "how": f.how} for f in self.findings]
        source: SourceJson = {"name": self.name, "layout": self.layout, "findings": findings}
        if self.read is not None:
            source["read"] = {"given": dict(self.read.given), "recognised": dict(self.read.recognised)}
        return source


MEMORY = Source("memory", "arrays")
"""The source of a recording that was made from arrays."""
