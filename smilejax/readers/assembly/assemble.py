"""`Samples` of all files as `Trials`: which rows are a trial, which trials are used, pupils in one unit, one grid of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, TrialsError, listed
from smilejax._util.number_text import several
from smilejax.readers import class_labels
from smilejax.readers.assembly import pupil_units
from smilejax.readers.assembly.joined_tables import Exclusion, exclusions
from smilejax.readers.assembly.look_alikes import look_alikes
from smilejax.readers.assembly.time_grid import TimeGrid, to_grid
from smilejax.readers.assembly.trial_cutting import general_cut, message_kinds, suggested_cut
from smilejax.readers.assembly.viewings import Viewings, in_file_names, viewings_of
from smilejax.readers.columns import blink_columns, pupil_values
from smilejax.readers.mapping import read_as
from smilejax.readers.rows import Rows, constant
from smilejax.readers.samples import EYES_IN_ORDER, NameRole, Names, Samples
from smilejax.recordings.source import Finding, Source
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

ALL_ROWS = "all"
"""Name of the only trial, or participant, of a recording to be predicted that has no column for it."""

NAMED = 8
"""So many participants and so many stimuli are named."""

SHORT, MOST_SHORT = 0.9, 3
"""A last trial of less than this share of the usual length is remarked where this share of the others have about that length;
so many files are named."""

LARGEST_MM = 15.0
"""No pupil is half as large again as the largest, of some 9 mm (Mathôt 2018): what is above is no pupil in mm."""
FEWEST_CONSTANT = 10
"""Measured samples that a trial must have to be said to never change."""


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The trials that are used: their rows, the order of rows, names, labels, and what was left out."""

    rows: Rows
    order: npt.NDArray[np.int64]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    label: npt.NDArray[np.int32]
    findings: tuple[Finding, ...]


def assemble(samples: Samples, settings: ReadSettings, *, optional: bool, source: str, layout: str) -> Trials:
    """Make trials of samples.

    Arguments:
        samples: those of all files.
        settings: what is known beforehand.
        optional: whether trials may be without a label.
        source: name of what was read, for `Trials.source`.
        layout: name of the reader.

    Raises:
        ReadError: with file, line and value of what cannot be, and a hint.
    """
    _require_names(samples, settings, optional)
    samples = _by_file(samples, optional)
    seen = viewings_of(samples)
    chosen = _chosen(samples, seen, settings, optional)
    order, rows = chosen.order, chosen.rows
    pupil, pupil_findings = _pupil(samples, order, settings)
    codes, names = np.unique(chosen.participant, return_inverse=True)[::-1]
    of_rows = np.repeat(codes, np.diff(rows.start))
    pupil, unit, unit_findings = pupil_units.diameters(
        samples.file, pupil, samples.units, of_rows, [str(n) for n in names], settings
    )
    blink = None if samples.blink is None else samples.blink[order]
    grid = _grid(samples, rows, order, pupil, blink, settings)
    stimulus, smiler = (_names_of(samples, role, rows, order) for role in ("stimulus", "smiler"))
    findings = (
        *samples.findings,
        *seen.findings,
        *chosen.findings,
        *unit_findings,
        *pupil_findings,
        *(() if blink is None else (blink_columns.finding(blink, _recorded(samples)),)),
        *grid.findings,
        *_constant_pupils(rows, pupil),
        *_too_large(rows, pupil, unit),
        *_uncut(samples),
        *_cut_short(rows, grid.length),
        *_unused(samples),
        class_labels.counted(chosen.label, settings.classes),
        *look_alikes("participants", chosen.participant),
        *(() if stimulus is None else look_alikes("stimuli", stimulus)),
        *_counts(chosen, stimulus),
    )
    try:
        return Trials(
            pupil=grid.pupil,
            length=grid.length,
            rate_hz=grid.rate_hz,
            unit=unit,
            label=chosen.label,
            class_names=settings.classes,
            trial=chosen.trial,
            participant=chosen.participant,
            stimulus=stimulus,
            smiler=smiler,
            source=Source(source, layout, findings, read_as(settings, layout, findings)),
            blink=grid.blink,
            start_ms=grid.start_ms,
        )
    except TrialsError as error:
        raise ReadError(f"{samples.file}: {error.marked}") from error


def _require_names(samples: Samples, settings: ReadSettings, optional: bool) -> None:
    """Every trial must be known by its participant, its own name or stimulus, and its class."""
    if samples.time is None and settings.rate_hz is None and samples.rate_hz is None:
        label = (
            f" The class of a trial is not known either: a column, {SETTING.label} NAME, or a rule on names gives it, as "
            f"{SETTING.label_from} '{_ruled(samples)}: A* = posed, * = genuine'."
            if "label" not in samples.names
            else ""
        )
        raise ReadError(
            f"{samples.file}: no column with the time was recognised, and the samples per second were not given: "
            f"{SETTING.rate_hz} NUMBER, or name the column: {SETTING.time} NAME.{label} {_columns(samples)}".rstrip()
        )
    if optional:
        return
    if "participant" not in samples.names:
        raise ReadError(
            f"{samples.file}: no column with the participant was recognised. Name it with "
            f"{SETTING.participant} NAME, or where it "
            f"stands in names of files or sheets: {SETTING.names_from} 'file: {in_file_names(samples)}'.{_named(samples)} "
            f"{_columns(samples)}"
        )
    if "trial" not in samples.names and "stimulus" not in samples.names:
        messages = ""
        if samples.events:
            way = suggested_cut(samples) or general_cut(samples)
            messages = f" The recording has messages: {message_kinds(samples.events)}."
            if way is not None:
                rule = "" if way.rule is None else f", with their class by {SETTING.label_from} '{way.rule}'"
                messages += f" Cut trials by them with {SETTING.trials_from} and a pattern, as '{way.pattern}'{rule}."
        raise ReadError(
            f"{samples.file}: no column with the trial was recognised. Name it with {SETTING.trial} NAME, "
            "or cut trials by a table "
            f"of events: {SETTING.events} FILE.{messages} {_columns(samples)}"
        )
    if "label" not in samples.names:
        raise ReadError(
            f"{samples.file}: no column with the label (the class) was recognised. Name it with "
            f"{SETTING.label} NAME; or give a rule "
            f"on names, {SETTING.label_from} '{_ruled(samples)}: A* = fake, * = real' (or trial, sheet, file); or a "
            "table with the labels, "
            f"{SETTING.join} FILE. Recordings to be predicted need none: read(..., labels='optional'). {_columns(samples)}"
        )


def _ruled(samples: Samples) -> NameRole:
    """The names by which a rule for classes is likely to go: those of sheets, stimuli, trials or files, as there are."""
    files = samples.names.get("file")
    roles: tuple[NameRole, ...] = ("sheet", "stimulus", "trial")
    several_files = files is not None and len(files.names) > 1
    return next((role for role in roles if role in samples.names), "file" if several_files else "stimulus")


def _columns(samples: Samples) -> str:
    shown = listed([repr(head) for head in samples.unused], 20)
    return f"Columns that are not used: {shown}." if samples.unused else ""


def _named(samples: Samples) -> str:
    """The names that a pattern could take the participant from."""
    there = [(role, samples.names[role]) for role in ("file", "recording", "sheet") if role in samples.names]
    shown = [f"the {role} {names.at(0)!r}" for role, names in there if names.at(0)]
    return f" Here they are {listed(shown)}." if shown else ""


def _by_file(samples: Samples, optional: bool) -> Samples:
    """Recordings to be predicted, in several files that name no participant: the file stands for the participant."""
    files = samples.names.get("file")
    if not optional or "participant" in samples.names or files is None or len(set(files.codes.tolist())) < 2:
        return samples
    said = Finding("participant", "the name of the file", "default")
    return replace(samples, names={**samples.names, "participant": files}, findings=(*samples.findings, said))


def _chosen(samples: Samples, seen: Viewings, settings: ReadSettings, optional: bool) -> _Chosen:
    order, start = seen.order, seen.start
    who = samples.names.get("participant") or Names.one(ALL_ROWS, len(samples))
    trial = seen.trial
    participant = tuple(who.at(row) for row in order[start[:-1]].tolist())
    shown = tuple(f"trial {t!r} of participant {p!r}" for t, p in zip(trial, participant, strict=True))
    rows = Rows(samples.file, samples.place, samples.line[order], start, shown, _files(samples, order))
    left_out = _excluded(trial, participant, exclusions(settings), settings)
    label, findings = class_labels.of_samples(samples, rows, order, settings.classes, optional, frozenset(left_out))
    keep = np.ones(len(trial), np.bool_)
    findings = (*findings, *_left_out(left_out, label, settings.classes))
    keep[list(left_out)] = False
    keep &= label != class_labels.OTHER
    if not keep.any():
        raise ReadError(f"{samples.file}: no trial is left: all {len(trial)} are excluded or of other classes.")
    if keep.all():
        return _Chosen(rows, order, trial, participant, label, findings)
    kept = np.flatnonzero(keep)
    of_row = np.repeat(keep, np.diff(start))
    counts = np.diff(start)[kept]
    start = np.concatenate(([0], np.cumsum(counts)))
    names = tuple(shown[i] for i in kept)
    order = order[of_row]
    rows = Rows(samples.file, samples.place, samples.line[order], start, names, _files(samples, order))
    pick = tuple(trial[i] for i in kept), tuple(participant[i] for i in kept)
    return _Chosen(rows, order, *pick, label[kept], findings)


def _files(samples: Samples, order: npt.NDArray[np.int64]) -> Names | None:
    files = samples.names.get("file")
    return files.take(order) if files is not None and len(files.names) > 1 else None


def _excluded(
    trial: Sequence[str], participant: Sequence[str], excluded: Sequence[Exclusion], settings: ReadSettings
) -> dict[int, str]:
    """The trials that the exclusions name, by index, with the reason of each."""
    found: dict[int, str] = {}
    for one in excluded:
        hits = [
            i
            for i, (t, p) in enumerate(zip(trial, participant, strict=True))
            if p == one.participant and one.trial in ("", t)
        ]
        if not hits:
            what = (
                f"trial {one.trial!r} of participant {one.participant!r}"
                if one.trial
                else f"participant {one.participant!r}"
            )
            raise ReadError(
                f"{settings.exclude}: there is no {what} to leave out. Participants: {listed(dict.fromkeys(participant), 12)}."
            )
        found.update(dict.fromkeys(hits, one.reason))
    return found


def _left_out(left_out: dict[int, str], label: npt.NDArray[np.int32], classes: tuple[str, str]) -> tuple[Finding, ...]:
    """Excluded trials by reason and class."""
    findings = []
    for reason in dict.fromkeys(left_out.values()):
        mine = label[[i for i, why in left_out.items() if why == reason]]
        parts = [f"{n} {name}" for c, name in enumerate(classes) if (n := int((mine == c).sum()))]
        others = int(((mine != 0) & (mine != 1)).sum())
        parts += [f"{others} of no class"] if others else []
        findings.append(Finding(f"excluded: {reason}", f"{several(len(mine), 'trial')} ({', '.join(parts)})", "given"))
    return tuple(findings)


def _recorded(samples: Samples) -> list[int]:
    """The columns of `Samples.pupil` that hold an eye."""
    return [EYES_IN_ORDER.index(eye) for eye in samples.eyes] or [0]


def _pupil(
    samples: Samples, order: npt.NDArray[np.int64], settings: ReadSettings
) -> tuple[npt.NDArray[np.float64], tuple[Finding, ...]]:
    """`f64[S, 2]` with NaN where missing or marked as invalid, in the columns of the eyes that were recorded."""
    recorded = _recorded(samples)
    values = samples.pupil[order]
    bad = None if samples.invalid is None else samples.invalid[order]
    if bad is not None:
        values[bad & ~(values > 0)] = np.nan
    marks = None if bad is None else bad[:, recorded]
    values[:, recorded], missing = pupil_values.clean(samples.file, values[:, recorded], settings.missing, marks)
    if len(recorded) == 2:
        return values, missing
    eye = ("left", "right")[recorded[0]]
    how = f"{eye} only; the other eye was not recorded"
    if not samples.eyes:
        eye = settings.recorded_eye or "left"
        how = f"one, taken as the {eye}" + ("" if settings.recorded_eye else "; the file does not say which")
        if eye == "right":
            values = values[:, ::-1]
    source = "given" if not samples.eyes and settings.recorded_eye else "recognised" if samples.eyes else "default"
    return values, (*missing, Finding("eyes", how, source))  # type: ignore[arg-type]


def _grid(
    samples: Samples,
    rows: Rows,
    order: npt.NDArray[np.int64],
    pupil: npt.NDArray[np.float64],
    blink: npt.NDArray[np.bool_] | None,
    settings: ReadSettings,
) -> TimeGrid:
    time, zero = samples.time, None
    if time is not None:
        time = replace(time, values=time.values[order])
    if samples.zero is not None:
        onsets = samples.zero[order]
        zero = onsets[rows.start[:-1]]
        if (none := ~np.isfinite(zero)).any():
            raise ReadError(
                f"{samples.file}: {rows.name[int(np.argmax(none))]} has no onset. Fill it in, or exclude the trial."
            )
    rate = settings.rate_hz if settings.rate_hz is not None or time is not None else samples.rate_hz
    return to_grid(rows, pupil, time, rate, blink, zero, settings.window_ms, samples.rate_hz)


def _names_of(samples: Samples, role: NameRole, rows: Rows, order: npt.NDArray[np.int64]) -> tuple[str, ...] | None:
    if role not in samples.names:
        return None
    names = samples.names[role]
    return tuple(names.names[i] for i in constant(rows, names.codes[order], names.names, role))


def _too_large(rows: Rows, pupil: npt.NDArray[np.float64], unit: str) -> tuple[Finding, ...]:
    """Values in mm that no pupil has: a number for missing samples that was not given, or a trial in another unit."""
    beyond = pupil > LARGEST_MM
    if unit != "mm" or not beyond.any():
        return ()
    values, counts = np.unique(pupil[beyond], return_counts=True)
    most = float(values[counts.argmax()])
    first = int(np.searchsorted(rows.start, int(beyond.any(axis=1).argmax()), side="right")) - 1
    which = f"most often {most:g}" if counts.max() > 1 else f"as {most:g}"
    said = (
        f"{several(int(beyond.sum()), 'sample is', 'samples are')} above {LARGEST_MM:g} mm, {which}, the first in "
        f"{rows.name[first]}. If it stands for missing samples, give it, {SETTING.missing} "
        f"{most:g}; else look for a trial in another unit"
    )
    return (Finding("pupils too large", said, "warning"),)


def _constant_pupils(rows: Rows, pupil: npt.NDArray[np.float64]) -> tuple[Finding, ...]:
    """Trials in which an eye's every measured sample is one value: no pupil does that."""
    start = rows.start[:-1]
    enough = np.add.reduceat(np.isfinite(pupil), start, dtype=np.int64) >= FEWEST_CONSTANT
    constant = np.fmin.reduceat(pupil, start) == np.fmax.reduceat(pupil, start)
    odd = np.flatnonzero((enough & constant).any(axis=1))
    if not len(odd):
        return ()
    changes = "1 trial never changes" if len(odd) == 1 else f"{len(odd)} trials never change, the first"
    return (Finding("constant pupil", f"{changes}: {rows.name[odd[0]]}", "warning"),)


def _uncut(samples: Samples) -> tuple[Finding, ...]:
    """That a continuous recording was not cut into trials, and by which of its messages it could be."""
    if "trial" in samples.names or "stimulus" in samples.names or not samples.events:
        return ()
    way = suggested_cut(samples)
    rule = "" if way is None or way.rule is None else f" {SETTING.label_from} '{way.rule}'"
    how = "" if way is None else f"; {SETTING.trials_from} '{way.pattern}'{rule} would cut {way.trials}"
    value = f"none are cut out of this recording. Its messages: {message_kinds(samples.events)}{how}"
    return (Finding("trials", value, "default"),)


def _cut_short(rows: Rows, count: npt.NDArray[np.int32]) -> tuple[Finding, ...]:
    """The trial that stands last in a file, where it is much shorter than the others, which are alike: is the file cut?"""
    end = np.maximum.reduceat(rows.line, rows.start[:-1])
    file = np.zeros(len(count), np.int64) if rows.files is None else rows.files.codes[rows.start[:-1]]
    found = []
    for code in np.unique(file).tolist():
        mine = np.flatnonzero(file == code)
        last = int(mine[np.argmax(end[mine])])
        others = np.delete(count, last)
        usual = float(np.median(others)) if len(others) > 1 else 0.0
        if count[last] < SHORT * usual and np.mean(np.abs(others - usual) <= (1 - SHORT) * usual) >= SHORT:
            lengths = f"{count[last]} samples where most have {usual:.0f}"
            value = f"{rows.name[last]}, the last of its file, has {lengths}: is the file cut?"
            found.append(Finding("short trial", value, "warning"))
    if len(found) > MOST_SHORT:
        more = Finding("short trial", f"{len(found) - MOST_SHORT} further files end with a short trial", "warning")
        return (*found[:MOST_SHORT], more)
    return tuple(found)


def _unused(samples: Samples) -> tuple[Finding, ...]:
    if not samples.unused:
        return ()
    return (Finding("columns not used", listed([repr(head) for head in samples.unused], 12), "recognised"),)


def _counts(chosen: _Chosen, stimulus: tuple[str, ...] | None) -> tuple[Finding, ...]:
    """How many trials, participants and stimuli there are, and who and which they are."""
    people = list(dict.fromkeys(chosen.participant))
    value = f"{several(len(chosen.trial), 'trial')}, {several(len(people), 'participant')}"
    who = Finding(
        "participants", "none are named" if people == [ALL_ROWS] else listed(map(repr, people), NAMED), "recognised"
    )
    if stimulus is None:
        return Finding("found", value, "recognised"), who
    shown = list(dict.fromkeys(stimulus))
    value = f"{value}, {several(len(shown), 'stimulus', 'stimuli')}"
    which = Finding("stimuli", listed(map(repr, shown), NAMED), "recognised")
    return Finding("found", value, "recognised"), who, which, *_of_both_classes(chosen.label, stimulus)


def _of_both_classes(label: npt.NDArray[np.int32], stimulus: tuple[str, ...]) -> tuple[Finding, ...]:
    """Stimuli with trials of both classes: a smile is of one, so that the name may be a part of the stimulus's name only."""
    classes: dict[str, set[int]] = {}
    for name, of in zip(stimulus, label.tolist(), strict=True):
        classes.setdefault(name, set()).add(of)
    both = [name for name, of in classes.items() if {0, 1} <= of]
    value = f"{len(both)} of {len(classes)}: {listed(map(repr, both), 4)}"
    return (Finding("stimuli with trials of both classes", value, "inferred"),) if both else ()
