"""`RawResults`: everything a study measured, and nothing derived. Its results follow without training again."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from smilejax.evaluation.names import ProtocolName
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.figure_results import CleaningPanels
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.study_results import About
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels

KEPT = "column "
"""The heading of a column of the user's own in the table of trials begins so."""


def column_title(name: str) -> str:
    """The heading of a column of the user's own in the table of trials.

    Example:
        >>> column_title("age")
        'column age'
    """
    return KEPT + name


@dataclass(frozen=True, eq=False)
class ProtocolPredictions:
    """The network under one protocol.

    Arguments:
        name: of `smilejax.evaluation.names.PROTOCOLS`. why_not: why the data do not allow it; all the rest is None then.
        predictions: on the true labels, L = 1.
        inner_logits: `f32[F, D, S, N, 2]`, logits of validation trials inside each fold by the setting it chose, NaN where a
            run diverged; None where no trials could be held out. inner: `bool[F, D, N]`, those trials.
        why_no_inner_validation: the reason then.
        variant_accuracy: `f64[V, F]`, accuracy of every setting on the trials that each fold scores, mean over seeds.
        balanced_folds: whether units were assigned to folds with classes balanced, see `protocols.Protocol`.
    """

    name: ProtocolName
    folds: Folds | None
    why_not: str = ""
    predictions: OutOfFold | None = None
    curves: Curves | None = None
    inner_logits: Float[np.ndarray, "F D S N 2"] | None = None
    inner: Bool[np.ndarray, "F D N"] | None = None
    why_no_inner_validation: str = ""
    variant_accuracy: Float[np.ndarray, "V F"] | None = None
    balanced_folds: bool = False

    def made(self) -> tuple[Folds, OutOfFold]:
        """Folds and predictions of a protocol that the data allow."""
        assert self.folds is not None
        assert self.predictions is not None
        return self.folds, self.predictions


@dataclass(frozen=True, eq=False)
class PermutationPredictions:
    """The permutation test: true labels and permutations of them, trained alike, in the order of the permutations.

    Arguments:
        predictions: the true labels first, then permutations up to the one at which the test stopped: L = 1 + l, of K
            permutations l; None where there was no test.
        permuted: all K permutations, which reference classifiers are trained on. why_not: why there was no test.
    """

    predictions: OutOfFold | None
    permuted: PermutedLabels | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class ClassifierPredictions:
    """Out-of-fold predictions of one reference classifier or negative control.

    Arguments:
        name: as in `smilejax.classifiers.COMPARISONS`. description: what it sees and does.
        probability: `f64[L, S, N]`, P(class 1) of each trial by the folds that score it, for true (and permuted) labels and
            S trainings; NaN where there is none.
        why_not: why it has no predictions; empty where it has.
    """

    name: str
    description: str
    probability: Float[np.ndarray, "L S N"]
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class RawResults:
    """What was measured.

    Arguments:
        trials: N rows in the order of the recording: participant, trial, stimulus, smiler (None where not recorded), label
            (0, 1, or -1), class, status, kept, proportion_valid, length_ms, baseline (the recording's unit), and columns of the
            user's own that the study was asked for (`column_title`).
        x, valid: the network's input. time_ms: of its steps.
        protocols: all, from the strictest.
        permutations, classifiers: by the strictest protocol that the data allow.
        attribution: None where none was requested, or every run of it diverged.
        cleaning: panels of the cleaning of one trial.
        about: what it was made of and how.
    """

    trials: pd.DataFrame
    x: Float[np.ndarray, "N T C"]
    valid: Bool[np.ndarray, "N T"]
    time_ms: Float[np.ndarray, " T"]
    protocols: tuple[ProtocolPredictions, ...]
    permutations: PermutationPredictions
    classifiers: tuple[ClassifierPredictions, ...]
    attribution: Attribution | None
    cleaning: CleaningPanels
    about: About

    @property
    def verdict_protocol(self) -> ProtocolPredictions:
        """The protocol of the verdict: the strictest that the data allow."""
        return next(one for one in self.protocols if one.folds is not None)

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
