"""The tidy table of faces, one row per frame: the form that `smilejax track` writes."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns.columns_to_keep import heading_of
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.files.raw_table import RawTable, headed, load_table
from smilejax.readers.given import Given, lowered
from smilejax.readers.samples import SECONDS, Names
from smilejax.recordings.face_measures import FACE_MEASURES, PUPIL_MEASURES
from smilejax.recordings.source import Finding
from smilejax.recordings.video_covariates import VIDEO_COLUMNS
from smilejax.settings import ReadSettings

NAME = "faces"
WORDS = "a table of faces, one row per frame of a video, with a column for each measure"
SOFTWARE = "smilejax track, or any program"
LIMITS = "measures of one face per video; rows of a video in the order of time"
USES = frozenset(
    (
        "participant",
        "smiler",
        "trial",
        "label",
        "stimulus",
        "time",
        "time_unit",
        "decimal",
        "thousands",
        "sheet",
        "join",
        "rate_hz",
    )
)

COLUMNS: dict[str, tuple[str, ...]] = {
    "video": ("video", "photo"),
    "smiler": ("smiler", "participant", "subject"),
    "label": ("label", "class"),
    "stimulus": ("stimulus", "session"),
    "time": ("time_ms", "time_s"),
    "confidence": ("confidence",),
    "crop": ("crop",),
}
"""Headings by which columns are recognised, case aside."""
GIVEN_BY = {"video": "trial", "smiler": "participant", "label": "label", "stimulus": "stimulus", "time": "time"}
"""Settings that name a column with another heading."""
OF_PEOPLE = frozenset(
    ("age", "age_years", "sex", "gender", "fold", "folds", "split", "ethnicity", "handedness", "group")
)
"""Headings, in lower case, of columns that say something of people or of an evaluation, and are measures of no face."""
OF_TRACKERS = frozenset(("time", "time_ms", "time_s", "timestamp", "timestamp_ms", "timestamp_s", "success"))
"""Headings, in lower case, by which trackers tell when a frame was and whether a face was found in it: measures of no face."""
NOT_MEASURES = ("frame", "face", "face_id", *VIDEO_COLUMNS)
MISSING = ("", "na", "nan", "null", "none")
"""How a cell without a value may be written, case aside."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether the headings name a video and a known measure of a face."""
    if given.is_folder:
        return False
    heads = lowered(given.heads)
    known = {name.casefold() for name in FACE_MEASURES if name not in PUPIL_MEASURES}
    return bool(heads & {*COLUMNS["video"], *settings.trial[:1]}) and bool(heads & known)


def read(given: Given, settings: ReadSettings) -> FaceRows:
    """The frames of a table.

    Raises:
        ReadError: with file and line of what cannot be read, and a hint.
    """
    table = headed(load_table(given, settings.sheet))
    at = _roles(table, settings)
    lines = np.asarray(table.line, np.int64)
    names: dict[str, Names] = {
        role: Names.of([_text(cell) for cell in table.cells.iloc[:, at[role]]])
        for role in ("video", "smiler", "label", "stimulus")
        if role in at
    }
    taken, heads = set(at.values()), table.heads or ()
    kept = heading_of(settings.columns, heads).values()
    measures: list[int] = []
    unused: list[int] = []
    for column, head in enumerate(heads):
        if column in taken or column in kept or head.casefold() in NOT_MEASURES:
            continue
        if head.casefold() in OF_PEOPLE | OF_TRACKERS:
            unused.append(column)
            continue
        (measures if head in FACE_MEASURES or _is_numeric(table.cells.iloc[:, column]) else unused).append(column)
    if not measures:
        raise ReadError(f"{table.name}: there is no column of a measure, such as {listed(FACE_MEASURES, 4)}.")
    values = np.stack([_numbers(table, column, settings) for column in measures], axis=1)
    findings = [Finding(role, f"column {heads[column]!r}", "recognised") for role, column in at.items()]
    findings.append(Finding("measures", ", ".join(heads[column] for column in measures), "recognised"))
    if unused:
        findings.append(Finding("not used", listed(heads[column] for column in unused), "warning"))
        findings += [_failures(heads[column]) for column in unused if heads[column].casefold() == "success"]
    low = {head.casefold(): column for column, head in enumerate(heads)}
    given_of = {name: _numbers(table, low[name], settings) for name in VIDEO_COLUMNS if name in low}
    if given_of:
        findings.append(Finding("of the videos", f"{', '.join(given_of)} (for negative controls)", "recognised"))
    return FaceRows(
        file=table.name,
        line=lines,
        names=names,
        time_ms=_time_ms(table, at, settings),
        values=values,
        channels=tuple(heads[column] for column in measures),
        confidence=_numbers(table, at["confidence"], settings) if "confidence" in at else None,
        covariates=given_of,
        findings=tuple(findings),
        crop=tuple(_text(cell) for cell in table.cells.iloc[:, at["crop"]]) if "crop" in at else None,
        place=table.place,
    )


def _failures(head: str) -> Finding:
    """Of a column that says in which frames a tracker failed."""
    said = f"column {head!r} is not used: frames that a tracker calls a failure keep their values"
    return Finding("failures", f"{said}. Empty their cells, or give a column confidence", "warning")


def _roles(table: RawTable, settings: ReadSettings) -> dict[str, int]:
    """Columns by what they hold."""
    heads = table.heads or ()
    if twice := [head for head in dict.fromkeys(heads) if head and heads.count(head) > 1]:
        raise ReadError(f"{table.name}: headings must differ; there are two columns {twice[0]!r}.")
    low = {head.casefold(): column for column, head in reversed(list(enumerate(heads)))}
    asked = {
        "video": settings.trial[0] if settings.trial else None,
        "smiler": settings.smiler or settings.participant,
        "label": settings.label,
        "stimulus": settings.stimulus,
        "time": settings.time,
        "confidence": None,
        "crop": None,
    }
    found: dict[str, int] = {}
    for role, usual in COLUMNS.items():
        own = asked[role]
        if own is not None:
            if own not in heads:
                raise ReadError(
                    f"{table.name}: there is no column {own!r}. There are {listed(heads, 20)}.", setting=GIVEN_BY[role]
                )
            found[role] = heads.index(own)
            continue
        column = next((low[name] for name in usual if name in low), None)
        if column is not None:
            found[role] = column
    for role in ("video", "smiler"):
        if role not in found:
            names = " or ".join(COLUMNS[role])
            raise ReadError(
                f"{table.name}: there is no column with the {role} ({names}).",
                hint=f"Name it: {SETTING(GIVEN_BY[role])}.",
                setting=GIVEN_BY[role],
            )
    return found


def _text(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _is_numeric(cells: pd.Series) -> bool:
    """Whether a column holds numbers, to judge by its cells that are not empty."""
    known = [cell for cell in cells.head(200) if _text(cell).casefold() not in MISSING]
    return bool(known) and not pd.to_numeric(pd.Series(known), errors="coerce").isna().any()


def _numbers(table: RawTable, column: int, settings: ReadSettings) -> npt.NDArray[np.float64]:
    """A column of numbers; empty cells are NaN."""
    cells = table.cells.iloc[:, column]
    if cells.dtype.kind in "fiub":
        return np.asarray(cells, np.float64)
    texts = [_text(cell) for cell in cells]
    if settings.thousands is not None:
        texts = [text.replace(settings.thousands, "") for text in texts]
    if settings.decimal != ".":
        texts = [text.replace(settings.decimal, ".") for text in texts]
    missing = np.array([text.casefold() in MISSING for text in texts])
    numbers = np.asarray(pd.to_numeric(pd.Series(texts), errors="coerce"), np.float64)
    if len(bad := np.flatnonzero(np.isnan(numbers) & ~missing)):
        head = (table.heads or ())[column]
        raise ReadError(
            f"{table.name}: {table.place} {table.line[bad[0]]}: {head} must be a number or empty; it is {texts[bad[0]]!r}."
        )
    return numbers


def _time_ms(table: RawTable, at: dict[str, int], settings: ReadSettings) -> npt.NDArray[np.float64] | None:
    """Times in ms, by the unit in the heading or by the one given."""
    if settings.rate_hz is not None:
        return _counted(table, at, settings, settings.rate_hz)
    if "time" not in at:
        return None
    head = (table.heads or ())[at["time"]]
    unit = settings.time_unit or next((u for u in SECONDS if head.casefold().endswith(f"_{u}")), None)
    if unit is None:
        raise ReadError(
            f"{table.name}: the unit of the times in column {head!r} is not known.",
            hint=f"Give it ({SETTING.time_unit} ms), or call the column time_ms.",
            setting="time_unit",
        )
    return _numbers(table, at["time"], settings) * SECONDS[unit] * 1000


def _counted(table: RawTable, at: dict[str, int], settings: ReadSettings, rate_hz: float) -> npt.NDArray[np.float64]:
    """Times in ms of frames at a rate that was given: of the column of times, which counts frames, or of each video's rows.

    Raises:
        ReadError: the column of times does not count.
    """
    if "time" not in at:
        names = [pd.Series([_text(cell) for cell in table.cells.iloc[:, at[role]]]) for role in ("smiler", "video")]
        return names[0].groupby(names).cumcount().to_numpy(np.float64) * 1000 / rate_hz
    count = _numbers(table, at["time"], settings)
    if len(odd := np.flatnonzero(np.isfinite(count) & (count != np.round(count)))):
        head = (table.heads or ())[at["time"]]
        raise ReadError(
            f"{table.at(int(odd[0]))}: with a frame rate ({SETTING.rate_hz}) the column {head!r} counts frames, in whole "
            f"numbers; it is {count[odd[0]]:g}.",
            hint=f"Leave {SETTING.rate_hz} out where the column holds times; {SETTING.time_unit} says their unit.",
            setting="rate_hz",
        )
    return count * 1000 / rate_hz
