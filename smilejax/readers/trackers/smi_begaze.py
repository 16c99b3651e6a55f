"""SMI: samples as text, as the IDF converter and BeGaze export them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values, column_roles, own_columns
from smilejax.readers.columns.headings import find
from smilejax.readers.columns.own_columns import F64
from smilejax.readers.files import message_lines
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given, split_heads
from smilejax.readers.samples import Event, Eye, Names, PupilUnit, Samples, TimeUnit
from smilejax.readers.used_settings import ADDED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "smi"
WORDS = "SMI: samples as text of the IDF converter or BeGaze"
SOFTWARE = "SMI IDF converter, BeGaze (raw data export)"
LIMITS = "text exports only, not the IDF file; of several pupil sizes the one in mm is taken"
USES = ADDED

_MESSAGE = re.compile(rb"^[^\t;\n]*[\t;]MSG(?:[\t;].*)?$", re.MULTILINE)
_FIELDS = re.compile(r"[\t;]")
_PREFIX = re.compile(r"^#\s*Message:\s*", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?\d*,\d+")

LOOKED_AT = 5000
"""Rows in which a decimal comma is looked for: it stands in every number or in none."""

SIDES: tuple[tuple[Eye, str], ...] = (("left", "L"), ("right", "R"))

KINDS: tuple[tuple[PupilUnit, tuple[tuple[str, ...], ...]], ...] = (
    (
        "mm",
        (
            ("{l} Mapped Diameter [mm]",),
            ("{l} Pupil Diameter [mm]",),
            ("Pupil Diameter {side} [mm]",),
            ("{l} Dia [mm]",),
        ),
    ),
    ("mm", (("{l} Diameter [mm]",), ("{l} Dia X [mm]", "{l} Dia Y [mm]"), ("{l} Dia X [mm]",))),
    ("mm2", (("{l} Area [mm²]",), ("{l} Pupil Area [mm²]",))),
    ("px", (("{l} Dia X [px]", "{l} Dia Y [px]"), ("Pupil Size {side} X [px]", "Pupil Size {side} Y [px]"))),
    ("px", (("{l} Pupil Size X [px]", "{l} Pupil Size Y [px]"), ("{l} Dia [px]",), ("{l} Dia X [px]",))),
    ("px2", (("{l} Area [px²]",), ("{l} Pupil Area [px²]",))),
)
"""Spellings of the pupil, the better first; of two columns the mean is taken, width and height of the pupil's ellipse."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a text with SMI's lines `##` and its headings, or with the headings of BeGaze's raw data export."""
    skip = _above(given)
    if skip is None:
        return False
    heads = {column_roles.squeezed(head) for head in split_heads(given.lines[skip])}
    if skip and {"time", "type"} <= heads:
        return True
    return "recordingtimems" in heads and any(head.startswith(("pupildiameter", "pupilsize")) for head in heads)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one export.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    skip = _above(given)
    if skip is None:
        raise ReadError(f"{given.name}: there is no table below the lines that begin with ##. Export the file again.")
    header = _header(given.lines[:skip])
    edited, messages, encoding = message_lines.parted(given, _MESSAGE)
    table = own_columns.load_tracker_table(edited, settings, skip=skip)
    at, unit = _time_column(table, settings)
    settings, comma = _with_decimal(table, settings)
    table, information, others = _samples_only(table)
    pupil, eyes, units, used, words = _pupils(table, settings)
    time = own_columns.time_of(table, at, unit, settings)
    heads = table.heads or ()
    added = own_columns.added(table, OWN, at, settings)
    names = dict(added.names)
    if "participant" not in names and header.get("subject"):
        names["participant"] = Names.one(header["subject"], len(table.line))
    invalid, doubts = _invalid(table, settings)
    events = (*_events(given.name, messages), *_information(information, at, settings))
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=units,
        time=time,
        rate_hz=_rate(header),
        names=names,
        invalid=invalid,
        blink=_blinks(table),
        zero=added.zero,
        events=(*events, *added.events),
        findings=(
            *(encoding, *(f for f in table.findings if f.what != "encoding"), *comma, words, *others, *doubts),
            *(*added.findings, *_header_findings(header, len(table.line))),
        ),
        unused=added.unused(table, {at, *used, *(find(heads, *spellings) for spellings in _MARKS)}),
    )


OWN = re.compile(
    r"[lrb](raw|dia|mapped|pupil|area|cr\d|por|plane|epos|gvec|validity|eventinfo|aoi).*|time|type|timing|frame|aux\d|trigger|"
    r"pupilconfidence|recordingtimems|timeofday.*|export.*|color|trackingratio.*|(category|index|pupil|point|eyeposition|gazevector|"
    r"annotation|aoi).*|content"
)
"""SMI's own headings, squeezed, but for those of names."""

_MARKS = (("Type",), ("L Event Info", "Category Left"), ("R Event Info", "Category Right"), ("B Event Info",))


def _above(given: Given) -> int | None:
    """How many lines stand above the headings: those that begin with `##`, and blank ones."""
    for number, line in enumerate(given.lines):
        if line.strip() and not line.startswith("##"):
            return number
    return None


def _header(lines: tuple[str, ...]) -> dict[str, str]:
    """`## Sample Rate:<tab>60` as `{"sample rate": "60"}`."""
    found = {}
    for line in lines:
        key, colon, value = line.lstrip("#").partition(":")
        if colon:
            found[key.strip().casefold()] = " ".join(value.split())
    return found


def _rate(header: dict[str, str]) -> float | None:
    try:
        rate = float(header.get("sample rate", "").replace(",", "."))
    except ValueError:
        return None
    return rate if 0 < rate < 1e5 else None


def _header_findings(header: dict[str, str], rows: int) -> tuple[Finding, ...]:
    found = []
    if header.get("sample rate"):
        found.append(Finding("sample rate in the header", f"{header['sample rate']} Hz", "recognised"))
    written = header.get("number of samples", "")
    if written.isdecimal() and int(written) != rows:
        found.append(Finding("samples", f"{rows} in the file, {written} by its header: it may be cut", "warning"))
    return tuple(found)


def _time_column(table: RawTable, settings: ReadSettings) -> tuple[int, TimeUnit]:
    if settings.time is not None:
        column = own_columns.clock(table, settings)
        return column, column_roles.time_unit((table.heads or ())[column]) or "us"
    column = own_columns.required(table, "Time", "RecordingTime [ms]")
    return column, "us" if column_roles.squeezed((table.heads or ())[column]) == "time" else "ms"


def _with_decimal(table: RawTable, settings: ReadSettings) -> tuple[ReadSettings, tuple[Finding, ...]]:
    """Settings with the decimal mark that the table shows: a comma where numbers have one and none has a point."""
    if settings.decimal == "," or settings.thousands is not None:
        return settings, ()
    for _, _, columns, _ in _found(table):
        words = [table.cells.iloc[:LOOKED_AT, column].astype(str) for column in columns]
        texts = np.unique(np.concatenate([w.to_numpy(dtype=str) for w in words]))
        commas = any(_COMMA.fullmatch(text.strip()) for text in texts.tolist())
        if commas and not any("." in text and text.strip() != "." for text in texts.tolist()):
            return replace(settings, decimal=","), (Finding("decimal mark", "comma", "inferred"),)
    return settings, ()


def _samples_only(table: RawTable) -> tuple[RawTable, RawTable | None, tuple[Finding, ...]]:
    """The rows of samples, the rows with BeGaze's information (messages), and what else was left out."""
    heads = table.heads or ()
    column = find(heads, "Type", "Category Group")
    if column is None:
        return table, None, ()
    codes, names = cell_values.names(table, column)
    sampled = np.array([name.casefold() in ("smp", "eye") for name in names])[codes]
    informed = np.array([name.casefold() == "information" for name in names])[codes]
    if not sampled.any():
        raise ReadError(
            f"{table.at(0)}, column {heads[column]!r}: no row is a sample (SMP, or Eye); it holds {names[0]!r}."
        )
    left_out = ~sampled & ~informed
    found: tuple[Finding, ...] = ()
    if left_out.any():
        kinds = ", ".join(dict.fromkeys(repr(names[code]) for code in codes[left_out].tolist()))
        found = (Finding("rows left out", f"{int(left_out.sum())} of other kinds: {kinds}", "recognised"),)
    return table.rows(sampled), table.rows(informed) if informed.any() else None, found


def _found(table: RawTable) -> list[tuple[Eye, PupilUnit, list[int], int]]:
    """All columns with pupils: the eye, the unit, one column or two, and how good a choice (lower is better)."""
    heads, found, rank = table.heads or (), [], 0
    for unit, spellings in KINDS:
        for pair in spellings:
            rank += 1
            for eye, letter in SIDES:
                columns = [find(heads, text.format(l=letter, side=eye)) for text in pair]
                if all(column is not None for column in columns):
                    found.append((eye, unit, [c for c in columns if c is not None], rank))
    return found


def _pupils(
    table: RawTable, settings: ReadSettings
) -> tuple[F64, tuple[Eye, ...], tuple[PupilUnit | None, PupilUnit | None], list[int], Finding]:
    """Both eyes in the best of the sizes that the file has: the first of which any sample is measured."""
    heads = table.heads or ()
    found = _found(table)
    if not found:
        raise ReadError(f"{table.name}: no column with the pupil was recognised. {column_roles.option('left', heads)}")
    chosen: dict[Eye, tuple[F64, PupilUnit, list[int]]] = {}
    for rank in dict.fromkeys(sorted(entry[3] for entry in found)):
        mine = {e: (_mean(table, columns, settings), unit, columns) for e, unit, columns, r in found if r == rank}
        if any((values > 0).any() for values, _, _ in mine.values()):
            chosen = mine
            break
        chosen = chosen or mine
    pupil, units = np.full((len(table.line), 2), np.nan), dict.fromkeys(("left", "right"), None) | {}
    used: list[int] = []
    for eye, (values, unit, columns) in chosen.items():
        pupil[:, 0 if eye == "left" else 1] = values
        units[eye] = unit  # type: ignore[assignment]
        used += columns
    eyes = tuple(eye for eye, _ in SIDES if eye in chosen)
    means = " (the mean of width and height)" if len(used) > len(eyes) else ""
    words = Finding("pupil", ", ".join(repr(heads[column]) for column in used) + means, "recognised")
    return pupil, eyes, (units["left"], units["right"]), used, words


def _mean(table: RawTable, columns: list[int], settings: ReadSettings) -> F64:
    """One column, or the mean of two; 0 where either is 0 or below: there no pupil was found."""
    values = np.stack([own_columns.numbers_of(table, column, settings) for column in columns])
    if len(columns) == 1:
        return np.asarray(values[0], np.float64)
    return np.where((values <= 0).any(axis=0), 0.0, values.mean(axis=0))


def _invalid(table: RawTable, settings: ReadSettings) -> tuple[npt.NDArray[np.bool_] | None, tuple[Finding, ...]]:
    column = find(table.heads or (), "Pupil Confidence")
    if column is None:
        return None, ()
    bad = own_columns.numbers_of(table, column, settings) == 0
    value = f"{int(bad.sum())} of {len(bad)} samples are 0: not used"
    return np.stack([bad, bad], axis=1), (Finding("Pupil Confidence", value, "recognised"),)


def _blinks(table: RawTable) -> npt.NDArray[np.bool_] | None:
    """Which samples SMI's event detection counts to a blink, by eye, or None where the file does not say."""
    heads = table.heads or ()
    marks = np.zeros((len(table.line), 2), np.bool_)
    said = False
    for eyes, spellings in zip(([0], [1], [0, 1]), _MARKS[1:], strict=True):
        column = find(heads, *spellings)
        if column is not None:
            codes, names = cell_values.names(table, column)
            marks[:, eyes] |= np.array([name.casefold() == "blink" for name in names])[codes][:, None]
            said = True
    return marks if said else None


def _events(file: str, messages: tuple[tuple[int, str], ...]) -> tuple[Event, ...]:
    """Rows `time, MSG, trial, # Message: text`."""
    events = []
    for line, text in messages:
        fields = _FIELDS.split(text, maxsplit=3)
        try:
            time = int(fields[0])
        except ValueError as error:
            raise ReadError(
                f"{file}, line {line}: a message needs a time in us; it stands {fields[0]!r} there."
            ) from error
        words = _PREFIX.sub("", fields[3].strip()) if len(fields) > 3 else ""
        events.append(Event(time, words.strip().rstrip("\t;"), line=line))
    return tuple(events)


def _information(table: RawTable | None, at: int, settings: ReadSettings) -> tuple[Event, ...]:
    """BeGaze's rows of information, whose text stands in a column of its own."""
    if table is None:
        return ()
    text = find(table.heads or (), "Content", "Annotation Name", "Category Right", "Category Left")
    if text is None:
        return ()
    codes, names = cell_values.names(table, text)
    time = own_columns.time_of(table, at, None, settings).values
    return tuple(Event(time[row].item(), names[codes[row]], line=int(table.line[row])) for row in range(len(codes)))
