"""Permutations and folds: permutations on which every fold can be trained, and the smallest p that folds allow."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.errors import DataError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme
from smilejax.splits.folds import Folds
from smilejax.splits.permutations.enumeration import carriers_of
from smilejax.splits.permutations.permute import PermutedLabels, permute_labels
from smilejax.splits.permutations.schemes import scheme_of
from smilejax.splits.study_design import design_of


def permute_labels_for_folds(
    folds: Folds,
    dataset: Dataset,
    most: int,
    *,
    scheme: Scheme | None = None,
    balanced: bool = False,
    inside: Folds | None = None,
    key: Array,
) -> PermutedLabels:
    """Draw permutations under which each fold is trained on both classes: at most a given number, or all there are.

    Arguments:
        most: the greatest number drawn, from 1.
        scheme: as in `permute_labels`.
        balanced: whether the folds were assigned with the classes balanced of the units among which labels are permuted;
            labels are then exchanged only among units that are held out together.
        inside: further folds, inside the others, that must be trained on both classes too.
        key: typed PRNG key.

    Raises:
        DataError: as `permute_labels`, or because under every permutation some fold would be trained on one class only.
    """
    within = folds if balanced else None
    exist, kept = permute_labels(dataset, 1, scheme=scheme, folds=within, key=key).distinct - 1, None
    for count in (2 * most, 20 * most):  # more than needed: some may leave a fold with one class to train on
        drawn = permute_labels(dataset, min(count, exist), scheme=scheme, folds=within, key=key)
        kept = with_both_classes(folds, drawn)
        if kept is not None and inside is not None:
            kept = with_both_classes(inside, kept)
        if count >= exist or (kept is not None and len(kept) >= most):
            break
    if kept is None:
        raise DataError(
            f"under each of {len(drawn)} permutations some fold would be trained on one class only.",
            hint="Leave out less.",
        )
    if len(drawn) == exist:
        kept = replace(kept, distinct=1 + len(kept))  # all of the design on which every fold can be trained
    return replace(kept, labels=kept.labels[:most])


def smallest_attainable_p_of(dataset: Dataset, folds: Folds, scheme: Scheme | None = None) -> float:
    """The smallest p of a test that exchanges labels only among units that folds hold out together; 1 where there is none.

    Raises:
        DataError: no trial can be scored.
    """
    design = design_of(dataset)
    scheme = scheme or scheme_of(design).scheme
    return 1.0 if scheme is None else 1 / carriers_of(design, scheme, folds).distinct


def check_classes(folds: Folds, permuted: PermutedLabels) -> None:
    """Check before any training that each fold is trained on both classes under each permutation.

    `check_folds` ensures this for the true labels. It stays true for labels exchanged within smilers and blocks of whole
    smilers; with few stimuli in few blocks, one block may otherwise contain all trials of a class.

    Raises:
        DataError: naming the permutation, the fold and the class.
    """
    positive, sizes = _positive(folds, permuted)
    if np.any(single := (positive == 0) | (positive == sizes)):
        fold, row = np.unravel_index(int(single.argmax()), single.shape)
        raise DataError(
            f"training needs trials of both classes under every permutation; in {int(single.any(0).sum())} of "
            f"{len(permuted)} some fold has one class only, first fold {folds.names[fold]!r} by {folds.scheme} in "
            f"permutation {row}: all its {int(sizes[fold, 0])} training trials are class {int(positive[fold, row] > 0)}.",
            hint="Leave out less in each fold, or use a dataset with more stimuli or participants.",
        )


def with_both_classes(folds: Folds, permuted: PermutedLabels) -> PermutedLabels | None:
    """The permutations under which each fold is trained on both classes; None where there is none.

    The folds must depend on the labels only through what the permutations keep, and must be trained on both classes under
    the true labels. The true labelling is then one of those that the folds allow, and a test among these is valid.
    """
    positive, sizes = _positive(folds, permuted)
    keep = ~np.any((positive == 0) | (positive == sizes), axis=0)
    return replace(permuted, labels=permuted.labels[keep]) if keep.any() else None


def _positive(folds: Folds, permuted: PermutedLabels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """`[F, K]`, number of training trials of class 1 under each permutation, and `[F, 1]`, number of all training trials."""
    positive = folds.train.astype(np.float32) @ (permuted.labels == 1).T.astype(np.float32)
    return positive, folds.train.sum(1)[:, None]
