"""Which of several faces is taken, and candidates made into faces."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import SmilejaxError
from smilejax.faces.find_faces import MOST_FACES, Detections, WhichFace, _merge, as_choice, choose_face
from smilejax.faces.square import Square

CHOOSE = jax.jit(choose_face)
MERGE = jax.jit(_merge)


def three_faces() -> Detections:
    """At x = 300, 100 and 500; the one in the middle of the picture is the largest. The other places hold leftovers."""
    x = jnp.asarray([300.0, 100.0, 500.0] + [7.0] * (MOST_FACES - 3))
    side = jnp.asarray([90.0, 50.0, 60.0] + [999.0] * (MOST_FACES - 3))
    squares = Square(jnp.stack([x, jnp.full(MOST_FACES, 80.0)], -1), side, jnp.zeros(MOST_FACES))
    return Detections(squares, jnp.arange(MOST_FACES) < 3)


@pytest.mark.parametrize(
    ("which", "x"), [("largest", 300), (0, 100), (1, 300), (2, 500), ((450.0, 100.0), 500), ((0.0, 0.0), 100)]
)
def test_chosen(which: WhichFace, x: int) -> None:
    square, there = CHOOSE(three_faces(), as_choice(which))
    assert bool(there)
    assert float(square.centre[0]) == x


@pytest.mark.parametrize("which", [3, 7, 8, 400])
def test_there_are_not_so_many(which: int) -> None:
    assert not bool(CHOOSE(three_faces(), as_choice(which))[1])


def test_there_are_as_many_as_are_counted() -> None:
    full = three_faces()._replace(there=jnp.ones(MOST_FACES, bool))
    assert bool(CHOOSE(full, as_choice(MOST_FACES - 1))[1])
    assert not bool(CHOOSE(full, as_choice(MOST_FACES))[1])


@pytest.mark.parametrize("which", ["largest", 0, (3.0, 4.0)])
def test_nobody_there(which: WhichFace) -> None:
    assert not bool(CHOOSE(three_faces()._replace(there=jnp.zeros(MOST_FACES, bool)), as_choice(which))[1])


@pytest.mark.parametrize("which", ["smallest", -1, True, 1.5, (1.0,), (1.0, float("nan")), None])
def test_no_such_choice(which: object) -> None:
    with pytest.raises(SmilejaxError, match=r"which_face must be \"largest\", a number from the left"):
        as_choice(which)


def test_overlapping_candidates_are_one_face() -> None:
    boxes = np.zeros((896, 8), np.float32)
    boxes[5], boxes[9], boxes[70] = [0.1] * 2 + [0.3] * 2 + [0.2] * 4, [0.12] * 2 + [0.32] * 2 + [0.24] * 4, [0.6] * 8
    boxes[70, 2:4] = 0.9
    scores = np.zeros(896, np.float32)
    scores[5], scores[9], scores[70] = 0.9, 0.6, 0.8
    faces, there = MERGE(scores, boxes)
    assert there.tolist() == [True, True] + [False] * (MOST_FACES - 2)
    np.testing.assert_allclose(faces[0, :4], np.average(boxes[[5, 9], :4], axis=0, weights=[0.9, 0.6]), rtol=1e-5)
    np.testing.assert_allclose(faces[1], boxes[70], rtol=1e-6)
