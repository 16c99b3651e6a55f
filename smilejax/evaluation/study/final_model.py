"""The final model: an ensemble of the study's seeds, each trained on all labelled trials that were kept."""

from dataclasses import dataclass

import jax
import numpy as np

from smilejax.evaluation.study.out_of_fold import DeviceOptions
from smilejax.models.network import Variables
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.training import Programs, RunStatus, make_run
from smilejax.training.plans.plan import key_of

ALL_TRIALS = 2**32 - 1
"""In place of the fold's number in these runs' keys: no fold of a plan has it."""


@dataclass(frozen=True, eq=False)
class FinalModel:
    """An ensemble.

    Arguments:
        variables: each leaf with a leading axis of members. settings: what they were trained with.
        diverged: runs that diverged and are not among the members.
    """

    variables: Variables
    settings: TrainingSettings
    diverged: int


def train_final(
    dataset: Dataset, settings: TrainingSettings, seeds: tuple[int, ...], options: DeviceOptions
) -> FinalModel | None:
    """Train each seed on every labelled trial that was kept; None where all diverged."""
    runs = [make_run(dataset, settings, key=key_of(seed, ALL_TRIALS)) for seed in seeds]
    programs = Programs(dataset, settings, **options)
    members: list[Variables] = []
    for first in range(0, len(runs), programs.runs_at_once):
        chunk = jax.tree.map(lambda *leaves: jax.numpy.stack(leaves), *runs[first : first + programs.runs_at_once])
        result = programs.train(chunk, settings.epochs, curves=False)
        status, variables = np.asarray(result.status), jax.tree.map(np.asarray, result.variables)
        members += [
            jax.tree.map(lambda leaf, at=at: leaf[at], variables) for at in np.flatnonzero(status == RunStatus.OK)
        ]
    if not members:
        return None
    return FinalModel(jax.tree.map(lambda *leaves: np.stack(leaves), *members), settings, len(seeds) - len(members))
