"""One figure of the trainings on the report's recordings."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from report_study.chance import CORRECT
from report_study.divisions import FEWER_TESTED, TESTED
from report_study.trainings import ReportStudy, Trained, correct_in, scores_by_rate, scores_of
from smilejax import RunStatus

BLUE, RED, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"
COLOURS = (BLUE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def draw(study: ReportStudy, path: Path) -> None:
    """Histograms with the report's number, curves by epoch, learning rates, and what exclusions do."""
    figure = Figure(figsize=(12, 11), dpi=120, facecolor="white", layout="constrained")
    panels = figure.subplots(3, 2)
    tests = ((TESTED, study.report.plan.folds.test), (FEWER_TESTED, study.divisions.fewer))
    for panel, (tested, mask) in zip(panels[0], tests, strict=True):
        _histogram(panel, study, tested, mask)
    _curves(panels[1, 0], study.report, "loss", "loss in nats")
    _curves(panels[1, 1], study.report, "accuracy", "accuracy")
    _rates(panels[2, 0], scores_by_rate(study))
    _exclusions(panels[2, 1], study.exclusions)
    for panel in panels.ravel():
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def _histogram(panel: Axes, study: ReportStudy, tested: int, mask: npt.NDArray[np.bool_]) -> None:
    correct, one = correct_in(study.report, mask), (scores_of(study.report).one_class >= 0).to_numpy()
    bins = np.arange(tested + 2) - 0.5
    kept = np.isfinite(correct)
    groups = [correct[kept & one], correct[kept & ~one]]
    panel.hist(
        groups, bins=list(bins), stacked=True, color=[BLUE, "#E69F00"], label=["one class throughout", "both classes"]
    )
    panel.axvline(
        CORRECT[tested], color=RED, ls="--", lw=1.5, label=f"the report's 62.8571%, {CORRECT[tested]} of {tested}"
    )
    panel.set_xlim(0.2 * tested, 0.8 * tested)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.set_xlabel(f"sequences classified correctly, of {tested}")
    panel.set_ylabel("trainings")
    panel.set_title(f"The report's protocol, {len(correct)} splits", loc="left")
    panel.legend(frameon=False, fontsize=8, loc="upper left")


def _curves(panel: Axes, trained: Trained, what: str, words: str) -> None:
    """Median over splits, and their range, after each epoch."""
    ok = np.asarray(trained.result.status) == RunStatus.OK
    groups = (("training", trained.result.train, BLUE), ("test", trained.result.validation, RED))
    for name, scores, colour in groups:
        values = getattr(scores, what)[ok]
        epochs = np.arange(1, values.shape[1] + 1)
        panel.fill_between(epochs, values.min(0), values.max(0), color=colour, alpha=0.15, lw=0)
        panel.plot(epochs, np.median(values, axis=0), color=colour, label=name)
    panel.axhline(np.log(2) if what == "loss" else 0.5, color=GREY, lw=1, ls=":", label="guessing")
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.set_ylabel(words)
    panel.set_title(f"{what.capitalize()} by epoch: median and range over splits", loc="left")
    panel.legend(frameon=False, fontsize=8)


def _rates(panel: Axes, table: pd.DataFrame) -> None:
    for at, (rate, scores) in enumerate(table.groupby("learning_rate")):
        _points(panel, at, scores.accuracy.to_numpy(), COLOURS[at % len(COLOURS)])
        one = (scores.one_class >= 0).sum() / max(1, scores.accuracy.notna().sum())
        panel.text(at, 0.98, f"one class\npredicted\nin {one:.0%}", ha="center", va="top", fontsize=8)
        panel.text(at, 0.02, f"rate {rate:g}", ha="center", fontsize=8)
    _proportions(panel, table.learning_rate.nunique())
    panel.set_ylabel("accuracy")
    panel.set_title("The report's settings at other learning rates", loc="left")


def _exclusions(panel: Axes, exclusions: dict[str, Trained]) -> None:
    for at, (excluded, trained) in enumerate(exclusions.items()):
        _points(panel, at, scores_of(trained).balanced_accuracy.to_numpy(), COLOURS[at % len(COLOURS)])
        panel.text(at, 0.02, excluded.replace(" and ", "\nand "), ha="center", fontsize=8)
    _proportions(panel, len(exclusions))
    panel.set_ylabel("balanced accuracy")
    panel.set_title("Settings that learn, by what of a test sequence is not in training", loc="left")


def _points(panel: Axes, at: int, values: npt.NDArray[np.float64], colour: str) -> None:
    """Every training as a point, and their median."""
    kept = values[np.isfinite(values)]
    beside = np.random.default_rng(0).uniform(-0.25, 0.25, len(kept))
    panel.plot(at + beside, kept, ".", color=colour, alpha=0.45, ms=7, mew=0)
    if len(kept):
        panel.plot([at - 0.32, at + 0.32], [np.median(kept)] * 2, color=colour, lw=2.5)


def _proportions(panel: Axes, count: int) -> None:
    panel.axhline(0.5, color=GREY, lw=1, ls=":")
    panel.set_ylim(0, 1)
    panel.set_xlim(-0.5, count - 0.5)
    panel.set_xticks([])
