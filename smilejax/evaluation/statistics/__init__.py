"""How sure one can be of a score. Each module answers one question.

| module | question |
|---|---|
| `single` | hits of one split: could a coin have done it, were trials independent? do participants show that they are not? |
| `bootstrap` | where would the score lie with other people and other stimuli? |
| `participants` | do people on the whole score above chance? |
| `permutation` | how often do permuted labels score as high? |
| `resampled` | do two settings differ, on folds whose training trials overlap? |
| `multiple` | and after so many tests? |
| `score_spread` | how much is the seed, and how much the fold? |
| `voting` | how good is the mean of several observers? |

What was measured of them, by simulation: docs/statistics.md. Randomness is by `seed`, a whole number or a NumPy generator:
the same seed gives the same numbers.
"""

from smilejax.evaluation.statistics.corrected_t import CorrectedT, corrected_t
from smilejax.evaluation.statistics.crossed_bootstrap import (
    Interval,
    SampleSizes,
    crossed_interval,
    crossed_interval_of,
)
from smilejax.evaluation.statistics.holm import Holm, holm
from smilejax.evaluation.statistics.mean_interval import MeanInterval, mean_interval
from smilejax.evaluation.statistics.one_split import Differing, SplitScore, participants_differ, split_score
from smilejax.evaluation.statistics.participant_test import ParticipantTest, participant_scores, participant_test
from smilejax.evaluation.statistics.permutation_test import ALPHA, PermutationTest, permutation_test
from smilejax.evaluation.statistics.score_spread import ScoreSpread, score_spread
from smilejax.evaluation.statistics.several_observers import voting_curve
from smilejax.evaluation.statistics.weighted_trials import auc_of, balanced_accuracy_of

__all__ = [
    "ALPHA",
    "CorrectedT",
    "Differing",
    "Holm",
    "Interval",
    "MeanInterval",
    "ParticipantTest",
    "PermutationTest",
    "SampleSizes",
    "ScoreSpread",
    "SplitScore",
    "auc_of",
    "balanced_accuracy_of",
    "corrected_t",
    "crossed_interval",
    "crossed_interval_of",
    "holm",
    "mean_interval",
    "participant_scores",
    "participant_test",
    "participants_differ",
    "permutation_test",
    "score_spread",
    "split_score",
    "voting_curve",
]
