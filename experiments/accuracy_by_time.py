"""Accuracy and calibration before a trial is over, out of fold, with and without training on trials that end early.

    python experiments/accuracy_by_time.py                     # a simulated study
    python experiments/accuracy_by_time.py recording.csv --classes Easy Hard

Folds are by participant. The recipe is the causal one, so that what is scored is what a stream would have said.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import jax
import tyro
from tyro.conf import Positional

import smilejax
from smilejax.evaluation.elapsed_time import scores_by_elapsed_time


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    data: Positional[Path | None] = None
    """File or folder with the recordings; a simulated study where not given."""
    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    truncate_from: tuple[float, ...] = (1.0, 0.1)
    """Least proportion of a trial that is trained on; 1 trains on whole trials."""
    folds: int = 4
    """Folds by participant."""
    seeds: int = 2
    """Seeds, whose probabilities are averaged."""


def main(args: Arguments) -> None:
    """Read, train, print."""
    if args.data is None:
        settings = smilejax.SimulationSettings(participants=16, smilers=6)
        trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
    else:
        trials = smilejax.read(args.data, smilejax.ReadSettings(classes=args.classes))
    recipe = smilejax.Recipe.causal()
    dataset = smilejax.prepare(trials, recipe)
    folds = smilejax.by_participant(dataset, folds=args.folds, key=jax.random.key(0))
    print("truncate_from | elapsed | trials | balanced accuracy | log loss | calibration error | by chance up to")
    for least in args.truncate_from:
        training = replace(smilejax.TrainingSettings(), truncate_from=least)
        for one in scores_by_elapsed_time(trials, recipe, training, folds, seeds=range(args.seeds)):
            print(
                f"{least:g} | {one.elapsed_ms / 1000:g} s | {one.trials} | {one.balanced_accuracy:.1%} | {one.log_loss:.3f} | "
                f"{one.calibration_error:.1%} | {one.calibration_high:.1%}"
            )


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
