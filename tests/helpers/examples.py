"""How many examples hypothesis tries of a property that is slow."""

import os

LOOKS_AT_ALL = os.environ.get("SMILEJAX_EXAMPLES") == "all"
"""Asked for once a week: many more examples everywhere."""


def at_most(most: int) -> int:
    """So many examples once a week, and a fifth of them, but ten at least, otherwise.

    Example:
        >>> at_most(150) in (30, 150)
        True
    """
    return most if LOOKS_AT_ALL else max(10, most // 5)
