"""Tests of a study: permutation tests of the network and of other classifiers, tests over participants, hyperparameters."""

import numpy as np
from jaxtyping import Float, Int

from smilejax._util.nan_mean import nan_mean
from smilejax.classifiers.registry import classifier_kind, classifier_label
from smilejax.evaluation.metrics import balanced_accuracy, correct, measure
from smilejax.evaluation.statistics import (
    Holm,
    corrected_t,
    holm,
    participant_scores,
    participant_test,
    participants_differ,
    permutation_test,
    split_score,
)
from smilejax.evaluation.study.compute_scores import (
    crossed,
    ensemble_probability,
    interval_result,
    over_seeds,
    probability_of_seeds,
    proportion_correct,
)
from smilejax.evaluation.study.json_numbers import json_number
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.raw_results import ClassifierPredictions, RawResults
from smilejax.evaluation.study.score_results import (
    BetweenParticipants,
    ClassifierResult,
    ClassifierScores,
    ClassifierTest,
    NetworkPermutations,
    OverParticipants,
    ParticipantTests,
    PermutationScores,
    PermutationTestResult,
    TrialsAsIndependent,
)
from smilejax.evaluation.study.study_results import (
    HyperparameterChoice,
    HyperparameterDifference,
    HyperparameterSetting,
)
from smilejax.settings import StudySettings
from smilejax.splits.permutations import MORE, PermutedLabels, where_permuted

EXACT = 2**53
"""Up to here a JSON reader that knows no integers reads whole numbers exactly."""


def network_permutation_test(raw: RawResults, settings: StudySettings) -> PermutationTestResult:
    """The balanced accuracy on the true labels among those on permuted labels, everything trained again for each.

    Permutations are looked at in their order, up to the one at which the test stops (`StudySettings.stop_after`).
    """
    tested = raw.permutations
    if tested.predictions is None or tested.permuted is None:
        return PermutationTestResult(tested.why_not, None)
    folds, _ = raw.verdict_protocol.made()
    p = mean_over_folds(tested.predictions.probability(), folds.test, 1)
    scores = labelling_scores(p, tested.predictions.labels)
    made = tested.permuted
    test = _test(scores, made, settings.alpha, settings.stop_after)
    ok = tested.predictions.ok[: 1 + test.count]
    return PermutationTestResult(
        "",
        NetworkPermutations(
            scheme=made.scheme,
            where=where_permuted(made.scheme, made.within_folds),
            why=made.why,
            needs_more=MORE[made.scheme],
            within_folds=made.within_folds,
            requested=settings.permutations,
            distinct=made.distinct if made.distinct <= EXACT else None,
            seeds=int(p.shape[1]),
            runs=int(ok.size),
            diverged_runs=int((~ok).sum()),
            test=test,
            null=tuple(None if np.isnan(s) else round(float(s), 6) for s in scores[1 : 1 + test.count]),
        ),
    )


def _test(
    scores: Float[np.ndarray, " L"], made: PermutedLabels, alpha: float, stop_after: int = 0
) -> PermutationScores:
    """The score on the true labels, the first, among those on permuted labels."""
    found = permutation_test(
        float(scores[0]),
        scores[1:],
        design_smallest_p=made.design_smallest_p,
        planned=len(made),
        stop_after=stop_after,
    )
    return PermutationScores(
        p=found.p,
        observed=json_number(found.observed),
        count=found.count,
        at_least=found.at_least,
        smallest_p=found.smallest_p,
        design_smallest_p=found.design_smallest_p,
        null_mean=json_number(found.null_mean),
        null_low=json_number(found.null_low),
        null_high=json_number(found.null_high),
        diverged=found.diverged,
        reachable=made.smallest_attainable_p <= alpha,
        planned=found.planned,
        stop_after=found.stop_after,
        stopped=found.stopped,
    )


def labelling_scores(p: Float[np.ndarray, "L S N"], labels: Int[np.ndarray, "L N"]) -> Float[np.ndarray, " L"]:
    """Balanced accuracy under each labelling, against the labels that were trained on, mean over seeds with predictions."""
    return nan_mean(balanced_accuracy(correct(p, labels[:, None]), labels[:, None]), 1)


def participant_tests(raw: RawResults, settings: StudySettings) -> ParticipantTests:
    """The test over participants, and the one that takes trials for independent, to be compared with it."""
    protocol, y, participant = raw.verdict_protocol, raw.y, raw.codes("participant")
    share = proportion_correct(probability_of_seeds(protocol), y)
    participant = np.where(np.isfinite(share), participant, -1)
    scores = participant_scores(share, y, participant)
    if not np.isfinite(scores).any():  # participants of one class each are scored by that one
        scores = participant_scores(share, y, participant, score="accuracy")
    votes = correct(ensemble_probability(protocol), y)
    there = np.isfinite(votes)
    differ = participants_differ(votes[there] == 1, participant[there], seed=settings.seed)
    return ParticipantTests(
        over_participants=_over_participants(scores, settings),
        trials_as_independent=_as_independent(votes[there], y[there]),
        between_participants=BetweenParticipants(differ.participants, json_number(differ.sd), differ.p),
    )


def _over_participants(scores: Float[np.ndarray, " P"], settings: StudySettings) -> OverParticipants | None:
    if len(scores) < 2:
        return None
    found = participant_test(scores, level=settings.level, seed=settings.seed)
    return OverParticipants(
        n=found.n,
        left_out=found.left_out,
        mean=json_number(found.mean),
        sd=json_number(found.sd),
        low=json_number(found.low),
        high=json_number(found.high),
        level=found.level,
        t=json_number(found.t),
        df=found.df,
        p=json_number(found.p),
        p_flip=json_number(found.p_flip),
        smallest_p_flip=json_number(found.smallest_p_flip),
    )


def _as_independent(votes: Float[np.ndarray, " M"], y: Int[np.ndarray, " M"]) -> TrialsAsIndependent | None:
    """The ensemble's correct predictions against always predicting the larger class."""
    if not len(votes):
        return None
    larger = float(max(np.mean(y == 0), np.mean(y == 1)))
    found = split_score(int(np.floor(votes.sum())), len(votes), chance=larger)
    return TrialsAsIndependent(found.correct, found.count, found.accuracy, found.low, found.high, found.p, found.chance)


def classifier_results(raw: RawResults, settings: StudySettings) -> tuple[ClassifierResult, ...]:
    """Each reference classifier and negative control: its score, its own test, the network's difference to it.

    Their p are corrected for their number (Holm 1979); the majority class can find nothing and is not counted.
    """
    tests = {one.name: _classifier_test(one, raw, settings) for one in raw.classifiers if not one.why_not}
    counted = {name: test for name, test in tests.items() if test is not None and name != "majority"}
    corrected: Holm = holm(np.array([test.p for test in counted.values()]))
    p_corrected = dict(zip(counted, corrected.adjusted.tolist(), strict=True))
    results = []
    for one in raw.classifiers:
        test = tests.get(one.name)
        own = None if test is None else ClassifierTest(test, p_corrected.get(one.name, test.p))
        results.append(
            ClassifierResult(
                name=one.name,
                kind=classifier_kind(one.name),
                label=classifier_label(one.name),
                description=one.description,
                why_not=one.why_not,
                scores=None if one.why_not else _classifier_scores(one, raw, settings, own),
            )
        )
    return tuple(results)


def _classifier_test(
    classifier: ClassifierPredictions, raw: RawResults, settings: StudySettings
) -> PermutationScores | None:
    made = raw.permutations.permuted
    if made is None or len(classifier.probability) < 2:
        return None
    labels = np.concatenate([raw.y[None], made.labels])
    return _test(labelling_scores(classifier.probability, labels), made, settings.alpha)


def _classifier_scores(
    classifier: ClassifierPredictions, raw: RawResults, settings: StudySettings, test: ClassifierTest | None
) -> ClassifierScores:
    y, p = raw.y, classifier.probability[0]
    own = proportion_correct(p, y)
    network = proportion_correct(probability_of_seeds(raw.verdict_protocol), y)
    return ClassifierScores(
        mean_over_seeds=over_seeds(measure(p, y, np.isfinite(p) & (y >= 0))),
        interval=interval_result(crossed(own, raw, settings)),
        difference=interval_result(crossed(network - own, raw, settings, difference=True)),
        permutation_test=test,
    )


def hyperparameter_choice(raw: RawResults) -> HyperparameterChoice | None:
    """Which settings the folds chose, and how all would have done; None where there was one only."""
    protocol, variants = raw.verdict_protocol, raw.about.variants
    accuracy = protocol.variant_accuracy
    if len(variants) < 2 or accuracy is None:
        return None
    folds, predictions = protocol.made()
    trained, tested = float(folds.train.sum(1).mean()), float(folds.test.sum(1).mean())
    compared = [corrected_t(other - accuracy[0], trained, tested) for other in accuracy[1:]]
    adjusted = holm(np.array([one.p for one in compared])).adjusted
    differences = [None] + [
        HyperparameterDifference(
            mean=json_number(one.mean),
            se=json_number(one.se),
            t=json_number(one.t),
            df=one.df,
            p=json_number(one.p),
            low=json_number(one.low),
            high=json_number(one.high),
            level=one.level,
            p_corrected=json_number(p),
        )
        for one, p in zip(compared, adjusted, strict=True)
    ]
    chosen = np.bincount(predictions.chosen[0], minlength=len(variants))
    rows = zip(variants, chosen, nan_mean(accuracy, -1), differences, strict=True)
    return HyperparameterChoice(
        len(folds),
        tuple(HyperparameterSetting(one, int(times), json_number(mean), apart) for one, times, mean, apart in rows),
    )
