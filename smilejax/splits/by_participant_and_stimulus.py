"""Cross-validation over participants and stimuli at once: new participants, new stimuli."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.keys import check_key
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.checks import require
from smilejax.splits.assignment import (
    assign_units_to_blocks,
    generator,
    require_recorded,
    require_several,
    require_whole,
    units_of,
)
from smilejax.splits.folds import Folds
from smilejax.splits.make_folds import make_folds, of_repeat
from smilejax.splits.study_design import PLURAL, Axis, Design, design_of


def by_participant_and_stimulus(
    dataset: Dataset,
    *,
    participant_blocks: int | None = None,
    stimulus_blocks: int | None = None,
    repeats: int = 1,
    stratified: bool | Axis = True,
    key: Array | None = None,
) -> Folds:
    """Cross-validation over cells of participants x stimuli: neither of a scored trial was trained on.

    Each fold scores the trials of one block of participants with one block of stimuli, and trains on the trials with
    neither. Trials with one of the two are left out, so that no scored participant or stimulus can be recognised. Cells
    without a trial are skipped.

    Blocks are assigned with the classes balanced. Where smilers are known, blocks of stimuli consist of whole smilers: all
    stimuli of a smiler stay together. With as many `stimulus_blocks` as smilers, one smiler at a time is left out.

    Arguments:
        participant_blocks: 2 to the number of participants; None leaves out one at a time.
        stimulus_blocks: 2 to the number of stimuli (of smilers, where they are known); None leaves out one stimulus at a
            time.
        repeats: number of random assignments to blocks; 1 without blocks.
        stratified: balance the classes of blocks; False balances the numbers of units only. The name of an axis balances the
            units of that axis, each counted once, as a permutation test requires (see `assign_units_to_blocks`).
        key: typed PRNG key, needed only with blocks.

    Returns:
        A fold for each cell with trials, `scheme` "participant-and-stimulus", named "P03 x S07" or
        "participants 1 x stimuli 2".

    Raises:
        DataError: stimuli were not recorded, there are fewer than two of either, or a training set has one class only.
        SettingsError: numbers or key out of range.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds = by_participant_and_stimulus(dataset, stimulus_blocks=2, key=jax.random.key(1))
        >>> len(folds), int(folds.train[0].sum()), int(folds.test[0].sum())
        (4, 2, 2)
    """
    design = design_of(dataset)
    require_recorded(design, "stimulus")
    _check_repeats(repeats, key, drawn=participant_blocks is not None or stimulus_blocks is not None)
    whole = stimulus_blocks is not None and design.whole_smilers
    faces: Axis = "smiler" if whole else "stimulus"
    participants, participant = _blocks(
        design, "participant", "participant", participant_blocks, repeats, stratified, key
    )
    stimuli, stimulus = _blocks(design, "stimulus", faces, stimulus_blocks, repeats, stratified, key)
    repeat, cell = _cells(design, participants, stimuli)
    in_participants, in_stimuli = participants[repeat] == cell[:, :1], stimuli[repeat] == cell[:, 1:]
    apart: tuple[Axis, ...] = ("participant", "stimulus", "smiler") if whole else ("participant", "stimulus")
    return make_folds(
        dataset,
        design,
        "participant-and-stimulus",
        apart,
        design.scorable & ~in_participants & ~in_stimuli,
        design.scorable & in_participants & in_stimuli,
        names=_cell_names(repeat, cell, participant, stimulus, repeats),
        repeat=repeat,
        times_scored=repeats,
    )


def _cell_names(
    repeat: npt.NDArray[np.int64],
    cell: npt.NDArray[np.int64],
    participant: tuple[str, ...],
    stimulus: tuple[str, ...],
    repeats: int,
) -> tuple[str, ...]:
    """A name for each cell, of its repeat and its two blocks."""
    return tuple(
        f"{of_repeat(r, repeats)}{participant[a]} x {stimulus[b]}"
        for r, (a, b) in zip(repeat.tolist(), cell.tolist(), strict=True)
    )


def _check_repeats(repeats: int, key: Array | None, *, drawn: bool) -> None:
    """Raise for a number of repeats, or a key, that does not fit whether blocks are drawn."""
    if drawn or key is not None:
        check_key(key)
    if not drawn:
        hint = "Leaving out one at a time gives the same folds every time: give blocks, or leave repeats at 1."
        require(repeats == 1, "repeats", "1 without blocks", repeats, hint)
    require_whole("repeats", repeats, 1)


def _cells(
    design: Design, participants: npt.NDArray[np.int64], stimuli: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of blocks `i64[R, N]`, the repeat `i64[F]` and the two blocks `i64[F, 2]` of each cell with a trial."""
    cells = [
        np.unique(np.stack([p, s])[:, design.scorable], axis=1).T for p, s in zip(participants, stimuli, strict=True)
    ]
    return np.repeat(np.arange(len(cells)), [len(c) for c in cells]), np.concatenate(cells)


def _blocks(
    design: Design,
    axis: Axis,
    whole: Axis,
    blocks: int | None,
    repeats: int,
    stratified: bool | Axis,
    key: Array | None,
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """`i64[R, N]`, the block of each trial in each repeat (-1 where it cannot be scored), and the blocks' names."""
    units = units_of(design, whole)
    require_several(units, whole)
    if blocks is None:
        return np.broadcast_to(units.of, (repeats, len(units.of))), units.names
    what = (
        f"There are {len(units)} {PLURAL[whole]} to assign to blocks; without `{axis}_blocks`, one {axis} at a time is left "
        "out."
    )
    require_whole(f"{axis}_blocks", blocks, 2, len(units), what)
    block = np.full((repeats, len(units.of)), -1)
    for repeat in range(repeats):
        rng = generator(key, axis, repeat)
        own = assign_units_to_blocks(units, whole, blocks, stratified=stratified, rng=rng)
        block[repeat, design.scorable] = own[units.of[design.scorable]]
    return block, tuple(f"{PLURAL[axis]} {b + 1}" for b in range(blocks))
