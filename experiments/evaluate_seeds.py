"""How much depends on the seed? One split, many seeds, one compiled program: balanced accuracy of held-out participants.

    python experiments/evaluate_seeds.py recording.csv --classes Easy Hard --seeds 100
    python experiments/evaluate_seeds.py                     # a simulated study

Only the seed varies (initial weights, order of trials, dropout), on one split: the spread is no interval for other
participants. `smilejax train-many` runs all folds.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import tyro
from tyro.conf import Positional

import smilejax
from smilejax.training.plans.runs_table import hits


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    data: Positional[Path | None] = None
    """File or folder with the recordings; a simulated study where not given."""
    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    seeds: int = 50
    """How many trainings."""
    epochs: int = 40
    """Passes over the training trials."""
    holdout: float = 0.25
    """Proportion of participants held out, the same for every seed."""
    split_seed: int = 0
    """Determines who is held out, and the simulated study."""


def main(args: Arguments) -> None:
    """Read, preprocess, hold out, train every seed, print the distribution of balanced accuracies."""
    study_key, split_key = jax.random.split(jax.random.key(args.split_seed))
    if args.data is None:
        trials = smilejax.simulate_study(smilejax.SimulationSettings(), key=study_key).trials
    else:
        trials = smilejax.read(args.data, smilejax.ReadSettings(classes=args.classes))
    dataset = smilejax.prepare(trials, smilejax.Recipe())
    folds = smilejax.hold_out(dataset, args.holdout, by="participant", key=split_key)
    settings = smilejax.TrainingSettings(epochs=args.epochs)
    plan = smilejax.Plan(folds, settings, seeds=tuple(range(args.seeds)))
    began = time.perf_counter()
    result = smilejax.train_runs(dataset, plan)
    took = time.perf_counter() - began

    correct = hits(dataset, plan, result)
    y = np.asarray(dataset.y)
    accuracy = np.mean([np.nanmean(correct[:, y == k], axis=1) for k in (0, 1)], axis=0)
    n, diverged = int(folds.test.sum()), int(np.asarray(result.status).sum())
    trained = int(folds.train.sum())
    print(
        f"{args.seeds} seeds, one split: {trained} trials trained on, {n} held out; {took:.0f} s, compiling included."
    )
    low, middle, high = np.nanquantile(accuracy, (0.05, 0.5, 0.95))
    print(
        f"balanced accuracy of held-out participants: median {middle:.1%}, nine of ten between {low:.1%} and {high:.1%}",
        end="",
    )
    print(f", least {np.nanmin(accuracy):.1%}, greatest {np.nanmax(accuracy):.1%}; {diverged} diverged.")
    counts, edges = np.histogram(accuracy[np.isfinite(accuracy)], bins=np.linspace(0, 1, 21))
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        if count:
            print(f"{low:4.0%} to {high:4.0%}  {'#' * int(np.ceil(60 * count / counts.max()))} {count}")


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
