"""`permute_labels`: draw label permutations, and state the smallest p that they can give."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from jaxtyping import Array, Int

from smilejax._util import summaries
from smilejax._util.errors import DataError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme
from smilejax.settings.checks import require
from smilejax.splits.assignment import generator, require_whole
from smilejax.splits.check_folds import check_folds
from smilejax.splits.folds import Folds
from smilejax.splits.permutations.enumeration import Carriers, carriers_of, draw
from smilejax.splits.permutations.schemes import MORE, allowed, scheme_of
from smilejax.splits.study_design import design_of


@dataclass(frozen=True, eq=False, repr=False)
class PermutedLabels:
    """Permuted labels of N trials, K times: never the true labels, their mirror, or one labelling twice (see `MAX_RANKS`).

    The mirror of a labelling has the classes exchanged throughout. A classifier scores the same on both, so they count as
    one. With p = (1 + b) / (1 + K), where b permutations score at least as high as the true labels, p is valid and never 0.

    Arguments:
        scheme, why: among which units labels were permuted, and for what reason.
        labels: `i32[K, N]`; trials that are rejected or without label keep their value.
        distinct: number of different labellings of the design, the true one included; mirrors, where they are labellings
            too, count as one. Ten stimuli of five smilers can be labelled in 2**5 = 32 ways within smilers: 16 and their
            mirrors.
        within_folds: whether labels were exchanged only among units that folds hold out together; `distinct` then counts
            these labellings.
    """

    scheme: Scheme
    why: str
    labels: Int[np.ndarray, "K N"]
    distinct: int
    within_folds: bool = False

    @property
    def smallest_attainable_p(self) -> float:
        """The smallest p that a test with the K permutations drawn can give: 1 / (1 + K)."""
        return 1 / (1 + len(self))

    @property
    def design_smallest_p(self) -> float:
        """The smallest p that the design allows, with all its permutations tried: 1 / `distinct`.

        For five smilers it is 1 / 16 = .0625, so that no test can be significant at .05.
        """
        return 1 / self.distinct

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"PermutedLabels({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("PermutedLabels", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        permutations = summaries.counted(len(self), "label permutation")
        trials = summaries.counted(self.labels.shape[1], "trial")
        return [
            ("permutations", f"{permutations} of {trials}, of {self.distinct - 1} that exist"),
            ("scheme", f"scheme: {self.scheme}{', within folds' if self.within_folds else ''}"),
            ("smallest attainable p", f"smallest attainable p {self.smallest_attainable_p:.3g}"),
        ]


def permute_labels(
    dataset: Dataset, count: int, *, scheme: Scheme | None = None, folds: Folds | None = None, key: Array
) -> PermutedLabels:
    """Draw label permutations, all equally likely, without repetition and without the true labels.

    The class counts of the permuted units stay the same: of trials where trials are permuted, otherwise of stimuli, smilers
    or participants. The numbers of trials of each class then vary where units have different numbers of trials.

    Arguments:
        count: number of permutations; at most all that exist besides the true labels and their mirror.
        scheme: None takes the one of `permutation_scheme`. Another one must be allowed by the design: a test that permutes
            labels among the wrong units is not valid.
        folds: exchange labels only among units (stimuli, participants, trials) that these folds hold out together, so that
            each block keeps its numbers of units of each class. Folds that were assigned with the classes of these units
            balanced (`stratified` with the name of their axis) need it: with labels exchanged among all units, the folds
            would be balanced for the true labels only. (With `stratified=True` trials are balanced, and neither way is
            exact.) Units that no fold holds out keep their labels. None exchanges labels among all units, which is valid for
            folds with `stratified=False`, for folds that leave out one unit at a time, and for blocks of whole smiler pairs.
        key: typed PRNG key.

    Raises:
        DataError: one class only; folds of other trials; a scheme that the design does not allow, or no scheme that follows
            from the design; or more permutations than exist.
        SettingsError: count, scheme or key has a value that is not allowed.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> permuted = permute_labels(dataset, 1, key=jax.random.key(1))
        >>> permuted.labels.shape, permuted.distinct, permuted.design_smallest_p
        ((1, 8), 2, 0.5)
    """
    check_key(key)
    require_whole("count", count, 1)
    require(scheme is None or scheme in get_args(Scheme), "scheme", f"one of {', '.join(get_args(Scheme))}", scheme)
    design = design_of(dataset)
    if len(present := np.unique(design.y[design.scorable])) < 2:
        raise DataError(
            f"permuting labels needs trials of both classes; all {int(design.scorable.sum())} that can be scored are "
            f"{design.class_names[present[0]]}.",
            hint="Give trials of the other class.",
        )
    if folds is not None:
        check_folds(folds, dataset)
    found = scheme_of(design)
    chosen = allowed(found, scheme)
    carriers = carriers_of(design, chosen, folds)
    if count >= carriers.distinct:
        raise _too_many(count, carriers, chosen, within_folds=folds is not None)
    # The word seeds the draw: another one would give other permutations for the same key.
    drawn = draw(carriers, count, generator(key, "relabelling"))
    labels = np.tile(design.y.astype(np.int32), (count, 1))
    rows = np.flatnonzero(carriers.of >= 0)
    labels[:, rows] = drawn[:, carriers.of[rows]]
    return PermutedLabels(chosen, found.why, labels, carriers.distinct, within_folds=folds is not None)


def _too_many(count: int, carriers: Carriers, scheme: Scheme, *, within_folds: bool) -> DataError:
    distinct, words = carriers.distinct, carriers.words
    if within_folds:
        words += ", exchanged among those that a fold holds out together,"
    mirrors = " (exchanging the two classes throughout does not count as another)" if carriers.mirrored else ""
    if distinct == 1:
        return DataError(
            f"there is no permutation: by scheme {scheme!r} the labels of {words} can be assigned in one way, the true one"
            f"{mirrors}.",
            hint=f"Record more {MORE[scheme]}.",
        )
    return DataError(
        f"there are fewer than {count} permutations: by scheme {scheme!r} the labels of {words} can be assigned in {distinct} "
        f"ways, one of them the true one{mirrors}.",
        hint=f"Take at most {distinct - 1}, which is all of them and gives a smallest attainable p of {1 / distinct:.3g}, or "
        f"record more {MORE[scheme]}.",
    )
