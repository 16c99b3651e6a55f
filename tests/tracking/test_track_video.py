"""A video from its file to its measures, with the networks: slow, since they are compiled."""

from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.made_videos import write_video
from PIL import Image

from smilejax.faces.measures import MEASURES
from smilejax.settings import FaceSimulationSettings
from smilejax.simulate.face_videos import render_videos
from smilejax.tracking import track_video

pytestmark = pytest.mark.slow


def test_rendered_smiles_are_measured_as_they_are(tmp_path: Path) -> None:
    """Course of the lip corners, no visible face lost, every hidden one; in chunks or at once, the same bits; and crops."""
    settings = FaceSimulationSettings(smilers=1, videos_per_class=1, rate_hz=25, duration_ms=2000, losses_per_minute=60)
    courses = render_videos(settings, tmp_path, key=jax.random.key(5))
    for row, name in enumerate(courses.names()):
        tracked = track_video(tmp_path / f"{name}.mp4", crops=tmp_path / name)
        np.testing.assert_array_equal(tracked.found, ~courses.lost[row])
        for side, lane in (("left", 0), ("right", 1)):
            at = [measure.name for measure in MEASURES].index(f"lip_corner_{side}")
            seen, true = tracked.values[:, at], courses.corner[row, :, lane]
            assert np.corrcoef(seen[tracked.found], true[tracked.found])[0, 1] > 0.97
        crops = sorted((tmp_path / name).iterdir())
        assert [path.name for path in crops] == [f"frame_{k + 1:06d}.png" for k in np.flatnonzero(tracked.found)]
        with Image.open(crops[0]) as crop:
            assert crop.size == (112, 112)
            assert np.asarray(crop).std() > 20


def test_no_face_two_faces_and_which(tmp_path: Path) -> None:
    from smilejax.simulate.face_pictures import face_picture

    one, other = (face_picture(smiler, key=jax.random.key(0)).pixels.astype(np.uint8) for smiler in (0, 1))
    both = np.hstack([one, other])
    path = write_video(tmp_path / "two.mp4", [both] * 3)
    middle = {}
    for which in ("left", "right", 1, 2):
        tracked = track_video(path, face=which)
        assert tracked.found.all()
        assert "up to 2 faces were seen" in " ".join(tracked.in_words())
        middle[which] = tracked.values[0]
    np.testing.assert_array_equal(middle["left"], middle[1])
    np.testing.assert_array_equal(middle["right"], middle[2])
    assert np.abs(middle["left"] - middle["right"]).max() > 0.01
    third = track_video(path, face=3).in_words()
    assert third == ("the face that was asked for was found in no frame", "up to 2 faces were seen, in 3 frames")
    grey = write_video(tmp_path / "none.mp4", [np.full_like(both, 100)] * 2)
    assert track_video(grey).in_words() == ("no face was found in any frame",)
