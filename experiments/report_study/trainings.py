"""The trainings on the report's recordings, all by plans, and what each of them came to."""

from dataclasses import dataclass, replace
from pathlib import Path

import jax
import numpy as np
import numpy.typing as npt
import pandas as pd

import smilejax
from report_study.divisions import Divisions, divide, first, further_steps
from report_study.sequences import VIDEO_MS, Sequences
from smilejax._util.likelier_class import likelier_class
from smilejax.training.plans.runs_table import hits

OTHER_RATES = (0.01, 0.1)
"""Learning rates compared with the report's .001, at which the network hardly learns: greater ones."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A plan and its results."""

    dataset: smilejax.Dataset
    plan: smilejax.Plan
    result: smilejax.RunResult


@dataclass(frozen=True, eq=False)
class Trainer:
    """Trains plans, and keeps each in a folder where one is given, to go on from there."""

    seed: int
    folder: Path | None = None

    def __call__(
        self,
        name: str,
        dataset: smilejax.Dataset,
        folds: smilejax.Folds,
        settings: smilejax.TrainingSettings,
        rates: tuple[float, ...] = (),
        *,
        curves: bool = False,
    ) -> Trained:
        """Train one network on each fold, and at each rate."""
        plan = smilejax.Plan(folds, settings, seeds=(self.seed,), vary={"learning_rate": rates} if rates else {})
        folder = None if self.folder is None else self.folder / name
        resume = folder is not None and folder.exists()
        return Trained(dataset, plan, smilejax.train_runs(dataset, plan, folder=folder, resume=resume, curves=curves))


@dataclass(frozen=True, eq=False)
class ReportStudy:
    """Everything that was trained. `other_rates` are on the first splits of `report`. `exclusions` are in the order of what is
    excluded, the report's division first."""

    divisions: Divisions
    report: Trained
    other_rates: Trained
    exclusions: dict[str, Trained]


def train_all(sequences: Sequences, *, splits: int, fewer_splits: int, seed: int, folder: Path | None) -> ReportStudy:
    """The report's protocol; its learning rates; and settings that learn, with more and more excluded from training.

    Arguments:
        splits: of the report's protocol, and of the exclusion of the other eye.
        fewer_splits: of what is compared besides; the first of them are the same.
    """
    trainer = Trainer(seed, folder)
    plain = smilejax.prepare(sequences.trials, replace(smilejax.Recipe.report(), duration_ms=VIDEO_MS))
    cleaned = smilejax.prepare(sequences.trials, smilejax.Recipe(duration_ms=VIDEO_MS))
    theirs, ours = smilejax.TrainingSettings.report(), smilejax.TrainingSettings()
    key, further = jax.random.split(jax.random.key(seed))
    divisions = divide(plain, sequences.viewing, splits=splits, key=key)
    pairs = divide(cleaned, sequences.viewing, splits=splits, key=key)
    report = trainer("report", plain, divisions.report, theirs, curves=True)
    exclusions = {
        "nothing": trainer("nothing-excluded", cleaned, pairs.same_size, ours),
        "other eye": trainer("other-eye-excluded", cleaned, pairs.other_eye_out, ours),
    }
    other_rates = trainer("rates", plain, first(divisions.report, fewer_splits), theirs, OTHER_RATES)
    for name, folds in further_steps(cleaned, splits=fewer_splits, key=further).items():
        exclusions[name] = trainer(f"{name}-excluded".replace(" ", "-"), cleaned, folds, ours)
    return ReportStudy(divisions, report, other_rates, exclusions)


def correct_in(trained: Trained, tested: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """`f64[R]`, sequences classified correctly of some that are tested, `bool[F, N]`; NaN where a run diverged."""
    of_fold = tested[trained.plan.indices(np.arange(len(trained.plan)))[2]]
    hit = hits(trained.dataset, trained.plan, trained.result)
    ended = np.isfinite(hit).any(1)
    return np.where(ended, np.where(of_fold, np.nan_to_num(hit), 0.0).sum(1), np.nan)


def scores_of(trained: Trained) -> pd.DataFrame:
    """One row for each run: `fold`, learning rate where it varies, `correct`, `accuracy`, `balanced_accuracy`, `one_class`
    (the class that all test sequences were assigned to, or -1), `proportion` (of that class among them), `train_loss`,
    `test_loss`. NaN where a run diverged, save for the first two."""
    dataset, plan, result = trained.dataset, trained.plan, trained.result
    y, hit = np.asarray(dataset.y), hits(dataset, plan, result)
    test = plan.folds.test[plan.indices(np.arange(len(plan)))[2]]
    ended = np.isfinite(hit).any(1)
    recalls = []
    for k in (0, 1):
        of_class = test & (y == k)
        recalls.append(np.where(of_class, np.nan_to_num(hit), 0.0).sum(1) / np.maximum(of_class.sum(1), 1))
    logits = np.asarray(result.logits)
    predicted = likelier_class(logits[..., 1] - logits[..., 0])
    always = [np.all((predicted == k) | ~test, axis=1) for k in (0, 1)]
    one_class = np.select(always, (0, 1), -1)
    of_answer = np.where(one_class[:, None] == y, test, False).sum(1) / test.sum(1)
    measured = {
        "correct": np.where(test, np.nan_to_num(hit), 0.0).sum(1),
        "accuracy": np.where(test, np.nan_to_num(hit), 0.0).sum(1) / test.sum(1),
        "balanced_accuracy": np.mean(recalls, axis=0),
        "one_class": one_class,
        "proportion": np.where(one_class >= 0, of_answer, np.nan),
        "train_loss": result.train.loss[:, -1],
        "test_loss": result.validation.loss[:, -1],
    }
    of_run = {name: np.where(ended, values, np.nan) for name, values in measured.items()}
    return plan.table.drop(columns=["run", "labels", "seed"]).assign(**of_run)


def scores_by_rate(study: ReportStudy) -> pd.DataFrame:
    """As `scores_of`, for every learning rate, on the splits that all of them have."""
    others = scores_of(study.other_rates)
    theirs = study.report.plan.settings.learning_rate
    shared = scores_of(study.report).iloc[: len(study.other_rates.plan.folds)]
    return pd.concat([shared.assign(learning_rate=theirs), others], ignore_index=True)
