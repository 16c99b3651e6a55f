"""Columns are found by their headings in any spelling."""

import pytest

from smilejax.readers.columns.headings import bare, find

HEADS = ("Time", "Pupil diameter left [mm]", "L Dia X [px]", "L Dia X [mm]", "confidence", "Confidence (0-1)")


@pytest.mark.parametrize(
    ("spellings", "column"),
    [
        (("time",), 0),
        (("pupil_diameter_left",), 1),
        (("pupildiameterleft",), 1),
        (("L Dia X [mm]",), 3),
        (("L Dia X",), 2),
        (("Confidence",), 4),
        (("confidence (0-1)",), 5),
        (("L Dia Y [mm]", "time"), 0),
        (("", None, "confidence"), 4),
        (("Pupil diameter left [px]",), None),
        (("pupil",), None),
        (("",), None),
    ],
)
def test_find(spellings, column):
    assert find(HEADS, *spellings) == column


def test_bare():
    assert bare("Recording timestamp [\u03bcs]") == "recordingtimestamp"
    assert bare("GazePointX (ADCSpx)") == "gazepointx"
