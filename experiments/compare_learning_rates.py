"""Loss and accuracy against epoch for several learning rates, over folds and seeds, as the project report suggests.

    python experiments/compare_learning_rates.py recording.csv --classes Easy Hard --out rates.png
    python experiments/compare_learning_rates.py --preset report --rates 0.001 0.01 0.1    # a simulated study

Folds are by participant. Lines are means over seeds of all folds together, bands hold nine seeds of ten; runs that diverged
are counted and left out. Choosing a rate by its held-out curve here chooses it by the trials that then judge it: choose on
inner folds, or report all rates.
"""

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

WHAT, CHANCE = ("loss in nats", "accuracy"), (float(np.log(2)), 0.5)
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
    """Read, preprocess, train the plan, draw, print."""
    dataset = smilejax.prepare(_recordings(args), smilejax.Recipe.named(args.preset))
    settings = smilejax.TrainingSettings.report() if args.preset == "report" else smilejax.TrainingSettings()
    plan = smilejax.Plan(
        smilejax.by_participant(dataset, folds=args.folds, key=jax.random.key(0)),
        replace(settings, epochs=args.epochs),
        seeds=tuple(range(args.seeds)),
        vary={"learning_rate": args.rates},
    )
    result = smilejax.train_runs(dataset, plan)
    _figure(args, plan, result).savefig(args.out)
    print(f"wrote {args.out}")
    accuracy, _ = _curves(plan, result, "validation")
    lost = np.asarray(result.status).reshape(plan.shape)[:, 0]
    for rate, of_seeds, diverged in zip(args.rates, accuracy[..., -1], lost, strict=True):
        print(f"rate {rate:g}: {_words(of_seeds)}; {int(diverged.sum())} of {diverged.size} diverged")


def _recordings(args: Arguments) -> smilejax.Trials:
    if args.data is not None:
        return smilejax.read(args.data, smilejax.ReadSettings(classes=args.classes))
    study = smilejax.SimulationSettings(participants=12, smilers=4)
    return smilejax.simulate_study(study, key=jax.random.key(0)).trials


def _curves(plan: smilejax.Plan, result: smilejax.RunResult, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and loss of "train" or "validation" trials, each `f64[rates, seeds, epochs]`, over the folds of each seed.

    Folds whose run diverged are left out: a loss that is no number says nothing of the rate, and one of 1e30 would hide
    the others. NaN where every fold of a seed diverged. Counts are those of the trials that were scored.
    """
    scores = getattr(result, group)
    ok = (np.asarray(result.status) == smilejax.RunStatus.OK).reshape(*plan.shape, 1)[:, 0]

    def over_folds(values: np.ndarray) -> np.ndarray:
        return np.where(ok, np.asarray(values, np.float64).reshape(*plan.shape, -1)[:, 0], 0.0).sum(1)

    count = over_folds(scores.count)
    return tuple(
        np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
        for total in (over_folds(scores.correct), over_folds(scores.loss_sum))
    )


def _words(of_seeds: np.ndarray) -> str:
    kept = of_seeds[np.isfinite(of_seeds)]
    if not kept.size:
        return "every run diverged"
    return f"held out {kept.mean():.1%}, seeds {kept.min():.1%} to {kept.max():.1%}"


def _figure(args: Arguments, plan: smilejax.Plan, result: smilejax.RunResult) -> Figure:
    figure = Figure(figsize=(12, 8), dpi=100, facecolor="white", layout="constrained")
    axes = figure.subplots(2, 2, sharex=True)
    for row, (group, name) in enumerate((("train", "training trials"), ("validation", "held-out participants"))):
        accuracy, loss = _curves(plan, result, group)
        for panel, curves, what, chance in zip(axes[row], (loss, accuracy), WHAT, CHANCE, strict=True):
            _draw(panel, plan, curves)
            panel.set_ylabel(what)
            panel.set_title(name, loc="left")
            panel.axhline(chance, color="#999999", lw=1, ls=":")
            panel.spines[["top", "right"]].set_visible(False)
    for panel in axes[1]:
        panel.set_xlabel("epoch")
    axes[0, 0].legend(title="learning rate", frameon=False)
    diverged = int(np.asarray(result.status).sum())
    figure.suptitle(
        f"{len(plan)} trainings: {args.folds} folds by participant x {args.seeds} seeds x {len(args.rates)} learning rates"
        f"{f'; {diverged} diverged, left out' if diverged else ''}. Bands: nine seeds of ten. Dotted: guessing.",
        x=0.01,
        ha="left",
    )
    return figure


def _draw(panel: Axes, plan: smilejax.Plan, curves: np.ndarray) -> None:
    """One line and band for each rate, over seeds; a rate at which all diverged has none."""
    epochs = np.arange(1, curves.shape[-1] + 1)
    for rate, of_seeds, colour in zip(plan.vary["learning_rate"], curves, COLOURS * 3, strict=False):
        kept = of_seeds[np.isfinite(of_seeds).all(-1)]
        if not len(kept):
            continue
        low, high = np.quantile(kept, (0.05, 0.95), axis=0)
        panel.fill_between(epochs, low, high, color=colour, alpha=0.2, lw=0)
        panel.plot(epochs, kept.mean(0), color=colour, label=f"{rate:g}")


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
