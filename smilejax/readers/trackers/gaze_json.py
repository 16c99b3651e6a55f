"""Gaze data as JSON: a list of samples, lists of them, or one sample a line, as programs dump what Tobii's SDK gives."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from smilejax._util.errors import ReadError
from smilejax.readers.files import text_records
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding

_SAMPLE = re.compile(r'"(left|right)_pupil_diam(eter)?"\s*:')
_LOOKED_AT = 200
"""Lines in which a pupil must stand."""


def recognises(given: Given) -> bool:
    """Whether it is a JSON file, or one of JSON lines, in whose first samples a `left_pupil_diameter` (or right) stands."""
    if given.suffix not in (".json", ".jsonl", ".txt", ".log"):
        return False
    lines = given.lines[:_LOOKED_AT] if given.is_text else ()
    first = next((line.strip() for line in lines if line.strip()), "")
    return first[:1] in ("{", "[") and any(_SAMPLE.search(line) for line in lines)


def table_of(given: Given) -> RawTable:
    """The samples as a table with one row each; a column `trial` counts the lists in which they stand, where there are several.

    Raises:
        ReadError: it is no JSON, or holds no samples.
    """
    text, encoding = text_records.decode(given.raw(), given.name)
    findings = [encoding]
    rows: list[dict[str, object]] = []
    try:
        for number, sample in _samples(_parsed(given.name, text), 0):
            rows.append({"trial": number, **sample})
    except RecursionError as error:
        raise ReadError(f"{given.name}: its lists are nested too deeply to be lists of samples.") from error
    if not rows:
        raise ReadError(f"{given.name}: it holds no samples.")
    lists = len({row["trial"] for row in rows})
    if lists > 1:
        findings.append(Finding("trials", f"{lists}: each list of samples is one", "inferred"))
    frame = pd.DataFrame(rows)
    if lists == 1:
        frame = frame.drop(columns="trial")
    heads = tuple(str(head) for head in frame.columns)
    cells = frame.set_axis(range(len(heads)), axis=1)
    for column in cells.columns:
        if cells[column].map(lambda v: isinstance(v, bool)).any():
            cells[column] = cells[column].astype(str)
    return RawTable(given.name, cells, heads, np.arange(1, len(rows) + 1), "sample", tuple(findings))


def _parsed(name: str, text: bytes) -> object:
    """The whole text as JSON, or a list of its lines; a last line that breaks off is refused, as is a list that does."""
    try:
        return json.loads(text)
    except ValueError as whole:
        lines = [(i, line) for i, line in enumerate(text.split(b"\n"), 1) if line.strip()]
        found = []
        for i, line in lines:
            try:
                found.append(json.loads(line))
            except ValueError as error:
                why = whole if i == lines[0][0] else error
                place = name if i == lines[0][0] else f"{name}, line {i}"
                raise ReadError(f"{place}: this is no JSON ({why}). Was the file cut?") from error
        return found


def _samples(value: object, number: int) -> Iterator[tuple[int, dict[str, object]]]:
    """All samples with the number of the list in which they stand, from 1."""
    if isinstance(value, dict):
        yield max(number, 1), {str(key): _plain(cell) for key, cell in value.items()}
        return
    if not isinstance(value, list):
        return
    if value and all(isinstance(part, list) for part in value):
        for i, part in enumerate(value, 1):
            yield from _samples(part, i)
        return
    for part in value:
        if isinstance(part, dict):
            yield from _samples(part, number)


def _plain(cell: object) -> object:
    """Numbers, words and nothing stay; lists, as points of gaze, become text."""
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)
