"""Nested dictionaries of arrays, and the same arrays by the path to each."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def nested(flat: Mapping[str, T], separator: str = "/") -> dict[str, object]:
    """Values by their paths, as nested dictionaries.

    Example:
        >>> nested({"cell/bias": 1, "cell/kernel": 2, "rate": 3})
        {'cell': {'bias': 1, 'kernel': 2}, 'rate': 3}
    """
    tree: dict[str, object] = {}
    for path, value in flat.items():
        *above, last = path.split(separator)
        place = tree
        for name in above:
            inner = place.setdefault(name, {})
            assert isinstance(inner, dict), f"{path} is below a value"
            place = inner
        place[last] = value
    return tree


def flattened(tree: Mapping[str, object], separator: str = "/", above: str = "") -> dict[str, object]:
    """The values of nested dictionaries by their paths: what `nested` takes.

    Example:
        >>> flattened({"cell": {"bias": 1, "kernel": 2}, "rate": 3})
        {'cell/bias': 1, 'cell/kernel': 2, 'rate': 3}
    """
    found: dict[str, object] = {}
    for name, value in tree.items():
        path = f"{above}{separator}{name}" if above else name
        found |= flattened(value, separator, path) if isinstance(value, Mapping) else {path: value}
    return found
