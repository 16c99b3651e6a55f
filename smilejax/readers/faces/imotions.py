"""iMotions: text exports with FACET's evidence of action units, or AFFDEX's scores."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns.imotions_export import AFFDEX_NEEDS, EVIDENCE, PUPILS, has_face
from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.tracker_table import Measured
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Names, TimeUnit
from smilejax.recordings.face_measures import PUPIL_MEASURES
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "imotions"
WORDS = "iMotions: an export with FACET's evidence or AFFDEX's scores of action units"
SOFTWARE = "iMotions 5 to 9 (text export of the sensor data)"
LIMITS = "either FACET or AFFDEX; pupils of the same file are read as measures where --left and --right name them"
USES = tracker_table.USES | {"left", "right"}

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
AFFDEX_SCALE = (0.0, 100.0)
EVIDENCE_SCALE = (-40.0, 40.0)
"""Evidence is the decimal logarithm of odds: FACET's values lie within a few units of 0. Wider than any (our choice)."""
PUPIL_MM = (-1.0, 15.0)
"""Diameters in mm that may stand in a file; 0 and -1 are missing. A human pupil is within 1.5 to 9 mm."""
TIMES: dict[str, TimeUnit] = {"timestamp": "ms", "mediatime": "ms"}
"""Columns of time and their unit, the better first."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether headings are iMotions' and name action units."""
    return _above(given) is not None


def _above(given: Given) -> int | None:
    return tracker_table.heading_line(given, has_face)


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
            hint=f"Give {SETTING.layout} {NAME} for the face, {SETTING.layout} tidy for the pupils, or for a face with the "
            f"pupils as further measures {SETTING.layout} {NAME} {SETTING.left} PupilLeft {SETTING.right} PupilRight.",
            setting="layout",
        )
    in_order = sorted(at.items(), key=lambda item: item[1])
    facet = [
        Measured(column, f"AU{int(found.group(1)):02d}", *EVIDENCE_SCALE)
        for head, column in in_order
        if (found := EVIDENCE.fullmatch(head))
    ]
    affdex = [Measured(column, AFFDEX[head], *AFFDEX_SCALE) for head, column in in_order if head in AFFDEX]
    if facet and len(affdex) >= len(AFFDEX_NEEDS):
        raise ReadError(f"{table.name}: the file holds FACET's and AFFDEX's values. Export one of them.")
    pupils = _pupil_columns(table, settings)
    known = {
        "video": ("stimulusname", "sourcestimuliname"),
        "smiler": ("name", "respondent", "respondent name"),
        "stimulus": ("stimulusname", "sourcestimuliname"),
    }
    rows = tracker_table.face_rows(
        table,
        [*(facet or affdex), *pupils],
        settings,
        names=tracker_table.row_names(table, given, settings, known),
        time=tracker_table.time_ms(table, TIMES, settings),
        findings=_of_pupils(at, pupils),
    )
    return _with_values(_pupils_at_frames(rows, len(pupils)), len(pupils))


def _pupil_columns(table: RawTable, settings: ReadSettings) -> list[Measured]:
    """The columns of pupils that the settings name, as measures."""
    at = tracker_table.heads_of(table)
    found = []
    for name, own, side in ((settings.left, PUPIL_MEASURES[0], "left"), (settings.right, PUPIL_MEASURES[1], "right")):
        if name is None:
            continue
        if name.casefold() not in at:
            raise ReadError(f"{table.name}: there is no column {name!r} ({SETTING(side)}).", setting=side)
        found.append(Measured(at[name.casefold()], own, *PUPIL_MM))
    return found


def _of_pupils(at: dict[str, int], pupils: list[Measured]) -> tuple[Finding, ...]:
    """What became of the pupils in the file."""
    if pupils:
        said = f"{' and '.join(one.name for one in pupils)}, in mm: means of the samples nearest to each frame"
        return (Finding("pupils", said, "given"),)
    if not any(head in at for head in PUPILS):
        return ()
    said = (
        f"in the file as well, and not read with the face; {SETTING.left} PupilLeft {SETTING.right} PupilRight reads them as "
        f"measures, {SETTING.layout} tidy on their own"
    )
    return (Finding("pupils", said, "recognised"),)


def _pupils_at_frames(rows: FaceRows, count: int) -> FaceRows:
    """The last `count` measures, pupils in mm, as their means at the frames of the face.

    Pupils have rows and a rate of their own. A sample belongs to the nearest frame of its stimulus, within half the usual step
    between frames; 0 and below are missing.
    """
    if not count or rows.time_ms is None:
        return rows
    faces = rows.values.shape[1] - count
    measured = np.isfinite(rows.values[:, :faces]).any(axis=1)
    pupil = np.where(rows.values[:, faces:] > 0, rows.values[:, faces:], np.nan)
    values = np.concatenate([rows.values[:, :faces], np.full_like(pupil, np.nan)], axis=1)
    videos = Names.joined([rows.names[role] for role in ("smiler", "video") if role in rows.names])
    for code in np.unique(videos.codes[measured]):
        mine = videos.codes == code
        frames = np.flatnonzero(mine & measured)
        samples = np.flatnonzero(mine & np.isfinite(pupil).any(axis=1))
        values[frames, faces:] = _means_at(rows.time_ms[frames], rows.time_ms[samples], pupil[samples])
    return replace(rows, values=values)


def _means_at(
    frame_ms: npt.NDArray[np.float64], sample_ms: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """`f64[F, E]`: means of the samples nearest to each frame, within half the usual step; NaN where there is none.

    Arguments:
        frame_ms: `f64[F]`, rising. sample_ms: `f64[S]`. values: `f64[S, E]`, NaN where missing.
    """
    nearest = np.searchsorted((frame_ms[1:] + frame_ms[:-1]) / 2, sample_ms)
    reach = np.median(np.diff(frame_ms)) / 2 if len(frame_ms) > 1 else np.inf
    near = np.abs(sample_ms - frame_ms[nearest]) <= reach
    total, number = np.zeros((2, len(frame_ms), values.shape[1]))
    known = np.isfinite(values) & near[:, None]
    np.add.at(total, nearest, np.where(known, values, 0.0))
    np.add.at(number, nearest, known)
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, total / number, np.nan)


def _with_values(rows: FaceRows, pupils: int) -> FaceRows:
    """The rows in which a face was measured: other sensors have rows of their own, and so have pauses between stimuli."""
    named = np.array([bool(name) for name in rows.names["video"].names])[rows.names["video"].codes]
    keep = np.flatnonzero(named & np.isfinite(rows.values[:, : rows.values.shape[1] - pupils]).any(axis=1))
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
