"""How sequences are divided into training and test: as the project report did, and without what makes that division leak."""

from dataclasses import dataclass, replace

import jax
import numpy as np
import numpy.typing as npt

import smilejax
from smilejax.splits.assignment import generator
from smilejax.splits.hold_out import By
from smilejax.splits.make_folds import make_folds
from smilejax.splits.study_design import design_of

TRAINED, TESTED, FEWER_TESTED = 300, 70, 35
"""Sequences in training and in test; 44 of 70 and 22 of 35 are both 62.8571%."""
WHY = "sequences are divided one by one, so that the other eye, the participant and the video of a test trial are trained on"


@dataclass(frozen=True, eq=False)
class Divisions:
    """The same test sequences three times over S splits.

    Arguments:
        report: training sequences drawn from all that are not tested.
        same_size: the same, reduced to as many as `other_eye_out` has.
        other_eye_out: training sequences whose other eye is not tested. Fewer of them remain, about 280 of 300.
        fewer: `bool[S, N]`, the first half of each test set.
    """

    report: smilejax.Folds
    same_size: smilejax.Folds
    other_eye_out: smilejax.Folds
    fewer: npt.NDArray[np.bool_]


def divide(
    dataset: smilejax.Dataset,
    viewing: npt.NDArray[np.int64],
    *,
    splits: int,
    key: jax.Array,
    sizes: tuple[int, int, int] = (TRAINED, TESTED, FEWER_TESTED),
) -> Divisions:
    """Shuffle the sequences `splits` times, whatever their class, and take the first for training, the next for test.

    Arguments:
        viewing: as in `Sequences`.
        sizes: sequences trained on, tested, and in the smaller test set.
    """
    trained, tested, fewer_tested = sizes
    design = design_of(dataset)
    pool = np.flatnonzero(design.scorable)
    masks: dict[str, npt.NDArray[np.bool_]] = {
        part: np.zeros((splits, len(dataset)), bool) for part in ("test", "fewer", "report", "same", "apart")
    }
    for split in range(splits):
        order = generator(key, "report", split).permutation(pool)
        train, test, unused = np.split(order, (trained, trained + tested))
        rest = np.concatenate([train, unused])
        apart = rest[~np.isin(viewing[rest], viewing[test])][:trained]
        parts = {
            "test": test,
            "fewer": test[:fewer_tested],
            "report": train,
            "same": train[: len(apart)],
            "apart": apart,
        }
        for part, rows in parts.items():
            masks[part][split, rows] = True

    def folds(train: str, scheme: str) -> smilejax.Folds:
        names = tuple(f"split {s + 1}" for s in range(splits))
        return make_folds(
            dataset,
            design,
            scheme,
            (),
            masks[train],
            masks["test"],
            names=names,
            repeat=np.arange(splits),
            times_scored=None,
            why_leaky=WHY,
        )

    return Divisions(
        folds("report", "shuffled sequences (leaks)"),
        folds("same", "shuffled sequences, fewer of them (leaks)"),
        folds("apart", "shuffled sequences without the other eye (leaks)"),
        masks["fewer"],
    )


def first(folds: smilejax.Folds, count: int) -> smilejax.Folds:
    """The first folds. A run's key follows from the fold's number: it is trained as among all."""
    part = {name: getattr(folds, name)[:count] for name in ("train", "test", "validation", "names", "repeat")}
    return replace(folds, **part)


def other_eyes_trained_on(folds: smilejax.Folds, viewing: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """`f64[S]`, proportion of the test sequences whose other eye is in training."""
    pairs = zip(folds.train, folds.test, strict=True)
    return np.array([np.isin(viewing[test], viewing[train]).mean() for train, test in pairs])


def further_steps(dataset: smilejax.Dataset, *, splits: int, key: jax.Array) -> dict[str, smilejax.Folds]:
    """Test sets of participants, videos, and both that are not in training: about as many sequences as the report tested,
    fewer where both are left out."""
    participants, videos = (len(np.unique(codes)) for codes in (dataset.participant, dataset.stimulus))
    keys = jax.random.split(key, 3)

    def out(by: By, proportion: float, at: int) -> smilejax.Folds:
        return smilejax.hold_out(dataset, proportion, by, repeats=splits, key=keys[at])

    return {
        "participant": out("participant", 2 / participants, 0),
        "video": out("stimulus", 4 / videos, 1),
        "participant and video": out("participant-and-stimulus", 1 / 3, 2),
    }
