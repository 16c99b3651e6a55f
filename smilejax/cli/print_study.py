"""What is printed of a study: what will be trained, then the verdict and the tables behind it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from smilejax._util.number_text import capitalised, number, p_words, percent, points, points_span, several, span
from smilejax.cli import terminal
from smilejax.evaluation.names import CLASSIFIER_KINDS, CONCLUSIONS, JUDGED_SHORT, protocol_label
from smilejax.recordings.kinds import kind_of
from smilejax.recordings.wording import Wording
from smilejax.settings import ClassifierKind
from smilejax.settings.classifier_names import has_seeds

if TYPE_CHECKING:
    from smilejax.evaluation.study import PreparedStudy, StudyResults
    from smilejax.evaluation.study.score_results import ClassifierResult, ProtocolScores, ScoreInterval

ORDER_OF_KINDS: tuple[ClassifierKind, ...] = ("reference", "negative control")


def plan(prepared: "PreparedStudy") -> None:
    """What is about to be trained, and what the verdict will be about."""
    chosen = prepared.chosen
    assert chosen.folds is not None
    covariates = () if prepared.covariates is None else prepared.covariates.table.covariates
    names = (*prepared.trials.class_names, *(one.name for one in covariates), prepared.settings.folds_from or "")
    worded = Wording(kind_of(prepared.trials).name, names)
    label = worded(protocol_label(chosen.name, stimuli_recorded=prepared.trials.stimulus is not None))
    if prepared.settings.folds_from is not None:
        label += f", folds of the column {prepared.settings.folds_from!r}"
    terminal.out.print(
        f"{_most(prepared)}{several(prepared.runs, 'training')} for scores and tests{further(prepared)}. "
        f"Protocol of the verdict: {label} ({len(chosen.folds)} folds, {several(len(prepared.seeds), 'seed')})."
    )
    for line in (*_test_plan(prepared), *_stimulus_table(prepared)):
        terminal.out.print(worded(line))
    terminal.out.print()


def further(prepared: "PreparedStudy") -> str:
    """Trainings that no score rests on: ", and 18 more for attribution and the final model"."""
    parts = [one.part for one in prepared.trainings if not one.counted]
    names = {"attribution": "attribution", "final model": "the final model"}
    named = " and ".join(names[part] for part in parts)
    return f", and {prepared.further_runs:,} more for {named}" if parts else ""


def _most(prepared: "PreparedStudy") -> str:
    return "At most " if prepared.may_stop_early else ""


def _test_plan(prepared: "PreparedStudy") -> Iterator[str]:
    from smilejax.splits.permutations import where_permuted

    permuted = prepared.permuted
    if permuted is None:
        yield f"No permutation test: {prepared.why_not}"
        return
    yield (
        f"Permutation test: {'at most ' if prepared.may_stop_early else ''}{several(len(permuted), 'label permutation')}"
        f"{_fewer(prepared)}, labels permuted {where_permuted(permuted.scheme, permuted.within_folds)}; {permuted.why}. "
        f"Smallest attainable p: {p_words(permuted.smallest_attainable_p)}."
    )
    if words := _stops(prepared):
        yield words
    if permuted.smallest_attainable_p > prepared.settings.alpha:
        yield (
            f"Even the smallest attainable p is above {p_words(prepared.settings.alpha)}, so that no result of this study can "
            "be significant."
        )


def _stops(prepared: "PreparedStudy") -> str:
    """When the test stops; empty where it never does by the settings."""
    from smilejax.evaluation.statistics import expected_permutations

    after, permuted = prepared.settings.stop_after, prepared.permuted
    if not after or permuted is None:
        return ""
    if not prepared.may_stop_early:
        return f"The test never stops early: that takes {after} permutations scoring as high as the study, and there are fewer."
    mean = expected_permutations(len(permuted), after)
    return (
        f"The test stops as soon as {after} permutations have scored as high as the study or higher: after {mean:.0f} on "
        "average where there is nothing to find."
    )


def _stimulus_table(prepared: "PreparedStudy") -> Iterator[str]:
    if prepared.covariates is None:
        return
    table = prepared.covariates.table
    yield f"Stimulus table {table.name}: {table.in_words()} of {several(len(table.stimuli), 'stimulus', 'stimuli')}."
    yield from table.notes


def _fewer(prepared: "PreparedStudy") -> str:
    asked, permuted = prepared.settings.permutations, prepared.permuted
    if permuted is None or len(permuted) >= asked:
        return ""
    all_ = len(permuted) == permuted.distinct - 1
    return f" ({asked} were requested; {'no more exist' if all_ else 'no more were found that can be trained on'})"


def print_study(results: "StudyResults") -> None:
    """The verdict in words and the class difference, then protocols and other classifiers as tables."""
    from smilejax.evaluation.study.difference_in_words import difference_in_words

    verdict, worded = results.verdict, results.wording
    terminal.out.print(worded(f"Verdict: {CONCLUSIONS[verdict.conclusion].label}"), style="bold")
    terminal.out.print(verdict.headline)
    for sentence in difference_in_words(results):
        terminal.out.print(worded(sentence))
    _listed(None, verdict.findings)
    _listed("Limits of this study", verdict.limits)
    terminal.out.print()
    _protocols(results)
    _classifiers(results)
    _subgroups(results)


def _listed(title: str | None, sentences: Iterable[str]) -> None:
    for at, sentence in enumerate(sentences):
        if at == 0:
            terminal.out.print()
            if title is not None:
                terminal.out.print(title, style="bold")
        terminal.bullet(sentence)


def _protocols(results: "StudyResults") -> None:
    from smilejax.evaluation.study.score_words import frames_words

    level = f"{results.level:.0%} interval"
    numbers = ("balanced\naccuracy", level, "accuracy", "AUC", "sd between\nseeds")
    table = terminal.table("Protocols", f"{JUDGED_SHORT[results.judged]} tested on", *numbers, right=numbers)
    for protocol in results.protocols:
        mark = " *" if protocol.name == results.verdict_protocol else ""
        table.add_row(results.wording(protocol.label) + mark, *_protocol_numbers(protocol.scores))
    terminal.printed(table)
    terminal.out.print(f"{_means(results)}; * protocol of the verdict. Balanced accuracy at chance is 50%.")
    if (majority := results.data.majority) is not None:
        terminal.out.print(
            f"Always predicting {majority.name} has an accuracy of {percent(majority.proportion)} "
            f"and a balanced accuracy of 50%.{_majority(results)}",
        )
    if words := frames_words(results):
        terminal.paragraph(results.wording(words))
    terminal.out.print()


def _majority(results: "StudyResults") -> str:
    """Why the classifier of that name does not have 50%, as a sentence; empty where it has."""
    from smilejax.evaluation.study.score_words import majority_words

    words = majority_words(results.classifiers)
    return f" {words}" if words else ""


def _means(results: "StudyResults") -> str:
    if results.judged == "network":
        return "Means over seeds of single trained networks"
    return f"Means over seeds of {results.the_judged}" if has_seeds(results.judged) else capitalised(results.the_judged)


def _protocol_numbers(scores: "ProtocolScores | None") -> tuple[str, ...]:
    if scores is None:
        return ("-",) * 5
    over_seeds, interval = scores.mean_over_seeds, scores.interval
    sd = scores.sd_between_seeds
    return (
        percent(interval.estimate, 0),
        span(interval.low, interval.high, ".0%"),
        percent(over_seeds.accuracy.mean, 0),
        number(over_seeds.auc.mean, ".2f"),
        "-" if sd is None else f"{100 * sd:.1f} points",
    )


def _classifiers(results: "StudyResults") -> None:
    level = f"{results.level:.0%} interval"
    numbers = (
        "balanced\naccuracy",
        f"{JUDGED_SHORT[results.judged]}\nminus it",
        f"{level}\nof difference",
        "p of its\nown test",
    )
    table = terminal.table("Other classifiers, on the folds of the verdict (*)", "classifier", *numbers, right=numbers)
    for kind in ORDER_OF_KINDS:
        of_kind = [one for one in results.classifiers if one.kind == kind]
        if of_kind:
            table.add_row(f"{CLASSIFIER_KINDS[kind]}{'s' if len(of_kind) > 1 else ''}")
        for one in of_kind:
            table.add_row(terminal.indented(one.label), *_classifier_numbers(one))
    terminal.printed(table)
    terminal.paragraph(
        results.wording(
            "Differences are in percentage points of balanced accuracy. A negative control sees nothing of the pupil's "
            "response." + _untested(results) + _own_permutations(results)
        )
    )


def _subgroups(results: "StudyResults") -> None:
    from smilejax.report.subgroups_section import DESCRIPTIVE

    worded = results.wording
    for column in results.subgroups:
        heads = ("balanced\naccuracy", f"{results.level:.0%} interval", "trials\nscored", "participants", "valid")
        numbers = tuple(map(worded, heads))
        table = terminal.table(f"By {column.column}", column.column, *numbers, "", right=numbers)
        for one in column.groups:
            scores = one.balanced_accuracy
            score = ("-", "-") if scores is None else _score(scores)
            valid = "-" if one.proportion_valid is None else percent(one.proportion_valid)
            table.add_row(one.name, *score, str(one.scored), str(one.participants), valid, worded(one.remark))
        terminal.printed(table)
    if results.subgroups:
        terminal.paragraph(worded(DESCRIPTIVE))


def _score(scores: "ScoreInterval") -> tuple[str, str]:
    return percent(scores.estimate, 0), span(scores.low, scores.high, ".0%")


def _own_permutations(results: "StudyResults") -> str:
    from smilejax.evaluation.study.score_words import own_permutations_words

    own = results.permutation_test.scores
    words = own_permutations_words(results.classifiers, None if own is None else own.test, results.the_judged)
    return f" {words}" if words else ""


def _untested(results: "StudyResults") -> str:
    """Why a classifier has no p of its own."""
    without = [
        one.label for one in results.classifiers if one.scores is not None and one.scores.permutation_test is None
    ]
    if not without or results.permutation_test.scores is None:
        return ""
    return (
        f" No p (-): {', '.join(without)} {'was' if len(without) == 1 else 'were'} not trained on permuted labels; only the "
        f"difference to {results.the_judged} is judged."
    )


def _classifier_numbers(one: "ClassifierResult") -> tuple[str, ...]:
    if one.scores is None:
        return ("-",) * 4
    difference, test = one.scores.difference, one.scores.permutation_test
    return (
        percent(one.scores.interval.estimate, 0),
        points(difference.estimate, 0),
        points_span(difference.low, difference.high, 0),
        "-" if test is None else p_words(test.test.p),
    )
