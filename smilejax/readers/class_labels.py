"""Labels as a file writes them, as 0 and 1."""

import difflib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.number_text import several
from smilejax.readers.rows import Rows, constant
from smilejax.readers.samples import Names, Samples
from smilejax.recordings.kinds import PUPIL, Kind
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import Finding

SYNONYMS = (
    frozenset(("posed", "fake", "deliberate", "acted")),
    frozenset(("genuine", "real", "spontaneous", "duchenne")),
)
"""Words of the literature on smiles for the same class; they count where the two classes are one of each set."""

OTHER = -2
"""Label of a trial whose class is neither of the two: it is left out."""


def spellings(classes: tuple[str, str]) -> dict[str, int]:
    """Casefolded words that mean class 0 or class 1: the two themselves, and their synonyms."""
    own = [c.strip().casefold() for c in classes]
    meant = {own[0]: 0, own[1]: 1}
    for first, second in (SYNONYMS, SYNONYMS[::-1]):
        if own[0] in first and own[1] in second:
            meant |= dict.fromkeys(first, 0) | dict.fromkeys(second, 1)
    return meant


def class_of(name: str, classes: tuple[str, str]) -> int | None:
    """The class that a word means, 0 or 1, or None."""
    return spellings(classes).get(name.strip().casefold())


def of_samples(
    samples: Samples,
    rows: Rows,
    order: npt.NDArray[np.int64],
    classes: tuple[str, str],
    optional: bool,
    left_out: frozenset[int] = frozenset(),
) -> tuple[npt.NDArray[np.int32], tuple[Finding, ...]]:
    """Label of each trial, `i32[N]`: 0, 1, `OTHER` for a third class, or `UNLABELLED`, and how labels were read.

    A label that is neither class is another one, to be left out, where both of the two are found. Where only one or none is,
    the classes are misspelt rather than many.

    Arguments:
        samples: with a name `label`, or without.
        rows: the S rows, trial by trial.
        order: `i64[S]`, rows of the samples.
        classes: the two classes.
        optional: whether a label may be empty, or the classes others.
        left_out: trials that will not be used, which may lack a label.

    Raises:
        ReadError: a label changes within its trial, is empty, or is none of the classes.
    """
    if "label" not in samples.names:
        label = np.full(len(rows.name), UNLABELLED, np.int32)
        return label, (Finding("labels", "none in the file", "default"),)
    held = _one_word_for_each(samples.names["label"], classes)
    codes = _of_trials(rows, held, order, optional)
    meant = [class_of(name, classes) for name in held.names]
    found = {meant[code] for code in np.unique(codes).tolist()} - {None}
    third = OTHER if len(found) == 2 else UNLABELLED
    values = [UNLABELLED if not name else third if m is None else m for name, m in zip(held.names, meant, strict=True)]
    label = np.array(values, np.int32)[codes]
    bad = label == UNLABELLED
    bad[list(left_out)] = False
    if not optional and bad.any():
        trial = int(np.argmax(bad))
        raise ReadError(f"{rows.at(int(rows.start[trial]))}: {_unknown(held.names[codes[trial]], held.names, classes)}")
    return label, _findings(held.names, meant, label, codes, classes)


def _one_word_for_each(held: Names, classes: tuple[str, str]) -> Names:
    """Labels in which synonyms (and spellings with other capitals) are one: the one that the file has first."""
    first: dict[object, int] = {}
    codes = []
    for code, name in enumerate(held.names):
        meant = class_of(name, classes)
        codes.append(first.setdefault(name.casefold() if meant is None else meant, code))
    return Names(np.array(codes, np.int64)[held.codes], held.names)


def _of_trials(rows: Rows, held: Names, order: npt.NDArray[np.int64], optional: bool) -> npt.NDArray[np.int64]:
    """The code of each trial's label. Where labels are optional, a trial with an empty one anywhere has none."""
    codes = held.codes[order]
    if "" in held.names and optional:
        empty = held.names.index("")
        in_trial = np.logical_or.reduceat(codes == empty, rows.start[:-1])
        codes = np.where(np.repeat(in_trial, np.diff(rows.start)), empty, codes)
    return constant(rows, codes, held.names, "label")


def _findings(
    names: Sequence[str],
    meant: Sequence[int | None],
    label: npt.NDArray[np.int32],
    codes: npt.NDArray[np.int64],
    classes: tuple[str, str],
) -> tuple[Finding, ...]:
    of_class = sorted((m, name) for name, m in zip(names, meant, strict=True) if m is not None)
    written = [_said(name, classes[m], positive=m == 1) for m, name in of_class]
    others = sorted({names[code] for code in codes.tolist() if meant[code] is None and names[code]})
    findings = [
        Finding("labels", ", ".join(written) or _no_class(others, classes), "recognised" if written else "warning")
    ]
    found = {m for m, _ in of_class}
    if len(found) == 1:
        count = {name: int((codes == names.index(name)).sum()) for name in others}
        findings += misspelt(classes, classes[1 - found.pop()], count, PUPIL)
    if left := int((label == OTHER).sum()):
        of_each = ", ".join(f"{int((codes == names.index(name)).sum())} {name}" for name in others)
        findings.append(Finding("other classes", f"{several(left, 'trial')} left out: {of_each}", "recognised"))
    return tuple(findings)


def misspelt(classes: tuple[str, str], without: str, others: Mapping[str, int], kind: Kind) -> tuple[Finding, ...]:
    """That a class which was named has no trial, while the file has other labels; nothing where it has none.

    Arguments:
        without: the class that has none.
        others: how many trials each label has that is neither class.
    """
    if not others:
        return ()
    held = listed(f"{name!r} ({several(count, kind.trial)})" for name, count in others.items())
    like = difflib.get_close_matches(without.casefold(), [name.casefold() for name in others], n=1)
    meant = next((name for name in others if [name.casefold()] == like or len(others) == 1), None)
    hint = ""
    if meant is not None:
        named = " ".join(_quoted(meant if one == without else one) for one in classes)
        hint = f". If {meant!r} is the other class, give {SETTING.classes} {named}"
    value = f"no {kind.trial} is labelled {without!r}; the other labels are {held}, and count as without a label{hint}"
    return (Finding("classes", value, "warning"),)


def _quoted(name: str) -> str:
    """A label as a command line takes it."""
    return f'"{name}"' if len(name.split()) > 1 else name


def _said(name: str, meant: str, *, positive: bool) -> str:
    """What a label of the file is taken for: `'fake' is posed`, `'Hard' (the positive class)`."""
    as_another = "" if name == meant else f" is {meant}"
    return f"{name!r}{as_another}{' (the positive class)' if positive else ''}"


def counted(label: npt.NDArray[np.int32], classes: tuple[str, str]) -> Finding:
    """Trials per class, as a finding."""
    parts = [f"{np.count_nonzero(label == i)} {name}" for i, name in enumerate(classes)]
    if n := np.count_nonzero(label == UNLABELLED):
        parts.append(f"{n} unlabelled (for predict alone)")
    return Finding("trials per class", ", ".join(parts), "recognised")


def _no_class(names: Sequence[str], classes: tuple[str, str]) -> str:
    hint = f"; if these are the classes, name them: {SETTING.classes} {names[0]} {names[1]}" if len(names) == 2 else ""
    return f"{listed(names) or 'empty'}: neither {classes[0]} nor {classes[1]}{hint}"


def _unknown(value: str, names: Sequence[str], classes: tuple[str, str]) -> str:
    held = sorted({n for n in names if n})
    shown = " ".join(map(_quoted, held)) if len(held) == 2 else "A B"
    if not value:
        return f"the label must be {classes[0]!r} or {classes[1]!r}; this trial has none. Fill it in, or take the trial out."
    return (
        f"the label must be {classes[0]!r} or {classes[1]!r}; this trial has {value!r}. The labels are: "
        f"{listed(held) or 'nothing'}. Name its two classes, the positive one second: {SETTING.classes} {shown}"
    )
