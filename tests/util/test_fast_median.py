"""The median is that of NumPy, to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smilejax._util.fast_median import fast_median


@given(st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=12))
def test_median_is_that_of_numpy(values: list[float]) -> None:
    for kind in (np.float32, np.float64):
        array = np.array(values, kind)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(fast_median(array), float(np.median(array)))
        assert array.tolist() == pytest.approx(values, nan_ok=True), "values are left as they are"


def test_median_of_two_columns_is_that_of_both() -> None:
    assert fast_median(np.array([[1.0, 7.0], [2.0, 3.0]])) == 2.5
