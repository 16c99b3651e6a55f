"""The sign-flip test against SciPy's permutation test."""

import math

import numpy as np
import pytest
from scipy.stats import permutation_test

from smilejax._util.sign_flip import is_exact, sign_flip, smallest_sign_flip_p


@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
@pytest.mark.parametrize("n", [2, 5, 11])
def test_all_patterns_are_scipys(rng: np.random.Generator, alternative: str, n: int) -> None:
    d = rng.normal(0.4, 1, n).round(1)  # rounded: some sums tie
    theirs = permutation_test(
        (d,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative=alternative, vectorized=False
    )
    # SciPy doubles the smaller tail, which is the same: patterns come in pairs of opposite signs.
    assert sign_flip(d, alternative=alternative) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_drawn_patterns_are_near_the_exact_p(rng: np.random.Generator) -> None:
    from scipy.stats import norm

    d = rng.normal(0.25, 1, 60)
    assert not is_exact(len(d))
    drawn = sign_flip(d, alternative="greater", draws=20_000, seed=1)
    near = norm.sf(d.sum() / np.sqrt((d**2).sum()))
    assert drawn == pytest.approx(near, abs=0.01)
    assert drawn == sign_flip(d, alternative="greater", draws=20_000, seed=1)
    assert drawn != sign_flip(d, alternative="greater", draws=20_000, seed=2)


def test_the_smallest_attainable_p() -> None:
    for n in (1, 5, 16, 17):
        for alternative in ("greater", "two-sided"):
            p = sign_flip(np.ones(n), alternative=alternative)
            assert smallest_sign_flip_p(n, alternative=alternative) <= p
            assert n == 17 or p == smallest_sign_flip_p(n, alternative=alternative)
    assert math.isnan(sign_flip([], alternative="greater"))
    assert math.isnan(sign_flip([1.0, math.nan], alternative="greater"))
