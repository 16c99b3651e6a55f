"""The Eye Tribe: the table that PyTribe (PyGaze) writes, and the frames of the server as lines of JSON."""

from __future__ import annotations

import json
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import ReadError
from smilejax.readers.columns import column_roles, decimal_mark, own_columns
from smilejax.readers.files import message_lines, text_records
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, Samples
from smilejax.readers.used_settings import ADDED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "eye-tribe"
WORDS = "The Eye Tribe: PyTribe's table, or the server's frames as lines of JSON"
SOFTWARE = "PyTribe and PyGaze; logs of the Eye Tribe server"
LIMITS = "sizes are in arbitrary units that change with the distance of the head"
USES = ADDED

EYES, FAIL, LOST = 2, 8, 16
"""Bits of `state`: both eyes are tracked, tracking failed, tracking was lost."""

_MESSAGE = re.compile(rb"^MSG(?:[\t ].*)?$", re.MULTILINE)

OWN = re.compile(r"timestamp|time|fix|state|[lr]?(raw|avg)[xy]|[lr]?psize|[lr]pupil[xy]")
"""PyTribe's own headings, squeezed."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether PyTribe's headings stand first, but for messages, or a line holds a frame of the server."""
    if given.frame is not None:
        return _are_heads(given.heads)
    for line in given.lines[:200]:
        if line.startswith("{"):
            if '"frame"' in line and '"lefteye"' in line and '"psize"' in line:
                return True
        elif line.strip() and not line.startswith("MSG"):
            return _are_heads(line.split("\t"))
    return False


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one recording.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if given.frame is None and any(line.startswith("{") for line in given.lines[:200]):
        table, events, findings = _of_json(given)
    elif given.frame is None:
        edited, messages, encoding = message_lines.parted(given, _MESSAGE)
        table = own_columns.load_tracker_table(edited, settings)
        events = _events(given.name, messages)
        findings = (encoding, *(f for f in table.findings if f.what != "encoding"))
    else:
        table, events = own_columns.load_tracker_table(given, settings), ()
        findings = table.findings
    return _samples(table, events, findings, settings)


def _are_heads(heads: tuple[str, ...] | list[str]) -> bool:
    return {"time", "state", "lpsize", "rpsize"} <= {column_roles.squeezed(head) for head in heads}


def _samples(
    table: RawTable, events: tuple[Event, ...], findings: tuple[Finding, ...], settings: ReadSettings
) -> Samples:
    at = own_columns.clock(table, settings, "time")
    sides = [own_columns.required(table, head) for head in ("Lpsize", "Rpsize")]
    state = own_columns.required(table, "state")
    settings, decimal = decimal_mark.of_pupils(table, sides, settings)
    added = own_columns.added(table, OWN, at, settings)
    lost = _lost(table, state, settings)
    words = f"{int(lost.sum())} of {len(lost)} samples without eyes, failed or lost"
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=np.stack([own_columns.numbers_of(table, column, settings) for column in sides], axis=1),
        eyes=("left", "right"),
        units=("au", "au"),
        time=own_columns.time_of(table, at, "ms", settings),
        names=added.names,
        invalid=np.stack([lost, lost], axis=1),
        zero=added.zero,
        events=(*events, *added.events),
        findings=(*findings, *decimal, Finding("state", words, "recognised"), *added.findings),
        unused=added.unused(table, {at, state, *sides}),
    )


def _lost(table: RawTable, column: int, settings: ReadSettings) -> npt.NDArray[np.bool_]:
    """Which samples have no eyes: bit 2 of the state is off, or it says failed or lost."""
    state = own_columns.numbers_of(table, column, settings)
    wrong = np.isfinite(state) & ((state < 0) | (state > 255) | (state != np.round(state)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ReadError(
            f"{table.at(row)}, column 'state': a sum of 1, 2, 4, 8 and 16 is expected; it is {state[row]:g}."
        )
    bits = np.where(np.isfinite(state), state, 0).astype(np.int64)
    return ((bits & EYES) == 0) | ((bits & (FAIL | LOST)) != 0)


def _events(file: str, messages: tuple[tuple[int, str], ...]) -> tuple[Event, ...]:
    """Rows `MSG, date, time, text`."""
    events = []
    for line, text in messages:
        fields = text.split("\t", maxsplit=3)
        try:
            time = int(float(fields[2]))
        except (IndexError, ValueError, OverflowError) as error:
            raise ReadError(
                f"{file}, line {line}: a message must be MSG, date, time in ms and text; it is {text[:60]!r}."
            ) from error
        events.append(Event(time, fields[3].strip() if len(fields) > 3 else "", line=line))
    return tuple(events)


def _of_json(given: Given) -> tuple[RawTable, tuple[Event, ...], tuple[Finding, ...]]:
    """The server's frames as PyTribe's table. Lines of other kinds are left out and counted."""
    data, encoding = text_records.decode(given.raw(), given.name)
    rows, lines, others = [], [], 0
    for number, text in enumerate(data.decode("utf-8").split("\n"), 1):
        if not text.strip():
            continue
        frame = _frame(given.name, number, text)
        if frame is None:
            others += 1
            continue
        rows.append(frame)
        lines.append(number)
    if not rows:
        raise ReadError(f"{given.name}: no line holds a frame of the tracker.")
    cells = pd.DataFrame(rows, columns=range(4), dtype=object)
    table = RawTable(given.name, cells, ("time", "state", "Lpsize", "Rpsize"), np.array(lines, np.int64), "line")
    left_out = (Finding("lines left out", f"{others} without a frame", "recognised"),) if others else ()
    return table, (), (encoding, *left_out)


def _frame(file: str, number: int, text: str) -> tuple[object, object, object, object] | None:
    """Time, state and both sizes of a line, or None where it has no frame.

    Raises:
        ReadError: the line is no JSON, or its frame is not whole.
    """
    try:
        whole = json.loads(text)
        values = whole.get("values", whole)
        frame = values.get("frame") if isinstance(values, dict) else None
        if frame is None:
            return None
        return frame["time"], frame["state"], frame["lefteye"]["psize"], frame["righteye"]["psize"]
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{file}, line {number}: this is no line of JSON: {text[:60]!r}. Is the file cut?") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ReadError(f"{file}, line {number}: the frame lacks its time, state or psize: {text[:60]!r}.") from error
