"""Out-of-fold predictions of a protocol's runs, with hyperparameters chosen inside each fold where several were given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax._util.nan_mean import nan_mean
from smilejax._util.softmax import softmax
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import TrainingSettings
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels
from smilejax.training import RunResult, RunStatus
from smilejax.training.plans import Plan, train_runs
from smilejax.training.plans.plan import SettingValue
from smilejax.training.programs import DeviceOptions

OnRunsEnded = Callable[[int], None]
Vary = Mapping[str, tuple[SettingValue, ...]]
"""Hyperparameters to choose among, and their values; see `Plan.vary`."""


class TrainOptions(DeviceOptions, total=False):
    """Further options of `smilejax.train_runs`."""

    memory_bytes: int | None


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions of F folds x S seeds for N trials under L labellings: the true labels first, then permutations.

    Arguments:
        logits: `f32[L, F, S, N, 2]`. ok: `bool[L, F, S]`, False where a run diverged.
        labels: `i32[L, N]`, those trained on.
        chosen: `i32[L, F]`, number of the hyperparameter setting that was taken, from 0.
    """

    logits: Float[np.ndarray, "L F S N 2"]
    ok: Bool[np.ndarray, "L F S"]
    labels: Int[np.ndarray, "L N"]
    chosen: Int[np.ndarray, "L F"]

    def probability(self) -> Float[np.ndarray, "L F S N"]:
        """P(class 1), NaN where a run diverged."""
        p = softmax(self.logits.astype(np.float64))[..., 1]
        return np.where(self.ok[..., None], p, np.nan)


@dataclass(frozen=True, eq=False)
class Curves:
    """Loss and accuracy after each epoch, of the settings chosen, `f64[F, S, E]`; NaN where a run diverged or had ended."""

    train_loss: Float[np.ndarray, "F S E"]
    train_accuracy: Float[np.ndarray, "F S E"]
    test_loss: Float[np.ndarray, "F S E"]
    test_accuracy: Float[np.ndarray, "F S E"]


@dataclass(frozen=True)
class Trainer:
    """How plans of a study are trained: on what, with which settings, and where they are kept.

    Arguments:
        dataset: N trials.
        settings, vary: as in `Plan`.
        folder: of the study; None keeps nothing on disk.
        progress: called with the number of runs that ended, as they do.
        options: of `train_runs`: devices, width, memory_bytes.
    """

    dataset: Dataset
    settings: TrainingSettings
    vary: Vary
    folder: Path | None
    progress: OnRunsEnded
    options: TrainOptions

    def plan(self, folds: Folds, seeds: tuple[int, ...], permuted: PermutedLabels | None = None) -> Plan:
        """Every combination of settings, labellings, folds and seeds."""
        return Plan(folds, self.settings, seeds=seeds, vary=self.vary, permuted=permuted)

    def given_mask(self, masked: Dataset, settings: TrainingSettings) -> "Trainer":
        """The same for a dataset that holds only which samples are missing, and one setting."""
        return replace(self, dataset=masked, settings=settings, vary={})

    def for_many_plans(self) -> "Trainer":
        """The same for many plans on the same folds and seeds, which differ in labels alone."""
        return self

    def train(self, plan: Plan, name: str, *, curves: bool = False) -> RunResult:
        """Train a plan, or continue what the folder holds of it. `name` is that of its folder, and unique in a study."""
        before = 0

        def report_done(done: int) -> None:
            nonlocal before
            self.progress(done - before)
            before = done

        folder = None if self.folder is None else self.folder / "runs" / name
        # What is there was begun by this study: `evaluate` refuses a folder that it may not continue.
        resume = folder is not None and (folder / "plan.json").is_file()
        return train_runs(
            self.dataset, plan, folder=folder, resume=resume, curves=curves, progress=report_done, **self.options
        )


def out_of_fold_predictions(
    dataset: Dataset, plan: Plan, result: RunResult, chosen: npt.NDArray[np.int32] | None = None
) -> OutOfFold:
    """The predictions of a plan that has ended.

    Arguments:
        chosen: `i32[L, F]`, the hyperparameter setting that each fold takes under each labelling; None takes the first.
    """
    variants, labellings, folds, seeds = plan.shape
    logits = np.asarray(result.logits).reshape(variants, labellings, folds, seeds, len(dataset), 2)
    ok = (np.asarray(result.status) == RunStatus.OK).reshape(plan.shape)
    taken = np.zeros((labellings, folds), np.int32) if chosen is None else chosen
    at = taken, np.arange(labellings)[:, None], np.arange(folds)[None, :]
    rows = np.ravel_multi_index((0, np.arange(labellings), 0, 0), plan.shape)
    return OutOfFold(logits[at], ok[at], plan.labels(dataset, rows), taken)


def curves_of(plan: Plan, result: RunResult, chosen: npt.NDArray[np.int32]) -> Curves:
    """The curves of the true labels' runs. `chosen`: `i32[F]`."""
    folds = np.arange(plan.shape[2])
    ok = (np.asarray(result.status) == RunStatus.OK).reshape(plan.shape)[chosen, 0, folds]

    def taken(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.where(ok[..., None], values.reshape(*plan.shape, -1)[chosen, 0, folds], np.nan)

    scores = (result.train.loss, result.train.accuracy, result.validation.loss, result.validation.accuracy)
    return Curves(*map(taken, scores))


def mean_over_folds(
    values: npt.NDArray[np.floating], test: Bool[np.ndarray, "F N"], fold_axis: int
) -> npt.NDArray[np.float64]:
    """Mean over the folds that score a trial, without the axis of folds.

    Arguments:
        values: `[..., F, ..., N]`, NaN where a run diverged; trials are the last axis.
        test: which fold scores which trial.
        fold_axis: where F is.

    Returns:
        `f64[..., N]`, NaN where no fold that scores the trial has a prediction.
    """
    moved = np.moveaxis(np.asarray(values, np.float64), fold_axis, -2)
    return nan_mean(np.where(test, moved, np.nan), -2)
