"""Following a face through frames: what needs no compiled tracker. `test_tracking.py` has the rest, which is slow."""

import numpy as np
import pytest

from smilejax import SmilejaxError
from smilejax.faces import face_landmarker, track_frames


@pytest.mark.parametrize(
    ("frames", "arrived"),
    [
        (np.zeros((2, 40, 40, 3), np.float32), r"float32 of shape \(2, 40, 40, 3\)"),
        (np.zeros((40, 40, 3), np.uint8), r"uint8 of shape \(40, 40, 3\)"),
        (np.zeros((2, 40, 40, 4), np.uint8), r"uint8 of shape \(2, 40, 40, 4\)"),
        (np.zeros((2, 0, 40, 3), np.uint8), r"uint8 of shape \(2, 0, 40, 3\)"),
    ],
)
def test_frames_are_checked(frames: np.ndarray, arrived: str) -> None:
    with pytest.raises(SmilejaxError, match=rf"frames must be whole numbers from 0 to 255 .*it is .*{arrived}"):
        track_frames(frames, tracker=face_landmarker())


def test_no_frames() -> None:
    tracked, _ = track_frames(np.zeros((0, 40, 40, 3), np.uint8), tracker=face_landmarker())
    assert [field.shape for field in tracked] == [(0, 478, 3), (0, 52), (0,), (0,), (0,)]
