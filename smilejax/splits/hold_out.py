"""A part of the data held out once, or several times anew."""

from typing import Literal

import numpy as np
from jaxtyping import Array

from smilejax._util.errors import DataError
from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.checks import require
from smilejax.splits.assignment import (
    Unit,
    generator,
    hold_out_units,
    require_several,
    require_share,
    require_whole,
    units_of,
)
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import make_folds
from smilejax.splits.shuffled_trials import WHY
from smilejax.splits.study_design import PLURAL, Axis, Design, design_of

By = Literal["participant", "stimulus", "smiler", "participant-and-stimulus", "trial"]
SCHEMES: dict[str, str] = {
    "participant": "hold-out participants",
    "stimulus": "hold-out stimuli",
    "smiler": "hold-out smilers",
    "participant-and-stimulus": "hold-out participants and stimuli",
    "trial": "hold-out trials (leaky)",
}


def hold_out(
    dataset: Dataset,
    share: float,
    by: By = "participant",
    *,
    repeats: int = 1,
    stratified: bool = True,
    key: Array,
) -> Folds:
    """Hold a random share out, train on the rest. In each repeat anew, so that a trial may be scored often or never.

    Arguments:
        share: of participants, stimuli, smilers or trials, above 0 and below 1; rounded, at least one is held out and one
            is left. For "participant-and-stimulus" a share of the participants and of the stimuli: scored are the trials with both held out,
            trained on those with neither, and the rest is not used.
        by: what is held out whole. For "stimulus" and "participant-and-stimulus" it is stimuli of whole smilers where smilers are known.
        repeats: how many times to draw.
        stratified: hold out units with the first class alone, the second alone, and both, in their proportions.
        key: typed PRNG key.

    Returns:
        `repeats` folds with `times_scored` None: "hold-out participants" and so on.

    Raises:
        DataError: not recorded, fewer than two, or no draw that leaves both classes to train on and a trial to score.
        SettingsError: share, numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> hold_out(dataset, 0.25, "participant", key=jax.random.key(1)).test.sum(axis=1).tolist()
        [4]
    """
    check_key(key)
    require_share(share)
    require_whole("repeats", repeats, 1)
    require(by in SCHEMES, "by", f"one of {', '.join(SCHEMES)}", by)
    design = design_of(dataset)
    apart, kinds = _held_apart(by, design)
    for kind in kinds:
        require_several(units_of(design, kind), kind)
    train, test = np.zeros((2, repeats, len(dataset)), bool)
    for repeat in range(repeats):
        rng = generator(key, "hold out", repeat)
        drawn = hold_out_units(design, design.scorable, kinds, share, stratified=stratified, rng=rng)
        if drawn is None:
            raise DataError(
                f"{SCHEMES[by]}: training needs trials of both classes, and some trial must be scored; no draw with a share "
                f"of {share:g} of {' and '.join(f'{len(units_of(design, k))} {PLURAL[k]}' for k in kinds)} gives that. "
                "Hold out less, or by something else."
            )
        test[repeat], train[repeat] = drawn
    return make_folds(
        dataset,
        design,
        SCHEMES[by],
        apart,
        train,
        test,
        names=tuple(f"repeat {r + 1}" for r in range(repeats)),
        repeat=np.arange(repeats),
        times_scored=None,
        why_leaky=WHY if by == "trial" else "",
    )


def hold_out_trials(dataset: Dataset, share: float, *, repeats: int = 1, stratified: bool = True, key: Array) -> Folds:
    """Single trials held out, whoever watched: the split of the project report (35 trials). It leaks, and says so.

    Arguments and errors as in `hold_out`.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> hold_out_trials(dataset, 0.5, key=jax.random.key(1)).scheme
        'hold-out trials (leaky)'
    """
    return hold_out(dataset, share, "trial", repeats=repeats, stratified=stratified, key=key)


def _held_apart(by: By, design: Design) -> tuple[tuple[Axis, ...], tuple[Unit, ...]]:
    """What a hold-out promises to keep apart, and the units it draws."""
    if by == "trial":
        return (), ("trial",)
    if by in ("participant", "smiler"):
        return (by,), (by,)
    apart: tuple[Axis, ...] = ("stimulus", "smiler") if design.whole_smilers else ("stimulus",)
    people: tuple[Axis, ...] = ("participant",) if by == "participant-and-stimulus" else ()
    return (*people, *apart), (*people, apart[-1])
