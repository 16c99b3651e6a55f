"""EyeLink recordings as text (.asc), as SR Research's edf2asc writes them from EDF files.

A file has blocks from START to END, each with samples, blinks, saccades and fixations; messages stand in between. Samples hold
gaze and pupil of one or two eyes: `time x y pupil ...` or `time x y pupil x y pupil ...`. A blink has a pupil of 0.
"""

import bisect
import math
import re

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError, listed
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, Event, NameRole, Names, PupilUnit, Samples, Time
from smilejax.readers.trackers import asc_lines, asc_log, asc_trials
from smilejax.readers.trackers.asc_lines import Floats, Ints, Lines, SampleFields
from smilejax.readers.trackers.asc_log import Log, SampleColumns, Span
from smilejax.readers.trackers.asc_trials import TrialNames
from smilejax.readers.used_settings import NAMES
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "eyelink-asc"
WORDS = "EyeLink ASC, as edf2asc writes it"
SOFTWARE = "SR Research edf2asc (EyeLink II, 1000, 1000 Plus, Portable Duo)"
LIMITS = "EDF files themselves are not read; sizes are arbitrary units, area or diameter as the file says"
USES = NAMES

_EDF = b"SR_RESEARCH"
_START = re.compile(r"START\s+\d+(\.\d+)?\s+(LEFT|RIGHT)\b")
_UNITS: dict[str, PupilUnit] = {"AREA": "au2", "DIAMETER": "au"}
_HALF_MS_HZ = 2000.0


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether a text begins as edf2asc begins, or has its START and PUPIL or SAMPLES lines. An EDF file is refused later."""
    if given.suffix == ".edf":
        return _is_edf(given)
    lines = given.lines
    if any(line.startswith("**") and ("edfapi" in line or "EDF_FILE" in line) for line in lines[:20]):
        return True
    started = any(_START.match(line) for line in lines)
    return started and any(line.startswith(("SAMPLES\t", "PUPIL\t", "SAMPLES ", "PUPIL ")) for line in lines)


def _is_edf(given: Given) -> bool:
    try:
        return given.start(len(_EDF)) == _EDF
    except ReadError:
        return False


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read an ASC file.

    Raises:
        ReadError: with file, line and value of what cannot be read, and a hint.
    """
    if given.suffix == ".edf":
        raise ReadError(
            f"{given.name}: EDF files are binary. Convert it with SR Research's edf2asc and give the .asc file."
        )
    lines = asc_lines.split_lines(given.raw(), given.name)
    whole, cut = _whole_lines(lines)
    digit = lines.begin_with_digit()[:whole]
    log = asc_log.read(lines, np.flatnonzero(~digit))
    rows = np.flatnonzero(digit)
    if not len(rows):
        raise ReadError(
            f"{given.name}: there is no sample in it. Convert the EDF file with samples (edf2asc without -e)."
        )
    column = asc_log.column_of(log, rows)
    two = np.array([len(c.eyes) == 2 for c in log.columns])[column]
    fields = asc_lines.fields(lines, rows, two, given.progress)
    runs = asc_log.stretches(log, column)
    _check_fields(log, rows, runs, fields)
    block = np.array([c.block for c in log.columns])[column]
    time, doubled = _time(log, rows, column, block, fields.values[:, 0])
    blink = _blinks(log, block, time)
    trials = asc_trials.of_messages(log.messages, log.name, settings)
    recorded = {eye for columns, _ in runs for eye in columns.eyes}
    rates = {columns.rate_hz for columns, _ in runs}
    findings = (_encoding(lines), *_findings(log, rows, block, runs), *doubled, *cut, *trials.findings)
    return Samples(
        file=log.name,
        place="line",
        line=rows + 1,
        pupil=_pupil(runs, fields),
        eyes=tuple(eye for eye in EYES_IN_ORDER if eye in recorded),
        units=_units(log),
        time=Time(time.astype(np.int64) if (time == np.floor(time)).all() else time, "ms"),
        rate_hz=next(iter(rates)) if len(rates) == 1 else None,
        names={**_recordings(log, block), **trials.of_rows(rows + 1)},
        blink=blink,
        events=_events(log, block, time, trials),
        findings=(*findings, *_blink_findings(log)),
        unused=trials.unused,
    )


def _encoding(lines: Lines) -> Finding:
    return Finding("encoding", lines.encoding, "default" if lines.encoding == "utf-8" else "inferred")


def _whole_lines(lines: Lines) -> tuple[int, tuple[Finding, ...]]:
    """How many lines are whole. Where the file ends within one, what is left of its numbers would be other numbers."""
    count = len(lines.ends)
    if not lines.cut_short or lines.text(count - 1).startswith("END"):
        return count, ()
    return count - 1, (
        Finding("end of file", f"line {count} has no end: it may be cut short and is left out", "warning"),
    )


def _check_fields(log: Log, rows: Ints, runs: list[tuple[SampleColumns, slice]], fields: SampleFields) -> None:
    """Every sample below one SAMPLES line has equally many fields, and as many as its eyes need.

    Raises:
        ReadError: naming the first line that has not.
    """
    for head, mine in runs:
        counts = fields.count[mine]
        usual = int(np.bincount(counts).argmax())
        at = mine.start + int(np.argmax(counts != usual))
        if (counts != usual).any():
            raise ReadError(
                f"{log.name}, line {rows[at] + 1}: a sample must have {usual} fields, as the others have; this one has "
                f"{fields.count[at]}. The file is damaged here: convert the EDF file again with edf2asc, or take the line out."
            )
        began = log.blocks[head.block].eyes
        other = 1 + 3 * len(began) + head.fields - (1 + 3 * len(head.eyes))
        fits_start = head.fields > 0 and began != head.eyes and usual in (other, other + 1)
        if usual < 1 + 3 * len(head.eyes) or (fits_start and usual not in (head.fields, head.fields + 1)):
            eyes = " and ".join(head.eyes)
            raise ReadError(
                f"{log.name}, line {rows[at] + 1}: a sample of the {eyes} eye has {usual} fields, which does not fit line "
                f"{head.line}. That line is damaged, or samples are missing: convert the EDF file again with edf2asc."
            )


def _time(log: Log, rows: Ints, column: Ints, block: Ints, printed: Floats) -> tuple[Floats, tuple[Finding, ...]]:
    """Times in ms, with the halves that some files at 2000 Hz leave out: they print each millisecond twice.

    Raises:
        ReadError: a block's clock runs backwards.
    """
    same = block[1:] == block[:-1]
    back = same & (printed[1:] < printed[:-1])
    if back.any():
        at = int(np.argmax(back)) + 1
        raise ReadError(
            f"{log.name}, line {rows[at] + 1}: the time {printed[at]:.12g} lies before that of the sample above, "
            f"{printed[at - 1]:.12g}. Lines are out of order or damaged: convert the EDF file again with edf2asc."
        )
    fast = np.array([c.rate_hz == _HALF_MS_HZ for c in log.columns])[column]
    twin = np.concatenate(([False], same & (printed[1:] == printed[:-1]))) & fast
    if not twin.any():
        return printed, ()
    first = np.concatenate(([True], ~same))
    next_twin = np.concatenate((twin[1:], [False]))
    soon = np.concatenate((same & (printed[1:] == printed[:-1] + 1), [False]))
    lone = first & ~next_twin & soon & fast  # the block begins with the second half of a millisecond
    value = f"half milliseconds restored: at {_HALF_MS_HZ:g} Hz the file prints each millisecond twice"
    return printed + 0.5 * (twin | lone), (Finding("time", value, "inferred"),)


def _pupil(runs: list[tuple[SampleColumns, slice]], fields: SampleFields) -> Floats:
    """`f64[S, 2]`, left and right eye."""
    pupil = np.full((len(fields.count), 2), np.nan)
    for columns, mine in runs:
        for place, eye in enumerate(columns.eyes):
            pupil[mine, EYES_IN_ORDER.index(eye)] = fields.values[mine, 1 + place]
    return pupil


def _units(log: Log) -> tuple[PupilUnit | None, PupilUnit | None]:
    if len(log.pupil) > 1:
        lines = " and ".join(f"line {line} says {word}" for word, line in log.pupil.items())
        raise ReadError(
            f"{log.name}: areas and diameters of pupils cannot be compared; {lines}. Split the file between its blocks."
        )
    unit = _UNITS[next(iter(log.pupil))] if log.pupil else None
    return unit, unit


def _recordings(log: Log, block: Ints) -> dict[NameRole, Names]:
    if len(log.blocks) < 2:
        return {}
    return {"recording": Names(block, tuple(_called(i) for i in range(len(log.blocks))))}


def _called(block: int) -> str:
    return f"block {block + 1}"


def _blinks(log: Log, block: Ints, time: Floats) -> npt.NDArray[np.bool_] | None:
    """`bool[S, 2]`: the blinks that the tracker reports, each with the saccade around it, which is the eyelid's movement."""
    if not log.spans and not any(b.events for b in log.blocks):
        return None
    marks = np.zeros((len(time), 2), np.bool_)
    saccades: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for span in log.spans:
        if span.kind == "SACC":
            saccades.setdefault((span.block, span.eye), []).append((span.start, _last(span)))
    for those in saccades.values():
        those.sort()
    edges = np.searchsorted(block, np.arange(len(log.blocks) + 1))
    for span in log.spans:
        if span.kind == "BLINK" and span.block >= 0:
            start, end = _around(span, saccades.get((span.block, span.eye), []))
            low, high = edges[span.block], edges[span.block + 1]
            first = low + np.searchsorted(time[low:high], start)
            last = low + np.searchsorted(time[low:high], end, side="right")
            marks[first:last, span.eye] = True
    return marks


def _last(span: Span) -> float:
    return math.inf if span.end is None else span.end


def _around(blink: Span, saccades: list[tuple[float, float]]) -> tuple[float, float]:
    """From when to when a blink goes: the saccade in which it lies, else its own span."""
    at = bisect.bisect_right(saccades, (blink.start, math.inf)) - 1
    if at >= 0 and _last(blink) <= saccades[at][1]:
        return saccades[at]
    return blink.start, _last(blink)


def _blink_findings(log: Log) -> tuple[Finding, ...]:
    counts = [sum(s.kind == "BLINK" and s.eye == eye for s in log.spans) for eye in range(len(EYES_IN_ORDER))]
    if not any(counts):
        return ()
    said = " and ".join(f"{n} of the {eye} eye" for n, eye in zip(counts, EYES_IN_ORDER, strict=True) if n)
    return (Finding("blinks", f"{said}, each marked with the saccade around it", "recognised"),)


def _events(log: Log, block: Ints, time: Floats, trials: TrialNames) -> tuple[Event, ...]:
    """All messages, each in the block in which it stands, or to which it belongs, with the names of its trial."""
    places = _places(log, block, time)
    lines = np.array([m.line for m in log.messages], np.int64)
    parts = [{}, *({str(k): v for k, v in names.items()} for names in trials.names)]  # type: list[dict[str, str]]
    index = trials.index(lines) if trials.trials else np.full(len(lines), -1)
    many = len(log.blocks) > 1
    return tuple(
        Event(m.time, m.text, _called(place) if many else "", m.line, parts=parts[i + 1])
        for m, place, i in zip(log.messages, places, index.tolist(), strict=True)
    )


def _places(log: Log, block: Ints, time: Floats) -> list[int]:
    """The block of each message. Between two blocks it is the nearer one in time; from a TRIALID on it is the next one."""
    starts = [b.line for b in log.blocks]
    last = {
        i: b.end if b.end is not None else float(time[block == i].max(initial=b.start))
        for i, b in enumerate(log.blocks)
    }
    found, began = [], -1  # began: the block before the gap in which a TRIALID was seen
    for message in log.messages:
        at = int(np.searchsorted(starts, message.line)) - 1
        end_line = log.blocks[at].end_line if at >= 0 else None
        if at < 0:
            found.append(0)
        elif end_line is None or message.line < end_line or at + 1 == len(log.blocks):
            found.append(at)
        else:
            began = at if asc_trials.is_trial_id(message.text) else began
            nearer = abs(log.blocks[at + 1].start - message.time) < abs(message.time - last[at])
            found.append(at + 1 if nearer or began == at else at)
    return found


def _findings(log: Log, rows: Ints, block: Ints, runs: list[tuple[SampleColumns, slice]]) -> list[Finding]:
    eyes = {" and ".join(columns.eyes) for columns, _ in runs}
    rates = {columns.rate_hz for columns, _ in runs}
    found = [Finding("eyes", listed(sorted(eyes)), "recognised")] if eyes - {*EYES_IN_ORDER} or len(eyes) > 1 else []
    if log.pupil:
        found.append(Finding("pupil", f"{next(iter(log.pupil)).lower()}, in arbitrary units", "recognised"))
    else:
        found.append(Finding("pupil", "no PUPIL line says whether sizes are areas or diameters", "warning"))
    if len(named := [r for r in rates if r is not None]) > 1:
        found.append(Finding("rates", listed(f"{r:g} Hz" for r in sorted(named)), "warning"))
    if len(log.blocks) > 1:
        found.append(Finding("blocks", f"{len(log.blocks)}{_pauses(log)}", "recognised"))
    if shifted := sum(m.offset for m in log.messages):
        value = f"{shifted} of {len(log.messages)} open with an offset in ms, which is subtracted from their time"
        found.append(Finding("messages", value, "recognised"))
    return found + _warnings(log, rows, block)


def _pauses(log: Log) -> str:
    pairs = zip(log.blocks[:-1], log.blocks[1:], strict=True)
    gaps = sorted({after.start - before.end for before, after in pairs if before.end is not None})
    ends = dict.fromkeys(f"{gap / 1000:g}" for gap in (*gaps[:1], *gaps[-1:]))
    return f", with pauses of {' to '.join(ends)} s" if gaps else ""


def _warnings(log: Log, rows: Ints, block: Ints) -> list[Finding]:
    found = []
    open_ended = [i for i, b in enumerate(log.blocks) if b.end_line is None]
    if open_ended:
        value = f"{listed(_called(i) for i in open_ended)} has no END line: the file may be cut short there"
        found.append(Finding("blocks", value, "warning"))
    ends = np.array([b.end_line or np.iinfo(np.int64).max for b in log.blocks])
    late = np.flatnonzero(rows + 1 > ends[block])
    if len(late):
        value = f"{len(late)} stand behind the END line of their block, first in line {rows[late[0]] + 1}"
        found.append(Finding("samples", f"{value}; a START line may be missing", "warning"))
    if log.unknown:
        value = f"{len(log.unknown)} in blocks are neither samples, events nor messages and are passed over"
        found.append(Finding("lines", f"{value}, first line {log.unknown[0]}", "warning"))
    empty = sorted(set(range(len(log.blocks))) - set(np.unique(block).tolist()))
    if empty:
        found.append(Finding("blocks", f"{listed(_called(i) for i in empty)} without a sample", "warning"))
    return found
