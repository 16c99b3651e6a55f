"""Pupil Labs Neon: the folder of tables that Pupil Cloud and Neon Player export, or its `3d_eye_states.csv` alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, own_columns
from smilejax.readers.columns.headings import find
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, Eye, NameRole, Names, Samples
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "neon-cloud"
WORDS = "Pupil Labs Neon: 3d_eye_states.csv, or its export folder"
SOFTWARE = "Pupil Cloud (time series), Neon Player"
LIMITS = "eyelids and gaze are not used"

FILES = ("3d_eye_states.csv", "3d_eye_states.csv.gz")

TIME = "timestamp [ns]"
SIDES: tuple[tuple[Eye, str], ...] = (("left", "pupil diameter left [mm]"), ("right", "pupil diameter right [mm]"))
BOTH = "pupil diameter [mm]"
"""Older exports have one diameter, of both eyes together."""

OWN = re.compile(r"timestampns|recordingid|sectionid|pupildiameter.*|eyeballcenter.*|opticalaxis.*|eyelid.*")
"""The tracker's own headings, squeezed."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is such a table, or a folder with one of its name."""
    heads = {column_roles.squeezed(head) for head in _eye_states(given).heads}
    diameters = {column_roles.squeezed(head) for head in (BOTH, *(head for _, head in SIDES))}
    return column_roles.squeezed(TIME) in heads and bool(diameters & heads)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one export.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    table = own_columns.load(_eye_states(given), settings, columns=partial(_used_columns, settings=settings))
    heads = table.heads or ()
    at = own_columns.required(table, *([settings.time] if settings.time else []), TIME)
    recording = find(heads, "recording id")
    pupil, eyes, used, words = _pupils(table, settings)
    added = own_columns.added(table, OWN, at, settings)
    names: dict[NameRole, Names] = dict(added.names)
    if recording is not None:
        names["recording"] = Names(*cell_values.names(table, recording))
    info, who = _wearer(given, names.get("recording"), len(table.line))
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
        findings=(*table.findings, words, *info, *added.findings),
        unused=added.unused(table, {at, recording, *used}),
    )
    return _with_blinks(given, settings, samples)


def _used_columns(heads: tuple[str, ...], settings: ReadSettings) -> Columns:
    numbers = (settings.time, TIME, BOTH, *(head for _, head in SIDES))
    wanted = [find(heads, head) for head in numbers if head is not None]
    return own_columns.used(heads, OWN, settings, wanted, [find(heads, "recording id")])


def _eye_states(given: Given) -> Given:
    """The table of eye states: what is given, or the file of its name in the folder that is given."""
    if given.path is not None and given.is_folder:
        for name in FILES:
            if (given.path / name).is_file():
                return Given(given.path / name, progress=given.progress)
    return given


def _pupils(
    table: RawTable, settings: ReadSettings
) -> tuple[npt.NDArray[np.float64], tuple[Eye, ...], list[int], Finding]:
    heads = table.heads or ()
    columns = {eye: column for eye, head in SIDES if (column := find(heads, head)) is not None}
    pupil = np.full((len(table.line), 2), np.nan)
    if not columns:
        column = own_columns.required(table, BOTH)
        pupil[:, 0] = own_columns.numbers(table, column, settings)
        return pupil, (), [column], Finding("pupil", f"{heads[column]!r}, one for both eyes", "recognised")
    for eye, column in columns.items():
        pupil[:, 0 if eye == "left" else 1] = own_columns.numbers(table, column, settings)
    words = ", ".join(repr(heads[column]) for column in columns.values())
    return pupil, tuple(columns), list(columns.values()), Finding("pupil", words, "recognised")


def _wearer(given: Given, recordings: Names | None, rows: int) -> tuple[tuple[Finding, ...], Names | None]:
    """The wearer as participant, where `info.json` names one of the only recording.

    Raises:
        ReadError: the file is damaged.
    """
    if given.path is None or not given.is_folder or not (given.path / "info.json").is_file():
        return (), None
    path = given.path / "info.json"
    try:
        info = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(f"{path}: the file is damaged ({str(error)[:100]}). Export it again, or remove it.") from error
    name = info.get("wearer_name") if isinstance(info, dict) else None
    if not isinstance(name, str) or not name.strip():
        return (), None
    if recordings is not None and len(recordings.names) > 1:
        return (Finding("wearer", f"{name!r} is not used: there are several recordings", "recognised"),), None
    return (Finding("participant", f"{name.strip()!r}, the wearer in info.json", "recognised"),), Names.one(
        name.strip(), rows
    )


def _ids(table: RawTable) -> Names | None:
    column = find(table.heads or (), "recording id")
    return None if column is None else Names(*cell_values.names(table, column))


def _events(given: Given, settings: ReadSettings) -> tuple[Event, ...]:
    table = own_columns.beside(given, "events.csv")
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
    table = own_columns.beside(given, "blinks.csv")
    if table is None or samples.time is None:
        return samples
    start, end = (
        own_columns.time_of(table, own_columns.required(table, head), "ns", settings).values
        for head in ("start timestamp [ns]", "end timestamp [ns]")
    )
    ids, own = _ids(table), samples.names.get("recording")
    inside = np.zeros(len(samples), np.bool_)
    if ids is None or own is None:
        inside = own_columns.within(samples.time.values, start, end)
    else:
        for code, name in enumerate(ids.names):
            mine, spans = np.flatnonzero(np.array([n == name for n in own.names])[own.codes]), ids.codes == code
            inside[mine] = own_columns.within(samples.time.values[mine], start[spans], end[spans])
    return replace(samples, blink=np.stack([inside, inside], axis=1))
