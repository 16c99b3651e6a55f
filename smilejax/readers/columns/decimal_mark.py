"""The decimal mark of a table, by its pupils: programs write a comma where the computer's region has one."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from smilejax.readers.columns import cell_values
from smilejax.readers.files.raw_table import RawTable
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings


def of_pupils(
    table: RawTable, columns: Iterable[int | None], settings: ReadSettings
) -> tuple[ReadSettings, tuple[Finding, ...]]:
    """Settings with a decimal comma where the pupils of a text file have one: no pupil is a thousand millimetres.

    Arguments:
        table: whose cells are as the file writes them.
        columns: of pupils; None where the table lacks one. Of a large table only those that are read count.
        settings: what is known beforehand; a decimal mark or one of thousands that they name stays.
    """
    here = [column for column in columns if column is not None and column in table.cells]
    if settings.decimal != "." or settings.thousands is not None:
        return settings, ()
    if all(pd.api.types.is_numeric_dtype(table.cells[column].dtype) for column in here):
        return settings, ()
    texts: set[str] = set()
    for column in here:
        texts |= set(cell_values.names(table, column)[1])
    if any("," in text for text in texts) and not any("." in text.strip(".") for text in texts):
        return replace(settings, decimal=","), (Finding("decimal mark", "comma", "inferred"),)
    return settings, ()
