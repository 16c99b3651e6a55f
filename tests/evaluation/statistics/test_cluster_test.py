"""Cluster-based permutation tests against plain loops, by hand, and against MNE-Python."""

import itertools

import numpy as np
import pytest
from scipy import stats

from smilejax._util.errors import DataError, SettingsError
from smilejax.evaluation.statistics import cluster_test, paired_cluster_test


def plain_t(values: np.ndarray, labels: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """t of the class and its degrees of freedom at each step, by least squares with an intercept for each stratum."""
    found, df = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for step in range(values.shape[1]):
        known = np.isfinite(values[:, step])
        y, own = values[known, step], strata[known]
        columns = np.stack([*(own == one for one in np.unique(own)), labels[known]], axis=1).astype(float)
        if np.linalg.matrix_rank(columns) < columns.shape[1]:
            continue
        df[step] = len(y) - columns.shape[1]
        beta = np.linalg.lstsq(columns, y, rcond=None)[0]
        residual = ((y - columns @ beta) ** 2).sum() / df[step]
        found[step] = beta[-1] / np.sqrt(residual * np.linalg.inv(columns.T @ columns)[-1, -1])
    return found, df


def plain_clusters(t: np.ndarray, df: np.ndarray) -> list[tuple[int, int, float]]:
    """First step, the one after the last, and sum of t, step by step."""
    clusters: list[tuple[int, int, float]] = []
    side = 0
    for step, value in enumerate(t):
        now = int(np.sign(value)) if df[step] > 0 and abs(value) >= stats.t.isf(0.025, df[step]) else 0
        if now and now == side:
            first, _, mass = clusters.pop()
            clusters.append((first, step + 1, mass + value))
        elif now:
            clusters.append((step, step + 1, value))
        side = now
    return clusters


def courses(units: int, steps: int, seed: int, gaps: float = 0.0) -> np.ndarray:
    """Slow courses with noise, some of whose values are missing."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(size=(units, steps)), axis=1) + rng.normal(size=(units, 1))
    return np.where(rng.random(values.shape) < gaps, np.nan, values)


def all_labellings(labels: np.ndarray) -> np.ndarray:
    """Every labelling with as many of either class, but for the given one."""
    chosen = itertools.combinations(range(len(labels)), int(labels.sum()))
    rows = np.array([np.isin(np.arange(len(labels)), one) for one in chosen]).astype(int)
    return rows[(rows != labels).any(1)]


@pytest.mark.parametrize("gaps", [0.0, 0.1])
@pytest.mark.parametrize("strata", [np.zeros(10, int), np.repeat(np.arange(5), 2), np.array([0] * 6 + [1] * 4)])
def test_t_clusters_and_p_are_those_of_a_plain_loop(strata: np.ndarray, gaps: float) -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(10) % 2
    values = courses(10, 25, 5, gaps) + 25 * labels[:, None] * (np.arange(25) > 12)
    permuted = labels[np.array([rng.permutation(10) for _ in range(30)])]
    found = cluster_test(values, labels, permuted, strata=strata)
    t, df = plain_t(values, labels, strata)
    np.testing.assert_allclose(np.nan_to_num(found.t), t, atol=1e-9)
    expected = plain_clusters(t, df)
    assert expected, "there is something to compare"
    assert [(one.first, one.end) for one in found.clusters] == [one[:2] for one in expected]
    np.testing.assert_allclose([one.mass for one in found.clusters], [one[2] for one in expected])
    null = np.array(
        [max((abs(one[2]) for one in plain_clusters(*plain_t(values, row, strata))), default=0.0) for row in permuted]
    )
    for one in found.clusters:
        assert one.p == (1 + (null >= abs(one.mass) - 1e-9).sum()) / 31
    assert found.p == min(one.p for one in found.clusters)


def test_with_one_stratum_t_is_students_and_with_pairs_it_is_the_paired_t() -> None:
    values, labels = courses(12, 9, 1), np.arange(12) % 2
    some = labels[None, ::-1]
    one = cluster_test(values, labels, some).t
    np.testing.assert_allclose(one, stats.ttest_ind(values[labels == 1], values[labels == 0]).statistic)
    pairs = cluster_test(values, labels, some, strata=np.arange(12) // 2).t
    np.testing.assert_allclose(pairs, stats.ttest_rel(values[1::2], values[::2]).statistic)


def test_the_paired_test_is_that_of_mne() -> None:
    """mne 1.13.2: permutation_cluster_1samp_test(d, threshold=t.isf(.025, 7), n_permutations=2000, tail=0), all 128 patterns.

    (Its test of two samples with tail=0 keeps the largest signed mass of each permutation, not the largest absolute one, and
    is not compared.)
    """
    rng, at = np.random.default_rng(4), np.arange(40)
    d = np.cumsum(rng.normal(size=(8, 40)), 1) * 0.08 + 0.5 * np.exp(-(((at - 22) / 6) ** 2))
    d = np.round(d - 0.4 * np.exp(-(((at - 4) / 3) ** 2)) + rng.normal(0, 0.1, (8, 40)), 3)
    found = paired_cluster_test(d, seed=0)
    assert found.count == 127
    np.testing.assert_allclose(
        found.t[::8],
        [-3.3258803599458036, 0.3188842762881811, 2.713955245278338, 6.699555767445462, 1.9536086519349694],
    )
    mne = {
        (0, 1): (-3.3258803599458036, 0.2578125),
        (2, 7): (-16.999747122206468, 0.0703125),
        (15, 32): (75.82960994291618, 0.015625),
        (33, 34): (2.532559572916703, 0.3359375),
        (35, 37): (5.094433927876885, 0.234375),
        (38, 39): (2.370036508208473, 0.390625),
    }
    assert {(one.first, one.end): (pytest.approx(one.mass), one.p) for one in found.clusters} == mne


def test_all_labellings_of_a_tiny_study_give_an_exact_p() -> None:
    """Three against three, far apart at two steps: of 20 labellings the true one and its mirror are as far apart."""
    labels = np.array([0, 0, 0, 1, 1, 1])
    values = np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2])[:, None] * np.array([0.0, 1.0, 1.0, 0.0])
    values[:, (0, 3)] = [[0.1], [0.3], [0.2], [0.2], [0.1], [0.3]]
    found = cluster_test(values, labels, all_labellings(labels))
    assert [(one.first, one.end) for one in found.clusters] == [(1, 3)]
    assert found.p == 2 / 20
    assert found.smallest_p == 1 / 20


def test_all_patterns_of_signs_are_gone_through_where_no_more_exist() -> None:
    d = np.array([[1.0], [1.1], [0.9], [1.2], [1.05]])
    found = paired_cluster_test(d, permutations=15, seed=0)
    assert (found.count, found.p) == (15, 1 / 16)
    drawn = paired_cluster_test(d, permutations=14, seed=0)
    assert drawn.count == 14


def test_opposite_sides_are_clusters_of_their_own_and_a_gap_ends_one() -> None:
    labels = np.repeat([0, 1], 6)
    noise = np.tile(np.linspace(-0.1, 0.1, 6), 2)[:, None]
    values = noise + labels[:, None] * np.array([1.0, 1.0, -1.0, -1.0, 0.0, 1.0, np.nan, 1.0])
    values[:, 6] = np.nan
    found = cluster_test(values, labels, labels[None, ::-1])
    assert [(one.first, one.end, one.mass > 0) for one in found.clusters] == [
        (0, 2, True),
        (2, 4, False),
        (5, 6, True),
        (7, 8, True),
    ]
    assert np.isnan(found.t[6])


def test_swapping_the_classes_turns_the_sign_alone() -> None:
    values, labels = courses(9, 30, 2, 0.05), np.array([0, 1, 1, 0, 1, 0, 1, 0, 0])
    values[labels == 1, 10:20] += 3
    permuted = all_labellings(labels)
    one, other = cluster_test(values, labels, permuted), cluster_test(values, 1 - labels, 1 - permuted)
    np.testing.assert_allclose(other.t, -one.t)
    assert other.p == one.p
    assert one.clusters


def test_steps_that_do_not_vary_have_no_t() -> None:
    values, labels = courses(8, 5, 0), np.arange(8) % 2
    values[:, 2] = 3.3
    found = cluster_test(values, labels, labels[None, ::-1])
    assert np.flatnonzero(np.isnan(found.t)).tolist() == [2]
    nothing = cluster_test(np.ones((8, 5)), labels, labels[None, ::-1])
    assert (nothing.p, nothing.clusters) == (1.0, ())


def test_few_studies_without_a_difference_are_significant() -> None:
    """Slow courses, whose neighbouring steps resemble each other; docs/statistics.md has more studies."""
    labels = np.arange(10) % 2
    rng = np.random.default_rng(0)
    between, paired = [], []
    for seed in range(200):
        values = courses(10, 40, seed)
        permuted = rng.permuted(np.tile(labels, (99, 1)), axis=1)
        between.append(cluster_test(values, labels, permuted).p <= 0.05)
        paired.append(paired_cluster_test(values, permutations=99, seed=seed).p <= 0.05)
    assert 0.005 <= np.mean(between) <= 0.1
    assert 0.005 <= np.mean(paired) <= 0.1


def test_what_does_not_fit_is_refused() -> None:
    values, labels = courses(6, 4, 0), np.arange(6) % 2
    with pytest.raises(DataError, match=r"needs values \[units, steps\].* \(6, 4\), \(5,\) and \(1, 6\) arrived"):
        getattr(cluster_test, "__wrapped__", cluster_test)(
            values, labels[:5], labels[None]
        )  # tests check shapes before it
    with pytest.raises(DataError, match="must be 0 or 1"):
        cluster_test(values, labels - 1, labels[None])
    with pytest.raises(SettingsError, match="threshold_p must be above 0 and below 1"):
        cluster_test(values, labels, labels[None], threshold_p=0.0)
    with pytest.raises(SettingsError, match="permutations must be a whole number from 1 up"):
        paired_cluster_test(values, permutations=0, seed=0)
