"""`Samples` of all files as `Trials`: which rows are a trial, which trials are used, pupils in one unit, one grid of time."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, TrialsError
from smilejax.readers import class_labels
from smilejax.readers.assembly import odd_values, pupil_units, trial_findings
from smilejax.readers.assembly.copies import copies
from smilejax.readers.assembly.formula_names import formula_names
from smilejax.readers.assembly.look_alikes import look_alikes
from smilejax.readers.assembly.required_names import require_names
from smilejax.readers.assembly.time_grid import TimeGrid, to_grid
from smilejax.readers.assembly.viewings import Viewings, viewings_of
from smilejax.readers.columns import blink_columns, pupil_values
from smilejax.readers.columns.columns_to_keep import kept_in_words, kept_of
from smilejax.readers.exclusions import counted_exclusions, excluded_rows, exclusion_findings, exclusions_of
from smilejax.readers.mapping import read_as
from smilejax.readers.rows import Rows, constant
from smilejax.readers.samples import EYES_IN_ORDER, NameRole, Names, Samples
from smilejax.recordings.kinds import PUPIL
from smilejax.recordings.source import ExcludedByHand, Finding, Source
from smilejax.recordings.trials import Trials, Unit
from smilejax.settings import ReadSettings


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The trials that are used: their rows, the order of rows, names, labels, and what was left out."""

    rows: Rows
    order: npt.NDArray[np.int64]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    label: npt.NDArray[np.int32]
    findings: tuple[Finding, ...]
    by_hand: tuple[ExcludedByHand, ...]


@dataclass(frozen=True, eq=False)
class _Pupils:
    """Diameters of the rows of all trials, `f64[S, 2]`, their unit, how they were found, and what is odd about them."""

    values: npt.NDArray[np.float64]
    unit: Unit
    findings: tuple[Finding, ...]
    odd: tuple[Finding, ...]


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
    require_names(samples, settings, optional)
    samples = _by_file(samples, optional)
    seen = viewings_of(samples)
    chosen = _chosen(samples, seen, settings, optional)
    order, rows = chosen.order, chosen.rows
    pupil = _diameters(samples, chosen, settings)
    blink = None if samples.blink is None else samples.blink[order]
    grid = _grid(samples, rows, order, pupil.values, blink, settings)
    stimulus, smiler = (_names_of(samples, role, rows, order) for role in ("stimulus", "smiler"))
    kept = kept_of(settings.columns, lambda role: _names_of(samples, role, rows, order))
    findings = (
        *samples.findings,
        *seen.findings,
        *chosen.findings,
        *pupil.findings,
        *(() if blink is None else (blink_columns.finding(blink, _recorded(samples)),)),
        *grid.findings,
        *pupil.odd,
        *trial_findings.uncut(samples, len(chosen.trial)),
        *trial_findings.cut_short(rows, grid.length),
        *trial_findings.unused(samples),
        *((Finding("columns kept", kept_in_words(kept), "given"),) if kept else ()),
        class_labels.counted(chosen.label, settings.classes),
        *formula_names("trials", chosen.trial),
        *formula_names("participants", chosen.participant),
        *(() if stimulus is None else formula_names("stimuli", stimulus)),
        *(() if smiler is None else formula_names("smilers", smiler)),
        *look_alikes("participants", chosen.participant),
        *(() if stimulus is None else look_alikes("stimuli", stimulus)),
        *trial_findings.counts(chosen.participant, stimulus, chosen.label),
    )
    try:
        return Trials(
            pupil=grid.pupil,
            length=grid.length,
            rate_hz=grid.rate_hz,
            unit=pupil.unit,
            label=chosen.label,
            class_names=settings.classes,
            trial=chosen.trial,
            participant=chosen.participant,
            stimulus=stimulus,
            smiler=smiler,
            source=Source(source, layout, findings, read_as(settings, layout, findings), chosen.by_hand),
            blink=grid.blink,
            start_ms=grid.start_ms,
            columns=kept,
        )
    except TrialsError as error:
        raise ReadError(f"{samples.file}: {error.marked}") from error


def _by_file(samples: Samples, optional: bool) -> Samples:
    """Recordings to be predicted, in several files that name no participant: the file stands for the participant."""
    files = samples.names.get("file")
    if not optional or "participant" in samples.names or files is None or len(set(files.codes.tolist())) < 2:
        return samples
    said = Finding("participant", "the name of the file", "default")
    return replace(samples, names={**samples.names, "participant": files}, findings=(*samples.findings, said))


def _chosen(samples: Samples, seen: Viewings, settings: ReadSettings, optional: bool) -> _Chosen:
    order, start = seen.order, seen.start
    who = samples.names.get("participant") or Names.one(trial_findings.ALL_ROWS, len(samples))
    trial = seen.trial
    participant = tuple(who.at(row) for row in order[start[:-1]].tolist())
    shown = tuple(f"trial {t!r} of participant {p!r}" for t, p in zip(trial, participant, strict=True))
    rows = Rows(samples.file, samples.place, samples.line[order], start, shown, _files(samples, order))
    left_out = excluded_rows(trial, participant, exclusions_of(settings), settings.exclude, PUPIL)
    label, findings = class_labels.of_samples(samples, rows, order, settings.classes, optional, frozenset(left_out))
    keep = np.ones(len(trial), np.bool_)
    by_hand = counted_exclusions(left_out, label, settings.classes)
    findings = (*findings, *exclusion_findings(by_hand, settings.exclude, PUPIL))
    keep[list(left_out)] = False
    keep &= label != class_labels.OTHER
    if not keep.any():
        raise ReadError(f"{samples.file}: no trial is left: all {len(trial)} are excluded or of other classes.")
    if keep.all():
        return _Chosen(rows, order, trial, participant, label, findings, by_hand)
    kept = np.flatnonzero(keep)
    of_row = np.repeat(keep, np.diff(start))
    counts = np.diff(start)[kept]
    start = np.concatenate(([0], np.cumsum(counts)))
    names = tuple(shown[i] for i in kept)
    order = order[of_row]
    rows = Rows(samples.file, samples.place, samples.line[order], start, names, _files(samples, order))
    pick = tuple(trial[i] for i in kept), tuple(participant[i] for i in kept)
    return _Chosen(rows, order, *pick, label[kept], findings, by_hand)


def _files(samples: Samples, order: npt.NDArray[np.int64]) -> Names | None:
    files = samples.names.get("file")
    return files.take(order) if files is not None and len(files.names) > 1 else None


def _recorded(samples: Samples) -> list[int]:
    """The columns of `Samples.pupil` that hold an eye."""
    return [EYES_IN_ORDER.index(eye) for eye in samples.eyes] or [0]


def _diameters(samples: Samples, chosen: _Chosen, settings: ReadSettings) -> _Pupils:
    """The pupils in one unit, with what shows that some are none."""
    rows = chosen.rows
    raw, missing = _pupil(samples, chosen.order, settings)
    codes, names = np.unique(chosen.participant, return_inverse=True)[::-1]
    people = [str(name) for name in names]
    of_rows = np.repeat(codes, np.diff(rows.start))
    pupil, unit, found = pupil_units.diameters(samples.file, raw, samples.units, of_rows, people, settings)
    marks = odd_values.codes_for_missing(rows, raw, codes)
    measured = np.where(np.isin(raw, marks), np.nan, pupil) if marks else pupil
    odd = (
        *odd_values.without_pupil(rows, pupil, codes, people),
        *odd_values.constant_pupils(rows, pupil),
        *odd_values.missing_findings(rows, raw, marks),
        *odd_values.too_large(rows, pupil, raw, unit, marks),
        *odd_values.other_units(rows, measured, unit, codes, people),
        *copies(rows, raw),
    )
    return _Pupils(pupil, unit, (*found, *missing), odd)


def _called(samples: Samples, at: int) -> str:
    """An eye, and the column that it was read from where one is known: "left, column 'PupilLeft'"."""
    eye = EYES_IN_ORDER[at] if samples.eyes else "the pupil"
    role = EYES_IN_ORDER[at] if samples.eyes else "pupil"
    column = next((found.value for found in samples.findings if found.what == f"column: {role}"), None)
    return eye if column is None else f"{eye}, column {column}"


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
    values[:, recorded], missing = pupil_values.clean(
        samples.file, values[:, recorded], settings.missing, marks, called=[_called(samples, at) for at in recorded]
    )
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
        zero = _onsets(samples, rows, samples.zero[order])
    rate = settings.rate_hz if settings.rate_hz is not None or time is not None else samples.rate_hz
    return to_grid(rows, pupil, time, rate, blink, zero, settings.window_ms, samples.rate_hz)


def _onsets(samples: Samples, rows: Rows, onsets: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The onset of each trial, `f64[N]`, from those of its rows, `f64[S]`, which are one number."""
    zero = onsets[rows.start[:-1]]
    if (none := ~np.isfinite(zero)).any():
        raise ReadError(
            f"{samples.file}: {rows.name[int(np.argmax(none))]} has no onset. Fill it in, or exclude the trial."
        )
    other = np.isfinite(onsets) & (onsets != np.repeat(zero, np.diff(rows.start)))
    if other.any():
        row = int(np.argmax(other))
        trial = rows.trial_of(row)
        raise ReadError(
            f"{rows.at(row)}: the onset must be the same throughout a trial; that of {rows.name[trial]} is {zero[trial]:.12g} "
            f"in {rows.place} {rows.line[rows.start[trial]]} and {onsets[row]:.12g} here. Is it a column of onsets? "
            f"{SETTING.onset} NAME"
        )
    return zero


def _names_of(samples: Samples, role: NameRole, rows: Rows, order: npt.NDArray[np.int64]) -> tuple[str, ...] | None:
    if role not in samples.names:
        return None
    names = samples.names[role]
    return tuple(names.names[i] for i in constant(rows, names.codes[order], names.names, role))
