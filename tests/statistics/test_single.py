"""Intervals and p of one split, against their formulas."""

import math

import pytest

from smilejax.statistics import split_score


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
