"""Every experiment says what it does and takes, and its numbers are made by functions that are tested here."""

import os
import runpy
import sys
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
SHARED = {"common.py", "simulated_rates.py"}
ELSEWHERE = {"mediapipe_landmarks.py"}
"""What runs in an environment of its own, without this package."""
SCRIPTS = sorted(path.name for path in EXPERIMENTS.glob("*.py") if path.name not in SHARED | ELSEWHERE)


def test_there_are_experiments() -> None:
    assert "train.py" in SCRIPTS
    assert "compare_versions.py" in SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_says_what_the_script_does_and_takes(
    script: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a user runs it: with the script's own folder on the path, where the modules that scripts share are.
    monkeypatch.syspath_prepend(EXPERIMENTS)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)  # as many devices as the suite has: their number is settled by now
    monkeypatch.setattr(sys, "argv", [str(EXPERIMENTS / script), "--help"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(EXPERIMENTS / script), run_name="__main__")
    assert not left.value.code
    out = capsys.readouterr().out
    source = (EXPERIMENTS / script).read_text()
    first_words = source.split('"""')[1].split("\n")[0].split()[:4]
    printed = " ".join(out.split())
    assert " ".join(first_words) in printed, "the first sentence of the script is in its help"
    assert script in printed, "how it is called"
