"""Names that look alike: `P1` and `p1` are taken as two people, and trained on one while tested on the other, where
they are one."""

import re
import unicodedata
from collections.abc import Iterable

from smilejax.recordings.source import Finding


def look_alikes(what: str, names: Iterable[str]) -> tuple[Finding, ...]:
    """A warning for each set of different names that differ only by case, punctuation, space, invisible characters,
    leading zeros
    or a decimal point: P1 and p1, P2 and P02, `P3` and `P3.`, 1 and 1.0.

    Arguments:
        what: what they name, in the plural.
    """
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        alike.setdefault(reduced(name), []).append(name)
    return tuple(
        Finding(
            f"{what} that look alike",
            f"{' and '.join(map(repr, several))} are taken as {len(several)}: if they are one, give them one name in the file",
            "warning",
        )
        for several in alike.values()
        if len(several) > 1
    )


def reduced(name: str) -> str:
    """A name without what is easily mistyped."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"^([+-]?\d+)\.0+$", r"\1", text.strip())
    text = "".join(c for c in text if c.isalnum())
    return re.sub(r"\d+", lambda digits: str(int(digits[0])), text) or name
