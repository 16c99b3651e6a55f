"""Which rows make a trial. A name that comes again after a pause is another trial, or a stimulus seen again."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.fast_median import fast_median
from smilejax.readers.rows import group
from smilejax.readers.samples import NameRole, Names, Samples
from smilejax.recordings.source import Finding

PAUSE_STEPS = 20
"""A step of time as long as this many usual ones, with other trials between, is a pause: the name stands for two trials."""


STOPPED_STEPS = 10
"""Where trials are known by their stimuli alone, a step as long as this many usual ones needs an explanation."""


@dataclass(frozen=True, eq=False)
class Viewings:
    """Rows of N trials, one trial after the other.

    Arguments:
        order: `i64[M]`, rows of the samples, trial by trial; trials in the order of their first rows.
        start: `i64[N + 1]`, first row of each trial in `order`, and M.
        trial: N names, unique within a participant.
        findings: how trials were recognised.
    """

    order: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    trial: tuple[str, ...]
    findings: tuple[Finding, ...]


def viewings_of(samples: Samples) -> Viewings:
    """Group rows to trials, by participant and trial, or participant and stimulus where trials have no names.

    Where a stimulus is the name and comes again after a pause, each showing is a trial of its own.

    Raises:
        ReadError: a row has no participant, no row has a trial, or a trial's name comes again after a pause.
    """
    n = len(samples)
    source: NameRole = "trial" if "trial" in samples.names else "stimulus"
    who = samples.names.get("participant") or Names.one("all", n)
    what = samples.names.get(source) or Names.one("all", n)
    inside = np.array([name != "" for name in what.names])[what.codes]
    nameless = np.array([name == "" for name in who.names])[who.codes] & inside
    if nameless.any():
        raise ReadError(f"{samples.at(int(np.argmax(nameless)))}: every sample needs a participant; this row has none.")
    if not inside.any():
        raise ReadError(f"{samples.file}: no row has the name of a trial. Name its column: {SETTING.trial} NAME")
    kept = np.flatnonzero(inside)
    codes = who.codes * len(what.names) + what.codes
    piece = _pieces(samples, codes, who.codes, kept, shown_again=source == "stimulus")
    order, start = group((codes * (int(piece.max()) + 1) + piece)[kept])
    order = kept[order]
    first = order[start[:-1]]
    times = piece[first]
    _refuse_scattered(samples, order, start)
    names = tuple(
        what.at(row) if again == 0 else f"{what.at(row)} ({again + 1})"
        for row, again in zip(first.tolist(), times.tolist(), strict=True)
    )
    return Viewings(order, start, names, _findings(samples, source, n - len(kept), int((times > 0).sum())))


def _refuse_scattered(samples: Samples, order: npt.NDArray[np.int64], start: npt.NDArray[np.int64]) -> None:
    """Without a time, rows of one trial in two files would follow each other, as the two eyes of it might.

    Raises:
        ReadError: naming the first such trial, and the files.
    """
    files = samples.names.get("file")
    if samples.time is not None or files is None or len(files.names) < 2 or not len(order):
        return
    codes = files.codes[order]
    lowest, highest = (edge.reduceat(codes, start[:-1]) for edge in (np.minimum, np.maximum))
    if (lowest == highest).all():
        return
    trial = int(np.argmax(lowest != highest))
    rows = order[start[trial] : start[trial + 1]]
    first, other = rows[0], rows[np.argmax(files.codes[rows] != files.codes[rows[0]])]
    name = (samples.names.get("trial") or samples.names["stimulus"]).at(int(first))
    raise ReadError(
        f"{samples.at(int(other))}: trial {name!r} begins in {files.at(int(first))}, and no time says how the rows of both "
        "files go together. Where they are its two eyes, give the folder that holds both files alone; where they are two "
        f"people or two trials, name them by the files: {SETTING.names_from} 'file: {in_file_names(samples)}'"
    )


def _pieces(
    samples: Samples,
    codes: npt.NDArray[np.int64],
    who: npt.NDArray[np.int64],
    kept: npt.NDArray[np.int64],
    *,
    shown_again: bool,
) -> npt.NDArray[np.int64]:
    """`i64[S]`: which showing of its name a row belongs to, from 0."""
    piece = np.zeros(len(samples), np.int64)
    if samples.time is None:
        return piece
    order, start = group(codes[kept])
    order = kept[order]
    values = samples.time.values[order]
    new = np.zeros(len(order), np.bool_)
    new[start[:-1]] = True
    steps = np.zeros(len(order))
    steps[1:] = (values[1:] - values[:-1]).astype(np.float64)
    within = ~new
    usual = fast_median(np.abs(steps[within])) if within.any() else 0.0
    apart = within & ((steps > PAUSE_STEPS * usual) | (steps <= 0))
    between = _others_between(who, order, np.flatnonzero(apart))
    breaks = np.flatnonzero(apart)[between]
    if shown_again:
        breaks = np.union1d(breaks, _paused(samples, order, start, values, usual))
    if not len(breaks):
        return piece
    if not shown_again:
        raise _repeated(samples, order, values, int(breaks[0]))
    marks = np.zeros(len(order), np.int64)
    marks[breaks] = 1
    counts = np.cumsum(marks)
    piece[order] = counts - np.repeat(counts[start[:-1]], np.diff(start))
    return piece


def _paused(
    samples: Samples,
    order: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    values: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    usual: float,
) -> npt.NDArray[np.int64]:
    """Rows with which a stimulus is shown again at once: after a pause that parts its rows into showings of one length.

    Raises:
        ReadError: there is a pause, but what it parts differs in length: rows may have been lost.
    """
    found: list[int] = []
    for a, b in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        steps = np.diff(values[a:b]).astype(np.float64)
        at = a + 1 + np.flatnonzero(steps > STOPPED_STEPS * usual)
        if not len(at):
            continue
        lengths = np.diff([a, *at.tolist(), b])
        if lengths.min() < 0.9 * lengths.max():
            row, before = int(order[at[0]]), int(order[at[0] - 1])
            raise ReadError(
                f"{samples.at(row)}: the rows of stimulus {samples.names['stimulus'].at(row)!r} pause from "
                f"{values[at[0] - 1]} in "
                f"{samples.place} {samples.line[before]} to {values[at[0]]} here. If it was shown twice, "
                "name a column that tells "
                f"the showings apart: {SETTING.trial} NAME. If rows were lost, say that the stimulus is "
                f"the trial: {SETTING.trial} "
                "and the column of stimuli."
            )
        found += at.tolist()
    return np.array(found, np.int64)


def _others_between(
    who: npt.NDArray[np.int64], order: npt.NDArray[np.int64], breaks: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether other rows of the same participant stand between a row and the one before it of its trial."""
    if not len(breaks):
        return np.zeros(0, np.bool_)
    rank = np.zeros(len(who), np.int64)
    by_person = np.argsort(who, kind="stable")
    rank[by_person] = np.arange(len(who))
    return np.asarray(rank[order[breaks]] - rank[order[breaks - 1]] > 1)


def _repeated(
    samples: Samples, order: npt.NDArray[np.int64], values: npt.NDArray[np.int64] | npt.NDArray[np.float64], at: int
) -> ReadError:
    row, before = int(order[at]), int(order[at - 1])
    name = samples.names["trial"].at(row)
    who = samples.names["participant"].at(row) if "participant" in samples.names else "all"
    what = "pauses" if values[at] > values[at - 1] else "goes back"
    blocks = samples.names.get("block")
    hint = _disordered(samples, row) or _by_columns(samples)
    if blocks is not None and blocks.at(row) != blocks.at(before):
        there = f"It is block {blocks.at(before)!r} there and {blocks.at(row)!r} here"
        hint = (
            f"{there}: name both columns, as {SETTING.trial} {_heading(samples, 'block')} {_heading(samples, 'trial')}"
        )
    for role in ("file", "recording"):
        held = samples.names.get(role)  # type: ignore[call-overload]
        if held is not None and held.at(row) != held.at(before):
            pattern = in_file_names(samples) if role == "file" else "{participant}"
            hint = (
                f"It stands in the {role} {held.at(before)!r} there and {held.at(row)!r} here. If these are two people: "
                f"{SETTING.names_from} '{role}: {pattern}'; if they are two sessions of one: {SETTING.names_from} "
                f"'{role}: {pattern.replace('participant', 'block')}'"
            )
            break
    return ReadError(
        f"{samples.at(row)}: trial {name!r} of participant {who!r} comes again: time {what} from {values[at - 1]:.12g} in "
        f"{samples.place} {samples.line[before]} to {values[at]:.12g} here, with other trials between. {hint}"
    )


def in_file_names(samples: Samples) -> str:
    """A pattern for the participant in names of files: of files in several folders the folder, `{participant}/*`."""
    files = samples.names.get("file")
    in_folders = files is not None and len(files.names) > 1 and all("/" in name for name in files.names)
    return "{participant}/*" if in_folders else "{participant}"


def _by_columns(samples: Samples) -> str:
    """The hint where columns tell trials of one name apart; without a column that is free there is none to name."""
    if not samples.unused:
        return (
            "No other column is left that could tell such trials apart: give the file one, as block, or another name to each "
            "trial"
        )
    shown = listed(map(repr, samples.unused), 8)
    return f"Name the columns that identify a trial together, as {SETTING.trial} block trial. Not used are {shown}"


def _disordered(samples: Samples, row: int) -> str | None:
    """What is wrong with a trial whose rows are those of one trial, but out of order or doubled; None where it may be two."""
    assert samples.time is not None
    mine = np.ones(len(samples), np.bool_)
    for role in ("participant", "trial", "block", "file", "recording"):
        names = samples.names.get(role)  # type: ignore[call-overload]
        if names is not None:
            mine &= names.codes == names.codes[row]
    rows = np.flatnonzero(mine)
    rows = rows[np.argsort(samples.time.values[rows], kind="stable")]
    steps = np.diff(samples.time.values[rows]).astype(np.float64)
    again = steps == 0
    if not (steps > 0).any() or steps.max() > PAUSE_STEPS * float(np.median(steps[~again])):
        return None
    if not again.any():
        return "Its rows are one trial in another order: sort the file by participant, trial and time"
    pupil = np.nan_to_num(samples.pupil[rows], nan=-1.0)
    doubled = again & (pupil[1:] == pupil[:-1]).all(axis=1)
    if (doubled == again).all():
        return f"{int(again.sum())} of its rows stand there twice, with the same time and pupil: remove one of each"
    return None


def _heading(samples: Samples, role: NameRole) -> str:
    """The heading of a role's column, in quotes where it has a space; the role itself where it is unknown."""
    said = next((found.value for found in samples.findings if found.what == f"column: {role}"), role)
    return said if " " in said else said.strip("'\"")


def _findings(samples: Samples, source: NameRole, outside: int, again: int) -> tuple[Finding, ...]:
    findings = []
    if "trial" not in samples.names:
        value = "taken from the stimulus" if "stimulus" in samples.names else "all rows are one"
        findings.append(Finding("trial names", value, "default"))
    if again:
        findings.append(Finding("stimuli shown again", f"{again} showings, each a trial of its own", "warning"))
    if "participant" not in samples.names:
        findings.append(Finding("participant", "all rows are of one", "default"))
    if outside:
        findings.append(Finding("rows outside trials", f"{outside} without a trial's name, left out", "inferred"))
    return tuple(findings)
