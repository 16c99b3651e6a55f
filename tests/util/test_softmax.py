"""Softmax and its logarithm are SciPy's, bit for bit."""

import numpy as np
import pytest
import scipy.special

from smilejax._util.softmax import log_softmax, softmax

DRAWN = np.random.default_rng(0).normal(0, 5, (4, 500, 2))
EXTREME = np.array([[0.0, 800.0], [-1e30, 1e30], [np.nan, 0.0], [3.0, 3.0], [-745.2, 0.0]])


@pytest.mark.parametrize("logits", [DRAWN, EXTREME, DRAWN.astype(np.float32)], ids=("drawn", "extreme", "of 32 bits"))
def test_both_are_scipys(logits: np.ndarray) -> None:
    assert np.array_equal(softmax(logits), scipy.special.softmax(logits, axis=-1), equal_nan=True)
    assert np.array_equal(log_softmax(logits), scipy.special.log_softmax(logits, axis=-1), equal_nan=True)
