"""Trials out of a continuous recording: by its messages, or by a table of events. Time zero is at the event."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.number_text import several
from smilejax.readers.assembly.time_units import inferred_unit
from smilejax.readers.columns import cell_values, column_roles
from smilejax.readers.columns.eye_rows import take_rows
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given
from smilejax.readers.name_patterns import PARTS, blocks_are_named, compiled
from smilejax.readers.samples import SECONDS, Event, NameRole, Names, Samples, TimeUnit
from smilejax.recordings.source import Finding, How
from smilejax.settings import ReadSettings

_FIRST_WORD = re.compile(r"[^\W\d_]+[\s_:.\-]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_OF_EYELINK = re.compile(r"!|(VALIDATE|DRIFTCORRECT|RECCFG|ELCL\w*|GAZE_COORDS|THRESHOLDS|DISPLAY_COORDS|CAMERA_\w*)\b")
"""Messages of EyeLink's own: calibration, validation, drift correction, set-up."""
HALF_STEP = 0.499
"""Of the time between samples: as far from a sample as this, it is the nearest."""

MOST_CLASSES = 6
"""So many different messages may be classes."""

MOST_KINDS = 8
"""So many kinds of messages are tried."""

_BEGIN_WORDS = ("onset", "start", "begin", "trial", "stim", "show", "video")


@dataclass(frozen=True)
class _Onset:
    """A trial's onset: on the clock of the samples, with its names, and its end where that is known."""

    time: float
    names: dict[NameRole, str]
    recording: str
    duration: float | None
    line: int


def cut(samples: Samples, settings: ReadSettings) -> Samples:
    """The samples of trials, with their names and time zero, where `trials_from` or `events` are set; else as they are.

    A trial goes from its event, or from the begin of `window_ms`, to the end of `window_ms`; without a window to the end of its
    event's duration, or to the next event, or to the end of the recording.

    Raises:
        ReadError: there are no messages, none fits the pattern, or an event lies outside the recording.
    """
    if settings.trials_from is None and settings.events is None:
        return samples
    if samples.time is None:
        raise ReadError(
            f"{samples.file}: trials are cut by time, and there is none. Name its column: {SETTING.time} NAME"
        )
    if settings.events is not None:
        onsets, findings = _from_table(samples, settings)
    else:
        onsets, findings = _from_messages(samples, settings)
    onsets, repeated = _once(onsets)
    rows, trial, zero = _rows_of(samples, onsets, settings.window_ms, _seconds(samples))
    cut_out = take_rows(samples, rows)
    names = dict(cut_out.names)
    for role in PARTS:
        if role == "participant" and role in names and not any(o.names.get(role) for o in onsets):
            continue
        given = [o.names.get(role, "") for o in onsets]
        if any(given):
            names[role] = Names.of(given).take(trial)
    apart: tuple[NameRole, ...] = ("participant", "block") if blocks_are_named(settings) else ("participant",)
    titles, numbered = _trial_names(onsets, [names[role] for role in apart if role in names], trial)
    names["trial"] = Names.of(titles).take(trial)
    findings = (*samples.findings, *findings, *repeated, *numbered)
    return replace(cut_out, names=names, zero=zero, onset=trial, findings=findings)


def _once(onsets: list[_Onset]) -> tuple[list[_Onset], tuple[Finding, ...]]:
    """Onsets without those that stand in the file twice: the same samples would be two trials."""
    first: dict[tuple[object, ...], _Onset] = {}
    for onset in onsets:
        first.setdefault((onset.recording, onset.time, *sorted(onset.names.items())), onset)
    if len(first) == len(onsets):
        return onsets, ()
    value = f"{len(onsets) - len(first)} stand there again, at the same time and with the same names; each is used once"
    return list(first.values()), (Finding("repeated events", value, "warning"),)


def _from_messages(samples: Samples, settings: ReadSettings) -> tuple[list[_Onset], tuple[Finding, ...]]:
    assert settings.trials_from is not None
    pattern = compiled(settings.trials_from, "trials_from")
    if not samples.events:
        raise ReadError(
            f"{samples.file}: {SETTING.trials_from} reads messages, and there are none. Name their column: "
            f"{SETTING.message} NAME. Where they stand in another table of an export folder, give the folder."
        )
    onsets = []
    for event in samples.events:
        parts = pattern.parts(event.text)
        if parts is not None:
            known = {role: event.parts[role] for role in PARTS if role in event.parts}
            onsets.append(_Onset(event.time, {**known, **parts}, event.recording, event.duration, event.line))
    if not onsets:
        raise ReadError(
            f"{samples.file}: no message fits {settings.trials_from!r} ({SETTING.trials_from}). The messages are: "
            f"{message_kinds(samples.events)}."
        )
    value = f"{len(onsets)} of {len(samples.events)} messages fit {settings.trials_from!r}"
    return onsets, (Finding("trials", value, "given"),)


def message_kinds(events: Sequence[Event], most: int = 8) -> str:
    """The messages of a recording by kind, digits aside: `TRIALID 1 (48 alike)`; those of the tracker itself only where there
    are no others."""
    kinds: dict[str, list[str]] = {}
    for text in _texts(events):
        kinds.setdefault("".join("#" if c.isdigit() else c for c in text), []).append(text)
    shown = [repr(texts[0][:60]) + (f" ({len(texts)} alike)" if len(texts) > 1 else "") for texts in kinds.values()]
    return listed(shown, most)


@dataclass(frozen=True)
class Suggested:
    """How trials could be cut by the messages of a recording.

    Arguments:
        pattern: for `trials_from`.
        trials: how many it would cut.
        rule: for `label_from`, where the messages seem to hold the class; else None.
    """

    pattern: str
    trials: int
    rule: str | None = None


def suggested_cut(samples: Samples) -> Suggested | None:
    """A pattern for `trials_from` that would cut trials, or None where no kind of message does.

    Messages are grouped by their first word: `ONSET_Easy1` and `ONSET_Hard3` are of one kind. Words of a begin go before
    others, and the commoner kind before the rarer one. A kind of which some are not followed by samples is none.
    """
    return next((way for way in _likely(samples.events) if _would_cut(samples, way.pattern)), None)


def general_cut(samples: Samples) -> Suggested | None:
    """A pattern that takes whole messages, as classes where few kinds of them stand there, else as names of trials; or None
    where not all of them begin trials."""
    kinds = {event.text for event in samples.events if event.text}
    pattern = "{label}" if len(kinds) <= MOST_CLASSES else "{trial}"
    return Suggested(pattern, len(samples.events)) if _would_cut(samples, pattern) else None


def _would_cut(samples: Samples, trials_from: str) -> bool:
    """Whether samples follow every message that fits the pattern."""
    if samples.time is None:
        return True
    pattern = compiled(trials_from, "trials_from")
    onsets = [
        _Onset(event.time, parts, event.recording, event.duration, event.line)
        for event in samples.events
        if (parts := pattern.parts(event.text)) is not None
    ]
    try:
        _rows_of(samples, _once(onsets)[0], None, _seconds(samples))
    except ReadError:
        return False
    return bool(onsets)


def _likely(events: Sequence[Event]) -> list[Suggested]:
    """Patterns for the kinds of messages that come again, the likelier ones first."""
    kinds: dict[str, list[str]] = {}
    for text in _texts(events):
        found = _FIRST_WORD.match(text)
        if found is not None and len(found[0]) < len(text):
            kinds.setdefault(found[0], []).append(text[len(found[0]) :])
    many = {
        word: rests
        for word, rests in kinds.items()
        if len(set(rests)) > 1 or (len(rests) > 1 and any(begin in word.casefold() for begin in _BEGIN_WORDS))
    }
    words = sorted(
        many, key=lambda w: (any(begin in w.casefold() for begin in _BEGIN_WORDS), len(many[w])), reverse=True
    )
    return [_of_kind(word, many[word]) for word in words[:MOST_KINDS]]


def _of_kind(word: str, rests: Sequence[str]) -> Suggested:
    """The pattern of messages that begin with a word, by what stands behind it."""
    if len(set(rests)) == 1 < len(rests):  # alike in all: it begins trials, and names no trial and no stimulus
        return Suggested(word + rests[0], len(rests))
    heads = sorted({found[0] for rest in rests if (found := _LETTERS.match(rest)) is not None})
    if 2 <= len(heads) <= 3 and all(re.fullmatch(r"[^\W\d_]+\d+", rest) for rest in rests):
        rule = "stimulus: " + ", ".join(f"{head}* = {head}" for head in heads)
        return Suggested(word + "{stimulus}", len(rests), rule)
    return Suggested(word + ("{trial}" if len(set(rests)) == len(rests) else "{stimulus}"), len(rests))


def _texts(events: Sequence[Event]) -> list[str]:
    """Texts of messages with single spaces, without those of EyeLink itself where there are others."""
    texts = [" ".join(event.text.split()) for event in events]
    return [text for text in texts if not _OF_EYELINK.match(text)] or texts


def _from_table(samples: Samples, settings: ReadSettings) -> tuple[list[_Onset], tuple[Finding, ...]]:
    given = Given(Path(str(settings.events)))
    if not given.is_file:
        raise ReadError(f"{given.name}: there is no such file ({SETTING.events}).")
    table = raw_table.headed(raw_table.load_table(given))
    heads = table.heads or ()
    at = _columns_of(heads)
    if "onset" not in at and "time" in at:
        at["onset"] = at["time"]
    if "onset" not in at:
        raise ReadError(
            f"{given.name}: an events table needs a column onset. The columns are: {listed(map(repr, heads))}."
        )
    unit = column_roles.time_unit(heads[at["onset"]])
    clock = _unit(samples)
    factor = SECONDS[unit or "s"] / SECONDS[clock]
    onset = cell_values.numbers(table, at["onset"], settings.decimal)
    if unit is None and not _inside(onset * factor, samples) and _inside(onset, samples):
        unit, factor = clock, 1.0
    duration, lasting = onset * np.nan, factor
    if "duration" in at:
        duration = cell_values.numbers(table, at["duration"], settings.decimal)
        lasting = SECONDS[column_roles.time_unit(heads[at["duration"]]) or unit or "s"] / SECONDS[clock]
    columns: dict[NameRole, Names] = {role: Names(*cell_values.names(table, at[role])) for role in PARTS if role in at}
    pattern = None if settings.trials_from is None else compiled(settings.trials_from, "trials_from")
    if pattern is not None and "message" not in at:
        raise ReadError(
            f"{given.name}: {SETTING.trials_from} reads messages, and this table of events has no column of them. The columns "
            f"are: {listed(map(repr, heads))}. Leave out one of {SETTING.trials_from} and {SETTING.events}."
        )
    said = Names(*cell_values.names(table, at["message"])) if "message" in at else None
    onsets = []
    for row in np.flatnonzero(np.isfinite(onset)).tolist():
        names = {role: column.at(row) for role, column in columns.items()}
        if pattern is not None and said is not None:
            parts = pattern.parts(said.at(row))
            if parts is None:
                continue
            names |= parts
        lasts = float(duration[row]) * lasting if np.isfinite(duration[row]) and duration[row] > 0 else None
        onsets.append(
            _Onset(float(onset[row]) * factor, names, names.get("participant", ""), lasts, int(table.line[row]))
        )
    if not onsets and said is not None and settings.trials_from is not None:
        raise ReadError(
            f"{given.name}: no message fits {settings.trials_from!r} ({SETTING.trials_from}). The messages are: "
            f"{message_kinds([Event(0.0, text) for text in said.names])}."
        )
    if not onsets:
        raise ReadError(f"{given.name}: no row has an onset.")
    written = column_roles.time_unit(heads[at["onset"]])
    how = "as the heading says" if written else "as the samples, among which they stand" if unit else "as in BIDS"
    return onsets, (
        Finding(
            "trials",
            f"{len(onsets)} events of {given.path.name if given.path else ''}, in {unit or 's'}, {how}",
            "given",
        ),
    )


def _inside(onset: npt.NDArray[np.float64], samples: Samples) -> bool:
    """Whether any of these times stands among those of the samples."""
    assert samples.time is not None
    values = samples.time.values
    known = onset[np.isfinite(onset)]
    return bool(len(values) and ((known >= float(np.nanmin(values))) & (known <= float(np.nanmax(values)))).any())


def _columns_of(heads: Sequence[str]) -> dict[str, int]:
    """Which column of an events table plays which role, by the headings that tables of samples have too, and duration."""
    spelled: dict[str, list[str]] = dict(column_roles.ALIASES.items()) | {"duration": ["duration"]}
    at: dict[str, int] = {}
    for role, spellings in spelled.items():
        for column, head in enumerate(heads):
            names = column_roles.parse(head, tuple(column_roles.TIME_UNITS)).spellings
            if role not in at and {column_roles.squeezed(head), *names} & set(spellings):
                at[role] = column
    return at


def _unit(samples: Samples) -> TimeUnit:
    assert samples.time is not None
    return samples.time.unit or inferred_unit(samples.file, samples.time.values)


def _seconds(samples: Samples) -> float:
    return SECONDS[_unit(samples)]


def _rows_of(
    samples: Samples, onsets: list[_Onset], window_ms: tuple[float, float] | None, seconds: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Rows of all trials one after the other, which trial each belongs to, and the time of its onset.

    An event between two samples counts as at the nearer one, where its onset will lie; so do begin and end.
    """
    assert samples.time is not None
    values = samples.time.values
    per_ms = 1e-3 / seconds
    before = min(0.0, window_ms[0]) * per_ms if window_ms else 0.0
    rows, trials, zeros = [], [], []
    for group, mine in _by_recording(samples, onsets):
        order = group[np.argsort(values[group], kind="stable")]
        clock = values[order]
        starts = sorted(onsets[i].time for i in mine)
        half = HALF_STEP * float(np.median(np.diff(clock))) if len(clock) > 1 else 0.0
        for i in mine:
            onset = onsets[i]
            end = _end(onset, starts, window_ms, per_ms)
            first = int(np.searchsorted(clock, _near(onset.time + before - half, seconds)))
            last = len(clock) if end is None else int(np.searchsorted(clock, _near(end - half, seconds)))
            if last <= first:
                raise ReadError(
                    f"{samples.file}, {samples.place} {onset.line}: no sample stands in the trial that "
                    "begins with this event at "
                    f"{onset.time:.12g}; the samples go from {clock[0]} to {clock[-1]}. Are they on one clock, in one unit? "
                    f"{SETTING.time} NAME takes another clock of the recording; a heading as 'onset [ms]' names the unit of "
                    "the events."
                )
            found = _of_one_recording(samples, order[first:last], onset.time, half)
            rows.append(found)
            trials.append(np.full(len(found), i, np.int64))
            zeros.append(np.full(len(found), onset.time, np.float64))
    return np.concatenate(rows), np.concatenate(trials), np.concatenate(zeros)


def _near(time: float, seconds: float) -> float:
    """A time a little earlier, by a microsecond: printed times are rounded."""
    return time - 1e-6 / seconds


def _end(onset: _Onset, starts: list[float], window_ms: tuple[float, float] | None, per_ms: float) -> float | None:
    if window_ms is not None:
        return onset.time + window_ms[1] * per_ms
    if onset.duration is not None:
        return onset.time + onset.duration
    return next((later for later in starts if later > onset.time), None)


def _by_recording(samples: Samples, onsets: list[_Onset]) -> list[tuple[npt.NDArray[np.int64], list[int]]]:
    """Rows that share a clock, with the events that stand on it."""
    for role in ("participant", "recording"):
        if role not in samples.names:
            continue
        names = samples.names[role]  # type: ignore[index]
        if all(onset.recording in names.names for onset in onsets):
            groups = []
            for code, name in enumerate(names.names):
                mine = [i for i, onset in enumerate(onsets) if onset.recording == name]
                if mine:
                    groups.append((np.flatnonzero(names.codes == code), mine))
            return groups
    return [(np.arange(len(samples)), list(range(len(onsets))))]


def _of_one_recording(
    samples: Samples, rows: npt.NDArray[np.int64], onset: float, half: float
) -> npt.NDArray[np.int64]:
    """Those of a trial's rows, in the order of their times, that stand in the recording of its onset: a trial ends where the
    recording does.

    Raises:
        ReadError: several recordings run at once on their clocks, so that an event that names none has no place.
    """
    recordings = samples.names.get("recording")
    if recordings is None:
        return rows
    assert samples.time is not None
    codes = recordings.codes[rows]
    if np.count_nonzero(np.diff(codes)) >= len(np.unique(codes)):
        both = listed(repr(recordings.names[code]) for code in np.unique(codes).tolist())
        raise ReadError(
            f"{samples.file}: the clocks of the recordings {both} overlap, and the event at {onset:.12g} does not say in which "
            "of them it stands. Name its participant in a column of the table of events, or cut trials by the recordings' own "
            f"messages ({SETTING.trials_from})."
        )
    at = min(int(np.searchsorted(samples.time.values[rows], onset - half)), len(rows) - 1)
    return rows[codes == codes[at]]


def _trial_names(
    onsets: list[_Onset], apart: Sequence[Names], trial: npt.NDArray[np.int64]
) -> tuple[list[str], tuple[Finding, ...]]:
    """A name for every trial: what the event calls it, else its stimulus, else its class, else its number; a name that comes
    again is numbered, also in another recording, where none of the names `apart` of its rows sets it apart.

    `trial` is the onset of each row, `i64[S]`, rising.
    """
    first = np.searchsorted(trial, np.arange(len(onsets)))
    counts: dict[tuple[str, ...], list[str]] = {}
    found, again, elsewhere = [], [], 0
    for number, onset in enumerate(onsets):
        name = onset.names.get("trial") or onset.names.get("stimulus") or onset.names.get("label") or str(number + 1)
        if onset.names.get("block"):
            name = f"{onset.names['block']} {name}"
        row = int(first[number])
        key = (*(names.at(row) for names in apart), name)
        before = counts.setdefault(key, [])
        elsewhere += bool(before) and onset.recording not in before
        before.append(onset.recording)
        found.append(name if len(before) == 1 else f"{name} ({len(before)})")
        again += [found[-1]] if len(before) > 1 else []
    said = f"{several(len(again), 'trial')}, numbered: {listed(again, 3)}"
    if elsewhere:
        said += f". {elsewhere} of them in another recording, or block of it, than the first of the name"
    how: How = "warning" if elsewhere else "inferred"
    return found, (Finding("names that come again", said, how),) if again else ()
