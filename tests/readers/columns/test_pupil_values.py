"""Pupil values as a file writes them."""

import numpy as np
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers.columns.pupil_values import clean


def test_where_nothing_was_measured_each_column_says_what_it_holds() -> None:
    pupil = np.array([[np.nan, 0.0], [np.nan, 0.0], [-1.0, 99.0]])
    hidden = np.zeros((3, 2), bool)
    with pytest.raises(ReadError) as caught:
        clean("a.csv", pupil, (99.0,), hidden, called=("left, column 'L'", "right, column 'R'"))
    assert str(caught.value) == (
        "a.csv: no sample was measured. Of 3 samples: left, column 'L': empty: 2, -1: 1; right, column 'R': given (99.0): 1, "
        "0: 2. If other columns hold the pupils, name them: left, right."
    )
