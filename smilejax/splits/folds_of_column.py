"""Folds of a column of the user's own, as published ones: participants of one value are scored together."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, DataError, SettingsError, listed
from smilejax._util.natural_order import natural_order
from smilejax._util.number_text import several
from smilejax.preprocess.dataset import Dataset
from smilejax.recordings.kinds import PUPIL, Kind
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import cross_validation
from smilejax.splits.study_design import Axis, Design, design_of


def folds_of_column(
    dataset: Dataset,
    values: Sequence[str],
    *,
    column: str,
    names: Mapping[str, Sequence[str]] | None = None,
    kind: Kind = PUPIL,
) -> Folds:
    """Cross-validation over the values of a column: each fold scores the trials of one value and trains on all others.

    Arguments:
        values: N texts, the fold of each trial. column: what messages call it.
        names: N names of "participant" and of "trial", for messages; None takes numbers.
        kind: of the recording, for the words of messages.

    Returns:
        a fold for each value, in natural order, named "fold 1" of a column fold; scheme "column 'fold'".

    Raises:
        DataError: a trial that can be scored has no value, there is one value only, a participant is in two folds, or a class
            is absent from a training set.
        SettingsError: not one value for each trial.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds_of_column(dataset, ["a"] * 4 + ["b"] * 4, column="part").names
        ('part a', 'part b')
    """
    n = len(dataset)
    if len(values) != n:
        raise SettingsError(f"values must have a fold for each of the {n} {kind.trials}; there are {len(values)}.")
    design = design_of(dataset)
    texts = np.array([value.strip() for value in values], dtype=object)
    known = names or {}
    who, what = (_named(known.get(role), n) for role in ("participant", "trial"))
    used = np.flatnonzero(design.scorable)
    _require_values(texts, used, column, (who, what), kind)
    _require_apart(texts, design, used, column, who, kind)
    folds = sorted({str(text) for text in texts[used]}, key=natural_order)
    fold = np.full(n, -1)
    fold[used] = [folds.index(text) for text in texts[used]]
    _require_classes(fold, folds, design, column, kind)
    apart: list[Axis] = ["participant"]
    apart += [
        axis for axis in ("stimulus", "smiler") if design.recorded(axis) and _apart(design.codes(axis), fold, used)
    ]
    scheme, titles = f"column {column!r}", tuple(f"{column} {text}" for text in folds)
    return cross_validation(dataset, design, fold[None], scheme, tuple(apart), names=titles)


def _named(names: Sequence[str] | None, n: int) -> Sequence[str]:
    return names if names is not None else [f"in row {row}" for row in range(n)]


def _apart(codes: npt.NDArray[np.int32], fold: npt.NDArray[np.int64], used: npt.NDArray[np.intp]) -> bool:
    """Whether each code is in one fold."""
    pairs = np.unique(np.stack([codes[used], fold[used]]), axis=1)
    return pairs.shape[1] == len(np.unique(codes[used]))


def _require_values(
    texts: npt.NDArray[np.object_],
    used: npt.NDArray[np.intp],
    column: str,
    names: tuple[Sequence[str], Sequence[str]],
    kind: Kind,
) -> None:
    empty = [row for row in used.tolist() if not texts[row]]
    if empty:
        who, what = names
        rest = f" (and {len(empty) - 1} more)" if len(empty) > 1 else ""
        raise DataError(
            f"every {kind.trial} needs a fold; the column {column!r} is empty for {kind.trial} {what[empty[0]]!r} of "
            f"{kind.participant} {who[empty[0]]!r}{rest}.",
            hint=f"Fill the column in, or leave these {kind.trials} out: {SETTING.exclude} FILE.",
            setting="folds_from",
        )
    found = dict.fromkeys(texts[used].tolist())
    if len(found) < 2:
        raise DataError(
            f"folds need at least two values; the column {column!r} has {next(iter(found))!r} for all "
            f"{several(len(used), kind.trial)} that can be scored.",
            hint=f"Name the column that holds the folds ({SETTING.folds_from}); without, folds are assigned at random.",
            setting="folds_from",
        )


def _require_apart(
    texts: npt.NDArray[np.object_],
    design: Design,
    used: npt.NDArray[np.intp],
    column: str,
    who: Sequence[str],
    kind: Kind,
) -> None:
    first: dict[int, int] = {}
    for row in used.tolist():
        other = first.setdefault(int(design.participant[row]), row)
        if texts[other] != texts[row]:
            raise DataError(
                f"no {kind.participant} may be in two folds, since recognising who it is would be enough to classify; by the "
                f"column {column!r}, {kind.participant} {who[row]!r} is in {texts[other]!r} and in {texts[row]!r}.",
                hint=f"Give all {kind.trials} of a {kind.participant} one fold. What {kind.trials} divided one by one give "
                "is in every study, as the protocol that leaks.",
                setting="folds_from",
            )


def _require_classes(
    fold: npt.NDArray[np.int64], folds: Sequence[str], design: Design, column: str, kind: Kind
) -> None:
    for at, text in enumerate(folds):
        train = design.scorable & (fold != at)
        counts = [int((train & (design.y == k)).sum()) for k in (0, 1)]
        if 0 in counts:
            none, other = (design.class_names[k] for k in (counts.index(0), 1 - counts.index(0)))
            raise DataError(
                f"training needs {kind.trials} of both classes; without the fold {text!r} of the column {column!r} there are "
                f"{max(counts)} {other} and no {none}. The folds are {listed(folds, 12)}.",
                hint=f"Put {kind.participants} of both classes into more than one fold.",
                setting="folds_from",
            )
