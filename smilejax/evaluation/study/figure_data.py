"""What is drawn of a study: time courses of the pupil, training curves, the ROC curve, attribution."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics import operating_curve
from smilejax.evaluation.statistics import MeanInterval, mean_interval, welch_interval
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.compute_scores import ensemble_probability
from smilejax.evaluation.study.derive_difference import shown_channel, shown_unit
from smilejax.evaluation.study.figure_results import (
    AttributionCourse,
    AttributionResult,
    CurveOverSeeds,
    Dilation,
    OcclusionWindow,
    RocCurve,
    TimeCourse,
    TrainingCurves,
)
from smilejax.evaluation.study.json_numbers import json_number, json_numbers
from smilejax.evaluation.study.out_of_fold import Curves
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.settings import StudySettings

MIN_PARTICIPANTS = 3
"""Fewest participants that time courses are averaged over; of fewer, trials are (our choice)."""


def dilation(raw: RawResults, settings: StudySettings) -> Dilation:
    """Mean course of each class over participants (or, where there are fewer than three, over trials), and their difference.

    Where three or more participants have both classes, the difference is taken within each and then averaged; otherwise it
    is that of the two means. Intervals are t intervals at each step on its own, of the difference of means Welch's. A step
    with fewer than two participants or trials, of either class where classes are apart, has none.
    """
    kept = raw.trials["kept"].to_numpy() & (raw.y >= 0)
    by_participant = raw.trials["participant"].nunique() >= MIN_PARTICIPANTS
    units = raw.codes("participant") if by_participant else np.arange(len(kept), dtype=np.int32)
    shown = shown_channel(raw.about.channels)
    values = np.where(raw.valid, raw.x[:, :, shown], np.nan).astype(np.float64)
    first, second = _means_of_units(values, units, raw.y, kept)
    paired = int((np.isfinite(first).any(1) & np.isfinite(second).any(1)).sum()) >= MIN_PARTICIPANTS
    level = settings.level
    difference = mean_interval(second - first, level=level) if paired else welch_interval(second, first, level=level)
    return Dilation(
        time_ms=json_numbers(raw.time_ms, 2),
        channel=raw.about.channels[shown],
        unit=shown_unit(raw.about),
        over="participants" if len(np.unique(units)) != len(kept) else "trials",
        paired=paired,
        classes={
            name: _course(mean_interval(values, level=level))
            for name, values in zip(raw.about.class_names, (first, second), strict=True)
        },
        difference=_course(difference),
    )


def _means_of_units(
    values: Float[np.ndarray, "N T"],
    units: Int[np.ndarray, " N"],
    y: Int[np.ndarray, " N"],
    kept: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """`f64[U, T]` for each class: mean course of each unit, NaN where it has none."""
    names = np.unique(units)
    found = np.full((2, len(names), values.shape[1]), np.nan)
    for label in (0, 1):
        for place, unit in enumerate(names):
            found[label, place] = nan_mean(values[kept & (units == unit) & (y == label)], 0)
    return found[0], found[1]


def _course(found: MeanInterval) -> TimeCourse:
    return TimeCourse(json_numbers(found.mean), json_numbers(found.low), json_numbers(found.high))


def training_curves(curves: Curves | None) -> TrainingCurves | None:
    """Loss and accuracy after each epoch: mean over folds of each seed, then mean, least and greatest over seeds."""
    if curves is None:
        return None
    return TrainingCurves(
        epochs=int(curves.train_loss.shape[-1]),
        seeds=int(curves.train_loss.shape[1]),
        train_loss=_over_seeds(curves.train_loss),
        train_accuracy=_over_seeds(curves.train_accuracy),
        test_loss=_over_seeds(curves.test_loss),
        test_accuracy=_over_seeds(curves.test_accuracy),
    )


def _over_seeds(values: Float[np.ndarray, "F S E"]) -> CurveOverSeeds:
    of_seeds = nan_mean(values, 0)
    several = len(of_seeds) > 1  # one seed has no spread to draw
    empty = ~np.isfinite(of_seeds).any(0)
    least = np.where(empty, np.nan, np.where(np.isfinite(of_seeds), of_seeds, np.inf).min(0))
    greatest = np.where(empty, np.nan, np.where(np.isfinite(of_seeds), of_seeds, -np.inf).max(0))
    return CurveOverSeeds(
        mean=json_numbers(nan_mean(of_seeds, 0)),
        low=json_numbers(least) if several else None,
        high=json_numbers(greatest) if several else None,
    )


def roc_curve(raw: RawResults) -> RocCurve | None:
    """The ROC curve of the ensemble, all folds together; None without trials of both classes."""
    p, y = ensemble_probability(raw.verdict_protocol), raw.y
    known = np.isfinite(p) & (y >= 0)
    if len(np.unique(y[known])) < 2:
        return None
    fpr, tpr, thresholds = operating_curve(p[known], y[known])
    return RocCurve(json_numbers(fpr), json_numbers(tpr), json_numbers(thresholds))


def attribution_result(attribution: Attribution | None, raw: RawResults) -> AttributionResult | None:
    """Integrated gradients by class along time, and the loss when a window is hidden: mean over seeds, sd between them."""
    if attribution is None:
        return None
    names, step_ms = raw.about.class_names, 1000 / raw.about.model_hz
    edges = raw.about.start_ms + attribution.edges * step_ms
    windows = zip(edges[:-1], edges[1:], nan_mean(attribution.occlusion, 0), _sd(attribution.occlusion), strict=True)
    return AttributionResult(
        seeds=int(attribution.gradients.shape[0]),
        trials=dict(zip(names, attribution.trials.tolist(), strict=True)),
        time_ms=json_numbers(raw.time_ms, 2),
        channels={
            channel: {
                name: AttributionCourse(
                    json_numbers(nan_mean(attribution.gradients[:, label, :, at], 0), 7),
                    json_numbers(_sd(attribution.gradients[:, label, :, at]), 7),
                )
                for label, name in enumerate(names)
            }
            for at, channel in enumerate(raw.about.channels)
        },
        occlusion=tuple(
            OcclusionWindow(float(low), float(high), json_number(rise), json_number(sd))
            for low, high, rise, sd in windows
        ),
    )


def _sd(values: Float[np.ndarray, "S *T"]) -> npt.NDArray[np.float64]:
    """Standard deviation along the first axis of what is finite; NaN of fewer than two."""
    count = np.isfinite(values).sum(0)
    squares = np.where(np.isfinite(values), (values - nan_mean(values, 0)) ** 2, 0.0).sum(0)
    return np.sqrt(np.divide(squares, count - 1, out=np.full(count.shape, np.nan), where=count > 1))
