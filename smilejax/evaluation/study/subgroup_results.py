"""Accuracy and missing data by groups of the trials, as of age or sex: as results hold it. No JAX in here."""

from collections.abc import Mapping
from dataclasses import dataclass

from smilejax.evaluation.study.score_results import ScoreInterval

Number = float | None


@dataclass(frozen=True)
class Subgroup:
    """The trials of one group.

    Arguments:
        name: a value of the column, a range of its numbers, or "not given".
        trials, participants: recorded. kept: trials that cleaning kept. scored: those with an out-of-fold prediction.
        scored_by_class: of the scored trials.
        balanced_accuracy: of the out-of-fold predictions of the study's verdict, with its interval (none below three
            participants); None where scored trials are of one class.
        proportion_valid: mean over the recorded trials of the proportion of valid samples before filling.
        remark: what limits the numbers; empty where nothing does.
    """

    name: str
    trials: int
    participants: int
    kept: int
    scored: int
    scored_by_class: Mapping[str, int]
    balanced_accuracy: ScoreInterval | None
    proportion_valid: Number
    remark: str


@dataclass(frozen=True)
class ColumnResult:
    """All trials by the values of one column. column: its heading. groups: in natural order."""

    column: str
    groups: tuple[Subgroup, ...]
