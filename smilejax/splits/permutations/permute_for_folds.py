"""Permutations and folds: those that can be trained on, and the least p that folds leave."""

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
from smilejax.splits.permutations.schemes import place_of
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
    """Draw at most so many permutations on which each fold can be trained, or all there are.

    Arguments:
        most: from 1.
        scheme: as in `permute_labels`.
        balanced: that these folds were dealt with the classes of the units balanced that labels are permuted among; labels
            are then exchanged only among those held out together.
        inside: further folds that are to be trained on, inside the others.
        key: typed PRNG key.

    Raises:
        DataError: as `permute_labels`, or because under each permutation some fold would be trained on one class only.
    """
    within = folds if balanced else None
    exist, kept = permute_labels(dataset, 1, scheme=scheme, folds=within, key=key).distinct - 1, None
    for count in (2 * most, 20 * most):  # more than are wanted: some may leave a fold with one class to train on
        drawn = permute_labels(dataset, min(count, exist), scheme=scheme, folds=within, key=key)
        kept = with_both_classes(folds, drawn)
        if kept is not None and inside is not None:
            kept = with_both_classes(inside, kept)
        if count >= exist or (kept is not None and len(kept) >= most):
            break
    if kept is None:
        raise DataError(f"Under each of {len(drawn)} permutations some fold would be trained on one class only.")
    if len(drawn) == exist:
        kept = replace(kept, distinct=1 + len(kept))  # all that the design has and that can be trained on
    return replace(kept, labels=kept.labels[:most])


def smallest_p_of(dataset: Dataset, folds: Folds, scheme: Scheme | None = None) -> float:
    """The least p of a test that exchanges labels only among units that folds hold out together; 1 where there is none.

    Raises:
        DataError: no trial can be scored.
    """
    design = design_of(dataset)
    scheme = scheme or place_of(design).scheme
    return 1.0 if scheme is None else 1 / carriers_of(design, scheme, folds).distinct


def check_classes(folds: Folds, permuted: PermutedLabels) -> None:
    """Check before any training that each fold trains on both classes under each permutation.

    Folds see to it for the true labels. Blocks of whole smilers keep it for labels swapped within smilers; elsewhere a few
    blocks of a few stimuli may happen to hold all that are left of a class.

    Raises:
        DataError: naming the permutation, the fold and the class.
    """
    positive, sizes = _positive(folds, permuted)
    if np.any(single := (positive == 0) | (positive == sizes)):
        fold, row = np.unravel_index(int(single.argmax()), single.shape)
        raise DataError(
            f"training needs trials of both classes under every permutation; in {int(single.any(0).sum())} of "
            f"{len(permuted)} some fold has one only, first fold {folds.names[fold]!r} by {folds.scheme} in permutation "
            f"{row}: all its {int(sizes[fold, 0])} training trials are class {int(positive[fold, row] > 0)}. "
            "Leave out less in each fold, or use a dataset with more stimuli or participants."
        )


def with_both_classes(folds: Folds, permuted: PermutedLabels) -> PermutedLabels | None:
    """The permutations under which each fold trains on both classes; None where there is none.

    Folds must depend on the labels by nothing but what these keep, and train on both under the truth: the truth is then one
    of the labellings that such folds allow, and a test among those is as valid as among all.
    """
    positive, sizes = _positive(folds, permuted)
    keep = ~np.any((positive == 0) | (positive == sizes), axis=0)
    return replace(permuted, labels=permuted.labels[keep]) if keep.any() else None


def _positive(folds: Folds, permuted: PermutedLabels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """`[F, K]`, training trials of class 1 under each permutation, and `[F, 1]`, all of them."""
    positive = folds.train.astype(np.float32) @ (permuted.labels == 1).T.astype(np.float32)
    return positive, folds.train.sum(1)[:, None]
