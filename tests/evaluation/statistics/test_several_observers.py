"""Averaging observers, against all groups by hand."""

from itertools import combinations

import numpy as np
import pytest

from smilejax.evaluation.statistics import crossed_interval, voting_curve


def made(rng: np.random.Generator, observers: list[int]) -> tuple[np.ndarray, ...]:
    """p, y, stimulus, participant; stimulus i has observers[i] of them, shuffled."""
    stimulus = np.repeat(np.arange(len(observers)), observers)
    participant = np.concatenate([rng.permutation(max(observers))[:n] for n in observers])
    y = stimulus % 2
    p = np.clip(0.5 + 0.1 * (2 * y - 1) + rng.normal(0, 0.2, len(y)), 0, 1)
    order = rng.permutation(len(y))
    return p[order], y[order], stimulus[order], participant[order]


def by_hand(p: np.ndarray, y: int, k: int) -> float:
    groups = list(combinations(p, k))
    return sum((np.mean(g) > 0.5) == (y == 1) for g in groups) / len(groups)


def test_all_groups(rng: np.random.Generator) -> None:
    p, y, stimulus, participant = made(rng, [5, 6, 3, 6, 4, 4])
    table = voting_curve(p, y, stimulus, participant, seed=0).set_index("k")
    assert table.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert table["stimuli"].tolist() == [6, 6, 6, 5, 3, 2]
    assert table["dropped"].tolist() == [0, 0, 0, 1, 3, 4]
    assert table["exact"].all()
    for k in range(1, 6):
        shares = [
            [by_hand(p[stimulus == s], c, k) for s in range(c, 6, 2) if (stimulus == s).sum() >= k] for c in (0, 1)
        ]
        assert table.loc[k, "balanced_accuracy"] == pytest.approx(np.mean([np.mean(own) for own in shares])), k
    # Six observers: stimuli of class 1 only.
    assert np.isnan(table.loc[6, "balanced_accuracy"])
    assert (table["low"][:4] <= table["balanced_accuracy"][:4]).all()
    assert (table["high"][:4] >= table["balanced_accuracy"][:4]).all()


def test_one_observer_is_the_plain_accuracy_with_its_interval_over_stimuli(rng: np.random.Generator) -> None:
    p, y, stimulus, participant = made(rng, [7] * 10)
    row = voting_curve(p, y, stimulus, participant, seed=0).iloc[0]
    hit = ((p > 0.5) == (y == 1)).astype(float)
    assert row["balanced_accuracy"] == pytest.approx(hit.mean())
    interval = crossed_interval(hit, y, np.full(70, -1), stimulus, seed=0)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high), abs=0.02)


def test_random_groups_where_there_are_too_many(rng: np.random.Generator) -> None:
    made_up = made(rng, [12] * 6)
    exact = voting_curve(*made_up, draws=1000, seed=0)
    drawn = voting_curve(*made_up, draws=400, seed=0)
    assert exact["exact"].all()
    assert drawn["exact"].tolist() == [n <= 400 for n in (12, 66, 220, 495, 792, 924, 792, 495, 220, 66, 12, 1)]
    np.testing.assert_allclose(drawn["balanced_accuracy"], exact["balanced_accuracy"], atol=0.04)
    assert (drawn["balanced_accuracy"][3:8] != exact["balanced_accuracy"][3:8]).any()
    again = voting_curve(*made_up, draws=400, seed=0)
    np.testing.assert_array_equal(drawn, again)


def test_more_observers_are_better_where_there_is_something(rng: np.random.Generator) -> None:
    table = voting_curve(*made(rng, [15] * 20), draws=300, seed=0)
    assert table["balanced_accuracy"].iloc[9] > table["balanced_accuracy"].iloc[0] + 0.05


def test_several_viewings_count_as_one_and_what_is_unknown_not_at_all() -> None:
    p = np.array([0.9, 0.2, 0.7, 0.1, 0.3, np.nan, 0.9, 0.9])
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    stimulus = np.array([4, 4, 4, 9, 9, 9, -1, 9])
    participant = np.array([0, 0, 1, 0, 1, 2, 1, -1])
    table = voting_curve(p, y, stimulus, participant, seed=0)
    assert table["k"].tolist() == [1, 2]
    assert table["balanced_accuracy"].tolist() == [1.0, 1.0]  # .55 and .7; .1 and .3
    assert len(voting_curve(p, y, np.full(8, -1), participant, seed=0)) == 0


def test_a_mean_of_a_half_is_answered_0() -> None:
    p, y = np.array([0.3, 0.7, 0.3, 0.7]), np.array([0, 0, 1, 1])
    table = voting_curve(p, y, y, np.array([0, 1, 0, 1]), seed=0)
    assert table["balanced_accuracy"].tolist() == [0.5, 0.5]
    flipped = voting_curve(np.array([0.1, 0.2, 0.4, 0.6]), y, y, np.array([0, 1, 0, 1]), seed=0)
    assert flipped["balanced_accuracy"].tolist() == [0.75, 0.5]
