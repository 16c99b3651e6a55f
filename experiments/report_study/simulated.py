"""The report's protocol on simulated studies of its size: 35 single trials held out of 140, at several effects."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jax
import numpy as np
import pandas as pd
from scipy.stats import binom

import smilejax
from smilejax.evaluation.statistics import split_score
from smilejax.training.plans.runs_table import hits

HELD_OUT, CORRECT, PARTICIPANTS, SMILERS = 35, 22, 14, 5
Preset = Literal["report", "default"]


@dataclass(frozen=True)
class Simulated:
    """What is simulated, and how often it is divided and trained on."""

    preset: Preset
    effects: tuple[float, ...]
    studies: int
    splits: int
    seed: int


def run(args: Simulated, plot: Path | None) -> None:
    """Simulate, split, train, count, and print how often the report's number is reached."""
    correct = {effect: counts_of(args, effect) for effect in args.effects}
    print(
        f"{args.studies} studies x {args.splits} splits for each effect, preset {args.preset}; trials correct, of {HELD_OUT}."
    )
    print(table_of(correct).to_string(index=False))
    score = split_score(CORRECT, HELD_OUT)
    chance = float(binom.sf(CORRECT - 1, HELD_OUT, 0.5))
    print(
        f"By chance, {CORRECT} or more of {HELD_OUT} are correct one time in {1 / chance:.1f} (p = {score.p:.3f}; Wilson "
        f"interval of the accuracy {score.low:.0%} to {score.high:.0%})."
    )
    if plot is not None:
        draw(correct, plot)
        print(f"wrote {plot}")


def counts_of(args: Simulated, effect_mm: float) -> np.ndarray:
    """`i64[R]`, held-out trials classified correctly in each training; -1 where it diverged."""
    settings = smilejax.SimulationSettings(participants=PARTICIPANTS, smilers=SMILERS, effect_mm=effect_mm)
    report = args.preset == "report"
    recipe = smilejax.Recipe.report() if report else smilejax.Recipe()
    training = smilejax.TrainingSettings.report() if report else smilejax.TrainingSettings()
    found = []
    for study in range(args.studies):
        # One study has the same participants, stimuli and splits whatever the effect.
        study_key, split_key = jax.random.split(jax.random.fold_in(jax.random.key(args.seed), study))
        dataset = smilejax.prepare(smilejax.simulate_study(settings, key=study_key).trials, recipe)
        proportion = HELD_OUT / int(dataset.kept.sum())
        folds = smilejax.hold_out_trials(dataset, proportion, repeats=args.splits, stratified=False, key=split_key)
        plan = smilejax.Plan(folds, training, seeds=(args.seed + study,))
        result = smilejax.train_runs(dataset, plan, curves=False)
        hit = hits(dataset, plan, result)
        found.append(np.where(np.isfinite(hit).any(1), np.nansum(hit, 1), -1).astype(int))
    return np.concatenate(found)


def table_of(correct: dict[float, np.ndarray]) -> pd.DataFrame:
    """One row for each effect."""
    rows = []
    for effect, counts in correct.items():
        ended = counts[counts >= 0]
        low, middle, high = np.quantile(ended / HELD_OUT, (0.05, 0.5, 0.95))
        rows.append(
            {
                "effect mm": effect,
                "trainings": len(ended),
                "diverged": int((counts < 0).sum()),
                "median": f"{middle:.1%}",
                "nine of ten": f"{low:.0%} to {high:.0%}",
                "exactly 22": f"{(ended == CORRECT).mean():.1%}",
                "22 or more": f"{(ended >= CORRECT).mean():.1%}",
            }
        )
    return pd.DataFrame(rows)


def draw(correct: dict[float, np.ndarray], path: Path) -> None:
    """Histograms of trials classified correctly, one panel for each effect, with the report's number."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(len(correct), 1, sharex=True, figsize=(7, 1.6 * len(correct) + 0.6), squeeze=False)
    for panel, (effect, counts) in zip(panels[:, 0], correct.items(), strict=True):
        ended = counts[counts >= 0]
        panel.bar(np.arange(HELD_OUT + 1), np.bincount(ended, minlength=HELD_OUT + 1) / len(ended), color="#0072B2")
        panel.axvline(CORRECT, color="#D55E00", linestyle="--", linewidth=1.5)
        panel.set_title("no effect" if effect == 0 else f"{effect:g} mm", loc="left", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0, 0].text(CORRECT + 0.3, panels[0, 0].get_ylim()[1] * 0.85, "the report: 22", color="#D55E00", fontsize=9)
    panels[-1, 0].set_xlabel(f"trials classified correctly, of {HELD_OUT}")
    figure.supylabel("proportion of trainings", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
