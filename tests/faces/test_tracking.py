"""The whole tracker on photographs, on photographs warped by known amounts, and on pictures of no face.

Slow as a whole: compiling the tracker takes some ten seconds, and a frame some thirty milliseconds.
"""

import numpy as np
import pytest

from smilejax.faces import Tracked, face_landmarker, track, track_frames
from smilejax.faces.landmark_names import (
    LEFT_EYE_OUTER,
    LEFT_LIP_CORNER,
    RIGHT_EYE_OUTER,
    RIGHT_LIP_CORNER,
)
from smilejax.faces.measures import MEASURES, head_pose, measures
from helpers.warped_photograph import move, photograph, turned

pytestmark = pytest.mark.slow
NAMES = [measure.name for measure in MEASURES]


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
    for landmark, place in ((RIGHT_EYE_OUTER, (205, 192)), (LEFT_EYE_OUTER, (322, 186)), (RIGHT_LIP_CORNER, (233, 279))):
        np.testing.assert_allclose(neutral.landmarks[0, landmark, :2], place, atol=6)


def test_a_still_video_stands_still(neutral: Tracked) -> None:
    tracked = follow([photograph()] * 12)
    drift = np.abs(tracked.landmarks - neutral.landmarks).max(axis=(1, 2))
    assert drift[0] == 0
    assert drift.max() < 0.7, drift


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
    """100 pictures: noise fine and coarse, gradients, stripes, checks, discs, and the photograph without its face or upside down."""
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
    assert not tracked.faces_seen.any()
    uniform = photograph()[380:, 60:460]
    assert not follow([uniform]).found.any()


def test_lip_corners_follow_known_steps(neutral: Tracked, eye_distance: float) -> None:
    """Each corner moved by 0 to 10% of the eye distance, outwards and upwards: to within 1% of the eye distance, and 15% of the step."""
    points = neutral.landmarks[0, :, :2]
    for corner, side, outwards in ((LEFT_LIP_CORNER, "left", 1), (RIGHT_LIP_CORNER, "right", -1)):
        steps = np.asarray([0, 0.025, 0.05, 0.075, 0.1])
        frames = [
            move(photograph(), [(tuple(points[corner]), (outwards * s * eye_distance, -s * eye_distance), 0.2 * eye_distance)])
            for s in steps
        ]
        tracked = follow(frames)
        for name in (f"lip_corner_out_{side}", f"lip_corner_up_{side}"):
            change = column(tracked, name) - column(tracked, name)[0]
            print(name, change)
            np.testing.assert_allclose(change, steps, atol=0.015)
            assert (np.diff(change) > 0).all()
        other = {"left": "right", "right": "left"}[side]
        still = column(tracked, f"lip_corner_{other}")
        print("other", still - still[0])
        assert np.abs(still - still[0]).max() < 0.02


def test_measures_do_not_follow_the_roll_of_the_head(neutral: Tracked) -> None:
    """A photograph turned in its plane: its measures stay within 1% of the eye distance, its roll follows."""
    angles = np.asarray([0, 10, 20, 30, -15, -30])
    tracked = follow([turned(photograph(), angle) for angle in angles])
    assert tracked.found.all()
    roll = head_pose(tracked.landmarks)[:, 2]
    np.testing.assert_allclose(roll - roll[0], angles, atol=1.0)
    found = measures(tracked.landmarks, tracked.blendshapes)
    lengths = [at for at, measure in enumerate(MEASURES) if measure.unit == "eye distances"]
    print(np.abs(found - found[0]).max(0))
    np.testing.assert_allclose(found[:, lengths], np.tile(found[0, lengths], (len(angles), 1)), atol=0.015)
