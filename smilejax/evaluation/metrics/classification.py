"""`measure`: the usual scores of a classifier, of all runs at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax._util.likelier_class import likelier_class
from smilejax.evaluation.metrics.auc import auc
from smilejax.evaluation.metrics.check_predictions import check_scored

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metrics:
    """Scores over the last axis; all else keeps its axes, `...` (none for one run).

    A tie, p = .5 exactly, counts half: half a trial predicted as either class, in the confusion and so in all that is
    computed from it. A classifier that never prefers a class thus scores .5, and not the share of the class that a threshold
    happens to name. `correct` has the same rule. Without ties each score equals scikit-learn's.

    NaN where nothing is scored; what else is undefined is said with each.

    Arguments:
        count: `i64[...]`, trials scored.
        accuracy: proportion classified correctly.
        balanced_accuracy: mean of the two classes' proportions classified correctly; NaN with one class only. Chance is .5
            whatever the class sizes.
        auc: probability that a trial of class 1 has the higher p of a pair, ties half; NaN with one class only.
        f1: harmonic mean of precision and recall of class 1; NaN where no trial is of class 1 or predicted so.
        mcc: Matthews' correlation of predictions and labels, -1 to 1; NaN with one class only, and 0, as in scikit-learn, where
            one class was predicted throughout.
        brier: mean of (p - y)**2, 0 to 1.
        log_loss: mean of -log of the probability given to the true class, in nats. Clipped as scikit-learn does, to
            eps .. 1 - eps with the eps of p's own precision: one certain error costs 36.04 in double, 15.94 in single.
        confusion: `f64[..., 2, 2]`, trials by class (rows) and predicted class (columns), a tie half in each column; each row
            sums to the number of its class.
    """

    count: Int[np.ndarray, "..."]
    accuracy: Float[np.ndarray, "..."]
    balanced_accuracy: Float[np.ndarray, "..."]
    auc: Float[np.ndarray, "..."]
    f1: Float[np.ndarray, "..."]
    mcc: Float[np.ndarray, "..."]
    brier: Float[np.ndarray, "..."]
    log_loss: Float[np.ndarray, "..."]
    confusion: Float[np.ndarray, "... 2 2"]


def measure(
    p: Float[np.ndarray, "*R N"],
    y: Int[np.ndarray, "*R N"] | Int[np.ndarray, " N"],
    mask: Bool[np.ndarray, "*R N"],
) -> Metrics:
    """Score each run's trials.

    Arguments:
        p: `f[..., N]`, probability of class 1; anything, NaN too, outside the mask.
        y: `i[..., N]` or `i[N]`, 0 or 1; anything outside the mask. Runs on permuted labels have their own.
        mask: `bool[..., N]`, which trials each run is scored on.

    Raises:
        ValueError: inside the mask, a p outside 0 to 1 or a y other than 0 and 1.

    Example:
        >>> scores = measure(np.array([0.2, 0.6, 0.7, 0.9]), np.array([0, 0, 1, 1]), np.ones(4, bool))
        >>> scores.accuracy.item(), scores.auc.item(), scores.confusion.tolist()
        (0.75, 1.0, [[1.0, 1.0], [0.0, 2.0]])
        >>> measure(np.full(4, 0.5), np.array([0, 0, 0, 1]), np.ones(4, bool)).confusion.tolist()
        [[1.5, 1.5], [0.5, 0.5]]
    """
    check_scored(p, y, mask)
    eps = np.finfo(p.dtype).eps
    p = np.where(mask, p, 0.5).astype(np.float64)
    positive, negative = mask & (y == 1), mask & (y != 1)
    confusion = _confusion(positive, negative, likelier_class(p - 0.5))
    count = mask.sum(-1)
    hits, predicted = np.trace(confusion, axis1=-2, axis2=-1), confusion.sum(-2)
    of_class = confusion.sum(-1)
    recall = _divide(np.diagonal(confusion, axis1=-2, axis2=-1), of_class)
    given = np.clip(np.where(positive, p, 1 - p), eps, 1 - eps)
    return Metrics(
        count=np.asarray(count),
        accuracy=_divide(hits, count),
        balanced_accuracy=np.asarray(recall.mean(-1)),
        auc=auc(p, negative, positive),
        f1=_divide(2 * confusion[..., 1, 1], of_class[..., 1] + predicted[..., 1]),
        mcc=_mcc(confusion),
        brier=_divide(np.where(mask, (p - positive) ** 2, 0.0).sum(-1), count),
        log_loss=_divide(np.where(mask, -np.log(given), 0.0).sum(-1), count),
        confusion=confusion,
    )


def _divide(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """a / b, NaN where b is 0; an array, of no axes for one run."""
    return np.divide(a, b, out=np.full(np.shape(b), np.nan), where=np.asarray(b) != 0)


def _confusion(positive: npt.NDArray[np.bool_], negative: npt.NDArray[np.bool_], predicted: Floats) -> Floats:
    """By class, then predicted class; `predicted` is 1, 0, or .5 for a tie."""
    rows = [
        np.stack([(true * (1 - predicted)).sum(-1), (true * predicted).sum(-1)], -1) for true in (negative, positive)
    ]
    return np.stack(rows, -2)


def _mcc(confusion: Floats) -> Floats:
    """Matthews (1975): the correlation of two columns of zeros and ones."""
    (tn, fp), (fn, tp) = np.moveaxis(confusion, (-2, -1), (0, 1))
    classes, predictions = (tp + fn) * (tn + fp), (tp + fp) * (tn + fn)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (tp * tn - fp * fn) / np.sqrt(classes * predictions)
    return np.where(classes == 0, np.nan, np.where(predictions == 0, 0.0, r))
