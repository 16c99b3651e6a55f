"""A file of many trials, some of whose names are markup, and whose trials' names tell the class."""

from pathlib import Path

import numpy as np
import pandas as pd

NASTY = '<img src=x onerror="window.hacked=1">\'`${1}</script>'
"""A participant whom a page must show as text."""


def write_trials(path: Path, *, participants: int, trials: int, samples: int) -> None:
    """Trials at 20 Hz, in mm; some samples are missing. Half of each participant's are genuine, and are called so."""
    rng = np.random.default_rng(1)
    people = [NASTY, *(f"p{k:02d}" for k in range(1, participants))]
    count = participants * trials
    label = np.tile(np.repeat(["posed", "genuine"], trials // 2), participants)
    names = [f"{label[at]} <b>{at % trials}</b>" for at in range(count)]
    time = np.tile(np.arange(samples) * 50, count)
    left = (
        3.0
        + 0.3 * np.sin(time / 400)
        + 0.02 * rng.normal(size=len(time))
        + np.repeat(rng.normal(size=count) / 5, samples)
    )
    lost = (rng.random(len(time)) < 0.04) | (np.abs(time - 25 * samples) < 100)  # every trial has a gap in its middle
    frame = pd.DataFrame(
        {
            "participant": np.repeat(people, trials * samples),
            "trial": np.repeat(names, samples),
            "time_ms": time,
            "left_mm": np.where(lost, np.nan, left).round(4),
            "right_mm": np.where(lost, np.nan, left + 0.1).round(4),
            "label": np.repeat(label, samples),
            "stimulus": np.repeat([f"{label[at]}{at % trials}.mp4" for at in range(count)], samples),
        }
    )
    frame.to_csv(path, index=False)
