"""What a study could not judge, or only weakly, and why. No JAX in here."""

from collections.abc import Iterator

from smilejax._util.errors import listed
from smilejax._util.number_text import p_words, percent, several
from smilejax.evaluation.study.conclusion import found
from smilejax.evaluation.study.covariates_in_words import covariate_limits
from smilejax.evaluation.study.score_results import NetworkPermutations
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.recordings.wording import RECORDING_KINDS

BELOW_HALF = 0.47
"""Permuted scores whose mean is below this are spoken of: folds are then not balanced over the classes (our choice)."""
FEW = 6
"""Fewer participants or stimuli than this make an interval of little value, and the verdict says so (our choice)."""
UNEQUAL = 3.0
"""Classes this unequal are spoken of: always predicting the larger one has an accuracy of 75% (our choice)."""


def limits_in_words(results: StudyResults) -> Iterator[str]:
    """One sentence or two for each limit."""
    if results.about.simulated:
        yield "The recording is simulated: this study says nothing about real participants."
    yield from _weaker_protocol(results)
    yield from _test(results)
    yield from _interval(results)
    yield from _design(results)
    yield from covariate_limits(results)
    yield from _few(results)
    yield from _diverged(results)
    if results.calibration.why_not:
        yield f"Probabilities could not be calibrated: {results.calibration.why_not}"
    for one in results.classifiers:
        if one.scores is None:
            yield f"{one.label} could not be run: {one.why_not.removesuffix('.')}."


def _test(results: StudyResults) -> Iterator[str]:
    result = results.permutation_test
    if result.scores is None:
        yield f"There was no permutation test: {result.why_not}"
    elif not result.scores.test.reachable:
        yield (
            f"No result of this study could be significant at {p_words(results.alpha)}, since the smallest attainable p is "
            f"{p_words(result.scores.test.smallest_p)}. A smaller one needs {_needed(result.scores, results.alpha)}."
        )


def _needed(scores: NetworkPermutations, alpha: float) -> str:
    few = scores.test.design_smallest_p <= alpha and scores.test.most >= scores.requested
    return "more permutations" if few else f"more {scores.needs_more}"


def _interval(results: StudyResults) -> Iterator[str]:
    interval = results.verdict_scores.interval
    if found(results) and interval.low is not None and interval.high is not None and interval.low <= 0.5:
        where = "includes 50%" if interval.high >= 0.5 else "lies below 50%"
        yield f"The interval {where}, so that a balanced accuracy above chance is not shown for other participants or stimuli."
    if (below := null_below_half(results)) is not None:
        yield (
            f"{below}, not 50%: folds that leave out more of one class are trained on more of the other. The score is to be "
            "compared with that number."
        )


def null_below_half(results: StudyResults) -> str | None:
    """That a classifier which learns nothing scores below 50% on these folds, if it does."""
    test = results.permutation_test.scores
    if test is not None and test.judged:
        mean = test.test.null_mean
        low = mean is not None and mean < BELOW_HALF
        return f"Permuted labels give a balanced accuracy of {percent(mean, 0)} on average" if low else None
    majority = next((one.scores for one in results.classifiers if one.name == "majority"), None)
    share = None if majority is None else majority.interval.estimate
    if share is None or share >= BELOW_HALF:
        return None
    return f"The majority class of each training set has a balanced accuracy of {percent(share, 0)} on these folds"


def _weaker_protocol(results: StudyResults) -> Iterator[str]:
    """Why the verdict is not about new participants and new stimuli at once."""
    if results.verdict_protocol == "participant-and-stimulus":
        return
    if not RECORDING_KINDS[results.about.recording].watches and results.verdict_protocol == "participant":
        return
    strictest, own = results.protocol("participant-and-stimulus"), results.protocol(results.verdict_protocol)
    yield f"The verdict is about {own.scored_trials}, and not about both new participants and new stimuli: {strictest.why_not}"
    if results.verdict_scores.leaks:
        yield f"The score can be too high: {results.verdict_scores.why_it_leaks}."
    if results.data.stimuli is None:
        yield (
            "Stimuli were not recorded, so that a response to the class cannot be distinguished from a response to single "
            "stimuli."
        )


def _design(results: StudyResults) -> Iterator[str]:
    data = results.data
    if data.confounded:
        yield (
            "Each participant has one label, and so has each stimulus: the classes differ in participants and in stimuli at "
            "once, and no test of these data can separate the two."
        )
    if data.smilers == 1:
        yield "All stimuli show one person, so that nothing is known about stimuli that show others."
    if data.one_trial_per_class:
        yield (
            "Each participant has at most one trial of each class, so that variation within participants cannot be separated "
            "from variation between them."
        )
    counts = list(data.kept_classes.values())
    if data.majority is not None and min(counts) and max(counts) / min(counts) >= UNEQUAL:
        sizes = listed(f"{n} {name}" for name, n in data.kept_classes.items())
        yield (
            f"The classes are unequal ({sizes}): always predicting {data.majority.name} has an accuracy of "
            f"{percent(data.majority.proportion, 0)}. Balanced accuracy, for which chance is 50%, does not gain by that."
        )


def _few(results: StudyResults) -> Iterator[str]:
    interval = results.verdict_scores.interval
    units = interval.units
    says = "the interval says" if interval.low is not None else "an interval would say"
    for recorded, count, one, many in (
        (results.data.participants, units.participants, "participant", "participants"),
        (results.data.stimuli, units.stimuli, "stimulus", "stimuli"),
    ):
        if recorded is not None and 0 < count < FEW:
            yield (
                f"With {several(count, one, many)}, {says} little about other {many}: their variation cannot be "
                "estimated from so few."
            )


def _diverged(results: StudyResults) -> Iterator[str]:
    for one in results.protocols:
        if one.scores is not None and one.scores.diverged:
            yield f"{one.label}: {one.scores.diverged} of {one.scores.runs} runs diverged and have no predictions."
    for classifier in results.classifiers:
        if classifier.scores is not None and classifier.scores.interval.estimate is None:
            yield f"{classifier.label} has no predictions, since its runs diverged."
    test = results.permutation_test.scores
    if test is not None and test.diverged_runs:
        yield f"{test.diverged_runs} of {test.runs} runs of the permutation test diverged."
    if test is not None and test.test.diverged:
        yield (
            f"{several(test.test.diverged, 'permutation')} diverged; each is counted as one that scored as high as the true "
            "labels."
        )
