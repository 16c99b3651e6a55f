"""What stands between the samples of an EyeLink ASC file: blocks, columns, messages, blinks and saccades."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from smilejax._util.errors import ReadError
from smilejax.readers.samples import EYES_IN_ORDER, Eye
from smilejax.readers.trackers.asc_lines import Ints, Lines

_EYES: dict[str, Eye] = {"LEFT": "left", "RIGHT": "right", "L": "left", "R": "right"}
_OFFSET_DIGITS = 5
"""A message may open with a whole number: so many ms before (negative: after) its stamp the event was. Longer ones are text."""


@dataclass(frozen=True)
class SampleColumns:
    """What the samples below a START or SAMPLES line hold.

    Arguments:
        line: where it stands, from 1.
        block: in which block, from 0.
        eyes: whose pupils stand in a sample.
        rate_hz: as the line states it, or None.
        fields: how many fields a sample has if each word of the line means the usual columns; 0 where no SAMPLES line says it.
    """

    line: int
    block: int
    eyes: tuple[Eye, ...]
    rate_hz: float | None = None
    fields: int = 0


@dataclass(frozen=True)
class Block:
    """A stretch of recording, from its START line to its END line.

    Arguments:
        line: of START, from 1.
        start: its time in ms.
        end: time of END, or None where the file has none.
        end_line: where END stands, or None.
        eyes: that START names.
        events: whether START announces events (blinks, saccades and fixations).
    """

    line: int
    start: float
    end: float | None
    end_line: int | None
    eyes: tuple[Eye, ...]
    events: bool


@dataclass(frozen=True)
class Span:
    """A blink or a saccade of one eye. `end` is the time of its last sample, or None where the block ends before it."""

    kind: Literal["BLINK", "SACC"]
    eye: int
    block: int
    start: float
    end: float | None


@dataclass(frozen=True)
class Message:
    """A MSG line (or INPUT or BUTTON), in or before or behind a block: its offset is subtracted and is not in its text."""

    line: int
    time: float
    text: str
    offset: bool = False


@dataclass
class Log:
    """All lines but the samples, as they were read from top to bottom.

    Arguments:
        blocks: in the order of the file.
        columns: of which samples are, with the line from which they hold.
        spans: blinks and saccades.
        messages: in the order of the file.
        pupil: `AREA` or `DIAMETER`, with the line that says so.
        unknown: lines in blocks that are none of those that edf2asc writes.
    """

    name: str
    blocks: list[Block] = field(default_factory=list)
    columns: list[SampleColumns] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    pupil: dict[str, int] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    _open: dict[tuple[str, int], float] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether no block is running."""
        return not self.blocks or self.blocks[-1].end_line is not None


_PASSED_OVER = ("PRESCALER", "VPRESCALER", "EVENTS", "SFIX", "EFIX", "**", "HTARGET")


def read(lines: Lines, others: Ints) -> Log:
    """Take in the lines that are no samples.

    Arguments:
        lines: of the file.
        others: indices of those that are no samples, rising.
    """
    log = Log(lines.name)
    for index in others.tolist():
        text = lines.text(index)
        words = text.split(None, 2)
        if not words:
            continue
        known = words[0] in _PASSED_OVER or words[0].startswith("**") or _taken(log, index + 1, text, words[0])
        if not known and not log.ended:
            log.unknown.append(index + 1)
    _close(log)
    return log


def _taken(log: Log, line: int, text: str, kind: str) -> bool:
    """Take in a line; whether it is one that edf2asc writes, and whole."""
    words = text.split()
    try:
        if kind in ("MSG", "INPUT", "BUTTON"):
            log.messages.append(_message(line, text, kind))
        elif kind == "START":
            _close(log)
            log.blocks.append(Block(line, _number(words[1]), None, None, _eyes(words), "EVENTS" in words))
            log.columns.append(SampleColumns(line, len(log.blocks) - 1, _eyes(words)))
        elif kind == "END":
            _end(log, line, _number(words[1]))
        elif kind == "SAMPLES":
            log.columns.append(_columns(log, line, words))
        elif kind == "PUPIL" and words[1] in ("AREA", "DIAMETER"):
            log.pupil.setdefault(words[1], line)
        elif kind in ("SBLINK", "SSACC", "EBLINK", "ESACC"):
            _span(log, kind, words)
        else:
            return False
    except (ValueError, IndexError, KeyError):
        return False
    return True


def _message(line: int, text: str, kind: str) -> Message:
    """A message: `MSG 7427430 -11 Initial_display` is `Initial_display` at 7427441."""
    words = text.split(None, 2)
    time, said = _number(words[1]), words[2].strip() if len(words) > 2 else ""
    if kind != "MSG":
        return Message(line, time, " ".join((kind, *said.split())))
    first, _, rest = said.partition(" ")
    digits = first.removeprefix("-")
    if rest.strip() and digits.isascii() and digits.isdigit() and len(digits) <= _OFFSET_DIGITS:
        return Message(line, time - int(first), rest.strip(), True)
    return Message(line, time, said)


def _number(word: str) -> float:
    """A time or a rate.

    Raises:
        ValueError: it is not finite.
    """
    value = float(word)
    if not np.isfinite(value):
        raise ValueError(word)
    return value


def _eyes(words: list[str]) -> tuple[Eye, ...]:
    named = {_EYES[word] for word in words if word in ("LEFT", "RIGHT")}
    return tuple(eye for eye in EYES_IN_ORDER if eye in named)


def _columns(log: Log, line: int, words: list[str]) -> SampleColumns:
    eyes = _eyes(words) or (log.blocks[-1].eyes if log.blocks else ())
    rate = _number(words[words.index("RATE") + 1]) if "RATE" in words else None
    more = {"VEL": 2 * len(eyes), "RES": 2, "INPUT": 1, "BUTTONS": 1, "HTARGET": 4}
    count = 1 + 3 * len(eyes) + sum(n for word, n in more.items() if word in words)
    return SampleColumns(line, max(len(log.blocks) - 1, 0), eyes, rate, count)


def _end(log: Log, line: int, time: float) -> None:
    if log.blocks and log.blocks[-1].end_line is None:
        _close(log)
        last = log.blocks[-1]
        log.blocks[-1] = Block(last.line, last.start, time, line, last.eyes, last.events)


def _span(log: Log, kind: str, words: list[str]) -> None:
    eye = EYES_IN_ORDER.index(_EYES[words[1]])
    what: Literal["BLINK", "SACC"] = "BLINK" if kind.endswith("BLINK") else "SACC"
    if kind.startswith("S"):
        log._open[what, eye] = _number(words[2])
    else:
        start, end = _number(words[2]), _number(words[3])
        log._open.pop((what, eye), None)
        log.spans.append(Span(what, eye, len(log.blocks) - 1, start, end))


def _close(log: Log) -> None:
    """End the blinks and saccades that go on where a block ends."""
    for (kind, eye), start in log._open.items():
        log.spans.append(Span("BLINK" if kind == "BLINK" else "SACC", eye, len(log.blocks) - 1, start, None))
    log._open.clear()


def column_of(log: Log, samples: Ints) -> Ints:
    """Index into `log.columns` of each sample line, `i64[S]`: the START or SAMPLES line that stands last above it.

    Raises:
        ReadError: a sample stands above the first START line.
    """
    heads = np.array([c.line for c in log.columns], np.int64)
    found = np.searchsorted(heads, samples + 1) - 1
    if len(samples) and (not log.blocks or samples[0] + 1 < log.blocks[0].line):
        raise ReadError(
            f"{log.name}, line {samples[0] + 1}: a sample stands above the first START line, which says whose eyes are "
            "recorded. The beginning of the file is missing: convert the EDF file again with edf2asc."
        )
    return found


def stretches(log: Log, column: Ints) -> list[tuple[SampleColumns, slice]]:
    """The samples below each START or SAMPLES line that has any, as `i64[S]` of `column_of` says.

    Raises:
        ReadError: such a line names no eye.
    """
    edges = np.searchsorted(column, np.arange(len(log.columns) + 1)).tolist()
    found = [(c, slice(a, z)) for c, a, z in zip(log.columns, edges[:-1], edges[1:], strict=True) if a < z]
    for columns, _ in found:
        if not columns.eyes:
            raise ReadError(
                f"{log.name}, line {columns.line}: neither START nor SAMPLES says LEFT or RIGHT, so that nobody "
                "knows whose pupils follow. Convert the EDF file again with edf2asc."
            )
    return found
