"""Trial by trial, over all the runs that scored a trial; and by participant or stimulus."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax._util.likelier_class import likelier_class
from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics.check_predictions import check_scored

if TYPE_CHECKING:
    import pandas as pd


def correct(p: npt.NDArray[np.floating], y: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """1 where the likelier class is the label, 0 where not, NaN without a prediction or a label. A tie counts half.

    Arguments:
        p: `f[..., N]`, P(class 1). y: `i[..., N]`, which broadcasts against it.
    """
    return np.where(np.isfinite(p) & (y >= 0), 1 - np.abs(likelier_class(p - 0.5) - (y == 1)), np.nan)


def balanced_accuracy(hit: npt.NDArray[np.float64], y: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """Balanced accuracy of hits, which may be proportions: the mean of the two classes' means. NaN without a trial of either.

    Arguments:
        hit: `f64[..., N]`, NaN where not scored. y: `i[..., N]`, which broadcasts against it.
    """
    first, second = (nan_mean(np.where(y == label, hit, np.nan), -1) for label in (0, 1))
    return np.asarray((first + second) / 2)


@dataclass(frozen=True, eq=False)
class PerTrial:
    """The runs' predictions of each of N trials.

    Arguments:
        y: `i[N]`, the class, as given.
        p: `f64[N]`, mean probability of class 1 over the runs that scored the trial; NaN where none did.
        hit: `f64[N]`, proportion of these runs that classified it correctly (`correct`); NaN where none did.
        runs: `i64[N]`, how many did.
    """

    y: Int[np.ndarray, " N"]
    p: Float[np.ndarray, " N"]
    hit: Float[np.ndarray, " N"]
    runs: Int[np.ndarray, " N"]

    def table(self) -> "pd.DataFrame":
        """One row per trial: y, p, hit, runs."""
        import pandas as pd

        return pd.DataFrame({"y": self.y, "p": self.p, "hit": self.hit, "runs": self.runs})


def per_trial(p: Float[np.ndarray, "R N"], scored: Bool[np.ndarray, "R N"], y: Int[np.ndarray, " N"]) -> PerTrial:
    """Gather runs by trial.

    Arguments:
        p: `f[R, N]`, probability of class 1; anything where not scored.
        scored: `bool[R, N]`, the trials that each run is scored on; none of a run that diverged.
        y: `i[N]`, the true class, the same for all runs: permuted runs do not belong here.

    Raises:
        ValueError: where scored, a p outside 0 to 1 or a y other than 0 and 1.
    """
    check_scored(p, y, scored)
    predicted = np.where(scored, p.astype(np.float64), np.nan)
    return PerTrial(y, nan_mean(predicted, 0), nan_mean(correct(predicted, y[None]), 0), scored.sum(0))


def grouped(
    hit: Float[np.ndarray, " N"], p: Float[np.ndarray, " N"], codes: Int[np.ndarray, " N"], y: Int[np.ndarray, " N"]
) -> "pd.DataFrame":
    """Trials by participant, or by stimulus.

    Arguments:
        hit, p: `f[N]`, as `PerTrial` has them; trials that are NaN in hit are left out.
        codes: `i[N]`, who or what each trial belongs to; trials with a negative code are left out.
        y: `i[N]`, class 0 or 1.

    Returns:
        One row per code that has a trial, in order: code, trials, accuracy (mean hit), balanced_accuracy (mean over the two
        classes; NaN with one only), mean_p, count_0, count_1 (trials of either class).
    """
    import pandas as pd

    kept = np.isfinite(hit) & (codes >= 0)
    hit, p, y = hit[kept], p[kept], y[kept]
    check_scored(p, y, np.ones(len(p), bool))
    names, of = np.unique(codes[kept], return_inverse=True)
    cells = of * 2 + y  # by code, then class
    count, hits, total_p = (np.bincount(cells, v, 2 * len(names)).reshape(-1, 2) for v in (np.ones(len(hit)), hit, p))
    trials = count.sum(1)
    share = np.divide(hits, count, out=np.full(hits.shape, np.nan), where=count > 0)
    return pd.DataFrame(
        {
            "code": names,
            "trials": trials.astype(np.int64),
            "accuracy": hits.sum(1) / trials,
            "balanced_accuracy": share.mean(1),
            "mean_p": total_p.sum(1) / trials,
            "count_0": count[:, 0].astype(np.int64),
            "count_1": count[:, 1].astype(np.int64),
        }
    )
