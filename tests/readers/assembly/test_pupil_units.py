"""Pupils as diameters in one unit."""

import numpy as np
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers.assembly.pupil_units import diameters
from smilejax.settings import ReadSettings

AREAS = np.array([[400.0, 420.0], [900.0, 880.0], [8000.0, 8200.0], [8100.0, 8000.0]])
WHO = np.array([0, 0, 1, 1])


def test_an_area_in_arbitrary_units_is_kept_and_said():
    values, unit, findings = diameters("f.asc", AREAS, ("au2", "au2"), WHO, ["a", "b"], ReadSettings())
    np.testing.assert_array_equal(values, AREAS)
    assert unit == "au"
    assert ["an area" in f.value for f in findings if f.what == "left eye's pupil"] == [True]


def test_it_is_converted_where_that_is_asked_for():
    values, _, findings = diameters("f.asc", AREAS, ("au2", "au2"), WHO, ["a", "b"], ReadSettings(area=True))
    np.testing.assert_allclose(values, 2 * np.sqrt(AREAS / np.pi))
    assert {f.how for f in findings if f.what.endswith("pupil")} == {"given"}


def test_areas_of_participants_may_differ_by_the_square_of_what_diameters_may():
    with pytest.raises(ReadError, match="the participants are not in one unit"):
        diameters("f.csv", AREAS, (None, None), WHO, ["a", "b"], ReadSettings())
    with pytest.raises(ReadError, match="the participants are not in one unit"):
        diameters("f.asc", AREAS * [[1], [1], [20], [20]], ("au2", "au2"), WHO, ["a", "b"], ReadSettings())
