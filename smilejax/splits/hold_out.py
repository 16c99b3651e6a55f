"""Part of the data held out once, or several times with a new draw. Every function returns `Folds`."""

from typing import Literal

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool

from smilejax._util.errors import DataError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.checks import require
from smilejax.splits.assignment import (
    Unit,
    generator,
    hold_out_units,
    require_proportion,
    require_several,
    require_whole,
    units_of,
)
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import make_folds
from smilejax.splits.shuffled_trials import WHY
from smilejax.splits.study_design import PLURAL, Axis, Design, design_of

By = Literal["participant", "stimulus", "smiler", "participant-and-stimulus", "trial"]
SCHEMES: dict[By, str] = {
    "participant": "hold-out participants",
    "stimulus": "hold-out stimuli",
    "smiler": "hold-out smilers",
    "participant-and-stimulus": "hold-out participants and stimuli",
    "trial": "hold-out trials (leaks)",
}


def hold_out(
    dataset: Dataset,
    proportion: float,
    by: By = "participant",
    *,
    repeats: int = 1,
    stratified: bool = True,
    key: Array,
) -> Folds:
    """Hold out a random proportion and train on the rest. Each repeat is a new draw, so a trial may be scored often or never.

    Arguments:
        proportion: of the participants, stimuli, smilers or trials, above 0 and below 1. Rounded; at least one is held out and
            at least one is left. For "participant-and-stimulus" the proportion applies to participants and to stimuli: trials
            with both held out are scored, trials with neither are trained on, and the others are not used.
        by: what is held out as a whole. Where smilers are known, "stimulus" and "participant-and-stimulus" hold out all
            stimuli of a smiler together.
        repeats: number of draws.
        stratified: draw units with trials of the first class only, of the second class only, and of both classes in
            proportion to their numbers.
        key: typed PRNG key.

    Returns:
        `repeats` folds with `times_scored` None; `scheme` is "hold-out participants" and so on.

    Raises:
        DataError: the unit was not recorded, there are fewer than two, or no draw leaves both classes to train on and a
            trial to score.
        SettingsError: proportion, repeats or key out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> hold_out(dataset, 0.25, "participant", key=jax.random.key(1)).test.sum(axis=1).tolist()
        [4]
    """
    check_key(key)
    require_proportion(proportion)
    require_whole("repeats", repeats, 1)
    require(isinstance(by, str) and by in SCHEMES, "by", f"one of {', '.join(SCHEMES)}", by)
    design = design_of(dataset)
    apart, kinds = _held_apart(by, design)
    for kind in kinds:
        require_several(units_of(design, kind), kind)
    train, test = np.zeros((2, repeats, len(dataset)), bool)
    for repeat in range(repeats):
        rng = generator(key, "hold out", repeat)
        drawn = hold_out_units(design, design.scorable, kinds, proportion, stratified=stratified, rng=rng)
        if drawn is None:
            raise DataError(
                f"{SCHEMES[by]}: training needs trials of both classes, and some trial must be scored; no draw with a "
                f"proportion of {proportion:g} of "
                f"{' and '.join(f'{len(units_of(design, k))} {PLURAL[k]}' for k in kinds)} gives that.",
                hint="Hold out a smaller proportion, or hold out something else.",
            )
        test[repeat], train[repeat] = drawn
    return _folds(dataset, design, by, apart, train, test)


def hold_out_participants(dataset: Dataset, proportion: float, *, key: Array) -> Folds:
    """All trials of a random proportion of the participants are scored and never trained on: the split of `smilejax train`.

    One draw among the participants whatever their labels; `hold_out` stratifies and repeats.

    Arguments:
        proportion: of the participants with a trial that can be scored, above 0 and below 1. Rounded; at least one is held out
            and at least one is left.
        key: typed PRNG key that determines who is held out.

    Returns:
        One fold; `folds.test[0]` is the mask of the trials held out, `folds.train[0]` that of the others.

    Raises:
        DataError: fewer than two participants, or one class only is left to train on.
        SettingsError: proportion or key out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=4, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds = hold_out_participants(dataset, 0.25, key=jax.random.key(1))
        >>> int(folds.train[0].sum()), int(folds.test[0].sum())
        (12, 4)
    """
    return _hold_out_groups(dataset, proportion, key, "participant")


def hold_out_smilers(dataset: Dataset, proportion: float, *, key: Array) -> Folds:
    """All trials that show a random proportion of the smilers are scored. Otherwise as `hold_out_participants`.

    Raises:
        DataError: smilers were not recorded, there are fewer than two, or one class only is left to train on.
        SettingsError: proportion or key out of range.
    """
    return _hold_out_groups(dataset, proportion, key, "smiler")


def hold_out_trials(
    dataset: Dataset, proportion: float, *, repeats: int = 1, stratified: bool = True, key: Array
) -> Folds:
    """Single trials held out, whoever watched: the split of the project report (35 trials). `Folds.leaky` is True.

    Arguments and errors as in `hold_out`.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> hold_out_trials(dataset, 0.5, key=jax.random.key(1)).scheme
        'hold-out trials (leaks)'
    """
    return hold_out(dataset, proportion, "trial", repeats=repeats, stratified=stratified, key=key)


def _hold_out_groups(dataset: Dataset, proportion: float, key: Array, axis: Literal["participant", "smiler"]) -> Folds:
    check_key(key)
    require_proportion(proportion)
    design = design_of(dataset)
    units = units_of(design, axis)
    require_several(units, axis)
    n = min(max(1, round(proportion * len(units))), len(units) - 1)
    # jax's permutation and not `generator`: which participants a seed of `train` holds out is to stay the same.
    held = np.asarray(jax.random.permutation(key, len(units)))[:n]
    test = np.isin(units.of, held)
    return _folds(dataset, design, axis, (axis,), (design.scorable & ~test)[None], test[None])


def _folds(
    dataset: Dataset,
    design: Design,
    by: By,
    apart: tuple[Axis, ...],
    train: Bool[np.ndarray, "F N"],
    test: Bool[np.ndarray, "F N"],
) -> Folds:
    repeats: npt.NDArray[np.intp] = np.arange(len(train))
    return make_folds(
        dataset,
        design,
        SCHEMES[by],
        apart,
        train,
        test,
        names=tuple(f"repeat {r + 1}" for r in repeats),
        repeat=repeats,
        times_scored=None,
        why_leaky=WHY if by == "trial" else "",
    )


def _held_apart(by: By, design: Design) -> tuple[tuple[Axis, ...], tuple[Unit, ...]]:
    """The axes that a hold-out keeps apart, and the units that it draws."""
    if by == "trial":
        return (), ("trial",)
    if by in ("participant", "smiler"):
        return (by,), (by,)
    apart: tuple[Axis, ...] = ("stimulus", "smiler") if design.whole_smilers else ("stimulus",)
    participants: tuple[Axis, ...] = ("participant",) if by == "participant-and-stimulus" else ()
    return (*participants, *apart), (*participants, apart[-1])
