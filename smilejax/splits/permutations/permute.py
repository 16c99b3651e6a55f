"""`permute_labels`: draw permutations, and say what p they can reach."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from jaxtyping import Array, Int

from smilejax._util.errors import DataError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme
from smilejax.settings.checks import require
from smilejax.splits.assignment import generator, require_whole
from smilejax.splits.check_folds import check_folds
from smilejax.splits.folds import Folds
from smilejax.splits.permutations.enumeration import Carriers, carriers_of, draw
from smilejax.splits.permutations.schemes import MORE, allowed, place_of
from smilejax.splits.study_design import design_of


@dataclass(frozen=True, eq=False)
class PermutedLabels:
    """K permutations of N trials: none is the truth or its mirror, and no two are alike or mirrors (but see `MAX_RANKS`).

    The mirror of a labelling has the classes exchanged throughout. A classifier finds the same in both, so they count once.
    With p = (1 + b) / (1 + K), where b of the permutations score as high as the truth or higher, p is valid and never 0.

    Arguments:
        scheme, why: what was permuted, and why.
        labels: `i32[K, N]`; trials that are rejected or without label keep what they had.
        distinct: how many different labellings the design has, the truth among them; mirrors, where they are labellings
            too, count once. Ten videos of five smilers can be labelled in 2**5 = 32 ways within smilers, which are 16 and
            their mirrors.
        within_folds: whether labels were exchanged only among what folds hold out together; `distinct` then counts those.
    """

    scheme: Scheme
    why: str
    labels: Int[np.ndarray, "K N"]
    distinct: int
    within_folds: bool = False

    @property
    def smallest_p(self) -> float:
        """The least p that these K can give, 1 / (1 + K)."""
        return 1 / (1 + len(self))

    @property
    def design_smallest_p(self) -> float:
        """The least p of the design, with all labellings tried: 1 / `distinct`.

        Of five smilers it is 1 / 16 = .0625, so that no test by p <= .05 can succeed.
        """
        return 1 / self.distinct

    def __len__(self) -> int:
        return len(self.labels)


def permute_labels(
    dataset: Dataset, count: int, *, scheme: Scheme | None = None, folds: Folds | None = None, key: Array
) -> PermutedLabels:
    """Draw permutations, each as likely as any other, never the truth itself and none twice.

    Class counts are kept: of trials, where trials are permuted, otherwise of stimuli, smilers or participants, so that trials
    of either class vary where those have different numbers of trials.

    Arguments:
        count: how many; at most all that exist beside the truth and its mirror.
        scheme: None takes `permutation_scheme`. Another is refused unless the design allows it: a test at the wrong level is no test.
        folds: exchange labels only among units (stimuli, participants, trials) that these hold out together, so that each block
            has as many units of either class as under the truth. Folds that were dealt with the classes of these units
            balanced, by `stratified` with their axis, need it: by all labellings they would fit the truth better than what it
            is compared with. (With `stratified=True` trials are balanced, and neither way is exact.) Units that no fold holds
            out keep their labels. None exchanges among all, which is right for folds with `stratified=False`, for those that
            leave out one unit at a time, and for blocks of whole pairs of smilers.
        key: typed PRNG key.

    Raises:
        DataError: one class only; folds of other trials; a scheme that the design does not allow, or none settled by it; or
            more permutations than exist.
        SettingsError: the count, the scheme's name or the key is none.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> permuted = permute_labels(dataset, 1, key=jax.random.key(1))
        >>> permuted.labels.shape, permuted.distinct, permuted.design_smallest_p
        ((1, 8), 2, 0.5)
    """
    check_key(key)
    require_whole("count", count, 1)
    require(scheme is None or scheme in get_args(Scheme), "scheme", f"one of {', '.join(get_args(Scheme))}", scheme)
    design = design_of(dataset)
    if len(found := np.unique(design.y[design.scorable])) < 2:
        raise DataError(
            f"permutation needs trials of both classes; all {int(design.scorable.sum())} that can be scored are "
            f"{design.class_names[found[0]]}. Give trials of the other class."
        )
    if folds is not None:
        check_folds(folds, dataset)
    place = place_of(design)
    chosen = allowed(place, scheme)
    carriers = carriers_of(design, chosen, folds)
    if count >= carriers.distinct:
        raise _too_many(count, carriers, chosen, within_folds=folds is not None)
    drawn = draw(carriers, count, generator(key, "relabelling"))
    labels = np.tile(design.y.astype(np.int32), (count, 1))
    rows = np.flatnonzero(carriers.of >= 0)
    labels[:, rows] = drawn[:, carriers.of[rows]]
    return PermutedLabels(chosen, place.why, labels, carriers.distinct, within_folds=folds is not None)


def _too_many(count: int, carriers: Carriers, scheme: Scheme, *, within_folds: bool) -> DataError:
    distinct, words = carriers.distinct, carriers.words
    if within_folds:
        words += ", exchanged among those that a fold holds out together,"
    mirrors = (
        " (classes exchanged throughout is the same way: a classifier finds the same)" if carriers.mirrored else ""
    )
    if distinct == 1:
        return DataError(
            f"there is no permutation: by scheme {scheme!r} the labels of {words} can be set in one way, the truth{mirrors}. "
            f"Record more {MORE[scheme]}."
        )
    return DataError(
        f"more permutations than exist: {count} are asked for, and by scheme {scheme!r} the labels of {words} can be set in "
        f"{distinct} ways, one of them the truth{mirrors}. Ask for at most {distinct - 1}, which is all of them and gives a "
        f"smallest p of {1 / distinct:.3g}, or record more {MORE[scheme]}."
    )
