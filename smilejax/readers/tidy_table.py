"""The tidy layout: one row per sample, columns for participant, trial, time, pupil and label."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import SETTING, ReadError, TrialsError, listed
from smilejax.readers import cells, class_labels, column_roles, pupil_values, raw_table, tracker_blinks
from smilejax.readers.column_roles import ColumnRoles, Role
from smilejax.readers.raw_table import LabelsAre, RawTable, Recorded
from smilejax.readers.rows import Rows, constant, group
from smilejax.readers.time_grid import Time, to_grid
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

NAME = "tidy"
WORDS = "one row per sample"
ALL_ROWS = "all"
"""Name of the only trial, or participant, of a recording to be predicted that has no column for it."""


def recognises(given: Recorded, settings: ReadSettings) -> bool:
    """Whether `given` is a file or a DataFrame."""
    return isinstance(given, pd.DataFrame) or given.is_file()


def read(given: Recorded, settings: ReadSettings, labels_are: LabelsAre) -> Trials:
    """Read a table with one row per sample. Rows of a trial need not be adjacent; trials are in the order of their first rows.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    optional = labels_are == "optional"
    if isinstance(given, Path) and given.is_dir():
        raise ReadError(f"{given}: the tidy layout is one file; this is a folder. Name the file.")
    table = raw_table.without_empty_rows(raw_table.headed(raw_table.load(given, settings.sheet)))
    roles = column_roles.recognise(table.name, table.heads or (), settings)
    _require_columns(table, roles, settings, optional)
    who = _identify(table, roles)
    rows, order = who.rows, who.order
    values, pupil_findings = _pupil(table, roles, settings, order)
    unit, unit_finding = pupil_values.unit_of(table.name, values, roles.pupil_unit, settings.unit is not None)
    blink, blink_findings = _blink(table, roles, settings, order)
    time = _time(table, roles, settings, order)
    grid = to_grid(rows, _two_lanes(values, roles), time, settings.rate_hz, blink)
    label, label_findings = _labels(table, roles, settings, rows, order, optional)
    stimulus, smiler = (_names_of(table, roles, role, rows, order) for role in ("stimulus", "smiler"))
    findings = (
        *table.findings,
        *roles.findings,
        *who.findings,
        unit_finding,
        *pupil_findings,
        *blink_findings,
        *grid.findings,
        *label_findings,
    )
    try:
        return Trials(
            pupil=grid.pupil,
            length=grid.length,
            rate_hz=grid.rate_hz,
            unit=unit,
            label=label,
            class_names=settings.classes,
            trial=who.trial,
            participant=who.participant,
            stimulus=stimulus,
            smiler=smiler,
            source=Source(raw_table.name_of(given), NAME, (*findings, _counts(who, stimulus))),
            blink=grid.blink,
        )
    except TrialsError as error:
        raise ReadError(f"{table.name}: {error.marked}") from error


@dataclass(frozen=True, eq=False)
class _Identity:
    """Rows sorted by trial, the order that sorts them, and the names of N trials and participants."""

    rows: Rows
    order: npt.NDArray[np.int64]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    findings: tuple[Finding, ...]


def _require_columns(table: RawTable, roles: ColumnRoles, settings: ReadSettings, optional: bool) -> None:
    heads = table.heads or ()
    if "left" not in roles.at and "right" not in roles.at:
        raise ReadError(f"{table.name}: no column with the pupil was recognised. {column_roles.option('left', heads)}")
    if "time" not in roles.at and settings.rate_hz is None:
        raise ReadError(
            f"{table.name}: no column with the time was recognised, and the samples per second were not given "
            f"({SETTING.rate_hz} NUMBER). {column_roles.option('time', heads)}"
        )
    needed: list[tuple[Role, bool]] = [
        ("participant", "participant" in roles.at),
        ("trial", "trial" in roles.at or "stimulus" in roles.at),
        ("label", "label" in roles.at),
    ]
    for role, there in needed:
        if not there and not optional:
            raise ReadError(
                f"{table.name}: no column with the {role} was recognised. {column_roles.option(role, heads)}"
            )


def _identify(table: RawTable, roles: ColumnRoles) -> _Identity:
    n = len(table.line)
    nobody = np.zeros(n, np.int64), (ALL_ROWS,)
    source: Role = "trial" if "trial" in roles.at else "stimulus"
    who, who_names = cells.names(table, roles.at["participant"]) if "participant" in roles.at else nobody
    what, what_names = cells.names(table, roles.at[source]) if source in roles.at else nobody
    inside = np.array([name != "" for name in what_names])[what]
    nameless = np.array([name == "" for name in who_names])[who] & inside
    if nameless.any():
        row = int(np.argmax(nameless))
        raise ReadError(f"{table.at(row)}: every sample needs a participant; this row has none.")
    if not inside.any():
        raise ReadError(f"{table.name}: no row names a trial. {column_roles.option('trial', table.heads or ())}")
    kept = np.flatnonzero(inside)
    order, start = group(who[kept] * len(what_names) + what[kept])
    order = kept[order]
    trial = tuple(what_names[i] for i in what[order[start[:-1]]])
    participant = tuple(who_names[i] for i in who[order[start[:-1]]])
    shown = tuple(f"trial {t!r} of participant {p!r}" for t, p in zip(trial, participant, strict=True))
    rows = Rows(table.name, table.place, table.line[order], start, shown)
    return _Identity(rows, order, trial, participant, _identity_findings(roles, n - len(kept)))


def _identity_findings(roles: ColumnRoles, outside: int) -> tuple[Finding, ...]:
    findings = []
    if "trial" not in roles.at:
        value = "taken from the stimulus" if "stimulus" in roles.at else "all rows are one"
        findings.append(Finding("column: trial", value, "default"))
    if "participant" not in roles.at:
        findings.append(Finding("column: participant", "all rows are of one", "default"))
    if outside:
        findings.append(Finding("rows outside trials", f"{outside} without a trial's name, left out", "inferred"))
    return tuple(findings)


def _pupil(
    table: RawTable, roles: ColumnRoles, settings: ReadSettings, order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], tuple[Finding, ...]]:
    eyes = [cells.numbers(table, roles.at[eye], settings.decimal) for eye in _eyes(roles)]
    values, findings = pupil_values.clean(table.name, np.stack(eyes, axis=1)[order], settings.missing)
    if len(eyes) == 1:
        findings = (*findings, Finding("eyes", f"{_eyes(roles)[0]} only; the other lane is missing", "recognised"))
    return values, findings


def _eyes(roles: ColumnRoles) -> tuple[Role, ...]:
    sides: tuple[Role, ...] = ("left", "right")
    return tuple(side for side in sides if side in roles.at)


def _two_lanes(values: npt.NDArray[np.float64], roles: ColumnRoles) -> npt.NDArray[np.float64]:
    """`f64[S, 2]` from `f64[S, eyes]`: NaN for an eye that has no column."""
    both = np.full((len(values), 2), np.nan)
    for lane, eye in enumerate(_eyes(roles)):
        both[:, ("left", "right").index(eye)] = values[:, lane]
    return both


def _blink(
    table: RawTable, roles: ColumnRoles, settings: ReadSettings, order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_] | None, tuple[Finding, ...]]:
    marks = tracker_blinks.of_rows(table, roles, settings.decimal)
    return (None, ()) if marks is None else (marks[order], (tracker_blinks.finding(marks[order]),))


def _time(table: RawTable, roles: ColumnRoles, settings: ReadSettings, order: npt.NDArray[np.int64]) -> Time | None:
    if "time" not in roles.at:
        return None
    values = cells.exact_numbers(table, roles.at["time"], settings.decimal)[order]
    if settings.time_unit is not None:
        return Time(values, settings.time_unit, "given")
    return Time(values, roles.time_unit)


def _labels(
    table: RawTable,
    roles: ColumnRoles,
    settings: ReadSettings,
    rows: Rows,
    order: npt.NDArray[np.int64],
    optional: bool,
) -> tuple[npt.NDArray[np.int32], tuple[Finding, ...]]:
    if "label" not in roles.at:
        label = np.full(len(rows.name), UNLABELLED, np.int32)
        return label, (Finding("labels", "none in the file", "default"), class_labels.counted(label, settings.classes))
    codes, names = cells.names(table, roles.at["label"])
    column = (table.heads or ())[roles.at["label"]]
    label = class_labels.of_trials(rows, codes[order], names, settings.classes, column, optional)
    found = sorted((i, n) for n in names if (i := class_labels.class_of(n, settings.classes)) is not None)
    written = [f"{name} = {settings.classes[i]}" for i, name in found]
    others = sorted(n for n in names if n and class_labels.class_of(n, settings.classes) is None)
    if written and others:
        written.append(f"neither: {listed(others)}")
    mapped = Finding("labels", ", ".join(written) or _no_class(names, settings.classes), "given")
    return label, (mapped, class_labels.counted(label, settings.classes))


def _no_class(names: Sequence[str], classes: tuple[str, str]) -> str:
    hint = f"; if these are the classes, name them: --classes {names[0]} {names[1]}" if len(names) == 2 else ""
    return f"{listed(names)}: neither {classes[0]} nor {classes[1]}{hint}"


def _names_of(
    table: RawTable, roles: ColumnRoles, role: Role, rows: Rows, order: npt.NDArray[np.int64]
) -> tuple[str, ...] | None:
    if role not in roles.at:
        return None
    codes, names = cells.names(table, roles.at[role])
    return tuple(names[i] for i in constant(rows, codes[order], names, role))


def _counts(who: _Identity, stimulus: tuple[str, ...] | None) -> Finding:
    value = f"{len(who.trial)} trials, {len(set(who.participant))} participants"
    return Finding("found", value if stimulus is None else f"{value}, {len(set(stimulus))} stimuli", "recognised")
