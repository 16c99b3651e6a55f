"""Differences between the network and other classifiers: over all simulated studies, and on each problem."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from classifier_benchmark.problems import CELLS
from classifier_benchmark.scores import NETWORK, REFERENCES
from classifier_benchmark.scores_file import Row
from smilejax.evaluation.statistics import holm

Study = tuple[str, int]
DRAWS = 10_000


@dataclass(frozen=True)
class Overall:
    """The network minus another classifier, mean over simulated studies.

    Arguments:
        other: the classifier. studies: that have both.
        estimate, low, high: mean over cells and its 95% interval.
        within: "cells", or "sizes" where cells have one study each.
    """

    other: str
    studies: int
    estimate: float
    low: float
    high: float
    within: str


class Pair(NamedTuple):
    """The network minus a reference classifier on one problem."""

    problem: str
    other: str
    estimate: float
    low: float
    high: float
    p: float


def scores_of(rows: list[Row]) -> dict[Study, dict[str, Row]]:
    """The row of each classifier on each study, that of the better recipe."""
    found: dict[Study, dict[str, Row]] = {}
    for row in rows:
        own = found.setdefault(row.study, {})
        before = own.get(row.classifier)
        if before is None or row.balanced_accuracy > before.balanced_accuracy:
            own[row.classifier] = row
    return found


def simulated_differences(scores: dict[Study, dict[str, Row]], other: str) -> dict[str, npt.NDArray[np.float64]]:
    """Of each cell: the network minus another classifier in each of its studies that have both."""
    return {
        cell: np.array(
            [
                own[NETWORK].balanced_accuracy - own[other].balanced_accuracy
                for (problem, _), own in scores.items()
                if problem == cell and NETWORK in own and other in own
            ]
        )
        for cell in CELLS
    }


def overall(scores: dict[Study, dict[str, Row]], other: str, *, seed: int = 0) -> Overall | None:
    """Mean over cells and its bootstrap interval; None where no cell has both.

    Studies are drawn again within their cell, one fewer than there are, so that the variance of a mean is not too small
    (Rao & Wu 1988). Where some cell has a single study, which nothing could be drawn from, they are drawn within all cells of
    one size, whose differences vary about as much; where a size has one as well, there is no interval (NaN).
    """
    cells = {cell: found for cell, found in simulated_differences(scores, other).items() if len(found)}
    if not cells:
        return None
    estimate = float(np.mean([found.mean() for found in cells.values()]))
    within, strata = "cells", list(cells.values())
    if min(map(len, strata)) < 2:
        within = "sizes"
        sizes = {CELLS[cell][2] for cell in cells}
        strata = [np.concatenate([found for cell, found in cells.items() if CELLS[cell][2] == size]) for size in sizes]
    rng = np.random.default_rng(seed)
    weights = np.array([1.0 if within == "cells" else len(stratum) for stratum in strata])
    low = high = np.nan
    if min(map(len, strata)) > 1:
        means = [own[rng.integers(len(own), size=(DRAWS, len(own) - 1))].mean(1) for own in strata]
        low, high = np.quantile(np.average(means, axis=0, weights=weights), (0.025, 0.975))
    studies = sum(map(len, cells.values()))
    return Overall(other, studies, estimate, float(low), float(high), within)


def pairs(scores: dict[Study, dict[str, Row]]) -> list[Pair]:
    """The network minus each reference classifier on each problem.

    Simulated: mean over a cell's studies, t with the standard deviation within cells, pooled over cells of one size. Recordings
    and series: as in `scores.difference`.
    """
    found = []
    for other in REFERENCES.values():
        cells = simulated_differences(scores, other)
        for size in dict.fromkeys(CELLS[cell][2] for cell in cells):
            found += of_one_size({c: d for c, d in cells.items() if CELLS[c][2] == size and len(d)}, other)
        for (problem, _), own in scores.items():
            row = own.get(other)
            if row is not None and row.kind != "simulated" and row.difference is not None:
                low, high, p = (np.nan if value is None else value for value in (row.low, row.high, row.p))
                found.append(Pair(problem, other, row.difference, low, high, p))
    return found


def of_one_size(cells: dict[str, npt.NDArray[np.float64]], other: str) -> list[Pair]:
    """Of simulated studies of one size; p and interval are NaN where no cell has two studies."""
    df = sum(len(own) - 1 for own in cells.values())
    spread = sum(((own - own.mean()) ** 2).sum() for own in cells.values())
    found = []
    for cell, own in cells.items():
        error = np.sqrt(spread / df / len(own)) if df else np.nan
        half, t = stats.t.ppf(0.975, df) * error if df else np.nan, own.mean() / error
        p = float(2 * stats.t.sf(abs(t), df)) if df else np.nan
        found.append(Pair(cell, other, float(own.mean()), own.mean() - half, own.mean() + half, p))
    return found


def adjusted(found: list[Pair]) -> npt.NDArray[np.float64]:
    """p of each pair after Holm over all of them."""
    return np.asarray(holm(np.array([pair.p for pair in found])).adjusted)
