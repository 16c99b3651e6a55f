"""Rendered videos show what their courses say."""

from pathlib import Path

import jax
import numpy as np
import pytest

from smilejax.settings import FaceSimulationSettings
from smilejax.simulate.face_pictures import SIDE, FacePicture, face_picture, own_generator
from smilejax.simulate.face_videos import frames_truth_table, render_videos
from smilejax.simulate.render_face import _head_undone, _lid_undone, _pull, rendered_frames
from smilejax.videos import open_video

KEY = jax.random.key(3)
STILL = np.array([0, 0, 0, 1], np.float32)


@pytest.fixture(scope="module")
def faces() -> list[FacePicture]:
    return [face_picture(smiler, key=KEY) for smiler in (0, 1)]


def _planes(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return places[:, :1].astype(np.float32), places[:, 1:].astype(np.float32)


@pytest.mark.parametrize("corner", [(0.13, 0.13), (0.3, 0.05), (-0.05, 0.2)])
def test_lip_corners_go_where_the_course_says(faces: list[FacePicture], corner: tuple[float, float]) -> None:
    """At the place of a moved corner, the neutral picture's corner is seen, whatever else pulls there."""
    for face in faces:
        outwards = np.sign(face.lip_corners[:, 0] - face.lip_corners[::-1, 0])
        way = np.stack([outwards, [-1, -1]], 1) * np.array(corner)[:, None] * face.eye_distance / np.sqrt(2)
        x, y = _planes(face.lip_corners + way)
        right, down = _pull(face, np.array(corner, np.float32), x, y)
        np.testing.assert_allclose(np.hstack([x - right, y - down]), face.lip_corners, atol=0.01)


def test_smiles_leave_the_eyes_where_they_are(faces: list[FacePicture]) -> None:
    for face in faces:
        x, y = _planes(face.lids.reshape(-1, 2))
        right, down = _pull(face, np.array([0.3, 0.3], np.float32), x, y)
        assert np.abs(np.hstack([right, down])).max() == 0


@pytest.mark.parametrize("closed", [0.3, 0.8, 1.0])
def test_the_upper_lid_comes_down_by_its_proportion(faces: list[FacePicture], closed: float) -> None:
    for face in faces:
        for eye in (0, 1):
            upper, lower = (lid[np.argsort(lid[:, 0])] for lid in face.lids[eye])
            at = upper[3, 0]
            top, bottom = upper[3, 1], np.interp(at, lower[:, 0], lower[:, 1])
            edge = top + closed * (bottom - top)
            x, y = np.full((2, 1), at, np.float32), np.array([[edge - 0.01], [edge + 0.01]], np.float32)
            source = _lid_undone(face, eye, closed, x, y)
            assert source[0, 0] == pytest.approx(top, abs=0.05)  # the lid's own edge is seen just above
            assert source[1, 0] == pytest.approx(edge + 0.01, abs=1e-3)  # and the eye as it was just below


def test_the_head_is_shifted_turned_and_scaled(faces: list[FacePicture]) -> None:
    """A quarter turn clockwise brings what is right of the middle below it."""
    face = faces[0]
    x, y = _head_undone(face, np.array([0.1, 0, np.pi / 2, 2.0], np.float32))
    below = face.middle + np.array([0.1, 0]) * face.eye_distance + np.array([0, 20])
    column, row = np.round(below - 0.5).astype(int)
    seen = np.array([x[row, column], y[row, column]])
    np.testing.assert_allclose(seen, face.middle + np.array([10, 0]), atol=0.5)


def test_mirrored_smilers_have_their_left_on_the_right(faces: list[FacePicture]) -> None:
    for face in faces:
        assert face.lip_corners[0, 0] > SIDE / 2 > face.lip_corners[1, 0]
        assert face.lids[0, 0, 0, 0] > face.lids[0, 0, -1, 0] > face.lids[1, 0, -1, 0] > face.lids[1, 0, 0, 0]
        assert 80 < face.eye_distance < 130
    assert np.abs(faces[0].pixels - faces[1].pixels).mean() > 5


def test_a_lost_frame_hides_the_face_and_a_closed_eye_darkens_no_other(faces: list[FacePicture]) -> None:
    face = faces[0]
    corner, eyelid = np.zeros((3, 2), np.float32), np.array([[0, 0], [1, 0], [0, 0]], np.float32)
    lost = np.array([False, False, True])
    frames = list(rendered_frames(face, corner, eyelid, np.tile(STILL, (3, 1)), lost, own_generator(KEY, 0)))
    changed = np.abs(frames[0].astype(float) - frames[1]).mean(-1) > 25
    columns = np.flatnonzero(changed.any(0))
    left = face.lids[0].reshape(-1, 2)
    assert left[:, 0].min() - 2 < columns.min() <= columns.max() < left[:, 0].max() + 2
    places = np.vstack([face.lip_corners, face.lids.reshape(-1, 2)]).astype(int)
    assert np.ptp(frames[2][places[:, 1], places[:, 0]]) < 40  # grey and its noise


def test_videos_are_written_with_their_truth(tmp_path: Path) -> None:
    settings = FaceSimulationSettings(smilers=1, videos_per_class=1, rate_hz=10, duration_ms=300, losses_per_minute=0)
    done: list[None] = []
    courses = render_videos(settings, tmp_path, key=KEY, each=lambda: done.append(None))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "001_deliberate_smile_1.mp4",
        "001_spontaneous_smile_1.mp4",
    ]
    assert len(done) == 2
    truth = frames_truth_table(courses)
    for path in tmp_path.iterdir():
        chunk = next(open_video(path).chunks())
        assert chunk.frames.shape == (3, SIDE, SIDE, 3)
        own = truth[truth["video"] == path.name]
        np.testing.assert_allclose(chunk.time_ms, own["time_ms"], atol=0.1)
    again = tmp_path / "again"
    render_videos(settings, again, key=KEY)
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in tmp_path.glob("*.mp4"))
