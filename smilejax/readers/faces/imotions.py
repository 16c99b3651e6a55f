"""iMotions: text exports with FACET's evidence of action units, or AFFDEX's scores."""

import re

import numpy as np

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.given import Given
from smilejax.readers.samples import TimeUnit
from smilejax.settings import ReadSettings

NAME = "imotions"
WORDS = "iMotions: an export with FACET's evidence or AFFDEX's scores of action units"
SOFTWARE = "iMotions 5 to 9 (text export of the sensor data)"
LIMITS = "either FACET or AFFDEX; pupils that stand in the same file are not read with the face"
USES = tracker_table.USES

_EVIDENCE = re.compile(r"au(\d{1,2}) evidence")
AFFDEX = {
    "smile": "AU12",
    "cheek raise": "AU06",
    "lid tighten": "AU07",
    "eye closure": "AU43",
    "inner brow raise": "AU01",
    "brow raise": "AU02",
    "brow furrow": "AU04",
    "eye widen": "AU05",
    "nose wrinkle": "AU09",
    "upper lip raise": "AU10",
    "dimpler": "AU14",
    "lip corner depressor": "AU15",
    "chin raise": "AU17",
    "lip stretch": "AU20",
    "lip press": "AU24",
    "mouth open": "AU25",
    "jaw drop": "AU26",
    "lip suck": "AU28",
}
"""AFFDEX's names of facial actions, in lower case, and the action units that they stand for, after Affectiva's documentation
as we remember it; its `Smile` is a classifier of smiles and the nearest that it has to action unit 12."""
AFFDEX_SCALE, AFFDEX_NEEDS = (0.0, 100.0), frozenset(("smile", "cheek raise"))
EVIDENCE = (-40.0, 40.0)
"""Evidence is the decimal logarithm of odds: FACET's values lie within a few units of 0. Wider than any (our choice)."""
PUPILS = ("pupilleft", "pupilright")
TIMES: dict[str, TimeUnit] = {"timestamp": "ms", "mediatime": "ms"}
"""Columns of time and their unit, the better first."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings are iMotions' and name action units."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(given, _is_face)


def _is_face(heads: frozenset[str]) -> bool:
    of_imotions = bool(heads & {"stimulusname", "sourcestimuliname"}) and "timestamp" in heads
    return of_imotions and (any(_EVIDENCE.fullmatch(head) for head in heads) or heads >= AFFDEX_NEEDS)


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a table.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint; also where it could be pupils as well.
    """
    table = tracker_table.loaded(given, _above(given), settings)
    at = tracker_table.heads_of(table)
    if settings.layout != NAME and any(head in at for head in PUPILS):
        raise ReadError(
            f"{table.name}: the file holds pupils and a face: which of them is meant?",
            hint=f"Give {SETTING.layout} {NAME} for the face. For the pupils, remove the lines above the headings, and give "
            f"{SETTING.layout} tidy.",
            setting="layout",
        )
    in_order = sorted(at.items(), key=lambda item: item[1])
    facet = [
        Measured(column, f"AU{int(found.group(1)):02d}", *EVIDENCE)
        for head, column in in_order
        if (found := _EVIDENCE.fullmatch(head))
    ]
    affdex = [Measured(column, AFFDEX[head], *AFFDEX_SCALE) for head, column in in_order if head in AFFDEX]
    if facet and len(affdex) >= len(AFFDEX_NEEDS):
        raise ReadError(f"{table.name}: the file holds FACET's and AFFDEX's values. Export one of them.")
    known = {
        "video": ("stimulusname", "sourcestimuliname"),
        "smiler": ("name", "respondent", "respondent name"),
        "stimulus": ("stimulusname", "sourcestimuliname"),
    }
    rows = tracker_table.face_rows(
        table,
        facet or affdex,
        settings,
        names=tracker_table.row_names(table, given, settings, known),
        time=tracker_table.time_ms(table, TIMES, settings),
    )
    return _with_values(rows)


def _with_values(rows: FaceRows) -> FaceRows:
    """The rows in which a face was measured: other sensors have rows of their own, and so have pauses between stimuli."""
    named = np.array([bool(name) for name in rows.names["video"].names])[rows.names["video"].codes]
    keep = np.flatnonzero(named & np.isfinite(rows.values).any(axis=1))
    if not len(keep):
        raise ReadError(f"{rows.file}: no row with a stimulus has a value of an action unit.")
    return FaceRows(
        file=rows.file,
        line=rows.line[keep],
        names={role: names.take(keep) for role, names in rows.names.items()},
        time_ms=None if rows.time_ms is None else rows.time_ms[keep],
        values=rows.values[keep],
        channels=rows.channels,
        confidence=None,
        covariates={},
        findings=rows.findings,
    )
