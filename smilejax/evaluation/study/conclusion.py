"""What a study concludes: above chance or not, and if so, whether that can be attributed to the pupil's response.

A network above chance has learnt something that differs between the classes. That it is the pupil's response is concluded
only where the network exceeds every negative control, none of which sees the response: its difference to each, with the
interval, must lie above 0. No JAX in here.
"""

from smilejax.evaluation.names import Conclusion
from smilejax.evaluation.study.score_results import ClassifierResult, ClassifierScores
from smilejax.evaluation.study.score_words import above_chance
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.settings.classifier_names import ClassifierKind


def conclusion(results: StudyResults) -> Conclusion:
    """The conclusion of a study. Its permutation test decides between above chance and not; see the module for the rest."""
    if not judged(results):
        return "not judged"
    if not found(results) or (results.verdict_scores.interval.estimate or 0.0) <= 0.5:
        return "not above chance"
    if results.verdict_protocol == "shuffled":
        return "leaky protocol"
    controls = scored(results, "negative control")
    if not controls or any(not exceeded(one) for _, one in controls):
        return "not attributable"
    if any(does_as_well(one) for _, one in scored(results, "reference")):
        return "reference as good"
    return "attributable"


def judged(results: StudyResults) -> bool:
    """Whether there are a score and a permutation test whose p can reach alpha."""
    test = results.permutation_test.scores
    has_score = results.verdict_scores.interval.estimate is not None
    return has_score and test is not None and test.judged and test.test.reachable


def found(results: StudyResults) -> bool:
    """Whether p is up to alpha."""
    test = results.permutation_test.scores
    return judged(results) and test is not None and test.test.p <= results.alpha


def scored(
    results: StudyResults, kind: ClassifierKind | None = None
) -> list[tuple[ClassifierResult, ClassifierScores]]:
    """Classifiers with a balanced accuracy that can be compared with the network's; of one kind, or all."""
    return [
        (one, one.scores)
        for one in results.classifiers
        if one.scores is not None and one.scores.difference.estimate is not None and kind in (None, one.kind)
    ]


def exceeded(scores: ClassifierScores) -> bool:
    """Whether the network is shown to exceed a classifier: the interval of the difference lies above 0.

    Where every trial gives the same difference, or a class rests on one participant or stimulus, there is no interval; the
    network then exceeds a classifier that is below it and not above chance itself.
    """
    difference = scores.difference
    if difference.low is None:
        return (difference.estimate or 0.0) > 0 and not above_chance(scores.interval)
    return difference.low > 0


def scores_as_high(scores: ClassifierScores) -> bool:
    """Whether a classifier has at least the network's score."""
    return (scores.difference.estimate or 0.0) <= 0


def does_as_well(scores: ClassifierScores) -> bool:
    """Whether a classifier may do as well as the network: at least as high a score, or above chance and not exceeded."""
    if scores_as_high(scores):
        return True
    return not exceeded(scores) and above_chance(scores.interval)
