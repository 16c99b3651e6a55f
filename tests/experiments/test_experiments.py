"""Every experiment says what it does and takes, and its numbers are made by functions that are tested here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
SHARED = {"common.py"}
SCRIPTS = sorted(path.name for path in EXPERIMENTS.glob("*.py") if path.name not in SHARED)


def test_there_are_experiments() -> None:
    assert "train.py" in SCRIPTS
    assert "compare_versions.py" in SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_says_what_the_script_does_and_takes(script: str) -> None:
    # As a user runs it: with the script's own folder on the path, where the modules that scripts share are.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    command = [sys.executable, str(EXPERIMENTS / script), "--help"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    source = (EXPERIMENTS / script).read_text()
    first_words = source.split('"""')[1].split("\n")[0].split()[:4]
    printed = " ".join(run.stdout.split())
    assert " ".join(first_words) in printed, "the first sentence of the script is in its help"
    assert script in printed, "how it is called"
