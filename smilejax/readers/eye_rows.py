"""Tables with a row for each eye, put side by side: one row with both eyes. No value is computed."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.rows import group
from smilejax.readers.samples import Eye, Names, Samples
from smilejax.recordings.source import Finding

EYE_WORDS: dict[str, Eye] = {
    **dict.fromkeys(("left", "l", "left eye", "lefteye", "os", "eye_left"), "left"),
    **dict.fromkeys(("right", "r", "right eye", "righteye", "od", "eye_right"), "right"),
}
"""How files name an eye, casefolded; OS and OD are oculus sinister and dexter."""

NEAR = 0.5
"""Rows of the two eyes are of one sample where they are less than this many sampling intervals apart."""


def paired(samples: Samples, left: npt.NDArray[np.bool_], finding: Finding) -> Samples:
    """Samples with a row for each eye, whose pupil stands in column 0, as samples with a row for both.

    Within each trial (or recording) the two eyes' rows are paired in time: with equal timestamps, or, where the eyes were not
    recorded at the same instants, with the nearest one less than half an interval away. A row without a partner stays, with
    the other eye missing. Paired rows take the left eye's time.

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
    pupil = np.full((len(samples), 2), np.nan)
    pupil[left, 0], pupil[~left, 1] = samples.pupil[left, 0], samples.pupil[~left, 0]
    order, start = group(_groups(samples))
    partner = np.full(len(samples), -1, np.int64)
    for a, b in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        rows = order[a:b]
        of_left, of_right = rows[left[rows]], rows[~left[rows]]
        if len(of_left) and len(of_right):
            nearest = _nearest(samples.time.values[of_left], samples.time.values[of_right])
            partner[of_left] = np.where(nearest >= 0, of_right[nearest], -1)
    has = np.flatnonzero(partner >= 0)
    pupil[has, 1] = pupil[partner[has], 1]
    kept = np.ones(len(samples), np.bool_)
    kept[partner[has]] = False
    marks = {name: _side_by_side(getattr(samples, name), left, partner, has) for name in ("blink", "invalid")}
    whole = replace(samples, pupil=pupil, eyes=_eyes(left), units=(samples.units[0],) * 2, **marks)
    alone = int(np.count_nonzero(kept)) - len(has)
    value = f"{finding.value}; {len(has)} pairs, {alone} rows of one eye alone"
    return replace(take(whole, np.flatnonzero(kept)), findings=(*samples.findings, replace(finding, value=value)))


def take(samples: Samples, rows: npt.NDArray[np.int64]) -> Samples:
    """Some of the rows, `i64[M]`, in that order. Events stay."""

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
    )


def _groups(samples: Samples) -> npt.NDArray[np.int64]:
    """`i64[S]`: which rows may be paired: those of one participant, recording, block and trial."""
    codes = np.zeros(len(samples), np.int64)
    for role in ("participant", "recording", "file", "sheet", "block", "trial", "stimulus"):
        if role in samples.names:  # type: ignore[operator]
            names = samples.names[role]  # type: ignore[index]
            _, codes = np.unique(codes * len(names.names) + names.codes, return_inverse=True)
    return codes.astype(np.int64)


def _nearest(left: npt.NDArray[np.generic], right: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """For each of the left eye's times the index of the right eye's nearest one, or -1 where none is near or another left row
    is nearer to it."""
    by_time = np.argsort(right, kind="stable")
    r = right[by_time].astype(np.float64) - float(right.min())  # type: ignore[arg-type]
    x = left.astype(np.float64) - float(right.min())  # type: ignore[arg-type]
    after = np.clip(np.searchsorted(r, x), 0, len(r) - 1)
    before = np.maximum(after - 1, 0)
    best = np.where(np.abs(r[before] - x) <= np.abs(r[after] - x), before, after)
    gaps = np.diff(np.sort(x))
    gaps = gaps[gaps > 0]
    limit = NEAR * float(np.median(gaps)) if len(gaps) else 0.0
    distance = np.abs(r[best] - x)
    order = np.lexsort((distance, best))
    first = np.ones(len(order), np.bool_)
    first[1:] = best[order][1:] != best[order][:-1]
    chosen = np.full(len(x), -1, np.int64)
    mine = order[first]
    near = mine[(distance[mine] <= limit) | (distance[mine] == 0)]
    chosen[near] = by_time[best[near]]
    return chosen


def _side_by_side(
    marks: npt.NDArray[np.bool_] | None,
    left: npt.NDArray[np.bool_],
    partner: npt.NDArray[np.int64],
    has: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_] | None:
    """Marks of rows of one eye each, `bool[S, 2]` with the eye's own in column 0, as those of both."""
    if marks is None:
        return None
    both = np.zeros(marks.shape, np.bool_)
    both[left, 0], both[~left, 1] = marks[left, 0], marks[~left, 0]
    both[has, 1] = both[partner[has], 1]
    return both


def _eyes(left: npt.NDArray[np.bool_]) -> tuple[Eye, ...]:
    found: list[Eye] = []
    if left.any():
        found.append("left")
    if not left.all():
        found.append("right")
    return tuple(found)
