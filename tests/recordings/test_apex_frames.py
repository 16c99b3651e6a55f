"""The apex of each smile as a single frame."""

import numpy as np
import pytest

from smilejax._util.errors import FacesError
from smilejax.recordings.apex_frames import apex_frames
from smilejax.recordings.faces import STILL_RATE_HZ, Faces


def _faces(values: np.ndarray, channels: tuple[str, ...], **more: object) -> Faces:
    n = len(values)
    return Faces(
        values=values.astype(np.float32),
        channels=channels,
        length=np.full(n, values.shape[1]) if "length" not in more else more.pop("length"),
        rate_hz=25.0,
        label=np.arange(n) % 2,
        class_names=("posed", "genuine"),
        trial=tuple(f"v{k}" for k in range(n)),
        participant=tuple(f"p{k}" for k in range(n)),
        **more,
    )


def test_the_frame_of_the_greatest_smile_is_taken_with_all_its_measures() -> None:
    """The mean of both corners counts, not one of them; another measure comes from the same frame."""
    left, right = [0, 0.3, 0.2, 0.1], [0, 0.0, 0.2, 0.1]
    values = np.stack([left, right, [10, 11, 12, 13]], axis=1)[None]
    made = apex_frames(_faces(values, ("lip_corner_left", "lip_corner_right", "mouth_opening")))
    np.testing.assert_allclose(made.values, [[[0.2, 0.2, 12]]], rtol=1e-6)
    assert made.stills
    assert made.rate_hz == STILL_RATE_HZ
    assert any("apex" in finding.value for finding in made.source.findings)


def test_missing_unsure_and_padded_frames_are_no_apex() -> None:
    values = np.array([[1, np.nan, 9, 2, 8]])[:, :, None]
    confidence = np.array([[1, 0, 0.2, 1, 1]], np.float32)
    made = apex_frames(_faces(values, ("AU12",), confidence=confidence, length=np.array([4])))
    assert made.values.ravel().tolist() == [2]
    assert made.confidence is not None
    assert made.confidence.ravel().tolist() == [1]


def test_single_frames_are_given_back_and_a_smile_needs_a_measure() -> None:
    single = _faces(np.ones((2, 1, 1)), ("brow_left",))
    assert apex_frames(single) is single
    with pytest.raises(FacesError, match="no measure that rises with a smile is among brow_left"):
        apex_frames(_faces(np.ones((2, 3, 1)), ("brow_left",)))
