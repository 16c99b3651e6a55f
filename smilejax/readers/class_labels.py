"""Labels as a file writes them, as 0 and 1."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.rows import Rows, constant
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import Finding

SYNONYMS = (
    frozenset(("posed", "fake", "deliberate")),
    frozenset(("genuine", "real", "spontaneous", "duchenne")),
)
"""Words of the literature on smiles for the same class; they count where the two classes are one of each set."""


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


def of_trials(
    rows: Rows,
    codes: npt.NDArray[np.int64],
    names: Sequence[str],
    classes: tuple[str, str],
    column: str,
    optional: bool,
) -> npt.NDArray[np.int32]:
    """Label of each trial, `i32[N]`: 0, 1, or, where `optional`, `UNLABELLED`.

    Arguments:
        rows: the S rows, trial by trial.
        codes: `i64[S]`, indices into `names`.
        names: the different labels as the file writes them.
        classes: the two classes.
        column: heading of the column, for messages.
        optional: whether a label may be empty or unknown.

    Raises:
        ReadError: naming the first row whose label is neither class, or changes within its trial.
    """
    meant = spellings(classes)
    values = np.array([meant.get(n.strip().casefold(), UNLABELLED) for n in names], np.int32)
    unknown = values[codes] == UNLABELLED
    if unknown.any() and not optional:
        row = int(rows_first(rows, unknown))
        raise ReadError(f"{rows.at(row)}, column {column!r}: {_unknown(names[codes[row]], names, classes)}")
    if unknown.any():
        in_trial = np.logical_or.reduceat(unknown, rows.start[:-1])
        codes = np.where(np.repeat(in_trial, np.diff(rows.start)), 0, values[codes] + 1)
        return (constant(rows, codes, ("unknown", *classes), "label") - 1).astype(np.int32)
    return constant(rows, values[codes].astype(np.int64), classes, "label").astype(np.int32)


def rows_first(rows: Rows, mask: npt.NDArray[np.bool_]) -> int:
    """Of the rows in a mask the one that stands first in the file."""
    marked = np.flatnonzero(mask)
    return int(marked[np.argmin(rows.line[marked])])


def counted(label: npt.NDArray[np.int32], classes: tuple[str, str]) -> Finding:
    """Trials per class, as a finding."""
    parts = [f"{np.count_nonzero(label == i)} {name}" for i, name in enumerate(classes)]
    if n := np.count_nonzero(label == UNLABELLED):
        parts.append(f"{n} unlabelled (for predict alone)")
    return Finding("trials per class", ", ".join(parts), "recognised")


def _unknown(value: str, names: Sequence[str], classes: tuple[str, str]) -> str:
    held = sorted({n for n in names if n})
    shown = " ".join(f'"{n}"' if len(n.split()) > 1 else n for n in held) if len(held) == 2 else "A B"
    if not value:
        return (
            f"the label must be {classes[0]!r} or {classes[1]!r}; this row has none. Fill it in, or take the trial out."
        )
    what = f"{value!r}"
    return (
        f"the label must be {classes[0]!r} or {classes[1]!r}; this row has {what}. The column holds: "
        f"{listed(held) or 'nothing'}. Name its two classes, the positive one second: {SETTING.classes} {shown}"
    )
