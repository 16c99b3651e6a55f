"""Tables of cleaned recordings: rows, units, and what stands where nothing was measured."""

import dataclasses
from functools import cache

import jax
import numpy as np
import pandas as pd
import pytest

import smilejax
from smilejax import Recipe, SimulationSettings, Trials, simulate_study
from smilejax.preprocess import Reason
from smilejax.preprocess.cleaned_tables import reason_table, sample_table, step_table
from smilejax.preprocess.quality_tables import trial_quality
from smilejax.preprocess.trial_status import TrialStatus

BASE = dataclasses.replace(Recipe.minimal(), other_eye_ms=0, pad_ms=50, resample_hz=20.0)
"""Steps enough for every kind of reason, few enough to compile in a moment."""
DURATION_MS = 2000.0


@cache
def _simulated(rate_hz: float) -> Trials:
    settings = SimulationSettings(
        participants=2, smilers=2, duration_ms=2600, rate_hz=rate_hz, blinks_per_minute=40, losses_per_minute=30
    )
    return simulate_study(settings, key=jax.random.key(2)).trials


def trials_at(rate_hz: float, duration_ms: float = DURATION_MS) -> Trials:
    """Eight trials, one half as long, one without a class."""
    made = _simulated(rate_hz)
    samples = round(duration_ms * rate_hz / 1000)
    length, label = np.minimum(made.length, samples), made.label.copy()
    length[1] //= 2
    label[4] = -1
    return dataclasses.replace(made, pupil=made.pupil[:, :samples], length=length, label=label)


@pytest.mark.parametrize(
    ("rate_hz", "recorded_ms"), [pytest.param(250.0, 2000.0, marks=pytest.mark.weekly), (60.0, 2600.0), (60.0, 1500.0)]
)
def test_rows_are_the_samples_inside(rate_hz: float, recorded_ms: float) -> None:
    """Cropped where the recipe crops; nothing is made up where it pads."""
    trials = trials_at(rate_hz, recorded_ms)
    recipe = dataclasses.replace(BASE, duration_ms=DURATION_MS)
    cleaned = smilejax.clean(trials, recipe)
    at_most = round(DURATION_MS * trials.rate_hz / 1000)
    table = sample_table(trials, cleaned)
    row = 0
    for i in range(len(trials)):
        n = min(int(trials.length[i]), at_most)
        own = table.iloc[row : row + n]
        assert (own["participant"] == trials.participant[i]).all()
        assert (own["trial"] == trials.trial[i]).all()
        assert own["class"].isna().all() if i == 4 else (own["class"] == trials.class_names[trials.label[i]]).all()
        np.testing.assert_allclose(own["time_ms"], np.arange(n) * 1000 / trials.rate_hz)
        np.testing.assert_array_equal(own[["left_mm", "right_mm"]], trials.pupil[i, :n])
        for when, codes in (("marked", cleaned.marked), ("filled", cleaned.eyes.reason)):
            words = [[Reason(int(code)).words for code in eyes] for eyes in np.asarray(codes[i, :n])]
            assert own[[f"left_{when}", f"right_{when}"]].to_numpy().tolist() == words
        row += n
    assert row == len(table)


@pytest.mark.parametrize(
    ("rate_hz", "settings", "column"),
    [
        pytest.param(250.0, {}, "fused_mm", marks=pytest.mark.weekly),
        (60.0, {"baseline_ms": None}, "fused_mm"),
        pytest.param(60.0, {"baseline": "percent"}, "fused_percent", marks=pytest.mark.weekly),
        (60.0, {"baseline": "z", "baseline_ms": 1000.0}, "fused_sd"),
        pytest.param(60.0, {"channels": ("drive",)}, "fused_mm", marks=pytest.mark.weekly),
    ],
)
def test_steps_have_the_unit_that_they_are_in(rate_hz: float, settings: dict[str, object], column: str) -> None:
    trials = trials_at(rate_hz)
    recipe = dataclasses.replace(BASE, **settings)  # type: ignore[arg-type]
    cleaned = smilejax.clean(trials, recipe)
    table = step_table(trials, cleaned, recipe)
    assert [name for name in table if name.startswith("fused")] == [column, "fused_reason"]
    row = 0
    for i in range(len(trials)):
        n = round(trials.length[i] / trials.rate_hz * 20)
        own = table.iloc[row : row + n]
        assert (own["trial"] == trials.trial[i]).all()
        np.testing.assert_allclose(own["time_ms"], np.arange(n) * 50.0)
        value, reason = np.asarray(cleaned.trace.values[i, :n, 0]), np.asarray(cleaned.trace.reason[i, :n, 0])
        present = np.isin(reason, (Reason.MEASURED, Reason.FILLED, Reason.FROM_OTHER_EYE))
        np.testing.assert_array_equal(own[column], np.where(present, value, np.float32(np.nan)))
        assert own["fused_reason"].tolist() == [Reason(int(code)).words for code in reason]
        row += n
    assert row == len(table)


def test_a_rejected_trial_has_no_values_beside_corrected_ones() -> None:
    """What is left of one is in the recording's unit as recorded, while the others are differences from their baselines."""
    trials = trials_at(60.0)
    recipe = dataclasses.replace(BASE, baseline="percent")
    cleaned = smilejax.clean(trials, recipe)
    assert np.isfinite(np.asarray(cleaned.trace.values[0])).any()
    status = np.full(len(trials), TrialStatus.KEPT).astype(np.asarray(cleaned.status).dtype)
    status[0] = TrialStatus.NO_BASELINE
    table = step_table(trials, dataclasses.replace(cleaned, status=jax.numpy.asarray(status)), recipe)
    mine = (table["trial"] == trials.trial[0]) & (table["participant"] == trials.participant[0])
    assert (table["status"][mine] == TrialStatus.NO_BASELINE.words).all()
    assert table.loc[mine, "fused_percent"].isna().all()
    assert table.loc[~mine, "fused_percent"].notna().any()
    assert len(table) == len(step_table(trials, cleaned, recipe))


def test_proportions_are_over_samples_not_over_trials() -> None:
    trials = trials_at(60.0)
    cleaned = smilejax.clean(trials, BASE)
    table = reason_table(trial_quality(trials, cleaned, BASE))
    assert list(table) == ["reason", "proportion", "proportion_posed", "proportion_genuine"]
    np.testing.assert_allclose(table.drop(columns="reason").sum(), 1, atol=1e-6)
    samples = sample_table(trials, cleaned)
    for name, part in (("proportion", samples), ("proportion_posed", samples[samples["class"] == "posed"])):
        counted = pd.concat([part["left_filled"], part["right_filled"]]).value_counts(normalize=True)
        for _, row in table.iterrows():
            assert row[name] == pytest.approx(counted[row["reason"]], abs=1e-6)
    assert set(table["reason"]) == set(pd.concat([samples["left_filled"], samples["right_filled"]]).unique())
