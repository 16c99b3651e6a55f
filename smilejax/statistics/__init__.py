"""How sure one can be of a score. Each module answers one question.

| module | question |
|---|---|
| `single` | hits of one split: could a coin have done it, were trials independent? do participants show that they are not? |
| `bootstrap` | where would the score lie with other people and other stimuli? |
| `participants` | do people on the whole score above chance? |
| `relabelling` | how often do permuted labels score as high? |
| `resampled` | do two settings differ, on folds whose training trials overlap? |
| `multiple` | and after so many tests? |
| `spread` | how much is the seed, and how much the fold? |
| `voting` | how good is the mean of several observers? |

What was measured of them, by simulation: docs/statistics.md. Randomness is by `seed`, a whole number or a NumPy generator:
the same seed gives the same numbers.
"""

from smilejax.statistics.bootstrap import Interval, Units, crossed_interval, crossed_interval_of
from smilejax.statistics.multiple import Holm, holm
from smilejax.statistics.participants import ParticipantTest, participant_scores, participant_test
from smilejax.statistics.relabelling import ALPHA, RelabellingTest, relabelling_test
from smilejax.statistics.resampled import CorrectedT, corrected_t
from smilejax.statistics.single import Differing, SplitScore, participants_differ, split_score
from smilejax.statistics.spread import Spread, spread
from smilejax.statistics.voting import voting_curve
from smilejax.statistics.weighted import auc_of, balanced_accuracy_of

__all__ = [
    "ALPHA",
    "CorrectedT",
    "Differing",
    "Holm",
    "Interval",
    "ParticipantTest",
    "RelabellingTest",
    "SplitScore",
    "Spread",
    "Units",
    "auc_of",
    "balanced_accuracy_of",
    "corrected_t",
    "crossed_interval",
    "crossed_interval_of",
    "holm",
    "participant_scores",
    "participant_test",
    "participants_differ",
    "relabelling_test",
    "split_score",
    "spread",
    "voting_curve",
]
