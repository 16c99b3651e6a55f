"""What is said of the trials of a recording as a whole: how many there are, of whom and what, and what was left out."""

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, listed
from smilejax._util.number_text import several
from smilejax.readers.assembly.trial_cutting import message_kinds, suggested_cut
from smilejax.readers.rows import Rows
from smilejax.readers.samples import Samples
from smilejax.recordings.source import Finding

ALL_ROWS = "all"
"""Name of the only trial, or participant, of a recording to be predicted that has no column for it."""

NAMED = 8
"""So many participants and so many stimuli are named."""

SHORT, MOST_SHORT = 0.9, 3
"""A last trial of less than this share of the usual length is remarked where this share of the others have about that length;
so many files are named."""


def uncut(samples: Samples, trials: int) -> tuple[Finding, ...]:
    """That a continuous recording was not cut into trials, and by which of its messages it could be.

    Arguments:
        trials: how many there are: each recording, or block of one, that is whole.
    """
    if "trial" in samples.names or "stimulus" in samples.names or not samples.events:
        return ()
    way = suggested_cut(samples)
    rule = "" if way is None or way.rule is None else f" {SETTING.label_from} '{way.rule}'"
    how = "" if way is None else f"; {SETTING.trials_from} '{way.pattern}'{rule} would cut {way.trials}"
    whole = (
        "the whole recording is one trial"
        if trials == 1
        else f"each of {trials} recordings (or blocks of one) is a trial"
    )
    value = f"no message was used to cut any out: {whole}. The messages: {message_kinds(samples.events)}{how}"
    return (Finding("trials", value, "default"),)


def cut_short(rows: Rows, count: npt.NDArray[np.int32]) -> tuple[Finding, ...]:
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


def unused(samples: Samples) -> tuple[Finding, ...]:
    """The columns that are not used."""
    if not samples.unused:
        return ()
    return (Finding("columns not used", listed([repr(head) for head in samples.unused], 12), "recognised"),)


def counts(
    participant: tuple[str, ...], stimulus: tuple[str, ...] | None, label: npt.NDArray[np.int32]
) -> tuple[Finding, ...]:
    """How many trials, participants and stimuli there are, and who and which they are."""
    people = list(dict.fromkeys(participant))
    value = f"{several(len(participant), 'trial')}, {several(len(people), 'participant')}"
    who = Finding(
        "participants", "none are named" if people == [ALL_ROWS] else listed(map(repr, people), NAMED), "recognised"
    )
    if stimulus is None:
        return Finding("found", value, "recognised"), who
    shown = list(dict.fromkeys(stimulus))
    value = f"{value}, {several(len(shown), 'stimulus', 'stimuli')}"
    which = Finding("stimuli", listed(map(repr, shown), NAMED), "recognised")
    return Finding("found", value, "recognised"), who, which, *_of_both_classes(label, stimulus)


def _of_both_classes(label: npt.NDArray[np.int32], stimulus: tuple[str, ...]) -> tuple[Finding, ...]:
    """Stimuli with trials of both classes: a smile is of one, so that the name may be a part of the stimulus's name only."""
    classes: dict[str, set[int]] = {}
    for name, of in zip(stimulus, label.tolist(), strict=True):
        classes.setdefault(name, set()).add(of)
    both = [name for name, of in classes.items() if {0, 1} <= of]
    value = f"{len(both)} of {len(classes)}: {listed(map(repr, both), 4)}"
    return (Finding("stimuli with trials of both classes", value, "inferred"),) if both else ()
