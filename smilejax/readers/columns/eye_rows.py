"""Tables with a row for each eye, put side by side: one row with both eyes. No value is computed."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.rows import group
from smilejax.readers.samples import Eye, Names, Samples
from smilejax.recordings.source import Finding

_Value = TypeVar("_Value", np.float64, np.bool_)

EYE_WORDS: dict[str, Eye] = {
    **dict.fromkeys(("left", "l", "left eye", "lefteye", "os", "eye_left"), "left"),
    **dict.fromkeys(("right", "r", "right eye", "righteye", "od", "eye_right"), "right"),
}
"""How files name an eye, casefolded; OS and OD are oculus sinister and dexter."""

MOST_PASSES = 8
"""How often rows that are left over are paired with each other."""

FASTER = 0.7
"""The right eye's rows give the clock where their interval is less than this share of the left eye's."""


def pair_eye_rows(samples: Samples, left: npt.NDArray[np.bool_], finding: Finding) -> Samples:
    """Samples with a row for each eye, whose pupil stands in column 0, as samples with a row for both.

    Within each trial (or recording) the two eyes' rows are paired in time: with equal timestamps, or, where the eyes were not
    recorded at the same instants, with the nearest one less than an interval away. Both then stand at the left eye's time (at
    the right one's where that is recorded much faster). A row without a partner stays, with the other eye missing; but where
    cameras of one speed are not synchronised, a row of the eye that does not give the clock, less than an interval from one
    that does, is no further sample: it is left out and counted.

    Arguments:
        samples: S rows of one eye each.
        left: `bool[S]`, which rows are the left eye's.
        finding: how the eyes are written.

    Raises:
        ReadError: there is no time by which rows could be paired.
    """
    if samples.time is None:
        raise ReadError(
            f"{samples.file}: a row for each eye needs a time by which both are paired: {SETTING.time} NAME"
        )
    time, column = samples.time.values, np.where(left, 0, 1)
    order, start = group(_groups(samples))
    stays, joins, crowded = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], np.zeros(len(samples), np.bool_)
    for a, b in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        rows = order[a:b]
        eyes = [rows[left[rows]], rows[~left[rows]]]
        if not len(eyes[0]) or not len(eyes[1]):
            continue
        if _interval(time[eyes[1]]) < FASTER * _interval(time[eyes[0]]):
            eyes.reverse()
        found, close = _partners(time[eyes[0]], time[eyes[1]])
        stays.append(eyes[0][found >= 0])
        joins.append(eyes[1][found[found >= 0]])
        crowded[eyes[1][close]] = True
    stay, join = np.concatenate(stays), np.concatenate(joins)

    def both(values: npt.NDArray[_Value], none: float | bool) -> npt.NDArray[_Value]:
        side_by_side = np.full(values.shape, none, values.dtype)
        side_by_side[np.arange(len(values)), column] = values[:, 0]
        side_by_side[stay, column[join]] = values[join, 0]
        return side_by_side

    kept = ~crowded
    kept[join] = False
    whole = replace(
        samples,
        pupil=both(samples.pupil, np.nan),
        eyes=_eyes(left),
        units=(samples.units[0],) * 2,
        blink=None if samples.blink is None else both(samples.blink, False),
        invalid=None if samples.invalid is None else both(samples.invalid, False),
    )
    value = f"{finding.value}; {len(stay)} pairs, {int(kept.sum()) - len(stay)} rows of one eye alone"
    if n := int(crowded.sum()):
        value += f", {n} between the other eye's rows left out"
    return replace(take_rows(whole, np.flatnonzero(kept)), findings=(*samples.findings, replace(finding, value=value)))


def take_rows(samples: Samples, rows: npt.NDArray[np.int64]) -> Samples:
    """Some of the rows, `i64[M]`, in that order. Events stay."""
    if len(rows) == len(samples) and (rows == np.arange(len(samples))).all():
        return samples

    def part(values: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
        return None if values is None else values[rows]

    time = None if samples.time is None else replace(samples.time, values=samples.time.values[rows])
    names = {role: Names(n.codes[rows], n.names) for role, n in samples.names.items()}
    zero = None if samples.zero is None else samples.zero[rows]
    return replace(
        samples,
        line=samples.line[rows],
        pupil=samples.pupil[rows],
        time=time,
        names=names,
        invalid=part(samples.invalid),
        blink=part(samples.blink),
        zero=zero,
        onset=None if samples.onset is None else samples.onset[rows],
    )


def _groups(samples: Samples) -> npt.NDArray[np.int64]:
    """`i64[S]`: which rows may be paired: those of one participant, recording, block and trial."""
    codes = np.zeros(len(samples), np.int64)
    for role in ("participant", "recording", "file", "sheet", "block", "trial", "stimulus"):
        if role in samples.names:  # type: ignore[operator]
            names = samples.names[role]  # type: ignore[index]
            _, codes = np.unique(codes * len(names.names) + names.codes, return_inverse=True)
    return codes.astype(np.int64)


def _partners(
    clock: npt.NDArray[np.generic], other: npt.NDArray[np.generic]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each of one eye's times the index of the other eye's row of the same sample, or -1; and which of the other eye's rows
    that are left over stand less than an interval from one of the first eye.

    Two rows are of one sample where each is the nearest to the other. Cameras that are not synchronised keep no even beat: rows
    that are left over are paired with each other in the same way.
    """
    zero = other.min()
    in_order = [np.argsort(times, kind="stable") for times in (clock, other)]
    times = [(t[o] - zero).astype(np.float64) for t, o in zip((clock, other), in_order, strict=True)]
    limit = max(map(_interval, times))
    partner = np.full(len(clock), -1, np.int64)
    free = [np.arange(len(t)) for t in times]
    for _ in range(MOST_PASSES):
        if not len(free[0]) or not len(free[1]):
            break
        x, y = times[0][free[0]], times[1][free[1]]
        to, back = _nearest(x, y), _nearest(y, x)
        mutual = (back[to] == np.arange(len(x))) & (np.abs(y[to] - x) <= limit)
        if not mutual.any():
            break
        partner[in_order[0][free[0][mutual]]] = in_order[1][free[1][to[mutual]]]
        taken = np.zeros(len(y), np.bool_)
        taken[to[mutual]] = True
        free = [free[0][~mutual], free[1][~taken]]
    rest = times[1][free[1]]
    close = np.abs(times[0][_nearest(rest, times[0])] - rest) < limit
    return partner, in_order[1][free[1][close]]


def _nearest(of: npt.NDArray[np.float64], among: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Index of the nearest of the times `among`, in order, for each time; of two that are as near the earlier."""
    after = np.clip(np.searchsorted(among, of), 0, len(among) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(np.abs(among[before] - of) <= np.abs(among[after] - of), before, after).astype(np.int64)


def _interval(times: npt.NDArray[np.generic]) -> float:
    """The usual step of times, 0 where there is none."""
    steps = np.diff(np.sort(times)).astype(np.float64)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def _eyes(left: npt.NDArray[np.bool_]) -> tuple[Eye, ...]:
    found: list[Eye] = []
    if left.any():
        found.append("left")
    if not left.all():
        found.append("right")
    return tuple(found)


def same_eyes(pupil: npt.NDArray[np.float64]) -> tuple[Finding, ...]:
    """Two eyes with the same numbers throughout are one measurement, written twice."""
    both = ~np.isnan(pupil).any(axis=1)
    if np.count_nonzero(both) < 10 or not (pupil[both, 0] == pupil[both, 1]).all():
        return ()
    return (
        Finding(
            "eyes", "the left and right pupil are the same numbers throughout: one measurement, or a mean", "warning"
        ),
    )
