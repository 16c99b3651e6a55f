"""Do two classes differ anywhere along a time course? The cluster-based permutation test (Maris & Oostenveld 2007).

1. At each time step, t of the difference between the classes.
2. Neighbouring steps whose t lies beyond a threshold on the same side form a cluster; its mass is the sum of their |t|.
3. The same for each permutation of the labels, of which the largest mass is kept.
4. p of a cluster is the proportion of permutations, the true labels among them, whose largest mass is at least its own.

One question is asked of the whole course, so that nothing needs to be corrected for the number of steps. The answer is of the
same kind: a small p says that the classes differ somewhere. It does not say that they differ at each step of a cluster, nor
that they begin or end to differ where the cluster does (Sassenhagen & Draschkow 2019): its limits depend on threshold and
noise.

The null hypothesis is that labels could as well have been permuted. So the units whose labels are exchanged must be those that
carry them in the design: stimuli that are of one class each, participants of two groups, or the two class means of each
participant.

NumPy on the host. All permutations are computed at once, in blocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from smilejax._util.errors import DataError
from smilejax.settings.checks import require

Floats = npt.NDArray[np.float64]
THRESHOLD_P = 0.05
"""Two-sided p of t at a single step from which on a step belongs to a cluster (Maris & Oostenveld 2007). It decides which
differences are found best, broad and weak or short and strong ones; the test is valid whatever it is."""
PERMUTATIONS = 1999
"""Permutations drawn where there are more: p is then a multiple of 1/2000, and one near .05 has a standard error of .005."""
BLOCK = 2**20
"""Values of t made at once: 8 MiB an array."""
ROUNDING = 1e-9
"""Sums of the same numbers in another order differ in their last bits, and count as equal up to this proportion."""


@dataclass(frozen=True)
class Cluster:
    """Neighbouring steps beyond the threshold.

    Arguments:
        first, end: its first step, and the one after its last.
        mass: sum of |t|, with the sign of t: above 0 where the second class is higher.
        p: corrected for all steps, since it is compared with the largest mass of each permutation.
    """

    first: int
    end: int
    mass: float
    p: float


@dataclass(frozen=True, eq=False)
class ClusterTest:
    """Whether two classes differ anywhere along a course of T steps.

    Arguments:
        p: of the largest cluster; 1 where there is none.
        clusters: in the order of time.
        t: `f64[T]`, of the true labels; NaN where it cannot be computed.
        threshold_p: two-sided p from which on a step belongs to a cluster.
        count: permutations. smallest_p: the smallest attainable p, 1 / (1 + count).
    """

    p: float
    clusters: tuple[Cluster, ...]
    t: Floats
    threshold_p: float
    count: int
    smallest_p: float


def cluster_test(
    values: Float[np.ndarray, "U T"],
    labels: Int[np.ndarray, " U"],
    permuted: Int[np.ndarray, "K U"],
    *,
    strata: Int[np.ndarray, " U"] | None = None,
    threshold_p: float = THRESHOLD_P,
) -> ClusterTest:
    """Test whether the courses of two classes of units differ anywhere, by permutations of the units' labels.

    At each step t is that of the class in a linear model with an intercept for each stratum: Student's t of two independent
    samples with one stratum, the paired t where each stratum is a pair of one unit of either class.

    Arguments:
        values: `f[U, T]`, the course of each unit, one unit being what carries a label; NaN is left out.
        labels: `i[U]`, class 0 or 1.
        permuted: `i[K, U]`, permutations of the labels that are as likely as the true ones if the null hypothesis holds, the
            true ones not among them. If they are all that exist, the test is exact.
        strata: `i[U]`, within which labels were permuted; None for one stratum.
        threshold_p: above 0 and below 1.

    Raises:
        DataError: shapes that do not fit, or a label other than 0 and 1.
        SettingsError: a threshold that is not allowed.

    Example:
        >>> rng, labels = np.random.default_rng(0), np.arange(12) % 2
        >>> values = rng.normal(size=(12, 40)) + 3.0 * labels[:, None] * (np.arange(40) >= 30)
        >>> found = cluster_test(values, labels, rng.permuted(np.tile(labels, (999, 1)), axis=1))
        >>> found.p, [(one.first, one.end) for one in found.clusters if one.p <= 0.05]
        (0.003, [(30, 38)])

        The classes differ up to step 40: where a cluster ends is not tested.
    """
    require(0 < threshold_p < 1, "threshold_p", "above 0 and below 1", threshold_p)
    _check(values, labels, permuted)
    design = _design_of(values, np.zeros(len(labels), np.int64) if strata is None else np.asarray(strata), threshold_p)
    t = _t(design, labels[None])
    found = list(_clusters(t[0], design.threshold))
    largest = [one for rows in _blocks(permuted, values.shape[1]) for one in _largest_masses(_t(design, rows), design)]
    null, count = np.array(largest), len(permuted)
    clusters = tuple(
        Cluster(first, end, mass, (1 + int((null >= abs(mass) * (1 - ROUNDING)).sum())) / (1 + count))
        for first, end, mass in found
    )
    return ClusterTest(
        p=min((one.p for one in clusters), default=1.0),
        clusters=clusters,
        t=np.where(design.enough, t[0], np.nan),
        threshold_p=threshold_p,
        count=count,
        smallest_p=1 / (1 + count),
    )


def paired_cluster_test(
    differences: Float[np.ndarray, "P T"],
    *,
    permutations: int = PERMUTATIONS,
    threshold_p: float = THRESHOLD_P,
    seed: int | np.random.Generator,
) -> ClusterTest:
    """Test whether the mean of participants' differences lies away from 0 anywhere, by the signs of whole courses.

    Arguments:
        differences: `f[P, T]`, second class minus first of each participant; NaN is left out.
        permutations: patterns of signs that are drawn; where no more exist, all are gone through. A pattern and its reverse
            have the same masses and count as one: P participants have 2^(P - 1).
        threshold_p: as in `cluster_test`. seed: of patterns that are drawn.

    Example:
        >>> found = paired_cluster_test(np.array([[0.0, 2.0], [0.2, 2.1], [-0.1, 1.9], [0.1, 2.2]]), seed=0)
        >>> found.p, found.count
        (0.125, 7)
    """
    require(permutations >= 1, "permutations", "a whole number from 1 up", permutations)
    units = len(differences)
    flipped = _sign_patterns(units, permutations, np.random.default_rng(seed))
    nothing = np.where(np.isfinite(differences), 0.0, np.nan)
    labels = np.repeat([0, 1], units)
    return cluster_test(
        np.concatenate([nothing, differences]),
        labels,
        np.concatenate([flipped, 1 - flipped], axis=1),
        strata=np.tile(np.arange(units), 2),
        threshold_p=threshold_p,
    )


def _sign_patterns(units: int, most: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`i64[K, P]`, 1 where a difference changes its sign: all but the true pattern and those that reverse another; or drawn."""
    others = max(units - 1, 0)
    if others < 62 and 2**others - 1 <= most:
        flipped = (np.arange(1, 2**others)[:, None] >> np.arange(others)) & 1
        return np.concatenate([np.zeros((len(flipped), units - others), np.int64), flipped], axis=1)
    return rng.integers(0, 2, (most, units))


def _check(values: Floats, labels: npt.NDArray[np.integer], permuted: npt.NDArray[np.integer]) -> None:
    if values.ndim != 2 or labels.shape != values.shape[:1] or permuted.ndim != 2 or permuted.shape[1] != len(labels):
        raise DataError(
            f"a cluster test needs values [units, steps], a label of each unit and permutations [count, units]; shapes "
            f"{values.shape}, {labels.shape} and {permuted.shape} arrived.",
            hint="Give one row of values for each unit.",
        )
    if not (np.isin(labels, (0, 1)).all() and np.isin(permuted, (0, 1)).all()):
        raise DataError("labels of a cluster test must be 0 or 1.", hint="Leave out units without a class.")


# ------------------------------------------------------------------------------------------------------------------ t


class _Design(NamedTuple):
    """What all labellings share."""

    centred: Floats
    """`f64[U, T]`, minus the mean of the stratum at this step; 0 where missing."""
    known: npt.NDArray[np.bool_]
    strata: list[npt.NDArray[np.intp]]
    squares: Floats
    """`f64[T]`, sum of the squares of `centred`."""
    df: Floats
    """`f64[T]`, of the residuals once the class is in the model."""
    enough: npt.NDArray[np.bool_]
    """`bool[T]`, steps at which t can be computed."""
    threshold: Floats
    """`f64[T]`, |t| from which on a step belongs to a cluster."""


def _design_of(values: Floats, strata: npt.NDArray[np.integer], threshold_p: float) -> _Design:
    from scipy import stats  # half a second

    known = np.isfinite(values)
    x = np.where(known, values, 0.0).astype(np.float64)
    rows = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    centred, df = np.zeros(x.shape), np.full(x.shape[1], -1.0)
    for own in rows:
        count = known[own].sum(0)
        centred[own] = np.where(known[own], x[own] - x[own].sum(0) / np.maximum(count, 1), 0.0)
        df += np.maximum(count - 1, 0)
    squares = (centred**2).sum(0)
    enough = (df >= 1) & (squares > ROUNDING**2 * (x**2).sum(0))  # without variation there is no t
    threshold = np.where(enough, stats.t.isf(threshold_p / 2, np.where(enough, df, 1.0)), np.inf)
    return _Design(centred, known, rows, squares, df, enough, threshold)


def _t(design: _Design, labels: npt.NDArray[np.integer]) -> Floats:
    """`f64[K, T]`, t of the class under each labelling; 0 where it cannot be computed."""
    ones = labels.astype(np.float64)
    spread = np.zeros((len(labels), design.centred.shape[1]))
    for own in design.strata:
        spread += _between_classes(ones[:, own].sum(1, keepdims=True), np.full(1, len(own)))
        partly = ~design.known[own].all(0)
        if partly.any():
            known = design.known[own][:, partly].astype(np.float64)
            spread[:, partly] += _between_classes(ones[:, own] @ known, known.sum(0))
            spread[:, partly] -= _between_classes(ones[:, own].sum(1, keepdims=True), np.full(1, len(own)))
    together = ones @ design.centred
    ok = design.enough & (spread > ROUNDING)
    spread = np.where(ok, spread, 1.0)
    # Where the class explains everything, rounding alone is left, and t is as large as numbers allow.
    residual = np.maximum(design.squares - together**2 / spread, ROUNDING**2 * design.squares)
    error = np.sqrt(np.where(ok, residual * spread / np.maximum(design.df, 1.0), 1.0))
    return np.asarray(np.where(ok, together / error, 0.0))


def _between_classes(in_second: Floats, count: npt.NDArray[np.number]) -> Floats:
    """Sum of squares of the labels of `count` units about their mean, `in_second` of them 1."""
    return np.asarray(in_second - in_second**2 / np.maximum(count, 1.0))


# ------------------------------------------------------------------------------------------------------------ clusters


def _clusters(t: Floats, threshold: Floats) -> Iterator[tuple[int, int, float]]:
    """First step, the one after the last, and signed mass of each cluster of one course, in the order of time."""
    side = np.where(np.abs(t) >= threshold, np.sign(t), 0.0)
    starts = np.flatnonzero(np.diff(side, prepend=0.0))
    for first, end in zip(starts, np.append(starts, len(t))[1:], strict=True):
        if side[first]:
            yield int(first), int(end), float(t[first:end].sum())


def _largest_masses(t: Floats, design: _Design) -> Floats:
    """`f64[K]`, the largest mass of a cluster in each course; 0 where there is none."""
    largest = np.zeros(len(t))
    for side in (t, -t):
        beyond = np.where(side >= design.threshold, side, 0.0)
        total = np.cumsum(beyond, axis=1)
        # What had been summed up when the cluster began: the total at the last step that was not beyond.
        before = np.maximum.accumulate(np.where(beyond == 0, total, 0.0), axis=1)
        largest = np.maximum(largest, (total - before).max(1, initial=0.0))
    return largest


def _blocks(permuted: npt.NDArray[np.integer], steps: int) -> Iterator[npt.NDArray[np.integer]]:
    size = max(1, BLOCK // max(steps, 1))
    for start in range(0, len(permuted), size):
        yield permuted[start : start + size]
