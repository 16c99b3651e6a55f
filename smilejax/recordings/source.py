"""Where a recording came from, and what its reader recognised, inferred or assumed on the way."""

from dataclasses import dataclass
from typing import Literal, TypedDict

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


@dataclass(frozen=True)
class Finding:
    """One property of a file that its reader determined.

    Arguments:
        what: the property, as "unit" or "rate".
        value: its value, in words.
        how: `given` by the caller, `recognised` from a name or heading, `inferred` from the numbers, or `default`;
            `warning` is something that the user should look at.
    """

    what: str
    value: str
    how: How


@dataclass(frozen=True)
class Source:
    """Where a recording came from.

    Arguments:
        name: a path, "DataFrame", "simulation" or "memory".
        layout: the reader that read it, "simulated" or "arrays".
        findings: everything that the reader determined, in its order.
    """

    name: str
    layout: str
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> SourceJson:
        """The source as JSON, to be stored with what is made of the recording."""
        findings: list[FindingJson] = [{"what": f.what, "value": f.value, "how": f.how} for f in self.findings]
        return {"name": self.name, "layout": self.layout, "findings": findings}


MEMORY = Source("memory", "arrays")
"""The source of a recording that was made from arrays."""
