"""PsychoPy's ioHub: its HDF5 files, and tables that were exported from them, with headings such as `left_pupil_measure1`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, SmilejaxError
from smilejax.readers.columns import column_roles, headings
from smilejax.readers.columns.column_roles import squeezed
from smilejax.readers.given import PACKED_SUFFIXES, Given
from smilejax.readers.samples import Event, Eye, NameRole, Names, PupilUnit, Samples, Time
from smilejax.readers.trackers import iohub_marks, iohub_tables
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

if TYPE_CHECKING:
    import h5py

NAME = "psychopy-iohub"
WORDS = "PsychoPy's ioHub"
SOFTWARE = "PsychoPy's ioHub (HDF5 with the extra smilejax[hdf5]; tables exported from it)"
LIMITS = "pupil_measure1 is read, pupil_measure2 is not"
USES = ADDED | PUPILS

SUFFIXES = (".hdf5", ".h5", ".hdf")
EYES = "data_collection/events/eyetracker"
MESSAGES = "data_collection/events/experiment/MessageEvent"
SESSIONS = "data_collection/session_meta_data"
CONDITIONS = "data_collection/condition_variables/EXP_CV_{experiment}"

LEFT_EYE, RIGHT_EYE = 21, 22
_MAGIC = b"\x89HDF\r\n\x1a\n"
_LOOKED_AT = 1 << 20
_STARTS, _ENDS = ("trialstart", "trialstarttime"), ("trialend", "trialendtime", "trialstop")
_CONDITION_ROLES: tuple[NameRole, ...] = ("trial", "block", "stimulus", "smiler", "label")

Table = npt.NDArray[np.void]


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is an HDF5 file with ioHub's groups, or a table with a heading `left_pupil_measure1` or `pupil_measure1`."""
    if given.is_file and given.suffix in SUFFIXES:
        try:
            start = bytes(given.start(_LOOKED_AT))
        except ReadError:
            return False
        return start.startswith(_MAGIC) and b"data_collection" in start
    if given.frame is None and not given.is_file:
        return False
    return headings.find(given.heads, *iohub_tables.PUPILS) is not None


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read ioHub's samples, messages, sessions and condition variables.

    Raises:
        ReadError: with file and place of what cannot be read, and a hint.
    """
    if not (given.is_file and given.suffix in SUFFIXES):
        return iohub_tables.read_table(given, settings)
    with _opened(given) as file:
        return _of_file(given.name, file)


@contextmanager
def _opened(given: Given) -> Iterator[h5py.File]:
    """The HDF5 file; whatever goes wrong inside is an error that names it."""
    try:
        import h5py
    except ImportError as error:
        raise ReadError(f"{given.name}: HDF5 files need the package h5py: pip install 'smilejax[hdf5]'") from error
    path = given.path
    assert path is not None
    try:
        packed = path.suffix.lower() in PACKED_SUFFIXES
        with h5py.File(io.BytesIO(given.raw()) if packed else path, "r") as file:
            yield file
    except SmilejaxError:
        raise
    except Exception as error:  # damaged files make the library raise nearly anything
        what = (" ".join(str(error).split()) or type(error).__name__)[:200].rstrip(".")
        raise ReadError(f"{given.name}: this is not a readable HDF5 file of ioHub ({what}). Export it anew.") from error


@dataclass(frozen=True, eq=False)
class _Rows:
    """Samples of one table of ioHub, or of several, one after the other."""

    session: npt.NDArray[np.int64]
    time: npt.NDArray[np.float64]
    pupil: npt.NDArray[np.float64]
    eyes: tuple[Eye, ...]
    units: dict[Eye, PupilUnit]
    invalid: npt.NDArray[np.bool_] | None
    findings: tuple[Finding, ...]


def _of_file(name: str, file: h5py.File) -> Samples:
    rows = _rows(name, file)
    sessions = _sessions(file, rows.session)
    names = dict(sessions.names)
    trials, zero, said = _conditions(file, rows)
    names.update(trials)
    return Samples(
        file=name,
        place="sample",
        line=np.arange(1, len(rows.time) + 1),
        pupil=rows.pupil,
        eyes=rows.eyes,
        units=(rows.units.get("left"), rows.units.get("right")),
        time=Time(rows.time, "s"),
        names=names,
        invalid=rows.invalid,
        events=_messages(file, sessions),
        zero=zero,
        findings=(*rows.findings, *sessions.findings, *said),
    )


def _rows(name: str, file: h5py.File) -> _Rows:
    """The samples of both eyes, or where there are none those of one."""
    both = _table(file, f"{EYES}/BinocularEyeSampleEvent", ("left_pupil_measure1", "right_pupil_measure1"))
    one = _table(file, f"{EYES}/MonocularEyeSampleEvent", ("pupil_measure1",))
    if both is None and one is None:
        raise ReadError(
            f"{name}: it holds no sample of an eye tracker; was the tracker recording, and its events saved?"
        )
    if both is None:
        assert one is not None
        return _of_one_eye(one)
    rows = _of_both_eyes(both)
    if one is None:
        return rows
    value = f"{len(one)} samples of one eye stand beside {len(both)} of both; they are left out"
    return _Rows(
        rows.session,
        rows.time,
        rows.pupil,
        rows.eyes,
        rows.units,
        rows.invalid,
        (*rows.findings, Finding("samples", value, "warning")),
    )


def _table(file: h5py.File, path: str, pupils: tuple[str, ...]) -> Table | None:
    """The fields that are used of a table of samples, or None where it has no rows."""
    if path not in file or not len(file[path]):
        return None
    data = file[path]
    wanted = ("experiment_id", "session_id", "time", "eye", "status", *pupils, *(f"{pupil}_type" for pupil in pupils))
    there = [field for field in wanted if field in (data.dtype.names or ())]
    lacking = [field for field in ("session_id", "time", *pupils) if field not in there]
    if lacking:
        raise ReadError(f"{file.filename}, {path}: there is no field {lacking[0]!r}, as ioHub writes it.")
    return np.asarray(data.fields(there)[()])


def _numbers(table: Table, field: str) -> npt.NDArray[np.float64]:
    """A field, or NaN where the table has none."""
    if field not in (table.dtype.names or ()):
        return np.full(len(table), np.nan)
    return table[field].astype(np.float64)


def _session_codes(table: Table) -> npt.NDArray[np.int64]:
    """`i64[S]`: one number for each session of each experiment."""
    experiment = np.nan_to_num(_numbers(table, "experiment_id")).astype(np.int64)
    return (experiment << 32) + table["session_id"].astype(np.int64)


def _of_both_eyes(table: Table) -> _Rows:
    pupil = np.stack([_numbers(table, f"{eye}_pupil_measure1") for eye in ("left", "right")], axis=1)
    kinds: dict[Eye, npt.NDArray[np.float64]] = {
        "left": _numbers(table, "left_pupil_measure1_type"),
        "right": _numbers(table, "right_pupil_measure1_type"),
    }
    units, kind = iohub_marks.pupil_units_of(kinds)
    invalid, said = iohub_marks.lost(_numbers(table, "status"), both=True)
    time = _numbers(table, "time")
    return _Rows(_session_codes(table), time, pupil, ("left", "right"), units, invalid, (*kind, *said))


def _of_one_eye(table: Table) -> _Rows:
    values, eye = _numbers(table, "pupil_measure1"), _numbers(table, "eye")
    pupil = np.full((len(table), 2), np.nan)
    pupil[:, 0] = np.where(eye == RIGHT_EYE, np.nan, values)
    pupil[eye == RIGHT_EYE, 1] = values[eye == RIGHT_EYE]
    named = set(np.unique(eye).tolist()) <= {LEFT_EYE, RIGHT_EYE}
    sides: tuple[tuple[Eye, int], ...] = (("left", LEFT_EYE), ("right", RIGHT_EYE))
    eyes = tuple(side for side, code in sides if named and (eye == code).any())
    found, kind = iohub_marks.pupil_units_of({"left": _numbers(table, "pupil_measure1_type")})
    units: dict[Eye, PupilUnit] = {"left": found["left"], "right": found["left"]} if found else {}
    invalid, said = iohub_marks.lost(_numbers(table, "status"), both=False)
    return _Rows(_session_codes(table), _numbers(table, "time"), pupil, eyes, units, invalid, (*kind, *said))


@dataclass(frozen=True, eq=False)
class _Sessions:
    """Names of the sessions, and which of them each sample belongs to."""

    names: Mapping[NameRole, Names]
    recording: Mapping[int, str]
    findings: tuple[Finding, ...]


def _sessions(file: h5py.File, session: npt.NDArray[np.int64]) -> _Sessions:
    """Who was recorded: the participant among the session's user variables, or the session's code."""
    found: dict[int, str] = {}
    people: dict[int, str] = {}
    by_code = False
    if SESSIONS in file:
        table = np.asarray(file[SESSIONS][()])
        for row, code in zip(table, _session_codes(table).tolist(), strict=True):
            found[code] = _text(row, "code")
            person = _participant(_text(row, "user_variables"))
            by_code |= person == "" and code in session
            people[code] = person or found[code]
    different, codes = np.unique(session, return_inverse=True)
    keys = [int(key) for key in different]
    recording = [found.get(key, "") for key in keys]
    if len(set(recording)) < len(keys) or "" in recording:
        recording = [f"{key >> 32} {key & 0xFFFFFFFF}" for key in keys]
    names: dict[NameRole, Names] = {"recording": Names(codes.astype(np.int64), tuple(recording))}
    if all(people.get(key) for key in keys):
        names["participant"] = _merged(codes.astype(np.int64), [people[key] for key in keys])
    findings = (Finding("participant", "the code of the session", "inferred"),) if by_code else ()
    return _Sessions(names, dict(zip(keys, recording, strict=True)), findings)


def _merged(codes: npt.NDArray[np.int64], texts: list[str]) -> Names:
    """Names of rows, where several codes may stand for one name."""
    names = Names.of(texts)
    return Names(names.codes[codes], names.names)


def _text(row: np.void, field: str) -> str:
    if field not in (row.dtype.names or ()):
        return ""
    value = row[field]
    return value.decode("utf-8", "replace").strip("\x00 ") if isinstance(value, bytes) else str(value).strip()


def _participant(variables: str) -> str:
    """The participant among a session's user variables, which are JSON; empty where there is none."""
    try:
        known = json.loads(variables)
    except ValueError:
        return ""
    if not isinstance(known, dict):
        return ""
    spelled = {squeezed(str(key)): str(value).strip() for key, value in known.items()}
    return next((spelled[a] for a in column_roles.ALIASES["participant"] if spelled.get(a)), "")


def _messages(file: h5py.File, sessions: _Sessions) -> tuple[Event, ...]:
    if MESSAGES not in file:
        return ()
    table = np.asarray(file[MESSAGES][()])
    codes, times = _session_codes(table).tolist(), _numbers(table, "time").tolist()
    events = []
    for row, code, time in zip(table, codes, times, strict=True):
        category = _text(row, "category")
        parts = {"category": category} if category else {}
        if code in sessions.recording:
            events.append(Event(time, _text(row, "text"), sessions.recording[code], parts=parts))
    return tuple(events)


def _conditions(
    file: h5py.File, rows: _Rows
) -> tuple[dict[NameRole, Names], npt.NDArray[np.float64] | None, tuple[Finding, ...]]:
    """Trials by the condition variables, where these have the time of each trial's start and end."""
    which = np.full(len(rows.time), -1, np.int64)
    onset = np.full(len(rows.time), np.nan)
    texts: dict[NameRole, list[str]] = {role: [] for role in _CONDITION_ROLES}
    for experiment in np.unique(rows.session >> 32).tolist():
        path = CONDITIONS.format(experiment=experiment)
        if path not in file:
            continue
        table = np.asarray(file[path][()])
        fields = {squeezed(field): field for field in table.dtype.names or ()}
        start, end = (next((fields[s] for s in spelled if s in fields), None) for spelled in (_STARTS, _ENDS))
        session = fields.get("sessionid")
        if start is None or end is None or session is None:
            continue
        before = len(texts["trial"])
        for role in _CONDITION_ROLES:
            field = next((fields[a] for a in column_roles.ALIASES[role] if a in fields), None)  # type: ignore[index]
            numbered = [str(i + 1) for i in range(len(table))] if role == "trial" else [""] * len(table)
            texts[role] += numbered if field is None else [_text(row, field) for row in table]
        key = (experiment << 32) + table[session].astype(np.int64)
        _place(which, onset, rows, key, _numbers(table, start), _numbers(table, end), before)
    if not (which >= 0).any():
        return {}, None, ()
    names = {role: _merged(which, [*found, ""]) for role, found in texts.items() if any(found)}
    value = f"{len(np.unique(which[which >= 0]))}, by the start and end of each among the condition variables"
    return names, onset, (Finding("trials", value, "recognised"),)


def _place(
    which: npt.NDArray[np.int64],
    onset: npt.NDArray[np.float64],
    rows: _Rows,
    session: npt.NDArray[np.int64],
    start: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    first: int,
) -> None:
    """Note for each sample in which trial it stands, counted from `first`, and when that began."""
    for code in np.unique(session):
        trials = np.flatnonzero((session == code) & ~np.isnan(start) & ~np.isnan(end))
        trials = trials[np.argsort(start[trials], kind="stable")]
        mine = np.flatnonzero(rows.session == code)
        if not len(trials) or not len(mine):
            continue
        at = np.searchsorted(start[trials], rows.time[mine], "right") - 1
        inside = (at >= 0) & (rows.time[mine] <= end[trials][np.maximum(at, 0)])
        which[mine[inside]] = first + trials[at[inside]]
        onset[mine[inside]] = start[trials][at[inside]]
