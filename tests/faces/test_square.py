"""Squares cut out of frames, against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np

from smilejax.faces.find_mesh import square_around
from smilejax.faces.landmark_names import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from smilejax.faces.square import Square, buffer_length, cut_square, in_buffer

SIZE = 8


def bilinear(frame: np.ndarray, x: float, y: float, *, black_outside: bool) -> np.ndarray:
    """The colour at a place, 0.5 being the middle of the first pixel."""
    height, width = frame.shape[:2]
    left, above = int(np.floor(x - 0.5)), int(np.floor(y - 0.5))
    total = np.zeros(3)
    for row, down in ((above, 1 - (y - 0.5 - above)), (above + 1, y - 0.5 - above)):
        for column, along in ((left, 1 - (x - 0.5 - left)), (left + 1, x - 0.5 - left)):
            if black_outside and not (0 <= row < height and 0 <= column < width):
                continue
            total += down * along * frame[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return total / 255


def test_cut(rng: np.random.Generator) -> None:
    """A turned square that reaches beyond the frame, in frames of two sizes, by one compiled program."""
    program = jax.jit(cut_square, static_argnames=("size", "black_outside"))
    for height, width in ((20, 30), (30, 20)):
        frame = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        square = Square(jnp.asarray([12.0, 9.0]), jnp.float32(22), jnp.float32(0.4))
        for black in (False, True):
            found = program(in_buffer(frame), square, size=SIZE, black_outside=black)
            for row in range(SIZE):
                for column in range(SIZE):
                    u, v = ((at + 0.5) / SIZE * 22 - 11 for at in (column, row))
                    x, y = 12 + u * np.cos(0.4) - v * np.sin(0.4), 9 + u * np.sin(0.4) + v * np.cos(0.4)
                    np.testing.assert_allclose(
                        found[row, column], bilinear(frame, x, y, black_outside=black), atol=1e-4
                    )
    assert program._cache_size() == 2


def test_buffers_are_few() -> None:
    assert buffer_length(480, 640) == buffer_length(640, 480) == buffer_length(540, 960) == 2**19
    assert buffer_length(720, 1280) == 2**20
    assert buffer_length(1080, 1920) == 2**21


def test_square_around_turns_with_the_face(rng: np.random.Generator) -> None:
    points = (rng.uniform(0, 1, (478, 3)) ** 2 * 100 - 50).astype(np.float32)
    points[RIGHT_EYE_OUTER, :2], points[LEFT_EYE_OUTER, :2] = (-30, -20), (30, -20)
    program = jax.jit(square_around)
    straight = program(points)
    assert float(straight.angle) == 0
    np.testing.assert_allclose(float(straight.side), 1.5 * np.ptp(points[:, :2], axis=0).max(), rtol=1e-6)
    middle = (points[:, :2].min(0) + points[:, :2].max(0)) / 2
    np.testing.assert_allclose(straight.centre, middle, atol=1e-4)
    cos, sin = np.cos(0.7), np.sin(0.7)
    turn = np.asarray([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)
    turned = program((points @ turn + np.asarray([400, 300, 0], np.float32)).astype(np.float32))
    np.testing.assert_allclose(float(turned.angle), 0.7, atol=1e-5)
    np.testing.assert_allclose(float(turned.side), float(straight.side), rtol=1e-5)
    np.testing.assert_allclose(turned.centre, np.asarray(straight.centre) @ turn[:2, :2] + [400, 300], atol=1e-3)
