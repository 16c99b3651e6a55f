"""How well the classes can be told apart in people who were not learned from: a quick linear classifier, cross-validated.

A measuring stick for recipes, not the model that smilejax trains. All that is learned comes from the training folds: the
mean and spread of each value, what stands in for an absent one, the penalty, the weights and the threshold.
"""

import math
from typing import Any, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.keys import check_key
from smilejax.evaluation.multiverse.class_difference import LEVEL, By, Floats

VALUES_HZ = 10.0
"""Values of a trace that the classifier sees, per second: pupil responses end below 4 Hz, and 10 hold those."""
MAX_FOLDS = 10

Codes = npt.NDArray[np.int32]


class Score(NamedTuple):
    """Held-out trials of all folds together. Scalars; NaN where a class is absent.

    Intervals are t intervals over participants (jackknife; trials where folds are of trials). They take the trained weights
    as given, though folds share training trials: the true doubt is a little larger.
    """

    accuracy: Any
    """Balanced: the mean of the two classes' shares of hits; a coin reaches .5."""
    accuracy_low: Any
    accuracy_high: Any
    auc: Any
    """Area under the ROC curve; .5 is chance. Over all folds, whose thresholds differ: a little low where nothing is found."""
    auc_low: Any
    auc_high: Any
    count: Any
    """Trials scored."""


def folds(participant: Codes, label: Codes, *, key: Array) -> tuple[Codes, By]:
    """The fold of each trial, `i32[N]`, -1 for unlabelled ones, and what folds are made of.

    At most 10 folds, whole participants each, drawn by the key. With one participant only, folds of trials, each class dealt
    out evenly: the score then says nothing about other people.
    """
    check_key(key)
    known = label >= 0
    people = np.unique(participant[known])
    fold = np.full(len(label), -1, np.int32)
    if len(people) >= 2:
        dealt = np.asarray(jax.random.permutation(key, len(people))) % min(MAX_FOLDS, len(people))
        fold[known] = dealt[np.searchsorted(people, participant[known])]
        return fold, "participants"
    order = np.asarray(jax.random.permutation(key, len(label)))
    smaller = min(int((label == k).sum()) for k in (0, 1))
    for k in (0, 1):
        rows = order[label[order] == k]
        fold[rows] = np.arange(len(rows)) % min(MAX_FOLDS, max(2, smaller))
    return fold, "trials"


def binned(x: Floats, valid: npt.NDArray[np.bool_], rate_hz: float) -> Floats:
    """The trace at `VALUES_HZ` or below, `f64[N, B]`: means of the valid steps of each bin, NaN where there are none."""
    per_bin = rate_hz / VALUES_HZ
    place = np.arange(x.shape[1]) if per_bin <= 1 else np.floor(np.arange(x.shape[1]) / per_bin + 1e-9).astype(int)
    starts = np.flatnonzero(np.r_[True, np.diff(place) > 0])
    count = np.add.reduceat(valid.astype(np.float64), starts, axis=1)
    total = np.add.reduceat(np.where(valid, x, 0.0), starts, axis=1)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def score(seen: Floats, label: Codes, group: Codes, fold: Codes) -> Score:
    """Cross-validated score of a recipe's kept trials.

    Arguments:
        seen: `f64[N, B]`, NaN where absent; see `binned`.
        label: `i32[N]`, 0 or 1.
        group: `i32[N]`, what the interval takes as independent: participants, or trials.
        fold: `i32[N]`.
    """
    decision = out_of_fold_decisions(seen, label, fold)
    scored = np.isfinite(decision)
    decision, label, group = decision[scored], label[scored], group[scored]
    if len(np.unique(label)) < 2:
        unknown = (math.nan,) * 3
        return Score(*unknown, *unknown, int(scored.sum()))
    groups, own = np.unique(group, return_inverse=True)
    return Score(
        *_jackknife(*_balanced_accuracy(decision, label, own, len(groups))),
        *_jackknife(*_auc(decision, label, own, len(groups))),
        int(scored.sum()),
    )


def out_of_fold_decisions(seen: Floats, label: Codes, fold: Codes) -> Floats:
    """What the classifier says of each trial while its fold is held out, `f64[N]`: above 0 the second class.

    NaN for trials whose training folds hold one class only.
    """
    decision = np.full(len(label), np.nan)
    for k in np.unique(fold):
        held = fold == k
        if len(np.unique(label[~held])) == 2:
            decision[held] = _trained(seen[~held], label[~held])(seen[held])
    return decision


def _trained(seen: Floats, label: Codes) -> Any:
    """Ridge regression on the classes, and its threshold; returns what it says of other trials.

    The penalty is the mean eigenvalue of the trials' Gram matrix: a direction with the average share of the spread is shrunk
    by half. A fixed rule, so that none has to be picked by results. The threshold lies midway between the means of the
    classes, whatever their sizes.
    """
    there = np.isfinite(seen)
    count = np.maximum(there.sum(0), 1)
    mean = np.where(there, seen, 0.0).sum(0) / count
    sd = np.sqrt(np.where(there, (seen - mean) ** 2, 0.0).sum(0) / count)
    sd = np.where(sd > 1e-9 * np.maximum(np.abs(mean), 1e-3), sd, np.inf)  # a constant tells nothing

    def standard(values: Floats) -> Floats:
        # An absent value is the training mean, 0.
        return np.where(np.isfinite(values), (values - mean) / sd, 0.0)

    a = standard(seen)
    penalty = np.square(a).sum() / len(a)
    if penalty == 0:
        return lambda values: np.zeros(len(values))
    target = np.where(label == 1, 1.0, -1.0)
    target -= target.mean()
    if len(a) <= a.shape[1]:  # the dual form and the primal are one and the same; the smaller system is solved
        weights = a.T @ np.linalg.solve(a @ a.T + penalty * np.eye(len(a)), target)
    else:
        weights = np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ target)
    middle = (a[label == 1].mean(0) + a[label == 0].mean(0)) / 2
    return lambda values: (standard(values) - middle) @ weights


def _balanced_accuracy(decision: Floats, label: Codes, own: npt.NDArray[Any], groups: int) -> tuple[float, Floats]:
    """Of all trials, and of all but one group for each group."""
    hit = 0.5 * (1 + np.sign(decision) * np.where(label == 1, 1, -1))  # a tie is half a hit
    hits, counts = np.zeros((2, groups)), np.zeros((2, groups))
    np.add.at(hits, (label, own), hit)
    np.add.at(counts, (label, own), 1)
    whole = float((hits.sum(1) / counts.sum(1)).mean())
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (hits.sum(1, keepdims=True) - hits) / (counts.sum(1, keepdims=True) - counts)
    return whole, without.mean(0)


def _auc(decision: Floats, label: Codes, own: npt.NDArray[Any], groups: int) -> tuple[float, Floats]:
    """Of all pairs of a trial of either class, and of those without one group for each group."""
    first, second = decision[label == 0], decision[label == 1]
    own_first, own_second = own[label == 0], own[label == 1]
    wins_second, wins_first = _wins(second, first), len(second) - _wins(first, second)
    n_first, n_second = np.bincount(own_first, minlength=groups), np.bincount(own_second, minlength=groups)
    # Pairs within a group belong to both of its sums, and are taken away once.
    within = np.array([_wins(second[own_second == g], first[own_first == g]).sum() for g in range(groups)])
    lost = np.bincount(own_second, wins_second, groups) + np.bincount(own_first, wins_first, groups) - within
    total = wins_second.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (total - lost) / ((len(first) - n_first) * (len(second) - n_second))
    return float(total / (len(first) * len(second))), without


def _wins(values: Floats, others: Floats) -> Floats:
    """For each value, how many of the others lie below it; equals count half."""
    others = np.sort(others)
    return (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / 2


def _jackknife(whole: float, without: Floats) -> tuple[float, float, float]:
    """The whole, with a t interval from what it is without each group."""
    n = len(without)
    if n < 2 or not np.isfinite(without).all():
        return whole, math.nan, math.nan
    from scipy import stats

    error = math.sqrt((n - 1) / n * float(np.square(without - without.mean()).sum()))
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * error
    return whole, max(whole - half, 0.0), min(whole + half, 1.0)
