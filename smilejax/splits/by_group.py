"""Cross-validation that keeps participants, stimuli or smilers whole."""

import numpy as np
from jaxtyping import Array

from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.checks import require
from smilejax.splits.assignment import assign_units_to_blocks, generator, require_several, require_whole, units_of
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import cross_validation
from smilejax.splits.study_design import PLURAL, Axis, design_of


def by_participant(
    dataset: Dataset,
    *,
    folds: int | None = None,
    repeats: int = 1,
    stratified: bool | Axis = True,
    key: Array | None = None,
) -> Folds:
    """Cross-validation over participants: how well new participants are told, on the stimuli that were trained on.

    Where each stimulus has one label that is a leak (`Folds.why_leaky`): a model that recognises the stimulus is right.

    Arguments:
        folds: 2 to the number of participants with a trial that can be scored; None leaves out one at a time.
        repeats: how many times to assign_to_blocks anew; 1 where one is left out.
        stratified: balance the classes, where participants differ in theirs (see `smilejax.splits.assignment.assign_to_blocks`); False
            deals equally many participants instead; "participant" counts each once, as a test by permutation needs it (see
            `smilejax.splits.assignment.assign_units_to_blocks`).
        key: typed PRNG key, needed with `folds` alone.

    Returns:
        `folds` x `repeats` folds, "participant", named "P03" or "repeat 2, fold 4".

    Raises:
        DataError: fewer than two participants, or a training set without one of the classes.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> by_participant(dataset).names
        ('P00', 'P01')
    """
    return _by("participant", dataset, folds, repeats, stratified, key)


def by_stimulus(
    dataset: Dataset,
    *,
    folds: int | None = None,
    repeats: int = 1,
    stratified: bool | Axis = True,
    key: Array | None = None,
) -> Folds:
    """Cross-validation over stimuli, "stimulus": how well new stimuli are told, on the participants that were trained on.

    With `folds`, and where smilers are known, whole smilers are dealt, so that a smiler's genuine and posed stimulus are
    trained on or scored together. Left out one by one, a stimulus meets a model that has learned the same face with the
    other label, and may well score below chance: `by_smiler` leaves out both.

    Arguments:
        folds: 2 to the number of stimuli (of smilers, where they are known); None leaves out one stimulus at a time.
        repeats, stratified, key: as in `by_participant`; `stratified` names what is dealt, "stimulus", or "smiler" where they
            are known.

    Raises:
        DataError: stimuli were not recorded, there is one only, or a training set without one of the classes.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> by_stimulus(dataset, folds=2, key=jax.random.key(1)).apart
        ('stimulus', 'smiler')
    """
    return _by("stimulus", dataset, folds, repeats, stratified, key)


def by_smiler(
    dataset: Dataset,
    *,
    folds: int | None = None,
    repeats: int = 1,
    stratified: bool | Axis = True,
    key: Array | None = None,
) -> Folds:
    """Cross-validation over smilers, "smiler": new faces, on the participants that were trained on. As `by_participant`.

    Raises:
        DataError: smilers were not recorded, there is one only, or a training set without one of the classes.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> by_smiler(dataset).test.sum(axis=1).tolist()
        [4, 4]
    """
    return _by("smiler", dataset, folds, repeats, stratified, key)


def _by(
    axis: Axis, dataset: Dataset, folds: int | None, repeats: int, stratified: bool | Axis, key: Array | None
) -> Folds:
    design = design_of(dataset)
    require_whole("repeats", repeats, 1)
    units = units_of(design, axis)
    require_several(units, axis)
    if folds is None:
        hint = "Leaving out one at a time is the same every time; give folds, or leave repeats at 1."
        require(repeats == 1, "repeats", "1 without folds", repeats, hint)
        return cross_validation(dataset, design, units.of[None], axis, (axis,), names=units.names)
    check_key(key)
    apart: tuple[Axis, ...] = (axis,)
    if axis == "stimulus" and design.whole_smilers:
        apart, units = ("stimulus", "smiler"), units_of(design, "smiler")
        require_several(units, "smiler")
    what = f"There are {len(units)} {PLURAL[apart[-1]]} to assign_to_blocks; without folds, one {axis} at a time is left out."
    require_whole("folds", folds, 2, len(units), what)
    fold = np.full((repeats, len(dataset)), -1)
    for repeat in range(repeats):
        rng = generator(key, axis, repeat)
        dealt = assign_units_to_blocks(units, apart[-1], folds, stratified=stratified, rng=rng)
        fold[repeat, design.scorable] = dealt[units.of[design.scorable]]
    return cross_validation(dataset, design, fold, axis, apart)
