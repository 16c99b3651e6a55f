"""What comes first on the page: the verdict, and the numbers that it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from smilejax._util.number_text import capitalised, known, several
from smilejax.evaluation.names import CLASSIFIER_KINDS, CONCLUSIONS, Color
from smilejax.evaluation.study.conclusion import exceeded, found, judged, scores_as_high
from smilejax.evaluation.study.difference_in_words import difference_in_words
from smilejax.evaluation.study.score_results import ClassifierResult
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.evaluation.study.verdict_in_words import FEW_PERMUTATIONS
from smilejax.report.formatting import p_value, percent, points, points_span, span


@dataclass(frozen=True)
class Fact:
    """A number in large print: what it is, its value, and a remark below it."""

    name: str
    value: str
    remark: str


@dataclass(frozen=True)
class Check:
    """One comparison that the conclusion rests on: what it is, what came of it, and the colour of that."""

    color: Color
    name: str
    words: str


@dataclass(frozen=True)
class Opening:
    """The verdict as the page shows it: label and colour of the conclusion, headline, facts, and lists.

    Arguments:
        difference: sentences on the class difference and the time course, beside the verdict; empty in older studies.
        judged: what is compared, with a capital. checks: the comparisons that the conclusion rests on.
        findings, limits: sentences.
        simulated: a sentence that marks simulated recordings; empty for measured ones.
    """

    question: str
    label: str
    color: Color
    headline: str
    facts: tuple[Fact, ...]
    difference: tuple[str, ...]
    judged: str
    checks: tuple[Check, ...]
    findings: tuple[str, ...]
    limits: tuple[str, ...]
    simulated: str


def opening(record: StudyRecord) -> Opening:
    """The verdict of a study."""
    results = record.results
    conclusion = CONCLUSIONS[results.verdict.conclusion]
    first, second = results.class_names
    return Opening(
        question=f"Do pupil responses distinguish {second} from {first}?",
        label=conclusion.label,
        color=conclusion.color,
        headline=results.verdict.headline,
        facts=(_score(results), _chance(results), _p(results), _scored(results)),
        difference=difference_in_words(results),
        judged=capitalised(results.the_judged),
        checks=(_permutation_check(results), *_classifier_checks(results)),
        findings=results.verdict.findings,
        limits=results.verdict.limits,
        simulated=_simulated(results),
    )


def _simulated(results: StudyResults) -> str:
    if not results.about.simulated:
        return ""
    return (
        "These recordings were made by the simulator of smilejax, not measured on participants. The "
        "results show how the method behaves on data with a known effect, and nothing about real pupils."
    )


def permuted_span(results: StudyResults, digits: int = 0) -> str:
    """How high the permuted scores reach, to stand after "permuted labels:"; empty where there are none."""
    scores = results.permutation_test.scores
    if scores is None:
        return ""
    null = [score for score in scores.null if score is not None]
    if not null:
        return ""
    if len(null) == 1:
        return percent(null[0], digits)
    if len(null) < FEW_PERMUTATIONS:
        return span(min(null), max(null), digits)
    return span(scores.test.null_low, scores.test.null_high, digits)


def _score(results: StudyResults) -> Fact:
    interval = results.verdict_scores.interval
    there = known(interval.low) and known(interval.high)
    remark = f"{percent(interval.level, 0)} interval {span(interval.low, interval.high, 0)}" if there else "no interval"
    return Fact("Balanced accuracy", percent(interval.estimate, 0), remark)


def _chance(results: StudyResults) -> Fact:
    reached = permuted_span(results)
    return Fact("Chance level", "50%", f"permuted labels: {reached}" if reached else "of balanced accuracy")


def _p(results: StudyResults) -> Fact:
    scores = results.permutation_test.scores
    if scores is None:
        return Fact("p, permutation test", p_value(None), "no test was made")
    test = scores.test
    stopped = f"stopped after {test.count} of {test.most} permutations; " if test.stopped_early else ""
    return Fact("p, permutation test", p_value(test.p), f"{stopped}smallest attainable: {p_value(test.smallest_p)}")


def _scored(results: StudyResults) -> Fact:
    scores = results.verdict_scores
    units = several(scores.interval.units.participants, "participant")
    if results.data.stimuli is not None:
        units += f", {several(scores.interval.units.stimuli, 'stimulus', 'stimuli')}"
    return Fact("Trials scored", f"{scores.trials_scored:,}", units)


def _permutation_check(results: StudyResults) -> Check:
    """Whether the score is above chance."""
    scores, name = results.permutation_test.scores, "Permuted labels (permutation test)"
    if scores is None:
        return Check("grey", name, "not tested")
    p = f"p = {p_value(scores.test.p)}"
    if not judged(results):
        return Check("grey", name, f"cannot be judged: {p}")
    return Check("green", name, f"exceeded: {p}") if found(results) else Check("grey", name, f"not exceeded: {p}")


def _classifier_checks(results: StudyResults) -> Iterator[Check]:
    """Whether what is judged exceeds each classifier; negative controls first, since attribution rests on them."""
    for kind in reversed(CLASSIFIER_KINDS):
        for one in results.classifiers:
            if one.kind == kind:
                yield _classifier_check(one)


def _classifier_check(one: ClassifierResult) -> Check:
    name = f"{one.label} ({CLASSIFIER_KINDS[one.kind].lower()})"
    if one.scores is None or one.scores.difference.estimate is None:
        return Check("grey", name, "could not be compared")
    difference = one.scores.difference
    interval = points_span(difference.low, difference.high) if known(difference.low) else "no interval"
    numbers = f"difference {points(difference.estimate)} points ({interval})"
    if exceeded(one.scores):
        return Check("green", name, f"exceeded: {numbers}")
    worse: Color = "amber" if one.kind == "negative control" else "blue"
    return Check(
        worse, name, f"{'does as well' if scores_as_high(one.scores) else 'not shown to be exceeded'}: {numbers}"
    )
