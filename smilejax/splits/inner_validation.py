"""Validation trials inside folds, so that nothing is chosen by the trials that are scored."""

from dataclasses import replace

import numpy as np
from jaxtyping import Array

from smilejax._util.errors import DataError, SettingsError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.splits.assignment import Unit, generator, hold_out_units, require_proportion
from smilejax.splits.check_folds import check_folds, require_folds
from smilejax.splits.folds import Folds
from smilejax.splits.study_design import PLURAL, Axis, design_of


def inner_validation(
    folds: Folds, dataset: Dataset, proportion: float = 0.2, *, stratified: bool = True, key: Array
) -> Folds:
    """Move a random part of each fold's training trials to its validation mask, keeping apart what the folds keep apart.

    Participants, stimuli or smilers that a fold keeps whole between training and test are kept whole here too. Folds over
    participants and stimuli draw a proportion of each: trials with both drawn are validated on, trials with one of the two
    leave the training set, so that about `(1 - proportion)**2` of it stays and `proportion**2` is validated on. Shuffled trials
    are drawn one by one, and leak here as well.

    Arguments:
        folds: without validation, made from `dataset`.
        proportion: of the units in the training set, above 0 and below 1. Rounded; at least one is drawn and at least one
            stays.
        stratified: draw units with the first class only, the second only, and both in proportion to their numbers; False
            draws them whatever their labels.
        key: typed PRNG key.

    Returns:
        The folds, each with validation trials and still with both classes to train on.

    Raises:
        DataError: a fold whose training trials cannot be divided in this way.
        SettingsError: the folds have validation trials already, or proportion or key is out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds = smilejax.splits.shuffle_trials(dataset, folds=4, key=jax.random.key(1))
        >>> folds = inner_validation(folds, dataset, 1 / 3, key=jax.random.key(2))
        >>> folds.train.sum(axis=1).tolist(), folds.validation.sum(axis=1).tolist()
        ([4, 4, 4, 4], [2, 2, 2, 2])
    """
    check_key(key)
    require_proportion(proportion)
    require_folds(folds)
    if folds.validation.any():
        raise SettingsError(
            f"folds must have no validation trials yet; those by {folds.scheme} have {int(folds.validation.sum())}. "
            "Start from the folds as they were made."
        )
    check_folds(folds, dataset)
    design, kinds = design_of(dataset), _kinds(folds.apart)
    train, validation = np.zeros_like(folds.train), np.zeros_like(folds.train)
    for fold in range(len(folds)):
        rng = generator(key, "validation", fold)
        drawn = hold_out_units(design, folds.train[fold], kinds, proportion, stratified=stratified, rng=rng)
        if drawn is None:
            raise DataError(
                f"fold {folds.names[fold]!r} by {folds.scheme}: validation needs a trial, and training both classes after it; "
                f"no draw of a proportion of {proportion:g} of the {' and '.join(PLURAL[k] for k in kinds)} of its "
                f"{int(folds.train[fold].sum())} training trials gives that.",
                hint="Take a smaller proportion, leave out less in each fold, or train without validation.",
            )
        validation[fold], train[fold] = drawn
    divided = replace(folds, train=train, validation=validation)
    check_folds(divided, dataset)
    return divided


def _kinds(apart: tuple[Axis, ...]) -> tuple[Unit, ...]:
    """The units that folds keep whole: smilers rather than their stimuli, and single trials where they keep nothing apart."""
    participants: tuple[Unit, ...] = ("participant",) if "participant" in apart else ()
    stimuli: tuple[Unit, ...] = ()
    if "smiler" in apart or "stimulus" in apart:
        stimuli = ("smiler",) if "smiler" in apart else ("stimulus",)
    return (participants + stimuli) or ("trial",)
