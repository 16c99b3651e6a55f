"""Whether the stimuli of the two classes differ in what a stimulus table says of them."""

import math
from itertools import chain, combinations

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from smilejax.evaluation.study.covariate_results import CovariateOfClass, CovariateResult
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.recordings.stimulus_table import Covariate, StimulusTable

ALL = 200_000
"""Up to so many labellings of the stimuli, all are gone through: of ten and ten stimuli there are 184,756. Our choice."""
DRAWS = 9_999
"""Labellings drawn where there are more."""
SAME = 1e-9
"""Statistics that differ by less, as a fraction of their size, are one: rounding, not data."""


def covariate_results(raw: RawResults, seed: int) -> tuple[CovariateResult, ...]:
    """Every covariate by class, over the stimuli of the labelled trials that were kept; empty without a stimulus table.

    A stimulus with trials of both classes counts in both.

    Arguments:
        seed: of labellings that are drawn.
    """
    table = raw.about.stimulus_table
    if table is None:
        return ()
    rows, y = _stimuli_of_classes(raw.trials, table)
    if not len(rows):
        return ()
    labels, exact = None, False
    if len(set(rows)) == len(rows) and 0 < y.sum() < len(y):
        labels, exact = _labellings(y, seed)
    return tuple(_result(one.at(rows), y, raw.about.class_names, labels, exact) for one in table.covariates)


def _stimuli_of_classes(trials: pd.DataFrame, table: StimulusTable) -> tuple[list[int], Int[np.ndarray, " S"]]:
    """Row in the table and class of each stimulus, once for each class that it has."""
    used = trials[trials["kept"] & (trials["label"] >= 0)]
    pairs = set(zip(used["stimulus"], used["label"], strict=True))
    found = [(row, label) for row, name in enumerate(table.stimuli) for label in (0, 1) if (name, label) in pairs]
    return [row for row, _ in found], np.array([label for _, label in found], np.int64)


def _labellings(y: Int[np.ndarray, " S"], seed: int) -> tuple[Bool[np.ndarray, "L S"], bool]:
    """Labellings of the stimuli with the classes' sizes kept, the true one first where they are drawn; and whether all."""
    count, positive = len(y), int(y.sum())
    total = math.comb(count, positive)
    if total <= ALL:
        chosen = np.fromiter(chain.from_iterable(combinations(range(count), positive)), np.int64).reshape(
            total, positive
        )
        labels = np.zeros((total, count), np.bool_)
        np.put_along_axis(labels, chosen, True, axis=1)
        return labels, True
    rng = np.random.default_rng(seed)
    return np.stack([y == 1, *(rng.permutation(y == 1) for _ in range(DRAWS))]), False


def _result(
    covariate: Covariate,
    y: Int[np.ndarray, " S"],
    class_names: tuple[str, str],
    labels: Bool[np.ndarray, "L S"] | None,
    exact: bool,
) -> CovariateResult:
    values = np.array(covariate.values)
    words = covariate.words is not None
    constant = len(set(covariate.values)) == 1
    parts = [values[y == label] for label in (0, 1)]
    describe = _words_of_class if words else _numbers_of_class
    return CovariateResult(
        name=covariate.name,
        kind=covariate.kind,
        classes={name: describe(part) for name, part in zip(class_names, parts, strict=True)},
        constant=constant,
        separated=_separated(parts, words),
        standardised_difference=None if words else _hedges_g(parts),
        cramers_v=_cramers_v(parts) if words else None,
        p=None if labels is None or constant else _p(values, y == 1, labels, words),
        permutations=0 if labels is None else len(labels),
        exact=exact,
    )


def _numbers_of_class(values: Float[np.ndarray, " S"]) -> CovariateOfClass:
    if not len(values):
        return CovariateOfClass(0, None, None, None, None, {})
    apart = values - values[0]  # exactly 0 where all are the same
    sd = float(apart.std(ddof=1)) if len(values) > 1 else None
    mean = float(values[0] + apart.mean())
    return CovariateOfClass(len(values), mean, sd, float(values.min()), float(values.max()), {})


def _words_of_class(values: np.ndarray) -> CovariateOfClass:
    counts = pd.Series(values, dtype=object).value_counts(sort=False).sort_values(ascending=False, kind="stable")
    return CovariateOfClass(len(values), None, None, None, None, {str(word): int(n) for word, n in counts.items()})


def _separated(parts: list[np.ndarray], words: bool) -> bool:
    if not all(map(len, parts)):
        return False
    if words:
        return not set(parts[0]) & set(parts[1])
    return bool(parts[0].max() < parts[1].min() or parts[1].max() < parts[0].min())


def _hedges_g(parts: list[Float[np.ndarray, " _"]]) -> float | None:
    """Hedges (1981): the difference of means in pooled standard deviations, times 1 - 3 / (4 df - 1)."""
    df = sum(map(len, parts)) - 2
    if df < 1 or not all(map(len, parts)):
        return None
    apart = [part - part[0] for part in parts]
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in apart)
    if squares == 0:
        return None
    difference = parts[1][0] - parts[0][0] + apart[1].mean() - apart[0].mean()
    return float(difference / math.sqrt(squares / df) * (1 - 3 / (4 * df - 1)))


def _cramers_v(parts: list[np.ndarray]) -> float | None:
    """Cramér's V of class and word with Bergsma's (2013) correction for chance."""
    n = sum(map(len, parts))
    different = len(set(np.concatenate(parts)))
    if different < 2 or not all(map(len, parts)):
        return None
    y = np.repeat([False, True], [len(part) for part in parts])
    phi2 = float(_chi_square(np.concatenate(parts), y[None])[0]) / n
    corrected = max(0.0, phi2 - (different - 1) / (n - 1))
    rows = different - (different - 1) ** 2 / (n - 1)
    columns = 2 - 1 / (n - 1)
    most = min(rows, columns) - 1
    return min(1.0, math.sqrt(corrected / most)) if most > 0 else None


def _chi_square(words: np.ndarray, labels: Bool[np.ndarray, "L S"]) -> Float[np.ndarray, " L"]:
    """Pearson's statistic of word by class under each labelling."""
    _, codes = np.unique(words, return_inverse=True)
    one_hot = np.eye(codes.max() + 1)[codes]
    totals, share = one_hot.sum(0), labels[0].mean()
    counted = labels.astype(np.float64) @ one_hot
    return ((counted - share * totals) ** 2 / (share * (1 - share) * totals)).sum(1)


def _p(values: np.ndarray, y: Bool[np.ndarray, " S"], labels: Bool[np.ndarray, "L S"], words: bool) -> float:
    """The share of labellings, the true one among them, under which the classes differ at least as much."""
    if words:
        found, true = _chi_square(values, labels), _chi_square(values, y[None])[0]
    else:
        centred = values - values.mean()
        found, true = np.abs(labels @ centred), abs(float(centred[y].sum()))
    return float(np.mean(found >= true - SAME * max(abs(true), 1e-300)))
