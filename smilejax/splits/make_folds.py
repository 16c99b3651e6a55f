"""Folds from masks, and from a fold number for each trial; checked before they are returned."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int

from smilejax.preprocess.dataset import Dataset
from smilejax.splits.check_folds import check_folds, leak
from smilejax.splits.folds import Folds
from smilejax.splits.study_design import Axis, Design


def make_folds(
    dataset: Dataset,
    design: Design,
    scheme: str,
    apart: tuple[Axis, ...],
    train: Bool[np.ndarray, "F N"],
    test: Bool[np.ndarray, "F N"],
    *,
    names: tuple[str, ...],
    repeat: npt.ArrayLike,
    times_scored: int | None,
    why_leaky: str = "",
) -> Folds:
    """Folds without validation trials, checked; `leaky` and `why_leaky` are filled in. Raises as `check_folds`."""
    why_leaky = why_leaky or leak(design, train, test)
    folds = Folds(
        scheme=scheme,
        apart=apart,
        leaky=bool(why_leaky),
        why_leaky=why_leaky,
        train=train,
        test=test,
        validation=np.zeros_like(train),
        names=names,
        repeat=np.asarray(repeat, np.int32),
        times_scored=times_scored,
    )
    check_folds(folds, dataset)
    return folds


def cross_validation(
    dataset: Dataset,
    design: Design,
    fold: Int[np.ndarray, "R N"],
    scheme: str,
    apart: tuple[Axis, ...],
    *,
    names: tuple[str, ...] | None = None,
    why_leaky: str = "",
) -> Folds:
    """Folds that each score the trials of one fold number and train on all others.

    Arguments:
        fold: `i64[R, N]`, for each repeat the fold number of each trial, from 0 without gaps; -1 for trials not used.
        names: of the folds, for a single repeat; None numbers them.
    """
    repeats, n = fold.shape
    folds = int(fold.max()) + 1
    test = (fold[:, None, :] == np.arange(folds)[:, None]).reshape(repeats * folds, n)
    return make_folds(
        dataset,
        design,
        scheme,
        apart,
        design.scorable & ~test,
        test,
        names=names or tuple(f"{of_repeat(r, repeats)}fold {f + 1}" for r in range(repeats) for f in range(folds)),
        repeat=np.repeat(np.arange(repeats), folds),
        times_scored=repeats,
        why_leaky=why_leaky,
    )


def of_repeat(repeat: int, repeats: int) -> str:
    """How the name of a fold starts: "repeat 2, " where there are several."""
    return f"repeat {repeat + 1}, " if repeats > 1 else ""
