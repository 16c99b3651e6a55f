"""Columns of a table by their headings, which programs spell with or without spaces, case and units."""

from collections.abc import Sequence
from functools import lru_cache

from smilejax.readers.columns.column_roles import squeezed


def find(heads: Sequence[str], *spellings: str | None) -> int | None:
    """The column with the first of these spellings that is there, regardless of case and punctuation.

    A spelling without a unit in brackets is also that of the heading with one: `Pupil diameter left` finds `Pupil diameter
    left [mm]`, where no column has that spelling alone.

    Arguments:
        heads: of all columns.
        spellings: the better ones first; those that are None or empty are passed over.
    """
    whole = [squeezed(head) for head in heads]
    plain = [bare(head) for head in heads]
    for spelling in spellings:
        wanted = squeezed(spelling or "")
        if wanted and wanted in whole:
            return whole.index(wanted)
        if wanted and wanted in plain and wanted == bare(spelling or ""):
            return plain.index(wanted)
    return None


@lru_cache(4096)
def bare(head: str) -> str:
    """A heading without the unit in brackets behind it, as letters and digits: `Pupil diameter left [mm]` is
    `pupildiameterleft`."""
    return squeezed(head.split("[")[0].split("(")[0])
