"""What a plan came to, in a table: held-out accuracy for each setting, over seeds, for true and for permuted labels."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.likelier_class import likelier_class
from smilejax._util.nan_mean import nan_mean
from smilejax.preprocess.dataset import Dataset
from smilejax.training import RunResult, RunStatus
from smilejax.training.plans.plan import Plan, setting_of


def hits(dataset: Dataset, plan: Plan, result: RunResult) -> npt.NDArray[np.float64]:
    """`f64[R, N]`: 1 where a run classified a test trial of its fold correctly, 0 where not, .5 for a tie (equal logits), NaN
    elsewhere and where it diverged.

    The label is the one that the run was trained on: a run on permuted labels is scored on those.
    """
    rows = np.arange(len(plan))
    scored = plan.folds.test[plan.indices(rows)[2]] & (np.asarray(result.status) == RunStatus.OK)[:, None]
    logits = np.asarray(result.logits)
    predicted = likelier_class(logits[..., 1] - logits[..., 0])
    return np.where(scored, 1 - np.abs(predicted - plan.labels(dataset, rows)), np.nan)


def runs_table(dataset: Dataset, plan: Plan, result: RunResult) -> pd.DataFrame:
    """One row per setting, for the true labels and for all permutations together.

    Returns:
        What varies; labels: "true" or "permuted"; runs; diverged: of these, left out of all that follows. balanced_accuracy:
        mean of the two classes' accuracies on test trials, over all folds, mean over seeds (and permutations);
        balanced_accuracy_sd: its standard deviation between seeds (and permutations), which is no interval for other
        participants; balanced_accuracy_low, balanced_accuracy_high: least and greatest of them. accuracy, accuracy_sd,
        accuracy_low, accuracy_high: the same for the proportion of test trials classified correctly. larger_class_proportion:
        proportion of test trials in the larger class, which is the accuracy of always predicting it. train_loss,
        train_accuracy: mean over runs, after the last epoch.
    """
    correct = hits(dataset, plan, result)
    labels = plan.labels(dataset, np.arange(len(plan)))
    of_class = [np.where(labels == k, correct, np.nan).reshape(*plan.shape, -1) for k in (0, 1)]
    hit = correct.reshape(*plan.shape, -1)
    larger = _larger_class_proportion(dataset, plan)
    ok = (np.asarray(result.status) == RunStatus.OK).reshape(plan.shape)
    # Curves of runs with fewer epochs end in NaN: the last that is none is the run's own.
    last = np.maximum((np.asarray(result.train.count) > 0).sum(1) - 1, 0)
    at = np.arange(len(plan)), last
    loss, accuracy = (values[at].reshape(plan.shape) for values in (result.train.loss, result.train.accuracy))
    rows = []
    for place, settings in enumerate(plan.variants):
        varying = {name: setting_of(settings, name) for name in plan.vary}
        for words, part in (("true", slice(0, 1)), ("permuted", slice(1, None))):
            if not ok[place, part].size:
                continue
            kept = ok[place, part]
            # A seed's score is over the folds of all its runs: sums and counts, divided once.
            accuracies = nan_mean(hit[place, part], (1, 3)).ravel()
            balanced = np.mean([nan_mean(one[place, part], (1, 3)).ravel() for one in of_class], axis=0)
            rows.append(
                {
                    **varying,
                    "labels": words,
                    "runs": kept.size,
                    "diverged": int((~kept).sum()),
                    **_over_seeds("balanced_accuracy", balanced),
                    **_over_seeds("accuracy", accuracies),
                    "larger_class_proportion": larger,
                    "train_loss": loss[place, part][kept].mean() if kept.any() else np.nan,
                    "train_accuracy": accuracy[place, part][kept].mean() if kept.any() else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _over_seeds(name: str, scores: npt.NDArray[np.float64]) -> dict[str, float]:
    """Mean, standard deviation and range of the scores that there are."""
    scores = scores[np.isfinite(scores)]
    return {
        name: float(scores.mean()) if scores.size else np.nan,
        f"{name}_sd": float(scores.std(ddof=1)) if scores.size > 1 else np.nan,
        f"{name}_low": float(scores.min()) if scores.size else np.nan,
        f"{name}_high": float(scores.max()) if scores.size else np.nan,
    }


def _larger_class_proportion(dataset: Dataset, plan: Plan) -> float:
    """Proportion of the larger class among test trials, each counted as often as it is tested."""
    times = plan.folds.test.sum(0)
    of_class = [float(times[np.asarray(dataset.y) == k].sum()) for k in (0, 1)]
    return max(of_class) / sum(of_class) if sum(of_class) else np.nan
