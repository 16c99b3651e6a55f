"""Relabellings: labels permuted where the design of the study puts them, for permutation tests.

A permutation test asks how a study would have come out, had its labels been dealt otherwise. So they must be dealt as they
could have been: where each video is genuine or posed for all who watch it, labels are permuted among videos. Permuted
among trials instead, a model that recognises videos would find the true labels easy and the permuted ones impossible, and
every study would be significant. Permuted within participants who have one label each, nothing would change at all, and p
would be 1. (Ojala & Garriga 2010, JMLR 11:1833, on the test itself.)
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Int

from smilejax.dataset import Dataset
from smilejax.errors import DataError
from smilejax.keys import check_key
from smilejax.settings.checks import require
from smilejax.splits.design import Design, canonical, constant, design_of
from smilejax.splits.folds import Folds
from smilejax.splits.units import generator, require_whole

Scheme = Literal["within smiler pairs", "stimulus", "smiler", "participant", "within participant", "trial"]
PERMUTED: dict[Scheme, str] = {
    "within smiler pairs": "within smiler pairs",
    "stimulus": "among stimuli",
    "smiler": "among smilers",
    "participant": "among participants",
    "within participant": "within participants",
    "trial": "among trials",
}
"""Where labels are permuted under each scheme, to stand after "permuted"."""
MAX_RANKS = 2**62
"""Up to so many assignments draws are without replacement: their ranks fit 64-bit integers. Of more than that, two of a
thousand draws are the same once in 9 million million tests."""


@dataclass(frozen=True)
class Relabelling:
    """How labels may be permuted.

    Arguments:
        scheme: the way taken unless another is asked for. "within smiler pairs": each smiler's stimuli swap their labels
            or not; "stimulus", "smiler", "participant": labels are permuted among these; "within participant": among the
            trials of each participant; "trial": among all trials. None where the design settles none.
        allowed: all ways that the design allows, `scheme` first.
        why: what in the data led there, in words.
    """

    scheme: Scheme | None
    allowed: tuple[Scheme, ...]
    why: str


@dataclass(frozen=True, eq=False)
class Relabelled:
    """K relabellings of N trials, none of them the truth and no two alike (but see `MAX_RANKS`).

    With p = (1 + b) / (1 + K), where b of the relabellings score as high as the truth or higher, p is valid and never 0.

    Arguments:
        scheme, why: what was permuted, and why.
        labels: `i32[K, N]`; trials that are rejected or without label keep what they had.
        distinct: how many different labellings exist, the truth among them.
        smallest_p: the least p that these K can give: 1 / (1 + K), or 2 / (1 + K) with the truth's mirror among them.
        floor: the least p of the design, with all labellings tried: 1 / `distinct`, or 2 / `distinct` where the mirror of
            the truth, genuine and posed exchanged throughout, is a labelling too. A classifier trained on it finds what it
            finds on the truth, so the two tie. Ten videos of five smilers can be labelled in 2**5 = 32 ways within smilers,
            so that no test by p <= .05 can succeed: its floor is 2 / 32 = .0625. The p of fewer relabellings than exist can
            fall below the floor by luck in drawing, not by evidence.
    """

    scheme: Scheme
    why: str
    labels: Int[np.ndarray, "K N"]
    distinct: int
    smallest_p: float
    floor: float

    def __len__(self) -> int:
        return len(self.labels)


class _Units(NamedTuple):
    """What carries labels: the unit of each trial (-1: none), the label of each unit, and the units that may exchange them."""

    of: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    strata: list[npt.NDArray[np.intp]]
    words: str

    @property
    def distinct(self) -> int:
        """How many labellings keep the class counts of each stratum."""
        return math.prod(math.comb(len(rows), int(self.y[rows].sum())) for rows in self.strata)

    @property
    def mirrored(self) -> bool:
        """Whether all labels exchanged is one of them."""
        return all(len(rows) == 2 * int(self.y[rows].sum()) for rows in self.strata)


def scheme_of(dataset: Dataset) -> Relabelling:
    """Find where labels live, looking at the trials that can be scored.

    With stimuli of one label each that several trials share, on the stimuli: within smilers, where most smilers give both
    classes; among smilers, where each gives one; else among stimuli. (Where smilers were recorded without stimuli, each
    smiler's genuine and posed trials count as a stimulus each.) Else with participants of one label each, on participants.
    Else on the trials of each participant.

    Where stimuli and participants both have one label each, it is on whichever contains the other. Where neither does, as
    in two groups of people who watch a set of stimuli each, classes differ in people and in stimuli, and the data cannot
    say which it was: then `scheme` is None, and one must be chosen for a reason from outside the data.

    Raises:
        DataError: no trial can be scored.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> scheme_of(dataset).scheme
        'within smiler pairs'
    """
    return _place(design_of(dataset))


def relabel(dataset: Dataset, count: int, *, scheme: Scheme | None = None, key: Array) -> Relabelled:
    """Draw relabellings, each as likely as any other, never the truth itself and none twice.

    Class counts are kept: of trials, where trials are permuted, otherwise of stimuli, smilers or participants, so that trials
    of either class vary where those have different numbers of trials.

    Arguments:
        count: how many; at most all that exist beside the truth, which makes the test exact.
        scheme: None takes `scheme_of`. Another is refused unless the design allows it: a test at the wrong level is no test.
        key: typed PRNG key.

    Raises:
        DataError: one class only; a scheme that the design does not allow, or none settled by it; or more relabellings than
            exist.
        SettingsError: the count, the scheme's name or the key is none.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> relabelled = relabel(dataset, 3, key=jax.random.key(1))
        >>> relabelled.labels.shape, relabelled.distinct, relabelled.floor
        ((3, 8), 4, 0.5)
    """
    check_key(key)
    require_whole("count", count, 1)
    require(scheme is None or scheme in get_args(Scheme), "scheme", f"one of {', '.join(get_args(Scheme))}", scheme)
    design = design_of(dataset)
    if len(found := np.unique(design.y[design.scorable])) < 2:
        raise DataError(
            f"relabelling needs trials of both classes; all {int(design.scorable.sum())} that can be scored are "
            f"{design.class_names[found[0]]}. Give trials of the other class."
        )
    place = _place(design)
    chosen = _allowed(place, scheme)
    units = _units(design, chosen)
    distinct = units.distinct
    floor = (1 + units.mirrored) / distinct
    if count >= distinct:
        raise _too_many(count, distinct, floor, chosen, units.words)
    drawn = _draw(units, count, generator(key, "relabelling"))
    labels = np.tile(design.y.astype(np.int32), (count, 1))
    rows = np.flatnonzero(units.of >= 0)
    labels[:, rows] = drawn[:, units.of[rows]]
    mirror = bool(np.any(np.all(drawn == 1 - units.y, axis=1)))
    return Relabelled(chosen, place.why, labels, distinct, (1 + mirror) / (1 + count), floor)


def check_classes(folds: Folds, relabelled: Relabelled) -> None:
    """Check before any training that each fold trains on both classes under each relabelling.

    Folds see to it for the true labels. Blocks of whole smilers keep it for labels swapped within smilers; elsewhere a few
    blocks of a few stimuli may happen to hold all that are left of a class.

    Raises:
        DataError: naming the relabelling, the fold and the class.
    """
    positive, sizes = _positive(folds, relabelled)
    if np.any(single := (positive == 0) | (positive == sizes)):
        fold, row = np.unravel_index(int(single.argmax()), single.shape)
        raise DataError(
            f"training needs trials of both classes under every relabelling; in {int(single.any(0).sum())} of "
            f"{len(relabelled)} some fold has one only, first fold {folds.names[fold]!r} by {folds.scheme} in relabelling "
            f"{row}: all its {int(sizes[fold, 0])} training trials are class {int(positive[fold, row] > 0)}. "
            "Leave out less in each fold, or use a dataset with more stimuli or participants."
        )


def with_both_classes(
    folds: Folds, dataset: Dataset, relabelled: Relabelled, most: int | None = None
) -> Relabelled | None:
    """The relabellings under which each fold trains on both classes, at most so many; None where there is none.

    Folds must not depend on the labels, and train on both under the truth: the truth is then one of the labellings that such
    folds allow, and a test among those is as valid as among all.
    """
    positive, sizes = _positive(folds, relabelled)
    keep = ~np.any((positive == 0) | (positive == sizes), axis=0)
    if not keep.any():
        return None
    labels = relabelled.labels[keep][:most]
    used = (folds.train | folds.test).any(0)
    mirror = bool(np.all(labels[:, used] == 1 - np.asarray(dataset.y)[used], axis=1).any())
    return replace(relabelled, labels=labels, smallest_p=(1 + mirror) / (1 + len(labels)))


def _positive(folds: Folds, relabelled: Relabelled) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """`[F, K]`, training trials of class 1 under each relabelling, and `[F, 1]`, all of them."""
    positive = folds.train.astype(np.float32) @ (relabelled.labels == 1).T.astype(np.float32)
    return positive, folds.train.sum(1)[:, None]


def _place(design: Design) -> Relabelling:
    y, people = design.y[design.scorable], design.participant[design.scorable]
    stimuli = _stimuli(design)[design.scorable]
    has_people, has_stimuli = design.recorded("participant"), bool(np.all(stimuli >= 0))
    of_people, of_stimuli = has_people and constant(y, people), has_stimuli and constant(y, stimuli)
    inside_people, inside_stimuli = constant(people, stimuli), constant(stimuli, people)
    n_people, n_stimuli = len(np.unique(people)), len(np.unique(stimuli))
    if of_stimuli and of_people and not inside_people and not inside_stimuli:
        why = (
            f"each of {n_stimuli} stimuli has one label, and so has each of {n_people} participants, and neither contains the "
            "other: the classes differ in people and in stimuli at once"
        )
        return Relabelling(None, (*_among_stimuli(design, stimuli, n_stimuli).allowed, "participant"), why)
    # One person sees each stimulus once; labels are the stimuli's all the same.
    shared = n_stimuli < len(y) or not has_people or n_people == 1
    if of_stimuli and shared and not (of_people and inside_people):
        return _among_stimuli(design, stimuli, n_stimuli)
    if of_people:
        return Relabelling("participant", ("participant",), f"each of {n_people} participants has one label")
    if has_people:
        return _within_people(y, people, n_people)
    why = (
        "neither who watched nor what was seen is known: where trials share either, permuting single trials makes chance "
        "look significant"
    )
    return Relabelling("trial", ("trial",), why)


def _stimuli(design: Design) -> npt.NDArray[np.int32]:
    """`i32[N]`, codes of the stimuli, -1 where unknown. Where smilers alone are known, each one's two classes are two."""
    if design.recorded("stimulus") or not design.recorded("smiler"):
        return design.stimulus
    return np.where(design.scorable, 2 * design.smiler + design.y, -1)


def _within_people(y: npt.NDArray[np.int32], people: npt.NDArray[np.int32], n: int) -> Relabelling:
    both = len(np.intersect1d(people[y == 0], people[y == 1]))
    rest = "" if both == n else ", while the others keep theirs"
    why = f"labels vary from trial to trial, and {both} of {n} participants have both{rest}"
    return Relabelling("within participant", ("within participant",), why)


def _among_stimuli(design: Design, stimuli: npt.NDArray[np.int32], n: int) -> Relabelling:
    """Which of the ways that permute whole stimuli."""
    smilers, y = design.smiler[design.scorable], design.y[design.scorable]
    why = f"each of {n} stimuli has one label for all who watch it"
    total = len(np.unique(smilers))
    if not design.recorded("smiler") or not constant(smilers, stimuli) or total == n:
        return Relabelling("stimulus", ("stimulus",), why)
    if constant(y, smilers):
        return Relabelling("smiler", ("smiler",), f"{why}, and each of {total} smilers gives one class")
    both = len(np.intersect1d(smilers[y == 0], smilers[y == 1]))
    why = f"{why}, and {both} of {total} smilers give both classes"
    # Both ways are valid; where few smilers give both, few labels could be swapped.
    if 2 * both > total:
        return Relabelling("within smiler pairs", ("within smiler pairs", "stimulus"), why)
    return Relabelling("stimulus", ("stimulus", "within smiler pairs"), why)


def _allowed(place: Relabelling, scheme: Scheme | None) -> Scheme:
    """The scheme to take, if the design allows it."""
    if scheme is not None and scheme not in place.allowed:
        raise DataError(
            f"labels must be permuted where they live; scheme {scheme!r} is the wrong place, since {place.why}. Its p would "
            f"mean nothing. Use {' or '.join(map(repr, place.allowed))}."
        )
    chosen = scheme or place.scheme
    if chosen is None:
        raise DataError(
            f"labels must have one place in the design, to be permuted there; {place.why}. Choose the scheme yourself, of "
            f"{', '.join(map(repr, place.allowed))}: 'participant' where people were put into groups at random."
        )
    return chosen


def _too_many(count: int, distinct: int, floor: float, scheme: Scheme, words: str) -> DataError:
    mend = (
        f"Ask for at most {distinct - 1}, which is all of them and gives a smallest p of {floor:.3g}, or record more."
        if distinct > 1
        else "Record more, of both classes."
    )
    ways = "one way, the truth" if distinct == 1 else f"{distinct} ways, one of them the truth"
    return DataError(
        f"more relabellings than exist: {count} are asked for, and by scheme {scheme!r} the labels of {words} can be set in "
        f"{ways}. {mend}"
    )


def _units(design: Design, scheme: Scheme) -> _Units:
    """The units of a scheme, in an order that does not hang on that of the rows."""
    rows = canonical(design, design.scorable)
    of, single = np.full(len(design.y), -1), np.zeros(len(rows), np.int32)
    codes, within, words = {
        "trial": (np.arange(len(rows)), single, "trials"),
        "within participant": (np.arange(len(rows)), design.participant[rows], "trials of {} participants"),
        "participant": (design.participant[rows], single, "participants"),
        "smiler": (design.smiler[rows], single, "smilers"),
        "stimulus": (_stimuli(design)[rows], single, "stimuli"),
        "within smiler pairs": (_stimuli(design)[rows], design.smiler[rows], "stimuli of {} smilers"),
    }[scheme]
    found, first, of[rows] = np.unique(codes, return_index=True, return_inverse=True)
    stratum = within[first]
    strata = [np.flatnonzero(stratum == code) for code in np.unique(stratum)]
    return _Units(of, design.y[rows][first].astype(np.int64), strata, f"{len(found)} {words.format(len(strata))}")


def _draw(units: _Units, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`i64[K, U]`, labels of the units. Labellings are numbered, so that numbers drawn once each are labellings once each."""
    if units.distinct > MAX_RANKS:
        labels = np.tile(units.y, (count, 1))
        for rows in units.strata:
            labels[:, rows] = rng.permuted(labels[:, rows], axis=1)
        return labels
    ranks = rng.choice(units.distinct - 1, count, replace=False)
    return _labelling(ranks + (ranks >= _rank(units)), units)


def _rank(units: _Units) -> int:
    """The number of the true labelling, from 0: among those of each stratum in the order of dictionaries."""
    number, base = 0, 1
    for rows in units.strata:
        left, rank = int(units.y[rows].sum()), 0
        base_here = math.comb(len(rows), left)
        for i, label in enumerate(units.y[rows]):
            if label:
                rank += math.comb(len(rows) - 1 - i, left)  # all labellings with a 0 here come first
                left -= 1
        number, base = number + base * rank, base * base_here
    return number


def _labelling(ranks: npt.NDArray[np.int64], units: _Units) -> npt.NDArray[np.int64]:
    """`i64[K, U]`, the labellings with the given numbers; undoes `_rank`."""
    labels = np.zeros((len(ranks), len(units.y)), np.int64)
    for rows in units.strata:
        n, k = len(rows), int(units.y[rows].sum())
        # Entries above MAX_RANKS are never looked up: each one that is counts labellings of this stratum.
        ways = np.array([[min(math.comb(m, j), MAX_RANKS) for j in range(k + 1)] for m in range(n)], np.int64)
        ranks, rank = np.divmod(ranks, math.comb(n, k))
        left = np.full(len(ranks), k)
        for i, unit in enumerate(rows):
            zeros = ways[n - 1 - i, left]
            one = rank >= zeros
            labels[:, unit] = one
            rank, left = rank - np.where(one, zeros, 0), left - one
    return labels
