"""The script that shows it all on one page is one page, and learns a simulated study from a file."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest
from helpers.children import SAME_PACKAGE

import smilejax

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "plain_training.py"


def test_it_is_one_page() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.weekly
def test_most_seeds_learn_a_simulated_study(tmp_path: Path) -> None:
    settings = smilejax.SimulationSettings(participants=12, smilers=4)
    study = smilejax.simulate_study(settings, key=jax.random.key(0))
    smilejax.write_tidy(study.trials, tmp_path / "study.csv")
    environment = {**os.environ, "PYTHONPATH": SAME_PACKAGE}
    out = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "study.csv")],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
        env={k: v for k, v in environment.items() if k != "XLA_FLAGS"},
    )
    assert out.returncode == 0, out.stderr
    seeds = [int(words.rstrip("%")) for words in out.stdout.split(":")[1].split()]
    assert len(seeds) == 16
    assert sum(score >= 70 for score in seeds) >= 12, seeds
