"""Pupil Labs Core: `pupil_positions.csv`, alone or in its export folder with `annotations.csv` and `blinks.csv`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, decimal_mark, headings, own_columns, timestamps
from smilejax.readers.columns.eye_rows import pair_eye_rows, take_rows
from smilejax.readers.files import export_folder
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, NameRole, Names, PupilUnit, Samples
from smilejax.readers.used_settings import ADDED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "pupil-core"
WORDS = "Pupil Labs Core: pupil_positions.csv, its export folder, or that of the recording"
SOFTWARE = "Pupil Player, raw data export"
LIMITS = "the exported tables, not the recording itself (pldata)"
USES = ADDED

FILES = ("pupil_positions.csv", "pupil_positions.csv.gz")

LOW_CONFIDENCE = 0.6
"""Pupil Labs advises to discard samples of less confidence; exactly 0 says that nothing is known."""

POSSIBLE_MM = (0.5, 12.0)
"""No pupil is smaller or larger; a 3D model that fits badly gives such diameters even at full confidence."""

_DATE = re.compile(r"\d{4}[_-]\d{2}[_-]\d{2}")
"""How Pupil Capture calls a recording that was given no name."""

OWN = re.compile(
    r"pupiltimestamp|worldindex|eyeid|confidence|normpos[xy]|diameter(3d)?|method|ellipse.*|model.*|sphere.*|circle3d.*|theta|phi|"
    r"projectedsphere.*|index"
)
"""The tracker's own headings, squeezed."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is such a table, or a folder with one of its name."""
    heads = {column_roles.squeezed(head) for head in export_folder.main_table(given, FILES).heads}
    return ({"pupiltimestamp", "eyeid"} <= heads and bool({"diameter", "diameter3d"} & heads)) or _has_gaze_alone(given)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one export.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if _has_gaze_alone(given):
        raise ReadError(
            f"{given.name}: this export holds gaze, and no {FILES[0]}. Export it again, with 'Export Pupil Positions' of the "
            "raw data exporter turned on."
        )
    table = own_columns.load_tracker_table(
        export_folder.main_table(given, FILES), settings, columns=partial(_used_columns, settings=settings)
    )
    heads = table.heads or ()
    time = own_columns.clock(table, settings, "pupil_timestamp")
    sizes = [headings.find(heads, head) for head in ("diameter_3d", "diameter")]
    settings, decimal = decimal_mark.of_pupils(table, sizes, settings)
    rows, column, unit, chosen = _rows_of_frames(table, settings)
    added = own_columns.added(table, OWN, time, settings)
    diameter = own_columns.numbers_of(table, column, settings)
    invalid, doubts = _invalid(table, rows, diameter, unit, settings)
    marks, pupil = np.zeros((len(table.line), 2), np.bool_), np.full((len(table.line), 2), np.nan)
    marks[:, 0], pupil[:, 0] = invalid, diameter
    used = [
        time,
        column,
        headings.find(heads, "eye_id"),
        *(headings.find(heads, h) for h in ("confidence", "method")),
    ]
    names: dict[NameRole, Names] = dict(added.names)
    person = None if "participant" in names else _person(given)
    if person is not None:
        names["participant"] = Names.one(person[0], len(table.line))
    samples = Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=(),
        units=(unit, unit),
        time=own_columns.time_of(table, time, "s", settings),
        names=names,
        invalid=marks,
        zero=added.zero,
        events=(*_annotations(given, settings), *(replace(event, row=-1) for event in added.events)),
        findings=(
            *table.findings,
            *decimal,
            *chosen,
            *doubts,
            *(() if person is None else person[1:]),
            *export_folder.said_beside(given, ("annotations.csv", "blinks.csv")),
            *added.findings,
        ),
        unused=added.unused(table, used),
    )
    left = _left(table)[rows]
    return _with_blinks(
        given, settings, pair_eye_rows(take_rows(samples, rows), left, Finding("eyes", _eye_words(left), "recognised"))
    )


def _has_gaze_alone(given: Given) -> bool:
    """Whether it is an export folder without the table of pupils."""
    if given.path is None or not given.is_folder or any((given.path / name).is_file() for name in FILES):
        return False
    return (given.path / "gaze_positions.csv").is_file()


def _used_columns(heads: tuple[str, ...], settings: ReadSettings) -> Columns:
    numbers = (settings.time, "pupil_timestamp", "diameter_3d", "diameter", "confidence")
    return own_columns.own_and_added_columns(
        heads,
        OWN,
        settings,
        [headings.find(heads, head) for head in numbers if head is not None],
        [headings.find(heads, head) for head in ("eye_id", "method")],
    )


def _person(given: Given) -> tuple[str, Finding] | None:
    """The participant, by the recording in whose folder the export stands, and where its name was found.

    `user_info.csv` holds a name that was typed in; else the recording itself may be called by a name. One that was not named is
    called by its date.

    Raises:
        ReadError: one of the files is damaged.
    """
    if given.path is None or not given.is_folder:
        return None
    folder = given.path.resolve()
    recording = Given(folder.parent.parent if folder.parent.name == "exports" else folder)
    if name := _keyed(recording, "user_info.csv").get("name"):
        return name, Finding("participant", f"{name!r}, the name in user_info.csv", "recognised")
    info = _info(recording) or _keyed(recording, "info.csv").get("recording name", "")
    if not info or _DATE.match(info):
        return None
    return info, Finding("participant", f"{info!r}, the name of the recording", "inferred")


def _keyed(folder: Given, name: str) -> dict[str, str]:
    """A table of keys and values beside the recording, keys in lower case."""
    table = export_folder.table_beside(folder, name)
    if table is None or len(table.heads or ()) < 2:
        return {}
    keys, values = (Names(*cell_values.names(table, column)) for column in (0, 1))
    first, value, *_ = table.heads or ()  # older versions write no headings
    return {first.casefold(): value} | {keys.at(row).casefold(): values.at(row) for row in range(len(table.line))}


def _info(folder: Given) -> str:
    """The name of the recording in `info.player.json`, empty where there is none."""
    assert folder.path is not None
    path = folder.path / "info.player.json"
    if not path.is_file():
        return ""
    try:
        info = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(
            f"{path}: the file is damaged ({str(error)[:100]}). Remove it, or record its name anew."
        ) from error
    name = info.get("recording_name") if isinstance(info, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _rows_of_frames(
    table: RawTable, settings: ReadSettings
) -> tuple[npt.NDArray[np.int64], int, PupilUnit, tuple[Finding, ...]]:
    """One row for each frame of each eye, which column holds its diameter, and the unit of that.

    A frame has a row of the 2D method and one of the 3D method; only the latter has millimetres.
    """
    heads = table.heads or ()
    in_mm, in_px, method = (headings.find(heads, head) for head in ("diameter_3d", "diameter", "method"))
    every = np.arange(len(table.line))
    has_mm = np.zeros(len(every), np.bool_)
    if in_mm is not None:
        has_mm = np.isfinite(own_columns.numbers_of(table, in_mm, settings))
    if in_mm is None or (not has_mm.any() and in_px is not None):
        column = own_columns.required(table, "diameter")
        return (
            every,
            column,
            "px",
            (Finding("pupil", f"{heads[column]!r}, of the image: there is no 3D model", "recognised"),),
        )
    if method is None:
        rows = _filled_rows(table, has_mm)
        kinds = ""
    else:
        codes, names = cell_values.names(table, method)
        solid = np.array([name.casefold().startswith(("pye3d", "3d")) for name in names])
        if not solid.any():
            raise ReadError(
                f"{table.at(0)}, column {heads[method]!r}: no row is of a 3D method, but diameter_3d has numbers; the first is "
                f"{names[0]!r}."
            )
        rows = every[solid[codes]]
        kinds = f" of {', '.join(name for name, is_3d in zip(names, solid.tolist(), strict=True) if is_3d)}"
    found = [Finding("pupil", f"{heads[in_mm]!r}{kinds}", "recognised")]
    if n := len(every) - len(rows):
        found.append(Finding("rows of the 2D method", f"{n} left out: the same frames", "recognised"))
    return rows, in_mm, "mm", tuple(found)


def _filled_rows(table: RawTable, filled: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Without a column that names the method: all rows, but not an empty one that stands right beside its frame's other row."""
    frame = [own_columns.required(table, head) for head in ("pupil_timestamp", "eye_id")]
    time, eye = (table.cells[column].astype(str).to_numpy() for column in frame)
    like_next = np.append((time[1:] == time[:-1]) & (eye[1:] == eye[:-1]), False)
    like_last = np.roll(like_next, 1)
    doubled = ~filled & ((like_next & np.roll(filled, -1)) | (like_last & np.roll(filled, 1)))
    return np.flatnonzero(~doubled)


def _left(table: RawTable) -> npt.NDArray[np.bool_]:
    """Which rows are of the left eye: eye 0 is the right one, eye 1 the left one."""
    column = own_columns.required(table, "eye_id")
    codes, names = cell_values.names(table, column)
    odd = [name for name in names if name not in ("0", "1")]
    if odd:
        row = int(np.argmax(codes == names.index(odd[0])))
        raise ReadError(f"{table.at(row)}, column 'eye_id': the eye must be 0 (right) or 1 (left); it is {odd[0]!r}.")
    left: npt.NDArray[np.bool_] = np.array([name == "1" for name in names])[codes]
    return left


def _eye_words(left: npt.NDArray[np.bool_]) -> str:
    parts = [words for there, words in (((~left).any(), "0 = right"), (left.any(), "1 = left")) if there]
    return "a row for each eye: " + ", ".join(parts)


def _invalid(
    table: RawTable, rows: npt.NDArray[np.int64], diameter: own_columns.F64, unit: PupilUnit, settings: ReadSettings
) -> tuple[npt.NDArray[np.bool_], tuple[Finding, ...]]:
    """Samples of low confidence and diameters that no pupil has, `bool[R]`, and how many of the rows used they are."""
    invalid = np.zeros(len(table.line), np.bool_)
    findings = []
    column = headings.find(table.heads or (), "confidence")
    if column is not None:
        confidence = own_columns.numbers_of(table, column, settings)
        invalid = ~(confidence >= LOW_CONFIDENCE)
        if n := int(invalid[rows].sum()):
            unknown = int((confidence[rows] == 0).sum())
            value = f"{n} of {len(rows)} samples below {LOW_CONFIDENCE:g} are not used, {unknown} of them 0 (unknown)"
            findings.append(Finding("confidence", value, "recognised"))
    else:
        findings.append(Finding("confidence", "there is no such column: what was measured badly is used", "warning"))
    if unit == "mm":
        wild = (diameter < POSSIBLE_MM[0]) | (diameter > POSSIBLE_MM[1])
        if n := int(wild[rows].sum()):
            first = rows[int(np.argmax(wild[rows]))]
            value = (
                f"{n} outside {POSSIBLE_MM[0]:g} to {POSSIBLE_MM[1]:g} mm are not used, the first is {diameter[first]:g} in "
                f"{table.place} {table.line[first]}"
            )
            findings.append(Finding("impossible diameters", value, "warning"))
        invalid = invalid | wild
    return invalid, tuple(findings)


def _annotations(given: Given, settings: ReadSettings) -> tuple[Event, ...]:
    table = export_folder.table_beside(given, "annotations.csv")
    if table is None:
        return ()
    heads = table.heads or ()
    at, label = own_columns.required(table, "timestamp"), own_columns.required(table, "label")
    lasts, index = headings.find(heads, "duration"), headings.find(heads, "index")
    time = own_columns.time_of(table, at, "s", settings).values
    text = cell_values.names(table, label)
    duration = np.zeros(len(time)) if lasts is None else own_columns.numbers_of(table, lasts, settings)
    others = [i for i, head in enumerate(heads) if head and i not in (at, label, lasts, index)]
    parts = {heads[i]: cell_values.names(table, i) for i in others}
    return tuple(
        Event(
            float(time[row]),
            text[1][text[0][row]],
            line=int(table.line[row]),
            duration=float(duration[row]) if duration[row] > 0 else None,
            parts={head: names[codes[row]] for head, (codes, names) in parts.items()},
        )
        for row in range(len(time))
    )


def _with_blinks(given: Given, settings: ReadSettings, samples: Samples) -> Samples:
    """The samples with the blinks that Pupil Player found, of both eyes together."""
    table = export_folder.table_beside(given, "blinks.csv")
    if table is None or samples.time is None:
        return samples
    start, end = (
        own_columns.time_of(table, own_columns.required(table, head), "s", settings).values
        for head in ("start_timestamp", "end_timestamp")
    )
    inside = timestamps.within(samples.time.values, start, end)
    return replace(samples, blink=np.stack([inside, inside], axis=1))
