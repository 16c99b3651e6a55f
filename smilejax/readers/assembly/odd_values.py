"""Values that no pupil has: numbers that stand for missing samples, trials in another unit, pupils that never change."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.number_text import several
from smilejax.readers.assembly.pupil_units import LIKELY_MM, NARROWEST_MM
from smilejax.readers.rows import Rows
from smilejax.readers.samples import EYES_IN_ORDER
from smilejax.recordings.source import Finding

F64 = npt.NDArray[np.float64]

LARGEST_MM = 15.0
"""No pupil is half as large again as the largest, of some 9 mm (Mathôt 2018): what is above is no pupil in mm."""

FEWEST_SAMPLES = 10
"""Measured samples that a trial must have to be judged by their median, or to be said to never change."""

ONE_PERSON = {"mm": 4.0}
"""Medians of one person's trials differ by less than this factor: the pupil has 2 to 8 mm (Mathôt 2018), and hardly that in one
study. Of other units nobody knows whether they are areas."""
ONE_PERSON_AREA = 16.0

POWER_OF_TEN = 0.25
"""So near to a whole number, up or down, the logarithm of a factor shows another unit: within a factor of 1.8."""

LONG_RUN, FEWEST_RUNS = 3, 2
"""A number for missing samples stands in so many runs, at the least, of so many equal samples."""

FAR_SDS, FAR_SHARE = 4.0, 0.2
"""Such a number lies so many standard deviations (1.4826 times the median absolute deviation) and this share of the median off
the person's median. Our choice."""

SHARP = 0.5
"""At an edge of such a run the pupil jumps by at least this share of the way to the person's median, and it does so at nearly
all of them: an eyelid closes over several samples."""

SHARP_EDGES = 0.9
MOST_CANDIDATES = 8


def codes_for_missing(rows: Rows, raw: F64, participant: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Numbers that seem to stand for missing samples: repeated exactly, in runs with sharp edges, far off the person's pupils.

    Arguments:
        rows: S rows of N trials.
        raw: `f64[S, 2]` as the file writes them, NaN where missing.
        participant: `i64[N]`, whose trial each is.
    """
    of_row = np.repeat(participant, np.diff(rows.start))
    first = np.zeros(len(raw), np.bool_)
    first[rows.start[:-1]] = True
    found: dict[float, None] = {}
    for eye in (0, 1):
        begins, ends, values = _long_runs(raw[:, eye], first)
        kinds, counts = np.unique(values, return_counts=True)
        often = np.argsort(-counts, kind="stable")[:MOST_CANDIDATES]
        for value in kinds[often[counts[often] >= FEWEST_RUNS]].tolist():
            mine = values == value
            if _is_code(raw[:, eye], value, begins[mine], ends[mine], first, of_row):
                found[value] = None
    return tuple(found)


def _long_runs(values: F64, first: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], F64]:
    """Where runs of `LONG_RUN` equal samples of one trial begin and end, and their values."""
    begin = np.flatnonzero(first | np.concatenate(([True], values[1:] != values[:-1])))
    end = np.append(begin[1:], len(values))
    long = (end - begin >= LONG_RUN) & np.isfinite(values[begin])
    return begin[long], end[long], values[begin[long]]


def _is_code(
    values: F64,
    code: float,
    begin: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    first: npt.NDArray[np.bool_],
    of_row: npt.NDArray[np.int64],
) -> bool:
    """Whether the runs of a number are far off the pupils of each person who has them, and have sharp edges."""
    far, edges, sharp = 0, 0, 0
    whose = of_row[begin]
    for person in np.unique(whose).tolist():
        own = values[of_row == person]
        own = own[np.isfinite(own) & (own != code)]
        if not len(own):
            continue
        middle = float(np.median(own))
        spread = 1.4826 * float(np.median(np.abs(own - middle)))
        way = abs(code - middle)
        if way <= max(FAR_SDS * spread, FAR_SHARE * middle):
            continue
        mine = whose == person
        far += int(mine.sum())
        before = begin[mine][~first[begin[mine]]] - 1
        last = np.append(first[1:], True)[end[mine] - 1]
        beside = np.concatenate((values[before], values[end[mine][~last] % len(values)]))
        beside = beside[np.isfinite(beside)]
        edges += len(beside)
        sharp += int((np.abs(beside - code) >= SHARP * way).sum())
    return far >= FEWEST_RUNS and edges > 0 and far >= SHARP_EDGES * len(begin) and sharp >= SHARP_EDGES * edges


def missing_findings(rows: Rows, raw: F64, codes: Sequence[float]) -> tuple[Finding, ...]:
    """What to do about numbers that seem to stand for missing samples, each with the first trial that has it."""
    findings = []
    for code in codes:
        there = (raw == code).any(axis=1)
        name = rows.name[rows.trial_of(int(np.argmax(there)))]
        said = (
            f"{code:g} stands in {several(int((raw == code).sum()), 'sample')}, in runs with sharp edges and far off the "
            f"other pupils, the first in {name}. If it stands for missing samples, give it, "
            f"{SETTING.missing} {code:g}"
        )
        findings.append(Finding("number for missing samples", said, "warning"))
    return tuple(findings)


def too_large(rows: Rows, pupil: F64, raw: F64, unit: str, codes: Sequence[float]) -> tuple[Finding, ...]:
    """Values in mm that no pupil has: a number for missing samples that was not given, or samples in another unit.

    `raw` are the values as the file writes them, and those in `codes` are already said.
    """
    beyond = (pupil > LARGEST_MM) & ~np.isin(raw, codes)
    if unit != "mm" or not beyond.any():
        return ()
    values, counts = np.unique(raw[beyond], return_counts=True)
    most = float(values[counts.argmax()])
    which = f"most often {most:g}" if counts.max() > 1 else f"as {most:g}"
    said = (
        f"{several(int(beyond.sum()), 'sample is', 'samples are')} above {LARGEST_MM:g} mm, {which}, the first in "
        f"{rows.name[rows.trial_of(int(beyond.any(axis=1).argmax()))]}. If it stands for missing samples, give it, "
        f"{SETTING.missing} {most:g}; else look for a trial in another unit"
    )
    return (Finding("pupils too large", said, "warning"),)


def without_pupil(
    rows: Rows, pupil: F64, participant: npt.NDArray[np.int64], participants: Sequence[str]
) -> tuple[Finding, ...]:
    """Participants of whom no sample was measured, among others of whom some were."""
    trials = np.add.reduceat(np.isfinite(pupil).any(axis=1), rows.start[:-1], dtype=np.int64) > 0
    measured = np.bincount(participant, trials, len(participants)) > 0
    absent = [name for name, there in zip(participants, measured, strict=True) if not there]
    if not absent or not measured.any():
        return ()
    value = f"{listed(map(repr, absent), 6)}: not one sample was measured"
    return (Finding("participants without a pupil", value, "warning"),)


def constant_pupils(rows: Rows, pupil: F64) -> tuple[Finding, ...]:
    """Trials in which an eye's every measured sample is one value: no pupil does that."""
    start = rows.start[:-1]
    enough = np.add.reduceat(np.isfinite(pupil), start, dtype=np.int64) >= FEWEST_SAMPLES
    constant = np.fmin.reduceat(pupil, start) == np.fmax.reduceat(pupil, start)
    odd = np.flatnonzero((enough & constant).any(axis=1))
    if not len(odd):
        return ()
    changes = "1 trial never changes" if len(odd) == 1 else f"{len(odd)} trials never change, the first"
    return (Finding("constant pupil", f"{changes}: {rows.name[odd[0]]}", "warning"),)


def other_units(
    rows: Rows, pupil: F64, unit: str, participant: npt.NDArray[np.int64], participants: Sequence[str]
) -> tuple[Finding, ...]:
    """Trials, or participants, whose pupils are in another unit than those of the others, as their medians show.

    Arguments:
        rows: S rows of N trials.
        pupil: `f64[S, 2]` in `unit`, NaN where missing.
        participant: `i64[N]`, index of each trial's participant into `participants`.

    Raises:
        ReadError: the trials of one participant differ by a power of ten, and at least half of the samples of those that do
            were measured.
    """
    findings: list[Finding] = []
    count = np.diff(rows.start)
    for eye, name in enumerate(EYES_IN_ORDER):
        there = np.add.reduceat(np.isfinite(pupil[:, eye]), rows.start[:-1], dtype=np.int64)
        judged = np.flatnonzero(there >= FEWEST_SAMPLES)
        parts = [pupil[rows.start[i] : rows.start[i + 1], eye] for i in judged.tolist()]
        medians = np.array([np.median(part[np.isfinite(part)]) for part in parts])
        whose = participant[judged]
        for person in np.unique(whose).tolist():
            mine = whose == person
            findings += _of_one_person(rows, name, unit, judged[mine], medians[mine], (there / count)[judged[mine]])
        if unit == "mm":
            findings += _of_people(
                name, {participants[p]: float(np.median(medians[whose == p])) for p in np.unique(whose)}
            )
    return tuple(findings)


def _of_one_person(
    rows: Rows, eye: str, unit: str, trials: npt.NDArray[np.int64], medians: F64, measured: F64
) -> list[Finding]:
    """Trials of one participant that are not in one unit: those of the smaller group are named."""
    if medians.max() <= ONE_PERSON.get(unit, ONE_PERSON_AREA) * medians.min():
        return []
    small = medians <= math.sqrt(medians.max() * medians.min())
    odd = small if small.sum() * 2 <= len(small) else ~small
    factor = float(np.median(medians[~small]) / np.median(medians[small]))
    times = f"{factor:.0f}" if factor >= 100 else f"{factor:.3g}"
    names = listed([rows.name[i] for i in trials[odd].tolist()], 3)
    said = (
        f"the median of the {eye} pupil is {float(np.median(medians[odd])):.4g} in {names}, and in the other trials of this "
        f"participant {float(np.median(medians[~odd])):.4g}, {times} times as {'large' if odd[small].all() else 'small'}"
    )
    power = math.log10(factor)
    if round(power) and abs(power - round(power)) <= POWER_OF_TEN and (measured[odd] >= 0.5).all():
        raise ReadError(
            f"{rows.file}: a participant's trials are not in one unit: {said}. Convert them, or leave them out "
            f"({SETTING.exclude} FILE, a table with columns participant, trial and reason)."
        )
    return [Finding("trials in another unit", f"{said}: are they in one unit, and measured well?", "warning")]


def _of_people(eye: str, medians: dict[str, float]) -> list[Finding]:
    """Participants whose median is none of a pupil in mm, or far from that of the others."""
    findings = []
    for name, median in medians.items():
        others = [m for other, m in medians.items() if other != name]
        if not others:
            continue
        usual = float(np.median(others))
        factor = max(median / usual, usual / median)
        likely = NARROWEST_MM <= median <= LIKELY_MM[1]
        if (likely and factor <= ONE_PERSON["mm"]) or not NARROWEST_MM <= usual <= LIKELY_MM[1]:
            continue
        said = (
            f"the median of the {eye} pupil of {name!r} is {median:.4g}, and that of the other participants {usual:.4g}: is "
            "this participant in the same unit?"
        )
        findings.append(Finding("participant in another unit", said, "warning"))
    return findings
