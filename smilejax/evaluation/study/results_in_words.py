"""A study as the results section of a paper has it, and the publications that it rests on. No JAX in here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smilejax._util.number_text import number, p_words, percent, points, points_span, several, span, with_minus_signs
from smilejax.evaluation.names import CONCLUSIONS
from smilejax.evaluation.study.difference_in_words import difference_in_words
from smilejax.evaluation.study.methods_in_words import methods_paragraph, record_of
from smilejax.evaluation.study.score_results import ClassifierResult, ClassifierScores, PermutationScores
from smilejax.evaluation.study.score_words import majority_words, stopped_words
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.settings.classifier_names import has_seeds

if TYPE_CHECKING:
    from smilejax.evaluation.study.saved_study import Study

REFERENCES = {
    "Besag & Clifford 1991": "Besag, J., & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika, 78(2), 301-304.",
    "Cameron et al. 2011": "Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2011). Robust inference with multiway "
    "clustering. Journal of Business & Economic Statistics, 29(2), 238-249.",
    "Dempster et al. 2021": "Dempster, A., Schmidt, D. F., & Webb, G. I. (2021). MiniRocket: A very fast (almost) "
    "deterministic transform for time series classification. Proceedings of KDD 2021, 248-257.",
    "Hershman et al. 2018": "Hershman, R., Henik, A., & Cohen, N. (2018). A novel blink detection method based on "
    "pupillometry noise. Behavior Research Methods, 50, 107-114.",
    "Hoeks & Levelt 1993": "Hoeks, B., & Levelt, W. J. M. (1993). Pupillary dilation as a measure of attention: A "
    "quantitative system analysis. Behavior Research Methods, Instruments, & Computers, 25, 16-26.",
    "Holm 1979": "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
    "Statistics, 6(2), 65-70.",
    "Kret & Sjak-Shie 2019": "Kret, M. E., & Sjak-Shie, E. E. (2019). Preprocessing pupil size data: Guidelines and "
    "code. Behavior Research Methods, 51, 1336-1342.",
    "Mathôt 2013": "Mathôt, S. (2013). A simple way to reconstruct pupil size during eye blinks [technical note].",
    "Mathôt et al. 2018": "Mathôt, S., Fabius, J., Van Heusden, E., & Van der Stigchel, S. (2018). Safe and sensible "
    "preprocessing and baseline correction of pupil-size data. Behavior Research Methods, 50, 94-106.",
    "Maris & Oostenveld 2007": "Maris, E., & Oostenveld, R. (2007). Nonparametric statistical testing of EEG- and "
    "MEG-data. Journal of Neuroscience Methods, 164(1), 177-190.",
    "Shi et al. 2015": "Shi, X., Chen, Z., Wang, H., Yeung, D.-Y., Wong, W.-K., & Woo, W.-C. (2015). Convolutional LSTM "
    "network: A machine learning approach for precipitation nowcasting. Advances in Neural Information Processing Systems, "
    "28, 802-810.",
}
"""By how texts cite them."""


def results_paragraph(study: "Study | StudyRecord") -> str:
    """What was found, as the results section of a paper has it: score, tests, other classifiers, limits.

    Every number is the study's own. A result that is not significant is worded as none, and what limits the study is
    part of the text: leave it there.

    Arguments:
        study: a finished study, from `load_study`, or its record.

    Returns:
        Paragraphs with an empty line between them.
    """
    results = record_of(study).results
    parts = (_score(results), _others(results), _difference(results), _conclusion(results))
    text = "\n\n".join(results.wording(" ".join(sentences)) for part in parts if (sentences := list(part)))
    return with_minus_signs(text)


def report_in_words(study: "Study | StudyRecord") -> str:
    """Methods, results and the publications that they cite, with headings: what `smilejax report STUDY --methods` prints."""
    texts = {"Methods": methods_paragraph(study), "Results": results_paragraph(study)}
    cited = [full for short, full in REFERENCES.items() if any(short in text for text in texts.values())]
    return "\n\n".join([*(f"{name}\n\n{text}" for name, text in texts.items()), "References\n\n" + "\n".join(cited)])


def _score(results: StudyResults) -> Iterator[str]:
    scores, protocol = results.verdict_scores, results.protocol(results.verdict_protocol)
    interval, over_seeds = scores.interval, scores.mean_over_seeds
    if interval.estimate is None:
        yield f"There is no score: {scores.diverged} of {scores.runs} runs diverged."
        return
    limits = (
        "no interval can be given"
        if interval.low is None
        else f"{100 * interval.level:g}% interval {span(interval.low, interval.high, '.1%')}"
    )
    seeds = scores.sd_between_seeds
    mean = "" if seeds is None else " (both means over seeds)"
    sd = "" if seeds is None else f", standard deviation between seeds {points(seeds, sign=False)} points"
    yield (
        f"On {protocol.scored_trials}, balanced accuracy was {percent(interval.estimate)} ({limits}; chance is 50%{sd}). "
        f"Accuracy was {percent(over_seeds.accuracy.mean)}, the area under the ROC curve "
        f"{number(over_seeds.auc.mean, '.3f')}{mean}."
    )
    if results.data.majority is not None:
        yield f"Always predicting {results.data.majority.name} has an accuracy of {percent(results.data.majority.proportion)}."
    yield from _permutations(results)


def _permutations(results: StudyResults) -> Iterator[str]:
    found = results.permutation_test.scores
    if found is None:
        yield "There was no permutation test."
        return
    test = found.test
    if not found.judged:
        yield "The permutation test has no result, since its runs diverged."
        return
    yield (
        f"In the permutation test the true labels reached {percent(test.observed)}{_seeds(results, found.seeds)}, and "
        f"permuted labels {percent(test.null_mean)} on average (middle 95%: {span(test.null_low, test.null_high, '.1%')}); "
        f"{_as_high(test)}; p = {p_words(test.p)} (smallest attainable p = {p_words(test.smallest_p)})."
    )
    if words := stopped_words(test):
        yield words
    if test.diverged:
        yield f"{test.diverged} permutations diverged and count as high."


def _seeds(results: StudyResults, count: int) -> str:
    """With how many seeds true and permuted labels were trained on; empty where a classifier has none."""
    return f" with {several(count, 'seed')}" if has_seeds(results.judged) else ""


def _as_high(test: PermutationScores) -> str:
    if not test.at_least:
        return f"none of {test.count} permutations scored as high"
    return f"{test.at_least} of {test.count} permutations scored as high or higher"


def _others(results: StudyResults) -> Iterator[str]:
    for kind, opening in (("reference", "Reference classifiers"), ("negative control", "Negative controls")):
        run = [(one, one.scores) for one in results.classifiers if one.kind == kind and one.scores is not None]
        if run:
            described = "; ".join(_other(results, one, scores) for one, scores in run)
            yield f"{opening}: {described}."
        if kind == "reference" and (words := majority_words(results.classifiers)):
            yield words


def _other(results: StudyResults, one: ClassifierResult, scores: ClassifierScores) -> str:
    difference, test = scores.difference, scores.permutation_test
    if scores.interval.estimate is None:
        return f"{one.label} has no score"
    told = []
    if difference.estimate is not None:
        minus = f"{results.the_judged} minus it {points(difference.estimate)} points"
        level = f", {100 * difference.level:g}% interval {points_span(difference.low, difference.high)}"
        told.append(minus if difference.low is None else minus + level)
    if test is not None:
        told.append(f"p = {p_words(test.test.p)}, corrected {p_words(test.p_corrected)}")
    return f"{one.label} {percent(scores.interval.estimate)}" + (f" ({'; '.join(told)})" if told else "")


def _difference(results: StudyResults) -> Iterator[str]:
    yield from difference_in_words(results)


def _conclusion(results: StudyResults) -> Iterator[str]:
    label = CONCLUSIONS[results.verdict.conclusion].label
    yield f"Conclusion: {label[0].lower()}{label[1:]}."
    if results.verdict.limits:
        yield "Limits of the study: " + " ".join(results.verdict.limits)
