"""The whole tracker on photographs, on photographs warped by known amounts, and on pictures of no face.

Slow as a whole: compiling the tracker takes some ten seconds, and a frame some thirty milliseconds.
"""

import numpy as np
import pytest
from helpers.warped_photograph import move, photograph, turned

from smilejax.faces import Tracked, face_landmarker, track, track_frames
from smilejax.faces.landmark_names import (
    LEFT_EYE_OUTER,
    LEFT_LIP_CORNER,
    RIGHT_EYE_OUTER,
    RIGHT_LIP_CORNER,
)
from smilejax.faces.measures import MEASURES, head_pose, measures

pytestmark = pytest.mark.slow
NAMES = [measure.name for measure in MEASURES]
LENGTHS = [at for at, measure in enumerate(MEASURES) if measure.unit == "eye distances"]


def follow(frames: np.ndarray | list[np.ndarray], **options: object) -> Tracked:
    return track_frames(np.stack(list(frames)), tracker=face_landmarker(), **options)[0]


def column(tracked: Tracked, name: str) -> np.ndarray:
    return measures(tracked.landmarks, tracked.blendshapes)[:, NAMES.index(name)]


@pytest.fixture(scope="module")
def neutral() -> Tracked:
    return follow([photograph()])


@pytest.fixture(scope="module")
def eye_distance(neutral: Tracked) -> float:
    points = neutral.landmarks[0, :, :2]
    return float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]))


def test_the_photograph(neutral: Tracked) -> None:
    """Places read off the picture by eye, to within a few pixels."""
    assert neutral.found.all()
    assert neutral.confidence[0] > 0.95
    assert neutral.faces_seen.tolist() == [1]
    for landmark, place in (
        (RIGHT_EYE_OUTER, (205, 192)),
        (LEFT_EYE_OUTER, (322, 186)),
        (RIGHT_LIP_CORNER, (233, 279)),
    ):
        np.testing.assert_allclose(neutral.landmarks[0, landmark, :2], place, atol=6)


def test_a_still_video_stands_still(neutral: Tracked, eye_distance: float) -> None:
    """The square goes on to move a little: no landmark goes further than 1.5% of the eye distance, no measure
    further than 1%."""
    tracked = follow([photograph()] * 12)
    drift = np.linalg.norm(tracked.landmarks - neutral.landmarks, axis=-1).max(axis=1) / eye_distance
    assert drift[0] == 0
    assert drift.max() < 0.015, drift
    found = measures(tracked.landmarks, tracked.blendshapes)[:, LENGTHS]
    assert np.abs(found - found[0]).max() < 0.01


def moving() -> np.ndarray:
    """24 frames: the photograph sways and rolls, an empty picture comes between, and the head is then somewhere else."""
    frames = [turned(np.roll(photograph()[:480], 3 * at, axis=1), 0.5 * at) for at in range(12)]
    frames += [np.full_like(frames[0], 90)] * 2
    frames += [np.roll(photograph()[:480], -90 - 2 * at, axis=1) for at in range(10)]
    return np.stack(frames)


def test_lost_and_found_again() -> None:
    tracked = follow(moving())
    assert tracked.found.tolist() == [True] * 12 + [False] * 2 + [True] * 10
    assert np.isnan(tracked.landmarks[12:14]).all()
    assert np.isnan(tracked.blendshapes[12:14]).all()
    assert tracked.faces_seen[[0, 11, 12, 13, 14, 23]].tolist() == [1, 1, 0, 0, 1, 1]
    straight = follow([photograph()[:480]]).landmarks[0]
    np.testing.assert_allclose(tracked.landmarks[14:, 1, 0], straight[1, 0] - 90 - 2 * np.arange(10), atol=1)


@pytest.mark.parametrize("cuts", [(1,), (10, 11, 13), tuple(range(1, 24))])
def test_numbers_do_not_depend_on_the_chunks(cuts: tuple[int, ...]) -> None:
    frames = moving()
    parts, state = [], None
    for chunk in np.split(frames, cuts):
        part, state = track_frames(chunk, state, tracker=face_landmarker())
        parts.append(part)
    for whole, cut in zip(follow(frames), Tracked.joined(parts), strict=True):
        assert whole.tobytes() == cut.tobytes()


def test_a_cut_to_another_place_loses_no_frame() -> None:
    tracked = follow([photograph(), np.roll(photograph(), (130, 140), axis=(0, 1)), photograph()])
    assert tracked.found.all()
    np.testing.assert_allclose(tracked.landmarks[1, 1, :2] - tracked.landmarks[0, 1, :2], [140, 130], atol=1)


def test_which_of_two_faces() -> None:
    small = photograph()[::2, ::2][:240]
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[100:340, :256] = small
    frame[:, 240:] = photograph()[20:500, 60:460]
    nose = {which: follow([frame], which_face=which).landmarks[0, 1, 0] for which in ("largest", 0, 1, (130.0, 200.0))}
    assert nose["largest"] == nose[1] > 350
    assert nose[0] == nose[(130.0, 200.0)] < 200
    assert follow([frame]).faces_seen.tolist() == [2]
    third = follow([frame], which_face=2)
    assert third.found.tolist() == [False]
    assert third.faces_seen.tolist() == [2]


def test_frames_of_many_sizes_share_a_program() -> None:
    before = track.track_frame._cache_size()
    face = photograph()[20:500, 60:460]
    for frame in (face, face[:400], face[:, :380], np.ascontiguousarray(face[::2, ::2])):
        assert follow([frame]).found.all()
    assert track.track_frame._cache_size() - before <= 1


def test_another_size_begins_anew() -> None:
    _, state = track_frames(photograph()[None], tracker=face_landmarker())
    other = np.ascontiguousarray(photograph()[::2, ::2])[None]
    tracked, _ = track_frames(other, state, tracker=face_landmarker())
    assert tracked.landmarks.tobytes() == follow(other).landmarks.tobytes()


def without_a_face(rng: np.random.Generator) -> list[np.ndarray]:
    """100 pictures: noise fine and coarse, gradients, stripes, checks, discs, and the photograph without its face or
    upside down."""
    y, x = np.mgrid[:240, :320].astype(float)
    out: list[np.ndarray] = []
    for at in range(20):
        out.append(rng.integers(0, 256, (240, 320, 3)))
        coarse = rng.integers(0, 256, (240 // 2 ** (at % 5 + 1) + 1, 320 // 2 ** (at % 5 + 1) + 1, 3))
        out.append(np.kron(coarse, np.ones((2 ** (at % 5 + 1),) * 2 + (1,)))[:240, :320])
        angle = rng.uniform(0, np.pi)
        wave = np.cos(angle) * x + np.sin(angle) * y
        gradient = (wave - wave.min()) / np.ptp(wave)
        out.append(np.multiply.outer(gradient, rng.uniform(50, 255, 3)))
        out.append(np.multiply.outer(np.sin(wave / rng.uniform(2, 30)) / 2 + 0.5, rng.uniform(50, 255, 3)))
        disc = np.hypot(x - rng.uniform(80, 240), y - rng.uniform(60, 180)) < rng.uniform(20, 100)
        out.append(np.where(disc[..., None], rng.uniform(80, 255, 3), rng.uniform(0, 80, 3)))
    return [np.clip(one, 0, 255).astype(np.uint8) for one in out]


def test_no_face_where_there_is_none(rng: np.random.Generator) -> None:
    pictures = without_a_face(rng)
    assert len(pictures) == 100
    tracked = follow(pictures)
    assert not tracked.found.any()
    assert tracked.faces_seen.sum() <= 5, (
        "the detector alone is fooled now and then; the mesh then sees that there is none"
    )
    uniform = photograph()[380:, 60:460]
    assert not follow([uniform]).found.any()


@pytest.mark.parametrize("sides", [("left", "right"), ("left",), ("right",)])
def test_lip_corners_follow_known_steps(neutral: Tracked, eye_distance: float, sides: tuple[str, ...]) -> None:
    """Corners moved outwards and upwards by up to 15% of the eye distance: the measure rises with each step, r > .99,
    by 60 to 110% of the steps; that of a corner that was left alone stays within 2.5%."""
    corners = {"left": (LEFT_LIP_CORNER, 1), "right": (RIGHT_LIP_CORNER, -1)}
    points = neutral.landmarks[0, :, :2]
    steps = np.asarray([0, 0.05, 0.1, 0.15])
    frames = []
    for step in steps * eye_distance:
        moved = [(corners[side][0], (0.8 * corners[side][1] * step, -0.6 * step)) for side in sides]
        frames.append(move(photograph(), [(tuple(points[at]), by, 0.25 * eye_distance) for at, by in moved]))
    found = [follow([frame]) for frame in frames]
    for side in corners:
        course = np.asarray([column(one, f"lip_corner_{side}")[0] for one in found])
        change = course - course[0]
        if side not in sides:
            assert np.abs(change).max() < 0.025, change
            continue
        asked = steps * (0.8 + 0.6) * np.sqrt(0.5)
        assert np.corrcoef(change, asked)[0, 1] > 0.99
        assert (np.diff(change) > 0).all()
        assert 0.6 < change[-1] / asked[-1] < 1.1, change


def test_measures_do_not_follow_the_roll_of_the_head() -> None:
    """A photograph turned in its plane: its measures stay within 1.5% of the eye distance, its roll follows within
    1.5 degrees."""
    angles = np.asarray([0, 10, 20, 30, -15, -30])
    found = [follow([turned(photograph(), angle)]) for angle in angles]
    assert all(one.found.all() for one in found)
    roll = np.asarray([head_pose(one.landmarks)[0, 2] for one in found])
    np.testing.assert_allclose(roll - roll[0], angles, atol=1.5)
    lengths = np.concatenate([measures(one.landmarks, one.blendshapes) for one in found])[:, LENGTHS]
    assert np.abs(lengths - lengths[0]).max() < 0.015
