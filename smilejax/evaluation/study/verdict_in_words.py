"""The verdict: a study's results in words, no stronger than they are. No JAX in here."""

from collections.abc import Iterator

from smilejax._util.errors import listed
from smilejax._util.number_text import capitalised, p_words, percent, points, several
from smilejax.evaluation.names import Conclusion
from smilejax.evaluation.study.conclusion import conclusion, exceeded, scored, scores_as_high
from smilejax.evaluation.study.limits import limits_in_words, null_below_half
from smilejax.evaluation.study.score_results import ClassifierResult, ClassifierScores
from smilejax.evaluation.study.score_words import (
    above_chance,
    difference_words,
    folds_from_words,
    interval_words,
    stopped_words,
)
from smilejax.evaluation.study.study_results import StudyResults, Verdict

Scored = list[tuple[ClassifierResult, ClassifierScores]]
FEW_PERMUTATIONS = 40
"""With fewer permutations than this, their middle 95% is all but their range, and the range is given (our choice)."""


def verdict(results: StudyResults) -> Verdict:
    """Words for the results of a study; what `results.verdict` holds already is not looked at."""
    concluded = conclusion(results)
    findings = (
        *_scores(results),
        *_permutations(results),
        *_classifiers(results, concluded),
        *_stimuli(results, concluded),
        *_seeds(results),
        *_calibration(results),
    )
    words = Verdict(concluded, _headline(results, concluded), findings, tuple(limits_in_words(results)))
    return results.wording.everywhere(words)


def _headline(results: StudyResults, concluded: Conclusion) -> str:
    first, second = results.class_names
    interval, test = results.verdict_scores.interval, results.permutation_test.scores
    classes = f"{second} from {first}"
    if interval.estimate is None:
        return f"Whether the pupil's response distinguishes {classes} cannot be judged: every run diverged."
    scored_on = results.protocol(results.verdict_protocol).scored_trials
    reached = (
        f"balanced accuracy {percent(interval.estimate, 0)} ({interval_words(interval)}) on {scored_on}; chance is 50%"
    )
    if concluded == "not judged" or test is None:
        return (
            f"Whether the pupil's response distinguishes {classes} cannot be judged by this study: {reached}, and "
            f"{_untested(results)}."
        )
    with_p = f"{reached}; permutation test, p = {p_words(test.test.p)}"
    if concluded == "not above chance" and interval.estimate <= 0.5 and test.test.p <= results.alpha:
        return (
            f"{capitalised(results.the_judged)} does not distinguish {classes} above chance: {with_p}. Permuted labels give "
            f"lower scores still, {percent(test.test.null_mean, 0)} on average."
        )
    return f"{_opening(results, concluded, classes)}: {with_p}."


def _opening(results: StudyResults, concluded: Conclusion, classes: str) -> str:
    judged = results.the_judged
    if concluded == "attributable":
        return f"The pupil's response distinguishes {classes}"
    if concluded == "reference as good":
        return (
            f"The pupil's response distinguishes {classes}, but {judged} is not shown to exceed a reference classifier"
        )
    if concluded == "leaky protocol":
        only = "only on shuffled trials, where it can recognise participants"
        return f"{capitalised(judged)} distinguishes {classes}, but {only}"
    if concluded == "not attributable":
        no = f"but this is not attributable to the pupil's response: {_why(results)}"
        return f"{capitalised(judged)} distinguishes {classes}, {no}"
    return f"No evidence that the pupil's response distinguishes {classes}"


def _why(results: StudyResults) -> str:
    controls = scored(results, "negative control")
    if not controls:
        return "no negative control could be run"
    if any(scores_as_high(one) for _, one in controls):
        return "a negative control does as well"
    return "it is not shown to exceed every negative control"


def _untested(results: StudyResults) -> str:
    test = results.permutation_test.scores
    if test is None:
        return "there was no permutation test"
    if not test.judged:
        return "the runs of its permutation test diverged"
    return f"the smallest attainable p is {p_words(test.test.smallest_p)}"


def _scores(results: StudyResults) -> Iterator[str]:
    """The three scores of what is judged, each named once, and the proportion of the larger class."""
    own, test = results.verdict_scores, results.permutation_test.scores
    seeds = own.accuracy_spread.seeds
    if own.interval.estimate is None:
        return
    if seeds > 1:
        parts = [
            f"{percent(own.interval.estimate, 1)} as the mean over {seeds} seeds, which is the score of this study"
        ]
        if test is not None and test.test.observed is not None and test.seeds < seeds:
            first = "the first seed" if test.seeds == 1 else f"the first {test.seeds} seeds"
            parts.append(
                f"{percent(test.test.observed, 1)} with {first}, which the permutation test compares, since each permutation "
                "is trained with no more"
            )
        if own.ensemble.balanced_accuracy is not None:
            parts.append(
                f"{percent(own.ensemble.balanced_accuracy, 1)} for the ensemble, whose averaged probabilities differ less "
                "from seed to seed"
            )
        yield f"Balanced accuracy of {results.the_judged}: {'; '.join(parts)}."
    if words := folds_from_words(results):
        yield words
    larger = results.data.majority
    if larger is not None and larger.proportion > 0.5:
        yield (
            f"The larger class, {larger.name}, holds {percent(larger.proportion, 0)} of the labelled trials that were kept. "
            "Always predicting it has that accuracy, and a balanced accuracy of 50%."
        )


def _permutations(results: StudyResults) -> Iterator[str]:
    scores = results.permutation_test.scores
    if scores is None or not scores.judged:
        return
    test, null = scores.test, [one for one in scores.null if one is not None]
    if len(null) == 1:
        reached = f"the permutation reached {percent(null[0], 0)}"
    elif len(null) < FEW_PERMUTATIONS:
        least, most = percent(min(null), 0), percent(max(null), 0)
        reached = f"the permutations reached {percent(test.null_mean, 0)} on average, from {least} to {most}"
    else:
        reached = (
            f"the permutations reached {percent(test.null_mean, 0)} on average, 95% of them {percent(test.null_low, 0)} to "
            f"{percent(test.null_high, 0)}"
        )
    stopped = f"{words} " if (words := stopped_words(test)) else ""
    yield (
        f"Permutation test: labels were permuted {scores.where}, and everything was trained again for each of "
        f"{several(test.count, 'permutation')}. The true labels gave {percent(test.observed, 0)}; {reached}. "
        f"{test.at_least} of "
        f"{test.count} scored as high as the true labels or higher. {stopped}The smallest attainable p is "
        f"{p_words(test.smallest_p)}."
    )


def _classifiers(results: StudyResults, concluded: Conclusion) -> Iterator[str]:
    if concluded in ("not above chance", "not judged"):
        yield from _where_the_judged_fails(scored(results), results.the_judged, results.alpha)
        if concluded == "not above chance" or not above_chance(results.verdict_scores.interval):
            return
    for kind, name in (("negative control", "negative control"), ("reference", "reference classifier")):
        yield from _compared([pair for pair in scored(results) if pair[0].kind == kind], name, results.the_judged)


def _compared(pairs: Scored, kind: str, judged: str) -> Iterator[str]:
    """The classifiers of one kind: those that do as well, those that are not exceeded, those that are."""
    as_well = [pair for pair in pairs if scores_as_high(pair[1])]
    unclear = [pair for pair in pairs if pair not in as_well and not exceeded(pair[1])]
    below = [pair for pair in pairs if exceeded(pair[1])]
    if as_well:
        meaning = (
            " It sees nothing of the pupil's response." if kind == "negative control" and len(as_well) == 1 else ""
        )
        yield f"{_number(as_well, kind)} as well as {judged}: {_listed(as_well)}.{meaning}"
    if unclear:
        yield f"{capitalised(judged)} is not shown to exceed {_listed(unclear)}."
    if below:
        which = f"every {kind}" if len(below) == len(pairs) else several(len(below), kind)
        yield f"{capitalised(judged)} exceeds {which}: {_listed(below)}."


def _number(pairs: Scored, kind: str) -> str:
    return f"A {kind} does" if len(pairs) == 1 else f"{len(pairs)} {kind}s do"


def _listed(pairs: Scored) -> str:
    return listed(
        f"{one.label} (balanced accuracy {percent(scores.interval.estimate, 0)}; {difference_words(scores)})"
        for one, scores in pairs
    )


def _where_the_judged_fails(pairs: Scored, judged: str, alpha: float) -> Iterator[str]:
    """Classifiers that distinguish the classes although what is judged is not shown to; negative controls see no response."""
    tested = [
        (one, s, s.permutation_test) for one, s in pairs if s.permutation_test is not None and one.name != "majority"
    ]
    low = [(one, s, test) for one, s, test in tested if test.test.p <= alpha]
    sure = [row for row in low if row[2].p_corrected <= alpha]
    unsure = [row for row in low if row not in sure]
    for rows, opening in (
        ([row for row in sure if row[0].kind == "reference"], f"Above chance although {judged} is not shown to be"),
        ([row for row in unsure if row[0].kind == "reference"], "Possibly above chance"),
        ([row for row in sure if row[0].kind != "reference"], "Above chance without the pupil's response"),
        ([row for row in unsure if row[0].kind != "reference"], "Possibly above chance without the pupil's response"),
    ):
        if not rows:
            continue
        words = listed(
            f"{one.label} (balanced accuracy {percent(s.interval.estimate, 0)}; p = {p_words(test.test.p)}, "
            f"{p_words(test.p_corrected)} corrected for {len(tested)} classifiers)"
            for one, s, test in rows
        )
        yield f"{opening}: {words}."


def _stimuli(results: StudyResults, concluded: Conclusion) -> Iterator[str]:
    """Known against new stimuli: whether the response or the stimulus was learnt; and the protocol that leaks."""
    own = results.verdict_scores.interval
    if own.estimate is None:
        return
    known = results.protocol("participant").scores
    if results.verdict_protocol == "participant-and-stimulus" and known is not None:
        yield _known_and_new(results, concluded)
    shuffled = results.protocol("shuffled").scores
    if results.verdict_protocol != "shuffled" and shuffled is not None and shuffled.interval.estimate is not None:
        yield (
            f"With shuffled trials, a protocol that many reports use, {_same(results)} reaches "
            f"{percent(shuffled.interval.estimate, 0)}. Each participant is then in the training set, so that this number says "
            "nothing about new participants."
        )


def _same(results: StudyResults) -> str:
    return {"network": "the same network", "combined": "the same classifier"}.get(results.judged, results.the_judged)


def _known_and_new(results: StudyResults, concluded: Conclusion) -> str:
    known, new = results.protocol("participant").scores, results.verdict_scores.interval
    assert known is not None
    both = (
        f"balanced accuracy on known stimuli is {percent(known.interval.estimate, 0)} ({interval_words(known.interval)}), "
        f"on new "
        f"stimuli {percent(new.estimate, 0)}"
    )
    if concluded not in ("not above chance", "not judged"):
        return f"The classification does not rest on known stimuli alone: {both}."
    if concluded == "not judged":
        return (
            f"Known and new stimuli: {both}. Without a permutation test that can be significant, this does not show which of "
            "response and stimulus was learnt."
        )
    gain = results.known_minus_new_stimuli
    if null_below_half(results) is None and gain is not None and (gain.low or 0) > 0 and above_chance(known.interval):
        return (
            f"{capitalised(results.the_judged)} classifies known stimuli only, so that it has learnt the stimuli and not the "
            f"response: {both}; the difference is {points(gain.low, sign=False)} to {points(gain.high, sign=False)} points."
        )
    return f"It is not shown that {results.the_judged} classifies known stimuli either: {both}."


def _seeds(results: StudyResults) -> Iterator[str]:
    own = results.verdict_scores
    if own.sd_between_seeds is None:
        return
    folds = own.accuracy_spread.sd_folds
    between_folds = "" if folds is None else f"; the accuracy of folds has one of {points(folds, sign=False)}"
    between_seeds = f"a standard deviation of {points(own.sd_between_seeds, sign=False)} points"
    yield f"Between seeds, balanced accuracy has {between_seeds}{between_folds}."


def _calibration(results: StudyResults) -> Iterator[str]:
    calibration = results.calibration
    temperature, scaled, raw = calibration.temperature, calibration.scaled, calibration.as_trained
    if raw is None:
        return
    uses_scaled = temperature is not None and temperature.helps and scaled is not None and not calibration.why_not
    used = scaled if uses_scaled and scaled is not None else raw
    if (
        used.error is not None
        and used.null_median is not None
        and used.null_high is not None
        and used.null_low is not None
    ):
        when = "after temperature scaling" if uses_scaled else "as trained"
        if used.error > used.null_high:
            compared = "the probabilities are miscalibrated"
        elif used.error > used.null_median:
            compared = "above the median but within the range, so that miscalibration is not shown"
        else:
            compared = "no more than the median, so that miscalibration is not shown"
        yield (
            f"The expected calibration error of the ensemble's probabilities {when} is {used.error:.3f}. A perfectly "
            f"calibrated model with these probabilities has a median of {used.null_median:.3f} and, 95% of the time, "
            f"{used.null_low:.3f} to {used.null_high:.3f}: {compared}."
        )
    if scaled is not None and temperature is not None and not temperature.helps and not calibration.why_not:
        yield (
            "Temperature scaling did not help on trials that were not used to fit it: log loss "
            f"{raw.log_loss:.3f} before and {scaled.log_loss:.3f} after, Brier score {raw.brier:.3f} and {scaled.brier:.3f}. "
            "The final model is therefore not scaled."
        )
