"""How far probabilities can be taken at their word, before and after temperature scaling inside the folds."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from smilejax.evaluation.metrics import calibration_error, calibration_null, reliability
from smilejax.evaluation.study.compute_scores import ensemble_probability, temperatures
from smilejax.evaluation.study.json_numbers import json_number, json_numbers, rows
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_results import (
    CalibrationBin,
    CalibrationResult,
    CalibrationScores,
    TemperatureResult,
)
from smilejax.settings import StudySettings

ALL_DIVERGED = "every run on the inner training trials diverged."


def calibration_result(raw: RawResults, settings: StudySettings) -> CalibrationResult:
    """Calibration of the ensemble as trained, and scaled by the temperature of each fold."""
    protocol = raw.verdict_protocol
    factors = temperatures(protocol, raw.y)
    fitted = protocol.inner_logits is not None and bool(np.isfinite(protocol.inner_logits).any())
    as_trained = _scores(raw, settings, None)
    scaled = None if factors is None else _scores(raw, settings, factors)
    return CalibrationResult(
        why_not="" if fitted else protocol.why_no_inner_validation if factors is None else ALL_DIVERGED,
        as_trained=as_trained,
        scaled=scaled,
        temperature=None if factors is None else temperature_result(factors, as_trained, scaled),
    )


def temperature_result(
    factors: Float[np.ndarray, " F"], as_trained: CalibrationScores | None, scaled: CalibrationScores | None
) -> TemperatureResult:
    """Temperatures of the folds, and the one that the final model has: their median where scaling helps, else 1.

    Scaling helps where neither log loss nor Brier score of the out-of-fold predictions is higher after it. Both are proper
    scores: the calibration error alone is lowered by any number of useless predictions.
    """
    # Of many folds' temperatures, each fitted on a few trials, the middle one: a pooled fit would follow the worst fold.
    median = float(np.exp(np.median(np.log(factors))))
    helps = as_trained is not None and scaled is not None and _no_worse(scaled, as_trained)
    return TemperatureResult(json_numbers(factors), median, helps, median if helps else 1.0)


def final_temperature(raw: RawResults, settings: StudySettings) -> float:
    """The temperature for the final model; 1 where none was fitted, or where scaling does not help."""
    found = calibration_result(raw, settings).temperature
    return 1.0 if found is None else found.final


def _no_worse(scaled: CalibrationScores, as_trained: CalibrationScores) -> bool:
    pairs = ((scaled.log_loss, as_trained.log_loss), (scaled.brier, as_trained.brier))
    return all(after is not None and before is not None and after <= before for after, before in pairs)


def _scores(
    raw: RawResults, settings: StudySettings, temperature: Float[np.ndarray, " F"] | None
) -> CalibrationScores | None:
    p, y = ensemble_probability(raw.verdict_protocol, temperature), raw.y
    known = np.isfinite(p) & (y >= 0)
    if not known.any():
        return None
    p, y = p[known], y[known]
    perfect = calibration_null(p, seed=settings.seed)
    of_true = np.where(y == 1, p, 1 - p)
    return CalibrationScores(
        error=json_number(calibration_error(p, y)),
        null_median=json_number(perfect.median),
        null_low=json_number(perfect.low),
        null_high=json_number(perfect.high),
        log_loss=json_number(-np.log(np.maximum(of_true, np.finfo(np.float64).tiny)).mean()),
        brier=json_number(((p - y) ** 2).mean()),
        bins=_bins(reliability(p, y)),
    )


def _bins(table: pd.DataFrame) -> tuple[CalibrationBin, ...]:
    return tuple(
        CalibrationBin(
            row["low"], row["high"], json_number(row["mean_p"]), json_number(row["proportion"]), int(row["count"])
        )
        for row in rows(table)
    )
