"""`smilejax stream`: a trial of a file replayed."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.command_line import printed, refused
from helpers.made_model import made_model
from helpers.recordings import trials_with_gaps

import smilejax
from smilejax import ModelSettings, Recipe
from smilejax.cli.stream_command import step_words
from smilejax.prediction.stream import StreamedStep

SMALL = ModelSettings(hidden=3, dense=(6, 4))


def saved(folder: Path, recipe: Recipe, **record: object) -> Path:
    model = made_model(SMALL, steps=15)
    settings = replace(model.settings, truncate_from=0.2)
    recipe = replace(recipe, duration_ms=1500.0, resample_hz=10.0)
    return replace(model, recipe=recipe, settings=settings, record=record).save(folder)


@pytest.mark.slow  # compiles the cleaning
def test_a_trial_of_a_file_is_replayed(tmp_path: Path, capsys) -> None:
    trials = trials_with_gaps()
    smilejax.write_tidy(trials, tmp_path / "recording.csv")
    score = {"elapsed_ms": 500.0, "trials": 9, "balanced_accuracy": 0.75, "log_loss": 0.5}
    score |= {"calibration_error": 0.1, "calibration_high": 0.2}
    model = saved(tmp_path / "model", Recipe.causal(), by_elapsed_time=[score])
    said = printed(capsys, "stream", model, tmp_path / "recording.csv", "--show-trial", "only")
    row = trials.trial.index("only")
    p = smilejax.load_model(model).predict(trials)["p_genuine"][row]
    assert "0.000 s waiting for the baseline" in said
    assert f"1.400 s p(posed) {1 - p:.3f} p(genuine) {p:.3f}" in said
    assert "0.5 s 9 75" in said
    assert "there is no trial 'gone'" in refused(
        capsys, "stream", model, tmp_path / "recording.csv", "--show-trial", "gone"
    )


def test_what_cannot_be_streamed_is_refused(tmp_path: Path, capsys) -> None:
    model = saved(tmp_path / "model", Recipe())
    smilejax.write_tidy(trials_with_gaps(), tmp_path / "recording.csv")
    assert "either" in refused(capsys, "stream", model)
    said = refused(capsys, "stream", model, tmp_path / "recording.csv")
    assert "--lowpass-phase causal" in said or "lowpass_phase causal" in said
    assert "cannot be streamed" in said


def test_a_step_is_one_line() -> None:
    step = StreamedStep(100.0, (0.25, 0.75), "too much missing", 0.2)
    assert step_words(step, ("posed", "genuine")).split() == (
        ["0.100", "s", "p(posed)", "0.250", "p(genuine)", "0.750", "(too", "much", "missing)"]
    )
