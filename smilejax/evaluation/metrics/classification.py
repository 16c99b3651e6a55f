"""`measure`: the usual scores of a classifier, of all runs at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax.evaluation.metrics.check_predictions import check_scored

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metrics:
    """Scores over the last axis; all else keeps its axes, `...` (none for one run). Each equals scikit-learn's.

    NaN where nothing is scored; what else is undefined is said with each.

    Arguments:
        count: `i64[...]`, trials scored.
        accuracy: share answered right.
        balanced_accuracy: mean of the two classes' shares answered right; NaN with one class only. A coin reaches .5
            whatever the class sizes.
        auc: probability that a trial of class 1 has the higher p of a pair, ties half; NaN with one class only.
        f1: harmonic mean of precision and recall of class 1; NaN where no trial is of class 1 or answered so.
        mcc: Matthews' correlation of answers and labels, -1 to 1; NaN with one class only, and 0, as in scikit-learn, where
            one answer was given throughout.
        brier: mean of (p - y)**2, 0 to 1.
        log_loss: mean of -log of the probability given to the true class, in nats. Clipped as scikit-learn does, to
            eps .. 1 - eps with the eps of p's own precision: one certain error costs 36.04 in double, 15.94 in single.
        confusion: `i64[..., 2, 2]`, trials by class (rows) and answer (columns).
    """

    count: Int[np.ndarray, "..."]
    accuracy: Float[np.ndarray, "..."]
    balanced_accuracy: Float[np.ndarray, "..."]
    auc: Float[np.ndarray, "..."]
    f1: Float[np.ndarray, "..."]
    mcc: Float[np.ndarray, "..."]
    brier: Float[np.ndarray, "..."]
    log_loss: Float[np.ndarray, "..."]
    confusion: Int[np.ndarray, "... 2 2"]


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
        ValueError: inside the mask, a p that is no probability or a y that is no class.

    Example:
        >>> scores = measure(np.array([0.2, 0.6, 0.7, 0.9]), np.array([0, 0, 1, 1]), np.ones(4, bool))
        >>> scores.accuracy.item(), scores.auc.item(), scores.confusion.tolist()
        (0.75, 1.0, [[1, 1], [0, 2]])
    """
    check_scored(p, y, mask)
    eps = np.finfo(p.dtype).eps
    p = np.where(mask, p, 0.5).astype(np.float64)
    positive, negative = mask & (y == 1), mask & (y != 1)
    confusion = _confusion(positive, negative, p > 0.5)
    count = confusion.sum((-2, -1))
    right, predicted = np.trace(confusion, axis1=-2, axis2=-1), confusion.sum(-2)
    of_class = confusion.sum(-1)
    recall = _divide(np.diagonal(confusion, axis1=-2, axis2=-1), of_class)
    given = np.clip(np.where(positive, p, 1 - p), eps, 1 - eps)
    return Metrics(
        count=np.asarray(count),
        accuracy=_divide(right, count),
        balanced_accuracy=np.asarray(recall.mean(-1)),
        auc=_auc(p, positive, negative),
        f1=_divide(2 * confusion[..., 1, 1], of_class[..., 1] + predicted[..., 1]),
        mcc=_mcc(confusion),
        brier=_divide(np.where(mask, (p - positive) ** 2, 0.0).sum(-1), count),
        log_loss=_divide(np.where(mask, -np.log(given), 0.0).sum(-1), count),
        confusion=confusion,
    )


def _divide(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """a / b, NaN where b is 0; an array, of no axes for one run."""
    return np.divide(a, b, out=np.full(np.shape(b), np.nan), where=np.asarray(b) != 0)


def _confusion(
    positive: npt.NDArray[np.bool_], negative: npt.NDArray[np.bool_], answer: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    rows = [np.stack([(true & ~answer).sum(-1), (true & answer).sum(-1)], -1) for true in (negative, positive)]
    return np.stack(rows, -2)


def _mcc(confusion: npt.NDArray[np.int64]) -> Floats:
    """Matthews (1975): the correlation of two columns of zeros and ones."""
    (tn, fp), (fn, tp) = np.moveaxis(confusion.astype(np.float64), (-2, -1), (0, 1))
    classes, answers = (tp + fn) * (tn + fp), (tp + fp) * (tn + fn)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (tp * tn - fp * fn) / np.sqrt(classes * answers)
    return np.where(classes == 0, np.nan, np.where(answers == 0, 0.0, r))


def _auc(p: Floats, positive: npt.NDArray[np.bool_], negative: npt.NDArray[np.bool_]) -> Floats:
    """Share of pairs in which class 1 has the higher p: for each of its trials, those of class 0 below and half of the ties.

    The Mann-Whitney statistic; trials in neither mask weigh nothing wherever they are sorted to.
    """
    order = np.argsort(p, axis=-1)
    ranked, one, zero = (np.take_along_axis(a, order, -1) for a in (p, positive, negative))
    place = np.broadcast_to(np.arange(p.shape[-1]), p.shape)
    differs = ranked[..., 1:] != ranked[..., :-1]
    edge = np.ones((*p.shape[:-1], 1), bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, differs], -1), place, 0), -1)
    last_place = np.where(np.concatenate([differs, edge], -1), place, p.shape[-1])
    last = np.flip(np.minimum.accumulate(np.flip(last_place, -1), -1), -1)
    upto = np.concatenate([np.zeros_like(edge, np.int64), zero.cumsum(-1)], -1)
    wins = np.take_along_axis(upto, first, -1) + np.take_along_axis(upto, last + 1, -1)
    return _divide((wins * one).sum(-1), 2 * one.sum(-1) * zero.sum(-1))
