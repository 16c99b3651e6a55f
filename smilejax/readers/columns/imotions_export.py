"""iMotions' text export, in which pupils and a face may stand side by side: its headings, and its pupils as samples."""

import re
from typing import Final

import numpy as np

from smilejax._util.errors import SETTING
from smilejax.readers.columns import timestamps, tracker_columns
from smilejax.readers.columns.column_roles import ROLES, ColumnRoles, Role, with_roles
from smilejax.readers.files.raw_table import headed, load_table, without_empty_rows
from smilejax.readers.given import Given, line_with, lowered
from smilejax.readers.samples import Samples
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

EVIDENCE: Final = re.compile(r"au(\d{1,2}) evidence")
"""FACET's headings of action units, in lower case."""
AFFDEX_NEEDS: Final = frozenset(("smile", "cheek raise"))
"""Headings without which a table is not AFFDEX's, in lower case."""
PUPILS: Final = ("pupilleft", "pupilright")
SPELLED: dict[Role, tuple[str, ...]] = {
    "participant": ("name", "respondent", "respondentname"),
    "time": ("timestamp",),
    "left": ("pupilleft",),
    "right": ("pupilright",),
    "stimulus": ("stimulusname", "sourcestimuliname"),
}


def has_face(heads: frozenset[str]) -> bool:
    """Whether headings, in lower case, are iMotions' and name action units."""
    of_imotions = bool(heads & {"stimulusname", "sourcestimuliname"}) and "timestamp" in heads
    return of_imotions and (any(EVIDENCE.fullmatch(head) for head in heads) or heads >= AFFDEX_NEEDS)


def lines_above(given: Given) -> int | None:
    """Lines above the headings of an export with both pupils and a face; None of anything else."""
    return line_with(given, lambda heads: not lowered(heads).isdisjoint(PUPILS) and has_face(lowered(heads)))


def pupils_of(given: Given, above: int, settings: ReadSettings) -> Samples:
    """The pupils of an export: its rows with a stimulus and a cell of a pupil; other sensors have rows of their own.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    table = without_empty_rows(headed(load_table(given, settings.sheet, skip=above)))
    roles = _without_scores(tracker_columns.roles_of(table, settings, SPELLED), table.heads or (), settings)
    used = np.zeros(len(table.line), np.bool_)
    for eye in ("left", "right", "pupil"):
        if eye in roles.at:  # type: ignore[comparison-overlap]
            used |= tracker_columns.filled(table, roles.at[eye], ("na", "nan"))  # type: ignore[index]
    if "stimulus" in roles.at:
        used &= tracker_columns.filled(table, roles.at["stimulus"])
    other = int((~used).sum())
    table = table.rows(used)
    time = timestamps.time_of_column(table, roles.at["time"], settings.time_unit or "ms", settings)
    said = Finding(
        "face",
        f"the file holds a face as well; {SETTING.layout} imotions reads it. {other} rows without a pupil or a stimulus are "
        "left out",
        "recognised",
    )
    findings = (*table.findings, *roles.findings, said)
    return tracker_columns.samples_of(table, roles, settings, time=time, invalid=None, findings=findings, others=())


def _without_scores(roles: ColumnRoles, heads: tuple[str, ...], settings: ReadSettings) -> ColumnRoles:
    """The roles, save that AFFDEX's scores of `Smile` are no labels of trials, although the heading reads as one."""
    column = roles.at.get("label")
    if column is None or settings.label is not None or heads[column].strip().casefold() not in AFFDEX_NEEDS:
        return roles
    return with_roles(roles, [role for role in ROLES if role != "label"])
