"""A page read as browsers read it, by the standard library alone."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass(eq=False)
class Node:
    """An element: its name, attributes, children and texts in order, and what it stands in."""

    tag: str
    attrs: dict[str, str | None]
    above: "Node | None" = None
    inside: list["Node | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, spaces as one."""
        return " ".join("".join(part if isinstance(part, str) else f" {part.text} " for part in self.inside).split())

    def all(self, tag: str, **attrs: str) -> list["Node"]:
        """Elements within of a name, in order."""
        found = []
        for part in self.inside:
            if isinstance(part, Node):
                if part.tag == tag and all(part.attrs.get(name) == value for name, value in attrs.items()):
                    found.append(part)
                found += part.all(tag, **attrs)
        return found

    def id(self, name: str) -> "Node":
        """The element with an id."""
        return next(node for node in self.nodes() if node.attrs.get("id") == name)

    def nodes(self) -> list["Node"]:
        """Every element within."""
        own = [part for part in self.inside if isinstance(part, Node)]
        return [node for part in own for node in (part, *part.nodes())]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("", {})
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        node = Node(tag, dict(attrs), self.at)
        self.at.inside.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.inside.append(Node(tag, dict(attrs), self.at))

    def handle_endtag(self, tag: str) -> None:
        if tag != self.at.tag:
            self.faults.append(f"</{tag}> ends <{self.at.tag}>")
        elif self.at.above is not None:
            self.at = self.at.above

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def read(html: str) -> Node:
    """The page as a tree; every element must be closed where it was opened."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.faults == []
    assert parser.at is parser.root
    return parser.root


def drawn(tree: Node, figure: str) -> dict[str, Any]:
    """What Plotly is handed for a figure."""
    content: dict[str, Any] = json.loads(tree.id(f"{figure}-spec").text)
    return content


def rows(tree: Node, figure: str, table: int = 0) -> list[list[str]]:
    """The texts of a table beneath a figure, without its head."""
    return texts(tree.id(figure).all("table")[table])


def texts(table: Node) -> list[list[str]]:
    """The same of a table."""
    return [[cell.text for cell in row.inside if isinstance(cell, Node)] for row in table.all("tbody")[0].all("tr")]


def value(text: str) -> float | None:
    """A cell as a number: percent as a share, a dash as none."""
    if text == "–":
        return None
    plain = text.replace("−", "-").replace(",", "").replace("+", "")
    return float(plain.removesuffix("%")) / 100 if plain.endswith("%") else float(plain)
