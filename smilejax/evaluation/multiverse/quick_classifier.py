"""How well a quick linear classifier distinguishes the classes in participants it was not trained on.

It compares recipes; it is not the network that smilejax trains. Folds are assigned as `smilejax.splits` assigns them, the
classifier is the ridge classifier of the reference classifiers (`smilejax.classifiers.ridge`), the scores are those
of `smilejax.evaluation.metrics`. All that is learned comes from the training folds: mean and standard deviation of each
value, the value that replaces a missing one, the penalty (by leave-one-out), the weights and the threshold.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int
from scipy.special import expit

from smilejax._util.keys import check_key
from smilejax.classifiers import ridge
from smilejax.evaluation.class_difference.contrast import By
from smilejax.evaluation.metrics import measure
from smilejax.evaluation.statistics.mean_interval import Floats
from smilejax.splits.assignment import assign_units_to_blocks, generator, units_of
from smilejax.splits.study_design import Design

VALUES_HZ = 10.0
"""Values of a trace that the classifier sees, per second: pupil responses end below 4 Hz, and 10 per second hold those."""
MAX_FOLDS = 10
LEVEL = 0.95
GROUPS_AT_ONCE = 128
"""Groups that the jackknife leaves out in one call: memory is that of so many masks."""
ROUNDING = 1e-5
"""Decisions are about -1 to 1; one closer to the threshold than this is 0: rounding in 32 bits, not a decision."""

Codes = npt.NDArray[np.int32]


class QuickScore(NamedTuple):
    """Scores of the held-out trials of all folds together; `f64[...]` each, NaN where a class is absent.

    Intervals are t intervals over participants (jackknife; over trials where folds are of trials). They take the trained
    weights as given, though folds share training trials: the true uncertainty is a little larger.
    """

    balanced_accuracy: Floats
    """Mean of the two classes' proportions classified correctly; .5 is chance."""
    balanced_accuracy_low: Floats
    balanced_accuracy_high: Floats
    auc: Floats
    """Area under the ROC curve; .5 is chance. Over all folds together, whose thresholds differ: a little low near chance."""
    auc_low: Floats
    auc_high: Floats
    n_scored: npt.NDArray[np.int64]
    """`i64[...]`, trials scored."""


def assign_folds(participant: Codes, label: Codes, *, key: Array) -> tuple[Codes, By]:
    """The fold of each trial, `i32[N]`, -1 for unlabelled ones, and what folds are made of.

    At most 10 folds of whole participants, with the classes balanced as in `splits.by_participant`. With one participant
    only, folds of trials as in `splits.shuffle_trials`: the score then says nothing about other participants.
    """
    check_key(key)
    n, known = len(label), label >= 0
    none = np.full(n, -1, np.int32)
    design = Design(label, known, participant, none, none, ("", ""))
    fold = none.copy()
    units = units_of(design, "participant")
    if len(units) >= 2:
        blocks = min(MAX_FOLDS, len(units))
        rng = generator(key, "participant", 0)
        assigned = assign_units_to_blocks(units, "participant", blocks, stratified=True, rng=rng)
        fold[known] = assigned[units.of[known]]
        return fold, "participants"
    smaller = min(int((label == k).sum()) for k in (0, 1))
    order = generator(key, "folds", 0).permutation(np.flatnonzero(known))
    order = order[np.argsort(label[order], kind="stable")]
    fold[order] = np.arange(len(order)) % min(MAX_FOLDS, max(2, smaller))
    return fold, "trials"


def binned(x: Floats, valid: npt.NDArray[np.bool_], rate_hz: float) -> Floats:
    """The trace at `VALUES_HZ` or below, `f64[N, B]`: means of the valid steps of each bin, NaN where there are none."""
    per_bin = rate_hz / VALUES_HZ
    place = np.arange(x.shape[1]) if per_bin <= 1 else np.floor(np.arange(x.shape[1]) / per_bin + 1e-9).astype(int)
    starts = np.flatnonzero(np.r_[True, np.diff(place) > 0])
    count = np.add.reduceat(valid.astype(np.float64), starts, axis=1)
    total = np.add.reduceat(np.where(valid, x, 0.0), starts, axis=1)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def quick_score(values: Floats, kept: npt.NDArray[np.bool_], label: Codes, group: Codes, fold: Codes) -> QuickScore:
    """Cross-validated score of the trials that a recipe kept.

    Arguments:
        values: `f64[N, B]`, NaN where missing; see `binned`.
        kept: `bool[N]`, trials to train on and to score; all of these have a label of 0 or 1.
        label: `i32[N]`.
        group: `i32[N]`, what the interval takes as independent: participants, or trials.
        fold: `i32[N]`; see `assign_folds`.
    """
    decision = out_of_fold_decisions(values, kept, label, fold)
    scored = np.isfinite(decision)
    count = np.asarray(scored.sum(), np.int64)
    nan = np.array(math.nan)
    if len(np.unique(label[scored])) < 2:
        return QuickScore(nan, nan, nan, nan, nan, nan, count)
    groups = np.unique(group[scored])
    p = expit(np.where(scored, decision, 0.0))
    parts = [measure(p[None], label, scored[None])]
    for first in range(0, len(groups), GROUPS_AT_ONCE):
        without = scored & (group != groups[first : first + GROUPS_AT_ONCE, None])
        parts.append(measure(np.broadcast_to(p, without.shape), label, without))
    accuracy, auc = (np.concatenate([getattr(part, name) for part in parts]) for name in ("balanced_accuracy", "auc"))
    return QuickScore(*_jackknife(accuracy[0], accuracy[1:]), *_jackknife(auc[0], auc[1:]), count)


def out_of_fold_decisions(values: Floats, kept: npt.NDArray[np.bool_], label: Codes, fold: Codes) -> Floats:
    """The decision for each trial by the classifier trained on the other folds, `f64[N]`: above 0 the second class.

    NaN for trials that were not kept, and for those whose training folds hold one class only.
    """
    decision = np.full(len(label), np.nan)
    test = kept & (fold == np.arange(fold.max(initial=0) + 1)[:, None])
    train = kept & (fold >= 0) & ~test
    both = np.all([(train & (label == k)).any(1) for k in (0, 1)], axis=0)
    if not both.any():
        return decision
    # Folds that cannot be trained run all the same, so that every recipe has one shape; their decisions are not used.
    found = np.asarray(_decisions(jnp.asarray(values, jnp.float32), jnp.asarray(train), jnp.asarray(label)), np.float64)
    for k in np.flatnonzero(both):
        decision[test[k]] = found[k, test[k]]
    return decision


@jax.jit
def _decisions(values: Float[Array, "N B"], train: Bool[Array, "F N"], label: Int[Array, " N"]) -> Float[Array, "F N"]:
    """Decision values of all trials less the threshold: midway between the classes' means in training, whatever their sizes."""

    def of_fold(train: Bool[Array, " N"]) -> Float[Array, " N"]:
        decision = ridge.decide(ridge.fit_ridge(values, train), train, label[None]).all_trials[0]

        def mean(k: int) -> Float[Array, ""]:
            own = train & (label == k)
            return jnp.sum(jnp.where(own, decision, 0.0)) / jnp.maximum(jnp.sum(own), 1).astype(decision.dtype)

        decision = decision - (mean(0) + mean(1)) / 2
        return jnp.where(jnp.abs(decision) < ROUNDING, 0.0, decision)

    return jax.lax.map(of_fold, train)


def _jackknife(whole: Floats, without: Floats) -> tuple[Floats, Floats, Floats]:
    """The whole, with a t interval from what it is without each group."""
    n = len(without)
    if n < 2 or not np.isfinite(without).all():
        return np.asarray(whole), np.array(math.nan), np.array(math.nan)
    from scipy import stats

    error = math.sqrt((n - 1) / n * float(np.square(without - without.mean()).sum()))
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * error
    return np.asarray(whole), np.maximum(whole - half, 0.0), np.minimum(whole + half, 1.0)
