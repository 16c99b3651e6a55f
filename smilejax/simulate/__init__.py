"""Trials with known truth: a study of smiles, recorded by a tracker that does not exist.

Every physical signal is a function of continuous time, so one key gives one physical study at any sampling rate; only
the noise of measurement is drawn sample by sample. Every draw belongs to a participant, a stimulus or a trial by
number, so that participant 3 is the same whether 3 or 300 are simulated.

A tracker fails in two ways here. It finds no pupil: the lid hides it, or the tracker loses it. Or it finds a wrong one:
half covered by the lid, misread for an instant (a spike), or something else taken for it while it finds none (an
island). The truth says which of these each sample is.

What is left out, on purpose: the pupil's own response to a blink, changes across a session (fatigue, learning), gaze,
and any difference between the eyes other than a constant one.
"""

from smilejax.simulate.simulated_study import simulate_study
from smilejax.simulate.truth import Destruction, Simulation, Truth, truth_table

__all__ = ["Destruction", "Simulation", "Truth", "simulate_study", "truth_table"]
