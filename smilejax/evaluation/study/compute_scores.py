"""How well: scores of protocols, of controls, and of the test, from what was answered."""

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics import Metrics, balanced, measure, right
from smilejax.evaluation.statistics import (
    Interval,
    PermutationTest,
    corrected_t,
    crossed_interval,
    holm,
    participant_scores,
    participant_test,
    participants_differ,
    permutation_test,
    score_spread,
    split_score,
)
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.protocols import SCORES, SCORES_UNSEEN
from smilejax.evaluation.study.raw_results import ClassifierPredictions, RawResults, Scored
from smilejax.evaluation.study.temperature import calibrated, fit_temperature
from smilejax.settings import StudySettings
from smilejax.splits.permutations import PermutedLabels

TITLES = {
    "majority": "the share of the classes",
    "baseline": "trial length, share measured and baseline",
    "features": "pupil features by logistic regression",
    "rocket": "MiniRocket",
    "mask": "the network on missing samples alone",
}
"""Controls in a few words; what they are at length is theirs to say."""
EXACT = 2**53
"""Up to here a JSON reader that knows no integers has whole numbers right."""
METRICS = ("accuracy", "balanced_accuracy", "auc", "f1", "mcc", "brier", "log_loss")
Numbers = dict[str, Any]


def of_seeds(scored: Scored) -> Float[np.ndarray, "S N"]:
    """P(class 1) of each trial by the folds that score it, for each seed; NaN where none does."""
    assert scored.answers is not None
    assert scored.folds is not None
    return mean_over_folds(scored.answers.probability()[0], scored.folds.test, 0)


def temperatures(scored: Scored, y: Int[np.ndarray, " N"]) -> Float[np.ndarray, " F"] | None:
    """The temperature of each fold, fitted on its own validation trials; None where it had none."""
    if scored.inner_logits is None or scored.inner is None:
        return None
    fitted = []
    for logits, masks in zip(scored.inner_logits, scored.inner, strict=True):
        parts = [(logits[d][:, mask], y[mask]) for d, mask in enumerate(masks)]
        answers, labels = np.concatenate([a for a, _ in parts], 1), np.concatenate([b for _, b in parts])
        fitted.append(fit_temperature(answers, labels, trials=int(masks.any(0).sum())))
    return np.array(fitted)


def ensemble(scored: Scored, temperature: Float[np.ndarray, " F"] | None = None) -> Float[np.ndarray, " N"]:
    """P(class 1), mean over the seeds of each fold, then over the folds that score a trial; calibrated where told how."""
    assert scored.answers is not None
    assert scored.folds is not None
    answers = scored.answers
    factor = np.ones(len(scored.folds)) if temperature is None else temperature
    p = calibrated(answers.logits[0], np.broadcast_to(factor[:, None, None], answers.logits[0].shape[:-1]))
    p = np.where(answers.ok[0][..., None], p, np.nan)
    return mean_over_folds(nan_mean(p, 1), scored.folds.test, 0)


def hit_rates(p: Float[np.ndarray, "S N"], y: Int[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """How often each trial was answered right, 0 to 1, over the seeds that answered it."""
    return nan_mean(right(p, y[None]), 0)


def protocol_numbers(scored: Scored, material: RawResults, settings: StudySettings) -> Numbers:
    """One row of the comparison of protocols."""
    known = bool((material.codes("stimulus") >= 0).any())
    words = SCORES[scored.name] if known else SCORES_UNSEEN.get(scored.name, SCORES[scored.name])
    base: Numbers = {"name": scored.name, "scores": words, "available": scored.folds is not None}
    if scored.folds is None or scored.answers is None:
        return {**base, "why_not": scored.why_not}
    folds, y, p = scored.folds, material.y, of_seeds(scored)
    mask = np.isfinite(p) & (y >= 0)
    hit = hit_rates(p, y)
    return {
        **base,
        "scheme": folds.scheme,
        "balanced": scored.balanced,
        "leaky": folds.leaky,
        "why_leaky": folds.why_leaky,
        "folds": len(folds),
        "runs": int(scored.answers.ok.size),
        "diverged": int((~scored.answers.ok).sum()),
        "trials_scored": int(np.isfinite(hit).sum()),
        "trials_trained": _range(folds.train.sum(1)),
        "trials_held_out": _range(folds.test.sum(1)),
        "metrics": seeds_numbers(measure(p, y, mask)),
        "ensemble": single_numbers(measure(ensemble(scored), y, np.isfinite(ensemble(scored)) & (y >= 0))),
        "interval": interval_numbers(crossed(hit, material, settings)),
        "score_spread": asdict(score_spread(_fold_scores(scored, y))),
        "why_not_inner": scored.why_not_inner,
    }


def video_numbers(material: RawResults, settings: StudySettings) -> Numbers | None:
    """How much better stimuli that were trained on are told than new ones, people new in both, on the same trials.

    None where the data do not allow both protocols.
    """
    by = {one.name: one for one in material.scored if one.answers is not None}
    if "participant-and-stimulus" not in by or "participant" not in by:
        return None
    seen, new = (hit_rates(of_seeds(by[name]), material.y) for name in ("participant", "participant-and-stimulus"))
    return interval_numbers(crossed(seen - new, material, settings, difference=True))


def crossed(
    values: Float[np.ndarray, " N"], material: RawResults, settings: StudySettings, *, difference: bool = False
) -> Interval:
    """Interval of the balanced accuracy over participants and stimuli, from hit rates or their differences."""
    return crossed_interval(
        values,
        material.y,
        material.codes("participant"),
        material.codes("stimulus"),
        difference=difference,
        level=settings.level,
        draws=settings.draws,
        seed=settings.seed,
    )


def test_numbers(material: RawResults, settings: StudySettings) -> Numbers:
    """The test by permutation: the truth's score among those of the permutations, everything trained again."""
    tested = material.tested
    if tested.answers is None or tested.permuted is None:
        return {"done": False, "why_not": tested.why_not}
    folds = material.verdict_protocol.folds
    assert folds is not None
    p = mean_over_folds(tested.answers.probability(), folds.test, 1)
    scores = labelling_scores(p, tested.answers.labels)
    made = tested.permuted
    found = _test(scores, made)
    return {
        "done": True,
        "scheme": made.scheme,
        "why": made.why,
        "within_folds": made.within_folds,
        "asked": settings.permutations,
        "distinct": made.distinct if made.distinct <= EXACT else None,
        "seeds": int(p.shape[1]),
        "runs": int(tested.answers.ok.size),
        "diverged_runs": int((~tested.answers.ok).sum()),
        **asdict(found),
        "reachable": made.smallest_attainable_p <= settings.alpha,
        "null": [None if np.isnan(s) else round(float(s), 6) for s in scores[1:]],
    }


def _test(scores: Float[np.ndarray, " L"], made: PermutedLabels) -> PermutationTest:
    """The truth's score, the first, among those of its permutations."""
    return permutation_test(float(scores[0]), scores[1:], design_smallest_p=made.design_smallest_p)


def labelling_scores(p: Float[np.ndarray, "L S N"], labels: Int[np.ndarray, "L N"]) -> Float[np.ndarray, " L"]:
    """Balanced accuracy under each labelling, asked for the labels that were trained on, mean over seeds that answered."""
    return nan_mean(balanced(right(p, labels[:, None]), labels[:, None]), 1)


def people_numbers(material: RawResults, settings: StudySettings) -> Numbers:
    """The test over participants, and the one that takes trials for independent, to be compared with it."""
    scored, y, people = material.verdict_protocol, material.y, material.codes("participant")
    hit = hit_rates(of_seeds(scored), y)
    people = np.where(np.isfinite(hit), people, -1)
    of_people = participant_scores(hit, y, people)
    if not np.isfinite(of_people).any():  # groups of people of one class each: each is scored by that one
        of_people = participant_scores(hit, y, people, score="accuracy")
    votes = right(ensemble(scored), y)
    count, correct = int(np.isfinite(votes).sum()), int(np.floor(np.nansum(votes)))
    there = np.isfinite(votes)
    larger = float(max(np.mean(y[there] == 0), np.mean(y[there] == 1))) if count else 0.5
    pooled = split_score(correct, count, chance=larger) if count else None
    differ = participants_differ(votes[there] == 1, people[there], seed=settings.seed)
    return {
        "participants": None
        if len(of_people) < 2
        else asdict(participant_test(of_people, level=settings.level, seed=settings.seed)),
        "pooled": None if pooled is None else {**asdict(pooled), "accuracy": pooled.accuracy},
        "differ": {name: number(value) for name, value in asdict(differ).items()},
    }


def control_numbers(material: RawResults, settings: StudySettings) -> list[Numbers]:
    """Each control beside the model: its score, its own test, and the difference of the model to it on the same trials."""
    return [_control(control, material, settings) for control in material.controls]


def _control(control: ClassifierPredictions, material: RawResults, settings: StudySettings) -> Numbers:
    title = TITLES.get(control.name, control.name)
    base: Numbers = {
        "name": control.name,
        "title": title,
        "words": control.words,
        "available": not control.why_not,
    }
    if control.why_not:
        return {**base, "why_not": control.why_not}
    y, p = material.y, control.probability[0]
    mask = np.isfinite(p) & (y >= 0)
    hit, own = hit_rates(p, y), hit_rates(of_seeds(material.verdict_protocol), y)
    made = material.tested.permuted
    test = None
    if made is not None and len(control.probability) > 1:
        scores = labelling_scores(control.probability, np.concatenate([y[None], made.labels]))
        test = asdict(_test(scores, made))
    return {
        **base,
        "metrics": seeds_numbers(measure(p, y, mask)),
        "interval": interval_numbers(crossed(hit, material, settings)),
        "difference": interval_numbers(crossed(own - hit, material, settings, difference=True)),
        "test": test,
    }


def choice_numbers(material: RawResults) -> Numbers | None:
    """Which settings the folds chose, and how all would have done; None where there was one only.

    Settings are compared with the first by the corrected resampled t-test over folds, p corrected for their number. The
    score of the best is no score to report: it was picked by what is scored.
    """
    scored, variants = material.verdict_protocol, material.about["variants"]
    if scored.variants is None or scored.answers is None or scored.folds is None or len(variants) < 2:
        return None
    trained, tested = scored.folds.train.sum(1).mean(), scored.folds.test.sum(1).mean()
    compared = [corrected_t(other - scored.variants[0], float(trained), float(tested)) for other in scored.variants[1:]]
    corrected = holm(np.array([one.p for one in compared])).adjusted
    chosen = np.bincount(scored.answers.chosen[0], minlength=len(variants))
    rows = [
        {"settings": settings, "chosen": int(times), "accuracy": number(nan_mean(accuracy, -1)), "difference": None}
        for settings, times, accuracy in zip(variants, chosen, scored.variants, strict=True)
    ]
    for row, one, p in zip(rows[1:], compared, corrected, strict=True):
        row["difference"] = {**{k: number(v) for k, v in asdict(one).items()}, "p_corrected": number(p)}
    return {"folds": len(scored.folds), "settings": rows}


def seeds_numbers(metrics: Metrics) -> Numbers:
    """Mean over seeds of each metric, and the sd between them; of the confusion the mean."""
    found: Numbers = {}
    for name in METRICS:
        values = np.atleast_1d(getattr(metrics, name))
        there = values[np.isfinite(values)]
        found[name] = {
            "mean": number(there.mean()) if there.size else None,
            "sd": number(there.std(ddof=1)) if there.size > 1 else None,
        }
    shape = np.asarray(metrics.confusion, np.float64).reshape(-1, 2, 2)
    answered = shape.sum((1, 2)) > 0  # a diverged seed has counted nothing
    found["confusion"] = (
        [[number(v) for v in row] for row in shape[answered].mean(0)] if answered.any() else [[0.0] * 2] * 2
    )
    return found


def single_numbers(metrics: Metrics) -> Numbers:
    """Each metric of one set of answers."""
    found: Numbers = {name: number(getattr(metrics, name)) for name in METRICS}
    found["count"] = int(metrics.count)
    found["confusion"] = np.asarray(metrics.confusion).tolist()
    return found


def interval_numbers(interval: Interval) -> Numbers:
    """An interval as JSON."""
    return {name: number(value) if isinstance(value, float) else value for name, value in asdict(interval).items()}


def number(value: Any) -> float | None:
    """A number as JSON holds it: None for what is none."""
    return float(value) if np.isfinite(value) else None


def _fold_scores(scored: Scored, y: Int[np.ndarray, " N"]) -> Float[np.ndarray, "F S"]:
    """Accuracy of each fold's runs on the trials that it scores."""
    assert scored.answers is not None
    assert scored.folds is not None
    hit = right(scored.answers.probability()[0], y[None, None])
    return nan_mean(np.where(scored.folds.test[:, None], hit, np.nan), -1)


def _range(counts: npt.NDArray[Any]) -> list[int]:
    return [int(counts.min()), int(counts.max())]
