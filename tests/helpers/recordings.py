"""Recordings that tests of the command line read."""

import dataclasses

import jax
import numpy as np

from smilejax import SimulationSettings, Trials, simulate_study

PNG = b"\x89PNG\r\n\x1a\n"


def trials_with_gaps() -> Trials:
    """Twelve trials of three participants, with blinks; one shorter, one all missing, one with a name of its own."""
    settings = SimulationSettings(
        participants=3, smilers=2, duration_ms=1500, blinks_per_minute=40, losses_per_minute=20
    )
    trials = simulate_study(settings, key=jax.random.key(3)).trials
    pupil, length, names = trials.pupil.copy(), trials.length.copy(), list(trials.trial)
    length[2] -= 30
    pupil[2, length[2] :] = np.nan
    pupil[5] = np.nan
    names[9] = "only"
    return dataclasses.replace(trials, pupil=pupil, length=length, trial=tuple(names))
