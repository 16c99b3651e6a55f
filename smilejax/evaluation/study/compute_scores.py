"""How well: scores of the network by protocol and of other classifiers, from out-of-fold predictions."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics import Metrics, correct, measure
from smilejax.evaluation.names import protocol_label, scored_trials
from smilejax.evaluation.statistics import Interval, crossed_interval, score_spread
from smilejax.evaluation.study.json_numbers import json_number
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.raw_results import ProtocolPredictions, RawResults
from smilejax.evaluation.study.score_results import (
    METRICS,
    AccuracySpread,
    EnsembleMetrics,
    IntervalUnits,
    MetricOverSeeds,
    MetricsOverSeeds,
    ProtocolResult,
    ProtocolScores,
    ScoreInterval,
)
from smilejax.evaluation.study.temperature import calibrated, fit_temperature
from smilejax.settings import StudySettings


def probability_of_seeds(protocol: ProtocolPredictions) -> Float[np.ndarray, "S N"]:
    """P(class 1) of each trial by the folds that score it, for each seed; NaN where none does."""
    folds, predictions = protocol.made()
    return mean_over_folds(predictions.probability()[0], folds.test, 0)


def temperatures(protocol: ProtocolPredictions, y: Int[np.ndarray, " N"]) -> Float[np.ndarray, " F"] | None:
    """The temperature of each fold, fitted on its own validation trials; None where it had none."""
    if protocol.inner_logits is None or protocol.inner is None:
        return None
    fitted = []
    for logits, masks in zip(protocol.inner_logits, protocol.inner, strict=True):
        parts = [(logits[d][:, mask], y[mask]) for d, mask in enumerate(masks)]
        given, labels = np.concatenate([a for a, _ in parts], 1), np.concatenate([b for _, b in parts])
        fitted.append(fit_temperature(given, labels, trials=int(masks.any(0).sum())))
    return np.array(fitted)


def ensemble_probability(
    protocol: ProtocolPredictions, temperature: Float[np.ndarray, " F"] | None = None
) -> Float[np.ndarray, " N"]:
    """P(class 1), mean over the seeds of each fold, then over the folds that score a trial; at a temperature if given."""
    folds, predictions = protocol.made()
    factor = np.ones(len(folds)) if temperature is None else temperature
    logits = predictions.logits[0]
    p = calibrated(logits, np.broadcast_to(factor[:, None, None], logits.shape[:-1]))
    p = np.where(predictions.ok[0][..., None], p, np.nan)
    return mean_over_folds(nan_mean(p, 1), folds.test, 0)


def proportion_correct(p: Float[np.ndarray, "S N"], y: Int[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Proportion of the seeds that classified a trial correctly, of those that have a prediction."""
    return nan_mean(correct(p, y[None]), 0)


def protocol_result(protocol: ProtocolPredictions, raw: RawResults, settings: StudySettings) -> ProtocolResult:
    """One row of the comparison of protocols."""
    recorded = bool((raw.codes("stimulus") >= 0).any())
    return ProtocolResult(
        name=protocol.name,
        label=protocol_label(protocol.name, stimuli_recorded=recorded),
        scored_trials=scored_trials(protocol.name, stimuli_recorded=recorded),
        why_not=protocol.why_not,
        scores=None if protocol.predictions is None else _protocol_scores(protocol, raw, settings),
    )


def _protocol_scores(protocol: ProtocolPredictions, raw: RawResults, settings: StudySettings) -> ProtocolScores:
    folds, predictions = protocol.made()
    y, p, together = raw.y, probability_of_seeds(protocol), ensemble_probability(protocol)
    share = proportion_correct(p, y)
    return ProtocolScores(
        fold_scheme=folds.scheme,
        balanced_folds=protocol.balanced_folds,
        leaks=folds.leaky,
        why_it_leaks=folds.why_leaky,
        folds=len(folds),
        runs=int(predictions.ok.size),
        diverged=int((~predictions.ok).sum()),
        trials_scored=int(np.isfinite(share).sum()),
        trials_trained=_range(folds.train.sum(1)),
        trials_held_out=_range(folds.test.sum(1)),
        mean_over_seeds=over_seeds(measure(p, y, np.isfinite(p) & (y >= 0))),
        ensemble=_of_ensemble(measure(together, y, np.isfinite(together) & (y >= 0))),
        interval=interval_result(crossed(share, raw, settings)),
        accuracy_spread=_spread(protocol, y),
        why_no_inner_validation=protocol.why_no_inner_validation,
    )


def known_minus_new_stimuli(raw: RawResults, settings: StudySettings) -> ScoreInterval | None:
    """Balanced accuracy on known minus new stimuli, participants new in both, on the same trials.

    None where the data do not allow both protocols.
    """
    by = {one.name: one for one in raw.protocols if one.predictions is not None}
    if "participant-and-stimulus" not in by or "participant" not in by:
        return None
    known = proportion_correct(probability_of_seeds(by["participant"]), raw.y)
    new = proportion_correct(probability_of_seeds(by["participant-and-stimulus"]), raw.y)
    return interval_result(crossed(known - new, raw, settings, difference=True))


def crossed(
    values: Float[np.ndarray, " N"], raw: RawResults, settings: StudySettings, *, difference: bool = False
) -> Interval:
    """Interval of the balanced accuracy over participants and stimuli, from proportions correct or their differences."""
    return crossed_interval(
        values,
        raw.y,
        raw.codes("participant"),
        raw.codes("stimulus"),
        difference=difference,
        level=settings.level,
        draws=settings.draws,
        seed=settings.seed,
    )


def over_seeds(metrics: Metrics) -> MetricsOverSeeds:
    """Mean over seeds of each metric, and the sd between them; of the confusion the mean."""
    counts = np.asarray(metrics.confusion, np.float64).reshape(-1, 2, 2)
    predicted = counts.sum((1, 2)) > 0  # a diverged seed has counted nothing
    mean = counts[predicted].mean(0) if predicted.any() else np.zeros((2, 2))
    (a, b), (c, d) = mean.tolist()
    return MetricsOverSeeds(
        **{name: _over_seeds(getattr(metrics, name)) for name in METRICS}, confusion=((a, b), (c, d))
    )


def _over_seeds(values: npt.NDArray[np.float64]) -> MetricOverSeeds:
    there = np.atleast_1d(values)
    there = there[np.isfinite(there)]
    return MetricOverSeeds(
        mean=json_number(there.mean()) if there.size else None,
        sd=json_number(there.std(ddof=1)) if there.size > 1 else None,
    )


def _of_ensemble(metrics: Metrics) -> EnsembleMetrics:
    (a, b), (c, d) = np.asarray(metrics.confusion).tolist()
    return EnsembleMetrics(
        **{name: json_number(getattr(metrics, name)) for name in METRICS},
        count=int(metrics.count),
        confusion=((a, b), (c, d)),
    )


def interval_result(interval: Interval) -> ScoreInterval:
    """An interval of one score as results hold it."""
    units = interval.units
    return ScoreInterval(
        estimate=json_number(interval.estimate),
        low=json_number(interval.low),
        high=json_number(interval.high),
        level=interval.level,
        draws=interval.draws,
        units=IntervalUnits(units.participants, units.stimuli, units.trials),
    )


def _spread(protocol: ProtocolPredictions, y: Int[np.ndarray, " N"]) -> AccuracySpread:
    """Spread of the accuracy of each fold's runs on the trials that it scores."""
    folds, predictions = protocol.made()
    hits = correct(predictions.probability()[0], y[None, None])
    found = score_spread(nan_mean(np.where(folds.test[:, None], hits, np.nan), -1))
    return AccuracySpread(
        mean=json_number(found.mean),
        sd_seeds=json_number(found.sd_seeds),
        low=json_number(found.low),
        high=json_number(found.high),
        sd_folds=json_number(found.sd_folds),
        var_seeds=json_number(found.var_seeds),
        var_folds=json_number(found.var_folds),
        var_residual=json_number(found.var_residual),
        folds=found.folds,
        seeds=found.seeds,
        diverged=found.diverged,
    )


def _range(counts: npt.NDArray[np.integer]) -> tuple[int, int]:
    return int(counts.min()), int(counts.max())
