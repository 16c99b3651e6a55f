"""The check that folds keep apart what they promise, and the leaks that they must state."""

from typing import NoReturn

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int

from smilejax._util.errors import DataError
from smilejax.preprocess.dataset import Dataset
from smilejax.splits.folds import PARTS, USED, Folds
from smilejax.splits.study_design import AXES, PLURAL, Axis, Design, design_of, same_within_groups


def leak(design: Design, train: Bool[np.ndarray, "F N"], test: Bool[np.ndarray, "F N"]) -> str:
    """How the folds leak, in words: an axis on which each code has one label and is both trained on and scored.

    A model that recognises the stimulus knows its label, so leaving out participants does not prevent the leak while the
    stimuli were trained on. The same holds for participants who have one label each. Empty where there is no such axis.
    """
    y, mask = design.y, design.scorable
    found: list[str] = []
    for axis in AXES:
        if not design.recorded(axis) or not same_within_groups(y[mask], design.codes(axis)[mask]):
            continue
        if np.any(_seen(train, design.codes(axis)) & _seen(test, design.codes(axis))):
            found.append(PLURAL[axis])
    if not found:
        return ""
    return (
        f"each of the {' and the '.join(found)} has one label, and the same ones are trained on and scored: "
        "recognising them is enough to classify the trial"
    )


def _seen(mask: Bool[np.ndarray, "F N"], codes: Int[np.ndarray, " N"]) -> npt.NDArray[np.bool_]:
    """`bool[F, G]`: which of the codes from 0 to G-1 have a trial in each mask."""
    inside = codes[:, None] == np.arange(codes.max(initial=0) + 1)
    # Single-precision products run in BLAS, whole-number ones do not; counts of trials are exact in them up to 2**24.
    seen: npt.NDArray[np.bool_] = mask.astype(np.float32) @ inside.astype(np.float32) > 0
    return seen


def check_folds(folds: Folds, dataset: Dataset) -> None:
    """Check folds against the dataset that they are used with.

    No mask contains a rejected or unlabelled trial. Train, validation and test have no trial in common, and no participant,
    stimulus or smiler where `apart` names it. Each trial that can be scored is scored once in each repeat, `times_scored`
    times in total (where that is None: each fold scores some trial). Every training set contains both classes. `leaky` is
    True where the folds leak.

    Raises:
        DataError: naming the fold, the participant, stimulus, trial or class, and the hint.
    """
    require_folds(folds)
    design = design_of(dataset)
    _check_shapes(folds, len(dataset))
    _check_scorable(folds, design, dataset.kept)
    _check_disjoint(folds)
    for axis in folds.apart:
        _check_apart(folds, design, axis)
    _check_scored(folds, design)
    _check_classes(folds, design)
    why = leak(design, folds.train, folds.test)
    if why and not folds.leaky:
        raise DataError(f"folds by {folds.scheme} must state that they leak: {why}.", hint="Set leaky=True.")


def require_folds(folds: object) -> None:
    """Raise `DataError` for anything but `Folds`."""
    if not isinstance(folds, Folds):
        raise DataError(
            f"folds must be Folds; they are a {type(folds).__name__}.",
            hint="Make them with `smilejax.by_participant`.",
        )


def _check_shapes(folds: Folds, n: int) -> None:
    shapes = {part: folds.part(part).shape for part in PARTS}
    if (
        any(shape != (len(folds), n) for shape in shapes.values())
        or folds.repeat.shape != (len(folds),)
        or not len(folds)
    ):
        raise DataError(
            f"folds by {folds.scheme} must have masks of [folds, trials] = [{len(folds)}, {n}] and at least one fold; "
            f"they have {', '.join(f'{part} {list(shape)}' for part, shape in shapes.items())} and repeat "
            f"{list(folds.repeat.shape)}.",
            hint="Make them again from this dataset.",
        )


def _wrong(folds: Folds, fold: int, what: str, hint: str) -> NoReturn:
    raise DataError(f"fold {folds.names[fold]!r} by {folds.scheme}: {what}", hint=hint)


def _first(where: npt.NDArray[np.bool_]) -> tuple[int, int]:
    fold, other = np.unravel_index(int(where.argmax()), where.shape)
    return int(fold), int(other)


def _check_scorable(folds: Folds, design: Design, kept: npt.NDArray[np.bool_]) -> None:
    for part in PARTS:
        if np.any(bad := folds.part(part) & ~design.scorable):
            fold, row = _first(bad)
            state = "has no label" if kept[row] else "was rejected"
            _wrong(
                folds,
                fold,
                f"a trial that is {USED[part]} must be kept and labelled; the one in row {row} {state}.",
                f"Take it out of {part}, or make the folds again from this dataset.",
            )


def _check_disjoint(folds: Folds) -> None:
    for i, one in enumerate(PARTS):
        for other in PARTS[i + 1 :]:
            if np.any(both := folds.part(one) & folds.part(other)):
                fold, row = _first(both)
                what = f"no trial may be {USED[one]} and {USED[other]}; the one in row {row} is."
                _wrong(folds, fold, what, "Take it out of one of them.")


def _check_apart(folds: Folds, design: Design, axis: Axis) -> None:
    codes = design.codes(axis)
    seen = {part: _seen(folds.part(part), codes) for part in PARTS}
    for i, one in enumerate(PARTS):
        for other in PARTS[i + 1 :]:
            if np.any(both := seen[one] & seen[other]):
                fold, code = _first(both)
                n, m = (int((folds.part(part)[fold] & (codes == code)).sum()) for part in (one, other))
                _wrong(
                    folds,
                    fold,
                    f"no {axis} may be {USED[one]} and {USED[other]}; {axis} {code} has {n} trial(s) in {one} and {m} in "
                    f"{other}.",
                    "Move them all to one side, or leave them out.",
                )


def _check_scored(folds: Folds, design: Design) -> None:
    if np.any(empty := ~folds.test.any(1)):
        _wrong(folds, int(empty.argmax()), "some trial must be scored; none is.", "Leave the fold out.")
    if folds.times_scored is None:
        return
    repeats = np.unique(folds.repeat)
    if folds.times_scored != len(repeats):
        raise DataError(
            f"folds by {folds.scheme}: every trial must be scored once in each repeat; times_scored is "
            f"{folds.times_scored} with {len(repeats)} repeat(s).",
            hint="Set it to their number.",
        )
    for repeat in repeats:
        times = folds.test[folds.repeat == repeat].sum(0)
        if np.any(wrong := design.scorable & (times != 1)):
            row = int(wrong.argmax())
            raise DataError(
                f"folds by {folds.scheme}: every trial that can be scored must be scored once in each repeat; the one in row "
                f"{row} (participant {design.participant[row]}, stimulus {design.stimulus[row]}) is scored {times[row]} times "
                f"in repeat {repeat + 1}.",
                hint="Put it into the test mask of one fold.",
            )


def _check_classes(folds: Folds, design: Design) -> None:
    of_all = np.bincount(design.y[design.scorable], minlength=2)
    if 0 in of_all:  # other folds would not change that
        raise DataError(
            f"training needs trials of both classes; of those that are kept and labelled {of_all[0]} are "
            f"{design.class_names[0]} and {of_all[1]} {design.class_names[1]}.",
            hint="Check the labels, and what the recipe rejects.",
        )
    counts = np.stack([(folds.train & (design.y == k)).sum(1) for k in (0, 1)], axis=1)
    if np.any(missing := counts == 0):
        fold, k = _first(missing)
        _wrong(
            folds,
            fold,
            f"training needs trials of both classes; it has {counts[fold, 1 - k]} {design.class_names[1 - k]} and no "
            f"{design.class_names[k]}.",
            _hint(folds),
        )


def _hint(folds: Folds) -> str:
    left_out = " and ".join(PLURAL[axis] for axis in folds.apart[:2]) or "trials"
    if folds.times_scored is None:
        return f"Hold out a smaller proportion, or record more {left_out}."
    return (
        f"Use more folds or blocks, so that fewer {left_out} are left out at once, or, where already one is, "
        "split by another scheme or record more."
    )
