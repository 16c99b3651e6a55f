"""How much of a score's spread is the seed's, and how much the fold's; the two are never added up into one "sd"."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float


@dataclass(frozen=True)
class ScoreSpread:
    """ScoreSpread of a score over F folds and S seeds.

    The variances are of one training's score, by two-way random effects (one training in each cell, so that what depends
    on fold and seed together is in the residual); estimates below 0 are given as 0.

    Arguments:
        mean: over folds and seeds.
        sd_seeds: between seeds, of the mean over folds; the training's own chance. NaN with one seed.
        low, high: least and greatest of these means.
        sd_folds: between folds, of the mean over seeds; which participants or stimuli were held out. NaN with one fold.
        var_seeds, var_folds, var_residual: variance components; NaN without two of either.
        folds, seeds: those that all of the above is of.
        diverged: trainings without a score, out of all.
    """

    mean: float
    sd_seeds: float
    low: float
    high: float
    sd_folds: float
    var_seeds: float
    var_folds: float
    var_residual: float
    folds: int
    seeds: int
    diverged: int


def score_spread(scores: Float[np.ndarray, "F S"]) -> ScoreSpread:
    """Take the spread of scores apart.

    A fold in which no seed has a score is left out; then every seed that lacks a fold still there: its mean would be of
    other folds than the others', and easier or harder for that alone.

    Arguments:
        scores: `f[F, S]`, of fold f with seed s; NaN where it diverged.

    Returns:
        NaN throughout where nothing is left.
    """
    seen = np.isfinite(scores)
    kept = scores[seen.any(1)].astype(np.float64)
    kept = kept[:, np.isfinite(kept).all(0)] if kept.size else kept[:, :0]
    folds, seeds = kept.shape
    diverged = int((~seen).sum())
    if not kept.size:
        return ScoreSpread(*(math.nan,) * 8, folds=folds, seeds=seeds, diverged=diverged)
    of_seeds, of_folds = kept.mean(0), kept.mean(1)
    return ScoreSpread(
        float(kept.mean()),
        _sd(of_seeds),
        float(of_seeds.min()),
        float(of_seeds.max()),
        _sd(of_folds),
        *_components(kept),
        folds=folds,
        seeds=seeds,
        diverged=diverged,
    )


def _sd(values: npt.NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else math.nan


def _components(scores: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Variance of seeds, of folds and of the rest, from the mean squares (Searle, Casella & McCulloch 1992, ch. 4)."""
    folds, seeds = scores.shape
    if min(folds, seeds) < 2:
        return math.nan, math.nan, math.nan
    of_folds, of_seeds = scores.mean(1, keepdims=True), scores.mean(0, keepdims=True)
    residual = float(((scores - of_folds - of_seeds + scores.mean()) ** 2).sum() / ((folds - 1) * (seeds - 1)))
    seed = float(of_seeds.var(ddof=1)) - residual / folds
    fold = float(of_folds.var(ddof=1)) - residual / seeds
    return max(seed, 0.0), max(fold, 0.0), residual
