"""Pupil Labs Neon: the folder of tables that Pupil Cloud and Neon Player export, or its `3d_eye_states.csv` alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, listed
from smilejax.readers.columns import cell_values, column_roles, decimal_mark, own_columns, timestamps
from smilejax.readers.columns.headings import find
from smilejax.readers.files import export_folder
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, Eye, NameRole, Names, Samples
from smilejax.readers.used_settings import ADDED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "neon-cloud"
WORDS = "Pupil Labs Neon: 3d_eye_states.csv, or its export folder"
SOFTWARE = "Pupil Cloud (time series), Neon Player"
LIMITS = "eyelids and gaze are not used"
USES = ADDED | {"recorded_eye"}

FILES = ("3d_eye_states.csv", "3d_eye_states.csv.gz")

TIME = "timestamp [ns]"
SIDES: tuple[tuple[Eye, str], ...] = (("left", "pupil diameter left [mm]"), ("right", "pupil diameter right [mm]"))
BOTH = "pupil diameter [mm]"
"""Older exports have one diameter, of both eyes together."""

OWN = re.compile(r"timestampns|recordingid|sectionid|pupildiameter.*|eyeballcenter.*|opticalaxis.*|eyelid.*")
"""The tracker's own headings, squeezed."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is such a table, or a folder with one of its name."""
    heads = {column_roles.squeezed(head) for head in export_folder.main_table(given, FILES).heads}
    diameters = {column_roles.squeezed(head) for head in (BOTH, *(head for _, head in SIDES))}
    return (column_roles.squeezed(TIME) in heads and bool(diameters & heads)) or _has_gaze_alone(given)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one export.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if _has_gaze_alone(given):
        raise ReadError(
            f"{given.name}: this export holds gaze, and no {FILES[0]}. The pupils are computed where 'Compute eye state' is "
            "on in the Companion app, or in Pupil Cloud; download the time series again."
        )
    table = own_columns.load_tracker_table(
        export_folder.main_table(given, FILES), settings, columns=partial(_used_columns, settings=settings)
    )
    heads = table.heads or ()
    at = own_columns.clock(table, settings, TIME)
    recording = find(heads, "recording id")
    settings, decimal = decimal_mark.of_pupils(
        table, [find(heads, head) for head in (*(h for _, h in SIDES), BOTH)], settings
    )
    pupil, eyes, used, words = _pupils(table, settings)
    added = own_columns.added(table, OWN, at, settings)
    names: dict[NameRole, Names] = dict(added.names)
    if recording is not None:
        names["recording"] = Names(*cell_values.names(table, recording))
    info, who = _wearers(given, names.get("recording"), len(table.line))
    if who is not None and "participant" not in names:
        names["participant"] = who
    samples = Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=("mm", "mm"),
        time=own_columns.time_of(table, at, "ns", settings),
        names=names,
        zero=added.zero,
        events=(*_events(given, settings), *added.events),
        findings=(
            *table.findings,
            *decimal,
            words,
            *info,
            *export_folder.said_beside(given, ("events.csv", "blinks.csv")),
            *added.findings,
        ),
        unused=added.unused(table, {at, recording, *used}),
    )
    return _with_blinks(given, settings, samples)


def _has_gaze_alone(given: Given) -> bool:
    """Whether it is an export folder without the table of eye states."""
    if given.path is None or not given.is_folder or any((given.path / name).is_file() for name in FILES):
        return False
    return all((given.path / name).is_file() for name in ("gaze.csv", "world_timestamps.csv"))


def _used_columns(heads: tuple[str, ...], settings: ReadSettings) -> Columns:
    numbers = (settings.time, TIME, BOTH, *(head for _, head in SIDES))
    wanted = [find(heads, head) for head in numbers if head is not None]
    return own_columns.own_and_added_columns(heads, OWN, settings, wanted, [find(heads, "recording id")])


def _pupils(
    table: RawTable, settings: ReadSettings
) -> tuple[npt.NDArray[np.float64], tuple[Eye, ...], list[int], Finding]:
    heads = table.heads or ()
    columns = {eye: column for eye, head in SIDES if (column := find(heads, head)) is not None}
    pupil = np.full((len(table.line), 2), np.nan)
    if not columns:
        column = own_columns.required(table, BOTH)
        pupil[:, 0] = own_columns.numbers_of(table, column, settings)
        return pupil, (), [column], Finding("pupil", f"{heads[column]!r}, one for both eyes", "recognised")
    for eye, column in columns.items():
        pupil[:, 0 if eye == "left" else 1] = own_columns.numbers_of(table, column, settings)
    words = ", ".join(repr(heads[column]) for column in columns.values())
    return pupil, tuple(columns), list(columns.values()), Finding("pupil", words, "recognised")


def _wearers(given: Given, recordings: Names | None, rows: int) -> tuple[tuple[Finding, ...], Names | None]:
    """The wearers as participants: of the only recording by `info.json`, or of each by `sections.csv`, there or a folder above.

    Raises:
        ReadError: a file is damaged.
    """
    ids = () if recordings is None else recordings.names
    known = _by_section(given)
    if known and recordings is not None and all(known.get(one) for one in ids):
        names = Names.of([known[one] for one in ids])
        value = f"{listed(map(repr, names.names))}, the wearers in sections.csv"
        return (Finding("participant", value, "recognised"),), Names(names.codes[recordings.codes], names.names)
    wearer = _of_info(given)
    if wearer is None:
        return (), None
    if len(ids) > 1:
        return (Finding("wearer", f"{wearer!r} is not used: there are several recordings", "recognised"),), None
    return (Finding("participant", f"{wearer!r}, the wearer in info.json", "recognised"),), Names.one(wearer, rows)


def _of_info(given: Given) -> str | None:
    """The wearer in the `info.json` of a folder, where it names one."""
    if given.path is None or not given.is_folder or not (given.path / "info.json").is_file():
        return None
    path = given.path / "info.json"
    try:
        info = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(f"{path}: the file is damaged ({str(error)[:100]}). Export it again, or remove it.") from error
    name = info.get("wearer_name") if isinstance(info, dict) else None
    return name.strip() or None if isinstance(name, str) else None


def _by_section(given: Given) -> dict[str, str]:
    """The wearer of each recording, by the table of sections of an export of several."""
    if given.path is None or not given.is_folder:
        return {}
    folders = (given, Given(given.path.resolve().parent))
    table = next(
        (found for one in folders if (found := export_folder.table_beside(one, "sections.csv")) is not None), None
    )
    heads = () if table is None else table.heads or ()
    recording, wearer = find(heads, "recording id"), find(heads, "wearer name")
    if table is None or recording is None or wearer is None:
        return {}
    ids, names = (Names(*cell_values.names(table, column)) for column in (recording, wearer))
    return {ids.at(row): names.at(row) for row in range(len(table.line))}


def _ids(table: RawTable) -> Names | None:
    column = find(table.heads or (), "recording id")
    return None if column is None else Names(*cell_values.names(table, column))


def _events(given: Given, settings: ReadSettings) -> tuple[Event, ...]:
    table = export_folder.table_beside(given, "events.csv")
    if table is None:
        return ()
    at, name = own_columns.required(table, TIME), own_columns.required(table, "name")
    kind, ids = find(table.heads or (), "type"), _ids(table)
    time = own_columns.time_of(table, at, "ns", settings).values
    codes, texts = cell_values.names(table, name)
    kinds = None if kind is None else Names(*cell_values.names(table, kind))
    return tuple(
        Event(
            time[row].item(),
            texts[codes[row]],
            "" if ids is None else ids.at(row),
            int(table.line[row]),
            parts={} if kinds is None else {"type": kinds.at(row)},
        )
        for row in range(len(time))
    )


def _with_blinks(given: Given, settings: ReadSettings, samples: Samples) -> Samples:
    """The samples with the blinks of `blinks.csv`, of both eyes together, each in its own recording."""
    table = export_folder.table_beside(given, "blinks.csv")
    if table is None or samples.time is None:
        return samples
    start, end = (
        own_columns.time_of(table, own_columns.required(table, head), "ns", settings).values
        for head in ("start timestamp [ns]", "end timestamp [ns]")
    )
    ids, own = _ids(table), samples.names.get("recording")
    inside = np.zeros(len(samples), np.bool_)
    if ids is None or own is None:
        inside = timestamps.within(samples.time.values, start, end)
    else:
        for code, name in enumerate(ids.names):
            mine, spans = np.flatnonzero(np.array([n == name for n in own.names])[own.codes]), ids.codes == code
            inside[mine] = timestamps.within(samples.time.values[mine], start[spans], end[spans])
    return replace(samples, blink=np.stack([inside, inside], axis=1))
