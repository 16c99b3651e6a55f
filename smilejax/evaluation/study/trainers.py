"""How each classifier that can be judged is trained on the runs of a plan: all give the same kind of result."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.combined import as_logits, combined_log_odds, log_odds_of
from smilejax.classifiers.mask_only import mask_as_signal
from smilejax.classifiers.run_classifiers import Learned, run_log_odds
from smilejax.evaluation.study.comparisons import pupil_baseline
from smilejax.evaluation.study.out_of_fold import OnRunsEnded, Trainer, TrainOptions
from smilejax.evaluation.study.preparation import PreparedStudy
from smilejax.preprocess.dataset import Dataset
from smilejax.recordings.recording import length_ms
from smilejax.settings import Classifier, TrainingSettings
from smilejax.settings.classifier_names import FITTED
from smilejax.training import RunResult, RunStatus
from smilejax.training.plans import Plan
from smilejax.training.run import Scores

MOST_KEPT = 1000
"""Trials up to which it is kept what a fold's training trials teach without labels: 8 MB for each fold."""


def trainer_of(
    prepared: PreparedStudy, *, folder: Path | None, progress: OnRunsEnded, options: TrainOptions
) -> Trainer:
    """The trainer of the classifier that a study judges."""
    network = Trainer(prepared.dataset, prepared.training, prepared.vary, folder, progress, options)
    if prepared.settings.classifier == "network":
        return network
    return fitted_trainer(
        network, prepared.settings.classifier, baseline=pupil_baseline(prepared), length_ms=length_ms(prepared.trials)
    )


def fitted_trainer(
    network: Trainer,
    classifier: Classifier,
    *,
    baseline: npt.NDArray[np.float32] | None,
    length_ms: npt.NDArray[np.float32],
) -> "FittedTrainer":
    """The trainer of another classifier than the network, from that of the network. Arguments as in `FittedTrainer`."""
    kind = CombinedTrainer if classifier == "combined" else FittedTrainer
    parts = {field.name: getattr(network, field.name) for field in fields(network)}
    return kind(**parts, fitted=FITTED[classifier], baseline=baseline, length_ms=length_ms)


@dataclass(frozen=True)
class FittedTrainer(Trainer):
    """Trains a classifier of `OFFERED`: a closed form or a few steps. Runs are fitted again where a study is resumed.

    Arguments:
        fitted: its name. baseline, length_ms: as in `TrialInfo`. learned: as in `run_log_odds`.
    """

    fitted: str
    baseline: npt.NDArray[np.float32] | None
    length_ms: npt.NDArray[np.float32]
    learned: Learned | None = None

    def for_many_plans(self) -> Trainer:
        """Keep what is learned without labels, where it takes little memory."""
        return replace(self, learned={} if len(self.dataset) <= MOST_KEPT else None)

    def train(self, plan: Plan, name: str, *, curves: bool = False) -> RunResult:
        """Fit the runs of a plan. There are no curves; `name` names no folder."""
        plan.check(self.dataset)
        log_odds = self.log_odds(plan)
        self.progress(len(plan))
        none = Scores(*(np.zeros((len(plan), 1), kind) for kind in (np.float32, np.int32, np.int32)))
        status = np.full(len(plan), RunStatus.OK, np.int32)
        return RunResult(none, none, as_logits(log_odds), status, None)

    def given_mask(self, masked: Dataset, settings: TrainingSettings) -> Trainer:
        """Without the level before the response, which is no mask."""
        return replace(self, dataset=masked, settings=settings, vary={}, baseline=None, learned=None)

    def log_odds(self, plan: Plan) -> Float[np.ndarray, "R N"]:
        """Log odds of class 1 of all trials, for every run of a plan: fitted once for each fold and labelling, with the first
        seed. The plan's settings are not the classifier's.
        """
        labellings = plan.labellings
        labels = plan.labels(self.dataset, np.ravel_multi_index((0, np.arange(labellings), 0, 0), plan.shape))
        info = TrialInfo(mask_as_signal(self.dataset), self.baseline, self.length_ms)
        train = plan.folds.train
        key = jax.random.key(plan.seeds[0])
        found = run_log_odds(self.fitted, info, train, labels, key=key, learned=self.learned).astype(np.float64)
        every = np.broadcast_to(found[None, :, :, None], (*plan.shape, found.shape[-1]))
        return every.reshape(len(plan), -1)


@dataclass(frozen=True)
class CombinedTrainer(FittedTrainer):
    """Trains the network and a classifier of `OFFERED`, and gives the mean of their log odds, see `combined`."""

    def train(self, plan: Plan, name: str, *, curves: bool = False) -> RunResult:
        """Train a plan, or continue what the folder holds of its networks. Curves are those of the network."""
        return self.train_parts(plan, name, curves=curves)[1]

    def train_parts(self, plan: Plan, name: str, *, curves: bool = False) -> tuple[RunResult, RunResult]:
        """The results of the network alone, and of both together."""
        network = Trainer.train(self, plan, name, curves=curves)
        first, second = log_odds_of(np.asarray(network.logits)), self.log_odds(plan)
        return network, replace(network, logits=as_logits(combined_log_odds(first, second)))
