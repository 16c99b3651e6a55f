"""The missing-data mask alone."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from classifiers.made_up_trials import made_up

from smilejax import Recipe, Trials, prepare
from smilejax._util.errors import DataError
from smilejax.classifiers import mask_only, mask_recipe
from smilejax.preprocess.channels import MASK
from smilejax.preprocess.recipe import varied


def test_the_mask_and_nothing_else() -> None:
    data = made_up(channels=("left", "mask", "right"))
    only = mask_only(data)
    assert only.channels == (MASK,)
    wanted = np.where(data.valid, data.x[:, :, 1], 0.0)
    np.testing.assert_array_equal(only.x[:, :, 0], wanted)
    for row in range(len(data)):
        last = np.flatnonzero(data.valid[row])[-1]
        assert np.asarray(only.valid[row]).tolist() == [t <= last for t in range(32)]
    long = mask_only(data, length_ms=np.full(24, 1600.0))
    assert bool(long.valid.all())
    np.testing.assert_array_equal(long.x, only.x)
    cut = mask_only(data, length_ms=np.full(24, 100.0))  # a trial never ends before its last valid step
    np.testing.assert_array_equal(cut.valid, only.valid)


def test_the_recipe_gets_a_mask_channel() -> None:
    recipe = varied(Recipe.minimal(), channels=("left", "right"))
    with_mask = mask_recipe(recipe)
    assert with_mask == varied(recipe, channels=("left", "right", "mask"))
    assert mask_recipe(with_mask) is with_mask
    pupil = 3 + 0.1 * np.random.default_rng(0).normal(size=(4, 90, 2))
    pupil[:, 20:50] = np.nan
    trials = Trials(
        pupil=pupil,
        length=np.full(4, 90),
        rate_hz=60.0,
        unit="mm",
        label=np.arange(4) % 2,
        class_names=("posed", "genuine"),
        trial=("a", "b", "c", "d"),
        participant=("p", "p", "q", "q"),
    )
    dataset = prepare(trials, with_mask)
    only = mask_only(dataset)
    np.testing.assert_array_equal(only.x[:, :, 0], dataset.x[:, :, 2])
    assert 0.6 < float(jnp.mean(only.x)) < 0.75, "a third of each trial is missing"
    with pytest.raises(
        DataError,
        match=r"mask must be among the dataset's channels; they are left, right\. .* by mask_recipe\(recipe\)",
    ):
        mask_only(replace(dataset, x=dataset.x[:, :, :2], channels=dataset.channels[:2]))
