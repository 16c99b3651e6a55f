"""Intervals and p of one split, against their formulas."""

import math

import numpy as np
import pytest
import scipy.stats

from smilejax.evaluation.statistics import participants_differ, split_score


def test_the_report_in_numbers() -> None:
    """22 of 35: Wilson 46.3 % to 76.8 %, one-sided exact p .0877."""
    score = split_score(22, 35)
    assert round(100 * score.accuracy, 4) == 62.8571
    assert (round(score.low, 3), round(score.high, 3)) == (0.463, 0.768)
    assert round(score.p, 4) == 0.0877


@pytest.mark.parametrize(("k", "n"), [(0, 5), (5, 5), (1, 1), (7, 12), (300, 400)])
def test_against_the_formulas(k: int, n: int) -> None:
    score = split_score(k, n)
    z, share = 1.959963984540054, k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    assert score.low == pytest.approx(max(0.0, middle - half), abs=1e-9)
    assert score.high == pytest.approx(min(1.0, middle + half), abs=1e-9)
    assert score.p == pytest.approx(sum(math.comb(n, i) for i in range(k, n + 1)) / 2**n, rel=1e-9)


def test_people_who_differ_against_scipy() -> None:
    """With many trials each, the chance of as much among dealt hits is Pearson's."""
    rng = np.random.default_rng(3)
    participants = np.repeat(np.arange(5), [60, 80, 100, 40, 120])
    hits = rng.random(400) < np.array([0.58, 0.6, 0.66, 0.55, 0.62])[participants]
    table = np.stack([np.bincount(participants, hits), np.bincount(participants, ~hits)])
    expected = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert 0.02 < expected < 0.9
    order = rng.permutation(400)
    found = participants_differ(hits[order], 7 * participants[order] + 1)
    assert found.p == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 9999) + 0.01)
    assert found.participants == 5


def test_people_who_do_not_differ_are_seldom_said_to() -> None:
    """.05 of 400 studies at most, within four standard errors; and the standard deviation found is the one there is."""
    rng = np.random.default_rng(4)
    participants = np.repeat(np.arange(8), 6)
    alike = [participants_differ(rng.random(48) < 0.6, participants, draws=199).p for _ in range(400)]
    assert np.mean(np.array(alike) <= 0.05) < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 400)
    participants = np.repeat(np.arange(400), 30)
    shares = rng.choice([0.4, 0.8], 400)
    found = participants_differ(rng.random(len(participants)) < shares[participants], participants, draws=19)
    assert found.sd == pytest.approx(0.2, abs=0.015)
    assert found.p == 1 / 20


@pytest.mark.parametrize(
    ("hits", "participants"),
    [([1, 0, 1], [0, 0, 0]), ([1, 0, 1], [0, 1, 2]), ([1, 1, 1], [0, 0, 1]), ([1, 0], [-1, -1])],
)
def test_where_nothing_can_be_told(hits: list[int], participants: list[int]) -> None:
    found = participants_differ(np.array(hits, bool), np.array(participants))
    assert math.isnan(found.sd)
    assert found.p == 1
