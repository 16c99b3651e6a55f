"""How good a network is before a trial is over: its out-of-fold scores by elapsed time."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError
from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics import calibration_error, calibration_null, measure
from smilejax.prediction.ensemble import Arrays, mean_probability, members_of
from smilejax.prediction.predictor import CHUNK
from smilejax.prediction.stream import check_causal
from smilejax.preprocess.cleaning import prepare, settle
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.trials import Trials
from smilejax.settings import ModelSettings, TrainingSettings
from smilejax.splits import Folds
from smilejax.training import RunStatus
from smilejax.training.plans import Plan, train_runs

PARTS = 10
"""Times at which scores are given, by default: so many equal parts of a trial."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ElapsedScore:
    """Scores of trials of which the first part alone was given.

    Arguments:
        elapsed_ms: of each trial, from its first sample. trials: that were scored.
        accuracy, balanced_accuracy: 0 to 1. log_loss: in nats; 0.693 is that of a probability of .5 for all.
        calibration_error: expected calibration error, 0 to 1. calibration_high: the error that a perfectly calibrated model
            with these probabilities exceeds in 2.5% of all samples.
    """

    elapsed_ms: float
    trials: int
    accuracy: float
    balanced_accuracy: float
    log_loss: float
    calibration_error: float
    calibration_high: float


def scores_by_elapsed_time(
    trials: Trials,
    recipe: Recipe,
    training: TrainingSettings,
    folds: Folds,
    *,
    seeds: Sequence[int] = (0,),
    parts: int = PARTS,
) -> tuple[ElapsedScore, ...]:
    """Train a network for each fold and seed, and score it on the trials that the fold holds out, as they go on.

    Arguments:
        trials: N labelled recordings. recipe: a causal one, as `Recipe.causal()`.
        training: with `truncate_from` below 1 for a network that is to be streamed.
        folds: of `smilejax.prepare(trials, recipe)`, as `smilejax.by_participant` makes them.
        seeds: trainings of each fold, whose probabilities are averaged.
        parts: into how many equal times a trial is cut, from 1.

    Returns:
        One for each time. Trials that are shorter count in full from their end on.

    Raises:
        SettingsError: the recipe is not causal. DataError: every training diverged.

    Example:
        >>> folds = smilejax.by_participant(smilejax.prepare(trials, recipe))        # doctest: +SKIP
        >>> for score in scores_by_elapsed_time(trials, recipe, training, folds):    # doctest: +SKIP
        ...     print(score.elapsed_ms, score.balanced_accuracy)
    """
    settled = settle(recipe, trials)
    check_causal(settled, rate_hz=trials.rate_hz, in_mm=trials.unit == "mm")
    dataset = prepare(trials, settled)
    result = train_runs(dataset, Plan(folds, training, seeds=tuple(seeds)), parameters=True, curves=False)
    ok = np.asarray(result.status).reshape(len(folds), len(seeds)) == RunStatus.OK
    if not ok.any():
        raise DataError("every training diverged. Lower the learning rate.")
    x, valid, test = np.asarray(dataset.x), np.asarray(dataset.valid), np.asarray(folds.test)
    steps = elapsed_steps(x.shape[1], parts)
    found = np.full((len(folds), len(steps), len(dataset)), np.nan)
    for fold in np.flatnonzero(ok.any(1)):
        rows = np.flatnonzero(test[fold])
        runs = fold * len(seeds) + np.flatnonzero(ok[fold])
        members = [jax.tree.map(lambda leaf, at=run: np.asarray(leaf)[at], result.variables) for run in runs]
        found[fold][:, rows] = probability_by_step(members, x[rows], valid[rows], steps, model=training.model)
    p = nan_mean(found, 0)
    scored = dataset.kept & (np.asarray(dataset.y) >= 0) & np.isfinite(p[0])
    return elapsed_scores(p, np.asarray(dataset.y), scored, steps * 1000 / dataset.rate_hz)


def elapsed_steps(steps: int, parts: int = PARTS) -> npt.NDArray[np.int64]:
    """Steps that are given of a trial at each time: `parts` equal ones, each at least one step more than the one before."""
    return np.unique(np.maximum(np.round(np.arange(1, parts + 1) * steps / parts), 1).astype(np.int64))


def probability_by_step(
    members: Sequence[Arrays],
    x: npt.NDArray[np.float32],
    valid: Mask,
    steps: npt.NDArray[np.int64],
    *,
    model: ModelSettings,
    temperature: float = 1.0,
) -> npt.NDArray[np.float64]:
    """`f64[S, N]`: the probability of class 1 of N trials, the mean over networks, given the first steps of each.

    Arguments:
        members: the variables of each network. x: `f32[N, T, C]`. valid: `bool[N, T]`.
        steps: how many are given at each of S times. model, temperature: as in `mean_probability`.
    """
    so_far = np.arange(valid.shape[1])
    return np.stack(
        [
            mean_probability(members, x, valid & (so_far < given), model=model, chunk=CHUNK, temperature=temperature)[
                :, 1
            ]
            for given in steps
        ]
    )


def elapsed_scores(
    p: npt.NDArray[np.float64], y: npt.NDArray[np.integer], scored: Mask, elapsed_ms: npt.NDArray[np.float64]
) -> tuple[ElapsedScore, ...]:
    """Scores at each time.

    Arguments:
        p: `f64[S, N]`. y: `i[N]`. scored: `bool[N]`. elapsed_ms: `f64[S]`.
    """
    found = []
    for at, time in zip(p, elapsed_ms, strict=True):
        metrics = measure(at, y, scored)
        own, labels = at[scored], y[scored].astype(np.int64)
        found.append(
            ElapsedScore(
                float(time),
                int(scored.sum()),
                float(metrics.accuracy),
                float(metrics.balanced_accuracy),
                float(metrics.log_loss),
                calibration_error(own, labels),
                calibration_null(own, draws=500, seed=0).high,
            )
        )
    return tuple(found)


def of_model(
    variables: Arrays, members: int | None, x: npt.NDArray[np.float32], valid: Mask, *, model: ModelSettings
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Probabilities of a trained model by step, and the steps; see `probability_by_step`."""
    steps = elapsed_steps(x.shape[1])
    return probability_by_step(members_of(variables, members), x, valid, steps, model=model), steps
