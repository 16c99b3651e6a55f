"""Names in the order in which people count: "stimulus 2" before "stimulus 10"."""

import re

_NUMBER = re.compile(r"(\d+)")


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key for `sorted`: runs of digits by their value, all else as text without regard to case.

    Example:
        >>> sorted(["10", "2", "b1", "B10", "b2", "a"], key=natural_order)
        ['2', '10', 'a', 'b1', 'b2', 'B10']
    """
    parts = [part for part in _NUMBER.split(name) if part]
    folded = tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts)
    return (*folded, (-1, 0, name))
