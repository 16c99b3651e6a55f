"""Which rows make a trial. A name that comes again after a pause is another trial, or a stimulus seen again."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.fast_median import fast_median
from smilejax._util.number_text import several
from smilejax.readers.rows import group
from smilejax.readers.samples import NameRole, Names, Samples
from smilejax.recordings.source import Finding

PAUSE_STEPS = 20
"""A step of time as long as this many usual ones, with other trials between or the end of a recording, is a pause: the name
stands for two trials."""


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
        raise ReadError(
            f"{samples.at(int(np.argmax(nameless)))}: every sample needs a participant; this row has none. Fill it in. Where "
            f"no column of the file names one, its name can, {SETTING.names_from} 'file: {in_file_names(samples)}', or leave "
            "the file out."
        )
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
    _refuse_two_onsets(samples, order, start)
    names = tuple(
        what.at(row) if again == 0 else f"{what.at(row)} ({again + 1})"
        for row, again in zip(first.tolist(), times.tolist(), strict=True)
    )
    findings = _findings(samples, source, n - len(kept), int((times > 0).sum()))
    return Viewings(order, start, names, (*findings, *_over_stops(samples, order, start)))


def _refuse_two_onsets(samples: Samples, order: npt.NDArray[np.int64], start: npt.NDArray[np.int64]) -> None:
    """Trials that were cut out by two events, in two files, are two trials, also where no time lies between them.

    Raises:
        ReadError: naming the first such trial, and the files.
    """
    if samples.onset is None or samples.time is None:
        return
    inner = np.ones(len(order), np.bool_)
    inner[start[:-1]] = False
    other = inner & (samples.onset[order] != np.roll(samples.onset[order], 1))
    if other.any():
        raise _repeated(samples, order, samples.time.values[order], int(np.argmax(other)))


def _stretches(samples: Samples) -> npt.NDArray[np.int64]:
    """`i64[S]`: which stretch of recording a row stands in, by its file and recording."""
    codes = np.zeros(len(samples), np.int64)
    for names in (samples.names.get("file"), samples.names.get("recording")):
        if names is not None:
            codes = codes * len(names.names) + names.codes
    return codes


def _over_stops(samples: Samples, order: npt.NDArray[np.int64], start: npt.NDArray[np.int64]) -> tuple[Finding, ...]:
    """Trials that go on in another recording, or file, after less than a pause."""
    what = samples.names.get("trial") or samples.names.get("stimulus")
    if samples.time is None or what is None:
        return ()
    code = _stretches(samples)[order]
    stops = code[1:] != code[:-1]
    stops[start[1:-1] - 1] = False
    at = np.flatnonzero(stops) + 1
    if not len(at):
        return ()
    trials = np.unique(np.searchsorted(start, at, side="right") - 1)
    name = what.at(int(order[at[0]]))
    value = (
        f"{several(len(trials), 'trial goes', 'trials go')} on in another recording, or block of it, after a stop of less than "
        f"{PAUSE_STEPS} samples; the first is {name!r}, at {samples.at(int(order[at[0]]))}"
    )
    return (Finding("recording stopped within trials", value, "warning"),)


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
    apart = np.flatnonzero(within & ((steps > PAUSE_STEPS * usual) | (steps <= 0)))
    stretch = _stretches(samples)[order]
    breaks = apart[_others_between(who, order, apart) | (stretch[apart] != stretch[apart - 1])]
    if shown_again and "stimulus" in samples.names:
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
    person = samples.names.get("participant") or Names.one("all", len(samples))
    who = person.at(row)
    what = "pauses" if values[at] > values[at - 1] else "goes back"
    others = _others_between(person.codes, order, np.array([at]))[0]
    between = ", with other trials between" if others else ""
    blocks = samples.names.get("block")
    unnamed = "participant" not in samples.names
    of_whom = "" if unnamed else f" of participant {who!r}"
    hint = _disordered(samples, row) or (_without_people(samples) if unnamed else _by_columns(samples))
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
            if _is_copy(samples, order, at, held):
                hint = f"The {role} {held.at(before)!r} holds the same pupils: is {held.at(row)!r} a copy of it? Leave one out."
            break
    return ReadError(
        f"{samples.at(row)}: trial {name!r}{of_whom} comes again: time {what} from {values[at - 1]:.12g} in "
        f"{samples.place} {samples.line[before]} to {values[at]:.12g} here{between}. {hint}"
    )


def in_file_names(samples: Samples) -> str:
    """A pattern for the participant in names of files: of files in several folders the folder, `{participant}/*`."""
    files = samples.names.get("file")
    in_folders = files is not None and len(files.names) > 1 and all("/" in name for name in files.names)
    return "{participant}/*" if in_folders else "{participant}"


def _without_people(samples: Samples) -> str:
    """The hint where no column says whose trial it is: then the trials of several people may have one name."""
    said = "No column with the participant was recognised, so that all rows are taken for one person's."
    if not samples.unused:
        return (
            f"{said} If they are of several people, give the file a column with the participant; if not, one that tells such "
            "trials apart, as block"
        )
    return (
        f"{said} If they are of several people, name that column: {SETTING.participant} NAME. If not, name the columns that "
        f"identify a trial together, as {SETTING.trial} block trial. Not used are {listed(map(repr, samples.unused), 8)}"
    )


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


def _is_copy(samples: Samples, order: npt.NDArray[np.int64], at: int, held: Names) -> bool:
    """Whether the rows from a row on, in its file or recording, hold the same pupils as those of the one before."""
    codes = held.codes[order]
    here = order[at:][: _alike(codes[at:])]
    there = order[:at][::-1][: _alike(codes[:at][::-1])][::-1]
    several_rows = len(here) > 1 and len(here) <= len(there)
    return several_rows and np.array_equal(samples.pupil[here], samples.pupil[there][-len(here) :], equal_nan=True)


def _alike(codes: npt.NDArray[np.int64]) -> int:
    """How many codes, from the first on, are the same."""
    other = codes != codes[0]
    return int(np.argmax(other)) if other.any() else len(codes)


def _heading(samples: Samples, role: NameRole) -> str:
    """The heading of a role's column, in quotes where it has a space; the role itself where it is unknown."""
    said = next((found.value for found in samples.findings if found.what == f"column: {role}"), role)
    return said if " " in said else said.strip("'\"")


def _findings(samples: Samples, source: NameRole, outside: int, again: int) -> tuple[Finding, ...]:
    findings = []
    if "trial" not in samples.names:
        nameless = "all rows of a recording are one" if again else "all rows are one"
        value = "taken from the stimulus" if "stimulus" in samples.names else nameless
        findings.append(Finding("trial names", value, "default"))
    if again and {"trial", "stimulus"} & samples.names.keys():
        findings.append(Finding("stimuli shown again", f"{again} showings, each a trial of its own", "warning"))
    if "participant" not in samples.names:
        findings.append(Finding("participant", "all rows are of one", "default"))
    if outside:
        findings.append(Finding("rows outside trials", f"{outside} without a trial's name, left out", "inferred"))
    return tuple(findings)
