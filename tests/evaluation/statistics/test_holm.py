"""Holm's adjustment, against values worked by hand and its own definition as a procedure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smilejax.evaluation.statistics import holm


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        # Ascending .005 .01 .03 .04, times 4 3 2 1: .02 .03 .06 .04, the last raised to .06.
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.2], [0.2]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
        ([np.nan, 0.04, 0.01], [np.nan, 0.04, 0.02]),
        ([], []),
    ],
)
def test_by_hand(p: list[float], adjusted: list[float]) -> None:
    found = holm(np.array(p, float))
    np.testing.assert_allclose(found.adjusted, adjusted)
    assert found.count == np.isfinite(p).sum()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.sampled_from([0.01, 0.05, 0.3]))
def test_it_rejects_what_the_procedure_rejects(p: list[float], alpha: float) -> None:
    """Step down: from the least p on, reject while p <= alpha / (tests left)."""
    left, rejected = len(p), set()
    for i in sorted(range(len(p)), key=lambda i: p[i]):
        if p[i] * left > alpha:
            break
        rejected.add(i)
        left -= 1
    assert set(np.flatnonzero(holm(np.array(p)).adjusted <= alpha)) == rejected


def test_what_is_no_p_is_refused() -> None:
    with pytest.raises(ValueError, match=r"from 0 to 1; 1.7 arrived"):
        holm(np.array([0.2, 1.7]))
