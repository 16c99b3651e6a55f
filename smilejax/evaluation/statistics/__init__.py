"""How certain a score is. Each module answers one question.

| module | question |
|---|---|
| `one_split` | accuracy of one split: is it above chance, were trials independent? do participants show that they are not? |
| `crossed_bootstrap` | where would the score lie with other participants and other stimuli? |
| `participant_test` | do participants on average score above chance? |
| `permutation_test` | how often do permuted labels score as high? |
| `sequential_test` | and when has it been seen often enough that they do? |
| `cluster_test` | do two classes differ anywhere along a time course? |
| `corrected_t` | do two settings differ, on folds whose training trials overlap? |
| `holm` | and after so many tests? |
| `mean_interval` | a mean, or the difference of two, with its t interval |
| `score_spread` | how much of the variation is between seeds, and how much between folds? |
| `several_observers` | how good is the mean prediction of several observers? |

Their measured error rates: docs/statistics.md. Randomness is by `seed`, a whole number or a NumPy generator: the same seed
gives the same numbers.
"""

from smilejax.evaluation.statistics.cluster_test import Cluster, ClusterTest, cluster_test, paired_cluster_test
from smilejax.evaluation.statistics.corrected_t import CorrectedT, corrected_t
from smilejax.evaluation.statistics.crossed_bootstrap import (
    Interval,
    SampleSizes,
    crossed_interval,
    crossed_interval_of,
)
from smilejax.evaluation.statistics.holm import Holm, holm
from smilejax.evaluation.statistics.mean_interval import MeanInterval, mean_interval, welch_interval
from smilejax.evaluation.statistics.one_split import Differing, SplitScore, participants_differ, split_score
from smilejax.evaluation.statistics.participant_test import ParticipantTest, participant_scores, participant_test
from smilejax.evaluation.statistics.permutation_test import ALPHA, PermutationTest, permutation_test
from smilejax.evaluation.statistics.score_spread import ScoreSpread, score_spread
from smilejax.evaluation.statistics.sequential_test import (
    expected_permutations,
    least_needed,
    scored_as_high,
    stops_at,
)
from smilejax.evaluation.statistics.several_observers import voting_curve
from smilejax.evaluation.statistics.weighted_trials import auc_of, balanced_accuracy_of

__all__ = [
    "ALPHA",
    "Cluster",
    "ClusterTest",
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
    "cluster_test",
    "corrected_t",
    "crossed_interval",
    "crossed_interval_of",
    "expected_permutations",
    "holm",
    "least_needed",
    "mean_interval",
    "paired_cluster_test",
    "participant_scores",
    "participant_test",
    "participants_differ",
    "permutation_test",
    "score_spread",
    "scored_as_high",
    "split_score",
    "stops_at",
    "voting_curve",
    "welch_interval",
]
