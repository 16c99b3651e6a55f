"""`RawResults`: everything a study measured, and nothing derived. Its numbers follow from it without training again."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.protocols import Name
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels


@dataclass(frozen=True, eq=False)
class Scored:
    """One protocol.

    Arguments:
        name: of `protocols.NAMES`. why_not: why the data do not allow it, and all the rest is None then.
        balanced: whether folds were dealt with classes balanced, see `protocols.Protocol`.
        answers: on the true labels, L = 1.
        inner_logits: `f32[F, D, S, N, 2]`, answers to validation trials inside each fold by the setting it chose, NaN where a
            run diverged; None where none could be held out. inner: `bool[F, D, N]`, those trials.
        why_not_inner: the reason then.
        variants: `f64[V, F]`, accuracy of every setting on the trials that each fold scores, mean over seeds.
    """

    name: Name
    folds: Folds | None
    why_not: str = ""
    answers: OutOfFold | None = None
    curves: Curves | None = None
    inner_logits: Float[np.ndarray, "F D S N 2"] | None = None
    inner: Bool[np.ndarray, "F D N"] | None = None
    why_not_inner: str = ""
    variants: Float[np.ndarray, "V F"] | None = None
    balanced: bool = False


@dataclass(frozen=True, eq=False)
class Tested:
    """The test by permutation: the truth and K permutations, trained alike.

    Arguments:
        answers: L = 1 + K, the truth first; None where there was no test.
        permuted: what was permuted. why_not: why there was no test.
    """

    answers: OutOfFold | None
    permuted: PermutedLabels | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class ClassifierPredictions:
    """Held-out answers of one control.

    Arguments:
        name, words: what it is.
        probability: `f64[L, S, N]`, P(class 1) of each trial by the folds that score it, for the truth (and permutations)
            and for S trainings; NaN where there is none.
        why_not: why it has no answers; empty where it has.
    """

    name: str
    words: str
    probability: Float[np.ndarray, "L S N"]
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class RawResults:
    """What was measured.

    Arguments:
        trials: N rows in the order of the recording: participant, trial, stimulus, smiler (None where not recorded), label
            (0, 1, or -1), class, verdict, kept, measured (0 to 1), length_ms, baseline (the recording's unit).
        x, valid: as the model saw them. time_ms: of the steps.
        scored: every protocol, from the strongest.
        tested, controls: by the strongest that the data allow.
        attribution: None where none was asked for, or no run ended well.
        steps: panels of the cleaning of one trial; see `steps.panels`.
        about: what it was made of and how, as JSON: source, recipe, settings, versions, command.
    """

    trials: pd.DataFrame
    x: Float[np.ndarray, "N T C"]
    valid: Bool[np.ndarray, "N T"]
    time_ms: Float[np.ndarray, " T"]
    scored: tuple[Scored, ...]
    tested: Tested
    controls: tuple[ClassifierPredictions, ...]
    attribution: Attribution | None
    steps: dict[str, Any]
    about: dict[str, Any]

    @property
    def verdict_protocol(self) -> Scored:
        """The protocol of the verdict."""
        return next(one for one in self.scored if one.folds is not None)

    @property
    def y(self) -> Int[np.ndarray, " N"]:
        """`i32[N]`, labels; -1 where not known."""
        return self.trials["label"].to_numpy(np.int32)

    def codes(self, column: str) -> Int[np.ndarray, " N"]:
        """`i32[N]`, numbers of the names in a column, -1 where there is none; for all where not `recorded`."""
        if not self.recorded(column):
            return np.full(len(self.trials), -1, np.int32)
        return pd.factorize(self.trials[column])[0].astype(np.int32)

    def recorded(self, column: str) -> bool:
        """Whether every trial that can be scored has a name in a column."""
        scorable = self.trials["kept"] & (self.trials["label"] >= 0)
        return bool(self.trials.loc[scorable, column].notna().all())
