"""Scores as sentences hold them: with their intervals and differences. No JAX in here."""

from smilejax._util.number_text import percent, points, points_span, several
from smilejax.evaluation.study.score_results import ClassifierResult, ClassifierScores, PermutationScores, ScoreInterval
from smilejax.evaluation.study.study_results import StudyResults


def interval_words(interval: ScoreInterval) -> str:
    """The interval of a score: "95% interval 71% to 89%"."""
    if interval.low is None:
        return "no interval"
    return f"{100 * interval.level:g}% interval {percent(interval.low, 0)} to {percent(interval.high, 0)}"


def difference_words(scores: ClassifierScores) -> str:
    """The network's difference to a classifier: "difference 4.2 points, -3.0 to 11.4"."""
    difference = scores.difference
    between = "" if difference.low is None else f", {points_span(difference.low, difference.high, sign=False)}"
    return f"difference {points(difference.estimate, sign=False)} points{between}"


def stopped_words(test: PermutationScores) -> str:
    """How many of the permutations a test needed and why it stopped, as a sentence; empty where it never stops early."""
    if not test.stop_after or test.stop_after > test.most:
        return ""
    if not test.stopped:
        return (
            f"All {several(test.most, 'permutation')} were used, since fewer than {test.stop_after} scored as high: p = "
            f"({test.at_least} + 1) / ({test.count} + 1)."
        )
    when = (
        f"after {test.count} of {several(test.most, 'permutation')}"
        if test.stopped_early
        else "with the last permutation"
    )
    return (
        f"The test stopped {when}, as soon as {test.stop_after} had scored as high: p = {test.at_least} / {test.count}, which "
        "is as exact as with all (Besag & Clifford 1991)."
    )


def own_permutations_words(
    classifiers: tuple[ClassifierResult, ...], own: PermutationScores | None, judged: str
) -> str:
    """That other classifiers were tested with more permutations than what is judged, as a sentence; empty where not."""
    tests = [one.scores.permutation_test for one in classifiers if one.scores is not None]
    most = max((one.test.count for one in tests if one is not None), default=0)
    if own is None or most <= own.count:
        return ""
    return f"Tests of other classifiers use all {several(most, 'permutation')}; {judged}'s stopped after {own.count}."


def folds_from_words(results: StudyResults) -> str:
    """Where the folds of the verdict came from, as a sentence of a methods section; empty where they were drawn at random."""
    column = results.about.study.get("folds_from")
    if not isinstance(column, str):
        return ""
    scores = results.verdict_scores
    return (
        f"The {several(scores.folds, 'fold')} of the verdict were not drawn at random: they are the values of the column "
        f"{column!r} of the recordings, and no participant is in two of them."
    )


def frames_words(results: StudyResults) -> str:
    """What single frames reach by both ways to divide them, and why one misleads, as sentences; empty where not computed."""
    frames = results.frames
    if frames is None or frames.shuffled is None or frames.whole is None:
        return ""
    scored_on = results.protocol(results.verdict_protocol).scored_trials
    return (
        f"Single frames, {frames.frames} about the apex of {several(frames.videos, 'smile')}, each given the class of the most "
        f"similar frame of the training set: balanced accuracy {percent(frames.shuffled, 0)} where frames are shuffled, and "
        f"{percent(frames.whole, 0)} on {scored_on}. Shuffled frames mislead: other frames of the same smile, which are almost "
        "alike, are then in the training set, so that recognising the smile is enough and nothing of the classes needs to be "
        "known."
    )


def above_chance(interval: ScoreInterval) -> bool:
    """Whether an interval lies above 50%; where every prediction is correct there is none."""
    return bool(interval.estimate == 1.0 if interval.low is None else interval.low > 0.5)


def majority_words(classifiers: tuple[ClassifierResult, ...]) -> str:
    """Why the majority class has another balanced accuracy than 50%, as a sentence; empty where it has 50% or was not run."""
    scores = next((one.scores for one in classifiers if one.name == "majority"), None)
    reached = None if scores is None else scores.interval.estimate
    if reached is None or abs(reached - 0.5) < 0.0005:  # printed as 50.0%
        return ""
    return (
        f"The classifier 'Majority class' has {percent(reached)}: it predicts the larger class of each fold's training trials, "
        "and a fold that leaves out more of one class is trained on more of the other."
    )
