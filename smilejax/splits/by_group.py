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
    """Cross-validation over participants: new participants, known stimuli.

    Where each stimulus has one label this leaks (`Folds.why_leaky`): a model that recognises the stimulus knows its label.

    Arguments:
        folds: 2 to the number of participants with a trial that can be scored; None leaves out one at a time.
        repeats: number of random assignments to folds; 1 where participants are left out one at a time.
        stratified: balance the numbers of trials of each class (see `smilejax.splits.assignment.assign_to_blocks`); False
            balances the numbers of participants only; "participant" counts each participant once, as a permutation test
            requires (see `smilejax.splits.assignment.assign_units_to_blocks`).
        key: typed PRNG key, needed only with `folds`.

    Returns:
        `folds` x `repeats` folds, "participant", named "P03" or "repeat 2, fold 4".

    Raises:
        DataError: fewer than two participants, or a training set with one class only.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
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
    """Cross-validation over stimuli: known participants, new stimuli.

    With `folds`, and where smilers are known, whole smilers are assigned to folds, so that all stimuli of a smiler are
    trained on or scored together. Where stimuli are left out one at a time, the model has been trained on the same face
    with the other label, and accuracy may fall below chance: `by_smiler` leaves out both.

    Arguments, result and errors are those of `by_participant`, of stimuli. With `folds`, and where smilers are known, it is
    smilers that are assigned and counted; `stratified` may then be "smiler", otherwise "stimulus". Stimuli that were not
    recorded are a `DataError`.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
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
    """Cross-validation over smilers: new faces, known participants.

    Arguments, result and errors are those of `by_participant`, of smilers. Smilers that were not recorded are a `DataError`.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
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
    if folds is not None or key is not None:
        check_key(key)
    units = units_of(design, axis)
    require_several(units, axis)
    if folds is None:
        hint = "Leaving out one at a time gives the same folds every time: give folds, or leave repeats at 1."
        require(repeats == 1, "repeats", "1 without folds", repeats, hint)
        return cross_validation(dataset, design, units.of[None], axis, (axis,), names=units.names)
    apart: tuple[Axis, ...] = (axis,)
    if axis == "stimulus" and design.whole_smilers:
        apart, units = ("stimulus", "smiler"), units_of(design, "smiler")
        require_several(units, "smiler")
    what = f"There are {len(units)} {PLURAL[apart[-1]]} to assign to folds; without `folds`, one {axis} at a time is left out."
    require_whole("folds", folds, 2, len(units), what)
    fold = np.full((repeats, len(dataset)), -1)
    for repeat in range(repeats):
        rng = generator(key, axis, repeat)
        block = assign_units_to_blocks(units, apart[-1], folds, stratified=stratified, rng=rng)
        fold[repeat, design.scorable] = block[units.of[design.scorable]]
    return cross_validation(dataset, design, fold, axis, apart)
