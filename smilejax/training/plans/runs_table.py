"""What a plan came to, in a table: held-out accuracy for each setting, over seeds, for true and for permuted labels."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.nan_mean import nan_mean
from smilejax.preprocess.dataset import Dataset
from smilejax.training import RunResult, RunStatus
from smilejax.training.plans.plan import Plan, setting_of


def hits(dataset: Dataset, plan: Plan, result: RunResult) -> npt.NDArray[np.float64]:
    """`f64[R, N]`: 1 where a run answered a test trial of its fold right, 0 where wrong, NaN elsewhere and where it diverged.

    Right is what the labels say that the run was trained on: a run on permuted labels is asked for those.
    """
    rows = np.arange(len(plan))
    scored = plan.folds.test[plan.indices(rows)[2]] & (np.asarray(result.status) == RunStatus.OK)[:, None]
    right = np.asarray(result.logits).argmax(-1) == plan.labels(dataset, rows)
    return np.where(scored, right.astype(np.float64), np.nan)


def summary(dataset: Dataset, plan: Plan, result: RunResult) -> pd.DataFrame:
    """One row per setting, for the true labels and for all permutations together.

    Returns:
        What varies; labels: "true" or "permuted"; runs; diverged: of these, left out of all that follows. accuracy: share of
        test trials answered right, over all folds, mean over seeds (and permutations); accuracy_sd: between seeds (and
        permutations), which is the training's own chance and no interval for other people; accuracy_low, accuracy_high: least
        and greatest of them. train_loss, train_accuracy: mean over runs, after the last epoch.
    """
    right = hits(dataset, plan, result).reshape(*plan.shape, -1)
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
            # A seed's accuracy is over the folds of all its runs: sums and counts, divided once.
            of_seeds = nan_mean(right[place, part], (1, 3)).ravel()
            of_seeds = of_seeds[np.isfinite(of_seeds)]
            rows.append(
                {
                    **varying,
                    "labels": words,
                    "runs": kept.size,
                    "diverged": int((~kept).sum()),
                    "accuracy": of_seeds.mean() if of_seeds.size else np.nan,
                    "accuracy_sd": of_seeds.std(ddof=1) if of_seeds.size > 1 else np.nan,
                    "accuracy_low": of_seeds.min() if of_seeds.size else np.nan,
                    "accuracy_high": of_seeds.max() if of_seeds.size else np.nan,
                    "train_loss": loss[place, part][kept].mean() if kept.any() else np.nan,
                    "train_accuracy": accuracy[place, part][kept].mean() if kept.any() else np.nan,
                }
            )
    return pd.DataFrame(rows)
