"""A permutation test that stops: exact by enumeration, the plain test where it does not stop, and blind to how it is cut."""

import itertools
from collections import Counter
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smilejax.evaluation.statistics import (
    expected_permutations,
    least_needed,
    permutation_test,
    scored_as_high,
    stops_at,
)

MEASURED = np.array([0.31, 1.27, 0.05, 2.6, 1.9, 0.77])
"""A number of each trial; all sums of some of them differ."""


@cache
def p_of(as_high: tuple[bool, ...], planned: int, stop_after: int) -> Fraction:
    """p without rounding, from what the test says that it counted, where these permutations score as high."""
    null = np.where(as_high, 0.7, 0.4)
    test = permutation_test(0.7, null, design_smallest_p=0.01, planned=planned, stop_after=stop_after)
    exact = Fraction(test.at_least + (not test.stopped), test.count + (not test.stopped))
    assert test.p == pytest.approx(float(exact))
    return exact


def scores_of_labellings(values: np.ndarray, *, mirrored: bool = False) -> np.ndarray:
    """The difference of the classes' means under every labelling with half of the trials in each class."""
    n = len(values)
    chosen = [list(some) for some in itertools.combinations(range(n), n // 2)]
    sums = np.array([values[rows].sum() for rows in chosen])
    difference = (2 * sums - values.sum()) / (n // 2)
    return np.abs(difference) if mirrored else difference


def shares(scores: np.ndarray, planned: int, stop_after: int) -> dict[Fraction, Fraction]:
    """P(p <= alpha) at every attainable alpha: each labelling is the true one equally often, with every order of the others."""
    found: Counter[Fraction] = Counter()
    for true in range(len(scores)):
        high = scored_as_high(scores[true], np.delete(scores, true)).tolist()
        found.update(p_of(order, planned, stop_after) for order in itertools.permutations(high, planned))
    return {alpha: Fraction(sum(n for p, n in found.items() if p <= alpha), found.total()) for alpha in found}


@pytest.mark.parametrize(("planned", "stop_after"), [(5, 1), (5, 2), (5, 3), (5, 5), (5, 0), (4, 2), (3, 2)])
def test_p_is_exact_in_every_order_of_every_labelling(planned: int, stop_after: int) -> None:
    """Four trials, six labellings: where no scores tie, P(p <= alpha) is alpha at every p that the test can give."""
    found = shares(scores_of_labellings(MEASURED[:4]), planned, stop_after)
    assert all(share == alpha for alpha, share in found.items())
    attainable = {Fraction(b + 1, planned + 1) for b in range(min(stop_after, planned + 1) or planned + 1)}
    attainable |= {Fraction(stop_after, at) for at in range(stop_after, planned + 1) if stop_after}
    assert set(found) == attainable
    assert min(found) == Fraction(1, planned + 1)


@pytest.mark.parametrize("stop_after", [1, 2])
def test_p_is_exact_of_six_trials(stop_after: int) -> None:
    """Twenty labellings, three trials of each class, and every three of the other labellings in every order."""
    found = shares(scores_of_labellings(MEASURED), 3, stop_after)
    assert all(share == alpha for alpha, share in found.items())


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_with_ties_p_is_too_large_and_never_too_small(stop_after: int) -> None:
    """A labelling and its mirror score the same, and values that were rounded tie: every tie counts against the study."""
    tied = shares(scores_of_labellings(np.array([0.0, 1.0, 1.0, 2.0])), 5, stop_after)
    mirrored = shares(scores_of_labellings(MEASURED[:4], mirrored=True), 5, stop_after)
    for found in (tied, mirrored):
        assert all(share <= alpha for alpha, share in found.items())
        assert any(share < alpha for alpha, share in found.items())


TENTHS = st.integers(0, 10).map(lambda tenth: tenth / 10)
SCORES = st.lists(TENTHS | st.just(float("nan")), min_size=1, max_size=40)


@given(observed=TENTHS | st.just(float("nan")), scores=SCORES, stop_after=st.integers(0, 12))
def test_stopping_is_as_the_rule_says(observed: float, scores: list[float], stop_after: int) -> None:
    """Against the rule in a loop; where the test does not stop it is the plain one, and what stands behind does not matter."""
    null, planned = np.array(scores), len(scores)
    high, end = 0, None
    for at, score in enumerate(scores, 1):
        high += not score < observed - 1e-9
        if stop_after and high == stop_after:
            end = at
            break
    test = permutation_test(observed, null, design_smallest_p=0.01, stop_after=stop_after)
    plain = permutation_test(observed, null, design_smallest_p=0.01)
    assert stops_at(observed, null, stop_after) == end
    assert (test.stopped, test.count) == (end is not None, end or planned)
    assert (test.at_least, test.planned, test.smallest_p) == (high, planned, plain.smallest_p)
    assert test.smallest_p - 1e-12 <= test.p <= 1
    if end is None:
        assert (test.p, test.at_least, test.null_mean) == pytest.approx(
            (plain.p, plain.at_least, plain.null_mean), nan_ok=True
        )
        return
    assert test.p == high / end
    others = np.concatenate([null[:end], np.zeros(planned - end)])
    assert permutation_test(observed, others, design_smallest_p=0.01, stop_after=stop_after).p == test.p
    if stop_after / planned > 0.05:  # then neither test is significant
        assert plain.p > 0.05
        assert test.p > 0.05


@given(
    observed=TENTHS,
    scores=SCORES,
    stop_after=st.integers(0, 12),
    batches=st.lists(st.integers(0, 7), min_size=40, max_size=40),
)
def test_what_is_needed_at_least_is_never_in_vain(
    observed: float, scores: list[float], stop_after: int, batches: list[int]
) -> None:
    """In batches of what is needed, the test ends with the permutation at which it stops; in larger ones it stops there too."""
    null, planned = np.array(scores), len(scores)
    whole = permutation_test(observed, null, design_smallest_p=0.01, stop_after=stop_after)
    for surplus in ([0] * planned, batches):
        seen = 0
        for extra in surplus:
            needed = least_needed(observed, null[:seen], planned=planned, stop_after=stop_after)
            if not needed:
                break
            seen = min(planned, seen + needed + extra)
        part = permutation_test(observed, null[:seen], design_smallest_p=0.01, planned=planned, stop_after=stop_after)
        assert (part.p, part.count, part.stopped) == (whole.p, whole.count, whole.stopped)
        assert seen == whole.count or any(surplus)


def test_a_test_that_has_not_ended_has_no_p() -> None:
    with pytest.raises(ValueError, match="needs at least 2 more permutations; there are 3 of 99"):
        permutation_test(0.7, np.array([0.8, 0.2, 0.3]), design_smallest_p=0.01, planned=99, stop_after=3)


def test_without_a_score_the_test_stops_at_once() -> None:
    """A study that diverged: all permutations count as high, and p is 1."""
    test = permutation_test(float("nan"), np.zeros(10), design_smallest_p=0.01, planned=99, stop_after=10)
    assert (test.p, test.count, test.stopped) == (1.0, 10, True)
    assert scored_as_high(0.5, np.array([np.nan, 0.4, 0.5])).tolist() == [True, False, True]


@pytest.mark.parametrize(("planned", "stop_after"), [(5, 1), (5, 2), (4, 2), (5, 5), (5, 7), (5, 0)])
def test_the_mean_number_of_permutations_is_that_of_every_order(planned: int, stop_after: int) -> None:
    scores = scores_of_labellings(MEASURED[:4])
    used = []
    for true in range(6):
        for order in itertools.permutations(np.delete(scores, true), planned):
            used.append(stops_at(scores[true], np.array(order), stop_after) or planned)
    assert np.mean(used) == pytest.approx(expected_permutations(planned, stop_after))
