"""Loss and accuracy against epoch for several learning rates, over folds and seeds, in one figure: what the report suggests.

    python experiments/compare_learning_rates.py recording.csv --classes Easy Hard --out rates.png
    python experiments/compare_learning_rates.py --preset report --rates 0.001 0.01 0.1    # a simulated study

Folds are by participant. Lines are means over seeds of all folds together, bands hold nine seeds of ten. A rate picked here
by its held-out curve is picked by the trials it is then judged by: choose on inner folds, or report all.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import jax
import numpy as np
import tyro
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tyro.conf import Positional

import smilejax

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    data: Positional[Path | None] = None
    """File or folder with the recordings; a simulated study where not given."""
    out: Path = Path("learning-rates.png")
    """Figure to write: .png, .svg or .pdf."""
    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    preset: Literal["default", "report"] = "default"
    """report: plain SGD, one trial at a time, and the report's recipe."""
    rates: tuple[float, ...] = (0.0003, 0.001, 0.003, 0.01)
    """Learning rates."""
    folds: int = 4
    """Folds by participant."""
    seeds: int = 10
    """Seeds."""
    epochs: int = 40
    """Passes over the training trials."""


def main(args: Arguments) -> None:
    """Read, preprocess, train the plan, draw."""
    jax.config.update("jax_num_cpu_devices", os.cpu_count() or 1)  # one virtual device for each core
    if args.data is None:
        study = smilejax.SimulationSettings(participants=12, smilers=4)
        trials = smilejax.simulate_study(study, key=jax.random.key(0)).trials
    else:
        trials = smilejax.read(args.data, smilejax.ReadSettings(classes=args.classes))
    dataset = smilejax.prepare(trials, smilejax.Recipe.named(args.preset))
    settings = smilejax.TrainingSettings.report() if args.preset == "report" else smilejax.TrainingSettings()
    plan = smilejax.Plan(
        smilejax.by_participant(dataset, folds=args.folds, key=jax.random.key(0)),
        replace(settings, epochs=args.epochs),
        seeds=tuple(range(args.seeds)),
        vary={"learning_rate": args.rates},
    )
    result = smilejax.train_runs(dataset, plan)
    figure = Figure(figsize=(12, 8), dpi=100, facecolor="white", layout="constrained")
    axes = figure.subplots(2, 2, sharex=True)
    for row, group in enumerate(("train", "validation")):
        scores = getattr(result, group)
        for column, (total, what) in enumerate(((scores.loss_sum, "loss in nats"), (scores.correct, "accuracy"))):
            _draw(axes[row, column], plan, np.asarray(total, np.float64), np.asarray(scores.count, np.float64))
            axes[row, column].set_ylabel(what)
            name = {"train": "trials trained on", "validation": "held-out participants"}[group]
            axes[row, column].set_title(name, loc="left")
            axes[row, column].axhline(np.log(2) if column == 0 else 0.5, color="#999999", lw=1, ls=":")
            axes[row, column].spines[["top", "right"]].set_visible(False)
    for panel in axes[1]:
        panel.set_xlabel("epoch")
    axes[0, 0].legend(title="learning rate", frameon=False)
    diverged = int(np.asarray(result.status).sum())
    figure.suptitle(
        f"{len(plan)} trainings: {args.folds} folds by participant x {args.seeds} seeds x {len(args.rates)} learning rates"
        f"{f'; {diverged} diverged' if diverged else ''}. Bands: nine seeds of ten. Dotted: a coin.",
        x=0.01,
        ha="left",
    )
    figure.savefig(args.out)
    print(f"wrote {args.out}")
    final = np.asarray(result.validation.correct)[:, -1].reshape(plan.shape).sum(2) / len(dataset.kept.nonzero()[0])
    for rate, of_seeds in zip(args.rates, final[:, 0], strict=True):
        print(f"rate {rate:g}: held out {of_seeds.mean():.1%}, seeds {of_seeds.min():.1%} to {of_seeds.max():.1%}")


def _draw(panel: Axes, plan: smilejax.Plan, total: np.ndarray, count: np.ndarray) -> None:
    """One line and band for each rate, over seeds; folds are added up first."""
    per_seed = total.reshape(*plan.shape, -1)[:, 0].sum(1) / count.reshape(*plan.shape, -1)[:, 0].sum(1)
    epochs = np.arange(1, per_seed.shape[-1] + 1)
    for rate, curves, colour in zip(plan.vary["learning_rate"], per_seed, COLOURS * 3, strict=False):
        low, high = np.quantile(curves, (0.05, 0.95), axis=0)
        panel.fill_between(epochs, low, high, color=colour, alpha=0.2, lw=0)
        panel.plot(epochs, curves.mean(0), color=colour, label=f"{rate:g}")


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
