"""`Folds`: which trials are trained on, validated on and scored in each of F trainings."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int

from smilejax._util import summaries
from smilejax.splits.study_design import Axis

PARTS = ("train", "validation", "test")
USED = {"train": "trained on", "validation": "validated on", "test": "scored"}


@dataclass(frozen=True, eq=False)
class Folds:
    """F ways to divide N trials. A fold is a mask: all F have one shape, so that F trainings are the `vmap` of one.

    Trials in none of the masks of a fold are not used: rejected, without label, or left out by design. The functions of
    `smilejax.splits` make and check it; the masks are read-only.

    Arguments:
        scheme: how the trials were divided: "participant", "shuffled trials (leaks)".
        apart: which of participant, stimulus and smiler are never in two parts of one fold.
        leaky: whether a model that only recognises participants or stimuli can classify above chance.
        why_leaky: how, in words; empty where it does not leak.
        train: `bool[F, N]`, trials to learn from.
        test: `bool[F, N]`, trials to score once, at the end.
        validation: `bool[F, N]`, trials to score during training; none before `inner_validation`.
        names: F names, "P03", "P03 x S07" or "repeat 2, fold 4". Numbers after P, S and smiler are the dataset's codes,
            from 0; repeats, folds and blocks count from 1.
        repeat: `i32[F]`, from 0.
        times_scored: how often each trial that can be scored is scored over all folds, once in each repeat; None where
            only a random part is held out.
    """

    scheme: str
    apart: tuple[Axis, ...]
    leaky: bool
    why_leaky: str
    train: Bool[np.ndarray, "F N"]
    test: Bool[np.ndarray, "F N"]
    validation: Bool[np.ndarray, "F N"]
    names: tuple[str, ...]
    repeat: Int[np.ndarray, " F"]
    times_scored: int | None

    def __post_init__(self) -> None:
        for name in (*PARTS, "repeat"):
            own = np.array(getattr(self, name))
            own.flags.writeable = False
            object.__setattr__(self, name, own)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Folds({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Folds", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        repeats = len(np.unique(self.repeat))
        number = summaries.counted(len(self), "fold") + (f" in {repeats} repeats" if repeats > 1 else "")
        sizes = [f"{_range(self.part(part))} {words}" for part, words in USED.items() if self.part(part).any()]
        return [
            ("folds", f"{number} by {self.scheme}"),
            ("trials", f"{self.train.shape[-1]} trials: {', '.join(sizes) or 'none used'}"),
            ("leaks", f"leaks: {self.why_leaky}" if self.leaky else "does not leak"),
        ]

    def part(self, name: str) -> npt.NDArray[np.bool_]:
        """`bool[F, N]`, the mask of "train", "validation" or "test"."""
        mask: npt.NDArray[np.bool_] = getattr(self, name)
        return mask


def _range(masks: Bool[np.ndarray, "F N"]) -> str:
    """Number of trials in each fold: "12", or "10 to 12" where folds differ."""
    sizes = masks.sum(axis=-1)
    return f"{sizes.min()}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
