"""Balanced accuracy by protocol and by classifier, with intervals and differences, and the other metrics."""

from collections.abc import Iterator

from smilejax._util.number_text import capitalised, known, several
from smilejax.evaluation.names import CLASSIFIER_KINDS, SCORES
from smilejax.evaluation.study.score_results import (
    METRICS,
    ClassifierResult,
    MetricOverSeeds,
    ProtocolResult,
    ProtocolScores,
)
from smilejax.evaluation.study.score_words import folds_from_words, frames_words, majority_words, own_permutations_words
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.report.formatting import DASH, count, number, p_value, percent, points, points_span, sentence, span
from smilejax.report.page_parts import Block, Blocks, Fold, Points, Section, Table, Words
from smilejax.report.score_figure import score_figure
from smilejax.settings.classifier_names import has_seeds


def _missing(record: StudyRecord) -> str:
    return "" if record.results.protocols else "no protocol was scored."


def _blocks(record: StudyRecord) -> Blocks:
    results = record.results
    blocks: list[Block] = [
        Words(
            "Balanced accuracy is the mean, over the two classes, of the proportion of their trials that are classified "
            "correctly. Guessing reaches 50%, however unequal the classes are. Every prediction is out of fold: it comes from "
            f"a {_kind(results)} that was not trained on that trial. Intervals are for other participants and, where they were "
            "recorded, other stimuli."
        )
    ]
    figure = score_figure(results)
    blocks.append(figure or Words("No run produced a prediction, so that there are no scores: every run diverged."))
    blocks += [*_protocols(results), *_three_scores(results), *_classifiers(results)]
    blocks += [*_participant_tests(results), *_details(results)]
    return tuple(blocks)


SCORES_AND_CLASSIFIERS = Section("scores", "Scores", "Scores", _blocks, _missing)


def _protocols(results: StudyResults) -> Iterator[Block]:
    head = ("protocol", "balanced accuracy", "interval", "sd between seeds, points", "folds", "runs", "trials scored")
    yield Table(
        f"{capitalised(results.the_judged)} by protocol", head, tuple(_protocol_row(one) for one in results.protocols)
    )
    yield Points(tuple(_protocol_words(one) for one in results.protocols))
    if words := folds_from_words(results):
        yield Words(words)
    yield from _frames(results)


def _frames(results: StudyResults) -> Iterator[Block]:
    """Scores of whole videos and of single frames side by side, shuffled and not."""
    frames, shuffled = results.frames, results.protocol("shuffled").scores
    if frames is None or results.verdict_protocol == "shuffled":
        return
    label = results.protocol(results.verdict_protocol).label
    yield Table(
        "Balanced accuracy by what is divided into folds",
        ("classified", label, "shuffled"),
        (
            (
                f"Whole trials, by {results.the_judged}",
                percent(results.verdict_scores.interval.estimate),
                DASH if shuffled is None else percent(shuffled.interval.estimate),
            ),
            ("Single frames, by the most similar frame", percent(frames.whole), percent(frames.shuffled)),
        ),
        note=f"{several(frames.folds, 'fold')} of frames in either column, as the verdict has.",
    )
    yield Words(frames_words(results))


def _protocol_row(one: ProtocolResult) -> tuple[str, ...]:
    scores = one.scores
    if scores is None:
        return (one.label, *[DASH] * 6)
    return (
        one.label,
        percent(scores.interval.estimate),
        span(scores.interval.low, scores.interval.high),
        points(scores.sd_between_seeds).removeprefix("+"),
        count(scores.folds),
        count(scores.runs) + (f" ({scores.diverged} diverged)" if scores.diverged else ""),
        count(scores.trials_scored),
    )


def _protocol_words(one: ProtocolResult) -> str:
    words = f"{one.label}: scored on {one.scored_trials}."
    if one.scores is None:
        return f"{words} Not possible: {sentence(one.why_not)}"
    return words + (f" Scores can be too high: {one.scores.why_it_leaks.rstrip('.')}." if one.scores.leaks else "")


def _three_scores(results: StudyResults) -> Iterator[Block]:
    """The balanced accuracies that one classifier has on this page, and why they differ."""
    scores, test = results.verdict_scores, results.permutation_test.scores
    values = {
        "mean over seeds": scores.interval.estimate,
        "permutation test": None if test is None else test.test.observed,
        "ensemble": scores.ensemble.balanced_accuracy,
    }
    rows = tuple(
        (name.capitalize(), percent(values[name]), sentence(words))
        for name, words in SCORES.items()
        if known(values[name])
    )
    if len(rows) > 1 and has_seeds(results.judged):
        yield Table(
            f"One {_kind(results)}, several balanced accuracies", ("score", "value", "what it is"), rows, (0, 2)
        )


def _classifiers(results: StudyResults) -> Iterator[Block]:
    if not results.classifiers:
        yield Words("No reference classifier and no negative control was run.")
        return
    yield Table(
        "Reference classifiers and negative controls, on the same trials",
        (
            "classifier",
            "balanced accuracy",
            "interval",
            "difference, points",
            "interval of the difference",
            "p",
            "p, corrected",
        ),
        tuple((one.label, *_classifier_row(one)) for one in results.classifiers),
        note=f"Difference: {results.the_judged} minus the classifier, on the same trials. p: of the classifier's own "
        f"permutation test; corrected for the number of classifiers tested (Holm).{_permutations(results)}",
    )
    words = majority_words(results.classifiers)
    majority = f"{words} " if words else ""
    yield Words(
        "Reference classifiers show what simpler methods reach; all of them but the majority class see the pupil's response. "
        f"{majority}Negative controls see nothing of "
        f"it: where one of them does as well as {results.the_judged}, {_own(results)} score cannot be "
        "attributed to the pupil's response."
    )
    yield Points(tuple(map(_classifier_words, results.classifiers)))


def _kind(results: StudyResults) -> str:
    return "network" if results.judged == "network" else "classifier"


def _own(results: StudyResults) -> str:
    return "the network's" if results.judged == "network" else "its"


def _permutations(results: StudyResults) -> str:
    own = results.permutation_test.scores
    words = own_permutations_words(results.classifiers, None if own is None else own.test, results.the_judged)
    return f" {words}" if words else ""


def _classifier_row(one: ClassifierResult) -> tuple[str, ...]:
    scores = one.scores
    if scores is None:
        return (DASH,) * 6
    test = scores.permutation_test
    return (
        percent(scores.interval.estimate),
        span(scores.interval.low, scores.interval.high),
        points(scores.difference.estimate),
        points_span(scores.difference.low, scores.difference.high),
        p_value(None if test is None else test.test.p),
        p_value(None if test is None else test.p_corrected),
    )


def _classifier_words(one: ClassifierResult) -> str:
    # A description may begin with the classifier's own name.
    description = one.description.removeprefix(f"{one.label}:").strip()
    words = f"{one.label} ({CLASSIFIER_KINDS[one.kind].lower()}): {description.rstrip('.')}."
    return words if one.scores is not None else f"{words} Not possible: {sentence(one.why_not)}"


def _participant_tests(results: StudyResults) -> Iterator[Block]:
    tests = results.participant_tests
    rows = []
    if (over := tests.over_participants) is not None:
        who, mean = several(over.n, "participant"), percent(over.mean)
        interval = span(over.low, over.high)
        rows.append(("t test over participants", mean, p_value(over.p), interval, f"{who}, t = {number(over.t, 2)}"))
        attainable = f"{who}, smallest attainable p {p_value(over.smallest_p_flip)}"
        rows.append(("Sign-flip test over participants", mean, p_value(over.p_flip), DASH, attainable))
    if (trials := tests.trials_as_independent) is not None:
        chance = (
            f", against {percent(trials.chance)} for always predicting the larger class" if trials.chance > 0.5 else ""
        )
        interval = span(trials.low, trials.high)
        number_of = f"{trials.correct} of {several(trials.count, 'trial')} correct{chance}"
        name = "Binomial test, trials taken as independent"
        rows.append((name, percent(trials.accuracy), p_value(trials.p), interval, number_of))
    if not rows:
        yield Words("There are too few participants with predictions for a test over participants.")
        return
    yield Table(
        "Other tests of the same predictions",
        ("test", "accuracy", "p, one-sided", "interval", "details"),
        tuple(rows),
        (0, 4),
        "The verdict does not rest on these. Tests over participants ignore that stimuli are shared. Trials of one participant "
        f"or of one stimulus are not independent, so that the p of the binomial test is too small.{_between(results)}",
    )


def _between(results: StudyResults) -> str:
    between = results.participant_tests.between_participants
    if not known(between.sd):
        return ""
    more = "more than" if between.p <= results.alpha else "not more than"
    shown = "" if between.p <= results.alpha else ", as far as this study can show"
    return (
        f" Accuracy differs between participants {more} sampling error explains{shown} (p = {p_value(between.p)}; standard "
        f"deviation beyond sampling error: {points(between.sd).removeprefix('+')} points)."
    )


def _details(results: StudyResults) -> Iterator[Block]:
    there: list[tuple[str, ProtocolScores]] = [(one.label, one.scores) for one in results.protocols if one.scores]
    if not there:
        return
    metrics = Table(
        "Metrics by protocol: mean over seeds ± sd between seeds",
        ("metric", *(label for label, _ in there)),
        tuple(
            (words, *(_metric(scores.mean_over_seeds.of(name)) for _, scores in there))
            for name, words in METRICS.items()
        ),
    )
    yield Fold("All metrics, and the confusion matrix", (metrics, _confusion(results)))


def _metric(value: MetricOverSeeds) -> str:
    return number(value.mean) + (f" ± {number(value.sd)}" if known(value.sd) else "")


def _confusion(results: StudyResults) -> Table:
    names, counts = results.class_names, results.verdict_scores.mean_over_seeds.confusion
    label = results.protocol(results.verdict_protocol).label
    return Table(
        f"{capitalised(results.the_judged)}: trials by true and predicted class, mean over seeds ({label})",
        ("true class", *(f"predicted {name}" for name in names)),
        tuple((name, *(count(value) for value in row)) for name, row in zip(names, counts, strict=True)),
    )
