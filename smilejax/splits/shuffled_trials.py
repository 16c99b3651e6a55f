"""Trials shuffled one by one: the protocol of many reports, offered to show how far it leaks."""

import numpy as np
from jaxtyping import Array

from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.splits.assignment import generator, require_several, require_whole, units_of
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import cross_validation
from smilejax.splits.study_design import canonical, design_of

SHUFFLED = "shuffled trials (leaks)"
WHY = (
    "trials are divided one by one, so that the same participants and stimuli are trained on and scored: "
    "recognising them can be enough to classify the trial"
)


def shuffle_trials(dataset: Dataset, *, folds: int = 5, repeats: int = 1, stratified: bool = True, key: Array) -> Folds:
    """Cross-validation over shuffled trials, whatever their participant and stimulus. `Folds.leaky` is True.

    Arguments:
        folds: 2 to the number of trials that can be scored.
        repeats: number of random assignments to folds.
        stratified: balance the classes: folds then differ by at most one trial of each class.
        key: typed PRNG key.

    Returns:
        `folds` x `repeats` folds, `scheme` "shuffled trials (leaks)".

    Raises:
        DataError: a training set has one class only.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> shuffle_trials(dataset, folds=4, key=jax.random.key(1)).leaky
        True
    """
    check_key(key)
    design = design_of(dataset)
    require_several(units_of(design, "trial"), "trial")
    require_whole("folds", folds, 2, int(design.scorable.sum()), "There are no more trials that can be scored.")
    require_whole("repeats", repeats, 1)
    rows = canonical(design, design.scorable)
    fold = np.full((repeats, len(dataset)), -1)
    for repeat in range(repeats):
        order = generator(key, "folds", repeat).permutation(rows)
        if stratified:
            order = order[np.argsort(design.y[order], kind="stable")]
        fold[repeat, order] = np.arange(len(order)) % folds
    return cross_validation(dataset, design, fold, SHUFFLED, (), why_leaky=WHY)
