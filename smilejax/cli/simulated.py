"""Simulated studies of the command line, by their seed."""

from collections.abc import Sequence

import jax
import numpy as np

from smilejax.cli import terminal
from smilejax.settings import SimulationSettings
from smilejax.simulate import Simulation, simulate_study

STUDY, NEW = 0, 3
"""Folded into the key of a seed: for the study, and for a recording that comes after it. `train_command` uses 1 and 2."""


def simulated(settings: SimulationSettings, seed: int, what: int = STUDY) -> Simulation:
    """The study of a seed."""
    return simulate_study(settings, key=jax.random.fold_in(jax.random.key(np.uint32(seed)), what))


def note_late_effect(simulation: SimulationSettings, effects_mm: Sequence[float] = ()) -> None:
    """Print a note where simulated trials end before their effect begins."""
    if any(effects_mm or (simulation.effect_mm,)) and simulation.duration_ms <= simulation.effect_onset_ms:
        terminal.note(
            f"trials end at {simulation.duration_ms:g} ms, before the effect begins at {simulation.effect_onset_ms:g} "
            "ms: the classes do not differ. Give longer ones (--duration-ms), or an earlier effect (--effect-onset-ms)"
        )
