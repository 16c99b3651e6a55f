"""Sample reports of SR Research's EyeLink Data Viewer: a row per sample, columns that the user chose, `.` for missing."""

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns import cell_values, chosen_columns, column_roles, decimal_mark
from smilejax.readers.columns.eye_rows import EYE_WORDS
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, Event, NameRole, Names, Samples, Time
from smilejax.readers.tables import tidy_table
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "eyelink-data-viewer"
WORDS = "EyeLink Data Viewer, sample report"
SOFTWARE = "SR Research EyeLink Data Viewer (.txt, and text that it calls .xls)"
LIMITS = "sample reports only; whether sizes are areas or diameters is not written there"
USES = ADDED | PUPILS | {"eye", "blink", "blink_left", "blink_right"}

_PUPILS = ("LEFT_PUPIL_SIZE", "RIGHT_PUPIL_SIZE", "AVERAGE_PUPIL_SIZE")
_CLOCKS = ("TIMESTAMP", "SAMPLE_INDEX")
_TRIALS = ("TRIAL_INDEX", "TRIAL_LABEL")
_SESSION = "RECORDING_SESSION_LABEL"
_TRACKED = ("EYE_TRACKED", "EYE_REPORTED")
_ONSETS = ("IP_START_TIME", "TRIAL_START_TIME")
_OWN: dict[str, tuple[str, ...]] = {
    "participant": (_SESSION,),
    "time": ("TIMESTAMP",),
    "left": ("LEFT_PUPIL_SIZE",),
    "right": ("RIGHT_PUPIL_SIZE",),
    "blink_left": ("LEFT_IN_BLINK",),
    "blink_right": ("RIGHT_IN_BLINK",),
    "onset": _ONSETS,
    "message": ("SAMPLE_MESSAGE",),
}
"""Data Viewer's columns by the setting that another column would be named with."""

_TRIAL_MS = 600_000.0
"""A trial's start lies within ten minutes of its samples, if both are on one clock."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether the headings are Data Viewer's: a pupil size, a time or number of the sample, and a session or trial."""
    heads = {head.upper() for head in given.heads}
    return all(heads & set(some) for some in (_PUPILS, _CLOCKS, (_SESSION, *_TRIALS)))


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a sample report.

    Raises:
        ReadError: with file, line, column and value of what cannot be read, and a hint.
    """
    loaded = raw_table.load_table(given, settings.sheet, columns=partial(_used_columns, given.name, settings))
    table = raw_table.without_empty_rows(raw_table.headed(loaded))
    tracked = _tracked(table)
    settings, decimal = decimal_mark.of_pupils(table, [_at(table, head) for head in _PUPILS], settings)
    ours = _with_own_columns(table, settings)
    samples = tidy_table.of_table(_without_misleading(table, settings), ours)
    samples = replace(
        samples,
        names={role: _without_points(names) for role, names in samples.names.items()},
        units=("au", "au"),
        findings=(*decimal, *_said(samples.findings, ours, settings)),
    )
    if samples.time is not None and samples.time.unit is None:
        samples = replace(samples, time=Time(samples.time.values, "ms"))
    samples = _with_eyes(samples, tracked)
    samples = _with_saccades(samples, table)
    samples = _with_zero(samples)
    names: dict[NameRole, Names] = dict(samples.names)
    if (session := _names(table, _SESSION)) is not None and len(session.names) > 1:
        names["recording"] = session
    return replace(samples, names=names, events=_events(samples, table, ours, names.get("recording")))


def _used_columns(name: str, settings: ReadSettings, heads: tuple[str, ...]) -> Columns:
    """Columns with a role as they are called here, and those that say which eye, session and saccade a row is of."""
    table = chosen_columns.headings_only(name, heads)
    ours = _with_own_columns(table, settings)
    shown = _without_misleading(table, settings).heads or ()
    there = [i for i, head in enumerate(heads) if head in shown]
    roles = column_roles.recognise(name, shown, ours)
    at = {role: there[column] for role, column in roles.at.items()}
    placed = replace(roles, at=at, trial=tuple(there[column] for column in roles.trial))
    texts = [_at(table, *own) for own in (_TRACKED, (_SESSION,), ("LEFT_IN_SACCADE",), ("RIGHT_IN_SACCADE",))]
    texts += [i for i, head in enumerate(heads) if ours.message and head.casefold() == ours.message.casefold()]
    return chosen_columns.of_roles(placed, settings, texts=texts)


def _at(table: RawTable, *heads: str) -> int | None:
    """Position of the first of these columns that the table has."""
    there = [head.upper() for head in table.heads or ()]
    return next((there.index(head) for head in heads if head in there), None)


def _with_own_columns(table: RawTable, settings: ReadSettings) -> ReadSettings:
    """The settings, with Data Viewer's columns where they name none."""
    heads = table.heads or ()
    chosen: dict[str, str | tuple[str, ...]] = {}
    for setting, own in _OWN.items():
        column = _at(table, *own)
        if column is not None and getattr(settings, setting) is None:
            chosen[setting] = heads[column]
    if settings.time is not None:
        chosen.pop("onset", None)  # it is on the clock of TIMESTAMP
    for setting in ("pupil", "blink"):
        if getattr(settings, setting) is not None:  # one column for both eyes goes before theirs
            pair = ("left", "right") if setting == "pupil" else ("blink_left", "blink_right")
            chosen = {k: v for k, v in chosen.items() if k not in pair}
    one_blink = settings.blink is None and not {"blink_left", "blink_right"} & chosen.keys()
    if one_blink and (column := _at(table, "AVERAGE_IN_BLINK")) is not None:
        chosen["blink"] = heads[column]
    if not settings.trial and (column := _at(table, *_TRIALS)) is not None:
        chosen["trial"] = (heads[column],)
    given = {name for name in _OWN if getattr(settings, name) is not None}
    taken = {getattr(settings, name) for name in given} | set(settings.trial)
    return replace(settings, **{k: v for k, v in chosen.items() if v not in taken})  # type: ignore[arg-type]


def _said(findings: tuple[Finding, ...], ours: ReadSettings, settings: ReadSettings) -> tuple[Finding, ...]:
    """The findings, where what this reader chose is recognised and not given, with what Data Viewer's sizes are."""
    said = []
    for finding in findings:
        role = finding.what.removeprefix("column: ")
        chosen = finding.what.startswith("column: ") and getattr(ours, role, None) != getattr(settings, role, None)
        said.append(replace(finding, how="recognised") if chosen else finding)
    size = "in arbitrary units (au), an area or a diameter, as the tracker was set; the report does not say which"
    return (*said, Finding("pupil", size, "recognised"))


def _without_misleading(table: RawTable, settings: ReadSettings) -> RawTable:
    """The table without columns that mean something else elsewhere: EYE_TRACKED is no row for each eye, and the start of trials
    is no onset on a clock that the settings name."""
    heads = table.heads or ()
    hidden = {*_TRACKED, *(_ONSETS if settings.time is not None else ())}
    wanted = (settings.eye, settings.onset)
    keep = [i for i, head in enumerate(heads) if head.upper() not in hidden or head in wanted]
    moved = {i: position for position, i in enumerate(keep) if i in table.cells}
    cells = table.cells[list(moved)].rename(columns=moved)
    return replace(table, cells=cells, heads=tuple(heads[i] for i in keep))


def _tracked(table: RawTable) -> set[str]:
    """The words by which the table says whose eye was tracked: left, right or both."""
    column = _at(table, *_TRACKED)
    words = cell_values.names(table, column)[1] if column is not None else ()
    return {word.casefold() for word in words if word not in ("", ".")}


def _with_eyes(samples: Samples, tracked: set[str]) -> Samples:
    """The samples with the eyes that were recorded: not one whose column is empty, and the one that the table names."""
    if samples.eyes:
        seen = tuple(eye for eye in samples.eyes if np.isfinite(samples.pupil[:, EYES_IN_ORDER.index(eye)]).any())
        return replace(samples, eyes=seen or samples.eyes)
    named = {EYE_WORDS.get(word) for word in tracked}
    eye = named.pop() if len(named) == 1 else None
    if eye is None:
        return samples
    return replace(samples, eyes=(eye,), pupil=samples.pupil if eye == "left" else samples.pupil[:, ::-1])


def _with_saccades(samples: Samples, table: RawTable) -> Samples:
    """The samples whose blinks go as far as the saccade around each, which is the eyelid's movement."""
    if samples.blink is None:
        return samples
    marks, used = samples.blink.copy(), []
    for eye, side in enumerate(("LEFT", "RIGHT")):
        column = _at(table, f"{side}_IN_SACCADE")
        if column is not None:
            used.append((table.heads or ())[column])
            moving = cell_values.numbers(table, column) > 0
            marks[:, eye] = _runs_with(moving | marks[:, eye], marks[:, eye], _changes(samples))
    if not used:
        return samples
    said = Finding("blinks", "each marked with the saccade around it", "recognised")
    unused = tuple(head for head in samples.unused if head not in used)
    return replace(samples, blink=marks, findings=(*samples.findings, said), unused=unused)


def _changes(samples: Samples) -> npt.NDArray[np.bool_]:
    """`bool[S]`: in which rows another trial or participant begins."""
    new = np.zeros(len(samples), np.bool_)
    for role in ("participant", "trial"):
        if role in samples.names:
            codes = samples.names[role].codes
            new[1:] |= codes[1:] != codes[:-1]
    return new


def _runs_with(
    run: npt.NDArray[np.bool_], mark: npt.NDArray[np.bool_], new: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """The runs of `run`, which end where `new` is, that hold a mark."""
    begins = run & (new | ~np.concatenate(([False], run[:-1])))
    number = np.cumsum(begins)
    marked = np.zeros(int(number[-1]) + 1, np.bool_) if len(number) else np.zeros(1, np.bool_)
    marked[number[run & mark]] = True
    return run & marked[number]


def _with_zero(samples: Samples) -> Samples:
    """The samples without an onset that is no time, or not on their clock, as where the time counts from the trial's start."""
    if samples.zero is None or samples.time is None:
        return replace(samples, zero=None)
    since = samples.time.values - samples.zero
    since = since[np.isfinite(since)]
    near = len(since) and since.max() >= 0 and np.median(np.abs(since)) <= _TRIAL_MS
    if near and _is_of_trials(samples, samples.zero):
        return samples
    why = (
        "is not on the clock of the samples"
        if not near
        else "is no time: it changes within a trial, or is one for all,"
    )
    said = Finding("onset", f"the start of trials {why} and is not used", "warning")
    return replace(samples, zero=None, findings=(*samples.findings, said))


def _is_of_trials(samples: Samples, zero: npt.NDArray[np.float64]) -> bool:
    """Whether the start of trials is one number in each, and another in the next where the clock of the samples runs on."""
    assert samples.time is not None
    new = _changes(samples)
    known = np.isfinite(zero)
    if (known[1:] & known[:-1] & ~new[1:] & (zero[1:] != zero[:-1])).any():
        return False
    begin = np.concatenate(([0], np.flatnonzero(new)))
    begin = begin[known[begin]]
    runs_on = len(begin) > 1 and bool((np.diff(samples.time.values[begin]) > 0).all())
    return not (runs_on and (zero[begin] == zero[begin[0]]).all())


def _names(table: RawTable, head: str) -> Names | None:
    column = _at(table, head)
    return None if column is None else Names(*cell_values.names(table, column))


def _without_points(names: Names) -> Names:
    """Names, where a point is none."""
    plain = Names.of(["" if name == "." else name for name in names.names])
    return Names(plain.codes[names.codes], plain.names)


def _events(samples: Samples, table: RawTable, ours: ReadSettings, recording: Names | None) -> tuple[Event, ...]:
    """The messages at their samples. Several at one sample are parted by semicolons."""
    if ours.message is None or samples.time is None:
        return ()
    column = next((i for i, head in enumerate(table.heads or ()) if head.casefold() == ours.message.casefold()), None)
    if column is None:
        raise ReadError(f"{table.name}: there is no column {ours.message!r} ({SETTING.message}).")
    codes, texts = cell_values.names(table, column)
    filled = np.array([text not in ("", ".") for text in texts])[codes]
    return tuple(
        Event(
            samples.time.values[row].item(),
            text,
            "" if recording is None else recording.at(row),
            int(table.line[row]),
            row,
        )
        for row in np.flatnonzero(filled).tolist()
        for piece in texts[codes[row]].split(";")
        if (text := piece.strip())
    )
