"""One recording of a BIDS data set, `*_physio.tsv.gz` with what its JSON files say of it: eye, pupil, unit, clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.bids.bids_files import DESCRIPTION, BidsFile, DataSet, Metadata, number_of, text_of
from smilejax.readers.columns import cell_values, column_roles
from smilejax.readers.columns.column_roles import PUPIL_UNITS, TIME_UNITS, ColumnRoles, Role
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given
from smilejax.readers.samples import EYES_IN_ORDER, SECONDS, Eye, PupilUnit, TimeUnit
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

OTHER_UNITS: dict[str, PupilUnit] = {
    **dict.fromkeys(("a.u.", "a.u", "arbitrary unit", "arbitrary units", "arb. unit", "arb. units"), "au"),
    **dict.fromkeys(("mm^2", "mm\u00b2", "millimeter^2", "square millimeter"), "mm2"),
    **dict.fromkeys(("pixel^2", "pixels^2", "px^2", "px\u00b2", "square pixels"), "px2"),
}
"""Units of a pupil as JSON files write them, beside those that headings name."""

AREAS: dict[PupilUnit, PupilUnit] = {"mm": "mm2", "px": "px2", "au": "au2"}
"""Unit of an area by the unit with which it is given where the description says that it is one."""

TICKS = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recorded:
    """What one file records: S samples of one eye, or of both.

    Arguments:
        file: its name taken apart.
        name: how messages call it.
        line: `i64[S]`.
        pupil: `f64[S, 2]`, in the first column where no eye is named.
        eyes: which eyes it names; empty where it names none, or both together.
        together: whether it says that it is of both eyes together (`cyclopean`).
        units: of the left and of the right eye.
        ticks: timestamps as the file writes them, or None where it has none.
        time_unit: their unit, None where it is neither stated nor to be had from the rate.
        rate_hz: `SamplingFrequency`.
        start_s: `StartTime`.
        findings: what was recognised.
        unused: columns that are not used.
    """

    file: BidsFile
    name: str
    line: npt.NDArray[np.int64]
    pupil: npt.NDArray[np.float64]
    eyes: tuple[Eye, ...]
    together: bool
    units: tuple[PupilUnit | None, PupilUnit | None]
    ticks: TICKS | None
    time_unit: TimeUnit | None
    rate_hz: float | None
    start_s: float
    findings: tuple[Finding, ...]
    unused: tuple[str, ...]


def check_filled(data: DataSet, paths: Sequence[Path]) -> None:
    """Refuse recordings whose files are empty inside, or are links to files that are not here.

    Raises:
        ReadError: naming the first of them.
    """
    hint = "Data sets on the web often hold the names only; fetch the recordings themselves (`datalad get`)."
    absent = [path for path in paths if not path.is_file()]
    if absent:
        raise ReadError(f"{data.called(absent[0])}: the link points to a file that is not here. {hint}")
    empty = [path for path in paths if not len(Given(path).start(64))]
    if empty:
        which = "the file is" if len(paths) == 1 else f"{len(empty)} of {len(paths)} recordings are"
        raise ReadError(f"{data.called(empty[0])}: {which} empty inside: there is not one sample. {hint}")


def load_recorded(data: DataSet, path: Path, settings: ReadSettings) -> Recorded | None:
    """Read a recording; None where it has no pupil, as those of heart or breath.

    Raises:
        ReadError: naming file, line and column of what cannot be read.
    """
    name, metadata = data.called(path), data.metadata(path)
    table = _named_columns(replace(raw_table.load_table(Given(path)), name=name), metadata)
    assert table.heads is not None
    shown = table.heads  # with the eyes that RecordedEye lists in place of eye1 and eye2
    roles = _roles(name, _eyes_by_number(shown, metadata), settings)
    if not {"left", "right", "pupil"} & roles.at.keys():
        return None
    eyes, pupil, columns = _pupil(table, roles, metadata)
    units = [_unit(metadata, shown[c], name) if c is not None else (None, ()) for c in columns]
    ticks = cell_values.exact_numbers(table, roles.at["time"]) if "time" in roles.at else None
    rate_hz = _rate(metadata, name)
    time_unit: TimeUnit | None = None
    time_findings: tuple[Finding, ...] = ()
    if ticks is not None:
        stated = text_of(metadata, shown[roles.at["time"]], "Units")
        time_unit, time_findings = _time_unit(name, ticks, stated, rate_hz, settings)
    used = {roles.at.get("time"), *columns}
    return Recorded(
        file=BidsFile.of(path),
        name=name,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        together=text_of(metadata, "RecordedEye").casefold() == "cyclopean",
        units=(units[0][0], units[1][0]),
        ticks=ticks,
        time_unit=time_unit,
        rate_hz=rate_hz,
        start_s=number_of(metadata, "StartTime", name) or 0.0,
        findings=(*table.findings, *roles.findings, *units[0][1], *units[1][1], *time_findings),
        unused=tuple(head for column, head in enumerate(shown) if column not in used),
    )


def _named_columns(table: raw_table.RawTable, metadata: Metadata) -> raw_table.RawTable:
    """The table with the headings that `Columns` names; those of its first line where it has such a line."""
    columns = metadata.get("Columns")
    first = [str(cell).strip() for cell in table.cells.iloc[0]]
    if columns is None:
        if any(re.fullmatch(r"[-+.\d].*|n/a|", cell) for cell in first):
            raise ReadError(
                f"{table.name}: no JSON file beside or above it says what its {len(first)} columns are. Add `Columns` to "
                f"{table.name.removesuffix('.gz').removesuffix('.tsv')}.json, or give the folder in which {DESCRIPTION} stands."
            )
        return raw_table.headed(table)
    if not isinstance(columns, list) or not all(isinstance(c, str) for c in columns):
        raise ReadError(f"{table.name}: `Columns` in its JSON file must be a list of names; it is {columns!r}.")
    heads = tuple(column.strip() for column in columns)
    if len(first) == len(heads) + 1 and (table.cells.iloc[:, -1] == "").all():  # lines that end in a tab
        table = replace(table, cells=table.cells.iloc[:, :-1])
        first = first[:-1]
    if len(first) != len(heads):
        raise ReadError(
            f"{table.name}: the file has {len(first)} columns, and `Columns` in its JSON file names {len(heads)}: "
            f"{listed(heads)}. Correct the JSON file."
        )
    if [cell.casefold() for cell in first] == [head.casefold() for head in heads]:
        return raw_table.headed(table)
    return replace(table, heads=heads)


def _eyes_by_number(heads: Sequence[str], metadata: Metadata) -> tuple[str, ...]:
    """Headings of older files with both eyes, `eye1_pupil_size`, in which `RecordedEye` lists the eyes."""
    eyes = metadata.get("RecordedEye")
    if not isinstance(eyes, list):
        return tuple(heads)
    words = [str(eye).strip().casefold() for eye in eyes]

    def word(found: re.Match[str]) -> str:
        number = int(found[1]) - 1
        return words[number] if number < len(words) else found[0]

    return tuple(re.sub(r"eye([12])(?!\d)", word, head, flags=re.IGNORECASE) for head in heads)


def _roles(name: str, heads: Sequence[str], settings: ReadSettings) -> ColumnRoles:
    """The columns of time and pupil; those that the caller names for other roles stand in tables of events."""
    own = ReadSettings(time=settings.time, left=settings.left, right=settings.right, pupil=settings.pupil)
    roles = column_roles.recognise(name, heads, own)
    kept: dict[Role, int] = {r: column for r, column in roles.at.items() if r in ("time", "left", "right", "pupil")}
    findings = tuple(f for f in roles.findings if f.what.removeprefix("column: ") in kept)
    return replace(roles, at=kept, findings=findings)


def _pupil(
    table: raw_table.RawTable, roles: ColumnRoles, metadata: Metadata
) -> tuple[tuple[Eye, ...], npt.NDArray[np.float64], tuple[int | None, int | None]]:
    """Eyes, pupils and the columns of the left and of the right eye. `RecordedEye` decides, never the name of the file."""
    pupil = np.full((len(table.line), 2), np.nan)
    columns: list[int | None] = [None, None]
    stated = text_of(metadata, "RecordedEye").casefold()
    if "pupil" not in roles.at:
        eyes = tuple(eye for eye in EYES_IN_ORDER if eye in roles.at)
        for lane, eye in enumerate(EYES_IN_ORDER):
            columns[lane] = roles.at.get(eye)
    else:
        eyes = tuple(eye for eye in EYES_IN_ORDER if eye == stated)
        columns[1 if eyes == ("right",) else 0] = roles.at["pupil"]
    for lane, column in enumerate(columns):
        if column is not None:
            pupil[:, lane] = cell_values.numbers(table, column)
    return eyes, pupil, (columns[0], columns[1])


def _unit(metadata: Metadata, head: str, name: str) -> tuple[PupilUnit | None, tuple[Finding, ...]]:
    """The unit of a pupil, from `Units` and from whether its description speaks of an area or of a diameter."""
    written = text_of(metadata, head, "Units")
    word = unicodedata.normalize("NFKC", written).casefold().strip()
    unit = OTHER_UNITS.get(written.casefold()) or OTHER_UNITS.get(word) or PUPIL_UNITS.get(word)
    words = " ".join(text_of(metadata, head, key) for key in ("LongName", "Description")).casefold()
    is_area, is_diameter = "area" in words, "diameter" in words
    if unit is None:
        unstated = (
            () if not written else (Finding("unit", f"{written!r} of {head!r} is no unit of a pupil", "warning"),)
        )
        return None, unstated
    if is_area and is_diameter and unit in AREAS:
        what = f"the description of {head!r} speaks of an area and of a diameter; taken as a diameter in {unit}"
        return unit, (Finding("unit", what, "warning"),)
    if is_area and unit in AREAS:
        return AREAS[unit], (Finding("unit", f"{head!r} is an area in {written}, says its description", "recognised"),)
    return unit, (Finding("unit", f"{head!r} is in {written}", "recognised"),)


def _rate(metadata: Metadata, name: str) -> float | None:
    rate_hz = number_of(metadata, "SamplingFrequency", name)
    if rate_hz is not None and rate_hz <= 0:
        raise ReadError(
            f"{name}: SamplingFrequency in its JSON file must be above 0; it is {rate_hz:g}. Correct it there."
        )
    return rate_hz


def _time_unit(
    name: str, ticks: TICKS, stated: str, rate_hz: float | None, settings: ReadSettings
) -> tuple[TimeUnit | None, tuple[Finding, ...]]:
    """Unit of the timestamps: what the caller or the JSON file says, held against the rate; else what the rate says."""
    step = _step(ticks)
    by_rate = _fitting(step, rate_hz)
    word = unicodedata.normalize("NFKC", stated).casefold()
    unit = settings.time_unit or TIME_UNITS.get(word)
    if unit is None:
        if stated:
            by_rate_words = f"taken as {by_rate}, by SamplingFrequency" if by_rate else "unknown"
            return by_rate, (Finding("time unit", f"{stated!r} is no unit of time; {by_rate_words}", "warning"),)
        return by_rate, (Finding("time unit", f"{by_rate}, by SamplingFrequency", "inferred"),) if by_rate else ()
    if settings.time_unit is None and by_rate not in (None, unit):
        raise ReadError(
            f"{name}: the JSON file says that timestamps are in {stated}, but at its SamplingFrequency of {rate_hz:g} Hz they "
            f"go on as {by_rate}. Name the unit: {SETTING.time_unit} {by_rate}; or correct the JSON file."
        )
    if rate_hz is not None and step and not 0.5 < step * SECONDS[unit] * rate_hz < 2:
        own = 1 / (step * SECONDS[unit])
        what = f"{name}: SamplingFrequency says {rate_hz:g} Hz, the timestamps {own:.4g} Hz; these count"
        return unit, (Finding("rate", what, "warning"),)
    return unit, ()


def _step(ticks: TICKS) -> float:
    """The usual step of a clock, 0 where it has none."""
    steps = np.diff(ticks)
    steps = steps[np.isfinite(steps) & (steps > 0)]
    return float(np.median(steps)) if len(steps) else 0.0


def _fitting(step: float, rate_hz: float | None) -> TimeUnit | None:
    """The unit in which a step is that of a rate."""
    if not step or rate_hz is None:
        return None
    return next((unit for unit, s in SECONDS.items() if 0.8 < step * s * rate_hz < 1.25), None)
