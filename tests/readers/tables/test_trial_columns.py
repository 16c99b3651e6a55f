"""A column per trial, with a row for each sample."""

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import ReadError, SettingsError
from smilejax.readers import read
from smilejax.settings import ReadSettings

RULES = ReadSettings(names_from="column: {participant}_{trial}", label_from="trial: e* = posed, * = genuine")


def frame():
    columns = {
        f"{who}_{what}": 3 + np.arange(6) / 10 + k
        for k, (who, what) in enumerate([("a", "e1"), ("a", "h1"), ("b", "e1")])
    }
    columns["b_e1"][4:] = np.nan
    return pd.DataFrame({"time_ms": np.arange(6) * 20, **columns})


def test_names_come_from_the_headings(found):
    t = read(frame(), RULES)
    assert (t.participant, t.trial, t.label.tolist()) == (("a", "a", "b"), ("e1", "h1", "e1"), [0, 1, 0])
    assert (t.rate_hz, t.length.tolist()) == (50.0, [6, 6, 4])
    np.testing.assert_allclose(t.pupil[1, :, 0], frame().a_h1, rtol=1e-6)


def test_a_heading_that_does_not_fit_is_named():
    with pytest.raises(SettingsError, match=r"the column 'age' does not fit the pattern"):
        read(frame().assign(age=20.0), RULES)
    with pytest.raises(ReadError, match=r"column 'c_e1' holds no sample"):
        read(frame().assign(c_e1=np.nan), RULES)
