"""People's scores and their tests, against pandas and SciPy."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from smilejax.evaluation.statistics import participant_scores, participant_test


def test_scores_by_participant(rng: np.random.Generator) -> None:
    n = 90
    values, y, who = rng.random(n), rng.integers(0, 2, n), rng.integers(-1, 8, n) * 2
    values[::7], y[who == 6] = np.nan, 0
    frame = pd.DataFrame({"v": values, "y": y, "who": who})[who >= 0]
    of_class = frame.groupby(["who", "y"])["v"].mean().unstack().mean(axis=1, skipna=False)
    np.testing.assert_allclose(participant_scores(values, y, who), of_class)
    assert math.isnan(participant_scores(values, y, who)[3])
    accuracy = participant_scores(values, y, who, score="accuracy")
    np.testing.assert_allclose(accuracy, frame.groupby("who")["v"].mean())
    values[who == 4] = np.nan
    assert math.isnan(participant_scores(values, y, who, score="accuracy")[2])


def test_t_is_scipys(rng: np.random.Generator) -> None:
    scores = 0.55 + 0.1 * rng.normal(size=11)
    found = participant_test(np.r_[scores[:5], np.nan, scores[5:]], seed=0)
    expected = stats.ttest_1samp(scores, 0.5, alternative="greater")
    assert (found.t, found.p, found.df) == pytest.approx((expected.statistic, expected.pvalue, 10))
    low, high = stats.t.interval(0.95, 10, scores.mean(), stats.sem(scores))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.n, found.left_out) == (11, 1)
    assert (found.mean, found.sd) == pytest.approx((scores.mean(), scores.std(ddof=1)))


@pytest.mark.parametrize("n", [2, 5, 9])
def test_the_sign_flip_goes_through_all_patterns(rng: np.random.Generator, n: int) -> None:
    scores = (0.55 + 0.1 * rng.normal(size=n)).round(2)  # rounded: sums tie
    d = [round(100 * s) - 50 for s in scores]
    flips = [sum(s * x for s, x in zip(signs, d, strict=True)) for signs in product((1, -1), repeat=n)]
    found = participant_test(scores, seed=0)
    assert found.p_flip == pytest.approx(np.mean([f >= sum(d) for f in flips]))
    assert found.smallest_p_flip == 2.0**-n


def test_many_people_are_drawn_and_p_is_never_0(rng: np.random.Generator) -> None:
    scores = 0.53 + 0.1 * rng.normal(size=30)
    found = participant_test(scores, draws=4000, seed=1)
    assert found.p_flip == pytest.approx(found.p, abs=0.03)
    assert found == participant_test(scores, draws=4000, seed=1)
    assert found.p_flip != participant_test(scores, draws=4000, seed=2).p_flip
    sure = participant_test(0.9 + 0.01 * rng.normal(size=30), draws=99, seed=1)
    assert sure.p_flip == sure.smallest_p_flip == 0.01


def test_one_sided() -> None:
    below = participant_test(np.array([0.3, 0.4, 0.35, 0.2, 0.41]), seed=0)
    assert below.p > 0.95
    assert below.p_flip == 1


def test_too_few_and_no_spread() -> None:
    for scores in (np.zeros(0), np.array([0.7]), np.array([np.nan, 0.7])):
        found = participant_test(scores, seed=0)
        assert np.isnan([found.sd, found.low, found.t, found.p, found.p_flip]).all()
        assert found.n == np.isfinite(scores).sum()
    same = participant_test(np.full(6, 0.8), seed=0)
    assert math.isnan(same.p)
    assert same.p_flip == 1 / 64
    assert participant_test(np.full(6, 0.5), seed=0).p_flip == 1


def test_the_interval_ends_where_scores_do() -> None:
    assert participant_test(np.array([1.0, 1.0, 0.7]), seed=0).high == 1
    assert participant_test(np.array([0.9, 1.5, 0.7]), chance=0.0, seed=0).high > 1
