"""Calibration of out-of-fold predictions, and a scaling that is used only where it helps."""

import dataclasses

import numpy as np
import pytest
from helpers.made_study import SETTINGS, make_raw_results

from smilejax.evaluation.study.calibration import calibration_result, final_temperature, temperature_result
from smilejax.evaluation.study.compute_scores import ensemble_probability, temperatures
from smilejax.evaluation.study.study_results import CalibrationScores

SCORES = CalibrationScores(0.05, 0.04, 0.01, 0.08, log_loss=0.6, brier=0.2, bins=())


@pytest.mark.parametrize(
    ("log_loss", "brier", "helps"), [(0.59, 0.19, True), (0.6, 0.2, True), (0.61, 0.19, False), (0.59, 0.21, False)]
)
def test_scaling_that_makes_either_score_worse_is_not_shipped(log_loss: float, brier: float, helps: bool) -> None:
    scaled = dataclasses.replace(SCORES, log_loss=log_loss, brier=brier, error=0.01)
    found = temperature_result(np.array([1.5, 2.0, 4.0]), SCORES, scaled)
    assert found.helps is helps
    assert found.median == pytest.approx(2.0)
    assert found.final == (found.median if helps else 1.0)


@pytest.fixture(scope="module")
def raw():
    return make_raw_results()


def test_what_is_reported_is_what_plain_numpy_gives(raw) -> None:
    found = calibration_result(raw, SETTINGS)
    factors = temperatures(raw.verdict_protocol, raw.y)
    for scores, factor in ((found.as_trained, None), (found.scaled, factors)):
        p = ensemble_probability(raw.verdict_protocol, factor)
        assert scores.brier == pytest.approx(np.mean((p - raw.y) ** 2))
        assert scores.log_loss == pytest.approx(-np.mean(np.log(np.where(raw.y == 1, p, 1 - p))))
        assert sum(one.count for one in scores.bins) == len(raw.y)
        assert scores.null_low < scores.null_median < scores.null_high
    assert found.why_not == ""


def test_the_final_model_has_no_temperature_that_did_not_help(raw) -> None:
    """Inner predictions of this study are noise: a temperature fitted on them makes the others worse."""
    found = calibration_result(raw, SETTINGS)
    assert found.scaled.log_loss > found.as_trained.log_loss
    assert found.temperature.median != pytest.approx(1.0, abs=0.1)
    assert final_temperature(raw, SETTINGS) == 1.0


def test_overconfident_networks_are_scaled() -> None:
    """The same networks, four times as sure: their own validation predictions show it."""
    raw = make_raw_results(strength=0.3)
    protocol = raw.verdict_protocol
    rng = np.random.default_rng(0)
    odds = 4 * (0.3 * (2 * raw.y - 1) + rng.normal(size=protocol.inner_logits.shape[:-1]))
    sure = dataclasses.replace(
        protocol,
        inner_logits=np.stack([-odds / 2, odds / 2], -1),
        predictions=dataclasses.replace(protocol.predictions, logits=4 * protocol.predictions.logits),
    )
    raw = dataclasses.replace(raw, protocols=(sure, *raw.protocols[1:]))
    found = calibration_result(raw, SETTINGS)
    assert found.temperature.helps
    assert final_temperature(raw, SETTINGS) == found.temperature.median > 1.3


def test_without_inner_predictions_there_is_no_temperature() -> None:
    raw = make_raw_results(inner=False)
    found = calibration_result(raw, SETTINGS)
    assert (found.scaled, found.temperature) == (None, None)
    assert found.why_not == "no draw leaves both classes."
    assert final_temperature(raw, SETTINGS) == 1.0
