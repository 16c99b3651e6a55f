"""The tables of a folder that a tracker's program exported: the one with the pupils, and those beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding


def main_table(given: Given, names: Iterable[str]) -> Given:
    """The table with the pupils: what is given, or the first file with one of the names in the folder that is given."""
    if given.path is not None and given.is_folder:
        for name in names:
            if (given.path / name).is_file():
                return Given(given.path / name, progress=given.progress)
    return given


def table_beside(folder: Given, name: str) -> RawTable | None:
    """A further table of an export folder, None where it is absent or has no row.

    Raises:
        ReadError: it cannot be split into columns.
    """
    if folder.path is None or not folder.is_folder or not (folder.path / name).is_file():
        return None
    table = raw_table.load_table(Given(folder.path / name), unfinished_end=True)
    return None if len(table.line) < 2 else raw_table.headed(table)


def said_beside(folder: Given, names: Iterable[str]) -> tuple[Finding, ...]:
    """What should be known of the further tables of an export folder: one that is not UTF-8, or whose last line breaks off."""
    found = []
    for name in names:
        table = table_beside(folder, name)
        for finding in () if table is None else table.findings:
            if (finding.what, finding.value) == ("encoding", "latin-1") or finding.how == "warning":
                found.append(replace(finding, what=f"{finding.what} of {name}"))
    return tuple(found)
