"""Wide layouts: a row per trial with columns t0, t1, ..., or a column per trial with a row per sample."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.columns import cell_values, column_roles, table_columns
from smilejax.readers.files import raw_table
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import NameRole, Names, PupilUnit, Samples, Time, TimeUnit
from smilejax.readers.used_settings import NAMES, TEXTS
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "wide"
WORDS = "one row per trial, with a column for each sample (t0, t1, ...)"
SOFTWARE = "spreadsheets, SPSS"
LIMITS = "one pupil column per sample, or one for each eye (left_0, right_0)"
USES = NAMES | TEXTS | {"time_unit", "recorded_eye"}

_SAMPLE = re.compile(r"(?P<stem>.*?)[\s_.\-]*(?P<number>\d+(?:\.\d+)?)[\s_.]*(?P<unit>s|ms|us)?", re.IGNORECASE)
ROLES: tuple[column_roles.Role, ...] = ("participant", "trial", "block", "stimulus", "smiler", "label")
"""Roles that a column which holds no sample may play."""

LARGEST_COUNT = 3
"""Headings in whole steps up to this may as well count every second or third sample: rates above 300 Hz. Our choice."""
MIN_COLUMNS = 4
"""A table with fewer numbered columns of one stem is not wide."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether the headings are names of trials and at least `MIN_COLUMNS` numbered columns of one stem."""
    heads = given.heads
    if not heads or settings.left or settings.right or settings.pupil or settings.time:
        return False
    return len(_series(heads)) > 0 and not any(column_roles.is_time(head) for head in heads)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a table with one row per trial.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    table = raw_table.without_empty_rows(raw_table.headed(raw_table.load_table(given, settings.sheet)))
    heads = table.heads or ()
    series = _series(heads)
    if not series:
        raise ReadError(
            f"{table.name}: no columns t0, t1, ... were found. The columns are: {listed(map(repr, heads), 12)}."
        )
    numbered = {column for columns in series.values() for column, _ in columns}
    others = [column for column in range(len(heads)) if column not in numbered]
    shown = [heads[c] if c in others else "" for c in range(len(heads))]
    roles = column_roles.with_roles(column_roles.recognise(table.name, shown, settings), ROLES)
    sides = _sides(table.name, series)
    n, samples = len(table.line), max(len(columns) for columns in series.values())
    pupil = np.full((n, samples, 2), np.nan)
    for stem, eye in sides.items():
        for place, (column, _) in enumerate(series[stem]):
            pupil[:, place, eye] = cell_values.numbers(table, column, settings.decimal, settings.thousands)
    names = table_columns.table_names(table, roles)
    _refuse_repeated(table, names)
    time, time_finding = _time(table.name, series, heads, settings)
    return _samples(
        table, pupil, _eyes(sides), names, time, (*table.findings, *roles.findings, time_finding), series, roles
    )


def _refuse_repeated(table: RawTable, names: Mapping[NameRole, Names]) -> None:
    """Each row is a trial: samples of two rows must not follow each other as one.

    Raises:
        ReadError: naming the first row whose trial stands in a row before it too.
    """
    source: NameRole = "trial" if "trial" in names else "stimulus"
    if source not in names:
        return
    what = names[source]
    who = names.get("participant") or Names.one("", len(what.codes))
    whole = who.codes * len(what.names) + what.codes
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    named = np.array([name != "" for name in what.names])[what.codes]
    again = np.flatnonzero(named & (first[which] != np.arange(len(whole))))
    if len(again):
        row, before = int(again[0]), int(first[which[again[0]]])
        whose = f" of participant {who.at(row)!r}" if who.at(row) else ""
        raise ReadError(
            f"{table.at(row)}: {source} {what.at(row)!r}{whose} stands in {table.place} "
            f"{table.line[before]} too, and each row must be a trial of its own. Name the columns that identify a trial "
            f"together, as {SETTING.trial} block trial. Remove a copy; put two eyes side by side, as left_0, ... right_0, ..."
        )


def _series(heads: tuple[str, ...]) -> dict[str, list[tuple[int, float]]]:
    """Columns of each stem with their numbers, in the order of the numbers: of `t0, t1` the stem is `t`."""
    found: dict[str, list[tuple[int, float]]] = {}
    for column, head in enumerate(heads):
        match = _SAMPLE.fullmatch(head.strip())
        if match is not None:
            found.setdefault(column_roles.squeezed(match["stem"]), []).append((column, float(match["number"])))
    kept = {stem: sorted(columns, key=lambda c: c[1]) for stem, columns in found.items() if len(columns) >= MIN_COLUMNS}
    return {
        stem: columns
        for stem, columns in kept.items()
        if len(columns) == len({number for _, number in columns}) and _is_sample_stem(stem)
    }


def _is_sample_stem(stem: str) -> bool:
    words = (
        "t",
        "time",
        "sample",
        "s",
        "x",
        "ms",
        "frame",
        "bin",
        "timebin",
        "pupil",
        "p",
        "size",
        "diameter",
        "",
        "v",
    )
    sides = column_roles.ALIASES["left"] + column_roles.ALIASES["right"]
    return stem in words or stem in sides or any(stem.endswith(word) for word in ("pupil", "left", "right"))


def _sides(name: str, series: dict[str, list[tuple[int, float]]]) -> dict[str, int]:
    """The eye of each series: 0 left (or the only one), 1 right."""
    left = [stem for stem in series if stem in column_roles.ALIASES["left"]]
    right = [stem for stem in series if stem in column_roles.ALIASES["right"]]
    if len(series) == 1:
        only = next(iter(series))
        return {only: 1 if right else 0}
    if len(series) == 2 and len(left) == 1 and len(right) == 1:
        if len(series[left[0]]) != len(series[right[0]]):
            raise ReadError(f"{name}: the eyes have different numbers of samples: {[len(c) for c in series.values()]}.")
        return {left[0]: 0, right[0]: 1}
    raise ReadError(
        f"{name}: several series of numbered columns were found ({listed(map(repr, series))}); one, or one "
        "for each eye, is read."
    )


def _eyes(sides: dict[str, int]) -> tuple[str, ...]:
    if len(sides) == 2:
        return ("left", "right")
    stem, eye = next(iter(sides.items()))
    named = stem in column_roles.ALIASES["left"] or eye == 1
    return (("left", "right")[eye],) if named else ()


def _time(
    file: str, series: dict[str, list[tuple[int, float]]], heads: tuple[str, ...], settings: ReadSettings
) -> tuple[Time | None, Finding]:
    """Times that the headings name: `t_0, t_16.7` or `0 ms`; numbers in steps of 1 count samples."""
    columns = next(iter(series.values()))
    numbers = np.array([number for _, number in columns])
    match = _SAMPLE.fullmatch(heads[columns[0][0]].strip())
    if settings.time_unit is not None:
        how = Finding("time", f"in the headings, {settings.time_unit}", "given")
        return Time(numbers, settings.time_unit, "given"), how
    if match and match["unit"]:
        unit = column_roles.TIME_UNITS[match["unit"].casefold()]
        return Time(numbers, unit), Finding("time", f"in the headings, {unit}", "recognised")
    steps = np.diff(numbers)
    if (steps == 1).all():
        return None, _counted(int(numbers[0]))
    whole, step = bool((numbers % 1 == 0).all()), float(np.median(steps))
    if whole and step == 1:
        at = int(np.argmax(steps != 1))
        before, after = (heads[columns[i][0]].strip() for i in (at, at + 1))
        raise ReadError(
            f"{file}: the headings seem to count samples, and some have no column: {before!r} is followed by {after!r}.",
            hint=f"Add a column for each, with empty cells. If the numbers are times, name their unit: {SETTING.time_unit}.",
            setting="time_unit",
        )
    guessed: TimeUnit = "ms" if step >= 0.4 else "s"
    if whole and (steps == step).all() and step <= LARGEST_COUNT:
        named = ", ".join(f"{number:g}" for number in numbers[:3])
        said = f"in the headings, without a unit: {named} are taken for milliseconds, which makes {1000 / step:g} Hz"
        return Time(numbers, guessed), Finding("time", f"{said}. If they count samples, number them 0, 1, 2", "warning")
    return Time(numbers, guessed), Finding("time", "in the headings", "inferred")


def _counted(first: int) -> Finding:
    """That headings count samples. Where a column was lost at the front, the count alone shows it: most begin with 0 or 1."""
    if first == 0:
        return Finding("time", "the headings count samples from 0", "recognised")
    taken = f"the headings count samples from {first}, and sample {first} is taken for the first"
    return Finding("time", taken, "recognised" if first == 1 else "warning")


def _samples(
    table: RawTable,
    pupil: npt.NDArray[np.float64],
    eyes: tuple[str, ...],
    names: dict[NameRole, Names],
    time: Time | None,
    findings: tuple[Finding, ...],
    series: dict[str, list[tuple[int, float]]],
    roles: column_roles.ColumnRoles,
) -> Samples:
    """One row per sample. Columns behind the last value of a trial are not of it."""
    n, samples, _ = pupil.shape
    there: npt.NDArray[np.bool_] = np.isfinite(pupil[:, :, 0]) | np.isfinite(pupil[:, :, 1])
    length = np.where(there.any(axis=1), samples - np.argmax(there[:, ::-1], axis=1), 0)
    if (none := length == 0).any():
        raise ReadError(f"{table.at(int(np.argmax(none)))}: this trial holds no sample. Remove it.")
    inside = np.arange(samples)[None, :] < length[:, None]
    row = np.repeat(np.arange(n), length)
    place = np.broadcast_to(np.arange(samples), (n, samples))[inside]
    heads = table.heads or ()
    unit = _unit(heads, series)
    numbered = {column for columns in series.values() for column, _ in columns}
    return Samples(
        file=table.name,
        place=table.place,
        line=table.line[row],
        pupil=pupil[inside],
        eyes=eyes,  # type: ignore[arg-type]
        units=(unit, unit),
        time=None if time is None else replace(time, values=time.values[place]),
        names={role: name.take(row) for role, name in names.items()},
        findings=(
            *findings,
            Finding(
                "columns of samples", f"{samples} for each trial, {length.min()} to {length.max()} filled", "recognised"
            ),
        ),
        unused=tuple(h for c, h in enumerate(heads) if c not in numbered and h in roles.unused(heads)),
    )


def _unit(heads: tuple[str, ...], series: dict[str, list[tuple[int, float]]]) -> PupilUnit | None:
    stems = [re.sub(r"[\s_.\-]*\d+.*$", "", heads[columns[0][0]]) for columns in series.values()]
    units = {column_roles.parse(stem, tuple(column_roles.PUPIL_UNITS)).unit for stem in stems if len(stem) > 2}
    unit = next(iter(units), None)
    return column_roles.PUPIL_UNITS[unit] if unit else None
