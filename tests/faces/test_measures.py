"""Measures against faces moved and turned by known amounts."""

import re
from pathlib import Path

import numpy as np
import pytest

from smilejax.faces.align import _NUMBERS, align
from smilejax.faces.landmark_names import BLENDSHAPES, LEFT_LIP_CORNER, RIGHT_LIP_CORNER
from smilejax.faces.measures import HEAD_POSE, MEASURES, head_pose, measures

GOLDEN = Path(__file__).parents[1] / "golden" / "face_networks.npz"
NAMES = [measure.name for measure in MEASURES]


def about(axis: int, degrees: float) -> np.ndarray:
    """A rotation in the axes of `Aligned`."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    one, other = [(1, 2), (2, 0), (0, 1)][axis]
    turn = np.eye(3)
    turn[one, one] = turn[other, other] = cos
    turn[other, one], turn[one, other] = sin, -sin
    return turn


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """Landmarks of a photograph, `f32[1, 478, 3]`."""
    with np.load(GOLDEN) as arrays:
        return arrays["landmarks"][None]


@pytest.fixture(scope="module")
def movements() -> np.ndarray:
    return np.random.default_rng(3).uniform(size=(1, 52)).astype(np.float32)


def moved(face: np.ndarray, turn: np.ndarray, scale: float = 1.0, shift: tuple[float, ...] = (0, 0, 0)) -> np.ndarray:
    """Landmarks of the head turned in space, scaled, and moved in the picture."""
    flip = np.asarray([1, -1, -1])
    return (((face - face.mean(1)) * flip @ turn.T * flip) * scale + shift).astype(np.float32)


@pytest.mark.parametrize(
    ("turn", "scale", "shift"),
    [
        (about(2, 30), 1.0, (0, 0, 0)),
        (about(1, -25), 1.0, (0, 0, 0)),
        (about(0, 20), 1.0, (0, 0, 0)),
        (np.eye(3), 3.7, (900, 200, 40)),
        (about(2, 200) @ about(1, 40) @ about(0, -30), 0.4, (-50, 3, 2)),
    ],
)
def test_measures_know_nothing_of_the_pose(
    face: np.ndarray, movements: np.ndarray, turn: np.ndarray, scale: float, shift: tuple[float, ...]
) -> None:
    found = measures(moved(face, turn, scale, shift), movements)
    np.testing.assert_allclose(found, measures(face, movements), atol=2e-5)


def test_head_pose(face: np.ndarray) -> None:
    """Yaw to the subject's left, which is the picture's right, is positive; so is looking up, and a tilt to the
    subject's left."""
    straight = moved(face, align(face).rotation[0].T)
    np.testing.assert_allclose(head_pose(straight)[0, :3], 0, atol=1e-3)
    for axis, which, sign in ((1, 0, 1), (0, 1, -1), (2, 2, -1)):
        expected = np.zeros(3)
        expected[which] = sign * 20
        np.testing.assert_allclose(head_pose(moved(straight, about(axis, 20)))[0, :3], expected, atol=1e-3)
    turned_left = moved(straight, about(1, 20))
    assert turned_left[0, 1, 0] > straight[0, 1, 0], "the nose goes to the picture's right"
    looking_up = moved(straight, about(0, -20))
    assert looking_up[0, 1, 1] < straight[0, 1, 1], "the nose goes up"
    assert moved(straight, about(2, -20))[0, 10, 0] > straight[0, 10, 0], "the forehead goes to the picture's right"
    np.testing.assert_allclose(head_pose(moved(face, np.eye(3), 2.0))[0, 3], 2 * head_pose(face)[0, 3], rtol=1e-6)


@pytest.mark.parametrize(
    ("landmarks", "step", "expected"),
    [
        ((LEFT_LIP_CORNER,), (0.1, 0, 0), {"lip_corner_out_left": 0.1, "lip_corner_left": 0.0707}),
        ((RIGHT_LIP_CORNER,), (-0.1, 0, 0), {"lip_corner_out_right": 0.1, "lip_corner_right": 0.0707}),
        ((LEFT_LIP_CORNER,), (0, 0.1, 0), {"lip_corner_up_left": 0.1, "lip_corner_left": 0.0707}),
        ((RIGHT_LIP_CORNER,), (0.1, -0.1, 0), {"lip_corner_right": -0.1414}),
        ((280, 346, 425), (0, 0.05, 0), {"cheek_left": 0.05, "cheek_right": 0}),
        ((50, 117, 205), (0, 0.05, 0), {"cheek_right": 0.05}),
        ((300, 293, 334, 296, 336), (0, 0.03, 0), {"brow_left": 0.03, "brow_right": 0}),
        ((70, 63, 105, 66, 107), (0, -0.03, 0), {"brow_right": -0.03}),
    ],
)
def test_a_measure_follows_its_landmarks(
    face: np.ndarray,
    movements: np.ndarray,
    landmarks: tuple[int, ...],
    step: tuple[float, float, float],
    expected: dict[str, float],
) -> None:
    """A step along the face's axes in eye distances: to the subject's left, up, forward."""
    aligned = align(face)
    in_picture = aligned.rotation[0] @ np.asarray(step) * aligned.eye_distance[0] * [1, -1, -1]
    other = face.copy()
    other[0, list(landmarks)] += in_picture.astype(np.float32)
    change = (measures(other, movements) - measures(face, movements))[0]
    for name, by in expected.items():
        np.testing.assert_allclose(change[NAMES.index(name)], by, atol=1e-3, err_msg=name)


@pytest.mark.parametrize(
    ("upper", "lower", "name"), [(386, 374, "eyelids_left"), (159, 145, "eyelids_right"), (13, 14, "mouth_opening")]
)
def test_what_closes(face: np.ndarray, movements: np.ndarray, upper: int, lower: int, name: str) -> None:
    other = face.copy()
    other[0, upper] = other[0, lower] = (face[0, upper] + face[0, lower]) / 2
    change = (measures(other, movements) - measures(face, movements))[0]
    gap = np.linalg.norm(face[0, upper] - face[0, lower]) / align(face).eye_distance[0]
    np.testing.assert_allclose(change[NAMES.index(name)], -gap / (3 if "eyelids" in name else 1), atol=1e-4)
    assert np.count_nonzero(np.abs(change) > 1e-6) == 1


def test_blendshapes_are_handed_on(face: np.ndarray, movements: np.ndarray) -> None:
    found = measures(face, movements)[0]
    for name, shape in (("mouth_smile_left", "mouthSmileLeft"), ("eye_squint_right", "eyeSquintRight")):
        assert found[NAMES.index(name)] == movements[0, BLENDSHAPES.index(shape)]


def test_frames_without_a_face_stay_missing(face: np.ndarray, movements: np.ndarray) -> None:
    frames = np.concatenate([face, np.full_like(face, np.nan), face * 2])
    shapes = np.concatenate([movements, np.full_like(movements, np.nan), movements])
    found, pose = measures(frames, shapes), head_pose(frames)
    assert np.isnan(found[1]).all()
    assert np.isnan(pose[1]).all()
    np.testing.assert_array_equal(found[0], measures(face, movements)[0])
    np.testing.assert_array_equal(pose[2], head_pose(face * 2)[0])


def test_tables() -> None:
    names = [measure.name for measure in (*MEASURES, *HEAD_POSE)]
    assert len(set(names)) == len(names)
    for measure in (*MEASURES, *HEAD_POSE):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", measure.name)
        assert measure.words
        assert measure.unit
        assert measure.source
    assert len(set(_NUMBERS.tolist())) == 18
    assert len(BLENDSHAPES) == 52


def test_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faces.md").read_text()
    for measure in (*MEASURES, *HEAD_POSE):
        stem = measure.name.removesuffix("_left").removesuffix("_right")
        assert f"`{stem}" in page, measure.name
