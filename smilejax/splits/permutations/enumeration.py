"""Label permutations are numbered, so that numbers drawn without replacement are permutations without repetition."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax.settings import Scheme
from smilejax.splits.folds import Folds
from smilejax.splits.permutations.schemes import stimuli_of
from smilejax.splits.study_design import Design, canonical

MAX_RANKS = 2**62
"""Up to this many labellings, draws are without replacement: their ranks fit 64-bit integers. With more, two of a thousand
draws are the same once in 9 million million tests."""


class Carriers(NamedTuple):
    """U units that carry labels: the unit of each trial (-1: none), the units' labels, and which units may exchange theirs."""

    of: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    strata: list[npt.NDArray[np.intp]]
    words: str

    @property
    def labellings(self) -> int:
        """How many labellings keep the class counts of each stratum."""
        return math.prod(math.comb(len(rows), int(self.y[rows].sum())) for rows in self.strata)

    @property
    def mirrored(self) -> bool:
        """Whether the mirror of a labelling, with the two classes exchanged throughout, is one of them too."""
        return all(len(rows) == 2 * int(self.y[rows].sum()) for rows in self.strata)

    @property
    def distinct(self) -> int:
        """How many of them differ for a classifier, which scores the same on a labelling and on its mirror."""
        return self.labellings // (1 + self.mirrored)


def carriers_of(design: Design, scheme: Scheme, folds: Folds | None = None) -> Carriers:
    """The units that carry labels under a scheme, in an order that does not depend on the order of the rows.

    Arguments:
        folds: exchange labels only among units that are held out together; None, among all.
    """
    rows = canonical(design, design.scorable)
    of, single = np.full(len(design.y), -1), np.zeros(len(rows), np.int32)
    codes, within, words = {
        "trial": (np.arange(len(rows)), single, "trials"),
        "within participant": (np.arange(len(rows)), design.participant[rows], "trials of {} participants"),
        "participant": (design.participant[rows], single, "participants"),
        "smiler": (design.smiler[rows], single, "smilers"),
        "stimulus": (stimuli_of(design)[rows], single, "stimuli"),
        "within smiler pairs": (stimuli_of(design)[rows], design.smiler[rows], "stimuli of {} smilers"),
    }[scheme]
    found, first, of[rows] = np.unique(codes, return_index=True, return_inverse=True)
    words = f"{len(found)} {words.format(len(np.unique(within)))}"
    stratum = np.stack([within[first], np.zeros(len(found), np.int64) if folds is None else _held_out(folds, of)])
    which = np.unique(stratum, axis=1, return_inverse=True)[1]
    strata = [np.flatnonzero(which == number) for number in range(which.max() + 1)]
    return Carriers(of, design.y[rows][first].astype(np.int64), strata, words)


def _held_out(folds: Folds, of: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`i64[U]`, the same number for units that are held out together in each repeat of the folds.

    The relation is transitive: two stimuli of one block belong together through a third, even where no participant watched
    both.
    """
    count, used = int(of.max()) + 1, of >= 0
    blocks = []
    for repeat in np.unique(folds.repeat):
        fold, trial = np.nonzero(folds.test[folds.repeat == repeat][:, used])
        blocks.append(_connected(of[used][trial], fold, count))
    numbers: npt.NDArray[np.int64] = np.unique(np.stack(blocks), axis=1, return_inverse=True)[1]
    return numbers


def _connected(unit: npt.NDArray[np.int64], fold: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """`i64[U]`, for each unit the first one that it is connected with through folds: the first of its connected component.

    As `scipy.sparse.csgraph.connected_components`, whose import takes most of a second.

    Arguments:
        unit, fold: `i64[E]`, which unit has a trial in which fold. count: U.
    """
    first = np.arange(count)
    while True:
        of_fold = np.full(fold.max(initial=-1) + 1, count)
        np.minimum.at(of_fold, fold, first[unit])
        now = first.copy()
        np.minimum.at(now, unit, of_fold[fold])
        if np.array_equal(now, first):
            return first
        first = now


def draw(carriers: Carriers, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`i64[K, U]`, labels of the units, none of them the true labels. No labelling is drawn twice.

    Of a labelling and its mirror at most one is drawn, each with the same probability; the true labelling and its mirror are
    never drawn. If all labellings are equally likely, the true one is exchangeable with those drawn, and its rank gives an
    exact test.
    """
    if carriers.labellings > MAX_RANKS:
        labels = np.tile(carriers.y, (count, 1))
        for rows in carriers.strata:
            labels[:, rows] = rng.permuted(labels[:, rows], axis=1)
        return labels
    truth, last = _rank(carriers), carriers.labellings - 1
    if carriers.mirrored:
        truth = min(truth, last - truth)  # in lexicographic order, mirrors are numbered from the other end
    ranks = rng.choice(carriers.distinct - 1, count, replace=False)
    ranks = ranks + (ranks >= truth)
    if carriers.mirrored:
        ranks = np.where(rng.random(count) < 0.5, ranks, last - ranks)
    return _labelling(ranks, carriers)


def _rank(carriers: Carriers) -> int:
    """The number of the true labelling, from 0: the labellings of each stratum are in lexicographic order."""
    number, base = 0, 1
    for rows in carriers.strata:
        left, rank = int(carriers.y[rows].sum()), 0
        base_here = math.comb(len(rows), left)
        for i, label in enumerate(carriers.y[rows]):
            if label:
                rank += math.comb(len(rows) - 1 - i, left)  # all labellings with a 0 here come first
                left -= 1
        number, base = number + base * rank, base * base_here
    return number


def _labelling(ranks: npt.NDArray[np.int64], carriers: Carriers) -> npt.NDArray[np.int64]:
    """`i64[K, U]`, the labellings with the given numbers; the inverse of `_rank`."""
    labels = np.zeros((len(ranks), len(carriers.y)), np.int64)
    for rows in carriers.strata:
        n, k = len(rows), int(carriers.y[rows].sum())
        # Entries above MAX_RANKS are never used: every entry that is used counts labellings of this stratum.
        ways = np.array([[min(math.comb(m, j), MAX_RANKS) for j in range(k + 1)] for m in range(n)], np.int64)
        ranks, rank = np.divmod(ranks, math.comb(n, k))
        left = np.full(len(ranks), k)
        for i, unit in enumerate(rows):
            zeros = ways[n - 1 - i, left]
            one = rank >= zeros
            labels[:, unit] = one
            rank, left = rank - np.where(one, zeros, 0), left - one
    return labels
