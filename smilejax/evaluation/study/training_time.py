"""How long the trainings of a study will take, from a few short ones on this machine."""

import time
from dataclasses import dataclass, replace

from smilejax.evaluation.study.out_of_fold import TrainOptions
from smilejax.evaluation.study.planned_trainings import Trainings
from smilejax.evaluation.study.preparation import PreparedStudy
from smilejax.evaluation.study.trainers import trainer_of
from smilejax.settings.classifier_names import has_network
from smilejax.splits import Folds

EPOCHS = 4
"""Epochs of the trainings that are timed, or all where a training has fewer."""
LEAST_RUNS = 8
"""Trainings that are timed at least: folds are taken, with further seeds where they are fewer."""
MOST_FOLDS = 16
"""Folds that are timed at most."""


@dataclass(frozen=True)
class TrainingTime:
    """What trainings take here.

    Arguments:
        compile_s: seconds until the first training began: programs are compiled, or loaded if they are kept from before.
        trial_epoch_s: seconds for each trial of a training set and each epoch of a training, over all devices together.
        runs: trainings that were timed.
    """

    compile_s: float
    trial_epoch_s: float
    runs: int

    def seconds(self, trainings: Trainings, *, expected: bool = False) -> float:
        """How long trainings take. expected: their mean number where there is nothing to find, in place of the most."""
        runs = trainings.expected_runs if expected else trainings.runs
        return runs * trainings.epochs * sum(trainings.trials) / 2 * self.trial_epoch_s


def time_trainings(prepared: PreparedStudy, options: TrainOptions) -> TrainingTime:
    """Time short trainings on folds of the verdict's protocol: once with what has to be compiled, and once more.

    Nothing is kept. A training's cost is taken to be in proportion to its trials and epochs; its beginning, the scores at its
    end, attribution and reference classifiers are left out.
    """
    assert prepared.chosen.folds is not None
    folds = _first(prepared.chosen.folds, MOST_FOLDS)
    first = prepared.variants[0]
    epochs = min(EPOCHS, first.epochs)
    seeds = tuple(range(-(-LEAST_RUNS // len(folds))))
    took = []
    judged = trainer_of(prepared, folder=None, progress=lambda ended: None, options=options)
    for number in (epochs, 1, epochs):  # the first compiles all programs
        trainer = replace(judged, settings=replace(first, epochs=number), vary={})
        plan = trainer.plan(folds, seeds)
        began = time.perf_counter()
        trainer.train(plan, "timed")
        took.append(time.perf_counter() - began)
    trial_epochs = float(folds.train.sum()) * len(seeds)
    if not has_network(prepared.settings.classifier):  # what is fitted at once knows no epochs
        return TrainingTime(max(0.0, took[0] - took[2]), took[2] / (first.epochs * trial_epochs), len(plan))
    whole = took[2] / epochs
    # What further epochs took, where that can be told from the noise of so short a time.
    further = (took[2] - took[1]) / (epochs - 1) if epochs > 1 else whole
    return TrainingTime(max(0.0, took[0] - took[2]), (further if further > 0 else whole) / trial_epochs, len(plan))


def _first(folds: Folds, count: int) -> Folds:
    """The first folds. They do not score every trial."""
    return replace(
        folds,
        train=folds.train[:count],
        validation=folds.validation[:count],
        test=folds.test[:count],
        names=folds.names[:count],
        repeat=folds.repeat[:count],
        times_scored=None,
    )
