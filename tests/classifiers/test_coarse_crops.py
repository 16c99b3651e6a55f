"""The coarse picture against plain means, over the frames that are there."""

import jax.numpy as jnp
import numpy as np

from smilejax.classifiers.coarse_crops import coarse


def test_cells_are_means_of_the_valid_frames() -> None:
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (3, 2, 12, 12, 3)).astype(np.uint8)
    valid = np.array([[True, True], [False, True], [False, False]])
    found = np.asarray(coarse(jnp.asarray(crops), jnp.asarray(valid)))
    cells = (crops / 255.0).mean(-1).reshape(3, 2, 6, 2, 6, 2).mean((3, 5)).reshape(3, 2, 36)
    np.testing.assert_allclose(found[0], cells[0].mean(0), atol=1e-6)
    np.testing.assert_allclose(found[1], cells[1, 1], atol=1e-6)
    assert not found[2].any()


def test_sides_that_six_does_not_divide() -> None:
    crops = np.zeros((1, 1, 16, 16, 3), np.uint8)
    crops[:, :, :3, 3:5] = 255  # the second cell of the first row: rows 0 to 2, columns 3 and 4
    found = np.asarray(coarse(jnp.asarray(crops), jnp.ones((1, 1), bool)))[0]
    assert found[1] == 1
    assert found.sum() == 1
