"""The three networks against LiteRT's outputs, stored by `experiments/make_face_golden.py`."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax.faces import face_landmarker
from smilejax.faces.nets import detector, mesh
from smilejax.faces.nets.blendshapes import blendshapes

GOLDEN = Path(__file__).parents[1] / "golden" / "face_networks.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(GOLDEN) as arrays:
        return dict(arrays)


@pytest.mark.slow
def test_detector(golden: dict[str, np.ndarray]) -> None:
    image = jnp.asarray(golden["small"].astype(np.float32) / np.float32(127.5) - np.float32(1))
    scores, boxes = jax.jit(detector.detect)(face_landmarker().detector, image)
    assert golden["scores"].max() > 0, "no face in the picture: the comparison would say little"
    np.testing.assert_allclose(scores, golden["scores"], atol=2e-3)
    np.testing.assert_allclose(boxes, golden["boxes"], atol=2e-3)


@pytest.mark.slow
def test_mesh(golden: dict[str, np.ndarray]) -> None:
    image = jnp.asarray(golden["large"].astype(np.float32) / np.float32(255))
    landmarks, presence = jax.jit(mesh.find_landmarks)(face_landmarker().mesh, image)
    np.testing.assert_allclose(landmarks, golden["landmarks"], atol=1e-3)  # of 256 pixels
    np.testing.assert_allclose(presence, golden["presence"][0], atol=1e-3)


def test_blendshapes(golden: dict[str, np.ndarray]) -> None:
    found = jax.jit(blendshapes)(face_landmarker().blendshapes, jnp.asarray(golden["points"]))
    np.testing.assert_allclose(found, golden["blendshapes"], atol=3e-5)
    assert found.max() > 0.3


def test_blendshapes_follow_no_shift_and_no_scale(golden: dict[str, np.ndarray]) -> None:
    weights, points = face_landmarker().blendshapes, jnp.asarray(golden["points"])
    one = jax.jit(blendshapes)
    np.testing.assert_allclose(one(weights, points * 3 + 40), one(weights, points), atol=1e-4)
